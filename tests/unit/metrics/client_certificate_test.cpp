// The end of client certificates, as exported.
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "exporter/metrics/metrics.h"
#include "tests/exposition_checker.h"
#include "tests/metrics_fixture.h"

using namespace std::chrono_literals;
using test::kNow;
using test::NewKey;

TEST_CASE("the end of a client certificate is told of keys that have one, passed or not") {
  const auto give = [](scrape::KeyState& state, scrape::SystemTime end) {
    auto key = test::Configured(state.key->name);
    key->connection = test::WithCertificateUntil(end);
    state.key = std::move(key);
  };
  const std::vector<std::shared_ptr<scrape::KeyState>> keys = {NewKey("none"), NewKey("other"),
                                                               NewKey("own")};
  give(*keys[1], kNow - 1h);
  give(*keys[2], kNow + 24h);
  scrape::Snapshot snapshot;
  snapshot.keys.assign(keys.begin(), keys.end());
  const test::Exposition exposition =
      test::CheckExposition(exporter::RenderText(test::InputOf(snapshot)));
  const char* const name = "mdcloud_client_certificate_expiration_timestamp_seconds";
  const double now = std::chrono::duration<double>(kNow.time_since_epoch()).count();
  CHECK_FALSE(exposition.Has(name, {{"key", "none"}}));
  CHECK(exposition.Value(name, {{"key", "other"}}) == now - 3600);
  CHECK(exposition.Value(name, {{"key", "own"}}) == now + 86400);
}

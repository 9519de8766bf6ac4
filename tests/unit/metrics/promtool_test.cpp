// What Prometheus' own linter says about a full exposition.

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>

#include "exporter/metrics/metrics.h"
#include "tests/metrics_fixture.h"
#include "tests/promtool.h"

TEST_CASE("promtool accepts the full exposition but for two named exceptions") {
  scrape::Snapshot snapshot;
  snapshot.keys = {test::MemberKey("a \"quoted\" \\ key"), test::FullKey("b"), test::NewKey("c")};
  const std::set<std::string> lines =
      test::PromtoolFindings(exporter::RenderText(test::InputOf(snapshot)));
  // The users of this exporter ask for days.
  CHECK(lines == std::set<std::string>{
                     "mdcloud_apikey_expiration_days use base unit \"seconds\" instead of \"days\"",
                     "mdcloud_organization_expiration_days use base unit \"seconds\" instead of "
                     "\"days\""});
}

TEST_CASE("promtool is really asked") {
  CHECK_FALSE(test::PromtoolFindings("# TYPE a_total gauge\na_total{x=} 1\n").empty());
  CHECK(test::PromtoolFindings("# HELP a Words.\n# TYPE a gauge\na 1\n").empty());
}

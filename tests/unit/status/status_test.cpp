#include "exporter/status/status.h"

#include <doctest/doctest.h>

#include "status_fixture.h"

using namespace std::chrono_literals;
using exporter::Severity;
using exporter::Status;
using scrape::Expiration;

TEST_CASE("keys keep their order and are counted by severity") {
  const auto failing = test::FullKey("b");
  failing->collectors[0].failure = scrape::Reason::kTls;
  const Status status =
      test::StatusOfKeys({test::FullKey("a"), failing, test::NewKey("c"), test::FullKey("d")});
  REQUIRE(status.keys.size() == 4);
  CHECK(status.keys[1].Name() == "b");
  CHECK(status.Count(Severity::kOk) == 2);
  CHECK(status.Count(Severity::kWarning) == 1);
  CHECK(status.Count(Severity::kUnknown) == 1);
  CHECK(status.Count(Severity::kCritical) == 0);
}

TEST_CASE("the status owns what it points into") {
  Status status = test::StatusOfKeys({test::FullKey("a key with a name that is not short")});
  const Status moved = std::move(status);
  CHECK(moved.keys[0].Name() == "a key with a name that is not short");
  CHECK(moved.keys[0].apis.at(2).api == "prevention");
}

TEST_CASE("the age of data is absent before the first answer, and never negative") {
  const auto key = test::FullKey("a");
  key->collectors[0].last_success.reset();
  key->collectors[1].last_success = test::kNow + 5s;
  key->collectors[2].enabled = false;
  const auto status = test::StatusOfKeys({key}).keys[0];
  REQUIRE(status.collectors.size() == 2);
  CHECK_FALSE(status.collectors[0].age);
  CHECK(status.collectors[1].age == 0ms);
}

TEST_CASE("a licence never ends only if neither the key's nor the organisation's does") {
  const auto kind = [](Expiration::Kind own, std::optional<Expiration::Kind> other) {
    const auto key = other ? test::MemberKey("a") : test::FullKey("a");
    auto info = std::make_shared<scrape::KeyInfo>(*key->info);
    info->entitlement.expiration.kind = own;
    if (other) info->organization->entitlement.expiration.kind = *other;
    key->info = std::move(info);
    return test::StatusOfKeys({key}).keys[0].expiry.kind;
  };
  using Kind = Expiration::Kind;
  CHECK(kind(Kind::kNever, std::nullopt) == Kind::kNever);
  CHECK(kind(Kind::kUnknown, std::nullopt) == Kind::kUnknown);
  CHECK(kind(Kind::kNever, Kind::kNever) == Kind::kNever);
  CHECK(kind(Kind::kNever, Kind::kUnknown) == Kind::kUnknown);
  CHECK(kind(Kind::kUnknown, Kind::kNever) == Kind::kUnknown);
  CHECK(kind(Kind::kUnknown, Kind::kAt) == Kind::kAt);
  CHECK(kind(Kind::kAt, Kind::kNever) == Kind::kAt);
}

#include "exporter/web/status_view.h"

#include <doctest/doctest.h>

#include "tests/unit/status/status_fixture.h"

using namespace std::chrono_literals;
using exporter::ReadStatusQuery;
using exporter::Status;
using exporter::StatusShow;
using exporter::StatusSort;

namespace {

std::shared_ptr<scrape::KeyState> KeyWith(const std::string& name, double used, double remaining) {
  const auto key = test::FullKey(name);
  scrape::Consumption limits;
  limits.used = {{"sandbox", used}};
  key->limits = std::make_shared<const scrape::Consumption>(std::move(limits));
  scrape::Remaining status;
  status.remaining = {{"sandbox", remaining}};
  key->status = std::make_shared<const scrape::Remaining>(std::move(status));
  return key;
}

Status Some() {
  auto labelled = test::Configured("b-warning");
  labelled->labels = {{"team", "SOC"}};
  const auto warning = KeyWith("b", 85, 15);
  warning->key = labelled;
  warning->collectors[1].last_success = test::kNow - 50s;
  const auto member = test::MemberKey("c-member");
  auto info = std::make_shared<scrape::KeyInfo>(*member->info);
  info->entitlement.expiration.at = test::kNow + 700h;
  member->info = std::move(info);
  return test::StatusOfKeys({KeyWith("a-fine", 10, 90), warning, member,
                             KeyWith("d-critical", 99, 1), test::NewKey("e-new"),
                             KeyWith("f-worse", 100, 0)});
}

std::string NamesOf(const std::string& query) {
  const Status status = Some();
  std::string names;
  for (const auto* key : exporter::ViewOf(status, ReadStatusQuery(query)).keys) {
    names += key->Name().substr(0, 1);
  }
  return names;
}

}  // namespace

TEST_CASE("the worst keys come first, the fullest of equal ones, then by name") {
  CHECK(NamesOf("") == "fdbeca");
  CHECK(NamesOf("sort=severity") == "fdbeca");
  CHECK(NamesOf("sort=name") == "abcdef");
  CHECK(NamesOf("sort=used") == "fdbcae");
  CHECK(NamesOf("sort=expires") == "cabdfe");
  CHECK(NamesOf("sort=age") == "bacdfe");
  CHECK(NamesOf("sort=runs_out").ends_with("e"));
  CHECK(NamesOf("sort=runs_out").starts_with("f"));
  CHECK(NamesOf("sort=nonsense&page=x&show=&other=1") == "fdbeca");
}

TEST_CASE("keys are filtered by severity and by a text in any case") {
  CHECK(NamesOf("show=problems") == "fdbe");
  CHECK(NamesOf("show=critical") == "fd");
  CHECK(NamesOf("show=warning") == "b");
  CHECK(NamesOf("show=unknown") == "e");
  CHECK(NamesOf("show=ok") == "ca");
  CHECK(NamesOf("q=TEAM%3Dsoc") == "b");
  CHECK(NamesOf("q=-Member") == "c");
  CHECK(NamesOf("q=exhausted&sort=name") == "df");
  CHECK(NamesOf("q=not_asked") == "e");
  CHECK(NamesOf("q=5f0c1d2e3a4b") == "c");
  CHECK(NamesOf("q=enterprise") == "");
  CHECK(NamesOf("q=nothing+like+this") == "");
  CHECK(NamesOf("q=metadefender.com&show=ok") == "ca");
}

TEST_CASE("a page beyond the last one is the last one") {
  const Status status = Some();
  const auto view = exporter::ViewOf(status, ReadStatusQuery("page=7"));
  CHECK(view.page == 1);
  CHECK(view.pages == 1);
  CHECK(view.found == 6);
  CHECK(exporter::ViewOf(status, ReadStatusQuery("q=zzz&page=2")).pages == 1);
  CHECK(ReadStatusQuery("page=0").page == 1);
  CHECK(ReadStatusQuery("page=-1").page == 1);
  CHECK(ReadStatusQuery("page=99999999999999999999999").page == 1);
}

TEST_CASE("the text of a filter is cut") {
  CHECK(ReadStatusQuery("q=" + std::string(1000, 'x')).text.size() == 128);
  CHECK(ReadStatusQuery("q=a&q=b").text == "b");
}

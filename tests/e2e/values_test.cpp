#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "tests/e2e/exporter_run.h"
#include "tests/promtool.h"

using test::ExporterRun;
using test::Exposition;

namespace {

std::uint64_t Seed() {
  const char* const given = std::getenv("MDCLOUD_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

}  // namespace

TEST_CASE("every exported value is the service's own, key by key, after random traffic") {
  const std::uint64_t seed = Seed();
  MESSAGE("MDCLOUD_TEST_SEED=" << seed);
  simulator::Cloud cloud;
  std::vector<simulator::KeyScript> keys;
  for (int i = 0; i < 12; ++i) keys.push_back(test::AddKey(cloud, "key-" + std::to_string(i)));
  const ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = keys});
  REQUIRE(run.WaitUntilReady());
  for (std::uint64_t round = 0; round < 3; ++round) {
    cloud.Traffic(seed + round, 4000);
    cloud.SetThrottlingRemaining("key-3", static_cast<std::int64_t>(seed % 1000 + round));
    const auto since = std::chrono::system_clock::now();
    for (const simulator::KeyScript& key : keys) REQUIRE(run.WaitForFreshData(key.name, since));
    const Exposition metrics = run.Metrics();
    for (const simulator::KeyScript& key : keys) {
      for (const std::string& difference :
           test::DifferencesFromTruth(metrics, key.name, cloud.Truth(key.name))) {
        FAIL_CHECK(difference);
      }
      CHECK(metrics.Value("mdcloud_up", {{"key", key.name}}) == 1);
      CHECK(metrics.Value("mdcloud_api_response_time_seconds",
                          {{"key", key.name}, {"collector", "limits"}}) == 0.33);
      CHECK(metrics.Value("mdcloud_apikey_valid", {{"key", key.name}}) == 1);
    }
  }
}

TEST_CASE("a live exposition satisfies promtool but for the two metrics in days") {
  simulator::Cloud cloud;
  simulator::KeyScript member = test::AddKey(cloud, "member");
  member.expiration =
      std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  member.organization = simulator::OrganizationScript{};
  member.organization->id = "org-1";
  member.organization->limits = {{"prevention", 10000}};
  member.organization->expiration = member.expiration;
  cloud.AddKey(member);
  const ExporterRun run(cloud,
                        {.global = "", .key_options = "", .arguments = {}, .keys = {member}});
  REQUIRE(run.WaitForFreshData("member"));
  std::size_t findings = 0;
  for (const std::string& finding : test::PromtoolFindings(test::Fetch(run.Url("/metrics")).body)) {
    ++findings;
    const bool in_days = finding.starts_with("mdcloud_apikey_expiration_days ") ||
                         finding.starts_with("mdcloud_organization_expiration_days ");
    CHECK_MESSAGE(in_days, finding);
  }
  CHECK(findings == 2);
  const Exposition metrics = run.Metrics();
  CHECK(metrics.Value("mdcloud_organization_quota_limit",
                      {{"key", "member"}, {"api", "prevention"}}) == 10000);
  CHECK(metrics.Value("mdcloud_apikey_expires", {{"key", "member"}}) == 1);
}

TEST_CASE("one key needs no file: the environment names it") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "account");
  test::Process process(
      {test::BinaryPath(), "--web.listen-address=127.0.0.1:0",
       "--config.file=" + std::string(MDCLOUD_SOURCE_DIR) + "/tests/e2e/CMakeLists.txt"},
      {{"MDCLOUD_APIKEY", key.apikey}});
  SUBCASE("but an explicitly named file that is no configuration is an error") {
    CHECK(process.Wait() == 1);
  }
  test::TempDir dir;
  test::Process without_file(
      {"env", "-C", dir.path(), test::BinaryPath(), "--web.listen-address=127.0.0.1:0"},
      {{"MDCLOUD_APIKEY", key.apikey}, {"MDCLOUD_BASE_URL", cloud.BaseUrl()}});
  const std::string port = without_file.ErrAfter("msg=listening address=127.0.0.1:");
  REQUIRE_FALSE(port.empty());
  CHECK(test::Eventually([&] {
    return test::Fetch("http://127.0.0.1:" + port + "/metrics")
               .body.find("mdcloud_up{key=\"default\"} 1\n") != std::string::npos;
  }));
}

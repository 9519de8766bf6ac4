#include <doctest/doctest.h>

#include <signal.h>

#include <random>

#include "simulator/fault.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/sentinel.h"
#include "tests/read_text.h"

using test::ExporterRun;
using test::LeaksOf;

namespace {

const std::vector<std::string> kPaths = {"/",
                                         "/metrics",
                                         "/-/healthy",
                                         "/-/ready",
                                         "/healthz",
                                         "/livez",
                                         "/readyz",
                                         "/other",
                                         "/config",
                                         "/sd",
                                         "/probe",
                                         "/-/reload",
                                         "/api/v1/status",
                                         "/?q=a&show=problems",
                                         "/assets/status.css",
                                         "/assets/status.js",
                                         "/assets/icon.svg"};

// All that a running exporter lets out: every path, plain and compressed, and both streams.
std::string EverythingFrom(ExporterRun& run) {
  std::string all;
  for (const std::string& path : kPaths) {
    for (const char* method : {"GET", "POST", "HEAD"}) {
      const test::Fetched answer =
          test::Fetch(run.Url(path), {.method = method, .headers = {}, .decompress = true});
      for (const auto& [name, value] : answer.headers)
        all.append(name).append(": ").append(value).append("\n");
      all += answer.body;
    }
  }
  return all + run.process().Out() + run.process().Err();
}

std::string OutputOf(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& environment = {}) {
  test::Process process(arguments, environment);
  CHECK(process.Wait());
  // The pipes are read to their end by the destructor's readers; the process has ended, so wait for
  // its last words.
  (void)test::Eventually([&] { return !process.Err().empty() || !process.Out().empty(); },
                         std::chrono::seconds(2));
  return process.Out() + process.Err();
}

void CheckNoLeak(const std::string& secret, const std::string& text) {
  for (const std::string& form : LeaksOf(secret, text))
    FAIL_CHECK("the secret stands there " << form);
}

}  // namespace

TEST_CASE("the search for a secret finds every form of it") {
  const std::string secret = "5e1f00d5e1f00d5e1f00d5e1f00d1234";
  CHECK(LeaksOf(secret, "x 5E1F00D5e1f00d5e1f00d5e1f00d1234 y").size() == 1);
  CHECK_FALSE(LeaksOf(secret, "NWUxZjAwZDVlMWYwMGQ1ZTFmMDBkNWUxZjAwZDEyMzQ=").empty());  // alone
  CHECK_FALSE(
      LeaksOf(secret, "azVlMWYwMGQ1ZTFmMDBkNWUxZjAwZDVlMWYwMGQxMjM0").empty());  // after "k"
  CHECK_FALSE(
      LeaksOf(secret, "a3k1ZTFmMDBkNWUxZjAwZDVlMWYwMGQ1ZTFmMDBkMTIzNA==").empty());  // after "ky"
  std::string percent;
  for (const char c : secret)
    percent += "%" + std::string(c >= 'a' ? "6" : "3") +
               (c >= 'a' ? std::to_string(c - 'a' + 1) : std::string(1, c));
  CHECK_FALSE(LeaksOf(secret, percent).empty());
  CHECK(LeaksOf(secret, "5e1f00d5e1f00d5e1f00d5e1f00d123").empty());
}

TEST_CASE("no secret leaves the exporter, whatever the service answers") {
  std::mt19937_64 random{std::random_device()()};
  const std::string sentinel = simulator::FakeApikey(random);
  simulator::Cloud cloud;
  const auto add = [&](const std::string& name, const std::string& apikey) {
    simulator::KeyScript script;
    script.name = name;
    script.apikey = apikey;
    script.nickname = "nick " + sentinel;
    script.ref_token = sentinel;
    script.license_type = sentinel.substr(0, 16) + "\x01" + sentinel.substr(16);
    script.organization = simulator::OrganizationScript{};
    script.organization->id = "org-" + sentinel;
    script.families.push_back({sentinel, 5});
    cloud.AddKey(script);
    return script;
  };
  const simulator::KeyScript good = add("good", sentinel);
  // Answers that quote the key where a careless log line would quote them.
  const std::string json_error =
      R"({"error":{"code":401006,"messages":["Invalid API key )" + sentinel + "\"]}}";
  const std::string broken_json =
      R"({"portal_api_key":")" + sentinel + R"(","limit_)" + sentinel + R"(": ,})";
  std::vector<simulator::KeyScript> keys = {good};
  for (const auto& [name, fault] : std::map<std::string, simulator::Fault>{
           {"json-error", simulator::CustomBody(401, json_error)},
           {"broken-json", simulator::CustomBody(200, broken_json)},
           {"html", simulator::CustomBody(403, "<p>" + sentinel + "</p>", "text/html")},
           {"redirect", simulator::Redirect("https://" + sentinel + ".example.com/" + sentinel)}}) {
    keys.push_back(test::AddKey(cloud, name));
    cloud.SetFault(name, fault);
  }
  ExporterRun run(cloud, {.global = "  nickname_label: true\n",
                          .key_options = "",
                          .arguments = {"--log.level=debug"},
                          .keys = keys});
  REQUIRE(run.WaitUntilReady());
  REQUIRE(run.WaitForFreshData("good"));
  std::string all = EverythingFrom(run);
  CHECK(all.find("nickname=\"redacted\"") != std::string::npos);
  CHECK(all.find("organization_id=\"redacted\"") != std::string::npos);
  all += OutputOf({test::BinaryPath(), "check", "--config.file=" + run.config_file()});
  run.process().Signal(SIGTERM);
  CHECK(run.process().Wait() == 0);
  all += run.process().Out() + run.process().Err();
  CheckNoLeak(sentinel, all);
  for (const simulator::KeyScript& key : keys) CheckNoLeak(key.apikey, all);
}

TEST_CASE("no secret is quoted by an error of the configuration or the command line") {
  const std::string sentinel = "c0ffee00c0ffee00c0ffee00c0ffee99";
  const test::TempDir dir;
  const std::vector<std::string> configs = {
      "keys:\n  - name: a\n    apikey: \"" + sentinel + "\n",        // never closed
      "keys:\n  - name: a\n    apikey: {" + sentinel + ": 1}\n",     // not a text
      "keys:\n  - name: a\n    apikey: " + sentinel + "\xc3\xa9\n",  // not ASCII
      "keys:\n  - name: a\n    apikey: [" + sentinel + "]\n    b: c\n",
      "keys:\n  - name: a\n    apikey_file: missing\n    apikey: " + sentinel + "\n",
      "keys:\n  - name: a\n   apikey: " + sentinel + "\n",  // wrong indentation
      "keys:\n  - name: a\n    apikey: " + sentinel + "\n    apikey: " + sentinel + "\n",
      "keys:\n  - {name: a, apikey: " + sentinel + ", apikey: " + sentinel,
      "keys:\n\t- apikey: " + sentinel + "\n",
      "keys:\n  - name: a\n    apikey: &x " + sentinel + "\n    labels: {a: *x}\n",
  };
  std::string all;
  for (const std::string& config : configs) {
    const std::string file = dir.Write("config.yaml", config);
    test::Process process({test::BinaryPath(), "check", "--config.file=" + file});
    CAPTURE(config);
    CHECK(process.Wait() == 1);
    CHECK(test::Eventually([&] { return !process.Err().empty(); }));
    all += process.Out() + process.Err();
  }
  for (const char* variable : {"MDCLOUD_APIKEY", "MDCLOUD_APIKEY_FILE", "MDCLOUD_BASE_URL"}) {
    all += OutputOf(
        {"env", "-C", dir.path(), test::BinaryPath(), "check", "--config.file=config.yaml"},
        {{variable, sentinel + " x"}});
  }
  CheckNoLeak(sentinel, all);
}

TEST_CASE("a secret that does get out is found: the key's own label, written by its user") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "key");
  ExporterRun run(cloud, {.global = "",
                          .key_options = ", labels: {note: \"" + key.apikey + "\"}",
                          .arguments = {},
                          .keys = {key}});
  REQUIRE(run.WaitUntilReady());
  CHECK_FALSE(LeaksOf(key.apikey, EverythingFrom(run)).empty());
}

TEST_CASE("a crash writes no core, and other users cannot attach") {
  simulator::Cloud cloud;
  const simulator::KeyScript key = test::AddKey(cloud, "key");
  ExporterRun run(cloud, {.global = "", .key_options = "", .arguments = {}, .keys = {key}});
  const std::string text =
      test::ReadText("/proc/" + std::to_string(run.process().pid()) + "/limits");
  const std::size_t at = text.find("Max core file size");
  REQUIRE(at != std::string::npos);
  CHECK(text.substr(at, 60).find(" 0 ") != std::string::npos);
}

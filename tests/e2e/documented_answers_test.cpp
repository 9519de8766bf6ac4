// Every documented answer, each from a service of its own, so that what one of them makes the
// exporter do to its host is not mixed up with the others.
#include "simulator/documented_answers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>

#include "tests/e2e/exporter_run.h"

using simulator::Cloud;
using simulator::KeyScript;
using test::ExporterRun;
using test::Exposition;
using namespace std::chrono_literals;

namespace {

struct Expected {
  std::string_view reason;  // empty: a good answer
  // What it says of the apikey: 0 rejected, 1 good, absent nothing.
  std::optional<int> valid = std::nullopt;
  // Until the key is asked again, when it met the answer at once; absent: soon.
  std::optional<std::chrono::seconds> wait = std::nullopt;
};

constexpr Expected kRejected{"unauthorized", 0, 5min};
constexpr Expected kUnnamed{"unauthorized", std::nullopt, 5min};
constexpr Expected kForbidden{"forbidden", std::nullopt, 15min};
constexpr Expected kMtls{"mtls_required", std::nullopt, 15min};
constexpr Expected kBlocked{"ip_blocked", std::nullopt, 1h};
constexpr Expected kClientError{"client_error"};
constexpr Expected kNotFound{"not_found"};
constexpr Expected kServerError{"server_error"};
constexpr Expected kExhausted{"quota_exhausted"};
constexpr Expected kThrottled{"throttled"};
constexpr Expected kRedirect{"redirect"};
constexpr Expected kDecode{"decode"};
constexpr Expected kSchema{"schema"};
constexpr Expected kGood{"", 1};
// What says when to come back.
constexpr Expected kExhaustedFor2m{"quota_exhausted", std::nullopt, 2min};
constexpr Expected kExhaustedFor5m{"quota_exhausted", std::nullopt, 5min};
constexpr Expected kThrottledFor2m{"throttled", std::nullopt, 2min};
constexpr Expected kTooManyConnections{"throttled", std::nullopt, 1min};
constexpr Expected kServerErrorFor2m{"server_error", std::nullopt, 2min};

const std::map<std::string, Expected> kExpected = {
    {"400004", kClientError},
    {"400020", kClientError},
    {"400023", kClientError},
    {"400024", kClientError},
    {"400027", kClientError},
    {"400028", kClientError},
    {"400033", kClientError},
    {"400165", kClientError},
    {"400202", kClientError},
    {"401000", kRejected},
    {"401001", kRejected},
    {"401002", kRejected},
    {"401003", kRejected},
    {"401004", kRejected},
    {"401005", kRejected},
    {"401006", kRejected},
    {"401007", kRejected},
    {"401009", kRejected},
    {"401010", kRejected},
    {"401011", kMtls},
    {"403000", kForbidden},
    {"403001", kForbidden},
    {"403002", kBlocked},
    {"403003", kForbidden},
    {"403004", kForbidden},
    {"404000", kNotFound},
    {"404001", kNotFound},
    {"404002", kNotFound},
    {"404008", kRejected},
    {"404013", kNotFound},
    {"404015", kNotFound},
    {"404016", kNotFound},
    {"406000", kClientError},
    {"406001", kClientError},
    {"408000", kServerError},
    {"429000", kExhausted},
    {"429001", kThrottled},
    {"429002", kTooManyConnections},
    {"500000", kServerError},
    {"500001", kServerError},
    {"503000", kServerError},
    {"503001", kServerError},
    {"503002", kServerError},
    // Shapes of errors.
    {"200_with_401006", kRejected},
    {"200_with_429000", kExhausted},
    {"200_with_500001", kServerError},
    {"200_with_error_without_code", kSchema},
    {"200_success_false", kSchema},
    {"200_v3_wrapper", kSchema},
    {"404008_success_false", kRejected},
    {"429001_messages_string", kThrottled},
    {"401006_messages_string", kRejected},
    {"401006_code_string", kRejected},
    {"401006_in_details", kRejected},
    {"403004_in_details", kForbidden},
    {"401_unknown_code", kUnnamed},
    {"403_unknown_code", kForbidden},
    {"404_unknown_code", kNotFound},
    {"429_unknown_code", kThrottled},
    {"503_unusable_code", kServerError},
    {"401_without_code", kUnnamed},
    {"403_without_code", kForbidden},
    {"404_without_code", kNotFound},
    {"429_without_code", kThrottled},
    // When to come back.
    {"403002_retry_after_seconds", kBlocked},
    {"403002_retry_after_date", kBlocked},
    {"408000_retry_after_seconds", kServerErrorFor2m},
    {"408000_retry_after_date", kServerErrorFor2m},
    {"429000_retry_after_seconds", kExhaustedFor2m},
    {"429000_retry_after_date", kExhaustedFor2m},
    {"429001_retry_after_seconds", kThrottledFor2m},
    {"429001_retry_after_date", kThrottledFor2m},
    {"429002_retry_after_seconds", kThrottledFor2m},
    {"429002_retry_after_date", kThrottledFor2m},
    {"429002_retry_after_nonsense", kTooManyConnections},
    {"503002_retry_after_seconds", kServerErrorFor2m},
    {"503002_retry_after_date", kServerErrorFor2m},
    {"429000_reset_in_text", kExhaustedFor5m},
    {"429000_rate_limit_headers", kExhaustedFor5m},
    {"429_page_retry_after", kThrottledFor2m},
    // Not the service's.
    {"401_page", kForbidden},
    {"403_page", kForbidden},
    {"404_page", kNotFound},
    {"405_page", kClientError},
    {"407_page", kClientError},
    {"429_page", kThrottled},
    {"500_page", kServerError},
    {"501_page", kServerError},
    {"502_page", kServerError},
    {"503_page", kServerError},
    {"504_page", kServerError},
    {"511_page", kServerError},
    {"200_empty", kDecode},
    {"204_empty", kDecode},
    {"401_empty", kForbidden},
    {"403_empty", kForbidden},
    {"404_empty", kNotFound},
    {"429_empty", kThrottled},
    {"500_empty", kServerError},
    {"301_moved", kRedirect},
    {"302_moved", kRedirect},
    {"304_moved", kRedirect},
    {"401_json_of_a_gateway", kForbidden},
    {"403_json_of_a_gateway", kForbidden},
    {"403_error_string", kForbidden},
    {"403_text", kForbidden},
    {"200_page", kDecode},
    {"200_page_called_json", kDecode},
    {"200_garbage", kDecode},
    {"200_cut_json", kDecode},
    {"200_array", kSchema},
    {"200_string", kSchema},
    {"200_null", kSchema},
    {"200_empty_object", kSchema},
    {"200_good_as_text", kGood},
    {"200_good_as_html", kGood},
    {"201_good", kGood},
};

// A service and a key for each answer, and a healthy service with some good keys.
class Rig {
 public:
  Rig() {
    for (int i = 0; i < 5; ++i)
      good_.push_back(test::AddKey(healthy_, "good-" + std::to_string(i)));
    options_.keys = good_;
    for (const auto& [name, fault] : answers_) {
      clouds_[name] = std::make_unique<Cloud>();
      options_.keys.push_back(test::AddKey(*clouds_[name], name));
      options_.options_of[name] = ", base_url: " + clouds_[name]->BaseUrl();
    }
  }

  void Start() { run_ = std::make_unique<ExporterRun>(healthy_, options_); }
  void Break() {
    for (const auto& [name, fault] : answers_) clouds_.at(name)->SetFault(name, fault);
  }
  // Until `holds(metrics, name)` for every answer.
  template <typename Condition>
  void WaitUntilAll(Condition holds) {
    std::string missing;
    CHECK_MESSAGE(test::Eventually([&] {
                    const Exposition metrics = run_->Metrics();
                    missing.clear();
                    for (const auto& [name, expected] : kExpected) {
                      if (!holds(metrics, name)) missing += name + " ";
                    }
                    return missing.empty();
                  }),
                  missing);
  }
  void CheckUnharmed() { test::CheckUnharmed(*run_, healthy_, good_); }

  [[nodiscard]] const ExporterRun& run() const { return *run_; }
  [[nodiscard]] Cloud& CloudOf(const std::string& name) { return *clouds_.at(name); }

 private:
  const std::vector<std::pair<std::string, simulator::Fault>> answers_ =
      simulator::DocumentedAnswers();
  Cloud healthy_;
  std::vector<KeyScript> good_;
  std::map<std::string, std::unique_ptr<Cloud>> clouds_;
  test::RunOptions options_;
  std::unique_ptr<ExporterRun> run_;
};

// Some collector of the key fails for this reason; always true when it is empty.
bool HasReason(const Exposition& metrics, const std::string& key, std::string_view reason) {
  const test::Family* const errors = metrics.Find("mdcloud_scrape_collector_error");
  return reason.empty() ||
         (errors != nullptr && std::any_of(errors->samples.begin(), errors->samples.end(),
                                           [&](const test::Sample& sample) {
                                             const std::map<std::string, std::string> labels(
                                                 sample.labels.begin(), sample.labels.end());
                                             return labels.at("key") == key &&
                                                    labels.at("reason") == reason;
                                           }));
}

// What `mdcloud_apikey_valid` says; absent: nothing.
std::optional<int> ValidityOf(const Exposition& metrics, const std::string& key) {
  const std::map<std::string, std::string> labels = {{"key", key}};
  if (!metrics.Has("mdcloud_apikey_valid", labels)) return std::nullopt;
  return static_cast<int>(metrics.Value("mdcloud_apikey_valid", labels));
}

// No collector of the key is to be asked before this time has passed since about now.
bool WaitsFor(const Exposition& metrics, const std::string& key, std::chrono::seconds expected) {
  constexpr auto kSlack = 45s;  // since the answer came
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  double earliest = std::numeric_limits<double>::infinity();
  for (const char* collector : {"info", "limits", "status"}) {
    const std::map<std::string, std::string> labels = {{"key", key}, {"collector", collector}};
    const char* const name = "mdcloud_scrape_collector_next_attempt_timestamp_seconds";
    if (metrics.Has(name, labels)) earliest = std::min(earliest, metrics.Value(name, labels));
  }
  const double wait = earliest - now.count();
  return wait <= std::chrono::duration<double>(expected).count() &&
         wait > std::chrono::duration<double>(expected - kSlack).count();
}

bool HasQuota(const Exposition& metrics, const std::string& key) {
  return metrics.Has("mdcloud_quota_used", {{"key", key}, {"api", "reputation"}});
}

}  // namespace

TEST_CASE("every documented answer is in the table, and nothing else") {
  std::map<std::string, int> names;
  for (const auto& [name, fault] : simulator::DocumentedAnswers()) ++names[name];
  for (const auto& entry : names) {
    CAPTURE(entry.first);
    CHECK(entry.second == 1);
    CHECK(kExpected.count(entry.first) == 1);
  }
  CHECK(names.size() == kExpected.size());
}

TEST_CASE("every documented answer to a new key has its reason, its verdict and its pause") {
  Rig rig;
  rig.Break();
  rig.Start();
  rig.WaitUntilAll([](const Exposition& metrics, const std::string& name) {
    const Expected& expected = kExpected.at(name);
    return HasReason(metrics, name, expected.reason) &&
           (!expected.wait || WaitsFor(metrics, name, *expected.wait));
  });
  rig.CheckUnharmed();
  const Exposition metrics = rig.run().Metrics();
  for (const auto& entry : kExpected) {
    const auto& name = entry.first;  // clang 14 cannot capture a binding
    const auto& expected = entry.second;
    CAPTURE(name);
    CHECK(metrics.Value("mdcloud_up", {{"key", name}}) == (expected.reason.empty() ? 1 : 0));
    CHECK(ValidityOf(metrics, name) == expected.valid);
    if (expected.wait) CHECK(rig.CloudOf(name).Requests().size() == 1);
  }
}

TEST_CASE("every documented answer to a key that was good keeps or takes what was known of it") {
  Rig rig;
  rig.Start();
  rig.WaitUntilAll([](const Exposition& metrics, const std::string& name) {
    return metrics.Value("mdcloud_up", {{"key", name}}) == 1;
  });
  rig.Break();
  rig.WaitUntilAll([](const Exposition& metrics, const std::string& name) {
    return HasReason(metrics, name, kExpected.at(name).reason);
  });
  rig.CheckUnharmed();
  const Exposition metrics = rig.run().Metrics();
  for (const auto& entry : kExpected) {
    const auto& name = entry.first;  // clang 14 cannot capture a binding
    const auto& expected = entry.second;
    CAPTURE(name);
    CHECK(metrics.Value("mdcloud_up", {{"key", name}}) == (expected.reason.empty() ? 1 : 0));
    CHECK(ValidityOf(metrics, name) == expected.valid.value_or(1));
    CHECK(HasQuota(metrics, name) == (expected.reason != "unauthorized"));
  }
}

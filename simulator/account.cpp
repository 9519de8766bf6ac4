#include "simulator/account.h"

#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <utility>

#include "simulator/bodies.h"
#include "simulator/json_writer.h"

namespace simulator {
namespace {

// One answer of each endpoint in so many comes from the replica that lags.
constexpr std::uint64_t kReplicaAnswers = 3;

std::string ApiName(const std::string& family) {
  return family == "download_file" ? family : family + "_api";
}

}  // namespace

Account::Account(KeyScript script, TimePoint now, SystemTime wall)
    : script_(std::move(script)),
      added_(now),
      added_wall_(wall),
      scans_(script_.scans, wall + script_.scans.skew) {
  for (const FamilyScript& family : script_.families) {
    usage_.emplace(family.name, Usage(family, script_.window, now));
  }
}

void Account::Use(std::string_view family, std::int64_t count, TimePoint now) {
  usage_.at(std::string(family)).Use(count, now);
}

KeyTruth Account::Truth(TimePoint now) {
  KeyTruth truth;
  truth.throttling_remaining = script_.throttling_remaining;
  for (auto& [name, usage] : usage_) {
    usage.Advance(now);
    truth.families[name] = {usage.Limit(), usage.Used(), usage.Limit() - usage.Used(),
                            usage.WindowEnd(), usage.Total()};
  }
  return truth;
}

SystemTime Account::ServiceTime(TimePoint now) const {
  return added_wall_ + script_.scans.skew +
         std::chrono::floor<std::chrono::milliseconds>(now - added_);
}

ScanTruth Account::TruthOfScans(TimePoint now) { return scans_.Truth(ServiceTime(now)); }

http::Response Account::Answer(Endpoint endpoint, std::string_view query, TimePoint now) {
  const Fault& fault = faults_.at(static_cast<std::size_t>(endpoint));
  http::Response response = fault.instead ? *fault.instead : TrueAnswer(endpoint, query, now);
  response.delay += fault.delay;
  if (fault.ending != http::Response::Ending::kWhole) response.ending = fault.ending;
  return response;
}

http::Response Account::TrueAnswer(Endpoint endpoint, std::string_view query, TimePoint now) {
  const KeyTruth truth = TruthOfReplica(endpoint, now);
  int status = 200;
  std::string body;
  switch (endpoint) {
    case Endpoint::kInfo:
      body = InfoBody(script_);
      break;
    case Endpoint::kLimits:
      body = LimitsBody(truth);
      break;
    case Endpoint::kStatus:
      body = StatusBody(truth);
      break;
    case Endpoint::kHistory: {
      ScanHistory::Page page = scans_.Answer(query, ServiceTime(now));
      status = page.status;
      body = std::move(page.body);
      break;
    }
  }
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"},
                      {"X-Authenticated", "by apikey"},
                      {"X-Response-Time", fmt::format("{}ms", script_.response_time.count())}};
  if (script_.scans.skew.count() != 0) {
    response.headers.emplace_back("Date", HttpDate(ServiceTime(now)));
  }
  const bool of_quotas = endpoint == Endpoint::kLimits || endpoint == Endpoint::kStatus;
  if (script_.announces_windows && of_quotas) {
    AnnounceWindow(truth, now, response);
  }
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

KeyTruth Account::TruthOfReplica(Endpoint endpoint, TimePoint now) {
  KeyTruth truth = Truth(now);
  if (script_.replica_lag.count() == 0) return truth;
  past_.emplace_back(now, truth);
  while (past_.size() > 1 && past_[1].first <= now - script_.replica_lag) past_.pop_front();
  const std::uint64_t answer = ++answers_.at(static_cast<std::size_t>(endpoint));
  return answer % kReplicaAnswers == 0 ? past_.front().second : truth;
}

// Of one family in turn, as the real service does: those that have a window.
void Account::AnnounceWindow(const KeyTruth& truth, TimePoint now, http::Response& response) {
  for (std::size_t tried = 0; tried < truth.families.size(); ++tried) {
    const auto at = static_cast<std::ptrdiff_t>(announced_++ % truth.families.size());
    const auto& [name, family] = *std::next(truth.families.begin(), at);
    if (!family.window_end || *family.window_end <= now) continue;
    const auto reset_in = std::chrono::ceil<std::chrono::seconds>(*family.window_end - now);
    const auto interval = std::chrono::ceil<std::chrono::seconds>(script_.window);
    response.headers.emplace_back("X-RateLimit-For", ApiName(name));
    response.headers.emplace_back("X-RateLimit-Limit", std::to_string(family.limit));
    response.headers.emplace_back("X-RateLimit-Used", std::to_string(family.used));
    response.headers.emplace_back("X-RateLimit-Remaining", std::to_string(family.remaining));
    response.headers.emplace_back("X-RateLimit-Reset-In", fmt::format("{}s", reset_in.count()));
    response.headers.emplace_back("X-RateLimit-Interval", std::to_string(interval.count()));
    return;
  }
}

}  // namespace simulator

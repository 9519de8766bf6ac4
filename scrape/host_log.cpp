#include "scrape/host_log.h"

#include <cstdint>

#include "scrape/event_log.h"

namespace scrape {
namespace {

std::string SecondsUntil(SteadyTime until, SteadyTime now) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(until - now).count()) + "s";
}

std::string_view WhyPaused(const HostNews& news) {
  if (!news.reason) return "it rejects every apikey: its authentication seems to be down";
  if (*news.reason == Reason::kIpBlocked) return "it has blocked this address";
  return "it has too many connections";
}

}  // namespace

void LogHost(const HostNews& news, const std::string& host,
             const std::vector<std::shared_ptr<const ApiKey>>& keys, SteadyTime now) {
  switch (news.kind) {
    case HostNews::Kind::kPaused:
      LogEvent(
          LogLevel::kWarn, "host paused: nothing is asked of it",
          {{"host", host}, {"why", WhyPaused(news)}, {"retry_in", SecondsUntil(news.until, now)}});
      return;
    case HostNews::Kind::kGoesOn:
      LogEvent(LogLevel::kInfo, "host is asked again", {{"host", host}});
      return;
    case HostNews::Kind::kKeysWait: {
      std::string rejected;
      for (const std::size_t key : news.rejected) {
        if (!rejected.empty()) rejected += ", ";
        rejected += keys[key]->name;
      }
      LogEvent(LogLevel::kWarn,
               "keys wait: too many requests were rejected within the hour, and the service blocks "
               "addresses that go on",
               {{"host", host},
                {"rejected_keys", rejected},
                {"waiting", static_cast<std::int64_t>(news.waiting)},
                {"retry_in", SecondsUntil(news.until, now)},
                {"hint", "replace or remove the rejected apikeys"}});
      return;
    }
  }
}

}  // namespace scrape

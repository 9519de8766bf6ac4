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

std::string_view MessageOf(HostNews::Kind kind) {
  switch (kind) {
    case HostNews::Kind::kPaused:
      return "host paused: nothing is asked of it";
    case HostNews::Kind::kGoesOn:
      return "host is asked again";
    case HostNews::Kind::kKeysWait:
      return "keys wait: too many requests were rejected within the hour, and the service blocks "
             "addresses that go on";
  }
  return "";
}

}  // namespace

void HostLog::Tell(const HostNews& news, const std::string& host,
                   const std::vector<std::shared_ptr<const ApiKey>>& keys, SteadyTime now) {
  const std::string_view message = MessageOf(news.kind);
  if (!fold_.Admit({host, message}, 0, "", now)) return;
  switch (news.kind) {
    case HostNews::Kind::kPaused:
      LogEvent(
          LogLevel::kWarn, message,
          {{"host", host}, {"why", WhyPaused(news)}, {"retry_in", SecondsUntil(news.until, now)}});
      return;
    case HostNews::Kind::kGoesOn:
      LogEvent(LogLevel::kInfo, message, {{"host", host}});
      return;
    case HostNews::Kind::kKeysWait: {
      std::vector<std::string> rejected;
      for (const std::size_t key : news.rejected) {
        if (keys[key] != nullptr) rejected.push_back(keys[key]->name);
      }
      LogEvent(LogLevel::kWarn, message,
               {{"host", host},
                {"rejected_keys", JoinNames(rejected, rejected.size())},
                {"waiting", static_cast<std::int64_t>(news.waiting)},
                {"retry_in", SecondsUntil(news.until, now)},
                {"hint", "replace or remove the rejected apikeys"}});
      return;
    }
  }
}

void HostLog::WriteSummaries(SteadyTime now) {
  for (const LogFold::Summary& summary : fold_.TakeSummaries(now)) {
    LogEvent(LogLevel::kWarn, summary.subject.what,
             {{"host", summary.subject.host}, {"times", summary.lines}});
  }
}

}  // namespace scrape

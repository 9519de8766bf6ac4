#include "scrape/failure_log.h"

#include "scrape/event_log.h"

namespace scrape {
namespace {

constexpr std::chrono::minutes kRepeat{15};

// What the person who reads the line can do about it; empty: wait.
std::string_view HintFor(Reason reason) {
  switch (reason) {
    case Reason::kDns:
    case Reason::kConnect:
      return "check base_url, proxy_url and the way there";
    case Reason::kTls:
      return "check tls_config and the host of base_url";
    case Reason::kUnauthorized:
      return "the apikey is rejected and asked again slowly: replace it and restart";
    case Reason::kForbidden:
      return "the service, or something before it, refuses this address or key: check the IP "
             "whitelist";
    case Reason::kIpBlocked:
      return "the service has blocked this address: remove rejected apikeys";
    case Reason::kMtlsRequired:
      return "this apikey works with a client certificate only: set tls_config.cert_file and "
             "key_file of this key";
    case Reason::kNotFound:
    case Reason::kRedirect:
      return "check base_url";
    case Reason::kTimeout:
    case Reason::kTransport:
    case Reason::kQuotaExhausted:
    case Reason::kThrottled:
    case Reason::kClientError:
    case Reason::kServerError:
    case Reason::kBodyTooLarge:
    case Reason::kDecode:
    case Reason::kSchema:
      return "";
  }
  return "";
}

}  // namespace

void FailureLog::Failed(Task task, const std::string& key_name, const ScrapeError& error,
                        SteadyTime now, std::optional<std::chrono::milliseconds> retry_in) {
  const auto [found, is_new] = failing_.try_emplace(task);
  Entry& entry = found->second;
  ++entry.failures;
  if (!is_new && entry.reason == error.reason && now - entry.logged < kRepeat) return;
  std::optional<std::int64_t> http_status;
  if (error.http_status != 0) http_status = error.http_status;
  std::optional<std::int64_t> api_code;
  if (error.api_code) api_code = *error.api_code;
  std::string retry = "with another collector";
  if (retry_in) {
    retry = std::to_string(std::chrono::ceil<std::chrono::seconds>(*retry_in).count()) + "s";
  }
  LogEvent(LogLevel::kWarn, "scrape failed",
           {{"key", key_name},
            {"collector", NameOf(task.collector)},
            {"reason", NameOf(error.reason)},
            {"http_status", http_status},
            {"api_code", api_code},
            {"detail", error.detail},
            {"failures", entry.failures},
            {"retry_in", retry},
            {"hint", HintFor(error.reason)}});
  entry = {.reason = error.reason, .logged = now, .failures = 0};
}

void FailureLog::Succeeded(Task task, const std::string& key_name) {
  if (failing_.erase(task) == 0) return;
  LogEvent(LogLevel::kInfo, "scrape recovered",
           {{"key", key_name}, {"collector", NameOf(task.collector)}});
}

void FailureLog::Forget(std::size_t key) {
  for (const Collector collector : kCollectors) {
    failing_.erase({key, collector});
    dropped_.erase({key, collector});
  }
}

void FailureLog::Dropped(Task task, const std::string& key_name, std::size_t families) {
  if (families == 0 || !dropped_.insert(task).second) return;
  LogEvent(LogLevel::kWarn, "more unknown API families than are exported; the rest is dropped",
           {{"key", key_name},
            {"collector", NameOf(task.collector)},
            {"dropped", static_cast<std::int64_t>(families)}});
}

}  // namespace scrape

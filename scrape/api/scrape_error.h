#pragma once
// Why one attempt of one collector failed: a closed set of reasons, each with its label text.
// Plain data, any thread. Nothing here ever quotes the body of an answer.

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace scrape {

// Values of the `reason` label. `secret` (an unreadable file) and `paused` (not asked) do not come
// from answers.
enum class Reason {
  kDns,
  kConnect,
  kTls,
  kTimeout,
  kTransport,
  kUnauthorized,
  kForbidden,
  kIpBlocked,
  kMtlsRequired,
  kQuotaExhausted,
  kThrottled,
  kNotFound,
  kClientError,
  kServerError,
  kRedirect,
  kBodyTooLarge,
  kDecode,
  kSchema,
};

inline constexpr std::array kReasons = {
    Reason::kDns,          Reason::kConnect,        Reason::kTls,       Reason::kTimeout,
    Reason::kTransport,    Reason::kUnauthorized,   Reason::kForbidden, Reason::kIpBlocked,
    Reason::kMtlsRequired, Reason::kQuotaExhausted, Reason::kThrottled, Reason::kNotFound,
    Reason::kClientError,  Reason::kServerError,    Reason::kRedirect,  Reason::kBodyTooLarge,
    Reason::kDecode,       Reason::kSchema};
inline constexpr std::size_t kReasonCount = kReasons.size();

// Reasons that are never counted as a failed request: the collector is not asked at all; the file
// of the apikey cannot be read, so that an older secret is in use.
inline constexpr std::string_view kPausedReason = "paused";
inline constexpr std::string_view kSecretReason = "secret";

[[nodiscard]] constexpr std::size_t IndexOf(Reason reason) {
  return static_cast<std::size_t>(reason);
}
[[nodiscard]] std::string_view NameOf(Reason reason);
[[nodiscard]] std::optional<Reason> ReasonByName(std::string_view name);

// What an answer says about the apikey itself.
enum class Verdict {
  kNone,             // nothing: the key may be right or wrong
  kAccepted,         // the service knows the key, although it refused this request
  kRejected,         // the service names the key as wrong: `mdcloud_apikey_valid` becomes 0
  kRejectedUnnamed,  // the service's own 401 without a code that says why: treated as wrong,
                     // validity unchanged
};

struct ScrapeError {
  Reason reason = Reason::kTransport;
  Verdict verdict = Verdict::kNone;
  int http_status = 0;               // 0: no answer
  std::optional<int> api_code = {};  // error.code of the answer
  std::string detail =
      {};  // for the log: libcurl's words, a byte offset, a JSON path; never body text
  // Counted from the answer's arrival; absent when it did not say.
  std::optional<std::chrono::seconds> retry_after = {};  // Retry-After, whatever the answer
  std::optional<std::chrono::seconds> reset_in =
      {};                              // words of a 429000, else X-RateLimit-Reset-In
  std::string rate_limit_family = {};  // X-RateLimit-For, without its "_api"; may be empty
};

// The service says that the apikey is wrong.
[[nodiscard]] inline bool IsRejection(const ScrapeError& error) {
  return error.verdict == Verdict::kRejected || error.verdict == Verdict::kRejectedUnnamed;
}

}  // namespace scrape

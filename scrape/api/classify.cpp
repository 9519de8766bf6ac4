#include "scrape/api/classify.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "scrape/api/stated_times.h"

namespace scrape {
namespace {

constexpr int kQuotaExhaustedCode = 429000;

struct KnownCode {
  int code;
  Reason reason;
  Verdict verdict;
};

// The codes that say more than their first three digits. Accepted: the service refused the request
// but knew the apikey.
constexpr std::array<KnownCode, 19> kKnownCodes = {{
    {401000, Reason::kUnauthorized, Verdict::kRejected},
    {401001, Reason::kUnauthorized, Verdict::kRejected},
    {401002, Reason::kUnauthorized, Verdict::kRejected},
    {401003, Reason::kUnauthorized, Verdict::kRejected},
    {401004, Reason::kUnauthorized, Verdict::kRejected},
    {401005, Reason::kUnauthorized, Verdict::kRejected},
    {401006, Reason::kUnauthorized, Verdict::kRejected},
    {401007, Reason::kUnauthorized, Verdict::kRejected},
    {401009, Reason::kUnauthorized, Verdict::kRejected},
    {401010, Reason::kUnauthorized, Verdict::kRejected},
    {401011, Reason::kMtlsRequired, Verdict::kAccepted},
    {403000, Reason::kForbidden, Verdict::kAccepted},
    {403001, Reason::kForbidden, Verdict::kAccepted},
    {403002, Reason::kIpBlocked, Verdict::kNone},
    {403003, Reason::kForbidden, Verdict::kAccepted},
    {403004, Reason::kForbidden, Verdict::kAccepted},
    {404008, Reason::kUnauthorized, Verdict::kRejected},
    {kQuotaExhaustedCode, Reason::kQuotaExhausted, Verdict::kAccepted},
    {429001, Reason::kThrottled, Verdict::kAccepted},
}};

bool IsSuccess(int status) { return status >= 200 && status < 300; }

Reason ReasonOfStatus(int status) {
  if (status == 401) return Reason::kUnauthorized;
  if (status == 403) return Reason::kForbidden;
  if (status == 404) return Reason::kNotFound;
  if (status == 429) return Reason::kThrottled;
  if (status == 408 || (status >= 500 && status < 600)) return Reason::kServerError;
  if (status >= 400 && status < 500) return Reason::kClientError;
  if (status >= 300 && status < 400) return Reason::kRedirect;
  if (IsSuccess(status)) return Reason::kSchema;  // an `error` without a usable code
  return Reason::kTransport;
}

// The service's codes are an HTTP status and three digits more.
std::optional<int> UsableCode(std::optional<double> number) {
  if (!number || *number < 400000 || *number >= 600000 || *number != std::floor(*number)) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

std::optional<int> CodeOf(const JsonObject& error) {
  const std::optional<int> code = UsableCode(error.FindNumber("code"));
  if (code) return code;
  const std::optional<JsonObject> details = error.FindObject("details");
  if (!details) return std::nullopt;
  return UsableCode(details->FindNumber("code"));
}

// When the quota comes back, in the words of a 429000.
std::optional<std::chrono::seconds> ResetInWords(const JsonObject& error) {
  for (const std::string_view words : error.FindStrings("messages")) {
    if (const auto reset_in = FindResetIn(words)) return reset_in;
  }
  const std::optional<JsonObject> details = error.FindObject("details");
  if (!details) return std::nullopt;
  return FindResetIn(details->FindString("message").value_or(""));
}

// An answer with the service's own `error` object.
ScrapeError VendorError(int status, const JsonObject& error) {
  ScrapeError result;
  result.http_status = status;
  result.api_code = CodeOf(error);
  if (result.api_code == kQuotaExhaustedCode) result.reset_in = ResetInWords(error);
  const auto* const known =
      std::find_if(kKnownCodes.begin(), kKnownCodes.end(),
                   [&result](const KnownCode& row) { return row.code == result.api_code; });
  if (known != kKnownCodes.end()) {
    result.reason = known->reason;
    result.verdict = known->verdict;
    return result;
  }
  const int meant = result.api_code ? *result.api_code / 1000 : status;
  result.reason = ReasonOfStatus(meant);
  // Asking again and again is what gets an address blocked, so any 401 of the service counts.
  if (meant == 401 || status == 401) result.verdict = Verdict::kRejectedUnnamed;
  return result;
}

// A refusal that some proxy may have written: it says nothing about the apikey.
ScrapeError ForeignError(int status) {
  ScrapeError result;
  result.http_status = status;
  result.reason = status == 401 ? Reason::kForbidden : ReasonOfStatus(status);
  return result;
}

tl::unexpected<ScrapeError> Unreadable(Reason reason, int status, std::string detail) {
  ScrapeError result;
  result.reason = reason;
  result.http_status = status;
  result.detail = std::move(detail);
  return tl::unexpected(std::move(result));
}

tl::expected<JsonDocument, ScrapeError> ReadBody(
    const HttpAnswer& answer, std::span<const std::string_view> documented_members) {
  const int status = answer.status;
  // An interim answer, or none, carries no words of the service.
  if (status < 200 || status >= 600) return tl::unexpected(ForeignError(status));
  if (status == 204) return Unreadable(Reason::kDecode, status, "no content");

  tl::expected<JsonDocument, std::string> document = JsonDocument::Parse(answer.body);
  const std::optional<JsonObject> root = document ? document->Root() : std::nullopt;
  if (root) {
    const std::optional<JsonObject> error = root->FindObject("error");
    if (error) return tl::unexpected(VendorError(status, *error));
  }
  if (!IsSuccess(status)) return tl::unexpected(ForeignError(status));
  if (!document) return Unreadable(Reason::kDecode, status, std::move(document.error()));
  if (!root) return Unreadable(Reason::kSchema, status, "JSON, but not an object");
  if (std::none_of(documented_members.begin(), documented_members.end(),
                   [&root](std::string_view name) { return root->HasMember(name); })) {
    return Unreadable(Reason::kSchema, status, "an object without any documented member");
  }
  return std::move(*document);
}

}  // namespace

tl::expected<JsonDocument, ScrapeError> ReadAnswer(
    const HttpAnswer& answer, std::span<const std::string_view> documented_members) {
  tl::expected<JsonDocument, ScrapeError> document = ReadBody(answer, documented_members);
  if (!document) {
    ScrapeError& error = document.error();
    error.retry_after = answer.retry_after;
    error.rate_limit_family = answer.rate_limit.family;
    if (!error.reset_in) error.reset_in = answer.rate_limit.reset_in;
  }
  return document;
}

}  // namespace scrape

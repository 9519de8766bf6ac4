#include "scrape/api/scrape_error.h"

#include <algorithm>

namespace scrape {

std::string_view NameOf(Reason reason) {
  switch (reason) {
    case Reason::kDns:
      return "dns";
    case Reason::kConnect:
      return "connect";
    case Reason::kTls:
      return "tls";
    case Reason::kTimeout:
      return "timeout";
    case Reason::kTransport:
      return "transport";
    case Reason::kUnauthorized:
      return "unauthorized";
    case Reason::kForbidden:
      return "forbidden";
    case Reason::kIpBlocked:
      return "ip_blocked";
    case Reason::kMtlsRequired:
      return "mtls_required";
    case Reason::kQuotaExhausted:
      return "quota_exhausted";
    case Reason::kThrottled:
      return "throttled";
    case Reason::kNotFound:
      return "not_found";
    case Reason::kClientError:
      return "client_error";
    case Reason::kServerError:
      return "server_error";
    case Reason::kRedirect:
      return "redirect";
    case Reason::kBodyTooLarge:
      return "body_too_large";
    case Reason::kDecode:
      return "decode";
    case Reason::kSchema:
      return "schema";
  }
  return "";
}

std::optional<Reason> ReasonByName(std::string_view name) {
  const auto* const found = std::find_if(kReasons.begin(), kReasons.end(),
                                         [name](Reason reason) { return NameOf(reason) == name; });
  if (found == kReasons.end()) return std::nullopt;
  return *found;
}

}  // namespace scrape

#include "exporter/status/problems.h"

namespace exporter {

using scrape::Reason;

ReasonWords WordsOf(Reason reason) {
  constexpr std::string_view kNetwork = "Check the network and the proxy between here and there.";
  constexpr std::string_view kService =
      "It is the service's fault: wait, and report it when it lasts.";
  switch (reason) {
    case Reason::kDns:
      return {"The name of the service was not found",
              "Check the resolver and base_url, and whether a proxy is needed (proxy_url)."};
    case Reason::kConnect:
      return {"No connection to the service", kNetwork};
    case Reason::kTls:
      return {"No trusted TLS connection to the service",
              "Check ca_file, the clock, and what may stand in between and terminate TLS."};
    case Reason::kTimeout:
      return {"The service did not answer in time",
              "Check the network; raise scrape_timeout if it is only slow."};
    case Reason::kTransport:
      return {"The answer was broken off", kNetwork};
    case Reason::kUnauthorized:
      return {"The service does not accept the apikey",
              "Put the right apikey into its file or Secret; it is asked at once."};
    case Reason::kForbidden:
      return {"The service, or a proxy, refuses access",
              "Look for this address on the whitelist of the key, and for a proxy that refuses."};
    case Reason::kIpBlocked:
      return {"The service blocks this address",
              "Find what sends wrong apikeys from here; the block ends by itself after an hour."};
    case Reason::kMtlsRequired:
      return {"The apikey is for clients with a certificate only",
              "Give the key tls_config.cert_file and key_file."};
    case Reason::kQuotaExhausted:
      return {"The service says that the quota is used up",
              "Move the work to another key, or ask for a larger quota."};
    case Reason::kThrottled:
      return {"The service throttles this key",
              "Spread the requests of this key, or use more keys."};
    case Reason::kNotFound:
      return {"The service does not know the path it was asked for", "Check base_url."};
    case Reason::kClientError:
      return {"The service refuses the request", "Check base_url, and what stands in between."};
    case Reason::kServerError:
      return {"The service has an error of its own", kService};
    case Reason::kRedirect:
      return {"The service answers with a redirect, which is never followed",
              "Put the address it should be into base_url."};
    case Reason::kBodyTooLarge:
      return {"The answer is too large to be one", "Check base_url, and what stands in between."};
    case Reason::kDecode:
      return {"The answer is empty or not JSON", "Check base_url, and what stands in between."};
    case Reason::kSchema:
      return {"The answer is JSON of another shape", "Check base_url, and what stands in between."};
  }
  return {"It failed", ""};
}

}  // namespace exporter

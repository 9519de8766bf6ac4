#include "scrape/client/transfer_failure.h"

#include <optional>
#include <string>

namespace scrape {
namespace {

constexpr long kUnauthorized = 401;  // what tinyproxy says where others say 407
constexpr long kProxyAuthenticationRequired = 407;

Reason ReasonOf(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Reason::kDns;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return Reason::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return Reason::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return Reason::kTls;
    default:
      return Reason::kTransport;
  }
}

std::string CheckCredentials(const Connection& connection) {
  if (connection.proxy_from_environment) return "check the credentials in the environment";
  return connection.proxy_credentials == nullptr
             ? "it wants a user and a password: set proxy_credentials_file"
             : "it does not accept the user and the password of proxy_credentials_file";
}

// What an HTTP or SOCKS proxy answered to being asked for the way.
std::optional<std::string> RefusalOfProxy(CURL* easy, CURLcode code, const Connection& connection) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
  const std::string number = " (" + std::to_string(status) + ")";
  if (status == kUnauthorized || status == kProxyAuthenticationRequired) {
    return "the proxy refuses" + number + ": " + CheckCredentials(connection);
  }
  constexpr long kFirstRefusal = 300;
  if (status >= kFirstRefusal) {
    return "the proxy refuses to connect to the service" + number;
  }
  if (code != CURLE_PROXY) return std::nullopt;
  long socks = CURLPX_OK;
  curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &socks);
  if (socks == CURLPX_USER_REJECTED || socks == CURLPX_NO_AUTH) {
    return "the proxy refuses: " + CheckCredentials(connection);
  }
  return std::nullopt;
}

}  // namespace

ScrapeError FailureOf(CURL* easy, CURLcode code, std::string_view error_text,
                      const Connection& connection) {
  if (auto refusal = RefusalOfProxy(easy, code, connection)) {
    return {.reason = Reason::kConnect, .detail = *std::move(refusal)};
  }
  ScrapeError error{.reason = ReasonOf(code), .detail = std::string(error_text)};
  // libcurl quotes a proxy of the environment that it does not understand, with its password.
  const bool quotes_proxy = error_text.starts_with("Unsupported proxy");
  if (error_text.empty() || quotes_proxy) error.detail = curl_easy_strerror(code);
  if (quotes_proxy) error.detail = "the proxy of the environment is not a URL of a known scheme";
  return error;
}

}  // namespace scrape

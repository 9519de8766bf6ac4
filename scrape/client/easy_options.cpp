#include "scrape/client/easy_options.h"

#include <memory>
#include <string>
#include <string_view>

namespace scrape {
namespace {

// Without a copy of what may be a private key; libcurl promises not to write into it.
void SetBlob(CURL* easy, CURLoption option, std::string_view content) {
  curl_blob blob{};
  blob.data = const_cast<char*>(content.data());
  blob.len = content.size();
  blob.flags = CURL_BLOB_NOCOPY;
  SetOption(easy, option, &blob);
}

// libcurl copies it at once.
void SetSecretText(CURL* easy, CURLoption option, const Secret& secret) {
  std::string text(secret.Reveal());
  SetOption(easy, option, text.c_str());
  WipeMemory(text.data(), text.size());
}

long HttpVersionOf(HttpVersion version) {
  switch (version) {
    case HttpVersion::kAuto:
      return CURL_HTTP_VERSION_2TLS;
    case HttpVersion::k11:
      return CURL_HTTP_VERSION_1_1;
    case HttpVersion::k2:
      return CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
  }
  return CURL_HTTP_VERSION_2TLS;
}

void SetProxy(CURL* easy, const Connection& connection) {
  if (!connection.proxy_from_environment) {
    SetOption(easy, CURLOPT_PROXY, connection.proxy_url.c_str());  // "": none
    SetOption(easy, CURLOPT_NOPROXY, "");  // or the environment's exceptions would apply
  }
  // The service's headers are none of the proxy's business, nor the other way round.
  SetOption(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
  SetOption(easy, CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
  SetOption(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SetOption(easy, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
  SetOption(easy, CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
  SetOption(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (connection.proxy_credentials == nullptr) return;
  SetSecretText(easy, CURLOPT_PROXYUSERNAME, connection.proxy_credentials->user);
  SetSecretText(easy, CURLOPT_PROXYPASSWORD, connection.proxy_credentials->password);
}

// In place of the system's authorities, not beside them. Not by the name of their file: that may be
// gone meanwhile, or hang, and with it the scrape thread.
void SetAuthorities(CURL* easy, const std::shared_ptr<const std::string>& authorities) {
  if (authorities == nullptr) return;
  SetBlob(easy, CURLOPT_CAINFO_BLOB, *authorities);
  SetOption(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  SetBlob(easy, CURLOPT_PROXY_CAINFO_BLOB, *authorities);
  SetOption(easy, CURLOPT_PROXY_CAPATH, static_cast<char*>(nullptr));
}

}  // namespace

void SetConnectionOptions(CURL* easy, const Connection& connection) {
  SetOption(easy, CURLOPT_HTTP_VERSION, HttpVersionOf(connection.http_version));
  SetProxy(easy, connection);
  SetAuthorities(easy, connection.authorities);
  if (connection.insecure_skip_verify) {
    SetOption(easy, CURLOPT_SSL_VERIFYPEER, 0L);
    SetOption(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (connection.identity == nullptr) return;
  SetOption(easy, CURLOPT_SSLCERTTYPE, "PEM");
  SetBlob(easy, CURLOPT_SSLCERT_BLOB, connection.identity->certificate);
  SetOption(easy, CURLOPT_SSLKEYTYPE, "PEM");
  SetBlob(easy, CURLOPT_SSLKEY_BLOB, connection.identity->private_key.Reveal());
}

}  // namespace scrape

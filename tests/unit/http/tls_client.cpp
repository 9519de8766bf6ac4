#include "tls_client.h"

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "tests/command_output.h"

namespace {

std::size_t AddBody(char* bytes, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

long VersionOption(const TlsClient& client) {
  const std::string_view version = client.max_version;
  if (version == "1.1") {
    return CURL_SSLVERSION_MAX_TLSv1_1 | (client.only ? CURL_SSLVERSION_TLSv1_1 : 0);
  }
  if (version == "1.2") {
    return CURL_SSLVERSION_MAX_TLSv1_2 | (client.only ? CURL_SSLVERSION_TLSv1_2 : 0);
  }
  return CURL_SSLVERSION_MAX_TLSv1_3 | (client.only ? CURL_SSLVERSION_TLSv1_3 : 0);
}

}  // namespace

Fetched GetOverTls(std::uint16_t port, const std::string& path, const TlsClient& client) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  Fetched fetched;
  char problem[CURL_ERROR_SIZE] = {};
  const auto blob = [](const std::string& text) {
    return curl_blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
  };
  const std::string url = "https://127.0.0.1:" + std::to_string(port) + path;
  curl_blob authorities = blob(client.trusted);
  curl_blob certificate = blob(client.identity.certificate);
  curl_blob key = blob(client.identity.private_key);
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_CAINFO_BLOB, &authorities);
  if (certificate.len > 0) {
    curl_easy_setopt(easy.get(), CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(easy.get(), CURLOPT_SSLKEY_BLOB, &key);
  }
  // Without the level OpenSSL itself would not offer what is before TLS 1.2.
  curl_easy_setopt(easy.get(), CURLOPT_SSL_CIPHER_LIST, "DEFAULT@SECLEVEL=0");
  curl_easy_setopt(easy.get(), CURLOPT_SSLVERSION, VersionOption(client));
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, 10'000L);
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &AddBody);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &fetched.body);
  fetched.code = curl_easy_perform(easy.get());
  fetched.problem = problem;
  return fetched;
}

std::string OpensslClient(std::uint16_t port, const std::string& options) {
  // The input stays open until the server closes the connection, as s_client ends with its input.
  const std::string command =
      "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' | "
      "timeout 10 openssl s_client -ign_eof -connect 127.0.0.1:" +
      std::to_string(port) + ' ' + options + " 2>&1";
  return test::OutputOf(command);
}

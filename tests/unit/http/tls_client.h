#pragma once
// HTTPS clients of the tests: libcurl with OpenSSL, and `openssl s_client`. One thread.

#include <cstdint>
#include <string>

#include "http/tls.h"

struct TlsClient {
  std::string trusted;              // PEM of the authorities
  http::TlsSettings identity = {};  // certificate and key to show; empty: none
  const char* max_version = "1.3";  // "1.1" to "1.3"; also the lowest when `only`
  bool only = false;
};

struct Fetched {
  int code = 0;  // a CURLcode
  std::string body;
  std::string problem;
};

// GET over a connection of its own.
[[nodiscard]] Fetched GetOverTls(std::uint16_t port, const std::string& path,
                                 const TlsClient& client);

// Everything `openssl s_client` says when it sends a request for "/".
[[nodiscard]] std::string OpensslClient(std::uint16_t port, const std::string& options);

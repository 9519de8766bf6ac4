#pragma once
// Certificates made while a test runs, so that none is committed and none expires. One thread.

#include <chrono>
#include <memory>
#include <string>

#include "http/tls.h"

namespace test {

struct CertificateRequest {
  // For which it is good: a DNS name, an IP address, an e-mail address or a URI.
  std::string name = "127.0.0.1";
  bool servers_only = false;  // otherwise for every purpose
  enum class Key { kEc, kRsa, kRsaWithLongExponent };
  Key key = Key::kEc;  // the long public exponent has as many bits as the modulus
  std::chrono::system_clock::time_point not_before =
      std::chrono::system_clock::now() - std::chrono::hours(24);
  std::chrono::system_clock::time_point not_after =
      std::chrono::system_clock::now() + std::chrono::hours(24);
};

// A certificate authority.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  Authority(Authority&&) = delete;
  Authority& operator=(Authority&&) = delete;

  [[nodiscard]] std::string Certificate() const;  // PEM, what a client has to trust
  // Certificate and key; the rest as it is by default.
  [[nodiscard]] http::TlsSettings Issue(const CertificateRequest& request = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace test

#pragma once
// What a TLS server shows, and whom it lets in. TlsSettings is a plain value; TlsCredentials are
// made of it once, checked, and shared by the connections that use them: any thread.

#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

struct gnutls_session_int;

namespace http {

// Of a client, when it is not kNone: a certificate is asked for (kRequest), must be there
// (kRequireAny), must be by the client CA if there is one (kVerifyIfGiven), or must be there and by
// the client CA (kRequireAndVerify).
enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };
enum class TlsVersion { kTls12, kTls13 };

struct TlsSettings {
  std::string certificate;  // PEM, issuers after it
  std::string private_key;  // PEM
  std::string client_ca;    // PEM; empty: none
  ClientAuth client_auth = ClientAuth::kNone;
  // DNS names, IP addresses, e-mail addresses or URIs, one of which the client's certificate must
  // be good for, exactly as written here; a client without a certificate is then refused. Empty:
  // any.
  std::vector<std::string> client_allowed_sans;
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

class TlsCredentials {
 public:
  // The error is one line without any of the texts: "the private key does not belong to the
  // certificate".
  [[nodiscard]] static tl::expected<std::shared_ptr<const TlsCredentials>, std::string> Create(
      const TlsSettings& settings);
  ~TlsCredentials();
  TlsCredentials(const TlsCredentials&) = delete;
  TlsCredentials& operator=(const TlsCredentials&) = delete;
  TlsCredentials(TlsCredentials&&) = delete;
  TlsCredentials& operator=(TlsCredentials&&) = delete;

  // For the server: the session, which must not outlive this, will do its handshake with them.
  // False: it may not go on.
  [[nodiscard]] bool Apply(gnutls_session_int* session) const noexcept;

 private:
  struct State;
  explicit TlsCredentials(std::unique_ptr<const State> state);
  const std::unique_ptr<const State> state_;
};

}  // namespace http

#include "http/tls.h"

#include <arpa/inet.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace http {
namespace {

using Certificate = std::unique_ptr<gnutls_x509_crt_int, decltype(&gnutls_x509_crt_deinit)>;
using CredentialsHandle = std::unique_ptr<gnutls_certificate_credentials_st,
                                          decltype(&gnutls_certificate_free_credentials)>;
using PublicKey = std::unique_ptr<gnutls_pubkey_st, decltype(&gnutls_pubkey_deinit)>;
using Priority = std::unique_ptr<gnutls_priority_st, decltype(&gnutls_priority_deinit)>;

constexpr std::size_t kMaxName = 1024;  // of a client; longer ones are nobody's
// Of a client's RSA key, in bytes. A signature by a longer one takes seconds to hours to check, on
// the event thread and before anything is known of the client; nobody has such a key.
constexpr unsigned kMaxRsaModulus = 1024;
constexpr unsigned kMaxRsaExponent = 8;

gnutls_datum_t Datum(const std::string& text) {
  // It only reads it; its interface predates const.
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

// An address in the one form in which addresses are compared; other names as they are.
std::string Canonical(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes = {};
  std::array<char, INET6_ADDRSTRLEN> text = {};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, name.c_str(), bytes.data()) == 1 &&
        inet_ntop(family, bytes.data(), text.data(), text.size()) != nullptr) {
      return text.data();
    }
  }
  return name;
}

std::string AddressText(std::string_view bytes) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const int family = bytes.size() == sizeof(in_addr) ? AF_INET : AF_INET6;
  if (family == AF_INET6 && bytes.size() != sizeof(in6_addr)) return {};
  return inet_ntop(family, bytes.data(), text.data(), text.size()) == nullptr ? "" : text.data();
}

bool IsGoodForOneOf(const std::vector<std::string>& allowed, gnutls_x509_crt_t certificate) {
  std::array<char, kMaxName> buffer = {};
  for (unsigned i = 0;; ++i) {
    std::size_t size = buffer.size();
    const int kind =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, buffer.data(), &size, nullptr);
    if (kind == GNUTLS_E_SHORT_MEMORY_BUFFER) continue;
    if (kind < 0) return false;
    const std::string_view value(buffer.data(), size);
    std::string name;
    if (kind == GNUTLS_SAN_IPADDRESS) {
      name = AddressText(value);
    } else if (kind == GNUTLS_SAN_DNSNAME || kind == GNUTLS_SAN_RFC822NAME ||
               kind == GNUTLS_SAN_URI) {
      name = value;
    }
    if (!name.empty() && std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
      return true;
    }
  }
}

// The client's own certificate; null: there is none that can be read.
Certificate PeerCertificate(gnutls_session_t session) {
  Certificate certificate(nullptr, &gnutls_x509_crt_deinit);
  unsigned size = 0;
  const gnutls_datum_t* const chain = gnutls_certificate_get_peers(session, &size);
  gnutls_x509_crt_t made = nullptr;
  if (chain == nullptr || size == 0 || gnutls_x509_crt_init(&made) < 0) return certificate;
  certificate.reset(made);
  if (gnutls_x509_crt_import(made, chain, GNUTLS_X509_FMT_DER) < 0) certificate.reset();
  return certificate;
}

bool HasKeyOfUsualSize(gnutls_session_t session) {
  const Certificate certificate = PeerCertificate(session);
  gnutls_pubkey_t made = nullptr;
  if (certificate == nullptr || gnutls_pubkey_init(&made) < 0) return false;
  const PublicKey key(made, &gnutls_pubkey_deinit);
  if (gnutls_pubkey_import_x509(made, certificate.get(), 0) < 0) return false;
  gnutls_datum_t modulus = {};
  gnutls_datum_t exponent = {};
  if (gnutls_pubkey_export_rsa_raw2(made, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ) < 0) {
    return true;  // no RSA key: the curves have fixed sizes
  }
  gnutls_free(modulus.data);
  gnutls_free(exponent.data);
  return modulus.size <= kMaxRsaModulus && exponent.size <= kMaxRsaExponent;
}

// Otherwise the client would only see the connection end.
int Refuse(gnutls_session_t session) noexcept {
  static_cast<void>(gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE));
  return GNUTLS_E_CERTIFICATE_ERROR;
}

// Runs when the client's proof that it has the key has come, before that is checked, and when the
// server's own is sent.
int AroundProof(gnutls_session_t session, unsigned /*type*/, unsigned /*when*/, unsigned incoming,
                const gnutls_datum_t* /*message*/) noexcept {
  return incoming == 0 || HasKeyOfUsualSize(session) ? 0 : Refuse(session);
}

std::string PriorityText(const TlsSettings& settings) {
  // Key exchange with the certificate's own RSA key has no forward secrecy.
  std::string text = "NORMAL:-RSA:%SERVER_PRECEDENCE:-VERS-ALL";
  if (settings.min_version == TlsVersion::kTls12) text += ":+VERS-TLS1.2";
  if (settings.max_version == TlsVersion::kTls13) text += ":+VERS-TLS1.3";
  return text;
}

// What the settings contradict themselves in; empty: nothing.
std::string_view Contradiction(const TlsSettings& settings) {
  const bool verifies = settings.client_auth == ClientAuth::kVerifyIfGiven ||
                        settings.client_auth == ClientAuth::kRequireAndVerify;
  if (settings.certificate.empty()) return "the certificate is missing";
  if (settings.private_key.empty()) return "the private key is missing";
  if (settings.min_version > settings.max_version) {
    return "the lowest TLS version is above the highest";
  }
  if (verifies && settings.client_ca.empty()) {
    return "client certificates cannot be verified without a client CA";
  }
  if (settings.client_auth == ClientAuth::kNone && !settings.client_ca.empty()) {
    return "there is a client CA, but no client certificate is asked for";
  }
  if (settings.client_auth == ClientAuth::kNone && !settings.client_allowed_sans.empty()) {
    return "there are allowed client names, but no client certificate is asked for";
  }
  return {};
}

bool IsCertificate(const std::string& pem) {
  const gnutls_datum_t text = Datum(pem);
  gnutls_x509_crt_t* chain = nullptr;
  unsigned size = 0;
  if (gnutls_x509_crt_list_import2(&chain, &size, &text, GNUTLS_X509_FMT_PEM, 0) < 0) return false;
  for (unsigned i = 0; i < size; ++i) gnutls_x509_crt_deinit(chain[i]);
  gnutls_free(chain);
  return size > 0;
}

std::string_view KeyProblem(const TlsSettings& settings, int error) {
  if (error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH) {
    return "the private key does not belong to the certificate";
  }
  if (settings.private_key.find("ENCRYPTED") != std::string::npos) {
    return "the private key is encrypted";
  }
  return "the private key is not a PEM private key";
}

}  // namespace

struct TlsCredentials::State {
  CredentialsHandle handle{nullptr, &gnutls_certificate_free_credentials};
  Priority priority{nullptr, &gnutls_priority_deinit};
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> allowed_names;

  [[nodiscard]] bool VerifiesChain() const {
    return client_auth == ClientAuth::kVerifyIfGiven ||
           client_auth == ClientAuth::kRequireAndVerify;
  }
  [[nodiscard]] bool Accepts(gnutls_session_t session) const;
  static int OnClientCertificate(gnutls_session_t session) noexcept;
};

bool TlsCredentials::State::Accepts(gnutls_session_t session) const {
  unsigned size = 0;
  const gnutls_datum_t* const chain = gnutls_certificate_get_peers(session, &size);
  // Where a certificate must be there GnuTLS itself refuses the client without one.
  if (chain == nullptr || size == 0) return allowed_names.empty();
  if (VerifiesChain()) {
    std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st wanted = {};
    wanted.type = GNUTLS_DT_KEY_PURPOSE_OID;
    wanted.data = reinterpret_cast<unsigned char*>(purpose.data());
    unsigned status = 0;
    if (gnutls_certificate_verify_peers(session, &wanted, 1, &status) < 0 || status != 0) {
      return false;
    }
  }
  if (allowed_names.empty()) return true;
  const Certificate certificate = PeerCertificate(session);
  return certificate != nullptr && IsGoodForOneOf(allowed_names, certificate.get());
}

// Runs within the handshake, which ends when this is not 0.
int TlsCredentials::State::OnClientCertificate(gnutls_session_t session) noexcept {
  const auto* const state = static_cast<const State*>(gnutls_session_get_ptr(session));
  try {
    if (state->Accepts(session)) return 0;
  } catch (...) {  // no memory
  }
  return Refuse(session);
}

tl::expected<std::shared_ptr<const TlsCredentials>, std::string> TlsCredentials::Create(
    const TlsSettings& settings) {
  const auto fail = [](std::string_view problem) {
    return tl::make_unexpected(std::string(problem));
  };
  if (const auto problem = Contradiction(settings); !problem.empty()) return fail(problem);
  // GnuTLS leaks memory when it is given half a certificate together with a key.
  if (!IsCertificate(settings.certificate)) return fail("the certificate is not a PEM certificate");
  auto state = std::make_unique<State>();
  gnutls_certificate_credentials_t handle = nullptr;
  if (const int error = gnutls_certificate_allocate_credentials(&handle); error < 0) {
    return fail(gnutls_strerror(error));
  }
  state->handle.reset(handle);
  const gnutls_datum_t certificate = Datum(settings.certificate);
  const gnutls_datum_t key = Datum(settings.private_key);
  const int loaded = gnutls_certificate_set_x509_key_mem2(handle, &certificate, &key,
                                                          GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (loaded < 0) return fail(KeyProblem(settings, loaded));
  if (!settings.client_ca.empty()) {
    const gnutls_datum_t authorities = Datum(settings.client_ca);
    if (gnutls_certificate_set_x509_trust_mem(handle, &authorities, GNUTLS_X509_FMT_PEM) <= 0) {
      return fail("the client CA is not a PEM certificate");
    }
  }
  gnutls_priority_t priority = nullptr;
  const std::string priority_text = PriorityText(settings);
  if (const int error = gnutls_priority_init(&priority, priority_text.c_str(), nullptr);
      error < 0) {
    return fail(gnutls_strerror(error));
  }
  state->priority.reset(priority);
  state->client_auth = settings.client_auth;
  for (const std::string& name : settings.client_allowed_sans) {
    state->allowed_names.push_back(Canonical(name));
  }
  return std::shared_ptr<const TlsCredentials>(new TlsCredentials(std::move(state)));
}

TlsCredentials::TlsCredentials(std::unique_ptr<const State> state) : state_(std::move(state)) {}
TlsCredentials::~TlsCredentials() = default;

bool TlsCredentials::Apply(gnutls_session_t session) const noexcept {
  gnutls_certificate_request_t request = GNUTLS_CERT_IGNORE;
  switch (state_->client_auth) {
    case ClientAuth::kNone:
      break;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      request = GNUTLS_CERT_REQUEST;
      break;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      request = GNUTLS_CERT_REQUIRE;
      break;
  }
  gnutls_certificate_server_set_request(session, request);
  // libmicrohttpd uses the session's pointer for pre-shared keys only, which this server has not.
  gnutls_session_set_ptr(session, const_cast<State*>(state_.get()));
  if (request != GNUTLS_CERT_IGNORE) {
    gnutls_session_set_verify_function(session, &State::OnClientCertificate);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY,
                                       GNUTLS_HOOK_POST, &AroundProof);
  }
  // The certificate last: without it nothing of a handshake succeeds.
  return gnutls_priority_set(session, state_->priority.get()) >= 0 &&
         gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, state_->handle.get()) >= 0;
}

}  // namespace http

#include "tests/certificates.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace test {
namespace {

using Clock = std::chrono::system_clock;
using KeyHandle = std::unique_ptr<gnutls_x509_privkey_int, decltype(&gnutls_x509_privkey_deinit)>;
using CertificateHandle = std::unique_ptr<gnutls_x509_crt_int, decltype(&gnutls_x509_crt_deinit)>;

constexpr unsigned kVersion = 3;
constexpr auto kAuthorityLife = std::chrono::hours(24 * 365);

void Check(int code) {
  if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

KeyHandle EmptyKey() {
  gnutls_x509_privkey_t made = nullptr;
  Check(gnutls_x509_privkey_init(&made));
  return {made, &gnutls_x509_privkey_deinit};
}

// The private exponent becomes the public one.
KeyHandle WithLongExponent(const KeyHandle& usual) {
  std::array<gnutls_datum_t, 8> numbers = {};
  auto& [m, e, d, p, q, u, e1, e2] = numbers;
  Check(gnutls_x509_privkey_export_rsa_raw2(usual.get(), &m, &e, &d, &p, &q, &u, &e1, &e2));
  KeyHandle key = EmptyKey();
  const int made =
      gnutls_x509_privkey_import_rsa_raw2(key.get(), &m, &d, &e, &p, &q, &u, nullptr, nullptr);
  for (gnutls_datum_t& number : numbers) gnutls_free(number.data);
  Check(made);
  return key;
}

KeyHandle NewKey(CertificateRequest::Key kind = CertificateRequest::Key::kEc) {
  constexpr unsigned kRsaBits = 2048;
  const bool rsa = kind != CertificateRequest::Key::kEc;
  KeyHandle key = EmptyKey();
  Check(gnutls_x509_privkey_generate(
      key.get(), rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
      rsa ? kRsaBits : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
  return kind == CertificateRequest::Key::kRsaWithLongExponent ? WithLongExponent(key)
                                                               : std::move(key);
}

// Authorities of one name would be taken for each other.
std::uint16_t NextNumber() {
  static std::atomic<std::uint16_t> last = 0;
  return ++last;
}

// With everything but the extensions and the signature.
CertificateHandle NewCertificate(const KeyHandle& key, const std::string& name,
                                 Clock::time_point not_before, Clock::time_point not_after) {
  const std::uint16_t number = NextNumber();
  const std::array<unsigned char, 3> serial = {1, static_cast<unsigned char>(number >> 8U),
                                               static_cast<unsigned char>(number & 0xffU)};
  gnutls_x509_crt_t made = nullptr;
  Check(gnutls_x509_crt_init(&made));
  CertificateHandle certificate(made, &gnutls_x509_crt_deinit);
  Check(gnutls_x509_crt_set_version(made, kVersion));
  Check(gnutls_x509_crt_set_serial(made, serial.data(), serial.size()));
  Check(gnutls_x509_crt_set_key(made, key.get()));
  Check(gnutls_x509_crt_set_dn_by_oid(made, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                      static_cast<unsigned>(name.size())));
  Check(gnutls_x509_crt_set_activation_time(made, Clock::to_time_t(not_before)));
  Check(gnutls_x509_crt_set_expiration_time(made, Clock::to_time_t(not_after)));
  return certificate;
}

void SetName(const CertificateHandle& certificate, const std::string& name) {
  in_addr v4 = {};
  in6_addr v6 = {};
  std::string_view value = name;
  gnutls_x509_subject_alt_name_t kind = GNUTLS_SAN_DNSNAME;
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) {
    kind = GNUTLS_SAN_IPADDRESS;
    value = {reinterpret_cast<const char*>(&v4), sizeof v4};
  } else if (inet_pton(AF_INET6, name.c_str(), &v6) == 1) {
    kind = GNUTLS_SAN_IPADDRESS;
    value = {reinterpret_cast<const char*>(&v6), sizeof v6};
  } else if (name.find("://") != std::string::npos) {
    kind = GNUTLS_SAN_URI;
  } else if (name.find('@') != std::string::npos) {
    kind = GNUTLS_SAN_RFC822NAME;
  }
  Check(gnutls_x509_crt_set_subject_alt_name(certificate.get(), kind, value.data(),
                                             static_cast<unsigned>(value.size()), GNUTLS_FSAN_SET));
}

// Takes over what GnuTLS allocated.
std::string Text(gnutls_datum_t data) {
  std::string text(reinterpret_cast<const char*>(data.data), data.size);
  gnutls_free(data.data);
  return text;
}

std::string Pem(const CertificateHandle& certificate) {
  gnutls_datum_t data = {};
  Check(gnutls_x509_crt_export2(certificate.get(), GNUTLS_X509_FMT_PEM, &data));
  return Text(data);
}

std::string Pem(const KeyHandle& key) {
  gnutls_datum_t data = {};
  Check(gnutls_x509_privkey_export2(key.get(), GNUTLS_X509_FMT_PEM, &data));
  return Text(data);
}

}  // namespace

struct Authority::State {
  KeyHandle key = NewKey();
  CertificateHandle certificate =
      NewCertificate(key, "authority " + std::to_string(NextNumber()),
                     Clock::now() - kAuthorityLife, Clock::now() + kAuthorityLife);
};

Authority::Authority() : state_(std::make_unique<State>()) {
  gnutls_x509_crt_t certificate = state_->certificate.get();
  Check(gnutls_x509_crt_set_basic_constraints(certificate, 1, -1));
  Check(gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_KEY_CERT_SIGN));
  Check(gnutls_x509_crt_sign2(certificate, certificate, state_->key.get(), GNUTLS_DIG_SHA256, 0));
}

Authority::~Authority() = default;

std::string Authority::Certificate() const { return Pem(state_->certificate); }

http::TlsSettings Authority::Issue(const CertificateRequest& request) const {
  const KeyHandle key = NewKey(request.key);
  const auto certificate = NewCertificate(key, request.name, request.not_before, request.not_after);
  SetName(certificate, request.name);
  if (request.servers_only) {
    Check(gnutls_x509_crt_set_key_purpose_oid(certificate.get(), GNUTLS_KP_TLS_WWW_SERVER, 0));
  }
  Check(gnutls_x509_crt_sign2(certificate.get(), state_->certificate.get(), state_->key.get(),
                              GNUTLS_DIG_SHA256, 0));
  http::TlsSettings settings;
  settings.certificate = Pem(certificate);
  settings.private_key = Pem(key);
  return settings;
}

}  // namespace test

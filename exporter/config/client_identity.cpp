#include "exporter/config/client_identity.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace exporter {
namespace {

struct CertificateDeleter {
  void operator()(gnutls_x509_crt_t certificate) const { gnutls_x509_crt_deinit(certificate); }
};
struct KeyDeleter {
  void operator()(gnutls_x509_privkey_t key) const { gnutls_x509_privkey_deinit(key); }
};
using Certificate = std::unique_ptr<gnutls_x509_crt_int, CertificateDeleter>;
using Key = std::unique_ptr<gnutls_x509_privkey_int, KeyDeleter>;
using KeyId = std::array<unsigned char, 32>;

// GnuTLS does not write into it.
gnutls_datum_t Datum(std::string_view text) {
  return {.data = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          .size = static_cast<unsigned>(text.size())};
}

// The first one of the file, which is the client's own. Null: there is none.
Certificate ReadCertificate(std::string_view pem) {
  gnutls_x509_crt_t made = nullptr;
  if (gnutls_x509_crt_init(&made) != 0) return nullptr;
  Certificate certificate(made);
  const gnutls_datum_t data = Datum(pem);
  if (gnutls_x509_crt_import(made, &data, GNUTLS_X509_FMT_PEM) != 0) return nullptr;
  return certificate;
}

Key ReadKey(std::string_view pem) {
  gnutls_x509_privkey_t made = nullptr;
  if (gnutls_x509_privkey_init(&made) != 0) return nullptr;
  Key key(made);
  const gnutls_datum_t data = Datum(pem);
  if (gnutls_x509_privkey_import2(made, &data, GNUTLS_X509_FMT_PEM, nullptr, 0) != 0) {
    return nullptr;
  }
  return key;
}

bool BelongTogether(const Certificate& certificate, const Key& key) {
  KeyId of_certificate{};
  KeyId of_key{};
  std::size_t size = of_certificate.size();
  if (gnutls_x509_crt_get_key_id(certificate.get(), GNUTLS_KEYID_USE_SHA256, of_certificate.data(),
                                 &size) != 0) {
    return false;
  }
  size = of_key.size();
  return gnutls_x509_privkey_get_key_id(key.get(), GNUTLS_KEYID_USE_SHA256, of_key.data(), &size) ==
             0 &&
         of_certificate == of_key;
}

}  // namespace

tl::expected<std::shared_ptr<const scrape::ClientIdentity>, ConnectionProblem> MakeClientIdentity(
    std::string_view certificate, std::string_view private_key) {
  const auto wrong = [](std::string_view option, const char* message) {
    return tl::unexpected(ConnectionProblem{option, message});
  };
  const Certificate read = ReadCertificate(certificate);
  if (read == nullptr) {
    return wrong("cert_file", "must contain a certificate in PEM form; it has none");
  }
  if (private_key.find("ENCRYPTED") != std::string_view::npos) {
    return wrong("key_file", "must contain a private key that is not encrypted");
  }
  const Key key = ReadKey(private_key);
  if (key == nullptr) {
    return wrong("key_file", "must contain a private key in PEM form; it has none");
  }
  if (!BelongTogether(read, key)) {
    return wrong("key_file", "must contain the private key of the certificate in cert_file");
  }
  auto identity = std::make_shared<scrape::ClientIdentity>();
  identity->certificate = certificate;
  identity->private_key = scrape::Secret(private_key);
  identity->expires =
      scrape::SystemTime(std::chrono::seconds(gnutls_x509_crt_get_expiration_time(read.get())));
  return identity;
}

}  // namespace exporter

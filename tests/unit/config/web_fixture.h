#pragma once
// A web configuration and the files it names, with certificates made for the run. One thread.

#include <string>

#include "exporter/config/web_config.h"
#include "fake_surroundings.h"
#include "tests/certificates.h"

class WebFixture {
 public:
  WebFixture() {
    const auto server = authority_.Issue();
    fake_.files["cert.pem"] = server.certificate;
    fake_.files["key.pem"] = server.private_key;
    fake_.files["ca.pem"] = authority_.Certificate();
    fake_.files["other-key.pem"] = authority_.Issue().private_key;
    fake_.files["encrypted.pem"] =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fake_.files["damaged-cert.pem"] =
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    fake_.files["damaged-key.pem"] =
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n";
    fake_.directories["directory"] = {};
  }

  [[nodiscard]] std::string Content(const std::string& file) const { return fake_.files.at(file); }

  void Write(const std::string& file, const std::string& content) { fake_.files[file] = content; }

  exporter::WebConfig Load(const std::string& name, std::string text) {
    for (const auto& [mark, file] :
         {std::pair{"CERT_PEM", "cert.pem"}, {"KEY_PEM", "key.pem"}, {"CA_PEM", "ca.pem"}}) {
      Replace(text, mark, Escaped(fake_.files.at(file)));
    }
    Write(name, text);
    return exporter::LoadWebConfig(name, fake_.Get());
  }

 private:
  static void Replace(std::string& text, const std::string& mark, const std::string& value) {
    const std::size_t at = text.find(mark);
    if (at != std::string::npos) text.replace(at, mark.size(), value);
  }

  static std::string Escaped(const std::string& text) {
    std::string escaped;
    for (const char c : text) escaped += c == '\n' ? std::string("\\n") : std::string(1, c);
    return escaped;
  }

  test::Authority authority_;
  FakeSurroundings fake_;
};

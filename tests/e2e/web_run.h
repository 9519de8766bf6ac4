#pragma once
// The real binary with a web configuration, for one test. One thread.

#include <string>

#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"

namespace test {

// "open sesame" as bcrypt makes it of a usual cost.
inline constexpr const char* kPassword = "open sesame";
inline constexpr const char* kHash = "$2y$10$abcdefghijklmnopqrstuu4SuEsu2LsUrAYUpWQHLMMc4GV5pZTxK";

class WebRun {
 public:
  // CERT and KEY in `web` become the paths of a certificate of the authority for 127.0.0.1, CA that
  // of the authority's own.
  explicit WebRun(std::string web)
      : key_(AddKey(cloud_, "key")),
        file_(WriteWeb(std::move(web))),
        run_(cloud_, {.global = "",
                      .key_options = "",
                      .arguments = {"--web.config.file=" + file_,
                                    "--probe.listen-address=127.0.0.1:0", "--log.level=debug"},
                      .keys = {key_}}),
        probe_port_(run_.process().ErrAfter("msg=\"listening for probes\" address=127.0.0.1:")) {}

  [[nodiscard]] Process& process() { return run_.process(); }
  [[nodiscard]] const std::string& port() const { return run_.port(); }
  [[nodiscard]] std::uint16_t PortNumber() const {
    return static_cast<std::uint16_t>(std::stoi(run_.port()));
  }
  [[nodiscard]] const Authority& authority() const { return authority_; }
  [[nodiscard]] std::string ca_file() const { return dir_.path() + "/ca.pem"; }
  [[nodiscard]] const std::string& web_file() const { return file_; }
  [[nodiscard]] const std::string& config_file() const { return run_.config_file(); }
  [[nodiscard]] const TempDir& dir() const { return dir_; }

  [[nodiscard]] Fetched Ask(const std::string& path, const std::string& user = "") const {
    return Fetch("http://127.0.0.1:" + port() + path, {.headers = {}, .user = user});
  }
  [[nodiscard]] Fetched AskOverTls(const std::string& path, const std::string& user = "") const {
    return Fetch("https://127.0.0.1:" + port() + path,
                 {.headers = {}, .user = user, .ca_file = ca_file()});
  }
  [[nodiscard]] Fetched Probe(const std::string& path) const {
    return Fetch("http://127.0.0.1:" + probe_port_ + path);
  }
  [[nodiscard]] const std::string& probe_port() const { return probe_port_; }

 private:
  std::string WriteWeb(std::string web) {
    const http::TlsSettings identity = authority_.Issue();
    for (const auto& [mark, path] :
         {std::pair{"CERT", dir_.Write("cert.pem", identity.certificate)},
          {"KEY", dir_.Write("key.pem", identity.private_key)},
          {"CA", dir_.Write("ca.pem", authority_.Certificate())}}) {
      const std::size_t at = web.find(mark);
      if (at != std::string::npos) web.replace(at, std::string(mark).size(), path);
    }
    return dir_.Write("web.yml", web);
  }

  TempDir dir_;
  Authority authority_;
  simulator::Cloud cloud_;
  simulator::KeyScript key_;
  std::string file_;
  ExporterRun run_;
  std::string probe_port_;
};

}  // namespace test

#include "tests/e2e/proxies.h"

#include "tests/read_text.h"

namespace test {

Tinyproxy::Tinyproxy(bool login)
    : daemon_([this, login](std::uint16_t port) {
        std::string config = "Port " + std::to_string(port) +
                             "\nListen 127.0.0.1\nTimeout 60\nLogLevel Connect\nLogFile \"" +
                             dir_.Write("log", "") + "\"\n";
        if (login) {
          config += std::string("BasicAuth ") + kProxyUser + " " + kProxyPassword + "\n";
        }
        return std::vector<std::string>{"tinyproxy", "-d", "-c", dir_.Write("conf", config)};
      }) {}

std::string Tinyproxy::Url() const { return "http://127.0.0.1:" + std::to_string(Port()); }

std::size_t Tinyproxy::Asked() const {
  const std::string log = ReadText(dir_.path() + "/log");
  std::size_t asked = 0;
  for (std::size_t at = log.find("CONNECT 127.0.0.1"); at != std::string::npos;
       at = log.find("CONNECT 127.0.0.1", at + 1)) {
    ++asked;
  }
  return asked;
}

Microsocks::Microsocks()
    : daemon_([](std::uint16_t port) {
        return std::vector<std::string>{"microsocks",         "-i", "127.0.0.1", "-p",
                                        std::to_string(port), "-u", kProxyUser,  "-P",
                                        kProxyPassword};
      }) {}

}  // namespace test

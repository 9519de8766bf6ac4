#pragma once
// A real Prometheus, scraping one target or more, for one test. One thread.

#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/process.h"
#include "tests/temp_dir.h"

namespace test {

// Debian's, 2.42, and one of Prometheus 3, which tests/rules/build makes.
inline constexpr const char* kPrometheus2 = "prometheus";
inline constexpr const char* kPrometheus3 = MDCLOUD_SOURCE_DIR "/build/prometheus3";

class Prometheus {
 public:
  // `interval` of the scrapes as Prometheus writes it: "1s". `options`: further lines of the scrape
  // configuration, indented by four, and whatever may follow them. `arguments`: further ones.
  Prometheus(const std::string& target_port, const std::string& interval,
             const std::string& options = "", const std::vector<std::string>& arguments = {},
             const std::string& program = kPrometheus2);

  // Empty when it did not come up.
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::string Log() const { return process_->Err(); }
  // What it says when it does not like the answers of its target; empty if nothing.
  [[nodiscard]] std::string Complaints() const;

  // The JSON of an instant query; `expression` percent-encoded by the caller's care: no spaces or
  // braces in it but those given as %20, %7B and %7D.
  [[nodiscard]] std::string Query(const std::string& expression) const;
  // Whether the query has the one value `value`.
  [[nodiscard]] bool Is(const std::string& expression, const std::string& value) const;

 private:
  TempDir dir_;
  std::unique_ptr<Process> process_;
  std::string port_;
};

}  // namespace test

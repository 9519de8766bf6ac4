#pragma once
// The real binary, polling a simulated service, for one test. One thread.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "simulator/cloud.h"
#include "tests/e2e/fetch.h"
#include "tests/e2e/process.h"
#include "tests/exposition_checker.h"
#include "tests/temp_dir.h"

namespace test {

// A key with a random apikey, known to `cloud` and to the configuration that ExporterRun writes.
simulator::KeyScript AddKey(simulator::Cloud& cloud, const std::string& name);

struct RunOptions {
  std::string global;                  // further lines below `global:`, indented by two
  std::string key_options;             // further members of every key, ", name: value"
  std::vector<std::string> arguments;  // further ones
  std::vector<simulator::KeyScript> keys;
  std::map<std::string, std::string> options_of = {};   // further members of single keys, by name
  std::map<std::string, std::string> environment = {};  // of the binary
  std::vector<std::string> launcher = {};               // words before the binary, which it runs
  std::string after_keys = {};                          // the end of the configuration
  // Of `global` too: as often as a test that waits for it needs.
  std::string intervals = "  scrape_interval: 1s\n  info_interval: 1s\n  scrape_timeout: 2s\n";
};

class ExporterRun {
 public:
  // Writes a configuration with apikeys in files, starts the binary on a
  // port of the kernel's and waits until it listens.
  ExporterRun(const simulator::Cloud& cloud, const RunOptions& options);

  [[nodiscard]] Process& process() { return *process_; }
  [[nodiscard]] std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + port_ + path;
  }
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] const std::string& config_file() const { return config_file_; }
  // /metrics, checked: a problem in it fails the test.
  [[nodiscard]] Exposition Metrics() const;
  // Waits until a collector of `key` fails for this reason.
  [[nodiscard]] bool WaitForReason(const std::string& key, const std::string& reason) const;
  // Waits until every collector of `key` has succeeded after `since`.
  [[nodiscard]] bool WaitForFreshData(
      const std::string& key,
      std::chrono::system_clock::time_point since = std::chrono::system_clock::now()) const;
  [[nodiscard]] bool WaitUntilReady() const;

 private:
  TempDir dir_;
  std::string config_file_;
  std::string port_;
  std::unique_ptr<Process> process_;
};

[[nodiscard]] std::string BinaryPath();

// The path of a configuration for `cloud`, with the apikeys in files beside it. `global`: further
// lines, indented by two.
[[nodiscard]] std::string WriteConfig(const TempDir& dir, const simulator::Cloud& cloud,
                                      const std::vector<simulator::KeyScript>& keys,
                                      const std::string& global = "");

// Demands fresh values, equal to the simulator's truth after some more use, of all these keys.
void CheckUnharmed(const ExporterRun& run, simulator::Cloud& cloud,
                   const std::vector<simulator::KeyScript>& keys);

// The exported values of one key against the simulator's truth: one line for each difference.
[[nodiscard]] std::vector<std::string> DifferencesFromTruth(const Exposition& metrics,
                                                            const std::string& key,
                                                            const simulator::KeyTruth& truth);

}  // namespace test

#pragma once
// A simulated MetaDefender Cloud on loopback: answers /v4/apikey/, /v4/apikey/limits,
// /v4/apikey/limits/status and /v4/apikey/scan-history as the real one is known to, per scripted
// key, with faults on demand, and remembers what it was asked. Owned by a test or the demo;
// thread-safe.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"
#include "simulator/endpoint.h"
#include "simulator/fault.h"
#include "simulator/key_script.h"
#include "simulator/request_log.h"
#include "simulator/truth.h"

namespace simulator {

struct CloudOptions {
  std::string listen_address = "127.0.0.1:0";
  std::optional<http::TlsSettings> tls;  // absent: plain HTTP
  std::chrono::milliseconds latency{0};  // of every answer
  unsigned max_connections = 4096;
  std::size_t max_records = 100'000;
  // The clock of windows, steady use and scans; empty: the steady clock.
  std::function<TimePoint()> now;
};

class Cloud {
 public:
  // Throws std::runtime_error when it cannot listen, or with this certificate.
  explicit Cloud(CloudOptions options = {});
  ~Cloud();
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;
  Cloud(Cloud&&) = delete;
  Cloud& operator=(Cloud&&) = delete;

  [[nodiscard]] std::uint16_t Port() const;
  [[nodiscard]] std::string BaseUrl() const;  // "http://127.0.0.1:PORT/v4", or https

  // A key of the same name is replaced, its use and faults with it.
  void AddKey(KeyScript script);
  void RemoveKey(std::string_view key);

  // All names below are of keys that were added; std::out_of_range otherwise.
  void SetFault(std::string_view key, Fault fault);  // on all endpoints
  void SetFault(std::string_view key, Endpoint endpoint, Fault fault);
  void Use(std::string_view key, std::string_view family, std::int64_t count);
  void SetThrottlingRemaining(std::string_view key, std::int64_t remaining);
  // Some use of random families of random keys, the same for the same seed and keys.
  void Traffic(std::uint64_t seed, int calls);

  [[nodiscard]] KeyTruth Truth(std::string_view key) const;  // of one moment
  [[nodiscard]] ScanTruth TruthOfScans(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> KeyNames() const;  // sorted

  [[nodiscard]] std::vector<RequestRecord> Requests() const;  // in the order of arrival
  [[nodiscard]] std::vector<RequestRecord> RequestsOf(std::string_view key) const;
  [[nodiscard]] std::size_t PeakConcurrency() const;
  void ForgetRequests();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace simulator

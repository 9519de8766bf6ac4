#pragma once
// One apikey as the simulated service holds it: its script, its use, its faults, and the replica
// that answers in its place now and then. Pure but for its own state; the caller serializes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.h"
#include "simulator/endpoint.h"
#include "simulator/fault.h"
#include "simulator/key_script.h"
#include "simulator/scan_history.h"
#include "simulator/truth.h"
#include "simulator/usage.h"

namespace simulator {

class Account {
 public:
  // `wall`: what the clock of the service's machine shows at `now`, but for its skew.
  Account(KeyScript script, TimePoint now, SystemTime wall);

  [[nodiscard]] const KeyScript& Script() const { return script_; }
  [[nodiscard]] Fault& FaultOn(Endpoint endpoint) {
    return faults_.at(static_cast<std::size_t>(endpoint));
  }
  void SetThrottlingRemaining(std::int64_t remaining) { script_.throttling_remaining = remaining; }
  // std::out_of_range for an unknown family.
  void Use(std::string_view family, std::int64_t count, TimePoint now);

  [[nodiscard]] KeyTruth Truth(TimePoint now);
  [[nodiscard]] ScanTruth TruthOfScans(TimePoint now);
  // `query` as sent. What is sent to the client: the truth, or less of it.
  [[nodiscard]] http::Response Answer(Endpoint endpoint, std::string_view query, TimePoint now);

 private:
  [[nodiscard]] http::Response TrueAnswer(Endpoint endpoint, std::string_view query, TimePoint now);
  [[nodiscard]] SystemTime ServiceTime(TimePoint now) const;
  [[nodiscard]] KeyTruth TruthOfReplica(Endpoint endpoint, TimePoint now);
  void AnnounceWindow(const KeyTruth& truth, TimePoint now, http::Response& response);

  KeyScript script_;
  TimePoint added_;
  SystemTime added_wall_;
  std::map<std::string, Usage> usage_;
  ScanHistory scans_;
  std::array<Fault, kEndpointCount> faults_;
  std::array<std::uint64_t, kEndpointCount> answers_{};
  std::size_t announced_ = 0;                        // families so far
  std::deque<std::pair<TimePoint, KeyTruth>> past_;  // for the replica that lags
};

}  // namespace simulator

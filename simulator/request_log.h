#pragma once
// What the simulated service was asked. Plain state of a Cloud, which serializes.

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "http/message.h"
#include "simulator/usage.h"

namespace simulator {

struct RequestRecord {
  TimePoint time;
  std::string method;
  std::string path;
  std::string query;
  std::string key;  // the script's name; empty: no apikey, or an unknown one
  std::string user_agent;
  // All of them, as sent, the apikey too: for a test's eyes only.
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::optional<std::string> Header(std::string_view name) const;
};

class RequestLog {
 public:
  // The newest `capacity` records are kept.
  explicit RequestLog(std::size_t capacity) : capacity_(capacity) {}

  // `answered`: when the answer is sent.
  void Add(RequestRecord record, TimePoint answered);
  void Clear();

  [[nodiscard]] std::vector<RequestRecord> Records() const;
  // The most requests that waited for their answers at one time.
  [[nodiscard]] std::size_t PeakConcurrency() const { return peak_concurrency_; }

 private:
  std::size_t capacity_;
  std::deque<RequestRecord> records_;
  std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>> in_flight_until_;
  std::size_t peak_concurrency_ = 0;
};

}  // namespace simulator

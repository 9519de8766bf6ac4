#include "simulator/request_log.h"

#include <algorithm>

namespace simulator {

std::optional<std::string> RequestRecord::Header(std::string_view name) const {
  http::Request request;
  request.headers = headers;
  const auto value = request.Header(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

void RequestLog::Add(RequestRecord record, TimePoint answered) {
  while (!in_flight_until_.empty() && in_flight_until_.top() <= record.time) {
    in_flight_until_.pop();
  }
  in_flight_until_.push(answered);
  peak_concurrency_ = std::max(peak_concurrency_, in_flight_until_.size());
  records_.push_back(std::move(record));
  if (records_.size() > capacity_) records_.pop_front();
}

void RequestLog::Clear() {
  records_.clear();
  peak_concurrency_ = 0;
}

std::vector<RequestRecord> RequestLog::Records() const {
  return {records_.begin(), records_.end()};
}

}  // namespace simulator

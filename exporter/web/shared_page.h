#pragma once
// A page that is the same for everybody: made by the worker at most once a second, shared by all
// who come in that second or while it is made. The HTTP thread never makes one. Thread-safe. The
// worker must be stopped before this object goes.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/reply.h"
#include "http/worker.h"
#include "scrape/mutex.h"
#include "scrape/schedule/steady_time.h"

namespace exporter {

class SharedPage {
 public:
  // `make` is called by the worker, and may throw: 500. `worker` must outlive this object.
  SharedPage(std::function<http::Response()> make, std::function<scrape::SteadyTime()> clock,
             http::Worker& worker)
      : make_(std::move(make)), clock_(std::move(clock)), worker_(worker) {}

  [[nodiscard]] http::Reply Answer();
  // What was made, or is being made, is not kept: there is news.
  void Forget();

  // A longer body is not kept when it has been sent.
  static constexpr std::size_t kMaxKeptBytes = std::size_t{4} * 1024 * 1024;

 private:
  void Wait(http::Responder responder);
  void Make();
  [[nodiscard]] std::vector<http::Responder> TakeWaiting();
  [[nodiscard]] std::int64_t Second() const;

  const std::function<http::Response()> make_;
  const std::function<scrape::SteadyTime()> clock_;
  http::Worker& worker_;
  scrape::Mutex mutex_;
  std::uint64_t forgotten_ GUARDED_BY(mutex_) = 0;  // how often
  std::int64_t made_in_ GUARDED_BY(mutex_) = 0;     // this second of the steady clock
  std::optional<http::Response> made_ GUARDED_BY(mutex_);
  // The first one posts the work; whoever comes until it is done shares it.
  std::vector<http::Responder> waiting_ GUARDED_BY(mutex_);
};

}  // namespace exporter

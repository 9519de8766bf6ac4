#pragma once
// HTTPS requests to the service, many at once, on one libcurl multi handle.
// Owned and used by the scrape thread; only Wake() may be called from other threads.
//
// Redirects are not followed, and a proxy of the environment is used where the key says so only:
// the apikey header would go along. Every proxy is asked for a tunnel (CONNECT), which holds no
// header of ours. Only https, or http where the URL says so (the configuration allows it for
// loopback hosts). Bodies are cut off at max_body_bytes of decompressed text, those of refusals at
// 1 MiB. Waiting for a place is the scheduler's affair: a request starts at once, its timeout too.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scrape/api/http_answer.h"
#include "scrape/api/scrape_error.h"
#include "scrape/connection.h"
#include "scrape/schedule/schedule.h"
#include "scrape/secret.h"

namespace scrape {

// Of an answer that is one object of numbers and words.
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20;

struct ClientRequest {
  std::string url;
  const Secret& apikey;               // only read during Start
  std::chrono::milliseconds timeout;  // of the whole request, name resolution and connect included
  std::shared_ptr<const Connection> connection;
  // When a reused connection ends without an answer: the service closed it while the request was on
  // its way, or swallowed the request; or when it refused an HTTP/2 stream.
  bool may_repeat;
  std::size_t max_body_bytes = kMaxBodyBytes;
};

struct Completion {
  Task task;
  SteadyTime started;
  std::chrono::duration<double> duration{};
  int requests = 0;  // sent: 0 without a connection, more than 1 when repeated
  // An error here is one of the network or of the limits above; any HTTP status is a value.
  tl::expected<HttpAnswer, ScrapeError> answer;
};

class Client {
 public:
  Client(std::string user_agent, int max_connections);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  Client(Client&&) = delete;
  Client& operator=(Client&&) = delete;

  void SetMaxConnections(int max_connections);
  // One request per task at a time.
  void Start(Task task, const ClientRequest& request);
  // Gives the request up; it does not complete any more.
  void Cancel(Task task);
  // Moves all requests on, waiting at most `wait` for something to happen.
  [[nodiscard]] std::vector<Completion> Poll(std::chrono::milliseconds wait);
  // Ends a Poll that waits. Any thread.
  void Wake();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrape

#pragma once
// The exporter's two doors: the server of the pages with TLS, users and headers as the web
// configuration wants them, and the plain one of the health paths, which nothing that happens at
// the first one reaches. Owns both servers and the thread that checks passwords. Start, Apply and
// Stop belong to one controlling thread.

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "exporter/config/web_config.h"
#include "exporter/metrics/http_request_counters.h"
#include "exporter/web/guard.h"
#include "http/file_descriptor.h"
#include "http/server.h"
#include "http/worker.h"

namespace exporter {

struct FrontOptions {
  std::vector<std::string> listen_addresses;
  std::vector<http::FileDescriptor> sockets = {};  // as http::ServerOptions::sockets, of the pages
  unsigned max_connections = 512;
  std::string probe_listen_address;  // empty: there is no second server
  // As http::ServerOptions::on_problem, for both.
  std::function<void(std::string_view)> on_problem;
};

class Front {
 public:
  // `pages` answers at the first server, `probes` at the second; `requests` counts what the guard
  // refuses and must outlive this object. The error is one line.
  [[nodiscard]] static tl::expected<std::unique_ptr<Front>, std::string> Start(
      FrontOptions options, const WebConfig& config, http::Handler pages, http::Handler probes,
      HttpRequestCounters& requests);
  ~Front();  // as Stop(), to the end
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;
  Front(Front&&) = delete;
  Front& operator=(Front&&) = delete;

  // The addresses really listened on, as http::Server has them; none without a second server.
  [[nodiscard]] const std::vector<std::string>& Addresses() const;
  [[nodiscard]] std::vector<std::string> ProbeAddresses() const;

  // Certificates, users and headers from now on; connections stay. Refused as a whole, with one
  // line, when TLS would be switched on or off, or cannot be had.
  [[nodiscard]] tl::expected<void, std::string> Apply(const WebConfig& config);
  // The health paths are answered to the last. False: a password is still being computed, which by
  // its cost may take minutes; the process is to end without waiting for that, as the destructor
  // would. Idempotent.
  [[nodiscard]] bool Stop();

 private:
  Front(http::Handler pages, const FrontOptions& options, HttpRequestCounters& requests);

  http::Worker passwords_;  // of its own: pages are not to wait for bcrypt
  Guard guard_;
  bool has_tls_ = false;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> probe_server_;
  std::future<void> passwords_stopped_;
};

}  // namespace exporter

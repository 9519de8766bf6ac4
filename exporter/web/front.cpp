#include "exporter/web/front.h"

#include <chrono>
#include <cstddef>
#include <utility>

namespace exporter {
namespace {

// Kubelets and load balancers ask there, a few of them and each for a moment.
constexpr unsigned kMaxProbeConnections = 64;
constexpr std::size_t kMaxPasswords = 32;  // that wait to be computed
constexpr std::chrono::milliseconds kPasswordGrace{300};

using Credentials = std::shared_ptr<const http::TlsCredentials>;

// Null without TLS.
tl::expected<Credentials, std::string> CredentialsOf(const WebConfig& config) {
  if (!config.tls) return Credentials();
  return http::TlsCredentials::Create(*config.tls).map_error([](const std::string& error) {
    return "TLS: " + error;
  });
}

std::shared_ptr<const WebSettings> SettingsOf(const WebConfig& config) {
  return std::make_shared<const WebSettings>(
      WebSettings{.headers = config.headers, .users = config.users});
}

}  // namespace

Front::Front(http::Handler pages, const FrontOptions& options, HttpRequestCounters& requests)
    : passwords_(kMaxPasswords, options.on_problem),
      guard_(
          std::move(pages),
          [this](std::function<void()> work) { return passwords_.Post(std::move(work)); },
          requests) {}

tl::expected<std::unique_ptr<Front>, std::string> Front::Start(FrontOptions options,
                                                               const WebConfig& config,
                                                               http::Handler pages,
                                                               http::Handler probes,
                                                               HttpRequestCounters& requests) {
  auto credentials = CredentialsOf(config);
  if (!credentials) return tl::make_unexpected(credentials.error());
  std::unique_ptr<Front> front(new Front(std::move(pages), options, requests));
  front->guard_.Replace(SettingsOf(config));
  front->has_tls_ = *credentials != nullptr;

  http::ServerOptions server;
  server.listen_addresses = std::move(options.listen_addresses);
  server.sockets = std::move(options.sockets);
  server.tls = std::move(*credentials);
  server.max_connections = options.max_connections;
  server.on_problem = options.on_problem;
  auto started = http::Server::Start(
      std::move(server),
      [&guard = front->guard_](const http::Request& request) { return guard.Handle(request); });
  if (!started) return tl::make_unexpected(started.error());
  front->server_ = std::move(*started);
  if (options.probe_listen_address.empty()) return front;

  http::ServerOptions probe_server;
  probe_server.listen_addresses = {std::move(options.probe_listen_address)};
  probe_server.max_connections = kMaxProbeConnections;
  probe_server.on_problem = std::move(options.on_problem);
  auto probe_started = http::Server::Start(std::move(probe_server), std::move(probes));
  if (!probe_started) return tl::make_unexpected(probe_started.error());
  front->probe_server_ = std::move(*probe_started);
  return front;
}

Front::~Front() { static_cast<void>(Stop()); }

const std::vector<std::string>& Front::Addresses() const { return server_->Addresses(); }

std::vector<std::string> Front::ProbeAddresses() const {
  return probe_server_ == nullptr ? std::vector<std::string>() : probe_server_->Addresses();
}

tl::expected<void, std::string> Front::Apply(const WebConfig& config) {
  if (config.tls.has_value() != has_tls_) {
    return tl::make_unexpected(
        std::string(has_tls_ ? "TLS cannot be switched off" : "TLS cannot be switched on") +
        " while it runs: restart for it");
  }
  auto credentials = CredentialsOf(config);
  if (!credentials) return tl::make_unexpected(credentials.error());
  if (*credentials != nullptr) server_->ReplaceTls(std::move(*credentials));
  guard_.Replace(SettingsOf(config));
  return {};
}

bool Front::Stop() {
  if (server_ != nullptr) server_->Stop();
  if (!passwords_stopped_.valid()) {
    // Its destructor waits, so that of this object does.
    passwords_stopped_ = std::async(std::launch::async, [this] { passwords_.Stop(); });
  }
  const bool whole = passwords_stopped_.wait_for(kPasswordGrace) == std::future_status::ready;
  if (probe_server_ != nullptr) probe_server_->Stop();
  return whole;
}

}  // namespace exporter

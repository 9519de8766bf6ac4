#include "simulator/cloud.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "simulator/account.h"
#include "simulator/bodies.h"

namespace simulator {
namespace {

constexpr std::string_view kBasePath = "/v4";

std::optional<Endpoint> EndpointOf(std::string_view path) {
  if (!path.starts_with(kBasePath)) return std::nullopt;
  path.remove_prefix(kBasePath.size());
  if (path == "/apikey/" || path == "/apikey") return Endpoint::kInfo;
  if (path == "/apikey/limits") return Endpoint::kLimits;
  if (path == "/apikey/limits/status") return Endpoint::kStatus;
  if (path == "/apikey/scan-history") return Endpoint::kHistory;
  return std::nullopt;
}

http::Response Json(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

}  // namespace

class Cloud::Impl {
 public:
  explicit Impl(CloudOptions options) : options_(std::move(options)), log_(options_.max_records) {
    http::ServerOptions server_options;
    server_options.listen_addresses = {options_.listen_address};
    server_options.max_connections = options_.max_connections;
    if (options_.tls) {
      auto credentials = http::TlsCredentials::Create(*options_.tls);
      if (!credentials) throw std::runtime_error("simulator: " + credentials.error());
      server_options.tls = std::move(*credentials);
    }
    auto server = http::Server::Start(std::move(server_options),
                                      [this](const auto& request) { return Answer(request); });
    if (!server) throw std::runtime_error("simulator: " + server.error());
    server_ = std::move(*server);
  }

  [[nodiscard]] std::uint16_t Port() const { return server_->Ports().front(); }
  [[nodiscard]] std::string_view Scheme() const { return options_.tls ? "https" : "http"; }

  void AddKey(KeyScript script) {
    const std::lock_guard lock(mutex_);
    Remove(script.name);
    names_by_apikey_[script.apikey] = script.name;
    std::string name = script.name;
    accounts_.insert_or_assign(std::move(name), Account(std::move(script), Now(), Wall()));
  }

  void RemoveKey(std::string_view key) {
    const std::lock_guard lock(mutex_);
    Remove(key);
  }

  // Calls `function` with the account, alone.
  template <typename Function>
  auto With(std::string_view key, Function function) {
    const std::lock_guard lock(mutex_);
    return function(accounts_.at(std::string(key)), Now());
  }

  void Traffic(std::uint64_t seed, int calls) {
    // Not the library's distributions: they differ between implementations.
    std::mt19937_64 random(seed);
    const std::lock_guard lock(mutex_);
    if (accounts_.empty()) return;
    for (int i = 0; i < calls; ++i) {
      Account& account = std::next(accounts_.begin(), Below(random, accounts_.size()))->second;
      const auto& families = account.Script().families;
      if (families.empty()) continue;
      const auto& family = families[static_cast<std::size_t>(Below(random, families.size()))];
      account.Use(family.name, 1 + Below(random, 20), Now());
    }
  }

  [[nodiscard]] std::vector<std::string> KeyNames() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& account : accounts_) names.push_back(account.first);
    return names;
  }

  [[nodiscard]] std::vector<RequestRecord> Requests() const {
    const std::lock_guard lock(mutex_);
    return log_.Records();
  }

  [[nodiscard]] std::size_t PeakConcurrency() const {
    const std::lock_guard lock(mutex_);
    return log_.PeakConcurrency();
  }

  void ForgetRequests() {
    const std::lock_guard lock(mutex_);
    log_.Clear();
  }

 private:
  static std::int64_t Below(std::mt19937_64& random, std::size_t bound) {
    return static_cast<std::int64_t>(random() % bound);
  }

  [[nodiscard]] TimePoint Now() const {
    return options_.now ? options_.now() : std::chrono::steady_clock::now();
  }

  // Of the machine that the service is on.
  [[nodiscard]] static SystemTime Wall() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  void Remove(std::string_view key) {
    const auto found = accounts_.find(std::string(key));
    if (found == accounts_.end()) return;
    names_by_apikey_.erase(found->second.Script().apikey);
    accounts_.erase(found);
  }

  http::Response Answer(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto apikey = request.Header("apikey");
    const auto known =
        apikey ? names_by_apikey_.find(std::string(*apikey)) : names_by_apikey_.end();
    std::string name = known == names_by_apikey_.end() ? std::string() : known->second;
    http::Response response = AnswerTo(request, apikey, name);
    response.delay += options_.latency;
    const TimePoint now = std::chrono::steady_clock::now();
    log_.Add({now, request.method, request.path, request.query, std::move(name),
              std::string(request.Header("user-agent").value_or("")), request.headers},
             now + response.delay);
    return response;
  }

  http::Response AnswerTo(const http::Request& request,
                          const std::optional<std::string_view>& apikey, const std::string& name) {
    const auto endpoint = EndpointOf(request.path);
    const bool reading = request.method == "GET" || request.method == "HEAD";
    if (!endpoint || !reading) return Json(404, ErrorBody(404000, "Endpoint not found"));
    if (!apikey || apikey->empty()) return Json(400, ErrorBody(400165, "No apikey specified"));
    if (name.empty()) return Json(401, ErrorBody(401006, "Invalid API key"));
    return accounts_.at(name).Answer(*endpoint, request.query, Now());
  }

  const CloudOptions options_;
  mutable std::mutex mutex_;  // guards all below; Remove and AnswerTo are called with it
  std::map<std::string, Account> accounts_;
  std::map<std::string, std::string> names_by_apikey_;
  RequestLog log_;
  std::unique_ptr<http::Server> server_;  // last: its thread uses the rest
};

Cloud::Cloud(CloudOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Cloud::~Cloud() = default;

std::uint16_t Cloud::Port() const { return impl_->Port(); }
std::string Cloud::BaseUrl() const {
  return fmt::format("{}://127.0.0.1:{}{}", impl_->Scheme(), Port(), kBasePath);
}

void Cloud::AddKey(KeyScript script) { impl_->AddKey(std::move(script)); }
void Cloud::RemoveKey(std::string_view key) { impl_->RemoveKey(key); }

void Cloud::SetFault(std::string_view key, Fault fault) {
  impl_->With(key, [&fault](Account& account, TimePoint /*now*/) {
    for (const Endpoint endpoint : kEndpoints) account.FaultOn(endpoint) = fault;
  });
}

void Cloud::SetFault(std::string_view key, Endpoint endpoint, Fault fault) {
  impl_->With(key, [&](Account& account, TimePoint /*now*/) {
    account.FaultOn(endpoint) = std::move(fault);
  });
}

void Cloud::Use(std::string_view key, std::string_view family, std::int64_t count) {
  impl_->With(key, [&](Account& account, TimePoint now) { account.Use(family, count, now); });
}

void Cloud::SetThrottlingRemaining(std::string_view key, std::int64_t remaining) {
  impl_->With(key, [remaining](Account& account, TimePoint /*now*/) {
    account.SetThrottlingRemaining(remaining);
  });
}

void Cloud::Traffic(std::uint64_t seed, int calls) { impl_->Traffic(seed, calls); }

KeyTruth Cloud::Truth(std::string_view key) const {
  return impl_->With(key, [](Account& account, TimePoint now) { return account.Truth(now); });
}

ScanTruth Cloud::TruthOfScans(std::string_view key) const {
  return impl_->With(key,
                     [](Account& account, TimePoint now) { return account.TruthOfScans(now); });
}

std::vector<std::string> Cloud::KeyNames() const { return impl_->KeyNames(); }
std::vector<RequestRecord> Cloud::Requests() const { return impl_->Requests(); }

std::vector<RequestRecord> Cloud::RequestsOf(std::string_view key) const {
  std::vector<RequestRecord> records = impl_->Requests();
  std::erase_if(records, [key](const RequestRecord& record) { return record.key != key; });
  return records;
}

std::size_t Cloud::PeakConcurrency() const { return impl_->PeakConcurrency(); }
void Cloud::ForgetRequests() { impl_->ForgetRequests(); }

}  // namespace simulator

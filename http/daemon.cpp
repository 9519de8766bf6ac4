#include "http/daemon.h"

#include <fmt/format.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "http/answer.h"
#include "http/exchange.h"
#include "http/plain_text.h"
#include "http/tls_connection.h"

namespace http {

// Once it runs, libmicrohttpd complains of its clients only, who would fill the log at will.
struct StartLog {
  std::string text;
  bool starting = true;
};

namespace {

// Line and headers of a request, and the headers of its answer, must fit into this.
constexpr std::size_t kConnectionMemory = 32768;

TimePoint Now() { return std::chrono::steady_clock::now(); }

int SocketOf(MHD_Connection* connection) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == nullptr ? -1 : info->connect_fd;
}

// Right behind this callback libmicrohttpd makes a table of the query's parameters, in the memory
// of the connection, which thousands of them would use up. Nobody asks for that table.
void HideQuery(const char* target) {
  const char* const query = std::strchr(target, '?');
  // The buffer is libmicrohttpd's own and not constant.
  if (query != nullptr) const_cast<char*>(query)[1] = '\0';
}

// Paths and queries are handed on as they were sent.
std::size_t KeepEscapes(void* /*cls*/, MHD_Connection* /*connection*/, char* text) noexcept {
  return std::char_traits<char>::length(text);
}

[[gnu::format(printf, 2, 0)]] void Log(void* cls, const char* format, va_list arguments) noexcept {
  auto& log = *static_cast<StartLog*>(cls);
  if (!log.starting) return;
  try {
    std::array<char, 256> line = {};
    if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
    std::string_view text = line.data();
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (!log.text.empty()) log.text += "; ";
    log.text += text;
  } catch (...) {
    log.text.clear();
  }
}

Response Stopping() { return PlainText(MHD_HTTP_SERVICE_UNAVAILABLE, "stopping\n"); }

}  // namespace

// What libmicrohttpd calls. No exception may get into it.
struct Daemon::Callbacks {
  // Its own credentials have no certificate: a connection that did not get ours comes to nothing.
  static int OnCertificate(gnutls_session_t /*session*/, const gnutls_datum_t* /*authorities*/,
                           int /*authority_count*/, const gnutls_pk_algorithm_t* /*algorithms*/,
                           int /*algorithm_count*/, gnutls_pcert_st** /*chain*/, unsigned* /*size*/,
                           gnutls_privkey_t* /*key*/) noexcept {
    return -1;
  }

  static void BeginTls(Daemon& self, MHD_Connection* connection, void** context) {
    const MHD_ConnectionInfo* const info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == nullptr || info->tls_session == nullptr) return;
    *context = TlsConnection::Begin(static_cast<gnutls_session_t>(info->tls_session),
                                    SocketOf(connection), self.Tls(), self.tls_bytes_)
                   .release();
  }

  static void OnConnection(void* cls, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code) noexcept {
    auto& self = *static_cast<Daemon*>(cls);
    try {
      if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        self.table_.Started(SocketOf(connection), Now());
        BeginTls(self, connection, context);
      } else {
        self.table_.Closed(SocketOf(connection));
        const std::unique_ptr<TlsConnection> ended(
            static_cast<TlsConnection*>(std::exchange(*context, nullptr)));
      }
    } catch (const std::exception& error) {
      self.on_problem_(error.what());
    }
  }

  static void* OnRequestLine(void* cls, const char* target, MHD_Connection* connection) noexcept {
    try {
      auto exchange = std::make_unique<Exchange>(target);
      HideQuery(target);
      static_cast<Daemon*>(cls)->table_.Receiving(SocketOf(connection), Now());
      return exchange.release();
    } catch (...) {
      return nullptr;  // OnRequest closes the connection
    }
  }

  static MHD_Result OnRequest(void* cls, MHD_Connection* connection, const char* /*url*/,
                              const char* method, const char* version, const char* /*upload*/,
                              std::size_t* upload_size, void** context) noexcept {
    if (*context == nullptr) return MHD_NO;
    try {
      return Serve(*static_cast<Daemon*>(cls), connection, method, version, upload_size,
                   *static_cast<Exchange*>(*context));
    } catch (...) {
      return MHD_NO;
    }
  }

  static void OnCompleted(void* cls, MHD_Connection* connection, void** context,
                          MHD_RequestTerminationCode /*code*/) noexcept {
    const std::unique_ptr<Exchange> ended(static_cast<Exchange*>(std::exchange(*context, nullptr)));
    static_cast<Daemon*>(cls)->table_.Idle(SocketOf(connection), Now());
  }

  // Called for the headers, for every piece of a body, for the end of the request, and again when a
  // held request was resumed.
  static MHD_Result Serve(Daemon& self, MHD_Connection* connection, const char* method,
                          const char* version, std::size_t* upload_size, Exchange& exchange) {
    if (exchange.held) return Answer(self, connection, *exchange.held);
    if (exchange.TakeHeaders()) {
      if (Exchange::HasDoubtfulEnd(connection)) {
        Response refusal = PlainText(MHD_HTTP_BAD_REQUEST, "bad length or coding of the body\n");
        refusal.headers.emplace_back("Connection", "close");
        return Answer(self, connection, refusal);
      }
      if (!Exchange::AnnouncesTooMuch(connection)) return MHD_YES;
      return Answer(self, connection,
                    PlainText(MHD_HTTP_CONTENT_TOO_LARGE, "request body too large\n"));
    }
    if (*upload_size > 0)
      return exchange.AddBody(std::exchange(*upload_size, 0)) ? MHD_YES : MHD_NO;
    const std::optional<Request> request = exchange.Read(connection, method, version);
    Reply reply = PlainText(MHD_HTTP_BAD_REQUEST, "bad request target\n");
    if (request) reply = Ask(self, *request);
    if (const auto* const deferred = std::get_if<Deferred>(&reply)) {
      Defer(self, connection, exchange, *deferred);
      return MHD_YES;
    }
    auto& response = std::get<Response>(reply);
    if (response.delay.count() <= 0) return Answer(self, connection, response);
    const TimePoint due = Now() + response.delay;
    exchange.held = std::move(response);
    static_cast<void>(Hold(self, connection, exchange, due));
    return MHD_YES;
  }

  static Reply Ask(Daemon& self, const Request& request) {
    Reply reply = PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error\n");
    Guarded(self, [&] { reply = self.handler_(request); });
    return reply;
  }

  static void Defer(Daemon& self, MHD_Connection* connection, Exchange& exchange,
                    const Deferred& deferred) {
    const auto id = Hold(self, connection, exchange, TimePoint::max());
    if (!id) return;
    Guarded(self, [&] {
      deferred.start(Responder([answers = self.answers_, request = *id](Response response) {
        answers->Push(request, std::move(response));
      }));
    });
  }

  // Whatever of the handler's runs on this thread.
  template <typename Function>
  static void Guarded(Daemon& self, Function function) {
    std::string problem;
    try {
      return function();
    } catch (const std::exception& error) {
      problem = error.what();
    } catch (...) {
      problem = "not a std::exception";
    }
    self.on_problem_(fmt::format("an HTTP request failed: {}", problem));
  }

  static std::optional<RequestId> Hold(Daemon& self, MHD_Connection* connection, Exchange& exchange,
                                       TimePoint due) {
    const int fd = SocketOf(connection);
    self.table_.Held(fd, Now());
    MHD_suspend_connection(connection);
    const auto id =
        self.held_.Hold({.connection = connection, .exchange = &exchange, .fd = fd}, due);
    if (id) return id;
    exchange.held = Stopping();
    MHD_resume_connection(connection);
    return std::nullopt;
  }

  static MHD_Result Answer(Daemon& self, MHD_Connection* connection, const Response& response) {
    self.table_.Answering(SocketOf(connection), Now(), response.body.get());
    if (QueueAnswer(connection, response)) return MHD_YES;
    if (response.ending != Response::Ending::kWhole) return MHD_NO;
    self.on_problem_(
        fmt::format("an HTTP answer with status {} could not be sent", response.status));
    const Response error = PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error\n");
    return QueueAnswer(connection, error) ? MHD_YES : MHD_NO;
  }
};

Daemon::Daemon(Handler handler, std::shared_ptr<const TlsCredentials> tls,
               std::function<void(std::string_view)> on_problem, ConnectionTable& table,
               HeldRequests& held, std::shared_ptr<AnswerQueue> answers)
    : handler_(std::move(handler)),
      uses_tls_(tls != nullptr),
      tls_(std::move(tls)),
      on_problem_(std::move(on_problem)),
      table_(table),
      held_(held),
      answers_(std::move(answers)),
      start_log_(std::make_unique<StartLog>()) {}

Daemon::~Daemon() { Stop(); }

tl::expected<void, std::string> Daemon::Start() {
  std::vector<MHD_OptionItem> options = {
      // ConnectionTable keeps the limit and all deadlines. libmicrohttpd's own limit must not be
      // reached: 0.9.75 then leaves a mutex locked and hangs at the next connection.
      MHD_OptionItem{MHD_OPTION_CONNECTION_LIMIT, std::numeric_limits<int>::max(), nullptr},
      MHD_OptionItem{MHD_OPTION_CONNECTION_TIMEOUT, 0, nullptr},
      MHD_OptionItem{MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<intptr_t>(kConnectionMemory),
                     nullptr}};
  unsigned flags =
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
  if (uses_tls_) {
    flags |= MHD_USE_TLS;
    options.push_back(
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, reinterpret_cast<void*>(&Callbacks::OnCertificate)});
  }
  options.push_back({MHD_OPTION_END, 0, nullptr});
  daemon_ = MHD_start_daemon(
      flags, 0, nullptr, nullptr, &Callbacks::OnRequest, this, MHD_OPTION_EXTERNAL_LOGGER, &Log,
      start_log_.get(), MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::OnConnection, this,
      MHD_OPTION_URI_LOG_CALLBACK, &Callbacks::OnRequestLine, this, MHD_OPTION_NOTIFY_COMPLETED,
      &Callbacks::OnCompleted, this, MHD_OPTION_UNESCAPE_CALLBACK, &KeepEscapes, this,
      MHD_OPTION_ARRAY, options.data(), MHD_OPTION_END);
  start_log_->starting = false;
  const MHD_DaemonInfo* const info =
      daemon_ == nullptr ? nullptr : MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) {
    return tl::make_unexpected(start_log_->text.empty() ? "libmicrohttpd did not start"
                                                        : start_log_->text);
  }
  descriptor_ = info->epoll_fd;
  return {};
}

void Daemon::ReplaceTls(std::shared_ptr<const TlsCredentials> credentials) {
  const std::lock_guard lock(tls_mutex_);
  if (uses_tls_ && credentials != nullptr) tls_.swap(credentials);
}

std::shared_ptr<const TlsCredentials> Daemon::Tls() const {
  const std::lock_guard lock(tls_mutex_);
  return tls_;
}

void Daemon::Add(int fd, const sockaddr* address, socklen_t size) {
  // A failure is told by closing the socket.
  static_cast<void>(MHD_add_connection(daemon_, fd, address, size));
}

void Daemon::Deliver(AnswerQueue::Entry answer, TimePoint now) {
  Exchange* const exchange = held_.SetDue(answer.request, now + answer.response.delay);
  if (exchange != nullptr) exchange->held = std::move(answer.response);
}

void Daemon::Resume(const HeldRequest& request, Outcome outcome) {
  if (outcome == Outcome::kClientGone) {
    request.exchange->held.emplace().ending = Response::Ending::kNoAnswer;
  } else if (outcome == Outcome::kStopping) {
    request.exchange->held = Stopping();
  }
  MHD_resume_connection(request.connection);
}

std::optional<std::chrono::milliseconds> Daemon::Timeout() const {
  MHD_UNSIGNED_LONG_LONG timeout = 0;
  if (MHD_get_timeout(daemon_, &timeout) != MHD_YES) return std::nullopt;
  return std::chrono::milliseconds(timeout);
}

void Daemon::Run() { static_cast<void>(MHD_run(daemon_)); }

void Daemon::Stop() {
  if (daemon_ != nullptr) MHD_stop_daemon(std::exchange(daemon_, nullptr));
}

}  // namespace http

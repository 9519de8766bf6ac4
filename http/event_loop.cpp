#include "http/event_loop.h"

#include <fmt/format.h>
#include <microhttpd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <optional>
#include <utility>

#include "http/answer.h"

namespace http {

// One request and its answer, from the request line until libmicrohttpd reports its end. Belongs to
// the event thread, while it is held to whoever took it out of HeldRequests.
struct Exchange {
  std::string target;  // as sent
  bool has_headers = false;
  std::size_t body_bytes = 0;
  std::optional<Response> response;  // made, but held back
};

namespace {

// Line and headers of a request, and the headers of its answer, must fit into this.
constexpr std::size_t kConnectionMemory = 32768;
// Nothing that is served takes a body.
constexpr std::size_t kMaxRequestBody = 65536;

TimePoint Now() { return std::chrono::steady_clock::now(); }

int SocketOf(MHD_Connection* connection) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == nullptr ? -1 : info->connect_fd;
}

// From "/path?query", or from "http://host/path?query", which a server has to take as well. False:
// of neither form.
bool SplitTarget(std::string_view target, Request& request) {
  const std::size_t scheme_end = target.find("://");
  if (!target.starts_with('/') && scheme_end != std::string_view::npos) {
    const std::size_t path = target.find_first_of("/?", scheme_end + 3);
    target = path == std::string_view::npos ? "/" : target.substr(path);
    if (target.starts_with('?')) request.path = "/";
  }
  const std::size_t question_mark = target.find('?');
  request.path += target.substr(0, question_mark);
  if (question_mark != std::string_view::npos) request.query = target.substr(question_mark + 1);
  return request.path.starts_with('/');
}

// libmicrohttpd leaves the white space behind a value.
std::string_view Trimmed(std::string_view value) {
  const std::size_t last = value.find_last_not_of(" \t");
  return last == std::string_view::npos ? std::string_view() : value.substr(0, last + 1);
}

MHD_Result AddHeader(void* cls, MHD_ValueKind /*kind*/, const char* name, std::size_t name_size,
                     const char* value, std::size_t value_size) noexcept {
  try {
    static_cast<Request*>(cls)->headers.emplace_back(
        std::string(name, name_size),
        value == nullptr ? std::string() : std::string(Trimmed({value, value_size})));
    return MHD_YES;
  } catch (...) {
    return MHD_NO;
  }
}

bool AnnouncesTooMuch(MHD_Connection* connection) {
  const char* const length =
      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (length == nullptr) return false;
  const std::string_view text = length;
  std::size_t bytes = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return parsed.ec != std::errc() || bytes > kMaxRequestBody;
}

}  // namespace

// The callbacks run on the event thread and let no exception into libmicrohttpd.
class EventLoop::Daemon {
 public:
  Daemon(Handler handler, std::function<void(std::string_view)> on_problem, ConnectionTable& table,
         HeldRequests& held)
      : handler_(std::move(handler)),
        on_problem_(std::move(on_problem)),
        table_(table),
        held_(held) {}

  tl::expected<void, std::string> Start(unsigned max_connections);
  void Stop();
  [[nodiscard]] MHD_Daemon* Get() const { return daemon_; }

 private:
  static void Log(void* self, const char* format, va_list arguments) noexcept;
  static void OnConnection(void* self, MHD_Connection* connection, void** context,
                           MHD_ConnectionNotificationCode code) noexcept;
  static void* OnRequestLine(void* self, const char* target, MHD_Connection* connection) noexcept;
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* url,
                              const char* method, const char* version, const char* upload,
                              std::size_t* upload_size, void** context) noexcept;
  static void OnCompleted(void* self, MHD_Connection* connection, void** context,
                          MHD_RequestTerminationCode code) noexcept;
  static std::size_t KeepEscapes(void* self, MHD_Connection* connection, char* text) noexcept;

  MHD_Result Serve(MHD_Connection* connection, const char* method, std::size_t* upload_size,
                   Exchange& exchange);
  Response Ask(MHD_Connection* connection, const char* method, const Exchange& exchange);
  MHD_Result Hold(MHD_Connection* connection, Exchange& exchange);
  MHD_Result Answer(MHD_Connection* connection, const Response& response);

  const Handler handler_;
  const std::function<void(std::string_view)> on_problem_;
  ConnectionTable& table_;
  HeldRequests& held_;
  MHD_Daemon* daemon_ = nullptr;
  std::string start_log_;  // touched by Start's thread only, while starting_
  std::atomic<bool> starting_ = false;
};

tl::expected<void, std::string> EventLoop::Daemon::Start(unsigned max_connections) {
  const auto connection_limit =
      max_connections + static_cast<unsigned>(ConnectionTable::kClosingHeadroom);
  const std::array options = {
      MHD_OptionItem{MHD_OPTION_CONNECTION_LIMIT, static_cast<intptr_t>(connection_limit), nullptr},
      // All deadlines are kept by ConnectionTable.
      MHD_OptionItem{MHD_OPTION_CONNECTION_TIMEOUT, 0, nullptr},
      MHD_OptionItem{MHD_OPTION_CONNECTION_MEMORY_LIMIT, static_cast<intptr_t>(kConnectionMemory),
                     nullptr},
      MHD_OptionItem{MHD_OPTION_END, 0, nullptr}};
  starting_ = true;
  daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC |
          MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
      0, nullptr, nullptr, &OnRequest, this, MHD_OPTION_EXTERNAL_LOGGER, &Log, this,
      MHD_OPTION_NOTIFY_CONNECTION, &OnConnection, this, MHD_OPTION_URI_LOG_CALLBACK,
      &OnRequestLine, this, MHD_OPTION_NOTIFY_COMPLETED, &OnCompleted, this,
      MHD_OPTION_UNESCAPE_CALLBACK, &KeepEscapes, this, MHD_OPTION_ARRAY, options.data(),
      MHD_OPTION_END);
  starting_ = false;
  if (daemon_ == nullptr) {
    return tl::make_unexpected(start_log_.empty() ? "libmicrohttpd did not start" : start_log_);
  }
  return {};
}

void EventLoop::Daemon::Stop() {
  if (daemon_ != nullptr) MHD_stop_daemon(std::exchange(daemon_, nullptr));
}

// Once it runs, libmicrohttpd complains of its clients only, who would fill the log at will.
void EventLoop::Daemon::Log(void* self, const char* format, va_list arguments) noexcept {
  auto& daemon = *static_cast<Daemon*>(self);
  if (!daemon.starting_) return;
  try {
    std::array<char, 256> line = {};
    if (std::vsnprintf(line.data(), line.size(), format, arguments) < 0) return;
    std::string_view text = line.data();
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (!daemon.start_log_.empty()) daemon.start_log_ += "; ";
    daemon.start_log_ += text;
  } catch (...) {
    daemon.start_log_.clear();
  }
}

void EventLoop::Daemon::OnConnection(void* self, MHD_Connection* connection, void** /*context*/,
                                     MHD_ConnectionNotificationCode code) noexcept {
  auto& daemon = *static_cast<Daemon*>(self);
  try {
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
      daemon.table_.Started(SocketOf(connection), Now());
    } else {
      daemon.table_.Closed(SocketOf(connection));
    }
  } catch (const std::exception& error) {
    daemon.on_problem_(error.what());
  }
}

void* EventLoop::Daemon::OnRequestLine(void* self, const char* target,
                                       MHD_Connection* connection) noexcept {
  auto& daemon = *static_cast<Daemon*>(self);
  try {
    auto exchange = std::make_unique<Exchange>();
    exchange->target = target;
    daemon.table_.Receiving(SocketOf(connection), Now());
    return exchange.release();
  } catch (...) {
    return nullptr;  // OnRequest closes the connection
  }
}

MHD_Result EventLoop::Daemon::OnRequest(void* self, MHD_Connection* connection, const char* /*url*/,
                                        const char* method, const char* /*version*/,
                                        const char* /*upload*/, std::size_t* upload_size,
                                        void** context) noexcept {
  if (*context == nullptr) return MHD_NO;
  auto& daemon = *static_cast<Daemon*>(self);
  try {
    return daemon.Serve(connection, method, upload_size, *static_cast<Exchange*>(*context));
  } catch (...) {
    return MHD_NO;
  }
}

void EventLoop::Daemon::OnCompleted(void* self, MHD_Connection* connection, void** context,
                                    MHD_RequestTerminationCode /*code*/) noexcept {
  const std::unique_ptr<Exchange> ended(static_cast<Exchange*>(std::exchange(*context, nullptr)));
  static_cast<Daemon*>(self)->table_.Idle(SocketOf(connection), Now());
}

// Paths and queries are handed on as they were sent.
std::size_t EventLoop::Daemon::KeepEscapes(void* /*self*/, MHD_Connection* /*connection*/,
                                           char* text) noexcept {
  return std::char_traits<char>::length(text);
}

// Called for the headers, for every piece of a body, for the end of the request, and again when a
// held request was resumed.
MHD_Result EventLoop::Daemon::Serve(MHD_Connection* connection, const char* method,
                                    std::size_t* upload_size, Exchange& exchange) {
  if (exchange.response) return Answer(connection, *exchange.response);
  if (!exchange.has_headers) {
    exchange.has_headers = true;
    if (!AnnouncesTooMuch(connection)) return MHD_YES;
    return Answer(connection, PlainText(MHD_HTTP_CONTENT_TOO_LARGE, "request body too large\n"));
  }
  if (*upload_size > 0) {
    exchange.body_bytes += std::exchange(*upload_size, 0);
    return exchange.body_bytes <= kMaxRequestBody ? MHD_YES : MHD_NO;
  }
  table_.Answering(SocketOf(connection), Now());
  Response response = Ask(connection, method, exchange);
  if (response.delay.count() <= 0) return Answer(connection, response);
  exchange.response = std::move(response);
  return Hold(connection, exchange);
}

Response EventLoop::Daemon::Ask(MHD_Connection* connection, const char* method,
                                const Exchange& exchange) {
  Request request;
  request.method = method;
  if (!SplitTarget(exchange.target, request)) {
    return PlainText(MHD_HTTP_BAD_REQUEST, "bad request target\n");
  }
  MHD_get_connection_values_n(connection, MHD_HEADER_KIND, &AddHeader, &request);
  std::string problem;
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    problem = error.what();
  } catch (...) {
    problem = "not a std::exception";
  }
  on_problem_(fmt::format("an HTTP request failed: {}", problem));
  return PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error\n");
}

MHD_Result EventLoop::Daemon::Hold(MHD_Connection* connection, Exchange& exchange) {
  const int fd = SocketOf(connection);
  const TimePoint now = Now();
  table_.Held(fd, now);
  // Suspended first: it may be resumed the moment it is held.
  MHD_suspend_connection(connection);
  if (!held_.Hold({now + exchange.response->delay, connection, &exchange, fd})) {
    exchange.response = PlainText(MHD_HTTP_SERVICE_UNAVAILABLE, "stopping\n");
    MHD_resume_connection(connection);
  }
  return MHD_YES;
}

MHD_Result EventLoop::Daemon::Answer(MHD_Connection* connection, const Response& response) {
  table_.Answering(SocketOf(connection), Now());
  if (QueueAnswer(connection, response)) return MHD_YES;
  if (response.ending != Response::Ending::kWhole) return MHD_NO;
  on_problem_(fmt::format("an HTTP answer with status {} could not be sent", response.status));
  const Response internal_error = PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal error\n");
  return QueueAnswer(connection, internal_error) ? MHD_YES : MHD_NO;
}

EventLoop::EventLoop(Handler handler, std::function<void(std::string_view)> on_problem,
                     ConnectionTable& table, HeldRequests& held)
    : daemon_(std::make_unique<Daemon>(std::move(handler), std::move(on_problem), table, held)) {}

EventLoop::~EventLoop() { Stop(); }

tl::expected<void, std::string> EventLoop::Start(unsigned max_connections) {
  return daemon_->Start(max_connections);
}

bool EventLoop::Add(int fd, const sockaddr* address, socklen_t size) {
  return MHD_add_connection(daemon_->Get(), fd, address, size) == MHD_YES;
}

void EventLoop::Resume(const HeldRequest& request, Outcome outcome) {
  if (outcome == Outcome::kClientGone) {
    request.exchange->response->ending = Response::Ending::kNoAnswer;
  } else if (outcome == Outcome::kStopping) {
    request.exchange->response = PlainText(MHD_HTTP_SERVICE_UNAVAILABLE, "stopping\n");
  }
  MHD_resume_connection(request.connection);
}

void EventLoop::Stop() { daemon_->Stop(); }

}  // namespace http

#include "scrape/client/transfer.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "scrape/client/easy_options.h"
#include "scrape/client/transfer_failure.h"

namespace scrape {
namespace {

std::string TooLarge(std::size_t most) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  return most % kMebibyte == 0 ? fmt::format("answer is larger than {} MiB", most / kMebibyte)
                               : fmt::format("answer is larger than {} bytes", most);
}

}  // namespace

void Transfer::HeaderListDeleter::operator()(curl_slist* list) const {
  for (curl_slist* item = list; item != nullptr; item = item->next) {
    WipeMemory(item->data, std::string_view(item->data).size());
  }
  curl_slist_free_all(list);
}

Transfer::Transfer(const std::string& user_agent, const Connection& connection, CURLSH* cache)
    : connection_(connection), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  CURL* const easy = easy_.get();
  SetOption(easy, CURLOPT_SHARE, cache);
  SetOption(easy, CURLOPT_PRIVATE, this);
  SetOption(easy, CURLOPT_ERRORBUFFER, error_text_);
  SetOption(easy, CURLOPT_PREREQFUNCTION, &Transfer::OnConnected);
  SetOption(easy, CURLOPT_PREREQDATA, this);
  SetOption(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  SetOption(easy, CURLOPT_WRITEDATA, this);
  SetOption(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  SetOption(easy, CURLOPT_HEADERDATA, this);
  SetOption(easy, CURLOPT_USERAGENT, user_agent.c_str());
  SetOption(easy, CURLOPT_NOSIGNAL, 1L);
  SetOption(easy, CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs must not hold up the others
  SetOption(easy, CURLOPT_PIPEWAIT, 1L);    // wait for the connection there is, not open 64
  SetOption(easy, CURLOPT_FOLLOWLOCATION, 0L);
  SetOption(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  SetOption(easy, CURLOPT_ACCEPT_ENCODING, "");
  SetOption(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  SetConnectionOptions(easy, connection);
}

void Transfer::Prepare(Task task, const ClientRequest& request) {
  task_ = task;
  started_ = std::chrono::steady_clock::now();
  answer_ = {};
  may_repeat_ = request.may_repeat;
  max_body_bytes_ = request.max_body_bytes;
  sent_ = 0;
  not_repeated_ = false;
  headers_complete_ = false;
  body_too_large_ = false;
  error_text_[0] = '\0';
  CURL* const easy = easy_.get();
  std::string header = "apikey: ";
  header.reserve(header.size() +
                 request.apikey.Reveal().size());  // no copy is left behind by growing
  header += request.apikey.Reveal();
  headers_.reset(curl_slist_append(nullptr, header.c_str()));
  WipeMemory(header.data(), header.size());
  if (headers_ == nullptr ||
      curl_slist_append(headers_.get(), "Accept: application/json") == nullptr) {
    throw std::bad_alloc();
  }
  SetOption(easy, CURLOPT_HTTPHEADER, headers_.get());
  if (connection_.server_name.empty()) {
    SetOption(easy, CURLOPT_URL, request.url.c_str());
  } else {
    SetRoute(RouteTo(request.url, connection_.server_name));
  }
  SetOption(easy, CURLOPT_PROTOCOLS_STR, request.url.starts_with("http://") ? "http" : "https");
  const long timeout_ms = request.timeout.count();
  SetOption(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  SetOption(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
}

void Transfer::SetRoute(const Route& route) {
  if (route.connect_to != connect_to_text_) {
    SetOption(easy_.get(), CURLOPT_CONNECT_TO, static_cast<curl_slist*>(nullptr));
    connect_to_.reset(curl_slist_append(nullptr, route.connect_to.c_str()));
    if (connect_to_ == nullptr) throw std::bad_alloc();
    connect_to_text_ = route.connect_to;
    SetOption(easy_.get(), CURLOPT_CONNECT_TO, connect_to_.get());
  }
  SetOption(easy_.get(), CURLOPT_URL, route.url.c_str());
}

// What refuses the request is to be understood, however little of a good answer is wanted.
std::size_t Transfer::MostBytes() const {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300 ? max_body_bytes_ : kMaxBodyBytes;
}

bool Transfer::AnsweredInHttp1() const {
  long version = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_HTTP_VERSION, &version);
  return version == CURL_HTTP_VERSION_1_0 || version == CURL_HTTP_VERSION_1_1;
}

Completion Transfer::Finish(CURLcode code) {
  Completion completion{.task = task_,
                        .started = started_,
                        .duration = std::chrono::steady_clock::now() - started_,
                        .requests = sent_,
                        .answer = HttpAnswer{}};
  if (body_too_large_) {
    completion.answer = tl::unexpected(
        ScrapeError{.reason = Reason::kBodyTooLarge, .detail = TooLarge(MostBytes())});
  } else if (not_repeated_) {
    completion.answer = tl::unexpected(ScrapeError{
        .reason = Reason::kTransport, .detail = "the connection ended without an answer"});
  } else if (code != CURLE_OK) {
    completion.answer = tl::unexpected(FailureOf(easy_.get(), code, error_text_, connection_));
  } else if (!headers_complete_) {
    // libcurl takes it for an answer with an empty body.
    completion.answer = tl::unexpected(ScrapeError{
        .reason = Reason::kTransport, .detail = "the connection ended within the headers"});
  } else if (connection_.http_version == HttpVersion::k2 && AnsweredInHttp1()) {
    completion.answer =
        tl::unexpected(ScrapeError{.reason = Reason::kTransport,
                                   .detail = "the answer is in HTTP/1.1, and http_version is 2"});
  } else {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    completion.answer = std::move(answer_);
  }
  Clear();
  return completion;
}

void Transfer::Clear() {
  SetOption(easy_.get(), CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  headers_.reset();
  WipeMemory(answer_.body.data(), answer_.body.size());
  answer_ = {};
}

// libcurl repeats a request on its own when a reused connection ends without a byte of an answer,
// up to five times; it comes here before each.
int Transfer::OnConnected(void* self, char* /*peer_ip*/, char* /*own_ip*/, int /*peer_port*/,
                          int /*own_port*/) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.not_repeated_ = transfer.sent_ > 0 && !transfer.may_repeat_;
  if (transfer.not_repeated_) return CURL_PREREQFUNC_ABORT;
  ++transfer.sent_;
  return CURL_PREREQFUNC_OK;
}

std::size_t Transfer::OnBody(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.answer_.body.size() + bytes > transfer.MostBytes()) {
    transfer.body_too_large_ = true;
    return 0;  // libcurl gives the transfer up
  }
  try {
    std::string& body = transfer.answer_.body;
    if (body.size() + bytes > body.capacity()) {  // an answer may quote the apikey: no copy stays
      std::string larger;
      larger.reserve(std::max(2 * body.capacity(), body.size() + bytes));
      larger.append(body);
      WipeMemory(body.data(), body.size());
      body = std::move(larger);
    }
    body.append(data, bytes);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return bytes;
}

std::size_t Transfer::OnHeader(char* data, std::size_t size, std::size_t count,
                               void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  std::string_view line(data, size * count);
  const std::size_t taken = line.size();
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) transfer.headers_complete_ = false;  // after an interim answer
  if (line.empty()) transfer.headers_complete_ = true;
  try {
    ReadHeaderLine(line,
                   std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()),
                   transfer.answer_);
  } catch (const std::bad_alloc&) {
    return 0;
  }
  return taken;
}

}  // namespace scrape

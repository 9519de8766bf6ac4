#include "scrape/client/transfer.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace scrape {
namespace {

constexpr std::size_t kMaxBodyBytes = 1 << 20;

template <typename T>
void Set(CURL* easy, CURLoption option, T value) {
  const CURLcode code = curl_easy_setopt(easy, option, value);
  if (code != CURLE_OK) {
    throw std::runtime_error("libcurl refuses option " + std::to_string(option) + ": " +
                             curl_easy_strerror(code));
  }
}

Reason ReasonOf(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Reason::kDns;
    case CURLE_COULDNT_CONNECT:
      return Reason::kConnect;
    case CURLE_OPERATION_TIMEDOUT:
      return Reason::kTimeout;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
      return Reason::kTls;
    default:
      return Reason::kTransport;
  }
}

}  // namespace

void Transfer::HeaderListDeleter::operator()(curl_slist* list) const {
  for (curl_slist* item = list; item != nullptr; item = item->next) {
    WipeMemory(item->data, std::string_view(item->data).size());
  }
  curl_slist_free_all(list);
}

Transfer::Transfer(const std::string& user_agent)
    : user_agent_(user_agent), easy_(curl_easy_init()) {
  if (easy_ == nullptr) throw std::bad_alloc();
  SetFixedOptions();
}

// What is the same for every request. Setting it costs more than anything else that is done here
// for one, so it stays set.
void Transfer::SetFixedOptions() {
  CURL* const easy = easy_.get();
  Set(easy, CURLOPT_PRIVATE, this);
  Set(easy, CURLOPT_ERRORBUFFER, error_text_);
  Set(easy, CURLOPT_PREREQFUNCTION, &Transfer::OnConnected);
  Set(easy, CURLOPT_PREREQDATA, this);
  Set(easy, CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  Set(easy, CURLOPT_WRITEDATA, this);
  Set(easy, CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  Set(easy, CURLOPT_HEADERDATA, this);
  Set(easy, CURLOPT_USERAGENT, user_agent_.c_str());
  Set(easy, CURLOPT_NOSIGNAL, 1L);
  Set(easy, CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs must not hold up the other transfers
  Set(easy, CURLOPT_PIPEWAIT, 1L);    // wait for the connection there is rather than open 64
  Set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  Set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  Set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(easy, CURLOPT_ACCEPT_ENCODING, "");
  Set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  Set(easy, CURLOPT_PROXY, "");  // none, whatever the environment says
}

void Transfer::Prepare(Task task, const ClientRequest& request) {
  task_ = task;
  started_ = std::chrono::steady_clock::now();
  answer_ = {};
  may_repeat_ = request.may_repeat;
  sent_ = 0;
  not_repeated_ = false;
  headers_complete_ = false;
  body_too_large_ = false;
  error_text_[0] = '\0';
  Trust(request.ca_file);
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
  Set(easy, CURLOPT_HTTPHEADER, headers_.get());
  Set(easy, CURLOPT_URL, request.url.c_str());
  Set(easy, CURLOPT_PROTOCOLS_STR, request.url.starts_with("http://") ? "http" : "https");
  const long timeout_ms = request.timeout.count();
  Set(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  Set(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
}

void Transfer::Trust(const std::string& ca_file) {
  if (ca_file == ca_file_) return;
  CURL* const easy = easy_.get();
  // The only way back to the system's authorities: a null for the file means none at all.
  curl_easy_reset(easy);
  SetFixedOptions();
  if (!ca_file.empty()) {
    Set(easy, CURLOPT_CAINFO, ca_file.c_str());
    Set(easy, CURLOPT_CAPATH,
        static_cast<char*>(nullptr));         // in place of the system's, not beside them
    Set(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);  // the file may be replaced at any time
  }
  ca_file_ = ca_file;
}

Completion Transfer::Finish(CURLcode code) {
  Completion completion{.task = task_,
                        .started = started_,
                        .duration = std::chrono::steady_clock::now() - started_,
                        .requests = sent_,
                        .answer = HttpAnswer{}};
  if (body_too_large_) {
    completion.answer = tl::unexpected(
        ScrapeError{.reason = Reason::kBodyTooLarge, .detail = "answer is larger than 1 MiB"});
  } else if (not_repeated_) {
    completion.answer = tl::unexpected(ScrapeError{
        .reason = Reason::kTransport, .detail = "the connection ended without an answer"});
  } else if (code != CURLE_OK) {
    completion.answer = tl::unexpected(
        ScrapeError{.reason = ReasonOf(code),
                    .detail = error_text_[0] != '\0' ? error_text_ : curl_easy_strerror(code)});
  } else if (!headers_complete_) {
    // libcurl takes it for an answer with an empty body.
    completion.answer = tl::unexpected(ScrapeError{
        .reason = Reason::kTransport, .detail = "the connection ended within the headers"});
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
  Set(easy_.get(), CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
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
  if (transfer.answer_.body.size() + bytes > kMaxBodyBytes) {
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

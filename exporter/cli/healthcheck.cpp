#include "exporter/cli/healthcheck.h"

#include <curl/curl.h>

#include <array>
#include <cstddef>
#include <memory>
#include <ostream>

#include "exporter/cli/flags.h"
#include "exporter/metrics/build_info.h"

namespace exporter {
namespace {

constexpr long kTimeoutMs = 5000;

struct HandleDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

std::size_t Discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

}  // namespace

int RunHealthcheck(const std::string& url, std::ostream& err) {
  const auto fail = [&err](const auto& why) {
    err << "mdcloud_exporter: not healthy: " << why << '\n';
    return kExitFailure;
  };
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return fail("libcurl does not start");
  const std::unique_ptr<CURL, HandleDeleter> handle(curl_easy_init());
  if (handle == nullptr) return fail("libcurl does not start");
  const std::string user_agent = UserAgent();
  std::array<char, CURL_ERROR_SIZE> cause{};
  bool accepted = true;
  const auto set = [&](CURLoption option, auto value) {
    accepted = curl_easy_setopt(handle.get(), option, value) == CURLE_OK && accepted;
  };
  set(CURLOPT_ERRORBUFFER, cause.data());
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_TIMEOUT_MS, kTimeoutMs);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_USERAGENT, user_agent.c_str());
  set(CURLOPT_WRITEFUNCTION, &Discard);
  if (!accepted) return fail("libcurl refuses the request");
  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return fail(cause[0] == '\0' ? curl_easy_strerror(code) : cause.data());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return fail("HTTP status " + std::to_string(status));
  return kExitOk;
}

}  // namespace exporter

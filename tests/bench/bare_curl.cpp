// The least that a program on libcurl's multi interface can do with N requests: to measure what the
// exporter's own scraper costs beside it. The requests are the same to the byte but for the apikey.
//
//   bench_bare_curl BASE_URL CA_FILE REQUESTS CONCURRENCY PER_SECOND
//
// PER_SECOND 0: as fast as CONCURRENCY requests at a time allow. Otherwise each is started when it
// is its turn. The paths of the three collectors take turns. Exit 1 when an answer is not a 200.

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array kPaths = {"/apikey/", "/apikey/limits", "/apikey/limits/status"};

std::size_t Append(char* data, std::size_t size, std::size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

struct Request {
  CURL* easy = curl_easy_init();
  std::string body;
};

class Run {
 public:
  Run(std::string base_url, const char* ca_file, int requests, int concurrency, double per_second)
      : base_url_(std::move(base_url)), requests_(requests), per_second_(per_second) {
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(concurrency));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(concurrency));
    requests_in_flight_.resize(static_cast<std::size_t>(concurrency));
    curl_slist_append(headers_, "Accept: application/json");
    for (Request& request : requests_in_flight_) {
      curl_easy_setopt(request.easy, CURLOPT_PRIVATE, &request);
      curl_easy_setopt(request.easy, CURLOPT_WRITEFUNCTION, &Append);
      curl_easy_setopt(request.easy, CURLOPT_WRITEDATA, &request.body);
      curl_easy_setopt(request.easy, CURLOPT_CAINFO, ca_file);
      curl_easy_setopt(request.easy, CURLOPT_HTTP_VERSION,
                       static_cast<long>(CURL_HTTP_VERSION_2TLS));
      curl_easy_setopt(request.easy, CURLOPT_PIPEWAIT, 1L);
      curl_easy_setopt(request.easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(request.easy, CURLOPT_TIMEOUT_MS, 10'000L);
      curl_easy_setopt(request.easy, CURLOPT_USERAGENT, "bench");
      curl_easy_setopt(request.easy, CURLOPT_ACCEPT_ENCODING, "");
      curl_easy_setopt(request.easy, CURLOPT_HTTPHEADER, headers_);
      idle_.push_back(&request);
    }
  }

  // How many were not answered by 200.
  int Perform() {
    while (finished_ < requests_) {
      StartDue();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (!TakeFinished()) curl_multi_poll(multi_, nullptr, 0, Wait(), nullptr);
    }
    return bad_;
  }

 private:
  // When the next one is to be started.
  [[nodiscard]] Clock::time_point Turn() const {
    if (per_second_ == 0) return start_;
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(started_ / per_second_));
  }

  void StartDue() {
    while (started_ < requests_ && !idle_.empty() && Turn() <= Clock::now()) {
      Request& request = *idle_.back();
      idle_.pop_back();
      const std::string url =
          base_url_ + kPaths.at(static_cast<std::size_t>(started_) % kPaths.size());
      request.body.clear();
      curl_easy_setopt(request.easy, CURLOPT_URL, url.c_str());
      curl_multi_add_handle(multi_, request.easy);
      ++started_;
    }
  }

  [[nodiscard]] int Wait() const {
    if (started_ == requests_ || idle_.empty()) return 1000;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(Turn() - Clock::now());
    return static_cast<int>(std::clamp<long>(left.count(), 0, 1000));
  }

  bool TakeFinished() {
    const int before = finished_;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* const easy = message->easy_handle;
      long status = 0;
      void* request = nullptr;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
      if (message->data.result != CURLE_OK || status != 200) ++bad_;
      curl_multi_remove_handle(multi_, easy);
      idle_.push_back(static_cast<Request*>(request));
      ++finished_;
    }
    return finished_ > before;
  }

  const std::string base_url_;
  const int requests_;
  const double per_second_;
  const Clock::time_point start_ = Clock::now();
  CURLM* const multi_ = curl_multi_init();
  curl_slist* const headers_ =
      curl_slist_append(nullptr, "apikey: 00000000000000000000000000000001");
  std::vector<Request> requests_in_flight_;
  std::vector<Request*> idle_;
  int started_ = 0;
  int finished_ = 0;
  int bad_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Run run(argv[1], argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atof(argv[5]));
  const int bad = run.Perform();
  if (bad > 0) std::cerr << bad << " bad answers\n";
  return bad > 0 ? 1 : 0;
}

#include "scrape/client/client.h"

#include <curl/curl.h>

#include <map>
#include <stdexcept>
#include <utility>

#include "scrape/client/connection_pool.h"
#include "scrape/client/transfer.h"

namespace scrape {
namespace {

// Once per process, before the first handle. There is no matching cleanup: a resolver thread that
// was left behind (QUICK_EXIT) may still be at work when the process ends.
void InitializeLibcurl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error("libcurl cannot be initialised");
}

struct MultiDeleter {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

}  // namespace

class Client::Impl {
 public:
  Impl(std::string user_agent, int max_connections)
      : user_agent_(std::move(user_agent)),
        pools_(user_agent_, static_cast<std::size_t>(max_connections)) {
    InitializeLibcurl();
    multi_.reset(curl_multi_init());
    if (multi_ == nullptr) throw std::bad_alloc();
    SetMaxConnections(max_connections);
  }

  ~Impl() {
    for (auto& [task, transfer] : in_flight_) Release(std::move(transfer));
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  // As many as may be in flight: a smaller number would let requests wait inside libcurl and time
  // out there.
  void SetMaxConnections(int max_connections) {
    pools_.SetMaxPools(static_cast<std::size_t>(max_connections));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(max_connections));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
  }

  void Start(Task task, const ClientRequest& request) {
    PooledTransfer transfer = pools_.Take(request.connection);
    transfer.transfer->Prepare(task, request);
    const CURLMcode code = curl_multi_add_handle(multi_.get(), transfer.transfer->Handle());
    if (code != CURLM_OK) throw std::runtime_error(curl_multi_strerror(code));
    in_flight_.insert_or_assign(task, std::move(transfer));
  }

  void Cancel(Task task) {
    const auto found = in_flight_.find(task);
    if (found == in_flight_.end()) return;
    Release(std::move(found->second));
    in_flight_.erase(found);
  }

  std::vector<Completion> Poll(std::chrono::milliseconds wait) {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    std::vector<Completion> completions = TakeCompletions();
    if (completions.empty()) {
      curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
      curl_multi_perform(multi_.get(), &running);
      completions = TakeCompletions();
    }
    return completions;
  }

  void Wake() { curl_multi_wakeup(multi_.get()); }

 private:
  void Release(PooledTransfer transfer) {
    curl_multi_remove_handle(multi_.get(), transfer.transfer->Handle());
    transfer.transfer->Clear();
    ConnectionPools::GiveBack(std::move(transfer));
  }

  std::vector<Completion> TakeCompletions() {
    std::vector<Completion> completions;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      const CURLcode code = message->data.result;
      CURL* const easy = message->easy_handle;
      void* owner = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner);
      const Task task = static_cast<Transfer*>(owner)->CurrentTask();
      curl_multi_remove_handle(multi_.get(), easy);  // `message` is gone from here on
      const auto found = in_flight_.find(task);
      completions.push_back(found->second.transfer->Finish(code));
      ConnectionPools::GiveBack(std::move(found->second));
      in_flight_.erase(found);
    }
    return completions;
  }

  const std::string user_agent_;
  std::unique_ptr<CURLM, MultiDeleter> multi_;
  ConnectionPools pools_;                     // destroyed before the multi handle
  std::map<Task, PooledTransfer> in_flight_;  // empty before the pools are destroyed
};

Client::Client(std::string user_agent, int max_connections)
    : impl_(std::make_unique<Impl>(std::move(user_agent), max_connections)) {}

Client::~Client() = default;

void Client::SetMaxConnections(int max_connections) { impl_->SetMaxConnections(max_connections); }

void Client::Start(Task task, const ClientRequest& request) { impl_->Start(task, request); }

void Client::Cancel(Task task) { impl_->Cancel(task); }

std::vector<Completion> Client::Poll(std::chrono::milliseconds wait) { return impl_->Poll(wait); }

void Client::Wake() { impl_->Wake(); }

}  // namespace scrape

#include "scrape/scraper.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "scrape/answer.h"
#include "scrape/client/client.h"
#include "scrape/client/query.h"
#include "scrape/event_log.h"
#include "scrape/failure_log.h"
#include "scrape/host_log.h"
#include "scrape/key_table.h"
#include "scrape/mutex.h"
#include "scrape/probes.h"
#include "scrape/scaled_clock.h"
#include "scrape/schedule/schedule.h"
#include "scrape/schedule/stretch.h"
#include "scrape/state/state_keeper.h"

namespace scrape {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPublishEvery{250};
constexpr milliseconds kMaxWait{1000};  // keeps the heartbeat going
constexpr std::chrono::seconds kDeadAfter{10};
constexpr std::chrono::seconds kReconfigureWithin{5};
// A Date header that is further ahead of this machine's clock is not taken for the service's.
constexpr std::chrono::hours kBelievedSkew{24};

ScheduleCaps CapsOf(const ScrapeOptions& options) {
  return {.max_in_flight = options.max_concurrent_requests,
          .max_requests_per_second = options.max_requests_per_second,
          .max_rejected_requests_per_hour = options.max_rejected_requests_per_hour,
          .one_round = options.one_round};
}

}  // namespace

// All state of the scrape thread. Only `heartbeat_`, `stop_`, `ordered_`, Probes::Ask and
// Client::Wake are touched by others.
class Scraper::Loop {
 public:
  Loop(const KeyTable::Keys& keys, const ScrapeOptions& options, SnapshotStore& store,
       std::unique_ptr<StateFile> state)
      : clock_(options.time_scale, options.time_origin),
        store_(store),
        schedule_(keys, CapsOf(options), std::random_device()(), clock_.Now().steady),
        client_(options.user_agent, options.max_concurrent_requests),
        keys_(keys, schedule_),
        probes_(schedule_, keys_) {
    if (state != nullptr) {
      keeper_ = std::make_unique<StateKeeper>(std::move(state), [this] { client_.Wake(); });
      keeper_->Resume(keys_, schedule_, clock_.Now());
    }
    Publish();
  }

  void Start() {
    Beat();
    {
      const MutexLock lock(mutex_);
      runs_ = true;
    }
    thread_ = std::jthread([this] { RunLogged(); });
  }

  void Stop() {
    stop_ = true;
    client_.Wake();
    if (thread_.joinable()) thread_.join();
    if (keeper_ != nullptr) std::exchange(keeper_, nullptr)->Finish(keys_, schedule_, clock_.Now());
  }

  bool Reconfigure(KeyTable::Keys keys, const ScrapeOptions& options) {
    auto order = std::make_unique<Order>(Order{std::move(keys), options, {}});
    const Order* const given = order.get();
    std::future<void> done = order->done.get_future();
    {
      const MutexLock lock(mutex_);
      if (!runs_) return false;
      ordered_.push_back(std::move(order));
    }
    client_.Wake();
    const bool late = done.wait_for(kReconfigureWithin) != std::future_status::ready;
    if (late && Withdraw(given)) return false;
    try {
      done.get();
      return true;
    } catch (const std::future_error&) {
      return false;  // the thread ended
    }
  }

  void Ask(std::string key, milliseconds within, ProbeDone done) {
    const SteadyTime until = clock_.Scaled(std::chrono::steady_clock::now() + within);
    probes_.Ask({.key = std::move(key), .until = until, .done = std::move(done)});
    client_.Wake();
  }

  [[nodiscard]] bool Alive() const {
    const SteadyTime beat{SteadyTime::duration(heartbeat_.load(std::memory_order_relaxed))};
    return std::chrono::steady_clock::now() - beat < kDeadAfter;
  }

 private:
  struct Order {
    KeyTable::Keys keys;
    ScrapeOptions options;
    std::promise<void> done;
  };

  void RunLogged() noexcept {
    try {
      Run();
    } catch (const std::exception& error) {
      // Alive() turns false and /-/healthy fails: a supervisor restarts the process.
      LogEvent(LogLevel::kError, "the scrape loop has ended", {{"detail", error.what()}});
    }
    probes_.Close();
    const MutexLock lock(mutex_);
    runs_ = false;
    ordered_.clear();
  }

  void Run() {
    while (!stop_) {
      const Moment now = clock_.Now();
      Beat();
      FollowOrders(now);
      changed_ = probes_.Begin(now) || changed_;
      StartDue(now.steady);
      probes_.Answer(now);
      FollowHosts(now);
      if (keeper_ != nullptr) changed_ = keeper_->Turn(keys_, schedule_, now) || changed_;
      for (Completion& completion : client_.Poll(WaitFrom(now.steady))) Handle(completion);
      if (changed_ && clock_.Now().steady >= next_publish_) Publish();
    }
  }

  void Beat() {
    const auto now = std::chrono::steady_clock::now();
    heartbeat_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  // False: it is being followed right now, or was.
  bool Withdraw(const Order* order) {
    const MutexLock lock(mutex_);
    return std::erase_if(ordered_, [order](const auto& one) { return one.get() == order; }) > 0;
  }

  // Other keys and options, in the order in which they were given.
  void FollowOrders(Moment now) {
    for (;;) {
      std::unique_ptr<Order> order;
      {
        const MutexLock lock(mutex_);
        if (ordered_.empty()) return;
        order = std::move(ordered_.front());
        ordered_.erase(ordered_.begin());
      }
      FollowHosts(now);  // news of keys that may be gone afterwards
      keys_.Replace(order->keys, CapsOf(order->options), CleanerAt(now), now);
      if (keeper_ != nullptr) keeper_->Changed();
      client_.SetMaxConnections(order->options.max_concurrent_requests);
      Publish();
      order->done.set_value();
    }
  }

  [[nodiscard]] KeyTable::Cleaner CleanerAt(Moment now) {
    KeyTable::Cleaner cleaner{.give_up = [this](Task task) { client_.Cancel(task); },
                              .vacated = [this](std::size_t place) { log_.Forget(place); }};
    if (keeper_ == nullptr) return cleaner;
    cleaner.leaves = [this, now](KeyRecord& record, std::size_t place) {
      keeper_->Keep(record, place, schedule_, now);
    };
    cleaner.comes = [this, now](KeyRecord& record, std::size_t place) {
      keeper_->Resume(record, place, schedule_, now);
    };
    return cleaner;
  }

  void StartDue(SteadyTime now) {
    for (const Task& task : schedule_.TakeDue(now)) {
      const ApiKey& key = *keys_.All()[task.key];
      ClientRequest request{
          .url = key.base_url + std::string(PathOf(task.collector)),
          .apikey = key.secret,
          .timeout = key.scrape_timeout,
          .connection = key.connection,
          .may_repeat = schedule_.EverAccepted(task.key) && !schedule_.Stopped(task.key)};
      if (task.collector == Collector::kHistory) {
        const auto page = keys_.RecordOf(task.key)->NextOfHistory(std::chrono::steady_clock::now());
        request.url = WithQuery(std::move(request.url), page.query);
        request.max_body_bytes = page.max_bytes;
      }
      client_.Start(task, request);
      ++counters_[IndexOf(task.collector)].requests;
      changed_ = true;
    }
  }

  // The keys of a host that is paused, goes on or makes keys wait.
  void FollowHosts(Moment now) {
    for (const std::size_t host : schedule_.TakeChangedHosts()) {
      for (const std::size_t key : schedule_.Hosts()[host].keys) {
        if (KeyRecord* record = keys_.RecordOf(key)) record->FollowSchedule(now);
      }
      changed_ = true;
    }
    for (const HostNews& news : schedule_.TakeNews()) {
      host_log_.Tell(news, schedule_.Hosts()[news.host].name, keys_.All(), now.steady);
    }
    log_.WriteSummaries(now.steady);
    host_log_.WriteSummaries(now.steady);
  }

  [[nodiscard]] milliseconds WaitFrom(SteadyTime now) {
    SteadyTime wake = std::min({schedule_.NextWake(now), probes_.NextDeadline(), now + kMaxWait});
    if (changed_) wake = std::min(wake, next_publish_);
    if (keeper_ != nullptr) wake = std::min(wake, keeper_->NextWake());
    return std::max(clock_.Real(wake - now), milliseconds(0));
  }

  void Handle(Completion& completion) {
    const Task task = completion.task;
    const std::shared_ptr<const ApiKey> asked = keys_.All()[task.key];
    const ApiKey& key = *asked;
    const Moment now = clock_.Now();
    ClientCounters& counters = counters_[IndexOf(task.collector)];
    Observe(counters, completion.duration.count());
    if (completion.requests > 1)
      counters.requests += static_cast<std::uint64_t>(completion.requests - 1);
    tl::expected<Answer, ScrapeError> answer = completion.answer.and_then(
        [&](const HttpAnswer& http) { return Decode(task.collector, http, key); });
    const bool leaving = schedule_.Leaving(task.key);
    KeyRecord* const record = leaving ? nullptr : keys_.RecordOf(task.key);
    // Otherwise it was switched off meanwhile: of interest is only what it means for the key.
    const bool wanted = record != nullptr && key.collectors[IndexOf(task.collector)];
    const bool goes_on = wanted && task.collector == Collector::kHistory &&
                         record->TakeHistory(answer, ArrivalOf(completion, now));
    // An info answer quotes the apikey.
    if (completion.answer) {
      WipeMemory(completion.answer->body.data(), completion.answer->body.size());
    }
    if (!answer) ++counters.failures[IndexOf(answer.error().reason)];
    changed_ = true;
    if (keeper_ != nullptr) {
      if (!answer && IsRejection(answer.error())) keeper_->Hurry();
      keeper_->Changed();
    }
    const SteadyTime started = clock_.Scaled(completion.started);
    if (goes_on) {
      schedule_.FinishPart(task, started, now.steady);
    } else {
      schedule_.Finish(task, started, now.steady, answer ? nullptr : &answer.error());
    }
    if (leaving) keys_.Release(task.key);
    if (record == nullptr) return;
    if (wanted && !goes_on) Note(task, completion, answer, now);
    record->FollowSchedule(now);
  }

  // How large an answer was, and when it came by the clock of the service.
  static ScanHistoryReader::Arrival ArrivalOf(const Completion& completion, Moment now) {
    ScanHistoryReader::Arrival arrival{.took = completion.duration, .service_now = now.system};
    if (!completion.answer) return arrival;
    arrival.bytes = completion.answer->body.size();
    const std::optional<SystemTime> date = completion.answer->date;
    if (date && *date <= now.system + kBelievedSkew) arrival.service_now = *date;
    return arrival;
  }

  // What has become of a collector's attempt.
  void Note(Task task, const Completion& completion, tl::expected<Answer, ScrapeError>& answer,
            Moment now) {
    const ApiKey& key = *keys_.All()[task.key];
    KeyRecord& record = *keys_.RecordOf(task.key);
    if (!answer) {
      record.Failed(task.collector, completion.duration, answer.error(), now);
      LogFailure(task, answer.error(), now);
      return;
    }
    const std::size_t dropped = DroppedFamilies(*answer);
    const bool heard = completion.answer.has_value();
    record.Succeeded(task.collector, completion.duration,
                     heard ? completion.answer->api_response_time_seconds : std::nullopt,
                     *std::move(answer), now);
    if (heard) record.Heard(completion.answer->rate_limit, now);
    log_.Succeeded(task, key, now.steady);
    log_.Dropped(task, key, dropped, now.steady);
    if (task.collector == Collector::kHistory) {
      log_.CutShort(task, key, record.CutOfHistory(), now.steady);
    }
  }

  void LogFailure(Task task, const ScrapeError& error, Moment now) {
    FailureLog::Retry retry{.in = {}, .host_held = schedule_.HostHeld(task.key)};
    if (const auto next = schedule_.NextAttempt(task, now.steady)) {
      retry.in = std::chrono::ceil<milliseconds>(*next - now.steady);
    }
    log_.Failed(task, *keys_.All()[task.key], error, now.steady, retry);
  }

  static void Observe(ClientCounters& counters, double seconds) {
    const auto bucket = std::lower_bound(kDurationBuckets.begin(), kDurationBuckets.end(), seconds);
    ++counters.duration_buckets[static_cast<std::size_t>(bucket - kDurationBuckets.begin())];
    counters.duration_sum_seconds += seconds;
  }

  void Publish() {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->keys.reserve(keys_.ByName().size());
    bool all_attempted = true;
    for (const std::size_t place : keys_.ByName()) {
      KeyRecord& record = *keys_.RecordOf(place);
      all_attempted = all_attempted && record.Attempted();
      snapshot->keys.push_back(record.Published());
    }
    first_round_attempted_ = first_round_attempted_ || all_attempted;
    snapshot->client = counters_;
    const SteadyTime now = clock_.Now().steady;
    for (const HostPlan& host : schedule_.Hosts()) {
      if (host.keys.empty()) continue;
      snapshot->hosts.push_back(
          {.name = host.name, .paused = host.Paused(), .keys_waiting = host.Waiting(now)});
    }
    std::sort(snapshot->hosts.begin(), snapshot->hosts.end(),
              [](const HostState& a, const HostState& b) { return a.name < b.name; });
    if (keeper_ != nullptr) snapshot->state_write_failures = keeper_->Failures();
    snapshot->first_round_attempted = first_round_attempted_;
    store_.Publish(std::move(snapshot));
    changed_ = false;
    next_publish_ = now + kPublishEvery;
  }

  const ScaledClock clock_;
  SnapshotStore& store_;
  Schedule schedule_;
  Client client_;
  KeyTable keys_;
  Probes probes_;
  std::unique_ptr<StateKeeper> keeper_;  // null: no state is kept
  FailureLog log_;
  HostLog host_log_;
  std::array<ClientCounters, kCollectorCount> counters_{};
  bool first_round_attempted_ = false;  // once it was, keys that are added later do not matter
  bool changed_ = false;
  SteadyTime next_publish_{};
  std::atomic<SteadyTime::rep> heartbeat_{};
  std::atomic<bool> stop_ = false;
  Mutex mutex_;
  bool runs_ GUARDED_BY(mutex_) = false;
  std::vector<std::unique_ptr<Order>> ordered_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

Scraper::Scraper(const std::vector<std::shared_ptr<const ApiKey>>& keys,
                 const ScrapeOptions& options, SnapshotStore& store,
                 std::unique_ptr<StateFile> state)
    : loop_(std::make_unique<Loop>(keys, options, store, std::move(state))) {}

Scraper::~Scraper() { Stop(); }

void Scraper::Start() { loop_->Start(); }

void Scraper::Stop() { loop_->Stop(); }

bool Scraper::Reconfigure(std::vector<std::shared_ptr<const ApiKey>> keys,
                          const ScrapeOptions& options) {
  return loop_->Reconfigure(std::move(keys), options);
}

void Scraper::Ask(std::string key, std::chrono::milliseconds within, ProbeDone done) {
  loop_->Ask(std::move(key), within, std::move(done));
}

bool Scraper::Alive() const { return loop_->Alive(); }

}  // namespace scrape

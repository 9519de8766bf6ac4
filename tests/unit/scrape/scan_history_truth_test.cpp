// What is counted of a history against what the simulated service knows, over simulated days.

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "scrape/api/decode.h"
#include "scrape/client/query.h"
#include "scrape/history/scan_history_reader.h"
#include "simulator/scan_history.h"

using namespace std::chrono_literals;
using scrape::HistoryBounds;
using scrape::ScanHistoryReader;
using scrape::ScanTotals;
using scrape::SystemTime;
using simulator::ScanHistory;
using simulator::ScanScript;
using simulator::ScanTruth;

namespace {

constexpr SystemTime kBegin{20'000 * 24h + 7h};

struct Trial {
  std::string name;
  ScanScript script = {.per_hour = 40, .past = 48h, .takes = 4min};
  HistoryBounds bounds = {};
  std::chrono::milliseconds interval = 5min;
  std::chrono::milliseconds days = 72h;
  double failures = 0;                    // of requests
  std::chrono::milliseconds per_page{0};  // how long a request takes
  // Every so manieth round (0: none) is cut short, or answered with an empty list.
  int cut_short = 0;
  int empty = 0;
  // How far our clock is from the service's, when nothing tells what that says.
  std::chrono::milliseconds our_clock{0};
};

class Run {
 public:
  explicit Run(const Trial& trial)
      : trial_(trial), service_(trial.script, kBegin), random_(trial.script.seed) {}

  // True when what there is was read.
  bool Round() {
    ++rounds_;
    const auto is_one_of = [this](int every) { return every > 0 && rounds_ % every == 0; };
    HistoryBounds bounds = trial_.bounds;
    if (is_one_of(trial_.cut_short)) bounds.max_pages = 1;
    const bool empty = is_one_of(trial_.empty);
    for (;;) {
      const auto request = reader_.Next(bounds, Steady());
      const std::string url = scrape::WithQuery("", request.query);
      if (std::uniform_real_distribution<double>(0, 1)(random_) < trial_.failures) {
        reader_.Abandon();
        return false;
      }
      ScanHistory::Page page = service_.Answer(url.substr(1), now_);
      if (empty) page = {200, R"({"data":[]})"};
      ++requests_;
      const auto decoded = scrape::DecodeHistory({.status = page.status, .body = page.body});
      REQUIRE_MESSAGE(decoded, page.body);
      const bool more = reader_.Take(*decoded,
                                     {.bytes = page.body.size(),
                                      .took = trial_.per_page,
                                      .service_now = now_ + trial_.our_clock},
                                     trial_.bounds);
      if (!more) return !empty;
      now_ += trial_.per_page;
    }
  }

  void Pass(std::chrono::milliseconds time) { now_ += time; }
  [[nodiscard]] ScanTruth Truth() { return service_.Truth(now_); }
  [[nodiscard]] ScanHistory& Service() { return service_; }
  [[nodiscard]] const scrape::ScanHistory& Read() const { return *reader_.Published(); }
  [[nodiscard]] int Requests() const { return requests_; }
  [[nodiscard]] SystemTime Now() const { return now_; }

 private:
  [[nodiscard]] scrape::SteadyTime Steady() const {
    return scrape::SteadyTime(now_.time_since_epoch());
  }

  Trial trial_;
  ScanHistory service_;
  std::mt19937_64 random_;
  ScanHistoryReader reader_;
  SystemTime now_ = kBegin;
  int requests_ = 0;
  int rounds_ = 0;
};

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

using Counts = std::map<std::string, std::int64_t>;

template <typename Array, typename Names>
void Put(const Array& counts, const Names& names, const std::string& what, Counts& all) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (counts.at(i) != 0) {
      all[what + " " + std::string(names.at(i))] = static_cast<std::int64_t>(counts.at(i));
    }
  }
}

Counts CountsOf(const ScanTotals& totals) {
  Counts all;
  Put(totals.results, scrape::kScanResults, "result", all);
  Put(totals.dlp, scrape::kDlpVerdicts, "dlp", all);
  Put(totals.sandbox, scrape::kSandboxVerdicts, "sandbox", all);
  Put(totals.sanitizations, scrape::kSanitizationResults, "sanitized", all);
  Put(totals.vulnerabilities, scrape::kVulnerabilitySeverities, "severity", all);
  all["blocked"] = static_cast<std::int64_t>(totals.blocked);
  all["engines"] = static_cast<std::int64_t>(totals.engines);
  all["detections"] = static_cast<std::int64_t>(totals.engine_detections);
  return all;
}

// As the labels should be; what the simulated service says in other words is `other`.
Counts CountsOf(const ScanTruth& truth) {
  Counts all;
  for (const auto& [code, count] : truth.results) {
    const bool known = code >= 0 && code < 24;
    all["result " + std::string(known ? scrape::kScanResults.at(static_cast<std::size_t>(code))
                                      : "other")] += count;
  }
  for (const auto& [verdict, count] : truth.dlp) {
    all["dlp " + std::string(scrape::kDlpVerdicts.at(static_cast<std::size_t>(verdict)))] += count;
  }
  for (const auto& [verdict, count] : truth.sandbox) {
    all["sandbox " + (verdict == "High Risk" ? "other" : Lower(verdict))] += count;
  }
  for (const auto& [result, count] : truth.sanitized) {
    all["sanitized " + (result == "Skipped" ? "other" : Lower(result))] += count;
  }
  for (const auto& [severity, count] : truth.severities)
    all["severity " + Lower(severity)] += count;
  all["blocked"] = truth.blocked;
  all["engines"] = truth.engines;
  all["detections"] = truth.detections;
  return all;
}

Counts Minus(Counts a, const Counts& b) {
  for (const auto& [name, count] : b) {
    a[name] -= count;
    if (a[name] == 0 && name.find(' ') != std::string::npos) a.erase(name);
  }
  return a;
}

std::vector<Trial> Trials() {
  std::vector<Trial> trials;
  const auto add = [&](std::string name, auto change) {
    Trial trial{.name = std::move(name)};
    trial.script.seed = trials.size() + 1;
    change(trial);
    trials.push_back(std::move(trial));
  };
  add("as usual", [](Trial&) {});
  add("out of order", [](Trial& t) { t.script.disorder = 10min; });
  add("the same items on two pages", [](Trial& t) {
    t.script.repeated = 7;
    t.bounds = {.page_size = 10, .max_pages = 100};
  });
  add("a cursor on every page", [](Trial& t) { t.script.cursor_at_end = true; });
  add("start_date is not heeded, numbers are texts", [](Trial& t) {
    t.script.heeds_start_date = false;
    t.script.numbers_as_text = true;
    t.script.disorder = 2min;
  });
  add("parts are missing", [](Trial& t) {
    t.script.sparse = true;
    t.script.per_hour = 200;
  });
  add("empty at first, 404002", [](Trial& t) {
    t.script.past = 0ms;
    t.script.empty_is_404 = true;
    t.script.per_hour = 2;
  });
  add("empty at first, scans that take hours", [](Trial& t) {
    t.script.past = 0ms;
    t.script.takes = 5h;
  });
  add("some are never finished", [](Trial& t) { t.script.stuck = 0.02; });
  add("requests fail", [](Trial& t) {
    t.failures = 0.3;
    t.script.disorder = 5min;
  });
  add("our clock is behind", [](Trial& t) { t.our_clock = -1h; });
  add("our clock is ahead", [](Trial& t) { t.our_clock = 1h; });
  add("without times", [](Trial& t) {
    t.script.undated = true;
    t.script.past = 2h;
  });
  add("empty answers between", [](Trial& t) { t.empty = 5; });
  add("without times, empty answers between", [](Trial& t) {
    t.script.undated = true;
    t.script.past = 2h;
    t.empty = 5;
  });
  for (const auto ahead : {0min, 5min, 60min, -60min}) {
    add("rounds are cut short, scans are ahead of the clock by " + std::to_string(ahead.count()),
        [ahead](Trial& t) {
          t.script.per_hour = 600;
          t.script.disorder = 5min;
          t.bounds = {.page_size = 20, .max_pages = 30};
          t.cut_short = 3;
          t.empty = 7;
          t.our_clock = -ahead;
          t.days = 12h;
        });
  }
  add("rounds are cut short, scans have no times", [](Trial& t) {
    t.script.undated = true;
    t.script.past = 2h;
    t.cut_short = 3;
    t.empty = 7;
    t.bounds = {.page_size = 20, .max_pages = 30};
  });
  add("a busy account", [](Trial& t) {
    t.script.per_hour = 2000;
    t.script.disorder = 3min;
    t.script.repeated = 1;
    t.days = 12h;
  });
  add("seldom", [](Trial& t) {
    t.interval = 3h;
    t.script.disorder = 10min;
  });
  return trials;
}

}  // namespace

// What was not reached may be missing; nothing is there twice.
void CheckNotAbove(Run& run, const Counts& before) {
  const Counts most = Minus(CountsOf(run.Truth()), before);
  for (const auto& counted : CountsOf(run.Read().totals)) {
    CAPTURE(counted.first);
    const auto found = most.find(counted.first);
    CHECK(counted.second <= (found == most.end() ? 0 : found->second));
  }
}

TEST_CASE("what is counted is what has finished since the first round, each scan once") {
  for (const Trial& trial : Trials()) {
    CAPTURE(trial.name);
    Run run(trial);
    while (!run.Round()) run.Pass(1min);
    const Counts before = CountsOf(run.Truth());
    CHECK(CountsOf(run.Read().totals) == Counts{{"blocked", 0}, {"detections", 0}, {"engines", 0}});
    bool all = false;
    for (const SystemTime end = run.Now() + trial.days; run.Now() < end || !all;) {
      run.Pass(trial.interval);
      all = run.Round();
      if (trial.cut_short == 0) REQUIRE_FALSE(run.Read().truncated);
      if (trial.cut_short != 0) CheckNotAbove(run, before);
    }
    if (trial.cut_short != 0) continue;
    const ScanTruth truth = run.Truth();
    CHECK(CountsOf(run.Read().totals) == Minus(CountsOf(truth), before));
    if (!trial.script.undated) CHECK(run.Read().last_scan == truth.newest);
    if (trial.script.stuck == 0) {
      CHECK(run.Read().in_progress == static_cast<std::size_t>(truth.in_progress));
    }
    MESSAGE(trial.name << ": " << run.Requests() << " requests");
  }
}

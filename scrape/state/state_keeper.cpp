#include "scrape/state/state_keeper.h"

#include <algorithm>
#include <optional>

#include "scrape/event_log.h"
#include "scrape/state/fields.h"

namespace scrape {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLeastPause{1000};
// 22 GiB a day at most, which no disk minds: 1,000 keys are written every 6 s, 10,000 once a
// minute.
constexpr double kBytesPerSecond = 256 * 1024;
// A write that takes longer holds up nothing any more.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kPauseAfterFailure{10};
constexpr std::chrono::days kKeepRemovedKeys{7};
constexpr std::chrono::minutes kTellEvery{15};
constexpr milliseconds kLastWrite{1000};

}  // namespace

StateKeeper::StateKeeper(std::unique_ptr<StateFile> file, std::function<void()> wake)
    : path_(file->Path()),
      aside_path_(file->AsidePath()),
      file_(std::move(file)),
      wake_(std::move(wake)) {}

void StateKeeper::Load(Moment now) {
  std::string wrong;
  const tl::expected<std::optional<std::string>, std::string> text = file_->Read();
  if (!text) {
    wrong = text.error();
  } else if (text->has_value()) {
    tl::expected<SavedState, std::string> state = ReadState(**text, now);
    if (state) {
      salt_ = std::move(state->salt);
      hosts_ = std::move(state->hosts);
      for (SavedKey& key : state->keys) {
        Identity identity(key.head.name, key.head.base_url);
        elsewhere_.insert_or_assign(std::move(identity), std::move(key));
      }
    } else {
      wrong = state.error();
    }
  }
  if (!wrong.empty()) {
    const std::string failed = file_->SetAside();
    LogEvent(LogLevel::kWarn,
             "the stored state cannot be used: windows, counters and rejections start anew",
             {{"file", path_},
              {"detail", "it " + wrong},
              {"kept_as", failed.empty() ? aside_path_ : ""},
              {"not_set_aside", failed}});
  }
  if (salt_.empty()) salt_ = NewSalt();
}

void StateKeeper::Resume(KeyTable& keys, Schedule& schedule, Moment now) {
  Load(now);
  const std::size_t stored = elsewhere_.size();
  keys.HoldWindows();
  std::int64_t resumed = 0;
  for (const std::size_t place : keys.ByName()) {
    if (Resume(*keys.RecordOf(place), place, schedule, now)) ++resumed;
  }
  for (const SavedHost& host : hosts_) {
    schedule.ResumeHost(
        host, [&keys](const std::string& name) { return keys.PlaceOf(name); }, now.steady);
  }
  hosts_.clear();
  LogEvent(LogLevel::kInfo, "storage",
           {{"file", path_},
            {"stored_keys", static_cast<std::int64_t>(stored)},
            {"resumed_keys", resumed}});
  thread_ = std::make_unique<WriteThread>(std::move(file_), wake_);
}

bool StateKeeper::Resume(KeyRecord& record, std::size_t place, Schedule& schedule, Moment now) {
  const ApiKey& key = record.Key();
  const auto found = elsewhere_.find(Identity(key.name, key.base_url));
  if (found == elsewhere_.end()) return false;
  SavedKey saved = std::move(found->second);
  elsewhere_.erase(found);
  const bool same_secret = MarkOf(key.secret, salt_) == saved.head.secret_mark;
  std::optional<SavedVerdict> verdict;
  if (!same_secret) {
    schedule.ResumeWithNewSecret(place);
  } else if (saved.head.stop) {
    schedule.ResumeStop(place, *saved.head.stop, now.steady);
    verdict = saved.head.verdict.value_or(SavedVerdict{});
  }
  record.Resume(std::move(saved.windows), verdict, !same_secret, now);
  return true;
}

void StateKeeper::Keep(KeyRecord& record, std::size_t place, const Schedule& schedule, Moment now) {
  SavedKey saved{.head = HeadOf(record, place, schedule, now), .windows = record.TakeWindows()};
  Identity identity(saved.head.name, saved.head.base_url);
  elsewhere_.insert_or_assign(std::move(identity), std::move(saved));
  changed_ = true;
}

SavedKeyHead StateKeeper::HeadOf(KeyRecord& record, std::size_t place, const Schedule& schedule,
                                 Moment now) const {
  const ApiKey& key = record.Key();
  SavedKeyHead head{.name = key.name,
                    .base_url = key.base_url,
                    .secret_mark = MarkOf(key.secret, salt_),
                    .seen = now.steady,
                    .stop = schedule.StopOf(place),
                    .verdict = {}};
  if (head.stop) head.verdict = record.Verdict();
  return head;
}

std::string StateKeeper::Text(KeyTable& keys, const Schedule& schedule, Moment now) const {
  StateWriter writer(now);
  writer.BeginObject();
  writer("written_at", now.system);
  writer("salt", salt_);
  writer.Name("keys");
  writer.BeginList();
  for (const std::size_t place : keys.ByName()) {
    KeyRecord& record = *keys.RecordOf(place);
    writer.BeginObject();
    HeadOf(record, place, schedule, now).Visit(writer);
    writer("windows", record.WindowsToWrite());
    writer.EndObject();
  }
  for (const auto& [identity, key] : elsewhere_) writer.Write(key);
  writer.EndList();
  writer("hosts", schedule.SaveHosts([&keys](std::size_t place) { return keys.All()[place]->name; },
                                     now.steady));
  writer.EndObject();
  return SealState(writer.Take());
}

bool StateKeeper::Turn(KeyTable& keys, Schedule& schedule, Moment now) {
  bool news = false;
  if (const std::optional<std::string> ended = thread_->Take()) {
    writing_ = false;
    Note(*ended, now.steady);
    if (!ended->empty()) {
      changed_ = true;
      next_ = std::max(next_, now.steady + kPauseAfterFailure);
    }
    for (const std::size_t place : keys.ByName()) {
      news = keys.RecordOf(place)->Written() || news;
    }
  }
  if (writing_ && now.steady - began_ >= kPatience) {
    Note("it takes longer than 10 s", now.steady);
    for (const std::size_t place : keys.ByName()) {
      news = keys.RecordOf(place)->WrittenWhateverComes() || news;
    }
    began_ = now.steady;
  }
  if (!writing_ && changed_ && now.steady >= next_) {
    std::erase_if(elsewhere_, [now](const auto& entry) {
      return now.steady - entry.second.head.seen > kKeepRemovedKeys;
    });
    std::string text = Text(keys, schedule, now);
    const std::chrono::duration<double> pause(static_cast<double>(text.size()) / kBytesPerSecond);
    next_ = now.steady + std::max(kLeastPause, std::chrono::ceil<milliseconds>(pause));
    thread_->Give(std::move(text));
    changed_ = false;
    writing_ = true;
    began_ = now.steady;
  }
  return news;
}

SteadyTime StateKeeper::NextWake() const {
  if (writing_) return began_ + kPatience;
  return changed_ ? next_ : SteadyTime::max();
}

void StateKeeper::Finish(KeyTable& keys, Schedule& schedule, Moment now) {
  thread_->Give(Text(keys, schedule, now));
  if (!thread_->Stop(kLastWrite)) {
    LogEvent(LogLevel::kWarn, "the state cannot be written: the disk does not answer",
             {{"file", path_}});
  } else if (const std::optional<std::string> error = thread_->Take(); error && !error->empty()) {
    LogEvent(LogLevel::kWarn, "the state cannot be written", {{"file", path_}, {"detail", *error}});
  }
}

void StateKeeper::Note(const std::string& error, SteadyTime now) {
  if (error.empty()) {
    if (std::exchange(failing_, false)) {
      LogEvent(LogLevel::kInfo, "the state can be written again", {{"file", path_}});
    }
    return;
  }
  ++failures_;
  if (std::exchange(failing_, true) && now < tell_again_) return;
  tell_again_ = now + kTellEvery;
  LogEvent(LogLevel::kWarn,
           "the state cannot be written: a restart would lose what is learnt meanwhile",
           {{"file", path_},
            {"detail", error},
            {"failures", static_cast<std::int64_t>(failures_ - failures_told_)}});
  failures_told_ = failures_;
}

}  // namespace scrape

#include "scrape/schedule/authentication_brake.h"

namespace scrape {
namespace {

constexpr std::size_t kKeys = 3;
constexpr std::chrono::minutes kWithin{5};
constexpr std::chrono::minutes kAskAgain{30};
// After a question that got no answer, with another key: while the host is only held, and while it
// is paused.
constexpr std::chrono::seconds kAskAnother{5};
constexpr std::chrono::minutes kAskAnotherWhileDown{1};
constexpr int kUnanswered = 3;

}  // namespace

void AuthenticationBrake::Rejected(std::size_t key, SteadyTime now) {
  rejected_.emplace_back(now, key);
  if (state_ != State::kOff) return;
  while (rejected_.front().first + kWithin <= now) rejected_.pop_front();
  if (Episode().size() < kKeys) return;
  state_ = State::kAsking;
  unanswered_ = 0;
  ask_at_ = now;
}

std::set<std::size_t> AuthenticationBrake::Answered(Answer answer, SteadyTime now) {
  if (state_ == State::kOff) return {};  // ended meanwhile
  const bool down = state_ == State::kDown;
  std::set<std::size_t> lifted;
  switch (answer) {
    case Answer::kAccepted:
      if (down) lifted = Episode();
      End();
      break;
    case Answer::kRejected:
      state_ = State::kDown;
      ask_at_ = now + kAskAgain;
      break;
    case Answer::kNone:
      ++unanswered_;
      if (down) {
        ask_at_ = now + kAskAnotherWhileDown;
      } else if (unanswered_ < kUnanswered) {
        ask_at_ = now + kAskAnother;
      } else {
        End();
      }
      break;
  }
  return lifted;
}

void AuthenticationBrake::Forget(std::size_t key) {
  std::erase_if(rejected_, [key](const auto& entry) { return entry.second == key; });
  if (rejected_.empty() && state_ != State::kOff) End();
}

void AuthenticationBrake::End() {
  state_ = State::kOff;
  rejected_.clear();
}

std::set<std::size_t> AuthenticationBrake::Episode() const {
  std::set<std::size_t> keys;
  for (const auto& [time, key] : rejected_) keys.insert(key);
  return keys;
}

}  // namespace scrape

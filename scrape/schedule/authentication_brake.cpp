#include "scrape/schedule/authentication_brake.h"

namespace scrape {
namespace {

constexpr std::size_t kKeys = 3;
constexpr std::chrono::minutes kWithin{5};
constexpr std::chrono::minutes kAskAgain{30};
// After a question that got no answer, with another key.
constexpr std::chrono::minutes kAskAnother{1};

}  // namespace

void AuthenticationBrake::Rejected(std::size_t key, SteadyTime now) {
  rejected_.emplace_back(now, key);
  if (state_ != State::kOff) return;
  while (rejected_.front().first + kWithin <= now) rejected_.pop_front();
  if (Episode().size() < kKeys) return;
  state_ = State::kAsking;
  rejects_all_ = false;
  ask_at_ = now;
}

std::set<std::size_t> AuthenticationBrake::Answered(Answer answer, SteadyTime now) {
  switch (answer) {
    case Answer::kAccepted: {
      std::set<std::size_t> lifted;
      if (rejects_all_) lifted = Episode();
      state_ = State::kOff;
      rejected_.clear();
      return lifted;
    }
    case Answer::kRejected:
      state_ = State::kDown;
      rejects_all_ = true;
      ask_at_ = now + kAskAgain;
      return {};
    case Answer::kNone:
      state_ = State::kDown;
      ask_at_ = now + kAskAnother;
      return {};
  }
  return {};
}

std::set<std::size_t> AuthenticationBrake::Episode() const {
  std::set<std::size_t> keys;
  for (const auto& [time, key] : rejected_) keys.insert(key);
  return keys;
}

}  // namespace scrape

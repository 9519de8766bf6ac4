#pragma once
// Tells keys that were withdrawn from a service that rejects everybody. When several accepted keys
// of a host are rejected within minutes, the host is held and one key asked: if that is accepted,
// the others were withdrawn; if it is rejected, the service's authentication is down, and asking
// for every key would only get the address blocked. Pure, owned by the schedule, one thread.

#include <chrono>
#include <cstddef>
#include <deque>
#include <set>
#include <utility>

#include "scrape/schedule/steady_time.h"

namespace scrape {

class AuthenticationBrake {
 public:
  enum class State {
    kOff,
    kAsking,  // held until the first question is answered
    kDown,    // the service rejects everybody
  };
  enum class Answer { kAccepted, kRejected, kNone };

  // A key in use was rejected.
  void Rejected(std::size_t key, SteadyTime now);
  [[nodiscard]] State Current() const { return state_; }
  // While not off: when the next question is due.
  [[nodiscard]] SteadyTime AskAt() const { return ask_at_; }
  void AskAgain(SteadyTime at) { ask_at_ = at; }
  // While not off: the answer to a question. Returns the keys whose rejection was the service's
  // fault, once that is over: Current() is kOff then, as it is when the keys were withdrawn, or
  // when nobody answered a few questions in a row: then the host fails for other reasons.
  [[nodiscard]] std::set<std::size_t> Answered(Answer answer, SteadyTime now);
  // Nothing is known of this key any more: it has another secret.
  void Forget(std::size_t key);
  // Rejected in this episode: the keys to ask when no other is left.
  [[nodiscard]] std::set<std::size_t> Episode() const;

 private:
  void End();

  State state_ = State::kOff;
  int unanswered_ = 0;  // questions in a row
  SteadyTime ask_at_{};
  std::deque<std::pair<SteadyTime, std::size_t>> rejected_;
};

}  // namespace scrape

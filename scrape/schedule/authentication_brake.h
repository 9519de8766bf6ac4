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
    kDown,    // the service rejects everybody, or the questions get no answer
  };
  enum class Answer { kAccepted, kRejected, kNone };

  // A key in use was rejected.
  void Rejected(std::size_t key, SteadyTime now);
  [[nodiscard]] State Current() const { return state_; }
  // While not off: when the next question is due.
  [[nodiscard]] SteadyTime AskAt() const { return ask_at_; }
  void AskLater(SteadyTime at) { ask_at_ = at; }
  // While not off: the answer to a question. Returns the keys whose rejection was the service's
  // fault, once that is over: State() is kOff then, as it is when the keys were withdrawn.
  [[nodiscard]] std::set<std::size_t> Answered(Answer answer, SteadyTime now);
  // Rejected in this episode: the keys to ask when no other is left.
  [[nodiscard]] std::set<std::size_t> Episode() const;

 private:
  State state_ = State::kOff;
  bool rejects_all_ = false;  // a question was rejected
  SteadyTime ask_at_{};
  std::deque<std::pair<SteadyTime, std::size_t>> rejected_;
};

}  // namespace scrape

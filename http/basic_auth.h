#pragma once
// Whether a request's Authorization header names a user and that user's password. bcrypt takes tens
// of milliseconds by intention, so it runs elsewhere, through `post`, and what came of it is
// remembered, right or wrong: not as a password, but as a MAC of it under a key of this process.
// A user that does not exist takes as long to refuse as one that does. Thread-safe.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace http {

class BasicAuth {
 public:
  enum class Verdict {
    kGranted,
    kRefused,
    kBusy,  // nothing was found out; the client may ask again in a while
  };
  // A user and a password of which nothing is known yet. Overwritten when it goes.
  struct Question;
  using QuestionPtr = std::shared_ptr<const Question>;
  using Users = std::map<std::string, std::string>;  // names and bcrypt hashes (BcryptCost)
  using Done = std::function<void(Verdict)>;
  // Runs the function on another thread, in order, one at a time; false: there is no room for it.
  using Post = std::function<bool(std::function<void()>)>;

  explicit BasicAuth(Post post);
  ~BasicAuth();
  BasicAuth(const BasicAuth&) = delete;
  BasicAuth& operator=(const BasicAuth&) = delete;
  BasicAuth(BasicAuth&&) = delete;
  BasicAuth& operator=(BasicAuth&&) = delete;

  // What is known without computing, or the question for Verify. Fast enough for an event thread.
  // `authorization`: the header's value, empty when there is none.
  [[nodiscard]] std::variant<Verdict, QuestionPtr> Look(std::string_view authorization) const;
  // Calls `done` once, here or on the other thread. Equal questions share one computation. `client`
  // (Request::client) may have kMaxOfClient computations waiting: who floods from one address
  // leaves room for the others.
  void Verify(const QuestionPtr& question, const std::string& client, const Done& done);
  // Forgets every verdict; what is being computed ends as kBusy. Does nothing when they are the
  // same. Without users everybody is refused.
  void ReplaceUsers(Users users);

  // Wrong passwords that are remembered; the oldest is forgotten first. The right ones have places
  // of their own, one for each user, so that no flood of wrong ones displaces them.
  static constexpr std::size_t kMaxWrong = 4096;
  static constexpr std::size_t kMaxOfClient = 16;

 private:
  struct State;
  const std::shared_ptr<State> state_;  // with the computations that are under way
};

}  // namespace http

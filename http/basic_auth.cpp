#include "http/basic_auth.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "http/bcrypt.h"

namespace http {
namespace {

using Mac = std::array<unsigned char, 32>;  // of SHA-256

// The MACs are uniform already, and nobody outside can choose them.
struct MacHash {
  std::size_t operator()(const Mac& mac) const {
    std::size_t value = 0;
    std::memcpy(&value, mac.data(), sizeof value);
    return value;
  }
};

void Check(int code) {
  if (code < 0) throw std::runtime_error(gnutls_strerror(code));
}

struct Decoded {
  Decoded() = default;
  ~Decoded() {
    if (datum.data == nullptr) return;
    gnutls_memset(datum.data, 0, datum.size);
    gnutls_free(datum.data);
  }
  Decoded(const Decoded&) = delete;
  Decoded& operator=(const Decoded&) = delete;
  Decoded(Decoded&&) = delete;
  Decoded& operator=(Decoded&&) = delete;
  [[nodiscard]] std::string_view Text() const {
    return {reinterpret_cast<const char*>(datum.data), datum.size};
  }
  gnutls_datum_t datum = {};
};

// What is behind "Basic", in whatever case.
std::string_view Payload(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  const bool basic =
      authorization.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(), [](char expected, char c) {
        return expected == (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      });
  if (!basic) return {};
  authorization.remove_prefix(kScheme.size());
  return authorization;
}

}  // namespace

struct BasicAuth::Question {
  Question() = default;
  ~Question() { gnutls_memset(password.data(), 0, password.size()); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  Question(Question&&) = delete;
  Question& operator=(Question&&) = delete;

  std::string user;
  std::string password;
  std::string hash;    // the user's, or one that is nobody's
  bool known = false;  // the user exists
  std::uint64_t generation = 0;
  Mac mac = {};
};

struct BasicAuth::State {
  // A computation that waits or runs.
  struct Pending {
    std::string client;  // who asked first
    std::vector<Done> waiting;
  };

  explicit State(Post run_elsewhere) : post(std::move(run_elsewhere)) {
    Check(gnutls_rnd(GNUTLS_RND_KEY, key.data(), key.size()));
  }

  [[nodiscard]] Mac MacOf(const Question& question) const {
    gnutls_hmac_hd_t started = nullptr;
    Check(gnutls_hmac_init(&started, GNUTLS_MAC_SHA256, key.data(), key.size()));
    Mac mac = {};
    const std::uint64_t user_size = question.user.size();  // so that no two questions look alike
    int code = gnutls_hmac(started, &question.generation, sizeof question.generation);
    code = std::min(code, gnutls_hmac(started, &user_size, sizeof user_size));
    code = std::min(code, gnutls_hmac(started, question.user.data(), question.user.size()));
    code = std::min(code, gnutls_hmac(started, question.password.data(), question.password.size()));
    gnutls_hmac_deinit(started, mac.data());
    Check(code);
    return mac;
  }

  // With the mutex held.
  [[nodiscard]] std::optional<Verdict> Remembered(const Question& question) const {
    const auto found = right.find(question.user);
    if (found != right.end() &&
        gnutls_memcmp(found->second.data(), question.mac.data(), question.mac.size()) == 0) {
      return Verdict::kGranted;
    }
    if (wrong.contains(question.mac)) return Verdict::kRefused;
    return std::nullopt;
  }

  // With the mutex held.
  [[nodiscard]] bool IsFull(const std::string& client) const {
    const auto found = of_client.find(client);
    return found != of_client.end() && found->second >= kMaxOfClient;
  }

  // With the mutex held.
  void Remember(const Question& question, bool granted) {
    if (granted) {
      right[question.user] = question.mac;
      return;
    }
    if (!wrong.insert(question.mac).second) return;
    wrong_in_order.push_back(question.mac);
    if (wrong_in_order.size() <= kMaxWrong) return;
    wrong.erase(wrong_in_order.front());
    wrong_in_order.pop_front();
  }

  void Compute(const Question& question) {
    bool granted = false;
    bool computed = true;
    try {
      granted = BcryptMatches(question.password, question.hash) && question.known;
    } catch (const std::exception&) {
      computed = false;
    }
    Verdict verdict = granted ? Verdict::kGranted : Verdict::kRefused;
    {
      const std::lock_guard lock(mutex);
      if (computed && question.generation == generation) {
        Remember(question, granted);
      } else {
        verdict = Verdict::kBusy;
      }
    }
    Finish(question.mac, verdict);
  }

  void Finish(const Mac& mac, Verdict verdict) {
    std::vector<Done> waiting;
    {
      const std::lock_guard lock(mutex);
      const auto found = pending.find(mac);
      if (found == pending.end()) return;
      waiting = std::move(found->second.waiting);
      const auto client = of_client.find(found->second.client);
      if (client != of_client.end() && --client->second == 0) of_client.erase(client);
      pending.erase(found);
    }
    for (const Done& done : waiting) done(verdict);
  }

  const Post post;
  Mac key = {};      // random
  std::mutex mutex;  // guards everything below
  Users users;
  std::string decoy;
  std::uint64_t generation = 0;                // of the users
  std::unordered_map<std::string, Mac> right;  // by user
  std::unordered_set<Mac, MacHash> wrong;
  std::deque<Mac> wrong_in_order;
  std::unordered_map<Mac, Pending, MacHash> pending;
  std::unordered_map<std::string, std::size_t> of_client;  // how many of these are a client's
};

BasicAuth::BasicAuth(Post post) : state_(std::make_shared<State>(std::move(post))) {}
BasicAuth::~BasicAuth() = default;

std::variant<BasicAuth::Verdict, BasicAuth::QuestionPtr> BasicAuth::Look(
    std::string_view authorization) const {
  const std::string_view payload = Payload(authorization);
  if (payload.empty()) return Verdict::kRefused;
  const gnutls_datum_t encoded = {
      // GnuTLS only reads it; its interface predates const.
      reinterpret_cast<unsigned char*>(const_cast<char*>(payload.data())),
      static_cast<unsigned>(payload.size())};
  Decoded decoded;
  if (gnutls_base64_decode2(&encoded, &decoded.datum) < 0) return Verdict::kRefused;
  const std::string_view text = decoded.Text();
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !CanBeBcryptPassword(text.substr(colon + 1))) {
    return Verdict::kRefused;
  }
  auto question = std::make_shared<Question>();
  question->user = text.substr(0, colon);
  question->password = text.substr(colon + 1);
  const std::lock_guard lock(state_->mutex);
  if (state_->users.empty()) return Verdict::kRefused;
  const auto user = state_->users.find(question->user);
  question->known = user != state_->users.end();
  question->hash = question->known ? user->second : state_->decoy;
  question->generation = state_->generation;
  question->mac = state_->MacOf(*question);
  if (const auto verdict = state_->Remembered(*question)) return *verdict;
  return question;
}

void BasicAuth::Verify(const QuestionPtr& question, const std::string& client, const Done& done) {
  std::optional<Verdict> verdict;
  {
    const std::lock_guard lock(state_->mutex);
    verdict =
        question->generation == state_->generation ? state_->Remembered(*question) : Verdict::kBusy;
    const auto pending = state_->pending.find(question->mac);
    if (!verdict && pending != state_->pending.end()) {
      pending->second.waiting.push_back(done);
      return;
    }
    if (!verdict && state_->IsFull(client)) verdict = Verdict::kBusy;
    if (!verdict) {
      state_->pending.emplace(question->mac, State::Pending{client, {done}});
      ++state_->of_client[client];
    }
  }
  if (verdict) {
    done(*verdict);
  } else if (!state_->post([state = state_, question] { state->Compute(*question); })) {
    state_->Finish(question->mac, Verdict::kBusy);
  }
}

void BasicAuth::ReplaceUsers(Users users) {
  int cost = 0;
  for (const auto& [name, hash] : users) cost = std::max(cost, BcryptCost(hash).value_or(0));
  const std::lock_guard lock(state_->mutex);
  if (users == state_->users) return;
  state_->users = std::move(users);
  state_->decoy = BcryptDecoy(cost);
  ++state_->generation;
  state_->right.clear();
  state_->wrong.clear();
  state_->wrong_in_order.clear();
}

}  // namespace http

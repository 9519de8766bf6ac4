// Users and passwords: what is right, what is remembered, what is computed, and how often.

#include "http/basic_auth.h"

#include <doctest/doctest.h>
#include <gnutls/gnutls.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "http/bcrypt.h"

using http::BasicAuth;
using Verdict = http::BasicAuth::Verdict;

namespace {

// "open sesame" and "pass:wört", at the least cost.
constexpr const char* kAlice = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";
constexpr const char* kBob = "$2b$04$ABCDEFGHIJKLMNOPQRSTUuRbf7BsJjFMEcWSxAfOeezDjQV1JiiXa";

std::string Encode(const std::string& text) {
  gnutls_datum_t in = {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
                       static_cast<unsigned>(text.size())};
  gnutls_datum_t out = {};
  REQUIRE(gnutls_base64_encode2(&in, &out) == 0);
  std::string encoded(reinterpret_cast<const char*>(out.data), out.size);
  gnutls_free(out.data);
  return encoded;
}

std::string Basic(const std::string& text) { return "Basic " + Encode(text); }

// The other thread, which works when it is told to.
struct Bench {
  std::size_t room = 32;
  std::deque<std::function<void()>> queue;
  std::size_t computed = 0;  // by RunAll
  BasicAuth auth{[this](std::function<void()> work) {
    if (queue.size() == room) return false;
    queue.push_back(std::move(work));
    return true;
  }};

  void RunAll() {
    while (!queue.empty()) {
      const auto work = std::move(queue.front());
      queue.pop_front();
      work();
      ++computed;
    }
  }

  // Absent: still to be computed.
  [[nodiscard]] std::optional<Verdict> Look(const std::string& authorization) const {
    const auto result = auth.Look(authorization);
    const auto* const verdict = std::get_if<Verdict>(&result);
    return verdict == nullptr ? std::nullopt : std::optional(*verdict);
  }

  void AskLater(const std::string& authorization, std::vector<Verdict>& verdicts,
                const std::string& client = "10.0.0.1") {
    const auto result = auth.Look(authorization);
    REQUIRE(std::holds_alternative<BasicAuth::QuestionPtr>(result));
    auth.Verify(std::get<BasicAuth::QuestionPtr>(result), client,
                [&verdicts](Verdict verdict) { verdicts.push_back(verdict); });
  }

  Verdict Ask(const std::string& authorization) {
    if (const auto known = Look(authorization)) return *known;
    std::vector<Verdict> verdicts;
    AskLater(authorization, verdicts);
    RunAll();
    REQUIRE(verdicts.size() == 1);
    return verdicts[0];
  }
};

struct TwoUsers : Bench {
  TwoUsers() { auth.ReplaceUsers({{"alice", kAlice}, {"bob", kBob}}); }
};

}  // namespace

TEST_CASE("bcrypt: known answers, in all three names of the algorithm") {
  // OpenBSD's own.
  CHECK(http::BcryptMatches("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  CHECK_FALSE(
      http::BcryptMatches("U*V", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"));
  for (const char kind : {'a', 'b', 'y'}) {
    std::string hash = kAlice;
    hash[2] = kind;
    CHECK(http::BcryptMatches("open sesame", hash));
    CHECK_FALSE(http::BcryptMatches("open sesam", hash));
    CHECK_FALSE(http::BcryptMatches("open sesame ", hash));
    CHECK_FALSE(http::BcryptMatches("", hash));
  }
  CHECK(http::BcryptMatches("pass:wört", kBob));
  CHECK(http::BcryptMatches("", "$2y$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"));
}

TEST_CASE("bcrypt: bits of the salt that do not count are not compared") {
  std::string hash = kAlice;
  REQUIRE(hash[28] == 'u');
  hash[28] = 'v';
  CHECK(http::BcryptMatches("open sesame", hash));
}

TEST_CASE("bcrypt: what is a hash, and its cost") {
  CHECK(http::BcryptCost(kAlice) == 4);
  std::string hash = kAlice;
  for (const auto& [cost, allowed] :
       {std::pair{"03", false}, {"10", true}, {"31", true}, {"32", false}, {"1x", false}}) {
    hash.replace(4, 2, cost);
    CAPTURE(hash);
    CHECK(http::BcryptCost(hash).has_value() == allowed);
  }
  for (const char* text :
       {"", "$2y$04$", "$2x$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy",
        "$1y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy",
        "$2y$04.abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy",
        "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/c!",
        "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cyy"}) {
    CAPTURE(text);
    CHECK_FALSE(http::BcryptCost(text));
  }
}

TEST_CASE("bcrypt: the decoy is a hash, and nobody's") {
  const std::string decoy = http::BcryptDecoy(5);
  CHECK(http::BcryptCost(decoy) == 5);
  for (const char* password : {"", ".", "open sesame"}) {
    CHECK_FALSE(http::BcryptMatches(password, decoy));
  }
}

TEST_CASE("the right password of a user is granted, everything else refused") {
  TwoUsers f;
  CHECK(f.Ask(Basic("alice:open sesame")) == Verdict::kGranted);
  CHECK(f.Ask(Basic("bob:pass:wört")) == Verdict::kGranted);
  CHECK(f.computed == 2);
  for (const char* wrong : {"alice:pass:wört", "bob:open sesame", "bob:pass", "carol:open sesame",
                            ":open sesame", "alice:", ":", "Alice:open sesame"}) {
    CAPTURE(wrong);
    CHECK(f.Ask(Basic(wrong)) == Verdict::kRefused);
  }
  CHECK(f.computed == 10);
}

TEST_CASE("the scheme may be written in any case") {
  TwoUsers f;
  for (const char* scheme : {"Basic ", "basic ", "BASIC ", "bAsIc "}) {
    CHECK(f.Ask(scheme + Encode("alice:open sesame")) == Verdict::kGranted);
  }
}

TEST_CASE("what is no user and password is refused without computing") {
  TwoUsers f;
  const std::string nul("alice:open sesame\0", 18);
  for (const std::string& header :
       {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic !!!"),
        "Bearer " + Encode("alice:open sesame"), "Basic" + Encode("alice:open sesame"),
        Basic("alice"), Basic(nul), Basic("alice:" + std::string(512, 'x')),
        Basic("alice:open sesame") + "!"}) {
    CAPTURE(header);
    CHECK(f.Look(header) == Verdict::kRefused);
  }
  CHECK(f.queue.empty());
}

TEST_CASE("without users everybody is refused") {
  Bench f;
  CHECK(f.Look(Basic("alice:open sesame")) == Verdict::kRefused);
}

TEST_CASE("a verdict is remembered, right or wrong, for users that exist and for others") {
  TwoUsers f;
  for (const char* text : {"alice:open sesame", "alice:wrong", "nobody:wrong"}) {
    const Verdict first = f.Ask(Basic(text));
    const std::size_t computed = f.computed;
    CHECK(f.Look(Basic(text)) == first);
    CHECK(f.Ask(Basic(text)) == first);
    CHECK(f.computed == computed);
  }
}

TEST_CASE("equal questions are computed once, and all of them answered") {
  TwoUsers f;
  std::vector<Verdict> good;
  std::vector<Verdict> bad;
  for (int i = 0; i < 20; ++i) {
    f.AskLater(Basic("alice:open sesame"), good);
    f.AskLater(Basic("alice:wrong"), bad);
  }
  CHECK(f.queue.size() == 2);
  f.RunAll();
  CHECK(good == std::vector<Verdict>(20, Verdict::kGranted));
  CHECK(bad == std::vector<Verdict>(20, Verdict::kRefused));
}

TEST_CASE("without room the answer is that it is busy, and nothing is remembered of it") {
  TwoUsers f;
  f.room = 2;
  std::vector<Verdict> waiting;
  f.AskLater(Basic("alice:1"), waiting);
  f.AskLater(Basic("alice:2"), waiting);
  std::vector<Verdict> refused;
  f.AskLater(Basic("alice:open sesame"), refused);
  CHECK(refused == std::vector{Verdict::kBusy});
  f.RunAll();
  CHECK(waiting.size() == 2);
  CHECK(f.Ask(Basic("alice:open sesame")) == Verdict::kGranted);
}

TEST_CASE("one client's flood leaves room for others, and for the client once it is over") {
  TwoUsers f;
  std::vector<Verdict> flood;
  for (std::size_t i = 0; i < BasicAuth::kMaxOfClient + 5; ++i) {
    f.AskLater(Basic("alice:" + std::to_string(i)), flood);
  }
  CHECK(f.queue.size() == BasicAuth::kMaxOfClient);
  CHECK(flood == std::vector<Verdict>(5, Verdict::kBusy));
  std::vector<Verdict> joined;
  f.AskLater(Basic("alice:0"), joined);  // costs nothing more
  std::vector<Verdict> other;
  f.AskLater(Basic("alice:open sesame"), other, "10.0.0.2");
  CHECK(f.queue.size() == BasicAuth::kMaxOfClient + 1);
  f.RunAll();
  CHECK(joined == std::vector{Verdict::kRefused});
  CHECK(other == std::vector{Verdict::kGranted});
  CHECK(f.Ask(Basic("bob:pass:wört")) == Verdict::kGranted);
}

TEST_CASE("a flood of wrong passwords displaces neither the right ones nor the memory") {
  TwoUsers f;
  REQUIRE(f.Ask(Basic("alice:open sesame")) == Verdict::kGranted);
  REQUIRE(f.Ask(Basic("alice:first wrong")) == Verdict::kRefused);
  for (std::size_t i = 0; i < BasicAuth::kMaxWrong; ++i) {
    REQUIRE(f.Ask(Basic("alice:" + std::to_string(i))) == Verdict::kRefused);
  }
  CHECK(f.Look(Basic("alice:open sesame")) == Verdict::kGranted);
  CHECK(f.Look(Basic("alice:1000")) == Verdict::kRefused);
  CHECK_FALSE(f.Look(Basic("alice:first wrong")));  // forgotten: to be computed again
}

TEST_CASE("new users: nothing of the old ones is remembered") {
  TwoUsers f;
  REQUIRE(f.Ask(Basic("alice:open sesame")) == Verdict::kGranted);
  REQUIRE(f.Ask(Basic("alice:pass:wört")) == Verdict::kRefused);
  f.auth.ReplaceUsers({{"alice", kBob}});
  CHECK(f.Ask(Basic("alice:open sesame")) == Verdict::kRefused);
  CHECK(f.Ask(Basic("alice:pass:wört")) == Verdict::kGranted);
  CHECK(f.Ask(Basic("bob:pass:wört")) == Verdict::kRefused);
}

TEST_CASE("the same users again: what is remembered stays") {
  TwoUsers f;
  REQUIRE(f.Ask(Basic("alice:open sesame")) == Verdict::kGranted);
  f.auth.ReplaceUsers({{"alice", kAlice}, {"bob", kBob}});
  CHECK(f.Look(Basic("alice:open sesame")) == Verdict::kGranted);
}

TEST_CASE("users are replaced while a password is computed: nobody comes in by the old ones") {
  TwoUsers f;
  std::vector<Verdict> verdicts;
  f.AskLater(Basic("alice:open sesame"), verdicts);
  const auto asked = f.auth.Look(Basic("alice:open sesame"));
  f.auth.ReplaceUsers({{"alice", kBob}});
  f.auth.Verify(std::get<BasicAuth::QuestionPtr>(asked), "10.0.0.1",
                [&verdicts](Verdict verdict) { verdicts.push_back(verdict); });
  f.RunAll();
  CHECK(verdicts == std::vector{Verdict::kBusy, Verdict::kBusy});
  CHECK(f.Ask(Basic("alice:open sesame")) == Verdict::kRefused);
}

TEST_CASE("a user that does not exist takes as long as the slowest that does") {
  // By the cost that is computed, not by the clock: the decoy costs what the users' hashes do.
  TwoUsers f;
  std::string slow = kBob;
  slow.replace(4, 2, "09");
  f.auth.ReplaceUsers({{"alice", kAlice}, {"bob", slow}});
  const auto took = [&](const std::string& text) {
    const auto begin = std::chrono::steady_clock::now();
    CHECK(f.Ask(Basic(text)) == Verdict::kRefused);
    return std::chrono::steady_clock::now() - begin;
  };
  auto quick = took("alice:a");
  auto unknown = took("nobody:a");
  for (const char* password : {"b", "c", "d"}) {
    quick = std::min(quick, took(std::string("alice:") + password));
    unknown = std::min(unknown, took(std::string("nobody:") + password));
  }
  // 32 times as much work: a third of that is slack enough.
  CHECK(unknown > 10 * quick);
}

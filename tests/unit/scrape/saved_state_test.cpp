#include "scrape/state/saved_state.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "scrape/state/fields.h"
#include "tests/unit/scrape/windows_run.h"

using namespace std::chrono_literals;
using scrape::ReadState;
using scrape::SealState;
using scrape::Secret;
using test::Moment;
using test::SteadyTime;

namespace {

// One key, stopped, whose window has opened, and one host, as they are written at run.now.
std::string Text(test::WindowsRun& run) {
  scrape::SavedKeyHead head{
      .name = "production",
      .base_url = "https://api.example.com/v4",
      .secret_mark = "mark",
      .seen = run.now.steady,
      .stop = scrape::SavedStop{.rejections = 3,
                                .ever_accepted = true,
                                .rejected_by = "limits",
                                .retry_at = run.now.steady + 1h},
      .verdict = scrape::SavedVerdict{.valid = false, .reason = "unauthorized"}};
  scrape::SavedHost host{
      .name = "api.example.com",
      .rejections = {{.at = run.now.steady - 10min, .key = "production", .of_stopped = false},
                     {.at = run.now.steady - 5min, .key = {}, .of_stopped = true}},
      .beyond_budget = {{run.now.steady - 1min}},
      .pause = scrape::SavedPause{.reason = "ip_blocked", .until = run.now.steady + 20min}};
  scrape::StateWriter writer(run.now);
  writer.BeginObject();
  writer("written_at", run.now.system);
  writer("salt", std::string("salt"));
  writer.Name("keys");
  writer.BeginList();
  writer.BeginObject();
  head.Visit(writer);
  writer("windows", run.windows);
  writer.EndObject();
  writer.EndList();
  writer("hosts", std::vector<scrape::SavedHost>{host});
  writer.EndObject();
  return SealState(writer.Take());
}

// The same moment in another process, `later`.
Moment ElsewhereAfter(const Moment& now, std::chrono::milliseconds later) {
  return {.steady = SteadyTime(7h), .system = now.system + later};
}

std::string WhatIsWrong(const std::string& text) {
  const auto state = ReadState(text, {.steady = SteadyTime(7h), .system = test::kBegin});
  return state ? "nothing" : state.error();
}

}  // namespace

TEST_CASE("all that is written is read in the next process, on its own clock") {
  test::WindowsRun run = test::Opened(12);
  const Moment now = ElsewhereAfter(run.now, 2h);
  auto state = ReadState(Text(run), now);
  REQUIRE(state);
  CHECK(state->salt == "salt");
  REQUIRE(state->keys.size() == 1);
  scrape::SavedKey& key = state->keys[0];
  CHECK(key.head.name == "production");
  CHECK(key.head.base_url == "https://api.example.com/v4");
  CHECK(key.head.secret_mark == "mark");
  CHECK(key.head.seen == now.steady - 2h);
  REQUIRE(key.head.stop);
  CHECK(key.head.stop->rejections == 3);
  CHECK(key.head.stop->ever_accepted);
  CHECK(key.head.stop->rejected_by == "limits");
  CHECK(key.head.stop->retry_at == now.steady - 1h);
  REQUIRE(key.head.verdict);
  CHECK(key.head.verdict->valid == false);
  CHECK(key.head.verdict->reason == "unauthorized");
  REQUIRE(state->hosts.size() == 1);
  const scrape::SavedHost& host = state->hosts[0];
  CHECK(host.name == "api.example.com");
  REQUIRE(host.rejections.size() == 2);
  CHECK(host.rejections[0].at == now.steady - 130min);
  CHECK(host.rejections[0].key == "production");
  CHECK_FALSE(host.rejections[0].of_stopped);
  CHECK_FALSE(host.rejections[1].key);
  CHECK(host.rejections[1].of_stopped);
  REQUIRE(host.beyond_budget.size() == 1);
  CHECK(host.beyond_budget[0].at == now.steady - 121min);
  REQUIRE(host.pause);
  CHECK(host.pause->reason == "ip_blocked");
  CHECK(host.pause->until == now.steady - 100min);

  key.windows.Resume(test::kDay, 0ms, now);
  REQUIRE(key.windows.Published());
  const auto& window = key.windows.Published()->front();
  CHECK(window.family == "feed");
  CHECK(window.consumed_total == 12);
  REQUIRE(window.reset);
  CHECK(*window.reset == test::kBegin + 4min + 24h);
  // What was used meanwhile counts.
  key.windows.Polled({.used = {{"feed", 20}}}, 1min, now);
  CHECK(key.windows.Published()->front().consumed_total == 20);
}

TEST_CASE("where the clock was set back no time has passed") {
  test::WindowsRun run = test::Opened();
  const Moment now = ElsewhereAfter(run.now, -3h);
  const auto state = ReadState(Text(run), now);
  REQUIRE(state);
  CHECK(state->keys[0].head.seen == now.steady);
  CHECK(state->keys[0].head.stop->retry_at == now.steady + 1h);
}

TEST_CASE("one bit, and it is damaged") {
  test::WindowsRun run = test::Opened();
  const std::string text = Text(run);
  CHECK(WhatIsWrong(text) == "nothing");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK(WhatIsWrong(damaged) != "nothing");
    CHECK(WhatIsWrong(text.substr(0, i)) != "nothing");
  }
  CHECK(WhatIsWrong(text + "\n") != "nothing");
}

TEST_CASE("what is wrong is said") {
  CHECK(WhatIsWrong("") == "was not written by mdcloud_exporter");
  CHECK(WhatIsWrong("keys: []\n") == "was not written by mdcloud_exporter");
  CHECK(WhatIsWrong("mdcloud_exporter state 2 00\n{}\n") ==
        "is of another version (2) than this program's (1)");
  CHECK(WhatIsWrong("mdcloud_exporter state 1 00\n{}\n") ==
        "is damaged: its checksum does not match");
  CHECK(WhatIsWrong("mdcloud_exporter state 1 00") == "is damaged: it is cut off");
  CHECK(WhatIsWrong(SealState("[]")) == "is damaged: it is not JSON");
}

TEST_CASE("what cannot be is not believed, though its checksum matches") {
  const auto key = [](const std::string& windows) {
    return SealState(
        R"({"written_at":0,"salt":"s","keys":[{"name":"a","base_url":"b","secret_mark":"c",)"
        R"("seen":0,"windows":)" +
        windows + "}]}");
  };
  const auto family = [&](const std::string& members) {
    return key(R"({"families":{"feed":{)" + members + "}}}");
  };
  CHECK(WhatIsWrong(key("{}")) == "nothing");
  CHECK(WhatIsWrong(family(R"("total":5)")) == "nothing");
  const std::string wrong = "is damaged: it says what cannot be";
  CHECK(WhatIsWrong(SealState("{}")) == wrong);
  CHECK(WhatIsWrong(key("5")) == wrong);
  CHECK(WhatIsWrong(family(R"("total":-1)")) == wrong);
  CHECK(WhatIsWrong(family(R"("total":[])")) == wrong);
  CHECK(WhatIsWrong(family(R"("mark":-3)")) == wrong);
  CHECK(WhatIsWrong(family(R"("last_poll":99999999999999)")) == wrong);
  CHECK(WhatIsWrong(family(R"("times":{"stated_length":-5})")) == wrong);
  CHECK(WhatIsWrong(family(R"("runs":{"below":{"count":2}})")) == wrong);
  CHECK(WhatIsWrong(family(R"("runs":{"below":{"count":-2}})")) == wrong);
  CHECK(WhatIsWrong(family(R"("first_polls":[{"used":1},{"used":1},{"used":1}])")) == wrong);
  CHECK(WhatIsWrong(key(R"({"families":{"Feed\n":{}}})")) == wrong);
}

TEST_CASE("a secret leaves nothing but a mark, another one for each salt") {
  const Secret secret("0123456789abcdef0123456789abcdef");
  const std::string salt = scrape::NewSalt();
  CHECK(salt.size() == 32);
  CHECK(scrape::NewSalt() != salt);
  const std::string mark = MarkOf(secret, salt);
  CHECK(mark.size() == 64);
  CHECK(mark == MarkOf(Secret(secret.Reveal()), salt));
  CHECK(mark != MarkOf(secret, "other"));
  CHECK(mark != MarkOf(Secret("0123456789abcdef0123456789abcdee"), salt));
}

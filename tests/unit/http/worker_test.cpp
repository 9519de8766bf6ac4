#include "http/worker.h"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "http/reply.h"

using http::Worker;

TEST_CASE("work is done on one other thread, in order") {
  std::vector<int> done;
  std::vector<std::thread::id> threads;
  std::promise<void> last;
  Worker worker;
  for (int i = 0; i < 20; ++i) {
    CHECK(worker.Post([&, i] {
      done.push_back(i);
      threads.push_back(std::this_thread::get_id());
      if (i == 19) last.set_value();
    }));
  }
  last.get_future().get();
  for (int i = 0; i < 20; ++i) CHECK(done.at(static_cast<std::size_t>(i)) == i);
  for (const std::thread::id& id : threads) CHECK(id == threads.front());
  CHECK(threads.front() != std::this_thread::get_id());
}

TEST_CASE("the queue is limited, beside the work that runs") {
  std::promise<void> running;
  std::promise<void> release;
  Worker worker(3);
  REQUIRE(worker.Post([&] {
    running.set_value();
    release.get_future().get();
  }));
  running.get_future().get();
  std::promise<void> last;
  CHECK(worker.Post([] {}));
  CHECK(worker.Post([] {}));
  CHECK(worker.Post([&] { last.set_value(); }));
  CHECK_FALSE(worker.Post([] {}));
  release.set_value();
  last.get_future().get();
  CHECK(worker.Post([] {}));
}

TEST_CASE("what goes ahead is done first, in order, however much is waiting") {
  std::promise<void> running;
  std::promise<void> release;
  std::vector<int> done;
  Worker worker(1);
  REQUIRE(worker.Post([&] {
    running.set_value();
    release.get_future().get();
  }));
  running.get_future().get();
  std::promise<void> last;
  CHECK(worker.Post([&] { last.set_value(); }));
  CHECK_FALSE(worker.Post([] {}));
  for (const int i : {1, 2}) CHECK(worker.PostAhead([&done, i] { done.push_back(i); }));
  CHECK_FALSE(worker.Post([] {}));
  release.set_value();
  last.get_future().get();
  CHECK(done == std::vector<int>{1, 2});
  worker.Stop();
  CHECK_FALSE(worker.PostAhead([] {}));
}

TEST_CASE("exceptions are told and do not end the thread") {
  std::vector<std::string> problems;
  std::promise<void> last;
  Worker worker(32, [&](std::string_view problem) { problems.emplace_back(problem); });
  CHECK(worker.Post([] { throw std::runtime_error("broken"); }));
  CHECK(worker.Post([] { throw 42; }));
  CHECK(worker.Post([&] { last.set_value(); }));
  last.get_future().get();
  CHECK(problems == std::vector<std::string>{"work for an HTTP request failed: broken",
                                             "work for an HTTP request failed: not a "
                                             "std::exception"});
}

TEST_CASE("stopping waits for what runs, drops what waits, and takes nothing more") {
  std::promise<void> running;
  std::promise<void> release;
  bool ended = false;
  bool waiting_ran = false;
  int status = 0;
  Worker worker(1'000'000);  // never full: it refuses only once it is being stopped
  REQUIRE(worker.Post([&] {
    running.set_value();
    release.get_future().get();
    ended = true;
  }));
  running.get_future().get();
  const auto see = [&status](const http::Response& response) { status = response.status; };
  CHECK(worker.Post([&waiting_ran, responder = http::Responder(see)] { waiting_ran = true; }));
  std::thread stopper([&worker] { worker.Stop(); });
  while (worker.Post([] {})) std::this_thread::yield();
  release.set_value();
  stopper.join();
  CHECK(ended);
  CHECK_FALSE(waiting_ran);
  CHECK(status == 500);  // a dropped responder's
  CHECK_FALSE(worker.Post([] {}));
  worker.Stop();
}

#include "simulator/fault.h"

#include <curl/curl.h>
#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>

#include "curl_client.h"
#include "simulator/bodies.h"
#include "simulator/cloud.h"

using namespace simulator;  // NOLINT(google-build-using-namespace): the room under test
using std::chrono::milliseconds;

namespace {

// A service with a key that has the fault, and one that has not.
class Rig {
 public:
  explicit Rig(const Fault& fault) {
    std::mt19937_64 random(1);
    for (KeyScript* script : {&bad_, &good_}) {
      script->name = script == &bad_ ? "bad" : "good";
      script->apikey = FakeApikey(random);
      cloud_.AddKey(*script);
    }
    cloud_.SetFault("bad", fault);
  }

  CurlAnswer Bad(milliseconds timeout = std::chrono::seconds(10)) {
    const CurlAnswer answer = Ask(url(), bad_.apikey, timeout);
    CHECK(Ask(url(), good_.apikey).status == 200);
    return answer;
  }
  Cloud& cloud() { return cloud_; }
  [[nodiscard]] std::string url() const { return cloud_.BaseUrl() + "/apikey/limits"; }
  [[nodiscard]] const std::string& apikey() const { return bad_.apikey; }

 private:
  Cloud cloud_;
  KeyScript bad_;
  KeyScript good_;
};

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("errors of the service have its status, code and shape") {
  const CurlAnswer rejected = Rig(Rejected()).Bad();
  CHECK(rejected.status == 401);
  CHECK(rejected.body == R"({"error":{"code":401006,"messages":["Invalid API key"]}})");
  const CurlAnswer not_found = Rig(NotFound()).Bad();
  CHECK(not_found.status == 404);
  CHECK(Contains(not_found.body, "404008"));
  const CurlAnswer exhausted =
      Rig(QuotaExhausted(std::chrono::hours(5) + std::chrono::seconds(67))).Bad();
  CHECK(exhausted.status == 429);
  CHECK(Contains(exhausted.body, "\"code\":429000"));
  CHECK(Contains(exhausted.body, "The limit will be reset in 5 hours 1 minutes 7 seconds."));
  const CurlAnswer throttled = Rig(Throttled()).Bad();
  CHECK(throttled.status == 429);
  CHECK(Contains(throttled.body, R"("messages":"The request has been throttled, )"));
  CHECK(Contains(throttled.body, R"("code":429001,"status":429)"));
  CHECK(Rig(ServerError()).Bad().status == 500);
  const CurlAnswer hidden = Rig(ErrorWith200()).Bad();
  CHECK(hidden.status == 200);
  CHECK(Contains(hidden.body, "401006"));
  const CurlAnswer blocked = Rig(ApiError(403, 403002, "IP blocked")).Bad();
  CHECK(blocked.status == 403);
  CHECK(blocked.body == ErrorBody(403002, "IP blocked"));
}

TEST_CASE("bodies that are not the service's") {
  const CurlAnswer forbidden = Rig(Forbidden()).Bad();
  CHECK(forbidden.status == 403);
  CHECK(forbidden.headers.at("content-type") == "text/html");
  const CurlAnswer garbage = Rig(Garbage()).Bad();
  CHECK(garbage.status == 200);
  CHECK(garbage.body.size() == 24);
  CHECK(garbage.body[0] == '\0');
  CHECK(Contains(Rig(Html()).Bad().body, "<!doctype html>"));
  const CurlAnswer empty = Rig(EmptyBody()).Bad();
  CHECK(empty.error == CURLE_OK);
  CHECK(empty.status == 200);
  CHECK(empty.body.empty());
  CHECK(Rig(WrongShape()).Bad().body == "[]");
  CHECK(Rig(WrongShape("\"text\"")).Bad().body == "\"text\"");
  const CurlAnswer huge = Rig(HugeBody()).Bad();
  CHECK(huge.error == CURLE_OK);
  CHECK(huge.body.size() > 2 * 1024 * 1024);
}

TEST_CASE("a redirect names the other place") {
  const CurlAnswer answer = Rig(Redirect("http://127.0.0.1:9/elsewhere")).Bad();
  CHECK(answer.status == 302);
  CHECK(answer.headers.at("location") == "http://127.0.0.1:9/elsewhere");
}

TEST_CASE("a slow answer is the true one, late") {
  Rig rig(Slow(milliseconds(150)));
  const auto start = std::chrono::steady_clock::now();
  const CurlAnswer answer = rig.Bad();
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(150));
  CHECK(answer.body == LimitsBody(rig.cloud().Truth("bad")));
}

TEST_CASE(
    "a hanging key runs into the client's timeout, and does not keep the service from ending") {
  auto rig = std::make_unique<Rig>(Hang());
  CHECK(rig->Bad(milliseconds(100)).error == CURLE_OPERATION_TIMEDOUT);
  const auto start = std::chrono::steady_clock::now();
  rig.reset();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("connections can end without an answer or in the middle of one") {
  CHECK(Rig(Drop()).Bad().error == CURLE_GOT_NOTHING);
  Rig rig(Truncated());
  const CurlAnswer half = rig.Bad();
  CHECK(half.error == CURLE_PARTIAL_FILE);
  const std::string whole = LimitsBody(rig.cloud().Truth("bad"));
  CHECK(half.body == whole.substr(0, whole.size() / 2));
}

TEST_CASE("any answer can be given instead") {
  http::Response response;
  response.status = 503;
  response.headers = {{"Retry-After", "120"}};
  const CurlAnswer answer = Rig(Custom(response)).Bad();
  CHECK(answer.status == 503);
  CHECK(answer.headers.at("retry-after") == "120");
  CHECK(Rig(CustomBody(200, "{}")).Bad().body == "{}");
}

TEST_CASE("faults come and go at run time, for one endpoint or for all") {
  Rig rig(ServerError());
  CHECK(rig.Bad().status == 500);
  rig.cloud().SetFault("bad", NoFault());
  CHECK(rig.Bad().status == 200);
  rig.cloud().SetFault("bad", Endpoint::kStatus, NotFound());
  CHECK(rig.Bad().status == 200);
  CHECK(Ask(rig.cloud().BaseUrl() + "/apikey/limits/status", rig.apikey()).status == 404);
  CHECK(Ask(rig.cloud().BaseUrl() + "/apikey/", rig.apikey()).status == 200);
}

TEST_CASE("every named fault leaves the other keys unharmed") {
  for (const auto& named : NamedFaults()) {
    CAPTURE(named.first);
    Rig rig(named.second);
    static_cast<void>(rig.Bad(milliseconds(500)));
  }
}

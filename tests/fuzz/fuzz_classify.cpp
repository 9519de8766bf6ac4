// Which failure an answer is, and what it says about the apikey.

#include <array>

#include "scrape/api/classify.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

using scrape::Reason;
using scrape::Verdict;

namespace {

constexpr std::array<std::string_view, 1> kMembers = {"known"};

// By the service's own list, written down anew.
bool RejectsTheApikey(int code) {
  return (code >= 401000 && code <= 401007) || code == 401009 || code == 401010 || code == 404008;
}

void CheckGranted(const scrape::HttpAnswer& answer, const scrape::JsonDocument& document) {
  fuzz::Expect(answer.status >= 200 && answer.status < 300 && answer.status != 204,
               "granted is 2xx with a body");
  const auto root = document.Root();
  fuzz::Expect(root.has_value() && root->HasMember("known"), "granted has a documented member");
  fuzz::Expect(!root->FindObject("error"), "granted has no error");
}

void CheckRefused(const scrape::ScrapeError& error) {
  const int code = error.api_code.value_or(0);
  fuzz::Expect(!error.api_code || (code >= 400000 && code < 600000), "a code has its form");
  fuzz::Expect((error.verdict == Verdict::kRejected) == RejectsTheApikey(code),
               "an apikey is rejected by the codes that say so and no others");
  fuzz::Expect((error.reason == Reason::kIpBlocked) == (code == 403002), "a block has its code");
  fuzz::Expect((error.reason == Reason::kMtlsRequired) == (code == 401011), "mTLS has its code");
  fuzz::Expect((error.reason == Reason::kQuotaExhausted) == (code == 429000),
               "an exhausted quota has its code");
  fuzz::Expect(error.verdict != Verdict::kAccepted || error.api_code,
               "an apikey is accepted by a code only");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scrape::HttpAnswer answer = fuzz::AnswerOf(fuzz::TextOf(data, size));
  const auto document = ReadAnswer(answer, kMembers);
  if (document) {
    CheckGranted(answer, *document);
  } else {
    fuzz::CheckError(answer, document.error());
    CheckRefused(document.error());
  }
  return 0;
}

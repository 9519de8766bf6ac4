// The body of GET /apikey/limits/status.

#include "scrape/api/decode.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scrape::HttpAnswer answer = fuzz::AnswerOf(fuzz::TextOf(data, size));
  const auto status = DecodeStatus(answer, {.secret = fuzz::kSecret});
  if (status) {
    fuzz::CheckValues(status->remaining);
    fuzz::CheckNumber(status->throttle_remaining);
  } else {
    fuzz::CheckError(answer, status.error());
  }
  return 0;
}

// The body of GET /apikey/limits.

#include "scrape/api/decode.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scrape::HttpAnswer answer = fuzz::AnswerOf(fuzz::TextOf(data, size));
  const auto limits = DecodeLimits(answer, {.secret = fuzz::kSecret});
  if (limits) {
    fuzz::CheckValues(limits->used);
  } else {
    fuzz::CheckError(answer, limits.error());
  }
  return 0;
}

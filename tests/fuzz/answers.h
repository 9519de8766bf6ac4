#pragma once
// Answers of the service made of a fuzzer's bytes, and what has to hold for whatever is decoded
// from one. Pure, any thread.

#include <optional>
#include <string_view>

#include "scrape/api/http_answer.h"
#include "scrape/api/quota.h"
#include "scrape/api/scrape_error.h"

namespace fuzz {

// The apikey asked with. No label and no error may show it.
inline constexpr std::string_view kSecret = "5ec2e700000000000000000000a91ce7";

// The first byte picks the status ('0' is 200), the second the headers ('0': none); the rest is the
// body. Less than two bytes are an empty body with status 200.
[[nodiscard]] scrape::HttpAnswer AnswerOf(std::string_view input);

void CheckError(const scrape::HttpAnswer& answer, const scrape::ScrapeError& error);
void CheckNumber(std::optional<double> number);
void CheckValues(const scrape::ApiValues& values);
// Of a text that becomes the value of a label.
void CheckLabel(std::string_view text);

}  // namespace fuzz

#include "scrape/api/json.h"

#include <rapidjson/document.h>
#include <rapidjson/encodedstream.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

#include "scrape/api/decimal.h"

namespace scrape {
namespace {

// Iterative: the recursive parser overflows the stack on a megabyte of '['. Numbers as strings:
// RapidJSON 1.1.0's own conversion reads out of bounds on 0.000...1 with some 350 zeros (full
// precision) and on 0.0000000001e-2147483639 (normal precision), so NumberDocument converts them.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

// What the parser writes into; a number that ParseDecimal refuses becomes null.
class NumberDocument : public rapidjson::Document {
 public:
  bool RawNumber(const char* text, rapidjson::SizeType length, bool /*copy*/) {
    const std::optional<double> number = ParseDecimal({text, length});
    return number ? Double(*number) : Null();
  }
};

std::string ErrorAt(std::size_t byte, std::string_view what) {
  return "not JSON, byte " + std::to_string(byte) + ": " + std::string(what);
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Drops the digits at the front of `text`; false when there are none.
bool SkipDigits(std::string_view& text) {
  const std::size_t count =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
  text.remove_prefix(count);
  return count > 0;
}

// Whether JSON allows the whole of `text` as a number, whatever its size.
bool IsJsonNumber(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with('0')) {
    text.remove_prefix(1);
  } else if (!SkipDigits(text)) {
    return false;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (!SkipDigits(text)) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (!SkipDigits(text)) return false;
  }
  return text.empty();
}

// `text` with "null", and spaces up to the same length, for each number that ParseDecimal refuses.
// None of those has less than four characters ("1e16").
std::string WithoutHugeNumbers(std::string text) {
  constexpr std::string_view kNull = "null";
  const std::string_view all = text;
  bool in_string = false;
  for (std::size_t i = 0; i < all.size();) {
    const char c = all[i];
    std::size_t length = 1;
    if (in_string) {
      in_string = c != '"';
      if (c == '\\') length = 2;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '-' || IsDigit(c)) {
      length = std::min(all.find_first_not_of("0123456789+-.eE", i), all.size()) - i;
      const std::string_view number = all.substr(i, length);
      if (length >= kNull.size() && IsJsonNumber(number) && !ParseDecimal(number)) {
        text.replace(i, length, length, ' ').replace(i, kNull.size(), kNull);
      }
    }
    i += length;
  }
  return text;
}

bool IsAscii(std::string_view text) {
  unsigned char seen = 0;
  for (const char c : text) seen |= static_cast<unsigned char>(c);
  return seen < 0x80;
}

template <unsigned kFlags>
rapidjson::ParseResult ParseInto(NumberDocument& document, std::string_view text) {
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::ParseResult result;
  auto parse = [&](rapidjson::Document& /*document*/) {
    result = rapidjson::Reader().Parse<kFlags>(stream, document);
    return !result.IsError();
  };
  document.Populate(parse);
  return result;
}

rapidjson::ParseResult ParseInto(NumberDocument& document, std::string_view text) {
  // Validating is almost half of the work, and the usual answer does not need it.
  if (IsAscii(text)) return ParseInto<kParseFlags>(document, text);
  return ParseInto<kParseFlags | rapidjson::kParseValidateEncodingFlag>(document, text);
}

std::string_view TextOf(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

const rapidjson::Value* FindMember(const rapidjson::Value& object, std::string_view name) {
  for (auto member = object.MemberBegin(); member != object.MemberEnd(); ++member) {
    if (TextOf(member->name) == name) return &member->value;
  }
  return nullptr;
}

std::optional<double> NumberOf(const rapidjson::Value& value) {
  if (value.IsNumber()) return value.GetDouble();
  if (value.IsString()) return ParseDecimal(TextOf(value));
  return std::nullopt;
}

}  // namespace

bool JsonObject::HasMember(std::string_view name) const {
  return FindMember(*value_, name) != nullptr;
}

bool JsonObject::Has(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  return member != nullptr && !member->IsNull();
}

std::optional<double> JsonObject::FindNumber(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr) return std::nullopt;
  return NumberOf(*member);
}

std::optional<bool> JsonObject::FindBool(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr) return std::nullopt;
  if (member->IsBool()) return member->GetBool();
  if (member->IsString() && TextOf(*member) == "true") return true;
  if (member->IsString() && TextOf(*member) == "false") return false;
  const std::optional<double> number = NumberOf(*member);
  if (number == 0.0) return false;
  if (number == 1.0) return true;
  return std::nullopt;
}

std::optional<std::string_view> JsonObject::FindString(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr || !member->IsString()) return std::nullopt;
  return TextOf(*member);
}

std::optional<JsonObject> JsonObject::FindObject(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr || !member->IsObject()) return std::nullopt;
  return JsonObject(*member);
}

std::vector<JsonObject> JsonObject::FindObjects(std::string_view name) const {
  std::vector<JsonObject> objects;
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr || !member->IsArray()) return objects;
  objects.reserve(member->Size());
  for (const rapidjson::Value& element : member->GetArray()) {
    if (element.IsObject()) objects.push_back(JsonObject(element));
  }
  return objects;
}

std::optional<std::size_t> JsonObject::FindArraySize(std::string_view name) const {
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr || !member->IsArray()) return std::nullopt;
  return member->Size();
}

std::vector<std::string_view> JsonObject::FindStrings(std::string_view name) const {
  std::vector<std::string_view> strings;
  const rapidjson::Value* const member = FindMember(*value_, name);
  if (member == nullptr) return strings;
  if (member->IsString()) strings.push_back(TextOf(*member));
  if (!member->IsArray()) return strings;
  for (const rapidjson::Value& element : member->GetArray()) {
    if (element.IsString()) strings.push_back(TextOf(element));
  }
  return strings;
}

std::vector<std::string_view> JsonObject::Names() const {
  std::vector<std::string_view> names;
  for (auto member = value_->MemberBegin(); member != value_->MemberEnd(); ++member) {
    names.push_back(TextOf(member->name));
  }
  return names;
}

std::vector<std::pair<std::string_view, double>> JsonObject::Numbers() const {
  std::vector<std::pair<std::string_view, double>> numbers;
  for (auto member = value_->MemberBegin(); member != value_->MemberEnd(); ++member) {
    const std::optional<double> number = NumberOf(member->value);
    if (number) numbers.emplace_back(TextOf(member->name), *number);
  }
  return numbers;
}

tl::expected<JsonDocument, std::string> JsonDocument::Parse(std::string_view text) {
  // RapidJSON takes a NUL for the end of the text, whatever follows, and skips a byte order mark.
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) return tl::unexpected(ErrorAt(nul, "NUL"));
  if (text.starts_with("\xEF\xBB\xBF")) return tl::unexpected(ErrorAt(0, "byte order mark"));
  auto document = std::make_shared<NumberDocument>();
  rapidjson::ParseResult result = ParseInto(*document, text);
  if (result.Code() == rapidjson::kParseErrorNumberTooBig) {
    // RapidJSON gives up on the whole text for one number beyond a double's range.
    document = std::make_shared<NumberDocument>();
    result = ParseInto(*document, WithoutHugeNumbers(std::string(text)));
  }
  if (result.IsError()) {
    return tl::unexpected(ErrorAt(result.Offset(), rapidjson::GetParseError_En(result.Code())));
  }
  return JsonDocument(std::move(document));
}

std::optional<JsonObject> JsonDocument::Root() const {
  if (!document_->IsObject()) return std::nullopt;
  return JsonObject(*document_);
}

}  // namespace scrape

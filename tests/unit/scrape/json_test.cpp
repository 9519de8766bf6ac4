#include "scrape/api/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

using scrape::JsonDocument;
using scrape::JsonObject;

namespace {

// Wraps one value as {"v": ...}; fails the test when that is not JSON.
JsonDocument Holding(std::string_view value) {
  auto document = JsonDocument::Parse("{\"v\":" + std::string(value) + "}");
  REQUIRE_MESSAGE(document.has_value(), value);
  return *document;
}

std::optional<double> Number(std::string_view value) {
  return Holding(value).Root()->FindNumber("v");
}
std::optional<bool> Bool(std::string_view value) { return Holding(value).Root()->FindBool("v"); }

std::string Repeated(std::string_view piece, std::size_t times) {
  std::string text;
  text.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("numbers and numeric strings are numbers") {
  CHECK(Number("4") == 4.0);
  CHECK(Number("\"4\"") == 4.0);
  CHECK(Number("-3") == -3.0);
  CHECK(Number("\"-3\"") == -3.0);
  CHECK(Number("1.5") == 1.5);
  CHECK(Number("1e3") == 1000.0);
  CHECK(Number("\"1e3\"") == 1000.0);
  CHECK(Number("9007199254740992") == 9007199254740992.0);
  CHECK(Number("-9007199254740992") == -9007199254740992.0);
  CHECK(Number("0.1") == 0.1);
}

TEST_CASE("minus zero is zero") {
  for (const std::string_view zero : {"-0", "-0.0", "\"-0\"", "\"-0.0\""}) {
    CAPTURE(zero);
    const std::optional<double> number = Number(zero);
    REQUIRE(number == 0.0);
    CHECK_FALSE(std::signbit(*number));
  }
}

TEST_CASE("what is no exact finite number is absent") {
  for (const std::string_view value : {"null",
                                       "true",
                                       "[]",
                                       "[1]",
                                       "{}",
                                       "\"\"",
                                       "\" 4\"",
                                       "\"4 \"",
                                       "\"4x\"",
                                       "\"0x10\"",
                                       "\"inf\"",
                                       "\"nan\"",
                                       "\"-inf\"",
                                       "\"Infinity\"",
                                       "\"+4\"",
                                       "\"1e400\"",
                                       "\"--1\"",
                                       "\"1.2.3\"",
                                       "\"4\\u0000\"",
                                       "\"\xD9\xA4\"",
                                       "9007199254740994",
                                       "-9007199254740994",
                                       "18446744073709551616",
                                       "1e300",
                                       "\"9007199254740994\"",
                                       "\"e\"",
                                       "\".\"",
                                       "\"-\""}) {
    CAPTURE(value);
    CHECK(Number(value) == std::nullopt);
  }
}

TEST_CASE("booleans come in many types") {
  for (const std::string_view value : {"true", "1", "\"1\"", "\"true\"", "1.0"}) {
    CAPTURE(value);
    CHECK(Bool(value) == true);
  }
  for (const std::string_view value : {"false", "0", "\"0\"", "\"false\"", "-0"}) {
    CAPTURE(value);
    CHECK(Bool(value) == false);
  }
  for (const std::string_view value : {"2", "-1", "null", "\"yes\"", "\"\"", "[]", "{}", "0.5"}) {
    CAPTURE(value);
    CHECK(Bool(value) == std::nullopt);
  }
}

TEST_CASE("a member of another type is as good as absent") {
  const auto document = JsonDocument::Parse(R"({"s":"x","n":1,"a":[1,2],"o":{"i":2},"z":null})");
  REQUIRE(document);
  const JsonObject root = *document->Root();
  CHECK(root.FindString("s") == "x");
  CHECK(root.FindArraySize("a") == 2U);
  CHECK(root.FindObject("o")->FindNumber("i") == 2.0);
  for (const char* name : {"n", "a", "o", "z", "missing"}) CHECK_FALSE(root.FindString(name));
  for (const char* name : {"s", "n", "o", "z", "missing"}) CHECK_FALSE(root.FindArraySize(name));
  for (const char* name : {"s", "n", "a", "z", "missing"}) CHECK_FALSE(root.FindObject(name));
  CHECK(root.Has("n"));
  CHECK_FALSE(root.Has("z"));
  CHECK(root.HasMember("z"));
  CHECK_FALSE(root.HasMember("missing"));
}

TEST_CASE("strings are found alone and in arrays") {
  using Strings = std::vector<std::string_view>;
  const auto document = JsonDocument::Parse(
      R"({"s":"x","a":["y",1,null,["z"],{"k":"v"},"w"],"e":[],"n":1,"o":{"k":"v"}})");
  const JsonObject root = *document->Root();
  CHECK(root.FindStrings("s") == Strings{"x"});
  CHECK(root.FindStrings("a") == Strings{"y", "w"});
  for (const char* name : {"e", "n", "o", "missing"}) CHECK(root.FindStrings(name).empty());
}

TEST_CASE("of duplicate members the first counts") {
  CHECK(JsonDocument::Parse(R"({"v":1,"v":2})")->Root()->FindNumber("v") == 1.0);
}

TEST_CASE("a member name is compared as a whole, NUL included") {
  const auto document = JsonDocument::Parse(R"({"a\u0000b":1})");
  CHECK_FALSE(document->Root()->HasMember("a"));
  CHECK(document->Root()->HasMember(std::string_view("a\0b", 3)));
}

TEST_CASE("only an object has a root") {
  for (const std::string_view text : {"[]", "\"x\"", "1", "null", "true"}) {
    CAPTURE(text);
    const auto document = JsonDocument::Parse(text);
    REQUIRE(document);
    CHECK_FALSE(document->Root());
  }
}

TEST_CASE("what is not JSON is an error with a byte and without the text") {
  const std::string nul("{}\0x", 4);
  for (const std::string_view text : {std::string_view(""),
                                      std::string_view("  "),
                                      std::string_view(nul),
                                      std::string_view(nul).substr(0, 3),
                                      std::string_view("\xEF\xBB\xBF{}"),
                                      std::string_view("{\"sentinel\":\"\xFF\"}"),
                                      std::string_view("{\"sentinel\":\"\xC0\x80\"}"),
                                      std::string_view("{\"sentinel\":sentinel}"),
                                      std::string_view("{\"sentinel\":\"\\ud800\"}"),
                                      std::string_view("{\"sentinel\":NaN}"),
                                      std::string_view("{\"sentinel\":01e400}"),
                                      std::string_view("{\"sentinel\":1.e400}"),
                                      std::string_view("{\"sentinel\":1e400e400}"),
                                      std::string_view("{\"sentinel\":-}"),
                                      std::string_view("{\"a\":1e400,\"sentinel\":x}"),
                                      std::string_view("{} sentinel"),
                                      std::string_view("{\"sentinel\":1,}"),
                                      std::string_view("{\"sentinel\":01}"),
                                      std::string_view("<html>sentinel</html>"),
                                      std::string_view("\xFF\xFE{\0}\0", 6),
                                      std::string_view("{\"sentinel\":\"a\nb\"}")}) {
    CAPTURE(text);
    const auto document = JsonDocument::Parse(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().starts_with("not JSON, byte "));
    CHECK(document.error().find("sentinel") == std::string::npos);
  }
  CHECK(JsonDocument::Parse("{\"a\":x}").error() == "not JSON, byte 5: Invalid value.");
}

TEST_CASE("hostile depth and size neither crash nor hang") {
  CHECK_FALSE(JsonDocument::Parse(std::string(1 << 20, '[')));
  CHECK_FALSE(JsonDocument::Parse(Repeated("{\"a\":", 1'000'000)));
  CHECK(JsonDocument::Parse(std::string(500'000, '[') + std::string(500'000, ']')));
  CHECK(JsonDocument::Parse(Repeated("{\"a\":", 200'000) + "1" + std::string(200'000, '}')));
  CHECK_FALSE(Number(std::string(300, '9')));
  CHECK(JsonDocument::Parse("{\"v\":" + std::string(1'000'000, '9') + "}").has_value());
  CHECK(Number("\"" + std::string(1'000'000, '9') + "\"") == std::nullopt);
  CHECK(Number("0." + std::string(1'000'000, '1')) == doctest::Approx(1.0 / 9));
  CHECK(Number("\"0." + std::string(1'000'000, '1') + "\"") == doctest::Approx(1.0 / 9));
  const auto wide = JsonDocument::Parse("{\"x\":0" + Repeated(",\"limit_a\":1", 80'000) + "}");
  CHECK(wide->Root()->Numbers().size() == 80'001);
}

TEST_CASE("a number too large for a double is absent, and what stands beside it counts") {
  for (const std::string& value :
       {std::string("1e400"), std::string("-1e400"), std::string("1E+400"), std::string("1.5e309"),
        std::string("1e2147483647"), std::string("1e2147483648"),
        std::string("1e99999999999999999999"), std::string(310, '9'), std::string(310, '9') + ".5",
        "0." + std::string(20, '0') + "1e999"}) {
    CAPTURE(value.substr(0, 50));
    const auto document = JsonDocument::Parse("{\"a\":1,\"s\":\"\\\"1e400\",\"v\":" + value +
                                              ",\"z\":[" + value + "," + value + "],\"n\":2}");
    REQUIRE(document);
    const JsonObject root = *document->Root();
    CHECK(root.FindNumber("v") == std::nullopt);
    CHECK(root.HasMember("v"));
    CHECK(root.FindArraySize("z") == 2U);
    CHECK(root.FindString("s") == "\"1e400");
    CHECK(root.Numbers() == decltype(root.Numbers()){{"a", 1}, {"n", 2}});
  }
  CHECK(JsonDocument::Parse("{\"a\":1e400,\"b\":x}").error() ==
        "not JSON, byte 15: Invalid value.");
  // However many there are.
  CHECK(Holding("[0" + Repeated(",1e400", 150'000) + "]").Root()->FindArraySize("v") == 150'001U);
}

// RapidJSON's own conversion crashes on these.
TEST_CASE("a number too small for a double is survived and absent") {
  for (const std::string& value :
       {std::string("1e-400"), std::string("1e-2147483647"), std::string("1e-2147483648"),
        std::string("1e-99999999999999999999"), std::string("0.0000000001e-2147483639"),
        std::string("123456789012345678901234567890e-2147483647"),
        "0." + std::string(350, '0') + "1", "0." + std::string(1'000'000, '0') + "1"}) {
    CAPTURE(value.substr(0, 50));
    CHECK(Number(value) == std::nullopt);
  }
}

TEST_CASE("an escaped lone low surrogate is handed on, not crashed on") {
  const auto document = JsonDocument::Parse(R"({"v":"a\udc00b"})");
  if (document) CHECK(document->Root()->FindString("v")->size() == 5);
}

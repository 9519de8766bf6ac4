#include "scrape/api/label_text.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using scrape::IsFamilyName;
using scrape::LabelText;
using scrape::Redactor;

namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789ABCDEF";

std::string Label(std::string_view text) { return LabelText(text, Redactor(kSecret)); }

// `secret` with `filler` before each of its bytes.
std::string Interleaved(std::string_view secret, std::string_view filler) {
  std::string text;
  for (const char c : secret) {
    text += filler;
    text += c;
  }
  return text;
}

}  // namespace

TEST_CASE("a label keeps printable text of any script") {
  CHECK(Label("normal") == "normal");
  CHECK(Label("") == "");
  CHECK(Label("Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80 \"q\" \\") ==
        "Zo\xC3\xAB \xE2\x82\xAC \xF0\x9F\x98\x80 \"q\" \\");
}

TEST_CASE("control characters and invalid UTF-8 are left out") {
  CHECK(Label("a\nb\tc\rd\x1B[0m\x7F") == "abcd[0m");
  CHECK(Label(std::string_view("a\0b", 3)) == "ab");
  CHECK(Label("a\xC2\x80\xC2\x9F\xC2\xA0z") == "a\xC2\xA0z");  // C1 goes, a no-break space stays
  for (const std::string_view bytes :
       {"\xFF", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xED\xB0\x80", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    CAPTURE(bytes);
    CHECK(Label("a" + std::string(bytes) + "z") == "az");
    CHECK(Label("a" + std::string(bytes)) == "a");
  }
}

TEST_CASE("a label has at most 128 bytes and ends at a code point") {
  CHECK(Label(std::string(128, 'x')) == std::string(128, 'x'));
  CHECK(Label(std::string(129, 'x')) == std::string(128, 'x'));
  CHECK(Label(std::string(1 << 20, 'x')) == std::string(128, 'x'));
  CHECK(Label(std::string(127, 'x') + "\xC3\xAB") == std::string(127, 'x'));
  CHECK(Label(std::string(126, 'x') + "\xC3\xAB") == std::string(126, 'x') + "\xC3\xAB");
  CHECK(Label(std::string(125, 'x') + "\xF0\x9F\x98\x80z") == std::string(125, 'x'));
  CHECK(Label(std::string(500, '\n') + "x") == "x");
}

TEST_CASE("a text with the secret in it is redacted") {
  const std::string secret(kSecret);
  std::string upper = secret;
  for (char& c : upper) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const std::string& text :
       {secret, "x" + secret + "y", upper, std::string(10'000, 'x') + secret,
        std::string(110, 'x') + secret, Interleaved(kSecret, "\n"),
        Interleaved(kSecret, std::string_view("\0", 1)), Interleaved(kSecret, "\xC2\x85"),
        Interleaved(kSecret, "\xFF"), Interleaved(kSecret, "\xE2\x80\x8B"),
        Interleaved(kSecret, " "), Interleaved(kSecret, std::string(5000, '\n')),
        std::string(100, 'x') + Interleaved(kSecret, "\xE2\x80\x8B")}) {
    CAPTURE(text.substr(0, 200));
    CHECK(Label(text) == "redacted");
  }
  CHECK(Label(std::string(1 << 20, 'x') + secret) == std::string(128, 'x'));
  CHECK(Label("tier-" + secret.substr(0, 12)) == "redacted");  // not even the beginning
  CHECK(Label(secret.substr(1, 15)) == secret.substr(1, 15));
}

TEST_CASE("a hidden text with control characters in it is found as it came") {
  Redactor redactor("");
  redactor.Hide("to\nken");
  CHECK(LabelText("a to\nken", redactor) == "redacted");
  CHECK(LabelText("to ken", redactor) == "to ken");
}

TEST_CASE("a hidden text of other than ASCII letters is found between control characters") {
  CHECK(LabelText("a cl\n\xC3\xA9\ts z", Redactor("cl\xC3\xA9s")) == "redacted");
}

TEST_CASE("without a secret nothing is redacted") {
  CHECK(LabelText("normal", Redactor("")) == "normal");
}

TEST_CASE("long hidden texts against a long text stay cheap") {
  const std::string hidden(500'000, 'a');
  Redactor redactor(hidden);
  CHECK(LabelText(std::string(500'000, 'b'), redactor) == std::string(128, 'b'));
  CHECK(LabelText(hidden, redactor) == "redacted");
}

TEST_CASE("family names are short, lower case and plain") {
  CHECK(IsFamilyName("prevention"));
  CHECK(IsFamilyName("threat_intel_search"));
  CHECK(IsFamilyName("a"));
  CHECK(IsFamilyName("2fa"));
  CHECK(IsFamilyName(std::string(64, 'a')));
  for (const std::string& name :
       {std::string(), std::string(65, 'a'), std::string("Sandbox"), std::string("a b"),
        std::string("a-b"), std::string("a\"b"), std::string("a\nb"), std::string("\xC3\xA4"),
        std::string("a\0b", 3)}) {
    CAPTURE(name);
    CHECK_FALSE(IsFamilyName(name));
  }
}

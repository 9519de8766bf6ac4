#include "exporter/status/status_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "exporter/status/plain_text.h"
#include "status_fixture.h"

using exporter::StatusTable;
using exporter::TableStyle;

namespace {

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// Without what paints, each block character as one column.
std::size_t ColumnsOf(const std::string& line) {
  std::size_t columns = 0;
  bool escape = false;
  for (const char c : line) {
    if (c == '\x1b') escape = true;
    const auto byte = static_cast<unsigned char>(c);
    const bool continues = (byte & 0xC0U) == 0x80U;
    if (!escape && !continues) ++columns;
    if (c == 'm') escape = false;
  }
  return columns;
}

std::shared_ptr<scrape::KeyState> NearlyOut(const std::string& name) {
  const auto key = test::FullKey(name);
  auto limits = std::make_shared<scrape::Consumption>(*key->limits);
  for (auto& [family, used] : limits->used) used = 3999;
  key->limits = limits;
  key->status.reset();
  return key;
}

exporter::Status Mixed() {
  return test::StatusOfKeys({test::MemberKey("a-member"), test::FullKey("b-good"),
                             NearlyOut("c-nearly-out"), test::NewKey("d-new"),
                             test::NewKey(std::string(128, 'x'))});
}

}  // namespace

TEST_CASE("no line is wider than the terminal, however narrow it is") {
  const exporter::Status status = Mixed();
  for (const bool colour : {false, true}) {
    for (const bool unicode : {false, true}) {
      for (std::size_t width = 20; width < 200; ++width) {
        CAPTURE(width);
        const std::string text =
            StatusTable(status, {.width = width, .colour = colour, .unicode = unicode});
        for (const std::string& line : LinesOf(text)) {
          CAPTURE(line);
          CHECK(ColumnsOf(line) <= width);
          CHECK_FALSE(line.ends_with(' '));
        }
        CHECK((text.find('\x1b') != std::string::npos) == colour);
      }
    }
  }
  CHECK(StatusTable(status, {.width = 3}) == StatusTable(status, {.width = 20}));
}

TEST_CASE("nothing is lost where it is narrow") {
  const auto letters = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n' || c == '#' || c == '.'; });
    return text;
  };
  const exporter::Status status = Mixed();
  const std::string narrow = letters(StatusTable(status, {.width = 20}));
  for (const exporter::KeyStatus& key : status.keys) {
    CHECK(narrow.find(letters(key.Name())) != std::string::npos);
    for (const exporter::ApiStatus& api : key.apis) {
      CHECK(narrow.find(letters(std::string(api.api)) + ":") != std::string::npos);
    }
    for (const exporter::KeyProblem& problem : key.problems) {
      CHECK(narrow.find(letters(problem.what)) != std::string::npos);
    }
  }
}

TEST_CASE("the worst keys come first, then by name, and a line sums up") {
  const std::string text = StatusTable(Mixed(), {.width = 120});
  const std::vector<std::string> lines = LinesOf(text);
  CHECK(lines[0].starts_with("  API"));
  CHECK(lines[0].ends_with("RUNS OUT"));
  CHECK(text.find("c-nearly-out") < text.find("a-member"));
  CHECK(text.find("a-member") < text.find("b-good"));
  CHECK(lines.back().starts_with("5 keys: "));
}

TEST_CASE("colour says nothing that the words do not") {
  std::string coloured = StatusTable(Mixed(), {.colour = true});
  for (std::size_t at = 0; (at = coloured.find('\x1b')) != std::string::npos;) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  CHECK(coloured == StatusTable(Mixed(), {.colour = false}));
}

TEST_CASE("no keys, one key and a thousand") {
  CHECK(StatusTable(test::StatusOfKeys({}), {}) ==
        "No keys: the configuration names none, and its key directories are empty.\n");
  const std::vector<std::string> one =
      LinesOf(StatusTable(test::StatusOfKeys({test::NewKey("a")}), {}));
  CHECK(one.front().starts_with("a  unknown"));
  CHECK(one.back() == "1 key: 1 unknown");
  std::vector<std::shared_ptr<const scrape::KeyState>> keys;
  for (int i = 0; i < 1000; ++i) keys.push_back(test::FullKey("key-" + std::to_string(i)));
  const std::string text = StatusTable(test::StatusOfKeys(keys), {});
  CHECK(LinesOf(text).back() == "1,000 keys: 1,000 ok");
}

TEST_CASE("what could steer a terminal is shown as a question mark") {
  CHECK(exporter::PlainText("a\x1b[2Jb\xc2\x9b\n\t\x7f~ ") == "a?[2Jb?????~ ");
}

TEST_CASE("text is wrapped between words, and long words are broken") {
  CHECK(exporter::Wrapped("one two three", 9, "", "") == "one two\nthree\n");
  CHECK(exporter::Wrapped("one two three", 9, "- ", "  ") == "- one two\n  three\n");
  CHECK(exporter::Wrapped("abcdefghij k", 4, "", " ") == "abcd\n efg\n hij\n k\n");
  CHECK(exporter::Wrapped("", 4, "", "") == "");
}

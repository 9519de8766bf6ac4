#include "tests/exposition_checker.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using test::CheckExposition;

namespace {

const std::string kHeader = "# HELP a_gauge Words.\n# TYPE a_gauge gauge\n";
const std::string kHistogram =
    "# HELP h_seconds Words.\n# TYPE h_seconds histogram\n"
    "h_seconds_bucket{le=\"0.5\"} 1\nh_seconds_bucket{le=\"+Inf\"} 3\n"
    "h_seconds_sum 2.5\nh_seconds_count 3\n";

// True when exactly this is refused: the problem's words after "line N: ".
bool Refuses(const std::string& text, const std::string& problem) {
  const test::Exposition exposition = CheckExposition(text);
  INFO(exposition.Problems());
  for (const std::string& found : exposition.problems) {
    if (found.find(problem) != std::string::npos) return true;
  }
  CHECK_MESSAGE(false, "not refused: ", problem, "; found: ", exposition.Problems());
  return false;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("the checker reads a good exposition") {
  const test::Exposition exposition =
      CheckExposition(kHeader +
                      "a_gauge{key=\"a \\\"b\\\" \\\\ \\n\"} -1.5\na_gauge{key=\"c\"} NaN\n"
                      "# HELP b_total With \\\\ and \\n.\n# TYPE b_total counter\nb_total 1e+22\n" +
                      kHistogram);
  CHECK(exposition.Problems() == "");
  REQUIRE(exposition.families.size() == 3);
  CHECK(exposition.families[0].samples[0].labels[0].second == "a \"b\" \\ \n");
  CHECK(exposition.Value("a_gauge", {{"key", "a \"b\" \\ \n"}}) == -1.5);
  CHECK(std::isnan(exposition.Value("a_gauge", {{"key", "c"}})));
  CHECK(exposition.families[1].help == "With \\ and \n.");
  CHECK(exposition.Value("b_total", {}) == 1e22);
  CHECK(exposition.Value("h_seconds_bucket", {{"le", "0.5"}}) == 1);
  CHECK_FALSE(exposition.Has("a_gauge", {}));
}

TEST_CASE("the checker refuses duplicate series") {
  CHECK(Refuses(kHeader + "a_gauge{k=\"1\"} 1\na_gauge{k=\"1\"} 2\n", "twice"));
  CHECK(Refuses(kHeader + "a_gauge 1\na_gauge 1\n", "twice"));
}

TEST_CASE("the checker refuses families in two pieces, strangers and empty ones") {
  CHECK(Refuses(kHeader + "a_gauge 1\n" + kHistogram + kHeader + "a_gauge{k=\"1\"} 1\n",
                "family a_gauge appears twice"));
  CHECK(Refuses(kHeader + "a_gauge 1\nb_gauge 1\n", "outside its family"));
  CHECK(Refuses(kHeader, "without samples"));
}

TEST_CASE("the checker refuses missing or misplaced HELP and TYPE") {
  CHECK(Refuses("# TYPE a_gauge gauge\na_gauge 1\n", "without its HELP"));
  CHECK(Refuses("# HELP a_gauge Words.\na_gauge 1\n", "without TYPE"));
  CHECK(Refuses("a_gauge 1\n", "outside its family"));
  CHECK(Refuses("# HELP a_gauge\n# TYPE a_gauge gauge\na_gauge 1\n", "empty HELP"));
  CHECK(Refuses("# HELP a_gauge Words.\na_gauge 1\n# TYPE a_gauge gauge\n", "after its samples"));
  CHECK(Refuses("# HELP a_gauge Words.\n# TYPE a_gauge untyped\na_gauge 1\n", "unexpected type"));
  CHECK(
      Refuses("# HELP a_gauge Bad \\q.\n# TYPE a_gauge gauge\na_gauge 1\n", "bad escape in HELP"));
}

TEST_CASE("the checker refuses wrong order of families, series and labels") {
  CHECK(Refuses(kHistogram + kHeader + "a_gauge 1\n", "family a_gauge is out of order"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"2\"} 1\na_gauge{k=\"1\"} 1\n", "out of order"));
  CHECK(Refuses(kHeader + "a_gauge{l=\"1\",k=\"1\"} 1\n", "twice or out of order"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"1\",k=\"2\"} 1\n", "twice or out of order"));
}

TEST_CASE("the checker refuses what is not valid UTF-8") {
  for (const char* bad : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                          "\xf0\x80\x80\x80", "\xc3", "\xf5\x80\x80\x80", "\x80"}) {
    CHECK(Refuses(kHeader + "a_gauge{k=\"" + bad + "\"} 1\n", "not valid UTF-8"));
  }
  CHECK(test::IsValidUtf8("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x91"));
}

TEST_CASE("the checker refuses bad numbers") {
  for (const char* bad : {"nan", "Nan", "inf", "+inf", "Inf", "0x10", "1,5", "", "one", "1_000",
                          "+1", ".5", "1 1700000000000", "1 ", " 1", "-", "-nan"}) {
    CAPTURE(bad);
    CHECK_FALSE(CheckExposition(kHeader + "a_gauge " + bad + "\n").problems.empty());
  }
  for (const char* good : {"0", "-0.5", "1e-07", "9007199254740992", "+Inf", "-Inf", "NaN"}) {
    CAPTURE(good);
    CHECK(CheckExposition(kHeader + "a_gauge " + good + "\n").Problems() == "");
  }
}

TEST_CASE("the checker refuses bad names, labels and lines") {
  CHECK(Refuses(kHeader + "a-gauge 1\n", "bad metric name"));
  CHECK(Refuses(kHeader + "1_gauge 1\n", "bad metric name"));
  CHECK(Refuses(kHeader + "a_gauge{1k=\"1\"} 1\n", "bad label name"));
  CHECK(Refuses(kHeader + "a_gauge{} 1\n", "bad label name"));
  CHECK(Refuses(kHeader + "a_gauge{k=1} 1\n", "label without quotes"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"1} 1\n", "label without end"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"\\t\"} 1\n", "bad escape in a label"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"1\" } 1\n", "bad labels"));
  CHECK(Refuses(kHeader + "a_gauge{k=\"1\"}1\n", "no single space"));
  CHECK(Refuses(kHeader + "\na_gauge 1\n", "empty line"));
  CHECK(Refuses(kHeader + "# words\na_gauge 1\n", "a comment"));
  CHECK(Refuses(kHeader + "a_gauge 1\r\n", "carriage return"));
  CHECK(Refuses(kHeader + "a_gauge 1", "the last line has no end"));
}

TEST_CASE("the checker refuses counters that are no counters") {
  CHECK(Refuses("# HELP a W.\n# TYPE a counter\na 1\n", "does not end in _total"));
  CHECK(Refuses("# HELP a_total W.\n# TYPE a_total gauge\na_total 1\n", "is no counter"));
  CHECK(Refuses("# HELP a_total W.\n# TYPE a_total counter\na_total -1\n", "negative or NaN"));
  CHECK(Refuses("# HELP a_total W.\n# TYPE a_total counter\na_total NaN\n", "negative or NaN"));
}

TEST_CASE("the checker refuses inconsistent histograms") {
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_count 3", "h_seconds_count 4"), "is not its +Inf"));
  CHECK(Refuses(Replaced(kHistogram, "\"0.5\"} 1", "\"0.5\"} 9"), "fall"));
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_bucket{le=\"+Inf\"} 3\n", ""), "without +Inf"));
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_sum 2.5\n", ""), "without its _sum"));
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_count 3\n", ""), "without its _count"));
  CHECK(Refuses(Replaced(kHistogram, "\"0.5\"", "\"x\""), "bad bound"));
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_bucket{le=\"+Inf\"} 3\n",
                         "h_seconds_bucket{le=\"0.25\"} 3\nh_seconds_bucket{le=\"+Inf\"} 3\n"),
                "out of order"));
  CHECK(Refuses(Replaced(kHistogram, "h_seconds_sum 2.5", "h_seconds 2.5"), "outside its family"));
}

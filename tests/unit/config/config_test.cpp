#include "exporter/config/config.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "fake_surroundings.h"

using exporter::Config;
using exporter::LoadConfig;
using exporter::ParseConfig;

namespace {

constexpr const char* kOneKey = "keys:\n  - name: production\n    apikey_file: keys/production\n";

std::string ErrorOf(const exporter::ConfigFile& file, const FakeSurroundings& fake) {
  try {
    (void)LoadConfig(file, fake.Get());
  } catch (const exporter::ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("without a file the variables give one key named default") {
  FakeSurroundings fake;
  fake.variables["MDCLOUD_APIKEY"] = "from-the-variable";
  Config config = LoadConfig({"config.yaml", false}, fake.Get());
  REQUIRE(config.keys.size() == 1);
  CHECK(config.keys[0]->name == "default");
  CHECK(config.keys[0]->secret.Reveal() == "from-the-variable");
  CHECK(config.keys[0]->base_url == "https://api.metadefender.com/v4");
  CHECK(config.warnings.empty());

  SUBCASE("another region by MDCLOUD_BASE_URL") {
    fake.variables["MDCLOUD_BASE_URL"] = "https://eu.example.com/v4/";
    config = LoadConfig({"config.yaml", false}, fake.Get());
    CHECK(config.keys[0]->base_url == "https://eu.example.com/v4");
  }
  SUBCASE("a file named by MDCLOUD_APIKEY_FILE comes first") {
    fake.variables["MDCLOUD_APIKEY_FILE"] = "keys/production";
    config = LoadConfig({"config.yaml", false}, fake.Get());
    CHECK(config.keys[0]->secret.Reveal() == "production-apikey-SENTINEL");
    CHECK(config.warnings == std::vector<std::string>{"MDCLOUD_APIKEY is set but not used, because "
                                                      "MDCLOUD_APIKEY_FILE is set, too"});
  }
}

TEST_CASE("wrong variables are reported by their names, all at once, without their values") {
  FakeSurroundings fake;
  fake.variables["MDCLOUD_APIKEY"] = "SENTINEL with spaces";
  fake.variables["MDCLOUD_BASE_URL"] = "http://SENTINEL.com";
  CHECK(ErrorOf({"config.yaml", false}, fake) ==
        "MDCLOUD_APIKEY: the apikey has a space, a line end or another character that is not "
        "printable ASCII\n"
        "MDCLOUD_BASE_URL: must begin with https://; http:// is for loopback hosts only "
        "(127.0.0.0/8, [::1], localhost)");
  fake.variables = {{"MDCLOUD_APIKEY_FILE", "/SENTINEL"}};
  CHECK(ErrorOf({"config.yaml", false}, fake) ==
        "MDCLOUD_APIKEY_FILE: the file cannot be read: No such file or directory");
}

TEST_CASE("with neither file nor variable one sentence says what to do") {
  FakeSurroundings fake;
  const std::string rest =
      ", or write this file (see config.example.yaml), or name another one with --config.file; to "
      "look around without an account: mdcloud_exporter demo";
  const std::string begin =
      "config.yaml: there is no configuration: set MDCLOUD_APIKEY (or MDCLOUD_APIKEY_FILE)";
  CHECK(ErrorOf({"config.yaml", false}, fake) == begin + rest);
  fake.variables["MDCLOUD_APIKEY"] = "";
  CHECK(ErrorOf({"config.yaml", false}, fake) == begin + ", which is empty" + rest);
}

TEST_CASE("an apikey in quotation marks is refused before it is sent, wherever it stands") {
  FakeSurroundings fake;
  const std::string expected =
      "the apikey stands in quotation marks, which would be sent with it; leave them out";
  for (const char* value : {"\"SENTINEL\"", "'SENTINEL'", "\"SENTINEL\"\n", "''"}) {
    fake.variables["MDCLOUD_APIKEY"] = value;
    CHECK(ErrorOf({"config.yaml", false}, fake) == "MDCLOUD_APIKEY: " + expected);
  }
  for (const char* value : {"\"SENTINEL", "SENTINEL'", "\"", "SENT\"INEL", "\"SENTINEL'"}) {
    fake.variables["MDCLOUD_APIKEY"] = value;
    CHECK_NOTHROW((void)LoadConfig({"config.yaml", false}, fake.Get()));
  }
}

TEST_CASE("a file that was asked for has to exist, variables or not") {
  FakeSurroundings fake;
  fake.variables["MDCLOUD_APIKEY"] = "from-the-variable";
  CHECK(ErrorOf({"config.yaml", true}, fake) ==
        "config.yaml: cannot be read: No such file or directory");
  CHECK(ErrorOf({"secrets", true}, fake) == "secrets: cannot be read: Is a directory");
}

TEST_CASE("the file wins over the variables with a warning") {
  FakeSurroundings fake;
  fake.files["config.yaml"] = kOneKey;
  fake.variables["MDCLOUD_APIKEY"] = "from-the-variable";
  fake.variables["MDCLOUD_BASE_URL"] = "https://eu.example.com/v4";
  const Config config = LoadConfig({"config.yaml", false}, fake.Get());
  CHECK(config.keys.at(0)->name == "production");
  CHECK(config.warnings ==
        std::vector<std::string>{
            "config.yaml: MDCLOUD_APIKEY is set but not used, because there is this file",
            "config.yaml: MDCLOUD_BASE_URL is set but not used, because there is this file"});
}

TEST_CASE("a variable that the file names is used, so no warning") {
  FakeSurroundings fake;
  fake.files["config.yaml"] = "keys: [{name: a, apikey_env: MDCLOUD_APIKEY}]";
  fake.variables["MDCLOUD_APIKEY"] = "from-the-variable\n";
  const Config config = LoadConfig({"config.yaml", false}, fake.Get());
  CHECK(config.keys.at(0)->secret.Reveal() == "from-the-variable");
  CHECK(config.warnings.empty());
}

TEST_CASE("relative paths start at the directory of the file") {
  FakeSurroundings fake;
  fake.files["/etc/mdcloud/keys/production"] = "in-etc";
  const Config config = ParseConfig(kOneKey, "/etc/mdcloud/config.yaml", fake.Get());
  CHECK(config.keys.at(0)->secret.Reveal() == "in-etc");
}

TEST_CASE("exactly one line end is trimmed") {
  FakeSurroundings fake;
  const auto load = [&](const std::string& content) {
    fake.files["keys/production"] = content;
    try {
      const Config config = ParseConfig(kOneKey, "config.yaml", fake.Get());
      return std::string(config.keys.at(0)->secret.Reveal());
    } catch (const exporter::ConfigError&) {
      return std::string("refused");
    }
  };
  CHECK(load("abc") == "abc");
  CHECK(load("abc\n") == "abc");
  CHECK(load("abc\r\n") == "abc");
  CHECK(load("abc\n\n") == "refused");
  CHECK(load("abc\r") == "refused");
  CHECK(load(" abc") == "refused");
  CHECK(load("\n") == "refused");
  CHECK(load(std::string(512, 'a')) == std::string(512, 'a'));
  CHECK(load(std::string(513, 'a')) == "refused");
}

TEST_CASE("any prefix of a configuration is either read or refused with a place") {
  FakeSurroundings fake;
  const std::string text =
      "global: {scrape_interval: 1m, collectors: [info]}\nkeys:\n- name: 'a'\n  apikey: \"b\"\n"
      "  labels: {x: |-\n    y}\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    try {
      const Config config = ParseConfig(text.substr(0, length), "f", fake.Get());
      CHECK_FALSE(config.keys.empty());
    } catch (const exporter::ConfigError& error) {
      REQUIRE_FALSE(error.Problems().empty());
      CHECK(error.Problems()[0].position.line > 0);
    }
  }
}

TEST_CASE("texts that are costly to read are refused soon") {
  FakeSurroundings fake;
  for (const std::string& piece : {std::string("["), std::string("{"), std::string("- "),
                                   std::string("? "), std::string("a: "), std::string("&a "),
                                   std::string("'"), std::string("a: 1\n"), std::string("!")}) {
    CAPTURE(piece);
    std::string text;
    while (text.size() < 1024UL * 128) text += piece;
    CHECK_THROWS_AS((void)ParseConfig(text, "f", fake.Get()), exporter::ConfigError);
  }
}

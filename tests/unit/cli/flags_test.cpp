#include "exporter/cli/flags.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "exporter/cli/help.h"
#include "tests/read_text.h"

namespace {

using exporter::Command;
using exporter::CommandLine;
using exporter::EarlyExit;
using Arguments = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

std::variant<CommandLine, EarlyExit> Parse(const Arguments& arguments, const Variables& variables) {
  return exporter::ParseCommandLine(arguments, [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

CommandLine Accepted(const Arguments& arguments, const Variables& variables = {}) {
  const auto parsed = Parse(arguments, variables);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) FAIL(exit->error);
  return std::get<CommandLine>(parsed);
}

// The error of a refused command line, whose form is checked, too.
std::string Refused(const Arguments& arguments, const Variables& variables = {}) {
  const auto parsed = Parse(arguments, variables);
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  if (exit == nullptr) return "accepted";
  CHECK(exit->code == 2);
  CHECK(exit->output.empty());
  CHECK(exit->error.find('\n') == std::string::npos);
  const std::string prefix = "mdcloud_exporter: ";
  const std::string suffix = "; see mdcloud_exporter --help";
  REQUIRE(exit->error.starts_with(prefix));
  REQUIRE(exit->error.ends_with(suffix));
  return exit->error.substr(prefix.size(), exit->error.size() - prefix.size() - suffix.size());
}

EarlyExit Ended(const Arguments& arguments) {
  const auto parsed = Parse(arguments, {});
  const auto* exit = std::get_if<EarlyExit>(&parsed);
  REQUIRE(exit != nullptr);
  return *exit;
}

}  // namespace

TEST_CASE("without arguments it serves with the defaults") {
  const CommandLine line = Accepted({});
  CHECK(line.command == Command::kServe);
  CHECK(line.config_file.path == "config.yaml");
  CHECK_FALSE(line.config_file.given);
  CHECK(line.listen_addresses == Arguments{":10580"});
  CHECK(line.telemetry_path == "/metrics");
  CHECK(line.web_config_file.empty());
  CHECK(line.max_connections == 512);
  CHECK(line.probe_listen_address.empty());
  CHECK(line.expiration_days);
  CHECK(line.log_level == scrape::LogLevel::kInfo);
  CHECK(line.log_format == scrape::LogFormat::kLogfmt);
}

TEST_CASE("every flag is taken, with = and as the next argument") {
  CommandLine line =
      Accepted({"--config.file=a.yaml", "--web.listen-address=:1", "--web.listen-address",
                "[::1]:2", "--web.telemetry-path=/m", "--web.config.file=w.yml",
                "--web.max-connections", "7", "--probe.listen-address=:8",
                "--no-metrics.expiration-days", "--log.level=debug", "--log.format", "json"});
  CHECK(line.command == Command::kServe);
  CHECK(line.config_file.path == "a.yaml");
  CHECK(line.config_file.given);
  CHECK(line.listen_addresses == Arguments{":1", "[::1]:2"});
  CHECK(line.telemetry_path == "/m");
  CHECK(line.web_config_file == "w.yml");
  CHECK(line.max_connections == 7);
  CHECK(line.probe_listen_address == ":8");
  CHECK_FALSE(line.expiration_days);
  CHECK(line.log_level == scrape::LogLevel::kDebug);
  CHECK(line.log_format == scrape::LogFormat::kJson);
  CHECK(Accepted({"--metrics.expiration-days"}).expiration_days);
  CHECK(Accepted({"--no-metrics.expiration-days", "--metrics.expiration-days"}).expiration_days);
  CHECK(Accepted({"--log.level=warn"}).log_level == scrape::LogLevel::kWarn);
  CHECK(Accepted({"--log.level=error", "--log.level=info"}).log_level == scrape::LogLevel::kInfo);
}

TEST_CASE("every flag has its variable, and the flag wins") {
  const Variables variables = {{"MDCLOUD_EXPORTER_CONFIG_FILE", "b.yaml"},
                               {"MDCLOUD_EXPORTER_WEB_LISTEN_ADDRESS", ":1,[::1]:2"},
                               {"MDCLOUD_EXPORTER_WEB_TELEMETRY_PATH", "/n"},
                               {"MDCLOUD_EXPORTER_WEB_CONFIG_FILE", "v.yml"},
                               {"MDCLOUD_EXPORTER_WEB_MAX_CONNECTIONS", "9"},
                               {"MDCLOUD_EXPORTER_PROBE_LISTEN_ADDRESS", ":10"},
                               {"MDCLOUD_EXPORTER_METRICS_EXPIRATION_DAYS", "false"},
                               {"MDCLOUD_EXPORTER_LOG_LEVEL", "error"},
                               {"MDCLOUD_EXPORTER_LOG_FORMAT", "json"}};
  CommandLine line = Accepted({}, variables);
  CHECK(line.config_file.path == "b.yaml");
  CHECK(line.config_file.given);
  CHECK(line.listen_addresses == Arguments{":1", "[::1]:2"});
  CHECK(line.telemetry_path == "/n");
  CHECK(line.web_config_file == "v.yml");
  CHECK(line.max_connections == 9);
  CHECK(line.probe_listen_address == ":10");
  CHECK_FALSE(line.expiration_days);
  CHECK(line.log_level == scrape::LogLevel::kError);
  CHECK(line.log_format == scrape::LogFormat::kJson);

  line =
      Accepted({"--config.file=a", "--web.listen-address=:3", "--web.telemetry-path=/m",
                "--web.config.file=w.yml", "--web.max-connections=8", "--probe.listen-address=:11",
                "--metrics.expiration-days", "--log.level=debug", "--log.format=logfmt"},
               variables);
  CHECK(line.config_file.path == "a");
  CHECK(line.listen_addresses == Arguments{":3"});
  CHECK(line.telemetry_path == "/m");
  CHECK(line.web_config_file == "w.yml");
  CHECK(line.max_connections == 8);
  CHECK(line.probe_listen_address == ":11");
  CHECK(line.expiration_days);
  CHECK(line.log_level == scrape::LogLevel::kDebug);
  CHECK(line.log_format == scrape::LogFormat::kLogfmt);

  CHECK(Accepted({}, {{"MDCLOUD_EXPORTER_CONFIG_CHECK", "true"}}).command == Command::kCheck);
  CHECK(Accepted({}, {{"MDCLOUD_EXPORTER_LOG_LEVEL", ""}}).log_level == scrape::LogLevel::kInfo);
}

TEST_CASE("the variables are named after the flags") {
  std::vector<std::string> names;
  for (const exporter::Flag& flag : exporter::kFlags) names.push_back(VariableOf(flag));
  CHECK(names == Arguments{"MDCLOUD_EXPORTER_CONFIG_FILE",
                           "MDCLOUD_EXPORTER_CONFIG_CHECK",
                           "MDCLOUD_EXPORTER_CONFIG_AUTO_RELOAD",
                           "MDCLOUD_EXPORTER_WEB_LISTEN_ADDRESS",
                           "MDCLOUD_EXPORTER_WEB_SYSTEMD_SOCKET",
                           "MDCLOUD_EXPORTER_WEB_TELEMETRY_PATH",
                           "MDCLOUD_EXPORTER_WEB_CONFIG_FILE",
                           "MDCLOUD_EXPORTER_WEB_EXTERNAL_URL",
                           "MDCLOUD_EXPORTER_WEB_ENABLE_LIFECYCLE",
                           "MDCLOUD_EXPORTER_WEB_MAX_CONNECTIONS",
                           "MDCLOUD_EXPORTER_PROBE_LISTEN_ADDRESS",
                           "MDCLOUD_EXPORTER_METRICS_EXPIRATION_DAYS",
                           "MDCLOUD_EXPORTER_STORAGE_PATH",
                           "MDCLOUD_EXPORTER_SHARD",
                           "MDCLOUD_EXPORTER_TOTAL_SHARDS",
                           "MDCLOUD_EXPORTER_OUTPUT_FILE",
                           "MDCLOUD_EXPORTER_OUTPUT",
                           "MDCLOUD_EXPORTER_WATCH",
                           "MDCLOUD_EXPORTER_LOG_LEVEL",
                           "MDCLOUD_EXPORTER_LOG_FORMAT"});
}

TEST_CASE("the near one is named where a word is none of those allowed") {
  CHECK(Refused({"--log.level=wran"}) ==
        "--log.level must be debug, info, warn or error (is warn meant?)");
  CHECK(Refused({}, {{"MDCLOUD_EXPORTER_LOG_FORMAT", "jason"}}) ==
        "MDCLOUD_EXPORTER_LOG_FORMAT must be logfmt or json (is json meant?)");
  CHECK(Refused({"--log.format=x"}) == "--log.format must be logfmt or json");
  CHECK(Refused({"chekc"}) ==
        "an argument that is no command (is check meant?); commands are check, once, status, "
        "healthcheck and demo");
}

TEST_CASE("status prints a table or JSON, once or again and again") {
  CHECK(Accepted({"status"}).command == Command::kStatus);
  CHECK(Accepted({"status"}).output_format == exporter::OutputFormat::kTable);
  CHECK_FALSE(Accepted({"status"}).watch);
  CHECK_FALSE(Accepted({"status"}).log_level_given);
  const CommandLine line = Accepted({"--output", "json", "status", "--watch", "--log.level=warn"});
  CHECK(line.output_format == exporter::OutputFormat::kJson);
  CHECK(line.watch);
  CHECK(line.log_level_given);
  CHECK(Refused({"status", "--output=yaml"}) == "--output must be table or json");
  CHECK(Refused({"status", "--output=jsno"}) == "--output must be table or json (is json meant?)");
}

TEST_CASE("a shard is one of so many, counted from 0") {
  const CommandLine line = Accepted({"--shard=2", "--total-shards=3"});
  CHECK(line.config_file.shard.index == 2);
  CHECK(line.config_file.shard.total == 3);
  CHECK(Accepted({}).config_file.shard.total == 1);
  CHECK(Accepted({"--total-shards=3"}, {{"MDCLOUD_EXPORTER_SHARD", "1"}}).config_file.shard.index ==
        1);
  CHECK(Refused({"--shard=3", "--total-shards=3"}) ==
        "--shard must be below --total-shards: shards are counted from 0");
  CHECK(Refused({}, {{"MDCLOUD_EXPORTER_SHARD", "1"}}) ==
        "MDCLOUD_EXPORTER_SHARD must be below --total-shards: shards are counted from 0");
  CHECK(Refused({"--total-shards=0"}) == "--total-shards must be a whole number from 1 to 1000");
  CHECK(Refused({"--shard=-1"}) == "--shard must be a whole number from 0 to 999");
}

TEST_CASE("healthcheck asks the listener for probes, where there is one") {
  const auto url = [](const std::string& address) {
    return Accepted({"healthcheck", "--probe.listen-address=" + address}).health_url;
  };
  CHECK(url(":9000") == "http://127.0.0.1:9000/-/healthy");
  CHECK(url("0.0.0.0:9000") == "http://127.0.0.1:9000/-/healthy");
  CHECK(url("[::]:9000") == "http://[::1]:9000/-/healthy");
  CHECK(url("10.0.0.1:9000") == "http://10.0.0.1:9000/-/healthy");
  CHECK(Accepted({"healthcheck"}, {{"MDCLOUD_EXPORTER_PROBE_LISTEN_ADDRESS", ":1"}}).health_url ==
        "http://127.0.0.1:1/-/healthy");
  CHECK(Accepted({"healthcheck", "http://h/", "--probe.listen-address=:1"}).health_url ==
        "http://h/");
}

TEST_CASE("commands are taken, with flags before and after them") {
  CHECK(Accepted({"check"}).command == Command::kCheck);
  CHECK(Accepted({"--config.check"}).command == Command::kCheck);
  CHECK(Accepted({"demo"}).command == Command::kDemo);
  CHECK(Accepted({"healthcheck"}).health_url == "http://127.0.0.1:10580/-/healthy");
  for (const Arguments& arguments :
       {Arguments{"--config.file=a", "--log.level", "warn", "check"},
        Arguments{"check", "--config.file=a", "--log.level", "warn"},
        Arguments{"--log.level", "warn", "check", "--config.file=a"}}) {
    const CommandLine line = Accepted(arguments);
    CHECK(line.command == Command::kCheck);
    CHECK(line.config_file.path == "a");
    CHECK(line.log_level == scrape::LogLevel::kWarn);
  }
  for (const Arguments& arguments : {Arguments{"healthcheck", "http://h/", "--log.level=warn"},
                                     Arguments{"--log.level=warn", "healthcheck", "http://h/"}}) {
    const CommandLine line = Accepted(arguments);
    CHECK(line.command == Command::kHealthcheck);
    CHECK(line.health_url == "http://h/");
    CHECK(line.log_level == scrape::LogLevel::kWarn);
  }
  // A repeatable flag takes one argument at a time: the next one may be the command.
  const CommandLine line = Accepted({"--web.listen-address", ":1", "demo"});
  CHECK(line.command == Command::kDemo);
  CHECK(line.listen_addresses == Arguments{":1"});
}

TEST_CASE("usage errors are one line that says what is allowed, exit code 2") {
  CHECK(Refused({"--log.level=loud"}) == "--log.level must be debug, info, warn or error");
  CHECK(Refused({}, {{"MDCLOUD_EXPORTER_LOG_LEVEL", "loud"}}) ==
        "MDCLOUD_EXPORTER_LOG_LEVEL must be debug, info, warn or error");
  CHECK(Refused({"--log.format=xml"}) == "--log.format must be logfmt or json");
  CHECK(Refused({"--web.max-connections=0"}) ==
        "--web.max-connections must be a whole number from 1 to 100000");
  CHECK(Refused({"--web.telemetry-path=metrics"}) ==
        "--web.telemetry-path must be a path such as /metrics: a slash, then letters, digits and "
        "/-_.~, and no path of another page (/, /api/v1/status, /assets/..., /config, /healthz, "
        "/livez, /probe, /readyz, /sd, /-/...)");
  for (const char* taken :
       {"/", "/config", "/healthz", "/livez", "/readyz", "/-/healthy", "/-/ready", "/-/",
        "/api/v1/status", "/assets/", "/assets/status.css"}) {
    CAPTURE(taken);
    CHECK(Refused({std::string("--web.telemetry-path=") + taken})
              .starts_with("--web.telemetry-path must be a path"));
  }
  CHECK(Accepted({"--web.telemetry-path=/healthz/x"}).telemetry_path == "/healthz/x");
  CHECK(Refused({"--web.listen-address=10580"}) ==
        "--web.listen-address must be :port, host:port or [address]:port with a port from 0 to "
        "65535");
  CHECK(Refused({}, {{"MDCLOUD_EXPORTER_WEB_LISTEN_ADDRESS", ":1,"}}) ==
        "MDCLOUD_EXPORTER_WEB_LISTEN_ADDRESS must be :port, host:port or [address]:port with a "
        "port from 0 to 65535");
  CHECK(Refused({}, {{"MDCLOUD_EXPORTER_METRICS_EXPIRATION_DAYS", "perhaps"}}) ==
        "MDCLOUD_EXPORTER_METRICS_EXPIRATION_DAYS must be true or false");
  CHECK(Refused({"--probe.listen-address=9000"}) ==
        "--probe.listen-address must be :port, host:port or [address]:port with a port from 0 to "
        "65535");
  CHECK(Refused({"--web.config.file", ""}) == "--web.config.file must be the path of a file");
  CHECK(Refused({"--web.external-url=https://u:SENTINEL@a"}) ==
        "--web.external-url must be a URL such as https://exporter.example.com:10580, without "
        "user, query and fragment");
  CHECK(Refused({"--config.file="}) == "--config.file needs an argument");
  CHECK(Refused({"--config.file", ""}) == "--config.file must be the path of a file");
  CHECK(Refused({"--no-metrics.expiration-days=perhaps"}) != "accepted");
  CHECK(Refused({"--no-such-flag=SENTINEL"}) == "unknown flag --no-such-flag");
  CHECK(Refused({"check", "--no-such-flag"}) == "unknown flag --no-such-flag");
  CHECK(Refused({"-x"}) == "unknown flag -x");
  CHECK(Refused({"--web.listen-adress=:1"}) ==
        "unknown flag --web.listen-adress (is --web.listen-address meant?)");
  CHECK(Refused({"--no-metrics.expiration-day"}) ==
        "unknown flag --no-metrics.expiration-day (is --no-metrics.expiration-days meant?)");
  CHECK(Refused({"--hlep"}) == "unknown flag --hlep (is --help meant?)");
  CHECK(Refused({"healtcheck"}) ==
        "an argument that is no command (is healthcheck meant?); commands are check, once, "
        "status, healthcheck and demo");
  CHECK(Refused({"SENTINEL"}) ==
        "an argument that is no command; commands are check, once, status, healthcheck and demo");
  CHECK(Refused({"check", "SENTINEL"}) ==
        "an argument that is no command; commands are check, once, status, healthcheck and demo");
  CHECK(Refused({"check", "demo"}) == "only one command is allowed");
  CHECK(Refused({"--config.file"}) == "--config.file needs an argument");
  CHECK(Refused({"--log.level"}) == "--log.level needs an argument");
}

TEST_CASE("listen addresses are judged by their form") {
  for (const char* good : {":0", ":65535", "127.0.0.1:1", "localhost:10580", "[::]:10580",
                           "[fe80::1%eth0]:1", "0.0.0.0:80"}) {
    CAPTURE(good);
    CHECK(Accepted({std::string("--web.listen-address=") + good}).listen_addresses ==
          Arguments{good});
  }
  for (const char* bad : {":", "", ":65536", ":-1", ":x", "::1:80", "[]:1", "host", "a:b:1", "/x:1",
                          ":1 ", ":99999999999999999999"}) {
    CAPTURE(bad);
    CHECK(Refused({std::string("--web.listen-address=") + bad}) != "accepted");
  }
}

TEST_CASE("help and version are printed and end with 0, wherever they stand") {
  for (const Arguments& arguments :
       {Arguments{"--help"}, Arguments{"-h"}, Arguments{"check", "--help"},
        Arguments{"--help", "--unknown"}, Arguments{"--help", "--version"}}) {
    const EarlyExit exit = Ended(arguments);
    CHECK(exit.code == 0);
    CHECK(exit.output == exporter::HelpText());
    CHECK(exit.error.empty());
  }
  const EarlyExit version = Ended({"--version"});
  CHECK(version.code == 0);
  CHECK(version.output.starts_with("mdcloud_exporter, version "));
  for (const char* part : {"revision: ", "compiler: ", "platform: linux/"}) {
    CHECK(version.output.find(part) != std::string::npos);
  }
}

TEST_CASE("the help names every command and flag within 80 columns") {
  const std::string help = exporter::HelpText();
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
    CHECK_FALSE(line.ends_with(' '));
  }
  for (const exporter::Flag& flag : exporter::kFlags) {
    CHECK(help.find("\n  " + std::string(flag.name)) != std::string::npos);
  }
  for (const char* command : {"check", "once", "status", "healthcheck [URL]", "demo"}) {
    CHECK(help.find("\n  " + std::string(command)) != std::string::npos);
  }
}

TEST_CASE("docs/configuration.md tells of every flag, its default and its variable") {
  const std::string text =
      test::ReadText(std::filesystem::path(MDCLOUD_SOURCE_DIR) / "docs/configuration.md");
  for (const exporter::Flag& flag : exporter::kFlags) {
    const std::string row = "| `" + std::string(flag.name) + "` |";
    CAPTURE(row);
    const std::size_t found = text.find(row);
    REQUIRE(found != std::string::npos);
    const std::string line = text.substr(found, text.find('\n', found) - found);
    CHECK(line.find("`" + VariableOf(flag) + "`") != std::string::npos);
    if (flag.default_value.empty()) continue;
    CHECK(line.find("`" + std::string(flag.default_value) + "`") != std::string::npos);
  }
}

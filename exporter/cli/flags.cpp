#include "exporter/cli/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "exporter/cli/help.h"
#include "exporter/config/options.h"
#include "exporter/metrics/build_info.h"

namespace exporter {
namespace {

constexpr std::string_view kNegatable = "--[no-]";
constexpr unsigned kMaxConnections = 100'000;
constexpr std::string_view kListenAddressRule =
    ":port, host:port or [address]:port with a port from 0 to 65535";

struct UsageError {
  std::string message;
};

std::optional<unsigned> ParseNumber(std::string_view text, unsigned least, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < least || number > most) return std::nullopt;
  return number;
}

// Whether the address is one at all; whether it can be listened on shows at start.
bool IsListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.size() > 300) return false;
  const std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool plain = host.find_first_of(":[] \t/") == std::string_view::npos;
  return (bracketed || plain) && ParseNumber(text.substr(colon + 1), 0, 65535).has_value();
}

// Another page's path would hide that page.
constexpr std::array<std::string_view, 7> kOtherPages = {
    "/api/v1/status", "/config", "/healthz", "/livez", "/probe", "/readyz", "/sd"};

bool IsTelemetryPath(std::string_view text) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-_.~").find(c) != std::string_view::npos;
  };
  return text.size() > 1 && text.size() <= 256 && text[0] == '/' && !text.starts_with("/-/") &&
         !text.starts_with("/assets/") &&
         std::ranges::find(kOtherPages, text) == kOtherPages.end() &&
         std::ranges::all_of(text, good);
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t comma = text.find(','); comma != std::string::npos;
       comma = text.find(',', begin)) {
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// " (is `nearest` meant?)", or nothing when nothing is near.
std::string Meant(std::string_view typed, const std::vector<std::string_view>& allowed) {
  const std::string_view nearest = NearestName(typed, allowed);
  return nearest.empty() ? "" : fmt::format(" (is {} meant?)", nearest);
}

// What the flags and the environment say, as text; by the names in kFlags.
class Values {
 public:
  struct Given {
    std::string source;  // the flag or the variable, for messages
    std::vector<std::string> texts;
  };

  void Set(std::string_view flag, Given given) { given_.insert_or_assign(flag, std::move(given)); }

  [[nodiscard]] bool Has(std::string_view flag) const { return given_.contains(flag); }

  [[nodiscard]] Given Get(std::string_view flag) const {
    if (const auto found = given_.find(flag); found != given_.end()) return found->second;
    const auto* const known = std::ranges::find(kFlags, flag, &Flag::name);
    return {std::string(flag), {std::string(known->default_value)}};
  }

  // The last one given, judged by `parse`.
  template <typename Parse>
  [[nodiscard]] auto Read(std::string_view flag, std::string_view allowed, Parse parse) const {
    const Given given = Get(flag);
    auto value = parse(given.texts.back());
    if (!value) throw UsageError{fmt::format("{} must be {}", given.source, allowed)};
    return *std::move(value);
  }

  // The same, of one of these words.
  template <typename Parse>
  [[nodiscard]] auto ReadWord(std::string_view flag, const std::vector<std::string_view>& words,
                              Parse parse) const {
    const std::string allowed =
        fmt::format("{} or {}", fmt::join(words.begin(), words.end() - 1, ", "), words.back());
    return Read(flag, allowed + Meant(Get(flag).texts.back(), words), parse);
  }

 private:
  std::map<std::string_view, Given> given_;
};

std::optional<bool> ParseSwitch(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0" || text.empty()) return false;
  return std::nullopt;
}

std::optional<scrape::LogFormat> ParseLogFormat(std::string_view text) {
  if (text == "logfmt") return scrape::LogFormat::kLogfmt;
  if (text == "json") return scrape::LogFormat::kJson;
  return std::nullopt;
}

std::optional<OutputFormat> ParseOutputFormat(std::string_view text) {
  if (text == "table") return OutputFormat::kTable;
  if (text == "json") return OutputFormat::kJson;
  return std::nullopt;
}

// As Values::Read; empty when it is not given.
template <typename Parse>
std::string Given(const Values& values, std::string_view flag, std::string_view allowed,
                  Parse parse) {
  return values.Has(flag) ? values.Read(flag, allowed, parse) : "";
}

constexpr unsigned kMaxShards = 1000;

void ReadShard(const Values& values, scrape::Shard& shard) {
  const auto number = [&values](std::string_view flag, unsigned least, unsigned most) {
    return static_cast<int>(
        values.Read(flag, fmt::format("a whole number from {} to {}", least, most),
                    [=](const std::string& text) { return ParseNumber(text, least, most); }));
  };
  shard.total = number("--total-shards", 1, kMaxShards);
  shard.index = number("--shard", 0, kMaxShards - 1);
  if (shard.index >= shard.total) {
    throw UsageError{fmt::format("{} must be below {}: shards are counted from 0",
                                 values.Get("--shard").source,
                                 values.Get("--total-shards").source)};
  }
}

void Interpret(const Values& values, CommandLine& line) {
  const auto as_text = [](const std::string& text) -> std::optional<std::string> {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  line.config_file.path = values.Read("--config.file", "the path of a file", as_text);
  line.config_file.given = values.Has("--config.file");
  if (values.Read("--config.check", "true or false", ParseSwitch)) line.command = Command::kCheck;
  line.web_config_file = Given(values, "--web.config.file", "the path of a file", as_text);
  line.output_file = Given(values, "--output.file", "the path of a file", as_text);
  line.storage_path = Given(values, "--storage.path", "the path of a directory", as_text);
  ReadShard(values, line.config_file.shard);
  const Values::Given addresses = values.Get("--web.listen-address");
  if (!std::ranges::all_of(addresses.texts, IsListenAddress)) {
    throw UsageError{fmt::format("{} must be {}", addresses.source, kListenAddressRule)};
  }
  line.probe_listen_address =
      Given(values, "--probe.listen-address", kListenAddressRule, [](const std::string& text) {
        return IsListenAddress(text) ? std::optional(text) : std::nullopt;
      });
  line.listen_addresses = addresses.texts;
  line.telemetry_path = values.Read(
      "--web.telemetry-path",
      "a path such as /metrics: a slash, then letters, digits and /-_.~, and no path "
      "of another page "
      "(/, /api/v1/status, /assets/..., /config, /healthz, /livez, /probe, /readyz, /sd, /-/...)",
      [](const std::string& text) {
        return IsTelemetryPath(text) ? std::optional(text) : std::nullopt;
      });
  if (values.Has("--web.external-url")) {
    line.external_url = values.Read("--web.external-url", kExternalUrlRule, ParseExternalUrl);
  }
  line.systemd_socket = values.Read("--web.systemd-socket", "true or false", ParseSwitch);
  line.auto_reload = values.Read("--config.auto-reload", "true or false", ParseSwitch);
  line.enable_lifecycle = values.Read("--web.enable-lifecycle", "true or false", ParseSwitch);
  line.max_connections = values.Read(
      "--web.max-connections", fmt::format("a whole number from 1 to {}", kMaxConnections),
      [](const std::string& text) { return ParseNumber(text, 1, kMaxConnections); });
  line.expiration_days =
      values.Read("--[no-]metrics.expiration-days", "true or false", ParseSwitch);
  line.log_level_given = values.Has("--log.level");
  line.output_format = values.ReadWord("--output", {"table", "json"}, ParseOutputFormat);
  line.watch = values.Read("--watch", "true or false", ParseSwitch);
  line.log_level =
      values.ReadWord("--log.level", {"debug", "info", "warn", "error"}, scrape::LogLevelByName);
  line.log_format = values.ReadWord("--log.format", {"logfmt", "json"}, ParseLogFormat);
}

// Where this host's exporter with the same flags answers without asking for a password.
std::string HealthUrlOf(const CommandLine& line) {
  const std::string& address = line.probe_listen_address;
  if (address.empty()) return std::string(kDefaultHealthUrl);
  const std::string host = address.substr(0, address.rfind(':'));
  const bool all = host.empty() || host == "0.0.0.0";
  return fmt::format("http://{}{}/-/healthy",
                     all              ? "127.0.0.1"
                     : host == "[::]" ? "[::1]"
                                      : host,
                     address.substr(address.rfind(':')));
}

constexpr std::array<std::string_view, 5> kCommandNames = {"check", "once", "status", "healthcheck",
                                                           "demo"};

// As they are typed: of "--[no-]x" both.
std::vector<std::string> FlagNames() {
  std::vector<std::string> names = {"--help", "--version"};
  for (const Flag& flag : kFlags) {
    if (flag.name.starts_with(kNegatable)) {
      const std::string_view plain = flag.name.substr(kNegatable.size());
      names.push_back(fmt::format("--{}", plain));
      names.push_back(fmt::format("--no-{}", plain));
    } else {
      names.emplace_back(flag.name);
    }
  }
  return names;
}

// One line without what was typed where it may be a secret: only names of flags are repeated.
std::string Explain(const CLI::Error& error, const std::vector<std::string>& extras) {
  if (!extras.empty()) {
    const std::string& first = extras.front();
    if (!first.starts_with('-')) {
      if (std::ranges::find(kCommandNames, first) != kCommandNames.end()) {
        return "only one command is allowed";
      }
      return fmt::format(
          "an argument that is no command{}; commands are check, once, status, healthcheck and "
          "demo",
          Meant(first, {kCommandNames.begin(), kCommandNames.end()}));
    }
    const std::string name = first.substr(0, first.find('='));
    const std::vector<std::string> known = FlagNames();
    return fmt::format("unknown flag {}{}", name, Meant(name, {known.begin(), known.end()}));
  }
  std::string text = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch)) {
    return text.substr(0, text.find(':')) + " needs an argument";
  }
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// CLI11 only takes the command line apart; what the values mean is decided here, in one way for
// flags and variables.
class Parser {
 public:
  Parser() {
    app_.set_help_flag();
    app_.add_flag("--help,-h", help_);
    app_.add_flag("--version", version_);
    for (const Flag& flag : kFlags) {
      if (flag.name.starts_with(kNegatable)) {
        const std::string plain(flag.name.substr(kNegatable.size()));
        options_[flag.name] = app_.add_flag(fmt::format("--{0},!--no-{0}", plain));
      } else if (flag.argument.empty()) {
        options_[flag.name] = app_.add_flag(std::string(flag.name));
      } else {
        auto* option = app_.add_option(std::string(flag.name), texts_[flag.name]);
        option->allow_extra_args(false);
        option->type_name("");
        options_[flag.name] = option;
      }
    }
    app_.require_subcommand(0, 1);
    AddCommand("check", Command::kCheck);
    AddCommand("once", Command::kOnce);
    AddCommand("status", Command::kStatus);
    AddCommand("demo", Command::kDemo);
    AddCommand("healthcheck", Command::kHealthcheck)->add_option("URL", health_url_);
  }

  std::variant<CommandLine, EarlyExit> Parse(std::vector<std::string> arguments,
                                             const EnvironmentVariable& variable) {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app_.parse(arguments);
    } catch (const CLI::Error& error) {
      if (!help_) throw UsageError{Explain(error, app_.remaining(true))};
    }
    if (help_) return EarlyExit{kExitOk, HelpText(), ""};
    if (version_) return EarlyExit{kExitOk, VersionLine() + "\n", ""};
    CommandLine line;
    line.command = command_;
    Interpret(Collect(variable), line);
    line.health_url = health_url_.empty() ? HealthUrlOf(line) : health_url_;
    return line;
  }

 private:
  CLI::App* AddCommand(const char* name, Command command) {
    CLI::App* added = app_.add_subcommand(name);
    added->set_help_flag();
    added->fallthrough();
    added->final_callback([this, command] { command_ = command; });
    return added;
  }

  [[nodiscard]] Values Collect(const EnvironmentVariable& variable) const {
    Values values;
    for (const Flag& flag : kFlags) {
      const CLI::Option* option = options_.at(flag.name);
      if (option->count() > 0) {
        values.Set(flag.name, {std::string(flag.name), option->results()});
        continue;
      }
      const std::string name = VariableOf(flag);
      const std::string text = variable(name).value_or("");
      if (text.empty()) continue;
      const bool repeatable = flag.name == "--web.listen-address";
      values.Set(flag.name, {name, repeatable ? SplitAtCommas(text) : std::vector{text}});
    }
    return values;
  }

  CLI::App app_;
  bool help_ = false;
  bool version_ = false;
  Command command_ = Command::kServe;
  std::string health_url_;
  std::map<std::string_view, CLI::Option*> options_;
  std::map<std::string_view, std::vector<std::string>> texts_;
};

}  // namespace

std::variant<CommandLine, EarlyExit> ParseCommandLine(const std::vector<std::string>& arguments,
                                                      const EnvironmentVariable& variable) {
  try {
    return Parser().Parse(arguments, variable);
  } catch (const UsageError& error) {
    return EarlyExit{
        kExitUsage, "",
        fmt::format("mdcloud_exporter: {}; see mdcloud_exporter --help", error.message)};
  }
}

std::string VariableOf(const Flag& flag) {
  std::string_view name = flag.name;
  name.remove_prefix(name.starts_with(kNegatable) ? kNegatable.size() : 2);
  std::string variable = "MDCLOUD_EXPORTER_";
  for (const char c : name) {
    if (c == '.' || c == '-') {
      variable += '_';
    } else {
      variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return variable;
}

}  // namespace exporter

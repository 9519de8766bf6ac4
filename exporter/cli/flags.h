#pragma once
// The command line: one list of flags, each with its environment variable, and what they say.
// Parsing is a pure function of arguments and environment; the result is plain data, any thread.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/config/external_url.h"
#include "exporter/config/surroundings.h"
#include "scrape/event_log.h"

namespace exporter {

enum class Command { kServe, kCheck, kOnce, kStatus, kHealthcheck, kDemo };

enum class OutputFormat { kTable, kJson };

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // configuration or run time
inline constexpr int kExitUsage = 2;
inline constexpr int kExitKeyFailed = 3;  // of those that `once` or `status` asked

inline constexpr std::string_view kDefaultHealthUrl = "http://127.0.0.1:10580/-/healthy";

struct Flag {
  std::string_view name;           // with its dashes
  std::string_view argument;       // its name in the help; empty: a switch
  std::string_view default_value;  // empty: none
  std::string_view help;
};

// All flags but --help and --version, which have no environment variable.
inline constexpr std::array kFlags = {
    Flag{"--config.file", "FILE", "config.yaml", "The configuration."},
    Flag{"--config.check", "", "", "Only check the configuration, as the command check does."},
    Flag{"--config.auto-reload", "", "",
         "Reload when the configuration file has changed. (Files of apikeys are always followed.)"},
    Flag{"--web.listen-address", "ADDRESS", ":10580",
         "Where to serve HTTP: :port, host:port or [::]:port. May be given more than once."},
    Flag{"--web.systemd-socket", "", "",
         "Serve on the sockets that systemd hands over instead of listen addresses."},
    Flag{"--web.telemetry-path", "PATH", "/metrics", "The path of the metrics."},
    Flag{"--web.config.file", "FILE", "",
         "TLS, users and headers of the pages, in the form that exporters share."},
    Flag{"--web.external-url", "URL", "",
         "Where others reach this exporter, for the targets of /sd. Default: what a request says."},
    Flag{"--web.enable-lifecycle", "", "",
         "Whether POST or PUT /-/reload reloads the configuration, as SIGHUP does."},
    Flag{"--web.max-connections", "NUMBER", "512",
         "HTTP connections at once; beyond it the oldest incomplete request is closed."},
    Flag{"--probe.listen-address", "ADDRESS", "",
         "Where to serve the health paths, and only them, without TLS and password."},
    Flag{"--[no-]metrics.expiration-days", "", "true",
         "Whether to export mdcloud_apikey_expiration_days."},
    Flag{"--storage.path", "DIRECTORY", "",
         "Where to keep what was counted, and which apikeys are rejected, for the next start."},
    Flag{"--shard", "NUMBER", "0", "Which of the shards this process is, from 0."},
    Flag{"--total-shards", "NUMBER", "1",
         "Among how many processes with the same configuration the apikeys are divided."},
    Flag{"--output.file", "FILE", "",
         "Where the command once writes, in one step: the file is always whole. Default: standard "
         "output."},
    Flag{"--output", "FORMAT", "table", "What the command status prints: table or json."},
    Flag{"--watch", "", "", "The command status goes on, and shows what is new."},
    Flag{"--log.level", "LEVEL", "info",
         "The least severe level logged: debug, info, warn, error."},
    Flag{"--log.format", "FORMAT", "logfmt", "The format of the log: logfmt or json."},
};

struct CommandLine {
  Command command = Command::kServe;
  OutputFormat output_format = OutputFormat::kTable;
  scrape::LogLevel log_level = scrape::LogLevel::kInfo;
  scrape::LogFormat log_format = scrape::LogFormat::kLogfmt;
  unsigned max_connections = 0;
  bool log_level_given = false;
  bool watch = false;
  bool auto_reload = false;
  bool enable_lifecycle = false;
  bool expiration_days = true;
  bool systemd_socket = false;  // instead of listen_addresses
  ConfigFile config_file;
  std::vector<std::string> listen_addresses;
  std::string telemetry_path;
  std::string web_config_file;  // empty: none
  std::optional<ExternalUrl> external_url;
  std::string probe_listen_address;  // empty: none
  std::string storage_path;          // empty: nothing survives the process
  std::string output_file;           // empty: standard output
  std::string health_url;
};

// The program ends at once: after --help or --version, or with a usage error.
struct EarlyExit {
  int code = kExitOk;
  std::string output;  // for stdout
  std::string error;   // one line for stderr
};

// `arguments` without the program's name. A flag wins over its variable.
[[nodiscard]] std::variant<CommandLine, EarlyExit> ParseCommandLine(
    const std::vector<std::string>& arguments, const EnvironmentVariable& variable);

// MDCLOUD_EXPORTER_WEB_LISTEN_ADDRESS for --web.listen-address.
[[nodiscard]] std::string VariableOf(const Flag& flag);

}  // namespace exporter

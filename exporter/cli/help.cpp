#include "exporter/cli/help.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "exporter/cli/flags.h"
#include "exporter/status/plain_text.h"

namespace exporter {
namespace {

constexpr std::size_t kColumns = 80;

}  // namespace

std::string HelpText() {
  std::string text =
      "Usage: mdcloud_exporter [command] [flags]\n"
      "\n"
      "Exports the quotas of OPSWAT MetaDefender Cloud apikeys to Prometheus.\n"
      "\n"
      "Commands:\n"
      "  (none)             Serve until SIGTERM or SIGINT. Without a configuration file\n"
      "                     the apikey is taken from MDCLOUD_APIKEY.\n"
      "  check              Check the configuration and read every apikey; ask nobody.\n"
      "  once               Ask every key one time and write the metrics, for\n"
      "                     a textfile collector.\n"
      "  status             Ask every key one time, with --watch again and again, and\n"
      "                     print a table for people, or JSON.\n"
      "  healthcheck [URL]  Ask a running exporter whether it is healthy. URL defaults\n"
      "                     to that of --probe.listen-address, else to\n"
      "                     http://127.0.0.1:10580/-/healthy.\n"
      "  demo               Serve the quotas of a simulated MetaDefender Cloud: no\n"
      "                     account is needed.\n"
      "\n"
      "Flags, before or after the command:\n";
  for (const Flag& flag : kFlags) {
    text += fmt::format("  {}{}{}\n", flag.name, flag.argument.empty() ? "" : "=", flag.argument);
    const std::string fallback = flag.default_value.empty()
                                     ? std::string()
                                     : fmt::format(" Default: {}.", flag.default_value);
    text += Wrapped(fmt::format("{}{}", flag.help, fallback), kColumns, "      ", "      ");
  }
  text +=
      "  --version\n      Print the version and exit.\n"
      "  --help\n      Print this and exit.\n"
      "\n";
  text +=
      Wrapped(fmt::format("Every flag but the last two has an environment variable, such as {} "
                          "for {}, split at commas where a flag may be given more than once; the "
                          "flag wins.",
                          VariableOf(kFlags[2]), kFlags[2].name),
              kColumns, "", "");
  text +=
      "\nExit codes: 0 ok, 1 configuration or run-time failure, 2 usage, 3 some\nkey failed "
      "(once, status).\n";
  return text;
}

}  // namespace exporter

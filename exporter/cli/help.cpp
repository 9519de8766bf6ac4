#include "exporter/cli/help.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "exporter/cli/flags.h"

namespace exporter {
namespace {

constexpr std::size_t kColumns = 80;

// Words of `text` in lines that begin with `indent` spaces.
std::string Wrap(std::string_view text, std::size_t indent) {
  std::string wrapped;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(word.size() == text.size() ? word.size() : word.size() + 1);
    if (column != 0 && column + 1 + word.size() > kColumns) {
      wrapped += '\n';
      column = 0;
    }
    wrapped += column == 0 ? std::string(indent, ' ') : " ";
    column = (column == 0 ? indent : column + 1) + word.size();
    wrapped += word;
  }
  return wrapped + "\n";
}

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
    text += Wrap(fmt::format("{}{}", flag.help, fallback), 6);
  }
  text +=
      "  --version\n      Print the version and exit.\n"
      "  --help\n      Print this and exit.\n"
      "\n";
  text += Wrap(fmt::format("Every flag but the last two has an environment variable, such as {} "
                           "for {}, split at commas where a flag may be given more than once; the "
                           "flag wins.",
                           VariableOf(kFlags[2]), kFlags[2].name),
               0);
  text +=
      "\nExit codes: 0 ok, 1 configuration or run-time failure, 2 usage, 3 some\nkey failed "
      "(once).\n";
  return text;
}

}  // namespace exporter

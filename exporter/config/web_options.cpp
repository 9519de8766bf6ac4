#include "exporter/config/web_options.h"

namespace exporter {
namespace {

std::vector<std::string_view> Names(WebSection section, bool refused) {
  std::vector<std::string_view> names;
  for (const WebOption& option : kWebOptions) {
    if (option.section == section && option.refusal.empty() != refused) {
      names.push_back(option.name);
    }
  }
  return names;
}

}  // namespace

std::string_view NameOf(WebSection section) {
  switch (section) {
    case WebSection::kTop:
      return "";
    case WebSection::kTls:
      return "tls_server_config";
    case WebSection::kHttp:
      return "http_server_config";
  }
  return "";
}

std::vector<std::string_view> NamesIn(WebSection section) { return Names(section, false); }
std::vector<std::string_view> RefusedNamesIn(WebSection section) { return Names(section, true); }

}  // namespace exporter

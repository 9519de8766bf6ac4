#include "scrape/api/collector.h"

namespace scrape {

std::string_view NameOf(Collector collector) {
  switch (collector) {
    case Collector::kInfo:
      return "info";
    case Collector::kLimits:
      return "limits";
    case Collector::kStatus:
      return "status";
    case Collector::kHistory:
      return "history";
  }
  return "";
}

std::optional<Collector> CollectorByName(std::string_view name) {
  for (const Collector collector : kCollectors) {
    if (NameOf(collector) == name) return collector;
  }
  return std::nullopt;
}

std::string_view PathOf(Collector collector) {
  switch (collector) {
    case Collector::kInfo:
      return "/apikey/";  // with the slash, as documented: redirects are not followed
    case Collector::kLimits:
      return "/apikey/limits";
    case Collector::kStatus:
      return "/apikey/limits/status";
    case Collector::kHistory:
      return "/apikey/scan-history";
  }
  return "";
}

}  // namespace scrape

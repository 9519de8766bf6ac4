#include "exporter/web/selection.h"

#include <algorithm>
#include <string>

#include "http/plain_text.h"
#include "http/query.h"
#include "scrape/api_key.h"

namespace exporter {

std::shared_ptr<const scrape::KeyState> FindKey(std::string_view key,
                                                const scrape::Snapshot& known) {
  const auto name_of = [](const auto& state) -> std::string_view { return state->key->name; };
  const auto found = std::ranges::lower_bound(known.keys, key, {}, name_of);
  return found != known.keys.end() && name_of(*found) == key ? *found : nullptr;
}

tl::expected<Selection, http::Response> ReadSelection(std::string_view query,
                                                      const scrape::Snapshot& known) {
  Selection selection;
  for (const auto& [name, value] : http::ReadQuery(query)) {
    if (name == "key") {
      if (!FindKey(value, known)) {
        return tl::unexpected(http::PlainText(404, "404 no key of that name is configured\n"));
      }
      selection.keys.insert(value);
    } else if (name == "collector") {
      const std::optional<scrape::Collector> collector = scrape::CollectorByName(value);
      if (!collector) {
        return tl::unexpected(http::PlainText(404, "404 there is no collector of that name\n"));
      }
      selection.collectors.insert(*collector);
    }
  }
  return selection;
}

}  // namespace exporter

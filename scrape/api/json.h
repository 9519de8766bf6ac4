#pragma once
// Reading of JSON that nobody vouches for: the only place that touches RapidJSON. Parsing never
// crashes, whatever the bytes and however deep; lookups never fail: a member of another type than
// asked for is as good as absent, of duplicate members the first counts. Immutable after parsing,
// any thread.

#include <rapidjson/fwd.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace scrape {

// A view of one object, valid as long as the JsonDocument that it came from.
class JsonObject {
 public:
  // Present and not null.
  [[nodiscard]] bool Has(std::string_view name) const;
  // Present, null included.
  [[nodiscard]] bool HasMember(std::string_view name) const;
  // A number, or a string that is one: the service answers "4" where it has counted and 0 where it
  // has not. Within +-2^53.
  [[nodiscard]] std::optional<double> FindNumber(std::string_view name) const;
  // true, false, 0, 1, "0", "1", "true", "false".
  [[nodiscard]] std::optional<bool> FindBool(std::string_view name) const;
  // May hold anything that JSON can escape, NUL and lone surrogates included.
  [[nodiscard]] std::optional<std::string_view> FindString(std::string_view name) const;
  [[nodiscard]] std::optional<JsonObject> FindObject(std::string_view name) const;
  // Those in an array, in its order; empty when there is none.
  [[nodiscard]] std::vector<JsonObject> FindObjects(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> FindArraySize(std::string_view name) const;
  // A string, or the strings of an array; empty when it is neither.
  [[nodiscard]] std::vector<std::string_view> FindStrings(std::string_view name) const;
  // Of all members, in the order of the document.
  [[nodiscard]] std::vector<std::string_view> Names() const;
  // Every member that FindNumber would accept, in the order of the document.
  [[nodiscard]] std::vector<std::pair<std::string_view, double>> Numbers() const;

 private:
  friend class JsonDocument;
  explicit JsonObject(const rapidjson::Value& value) : value_(&value) {}
  const rapidjson::Value* value_;
};

class JsonDocument {
 public:
  // The error says what and at which byte, and never quotes `text`, which may hold account data.
  [[nodiscard]] static tl::expected<JsonDocument, std::string> Parse(std::string_view text);

  // Absent when the document is an array, a string, a number, ...
  [[nodiscard]] std::optional<JsonObject> Root() const;

 private:
  explicit JsonDocument(std::shared_ptr<const rapidjson::Document> document)
      : document_(std::move(document)) {}
  std::shared_ptr<const rapidjson::Document> document_;
};

}  // namespace scrape

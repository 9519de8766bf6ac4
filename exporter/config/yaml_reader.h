#pragma once
// A strict reading of YAML: a plain tree with positions, and a problem for everything that a
// configuration has no use for or that yaml-cpp would pass silently (duplicate names, anchors,
// aliases, merge keys, tags, several documents, values that run on into the next line). Pure, any
// thread.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/config/problem.h"

namespace exporter {

struct YamlNode {
  enum class Kind {
    kMissing,  // nothing, ~ or null
    kText,
    kList,
    kMap,
    kRefused,  // a problem was already reported; nothing more is to be said about it
  };
  Kind kind = Kind::kMissing;
  Position position;
  std::string name;        // the name it was given under; an entry of a list: that of the list
  Position name_position;  // of the name; of an entry of a list: its own
  bool in_list = false;
  bool quoted = false;
  std::string text;
  std::vector<YamlNode> items;  // of a list or of a map, in the order of the file
};

// Zeroes the texts of its tree when it goes, since one may be an apikey. (yaml-cpp's own buffers
// are not ours to zero.)
class YamlDocument {
 public:
  explicit YamlDocument(YamlNode root) : root_(std::move(root)) {}
  ~YamlDocument();
  YamlDocument(const YamlDocument&) = delete;
  YamlDocument& operator=(const YamlDocument&) = delete;
  YamlDocument(YamlDocument&&) = delete;
  YamlDocument& operator=(YamlDocument&&) = delete;
  [[nodiscard]] const YamlNode& Root() const { return root_; }

 private:
  YamlNode root_;
};

// The one document of the text. A text that is not YAML gives a kRefused root.
[[nodiscard]] YamlNode ParseYaml(std::string_view text, ProblemList& problems);

// "'name' " for the beginning of a message, or "this name " when it could be a secret at the wrong
// place: an option's name is short and has no digits.
[[nodiscard]] std::string QuoteName(std::string_view name);

}  // namespace exporter

#include "exporter/config/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstddef>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "scrape/secret.h"

namespace exporter {
namespace {

constexpr std::size_t kMaxDepth = 16;  // the deepest option is at 4

using Kind = YamlNode::Kind;

Position PositionOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

struct TooDeep {
  Position position;
};

std::vector<std::string_view> SplitLines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// Turns yaml-cpp's events into the tree.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(const std::vector<std::string_view>& lines, ProblemList& problems)
      : lines_(lines), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      problems_.Add(PositionOf(mark), "a second document begins here; only one is allowed");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = NewNode(mark);
    RefuseExtras(node, "", anchor);
    Attach(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = NewNode(mark);
    Refuse(node, "aliases (*) are not supported; write the value out");
    Attach(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = NewNode(mark);
    node.kind = Kind::kText;
    node.text = value;
    node.quoted = tag == "!";
    RefuseExtras(node, tag, anchor);
    if (node.kind == Kind::kText && !IsOnOneLine(node)) {
      Refuse(node, node.quoted ? "the quoted text must end in the line it begins in"
                               : "the value runs on into the next line: put it on one line, or "
                                 "look for a colon without a space after it and for a wrong "
                                 "indentation");
    }
    Attach(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Kind::kList);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(mark, tag, anchor, Kind::kMap);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

  [[nodiscard]] int Documents() const { return documents_; }
  YamlNode TakeRoot() { return std::move(root_); }

 private:
  struct Container {
    YamlNode node;
    bool has_name = false;  // of the entry of a map whose value comes next
    bool name_refused = false;
    std::string name;
    Position name_position;
    std::unordered_map<std::string, int> lines_of_names;
  };

  [[nodiscard]] YamlNode NewNode(const YAML::Mark& mark) const {
    YamlNode node;
    node.position = node.name_position = PositionOf(mark);
    if (open_.empty()) return node;
    const Container& parent = open_.back();
    if (parent.node.kind == Kind::kList) {
      node.name = parent.node.name;
      node.in_list = true;
    } else if (parent.has_name) {
      node.name = parent.name;
      node.name_position = parent.name_position;
    }
    return node;
  }

  void Refuse(YamlNode& node, std::string why) {
    if (node.kind != Kind::kRefused) problems_.Add(node.position, std::move(why));
    node.kind = Kind::kRefused;
  }

  void RefuseExtras(YamlNode& node, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(node, "anchors (&) are not supported");
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(node, "tags (!) are not supported");
  }

  // Unlike YAML's: what looks like "name: value" in the next line must not become part of a value,
  // nor must the rest of the file when a quote is not closed (yaml-cpp accepts that).
  [[nodiscard]] bool IsOnOneLine(const YamlNode& node) const {
    const auto index = static_cast<std::size_t>(node.position.line) - 1;
    const auto start = static_cast<std::size_t>(node.position.column) - 1;
    if (index >= lines_.size() || start >= lines_[index].size()) return true;
    const std::string_view rest = lines_[index].substr(start);
    if (!node.quoted) return rest.starts_with(node.text);
    const char quote = rest[0];
    if (quote != '"' && quote != '\'') return true;  // a block, which ends with its indentation
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (quote == '"' && rest[i] == '\\') {
        ++i;
      } else if (rest[i] == quote) {
        if (quote == '"' || i + 1 == rest.size() || rest[i + 1] != quote) return true;
        ++i;
      }
    }
    return false;
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    if (open_.size() == kMaxDepth) throw TooDeep{PositionOf(mark)};
    Container open;
    open.node = NewNode(mark);
    RefuseExtras(open.node, tag, anchor);
    refused_.push_back(std::exchange(open.node.kind, kind) == Kind::kRefused);
    open_.push_back(std::move(open));
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    if (refused_.back()) node.kind = Kind::kRefused;
    refused_.pop_back();
    Attach(std::move(node));
  }

  void Attach(YamlNode node) {
    if (documents_ > 1) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Container& parent = open_.back();
    if (parent.node.kind == Kind::kMap && !parent.has_name) {
      TakeName(parent, std::move(node));
      return;
    }
    parent.has_name = false;
    if (!std::exchange(parent.name_refused, false)) parent.node.items.push_back(std::move(node));
  }

  void TakeName(Container& parent, YamlNode node) {
    parent.has_name = true;
    parent.name_position = node.position;
    if (node.kind == Kind::kText && node.text == "<<" && !node.quoted) {
      Refuse(node, "merge keys (<<) are not supported; write the options out");
    } else if (node.kind != Kind::kText) {
      Refuse(node, "the name of an option must be text");
    } else {
      const auto [first, inserted] = parent.lines_of_names.emplace(node.text, node.position.line);
      if (!inserted) {
        Refuse(node, fmt::format("{}is given twice, here and in line {}; once is allowed",
                                 QuoteName(node.text), first->second));
      }
    }
    parent.name_refused = node.kind == Kind::kRefused;
    parent.name = std::move(node.text);
  }

  const std::vector<std::string_view>& lines_;
  ProblemList& problems_;
  int documents_ = 0;
  std::vector<Container> open_;
  std::vector<bool> refused_;  // of each open container
  YamlNode root_;
};

bool HasTabInIndentation(std::string_view line) {
  const std::size_t tab = line.find('\t');
  return tab != std::string_view::npos && line.find_first_not_of(' ') == tab;
}

// yaml-cpp's own words, without the parts that quote the text.
std::string Explain(const std::string& message) {
  const auto is = [&message](const char* known) { return message.starts_with(known); };
  namespace Error = YAML::ErrorMsg;
  if (is(Error::TAB_IN_INDENTATION)) return "a tab in the indentation; only spaces are allowed";
  if (is(Error::UNKNOWN_ANCHOR)) return "aliases (*) are not supported; write the value out";
  if (is(Error::INVALID_ESCAPE)) return "an unknown escape (\\) in a double-quoted text";
  if (is(Error::INVALID_UNICODE) || is(Error::INVALID_HEX)) {
    return "an escape (\\) in a double-quoted text that is no character";
  }
  if (is(Error::EOF_IN_SCALAR)) return "a quoted text without its closing quote";
  if (is(Error::DOC_IN_SCALAR)) return "a document marker (--- or ...) inside a quoted text";
  if (is(Error::END_OF_MAP_FLOW)) return "a '{' without its '}'";
  if (is(Error::END_OF_SEQ_FLOW)) return "a '[' without its ']'";
  if (is(Error::FLOW_END)) return "a ']' or '}' without its opening";
  if (is(Error::END_OF_MAP)) {
    return "not YAML: an option 'name: value' is expected here; look at the indentation, and for a "
           "colon without a space after it";
  }
  if (is(Error::END_OF_SEQ)) {
    return "not YAML: an entry '- ...' of the list is expected here; look at the indentation";
  }
  if (is(Error::MAP_VALUE) || is(Error::MAP_KEY) || is(Error::BLOCK_ENTRY)) {
    return "not YAML: a name or a value is not expected here; look at the indentation, and quote "
           "texts with ': ' in them";
  }
  if (is(Error::BAD_FILE)) return "nested too deeply";
  return "not YAML: this character or text is not expected here";
}

// Bytes of the first character; 0 when it is not valid UTF-8.
std::size_t SequenceLength(std::string_view text) {
  const auto byte = [&text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto continues = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  const unsigned second = byte(1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && second < 0xA0;
    const bool surrogate = lead == 0xED && second > 0x9F;
    return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool out_of_range = (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return continues(1) && continues(2) && continues(3) && !out_of_range ? 4 : 0;
  }
  return 0;
}

bool CheckCharacters(std::string_view text, ProblemList& problems) {
  Position position{1, 1};
  while (!text.empty()) {
    const std::size_t length = SequenceLength(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      problems.Add(position, "not valid UTF-8");
      return false;
    }
    if ((byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') || byte == 0x7F) {
      problems.Add(position, "a control character; only text is allowed");
      return false;
    }
    position = byte == '\n' ? Position{position.line + 1, 1}
                            : Position{position.line, position.column + static_cast<int>(length)};
    text.remove_prefix(length);
  }
  return true;
}

YamlNode RefusedRoot() {
  YamlNode root;
  root.kind = Kind::kRefused;
  root.position = root.name_position = {1, 1};
  return root;
}

void WipeTexts(YamlNode& node) {
  scrape::WipeMemory(node.text.data(), node.text.size());
  for (YamlNode& item : node.items) WipeTexts(item);
}

}  // namespace

YamlDocument::~YamlDocument() { WipeTexts(root_); }

YamlNode ParseYaml(std::string_view text, ProblemList& problems) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!CheckCharacters(text, problems)) return RefusedRoot();
  const std::vector<std::string_view> lines = SplitLines(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder(lines, problems);
    // Not further than the second document, which is refused: what yaml-cpp cannot make anything
    // of (a stray ']') it takes for one empty document after the other, without an end.
    while (builder.Documents() < 2 && parser.HandleNextDocument(builder)) {
    }
    YamlNode root = builder.TakeRoot();
    if (root.position.line == 0) root.position = root.name_position = {1, 1};
    return root;
  } catch (const TooDeep& deep) {
    problems.Add(deep.position, "nested too deeply");
  } catch (const YAML::Exception& exception) {
    const bool known = exception.mark.line >= 0;
    const Position position = known ? PositionOf(exception.mark) : Position{1, 1};
    const auto index = static_cast<std::size_t>(position.line) - 1;
    const bool tab = index < lines.size() && HasTabInIndentation(lines[index]);
    problems.Add(position, Explain(tab ? YAML::ErrorMsg::TAB_IN_INDENTATION : exception.msg));
  }
  return RefusedRoot();
}

std::string QuoteName(std::string_view name) {
  const bool plain =
      name.size() <= 40 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
      });
  return plain && !name.empty() ? fmt::format("'{}' ", name) : "this name ";
}

}  // namespace exporter

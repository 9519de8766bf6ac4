#include "exporter/config/values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

#include "exporter/config/base_url.h"
#include "exporter/config/byte_size.h"
#include "exporter/config/duration.h"

namespace exporter {
namespace {

using Kind = YamlNode::Kind;

constexpr std::size_t kMaxLabels = 32;
constexpr std::size_t kMaxLabelName = 128;
constexpr std::size_t kMaxLabelValue = 1024;  // bytes

std::string_view Describe(Kind kind) {
  switch (kind) {
    case Kind::kMissing:
      return "missing";
    case Kind::kText:
      return "text";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
      return "a map";
    case Kind::kRefused:
      return "wrong";
  }
  return "";
}

std::string Subject(const YamlNode& node) {
  if (node.name.empty()) return "the configuration";
  return node.in_list ? "an entry of " + node.name : node.name;
}

bool IsOneOf(char c, std::string_view more) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         more.find(c) != std::string_view::npos;
}

bool IsLabelName(std::string_view name) {
  const bool digit_first = !name.empty() && name[0] >= '0' && name[0] <= '9';
  return !name.empty() && name.size() <= kMaxLabelName && !digit_first &&
         std::ranges::all_of(name, [](char c) { return IsOneOf(c, "_"); });
}

bool IsReservedLabel(std::string_view name) {
  constexpr std::array<std::string_view, 5> kReserved = {"key", "job", "instance", "le",
                                                         "quantile"};
  return name.starts_with("__") || std::ranges::find(kReserved, name) != kReserved.end();
}

// ASCII's and, in UTF-8 (C2 80 to C2 9F), ISO 8859's.
bool HasControlCharacter(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0xFFU;
    if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next <= 0x9F)) return true;
  }
  return false;
}

std::string PerhapsMeant(std::string_view name, const std::vector<std::string_view>& allowed) {
  const std::string_view nearest = NearestName(name, allowed);
  return nearest.empty() ? "" : fmt::format(" (is '{}' meant?)", nearest);
}

std::vector<std::string_view> CollectorNames() {
  std::vector<std::string_view> names;
  names.reserve(scrape::kCollectorCount);
  for (const scrape::Collector collector : scrape::kCollectors) names.push_back(NameOf(collector));
  return names;
}

}  // namespace

bool Is(Kind kind, const YamlNode& node, std::string_view allowed, ProblemList& problems) {
  if (node.kind == kind) return true;
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position,
                 fmt::format("{} must be {}, is {}", Subject(node), allowed, Describe(node.kind)));
  }
  return false;
}

MapReader::MapReader(const YamlNode& node, Section section, ProblemList& problems)
    : MapReader(node, {.where = NameOf(section), .allowed = NamesIn(section), .judged = {}},
                problems) {}

MapReader::MapReader(const YamlNode& node, const MapNames& names, ProblemList& problems)
    : node_(node), problems_(problems) {
  for (const YamlNode& item : node.items) {
    if (std::ranges::find(names.allowed, item.name) != names.allowed.end() ||
        std::ranges::find(names.judged, item.name) != names.judged.end()) {
      continue;
    }
    problems.Add(
        item.name_position,
        fmt::format("{}is not an option{}{}{}; allowed: {}", QuoteName(item.name),
                    names.where.empty() ? "" : " of ", names.where,
                    PerhapsMeant(item.name, names.allowed), fmt::join(names.allowed, ", ")));
  }
}

const YamlNode* MapReader::Peek(std::string_view name) const {
  const auto found = std::ranges::find(node_.items, name, &YamlNode::name);
  return found == node_.items.end() ? nullptr : &*found;
}

const YamlNode* MapReader::Find(std::string_view name) const {
  const YamlNode* found = Peek(name);
  if (found == nullptr) return nullptr;
  if (found->kind == Kind::kMissing) {
    problems_.Add(found->name_position,
                  fmt::format("{} has no value; give one or remove the line", name));
    return nullptr;
  }
  return found;
}

std::optional<std::size_t> ReadChoice(const YamlNode& node,
                                      const std::vector<std::string_view>& words,
                                      ProblemList& problems) {
  const auto found = node.kind == Kind::kText ? std::ranges::find(words, node.text) : words.end();
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position,
                 fmt::format("{} must be {}{}{}", node.name, words.size() == 1 ? "" : "one of ",
                             fmt::join(words, ", "), PerhapsMeant(node.text, words)));
  }
  return std::nullopt;
}

std::optional<std::string> ReadText(const YamlNode& node, ProblemList& problems) {
  if (!Is(Kind::kText, node, "text", problems)) return std::nullopt;
  if (HasControlCharacter(node.text)) {
    problems.Add(node.position,
                 fmt::format("{} must be one line without control characters", node.name));
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> ReadBool(const YamlNode& node, ProblemList& problems) {
  if (node.kind == Kind::kText && !node.quoted) {
    if (node.text == "true") return true;
    if (node.text == "false") return false;
  }
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position, fmt::format("{} must be true or false", node.name));
  }
  return std::nullopt;
}

std::optional<int> ReadInteger(const YamlNode& node, int least, int most, ProblemList& problems) {
  const std::string& text = node.text;
  const bool digits = node.kind == Kind::kText && !node.quoted && !text.empty() &&
                      std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; }) &&
                      (text == "0" || text[0] != '0');
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (digits && error == std::errc() && number >= least && number <= most) return number;
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position,
                 fmt::format("{} must be a whole number from {} to {}", node.name, least, most));
  }
  return std::nullopt;
}

std::optional<milliseconds> ReadDuration(const YamlNode& node, const DurationBounds& bounds,
                                         std::string_view also, ProblemList& problems) {
  if (node.kind == Kind::kText) {
    const auto duration = ParseDuration(node.text);
    if (duration && *duration >= bounds.least && *duration <= bounds.most) return duration;
  }
  if (node.kind != Kind::kRefused) {
    problems.Add(
        node.position,
        fmt::format("{} must be {}a duration from {} to {}, such as 30s or 1h30m", node.name, also,
                    FormatDuration(bounds.least), FormatDuration(bounds.most)));
  }
  return std::nullopt;
}

std::optional<std::size_t> ReadByteSize(const YamlNode& node, const ByteSizeBounds& bounds,
                                        ProblemList& problems) {
  if (node.kind == Kind::kText && !node.quoted) {
    const auto size = ParseByteSize(node.text);
    if (size && *size >= bounds.least && *size <= bounds.most) return size;
  }
  if (node.kind != Kind::kRefused) {
    problems.Add(node.position,
                 fmt::format("{} must be a size from {} to {}, such as 512KiB or 8MiB", node.name,
                             FormatByteSize(bounds.least), FormatByteSize(bounds.most)));
  }
  return std::nullopt;
}

std::optional<scrape::CollectorSet> ReadCollectors(const YamlNode& node, ProblemList& problems) {
  constexpr std::string_view kAllowed = "a list of info, limits, status and history";
  if (!Is(Kind::kList, node, kAllowed, problems)) return std::nullopt;
  if (node.items.empty()) {
    problems.Add(node.position,
                 "collectors must name at least one of info, limits, status and history");
    return std::nullopt;
  }
  scrape::CollectorSet set{};
  bool good = true;
  for (const YamlNode& item : node.items) {
    const auto collector =
        item.kind == Kind::kText ? scrape::CollectorByName(item.text) : std::nullopt;
    if (!collector || set[IndexOf(*collector)]) {
      good = false;
      if (item.kind == Kind::kRefused) continue;
      problems.Add(item.position,
                   collector ? "this collector is named twice; once is allowed"
                             : "a collector must be one of info, limits, status and history" +
                                   PerhapsMeant(item.text, CollectorNames()));
      continue;
    }
    set[IndexOf(*collector)] = true;
  }
  return good ? std::optional(set) : std::nullopt;
}

std::optional<scrape::LogLevel> ReadLogLevel(const YamlNode& node, ProblemList& problems) {
  const auto level = node.kind == Kind::kText ? scrape::LogLevelByName(node.text) : std::nullopt;
  if (!level && node.kind != Kind::kRefused) {
    problems.Add(node.position, "log_level must be debug, info, warn or error" +
                                    PerhapsMeant(node.text, {"debug", "info", "warn", "error"}));
  }
  return level;
}

std::optional<std::string> ReadBaseUrl(const YamlNode& node, ProblemList& problems) {
  const auto text = ReadText(node, problems);
  if (!text) return std::nullopt;
  auto url = NormalizeBaseUrl(*text);
  if (url) return std::move(*url);
  problems.Add(node.position, fmt::format("base_url {}", url.error()));
  return std::nullopt;
}

std::map<std::string, std::string> ReadLabels(const YamlNode& node, ProblemList& problems) {
  std::map<std::string, std::string> labels;
  if (!Is(Kind::kMap, node, "a map of names and values", problems)) return labels;
  if (node.items.size() > kMaxLabels) {
    problems.Add(node.position, fmt::format("labels must be at most {}", kMaxLabels));
  }
  for (const YamlNode& item : node.items) {
    if (IsReservedLabel(item.name)) {
      problems.Add(item.name_position,
                   "a label must not be key, job, instance, le or quantile, nor begin with '__'");
    } else if (!IsLabelName(item.name)) {
      problems.Add(item.name_position,
                   fmt::format("the name of a label must be 1 to {} characters of a-z, A-Z, 0-9 "
                               "and '_', the first no digit",
                               kMaxLabelName));
    } else if (item.kind == Kind::kMissing) {
      problems.Add(item.name_position, "this label has no value; give one or remove the line");
    } else if (item.kind != Kind::kText) {
      if (item.kind != Kind::kRefused) {
        problems.Add(item.position,
                     fmt::format("the value of a label must be text, is {}", Describe(item.kind)));
      }
    } else if (item.text.size() > kMaxLabelValue || HasControlCharacter(item.text)) {
      problems.Add(item.position,
                   fmt::format("the value of a label must be at most {} bytes without control "
                               "characters",
                               kMaxLabelValue));
    } else {
      labels.emplace(item.name, item.text);
    }
  }
  return labels;
}

bool IsKeyName(std::string_view name) {
  return !name.empty() && name.size() <= 128 &&
         std::ranges::all_of(name, [](char c) { return IsOneOf(c, "_.:/ -"); });
}

}  // namespace exporter

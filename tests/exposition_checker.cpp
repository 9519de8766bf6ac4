#include "tests/exposition_checker.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <set>
#include <system_error>

namespace test {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsName(std::string_view name, bool colons) {
  if (name.empty() || IsDigit(name.front())) return false;
  return std::all_of(name.begin(), name.end(),
                     [&](char c) { return IsNameStart(c) || IsDigit(c) || (colons && c == ':'); });
}

std::optional<double> ParseNumber(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  // from_chars also knows "inf" and "nan", and says so by their first letter.
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !IsDigit(digits.front())) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> Unescape(std::string_view text, bool quotes) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] == 'n') {
      result += '\n';
    } else if (text[i] == '\\' || (quotes && text[i] == '"')) {
      result += text[i];
    } else {
      return std::nullopt;
    }
  }
  return result;
}

bool EndsWith(std::string_view text, std::string_view end) { return text.ends_with(end); }

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Exposition Read() {
    if (!IsValidUtf8(text_)) Problem("not valid UTF-8");
    if (!text_.empty() && text_.back() != '\n') Problem("the last line has no end");
    while (!text_.empty()) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      ++line_;
      ReadLine(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
    }
    EndFamily();
    return std::move(result_);
  }

 private:
  void Problem(const std::string& what) {
    result_.problems.push_back("line " + std::to_string(line_) + ": " + what);
  }

  void ReadLine(std::string_view line) {
    if (line.find('\r') != std::string_view::npos) Problem("carriage return");
    if (line.empty()) {
      Problem("empty line");
    } else if (line.starts_with("# HELP ")) {
      ReadHelp(line.substr(7));
    } else if (line.starts_with("# TYPE ")) {
      ReadType(line.substr(7));
    } else if (line.front() == '#') {
      Problem("a comment that is neither HELP nor TYPE");
    } else {
      ReadSample(line);
    }
  }

  void ReadHelp(std::string_view rest) {
    EndFamily();
    const std::size_t space = std::min(rest.find(' '), rest.size());
    Family family;
    family.name = rest.substr(0, space);
    if (!IsName(family.name, true)) Problem("bad metric name in HELP");
    const std::optional<std::string> help =
        Unescape(rest.substr(std::min(space + 1, rest.size())), false);
    if (!help) Problem("bad escape in HELP of " + family.name);
    if (help && help->empty()) Problem("empty HELP of " + family.name);
    family.help = help.value_or("");
    if (result_.Find(family.name) != nullptr) {
      Problem("family " + family.name + " appears twice");
    } else if (!result_.families.empty() && family.name < result_.families.back().name) {
      Problem("family " + family.name + " is out of order");
    }
    result_.families.push_back(std::move(family));
    open_ = true;
  }

  void ReadType(std::string_view rest) {
    const std::size_t space = std::min(rest.find(' '), rest.size());
    const std::string name(rest.substr(0, space));
    const std::string type(rest.substr(std::min(space + 1, rest.size())));
    if (!open_ || result_.families.back().name != name) {
      Problem("TYPE of " + name + " without its HELP before it");
      return;
    }
    Family& family = result_.families.back();
    if (!family.type.empty()) Problem("second TYPE of " + name);
    if (!family.samples.empty()) Problem("TYPE of " + name + " after its samples");
    static const std::set<std::string> types = {"counter", "gauge", "histogram"};
    if (types.count(type) == 0) Problem("unexpected type of " + name);
    if (type == "counter" && !EndsWith(name, "_total")) {
      Problem("counter " + name + " does not end in _total");
    }
    if (type != "counter" && EndsWith(name, "_total")) {
      Problem(name + " ends in _total but is no counter");
    }
    family.type = type;
  }

  void ReadSample(std::string_view line) {
    const std::size_t name_end = std::min(line.find_first_of("{ "), line.size());
    Sample sample;
    sample.name = line.substr(0, name_end);
    if (!IsName(sample.name, true)) return Problem("bad metric name");
    line.remove_prefix(name_end);
    if (line.starts_with('{') && !ReadLabels(line, sample)) return;
    if (!line.starts_with(' '))
      return Problem("no single space before the value of " + sample.name);
    line.remove_prefix(1);
    if (line.find(' ') != std::string_view::npos) {
      return Problem("something after the value of " + sample.name);
    }
    const std::optional<double> value = ParseNumber(line);
    if (!value) return Problem("bad number of " + sample.name);
    sample.value = *value;
    AddSample(std::move(sample));
  }

  // `line` begins with '{' and is left behind '}'.
  bool ReadLabels(std::string_view& line, Sample& sample) {
    line.remove_prefix(1);
    while (true) {
      const std::size_t equals = line.find('=');
      const std::string_view name = line.substr(0, std::min(equals, line.size()));
      if (!IsName(name, false)) return Problem("bad label name of " + sample.name), false;
      line.remove_prefix(std::min(equals + 1, line.size()));
      if (!line.starts_with('"')) return Problem("label without quotes of " + sample.name), false;
      std::size_t end = 1;
      while (end < line.size() && line[end] != '"')
        end += line[end] == '\\' ? std::size_t{2} : std::size_t{1};
      if (end >= line.size()) return Problem("label without end of " + sample.name), false;
      const std::optional<std::string> value = Unescape(line.substr(1, end - 1), true);
      if (!value) return Problem("bad escape in a label of " + sample.name), false;
      const bool bound = name == "le";
      if (!bound && !sample.labels.empty() && sample.labels.back().first >= name) {
        Problem("labels of " + sample.name + " are twice or out of order");
      }
      sample.labels.emplace_back(name, *value);
      line.remove_prefix(end + 1);
      if (line.starts_with('}')) return line.remove_prefix(1), true;
      if (!line.starts_with(',')) return Problem("bad labels of " + sample.name), false;
      line.remove_prefix(1);
    }
  }

  void AddSample(Sample sample) {
    if (!open_ || !BelongsTo(result_.families.back(), sample.name)) {
      return Problem("sample " + sample.name + " outside its family");
    }
    Family& family = result_.families.back();
    if (family.type.empty()) Problem("sample " + sample.name + " before its TYPE");
    if (family.type == "counter" && !(sample.value >= 0)) {
      Problem("counter " + sample.name + " is negative or NaN");
    }
    std::string identity = sample.name;
    for (const auto& [name, value] : sample.labels) {
      identity.append(1, '\0').append(name).append(1, '\0').append(value);
    }
    if (!seen_.insert(identity).second) Problem("series of " + sample.name + " twice");
    if (family.type != "histogram" && !family.samples.empty() &&
        sample.labels < family.samples.back().labels) {
      Problem("series of " + sample.name + " out of order");
    }
    family.samples.push_back(std::move(sample));
  }

  static bool BelongsTo(const Family& family, std::string_view sample) {
    if (family.type != "histogram") return sample == family.name;
    return sample == family.name + "_bucket" || sample == family.name + "_sum" ||
           sample == family.name + "_count";
  }

  void EndFamily() {
    if (!open_) return;
    open_ = false;
    seen_.clear();
    const Family& family = result_.families.back();
    if (family.type.empty()) Problem("family " + family.name + " without TYPE");
    if (family.samples.empty()) Problem("family " + family.name + " without samples");
    if (family.type == "histogram") CheckHistogram(family);
  }

  // Group by group: buckets by ascending bound, then _sum, then _count.
  void CheckHistogram(const Family& family) {
    std::optional<Labels> previous;
    for (std::size_t i = 0; i < family.samples.size();) {
      Labels group = family.samples[i].labels;
      if (!group.empty() && group.back().first == "le") group.pop_back();
      if (previous && group <= *previous) Problem("histogram " + family.name + " out of order");
      i = CheckGroup(family, i, group);
      previous = std::move(group);
    }
  }

  // Returns where the next group begins.
  std::size_t CheckGroup(const Family& family, std::size_t i, const Labels& group) {
    const std::vector<Sample>& samples = family.samples;
    double bound = -std::numeric_limits<double>::infinity();
    double count = 0;
    bool first = true;
    for (; i < samples.size() && samples[i].name == family.name + "_bucket"; ++i, first = false) {
      const Labels& labels = samples[i].labels;
      const bool has_bound = !labels.empty() && labels.back().first == "le";
      if (!has_bound || !std::equal(labels.begin(), labels.end() - 1, group.begin(), group.end())) {
        break;
      }
      const std::optional<double> next = ParseNumber(labels.back().second);
      if (!next) Problem("bad bound of " + family.name);
      if (!first && next && !(*next > bound))
        Problem("buckets of " + family.name + " out of order");
      if (samples[i].value < count) Problem("buckets of " + family.name + " fall");
      bound = next.value_or(bound);
      count = samples[i].value;
    }
    if (!std::isinf(bound) || bound < 0) Problem("histogram " + family.name + " without +Inf");
    const auto take = [&](const char* suffix) -> const Sample* {
      if (i == samples.size() || samples[i].name != family.name + suffix ||
          samples[i].labels != group) {
        Problem("histogram " + family.name + " without its " + suffix);
        return nullptr;
      }
      return &samples[i++];
    };
    const std::size_t before = i;
    take("_sum");
    const Sample* total = take("_count");
    if (total != nullptr && total->value != count) {
      Problem("histogram " + family.name + ": _count is not its +Inf bucket");
    }
    // A sample that fits nowhere is passed over, so that the check ends.
    return i == before && first ? i + 1 : i;
  }

  std::string_view text_;
  int line_ = 0;
  bool open_ = false;  // the last family may still get lines
  std::set<std::string> seen_;
  Exposition result_;
};

}  // namespace

const Family* Exposition::Find(std::string_view name) const {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const Family& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

namespace {

const Sample* FindSample(const Exposition& exposition, std::string_view name,
                         const std::map<std::string, std::string>& labels) {
  for (const Family& family : exposition.families) {
    for (const Sample& sample : family.samples) {
      if (sample.name == name && std::map<std::string, std::string>(
                                     sample.labels.begin(), sample.labels.end()) == labels) {
        return &sample;
      }
    }
  }
  return nullptr;
}

}  // namespace

bool Exposition::Has(std::string_view name,
                     const std::map<std::string, std::string>& labels) const {
  return FindSample(*this, name, labels) != nullptr;
}

double Exposition::Value(std::string_view name,
                         const std::map<std::string, std::string>& labels) const {
  const Sample* sample = FindSample(*this, name, labels);
  return sample == nullptr ? std::numeric_limits<double>::quiet_NaN() : sample->value;
}

std::string Exposition::Problems() const {
  std::string all;
  for (const std::string& problem : problems) all += problem + "\n";
  return all;
}

Exposition CheckExposition(std::string_view text) { return Reader(text).Read(); }

bool IsValidUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(i);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80) return false;
    }
    const unsigned char second = length > 1 ? byte(i + 1) : 0;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second >= 0xA0;
    const bool too_high = lead == 0xF4 && second >= 0x90;
    if (overlong || surrogate || too_high) return false;
    i += length;
  }
  return true;
}

}  // namespace test

#include "exporter/web/accept.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

namespace exporter {
namespace {

std::string_view Trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Takes what stands before `separator` off the front of `text`.
std::string_view TakeUntil(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return Trim(part);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// One item of either header: what is accepted, and how much.
struct Accepted {
  std::string what;  // lower case
  std::optional<std::string> version;
  double weight = 1;  // 0: refused
};

// A weight that is none counts as 1.
Accepted TakeItem(std::string_view& header) {
  std::string_view item = TakeUntil(header, ',');
  Accepted accepted;
  accepted.what = LowerCase(TakeUntil(item, ';'));
  while (!item.empty()) {
    std::string_view value = TakeUntil(item, ';');
    const std::string name = LowerCase(TakeUntil(value, '='));
    value = Trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "version") accepted.version = value;
    if (name != "q") continue;
    double weight = 1;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), weight);
    const bool good = error == std::errc() && end == value.data() + value.size();
    accepted.weight = good && weight >= 0 && weight <= 1 ? weight : 1;
  }
  return accepted;
}

// How much one format is wanted; what names it closest decides.
class Wanted {
 public:
  Wanted(std::string_view type, std::string_view group, std::string_view version)
      : type_(type), group_(group), version_(version) {}

  void See(const Accepted& accepted) {
    const int closeness = ClosenessOf(accepted);
    if (closeness == 0 || closeness < closeness_) return;
    weight_ = closeness == closeness_ ? std::max(weight_, accepted.weight) : accepted.weight;
    closeness_ = closeness;
  }
  [[nodiscard]] double Weight() const { return weight_; }
  [[nodiscard]] bool ByName() const { return closeness_ >= kByName; }

 private:
  static constexpr int kByName = 3;

  [[nodiscard]] int ClosenessOf(const Accepted& accepted) const {
    if (accepted.what == type_) {
      if (!accepted.version) return kByName;
      return *accepted.version == version_ ? kByName + 1 : 0;
    }
    if (accepted.what == group_) return 2;
    return accepted.what == "*/*" ? 1 : 0;
  }

  std::string_view type_;
  std::string_view group_;
  std::string_view version_;
  int closeness_ = 0;
  double weight_ = 0;
};

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<bool> gzip;
  bool any = false;
  while (!accept_encoding.empty()) {
    const Accepted coding = TakeItem(accept_encoding);
    if (coding.what == "gzip" || coding.what == "x-gzip") gzip = coding.weight > 0;
    if (coding.what == "*") any = coding.weight > 0;
  }
  return gzip.value_or(any);
}

Format PreferredFormat(std::string_view accept) {
  Wanted text("text/plain", "text/*", "0.0.4");
  Wanted open("application/openmetrics-text", "application/*", "1.0.0");
  while (!accept.empty()) {
    const Accepted accepted = TakeItem(accept);
    text.See(accepted);
    open.See(accepted);
  }
  const bool first = open.Weight() > text.Weight();
  const bool tie = open.Weight() == text.Weight() && open.Weight() > 0 && open.ByName();
  return first || tie ? Format::kOpenMetrics : Format::kText;
}

}  // namespace exporter

#include "exporter/status/status_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "exporter/status/plain_text.h"
#include "exporter/status/words.h"

namespace exporter {
namespace {

constexpr std::size_t kLeastWidth = 20;
constexpr std::size_t kLeastBar = 4;
constexpr std::size_t kMostBar = 20;
constexpr std::string_view kUnknown = "-";
constexpr std::string_view kGap = "  ";

// One quota in words.
struct Row {
  std::string api;
  Severity severity = Severity::kUnknown;
  std::optional<double> share;
  std::string percent;
  std::string amount;  // used / limit
  std::string left;
  std::string resets;
  std::string runs_out;
  bool entitled = true;
};

constexpr std::array kTitles = {std::string_view("API"),          std::string_view("USED"),
                                std::string_view("USED / LIMIT"), std::string_view("LEFT"),
                                std::string_view("RESETS IN"),    std::string_view("RUNS OUT")};

std::string Number(const std::optional<double>& number) {
  return number ? NumberWords(*number) : std::string(kUnknown);
}

std::string RunsOut(const ApiStatus& quota, scrape::SystemTime now) {
  if (quota.remaining && *quota.remaining <= 0) return "used up";
  if (quota.used == std::optional(0.0)) return "not used";
  if (!quota.runs_out_at) return std::string(kUnknown);
  return quota.lasts ? "lasts" : DurationWords(*quota.runs_out_at - now);
}

Row RowOf(const ApiStatus& quota, scrape::SystemTime now) {
  Row row;
  row.api = PlainText(quota.api);
  row.severity = quota.severity;
  row.share = quota.share;
  row.entitled = quota.entitled.value_or(true);
  row.percent = quota.share ? ShareWords(*quota.share) : std::string(kUnknown);
  row.amount = fmt::format("{} / {}", Number(quota.used), Number(quota.limit));
  row.left = Number(quota.remaining);
  row.resets = quota.resets_at ? DurationWords(*quota.resets_at - now) : std::string(kUnknown);
  row.runs_out = RunsOut(quota, now);
  return row;
}

std::string Expiry(const ExpiryStatus& expiry, scrape::SystemTime now) {
  switch (expiry.kind) {
    case scrape::Expiration::Kind::kUnknown:
      return "expiry not known";
    case scrape::Expiration::Kind::kNever:
      return "never expires";
    case scrape::Expiration::Kind::kAt:
      break;
  }
  const std::string far = DurationWords(expiry.at - now);
  return expiry.at <= now ? fmt::format("expired {} ago", far) : fmt::format("expires in {}", far);
}

class Table {
 public:
  Table(const Status& status, const TableStyle& style)
      : status_(status), style_(style), width_(std::max(style.width, kLeastWidth)) {
    for (const KeyStatus& key : status.keys) keys_.push_back(&key);
    std::ranges::stable_sort(
        keys_, [](const KeyStatus* a, const KeyStatus* b) { return a->severity > b->severity; });
    Measure();
  }

  std::string Write() {
    if (keys_.empty()) {
      return Wrapped("No keys: the configuration names none, and its key directories are empty.",
                     width_, "", "");
    }
    const bool any_quota =
        std::ranges::any_of(keys_, [](const KeyStatus* key) { return !key->apis.empty(); });
    if (layout_ == Layout::kColumns && any_quota) {
      PutColumns(kTitles[0], LeftAligned(kTitles[1], bar_ + 1 + percent_), kTitles[2], kTitles[3],
                 kTitles[4], kTitles[5]);
    }
    for (const KeyStatus* key : keys_) {
      if (key != keys_.front()) text_ += '\n';
      PutKey(*key);
    }
    text_ += '\n' + Wrapped(SummaryLine(status_), width_, "", "");
    return std::move(text_);
  }

 private:
  enum class Layout { kColumns, kTwoLines, kSentence };

  static constexpr std::string_view kBold = "1";

  // The widest layout that fits.
  void Measure() {
    const auto widen = [](std::size_t& width, const std::string& text) {
      width = std::max(width, text.size());
    };
    for (const KeyStatus* key : keys_) {
      for (const ApiStatus& quota : key->apis) {
        const Row row = RowOf(quota, status_.facts.now);
        widen(api_, row.api);
        if (!row.entitled) continue;
        widen(percent_, row.percent);
        widen(amount_, row.amount);
        widen(left_, row.left);
        widen(resets_, row.resets);
        widen(runs_out_, row.runs_out);
      }
    }
    const std::size_t gap = kGap.size();
    const std::size_t two_lines = gap + api_ + gap + 1 + percent_ + gap + amount_;
    const std::size_t columns = two_lines + gap + left_ + gap + resets_ + gap + runs_out_;
    const auto fits = [&](std::size_t without_bar) { return without_bar + kLeastBar <= width_; };
    layout_ = fits(columns)     ? Layout::kColumns
              : fits(two_lines) ? Layout::kTwoLines
                                : Layout::kSentence;
    const std::size_t taken = layout_ == Layout::kColumns ? columns : two_lines;
    bar_ = std::clamp(width_ - std::min(width_, taken), kLeastBar, kMostBar);
  }

  void Put(std::string_view line) {
    const std::size_t last = line.find_last_not_of(' ');
    text_ += line.substr(0, last == std::string_view::npos ? 0 : last + 1);
    text_ += '\n';
  }

  [[nodiscard]] std::string Painted(std::string_view code, std::string_view text) const {
    if (!style_.colour) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
  }
  [[nodiscard]] std::string Painted(Severity severity, std::string_view text) const {
    switch (severity) {
      case Severity::kOk:
        return Painted("32", text);
      case Severity::kUnknown:
        return Painted("2", text);
      case Severity::kWarning:
        return Painted("33", text);
      case Severity::kCritical:
        return Painted("1;31", text);
    }
    return std::string(text);
  }

  [[nodiscard]] std::string Bar(const Row& row) const {
    if (!row.share) return std::string(bar_, ' ');
    const double filled = std::clamp(*row.share, 0.0, 1.0) * static_cast<double>(bar_);
    auto blocks = static_cast<std::size_t>(filled);
    if (blocks == 0 && filled > 0) blocks = 1;
    std::string bar;
    for (std::size_t i = 0; i < bar_; ++i) {
      bar += i < blocks ? (style_.unicode ? "█" : "#") : (style_.unicode ? "░" : ".");
    }
    return Painted(row.severity, bar);
  }

  // `used`: as wide as a bar and its percentage.
  void PutColumns(std::string_view api, std::string_view used, std::string_view amount,
                  std::string_view left, std::string_view resets, std::string_view runs_out) {
    Put(fmt::format("  {}  {}  {}  {}  {}  {}", LeftAligned(api, api_), used,
                    RightAligned(amount, amount_), RightAligned(left, left_),
                    LeftAligned(resets, resets_), runs_out));
  }

  void PutKey(const KeyStatus& key) {
    PutHead(key);
    for (const ApiStatus& quota : key.apis) PutRow(RowOf(quota, status_.facts.now));
    if (key.apis.empty()) {
      text_ += Wrapped("nothing is known of its quotas", width_, "  ", "  ");
    }
    for (const KeyProblem& problem : key.problems) {
      std::string sentence = PlainText(problem.what);
      if (!problem.advice.empty()) sentence.append(" ").append(problem.advice);
      text_ += Wrapped(sentence, width_, "  ! ", "    ");
    }
  }

  void PutHead(const KeyStatus& key) {
    const std::string name = PlainText(key.Name());
    const std::string state(NameOf(key.severity));
    const std::string expiry = Expiry(key.expiry, status_.facts.now);
    const std::size_t taken = name.size() + 2 * kGap.size() + state.size() + expiry.size();
    if (taken <= width_) {
      return Put(fmt::format("{}{}{}{}{}", Painted(kBold, name), kGap, Painted(key.severity, state),
                             std::string(width_ - taken, ' '), std::string(kGap) + expiry));
    }
    std::string lines = Wrapped(name, width_, "", "");
    while (!lines.empty()) {
      const std::size_t end = lines.find('\n');
      Put(Painted(kBold, lines.substr(0, end)));
      lines.erase(0, end + 1);
    }
    text_ += Wrapped(fmt::format("{}, {}", state, expiry), width_, "  ", "  ");
  }

  void PutRow(const Row& row) {
    if (!row.entitled) {
      text_ += Sentence(row.api + ": not in the licence");
      return;
    }
    const std::string bar = Bar(row) + ' ' + RightAligned(row.percent, percent_);
    const std::string rest = fmt::format("{} left, {}, {}", row.left, Resets(row), Lasts(row));
    switch (layout_) {
      case Layout::kColumns:
        PutColumns(row.api, bar, row.amount, row.left, row.resets, row.runs_out);
        break;
      case Layout::kTwoLines:
        Put(fmt::format("  {}  {}  {}", LeftAligned(row.api, api_), bar,
                        RightAligned(row.amount, amount_)));
        text_ += Wrapped(rest, width_, "      ", "      ");
        break;
      case Layout::kSentence:
        text_ +=
            Sentence(fmt::format("{}: {} used, {}, {}", row.api, row.percent, row.amount, rest));
        break;
    }
  }

  [[nodiscard]] std::string Sentence(const std::string& text) const {
    return Wrapped(text, width_, "  ", "    ");
  }
  [[nodiscard]] static std::string Resets(const Row& row) {
    return row.resets == kUnknown ? "reset not known" : "resets in " + row.resets;
  }
  [[nodiscard]] static std::string Lasts(const Row& row) {
    if (row.runs_out == kUnknown) return "end not known";
    const bool is_time = row.runs_out.find_first_of("0123456789") != std::string::npos;
    return is_time ? "runs out in " + row.runs_out : row.runs_out;
  }

  const Status& status_;
  const TableStyle style_;
  const std::size_t width_;
  std::vector<const KeyStatus*> keys_;
  Layout layout_ = Layout::kColumns;
  std::size_t bar_ = kLeastBar;
  std::size_t api_ = kTitles[0].size();
  std::size_t percent_ = 4;
  std::size_t amount_ = kTitles[2].size();
  std::size_t left_ = kTitles[3].size();
  std::size_t resets_ = kTitles[4].size();
  std::size_t runs_out_ = kTitles[5].size();
  std::string text_;
};

}  // namespace

std::string SummaryLine(const Status& status) {
  const std::size_t count = status.keys.size();
  const auto words = [](std::size_t number) { return NumberWords(static_cast<double>(number)); };
  std::string line = fmt::format("{} {}", words(count), count == 1 ? "key" : "keys");
  std::string_view before = ": ";
  for (const Severity severity :
       {Severity::kCritical, Severity::kWarning, Severity::kUnknown, Severity::kOk}) {
    const std::size_t so_many = status.Count(severity);
    if (so_many == 0) continue;
    line += fmt::format("{}{} {}", before, words(so_many), NameOf(severity));
    before = ", ";
  }
  return line;
}

std::string StatusTable(const Status& status, const TableStyle& style) {
  return Table(status, style).Write();
}

}  // namespace exporter

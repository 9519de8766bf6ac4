#include "exporter/web/status_rows.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "exporter/status/words.h"

namespace exporter {
namespace {

using scrape::Collector;
using scrape::SystemTime;
using std::chrono::milliseconds;

constexpr std::string_view kUnknown = R"(<span class="unknown">unknown</span>)";

// How far away it is; the moment itself for machines and for those who point at it.
void PutTime(SystemTime time, SystemTime now, Html& out) {
  out.Raw("<time datetime=\"").Raw(DateIso(time)).Raw("\" title=\"").Raw(DateWords(time));
  out.Raw("\">").Raw(DurationWords(time - now)).Raw("</time>");
}

// A text of others: its direction does not turn what stands beside it.
void PutForeign(std::string_view element_class, std::string_view text, Html& out) {
  out.Raw("<bdi class=\"").Raw(element_class).Raw("\">").Text(text).Raw("</bdi>");
}

// One cell of a quota's row; the name of its column is shown in it where there is no room for
// columns.
void BeginCell(std::string_view column, Html& out) {
  out.Raw("<td role=\"cell\" data-column=\"").Raw(column).Raw("\">");
}

void PutUsed(const KeyStatus& key, const ApiStatus& quota, Html& out) {
  BeginCell("Used", out);
  if (!quota.share) {
    out.Raw(quota.used ? NumberWords(*quota.used) : std::string(kUnknown));
    if (quota.limit) out.Raw(" of ").Raw(NumberWords(*quota.limit));
    out.Raw("</td>");
    return;
  }
  const std::string share = ShareWords(*quota.share);
  const std::string percent = fmt::format("{:.2f}", std::clamp(*quota.share, 0.0, 1.0) * 100);
  out.Raw("<span class=\"use\"><svg class=\"bar ").Raw(NameOf(quota.severity));
  out.Raw("\" role=\"meter\" aria-valuemin=\"0\" aria-valuemax=\"100\" aria-valuenow=\"");
  out.Raw(percent).Raw("\" aria-label=\"").Text(quota.api).Raw(" used by ").Text(key.Name());
  out.Raw("\"><rect width=\"").Raw(percent).Raw("%\" height=\"100%\"/></svg>");
  out.Raw("<span class=\"share\">").Text(share).Raw("</span>");
  out.Raw("<span class=\"amount\">").Raw(NumberWords(*quota.used)).Raw(" / ");
  out.Raw(NumberWords(*quota.limit)).Raw("</span></span></td>");
}

void PutRemaining(const ApiStatus& quota, Html& out) {
  BeginCell("Left", out);
  out.Raw(quota.remaining ? NumberWords(*quota.remaining) : std::string(kUnknown)).Raw("</td>");
}

void PutReset(const ApiStatus& quota, SystemTime now, Html& out) {
  BeginCell("Resets in", out);
  if (!quota.resets_at) {
    out.Raw(kUnknown).Raw("</td>");
    return;
  }
  PutTime(*quota.resets_at, now, out);
  if (quota.reset_uncertainty >= std::chrono::seconds(1)) {
    out.Raw(" <small>or up to ").Raw(DurationWords(quota.reset_uncertainty));
    out.Raw(" earlier</small>");
  }
  out.Raw("</td>");
}

void PutRunsOut(const ApiStatus& quota, SystemTime now, Html& out) {
  BeginCell("Runs out in", out);
  if (quota.remaining && *quota.remaining <= 0) {
    out.Raw("<strong>nothing left</strong>");
  } else if (quota.used == std::optional(0.0)) {
    out.Raw("not used");
  } else if (!quota.runs_out_at) {
    out.Raw(kUnknown);
  } else if (quota.lasts) {
    out.Raw("not before reset");
  } else {
    const bool alarming = quota.severity != Severity::kOk;
    if (alarming) out.Raw("<strong>");
    PutTime(*quota.runs_out_at, now, out);
    if (alarming) out.Raw("</strong>");
  }
  out.Raw("</td>");
}

void PutQuota(const KeyStatus& key, const ApiStatus& quota, SystemTime now, Html& out) {
  out.Raw("<tr role=\"row\" class=\"quota ").Raw(NameOf(quota.severity));
  out.Raw("\"><th role=\"rowheader\" scope=\"row\">").Text(quota.api).Raw("</th>");
  if (quota.entitled == std::optional(false)) {
    out.Raw(R"(<td role="cell" colspan="4" class="unknown">not in the licence</td></tr>)");
    return;
  }
  PutUsed(key, quota, out);
  PutRemaining(quota, out);
  PutReset(quota, now, out);
  PutRunsOut(quota, now, out);
  out.Raw("</tr>\n");
}

// Of the collectors that tell of quotas, else of the key.
std::optional<milliseconds> AgeOfQuotas(const KeyStatus& key) {
  std::optional<milliseconds> age;
  for (const CollectorStatus& collector : key.collectors) {
    const bool of_quotas =
        collector.collector == Collector::kLimits || collector.collector == Collector::kStatus;
    if (of_quotas && collector.age) {
      age = std::max(age.value_or(*collector.age), *collector.age);
    }
  }
  return age || key.collectors.empty() ? age : key.collectors.front().age;
}

std::optional<SystemTime> NextAttempt(const KeyStatus& key) {
  std::optional<SystemTime> next;
  for (const CollectorStatus& collector : key.collectors) {
    const std::optional<SystemTime>& one = collector.state->next_attempt;
    if (one) next = std::min(next.value_or(*one), *one);
  }
  return next;
}

void PutExpiry(const ExpiryStatus& expiry, SystemTime now, Html& out) {
  using Kind = scrape::Expiration::Kind;
  const bool over = expiry.kind == Kind::kAt && expiry.at <= now;
  out.Raw("<span class=\"fact\">").Raw(over ? "Expired " : "Expires ");
  switch (expiry.kind) {
    case Kind::kUnknown:
      out.Raw(kUnknown);
      break;
    case Kind::kNever:
      out.Raw("never");
      break;
    case Kind::kAt:
      if (!over) out.Raw("in ");
      PutTime(expiry.at, now, out);
      if (over) out.Raw(" ago");
      break;
  }
  out.Raw("</span> ");
}

void PutFacts(const KeyStatus& key, SystemTime now, Html& out) {
  PutExpiry(key.expiry, now, out);
  const std::optional<milliseconds> age = AgeOfQuotas(key);
  out.Raw("<span class=\"fact\">Data ");
  out.Raw(age ? DurationWords(*age) + " old" : std::string(kUnknown)).Raw("</span> ");
  const std::optional<SystemTime> next = NextAttempt(key);
  out.Raw("<span class=\"fact\">Asked again ");
  if (!next) {
    out.Raw(kUnknown);
  } else if (*next - now < std::chrono::seconds(1)) {
    out.Raw("now");
  } else {
    out.Raw("in ");
    PutTime(*next, now, out);
  }
  out.Raw("</span>");
}

void PutHead(const KeyStatus& key, SystemTime now, Html& out) {
  out.Raw(R"(<tr role="row" class="head"><th role="rowheader" scope="rowgroup" colspan="2">)");
  out.Raw("<span class=\"badge ").Raw(NameOf(key.severity)).Raw("\">").Raw(LabelOf(key.severity));
  out.Raw("</span> ");
  PutForeign("name", key.Name(), out);
  for (const auto& [name, value] : key.state->key->labels) {
    out.Raw(" ");
    PutForeign("tag", fmt::format("{}={}", name, value), out);
  }
  out.Raw(R"(</th><td role="cell" colspan="3" class="facts">)");
  PutFacts(key, now, out);
  out.Raw("</td></tr>\n");
}

void PutNotes(const KeyStatus& key, Html& out) {
  if (key.problems.empty() && !key.apis.empty()) return;
  out.Raw(R"(<tr role="row" class="notes"><td role="cell" colspan="5">)");
  if (!key.problems.empty()) out.Raw("<ul class=\"problems\">");
  for (const KeyProblem& problem : key.problems) {
    out.Raw("<li class=\"").Raw(NameOf(problem.severity)).Raw("\">").Text(problem.what);
    if (!problem.advice.empty()) {
      out.Raw(" <span class=\"advice\">").Text(problem.advice).Raw("</span>");
    }
    out.Raw("</li>");
  }
  if (!key.problems.empty()) out.Raw("</ul>");
  if (key.apis.empty()) out.Raw("<p class=\"unknown\">Nothing is known of its quotas.</p>");
  out.Raw("</td></tr>\n");
}

void PutCollector(const CollectorStatus& collector, SystemTime now, Html& out) {
  const scrape::CollectorState& state = *collector.state;
  out.Raw("<li><b>").Raw(NameOf(collector.collector)).Raw("</b> ");
  if (state.failure || state.paused) {
    out.Raw(state.failure ? "failed: " : "not asked: ").Raw(collector.error);
  } else {
    out.Raw(state.attempted ? "answered" : "not asked yet");
  }
  if (state.last_success) {
    out.Raw(", last good answer ");
    PutTime(*state.last_success, now, out);
    out.Raw(" ago");
  } else if (state.attempted) {
    out.Raw(", never a good answer");
  }
  if (state.next_attempt && *state.next_attempt > now) {
    out.Raw(", asked again in ");
    PutTime(*state.next_attempt, now, out);
  }
  out.Raw("</li>");
}

void PutDetails(const KeyStatus& key, SystemTime now, Html& out) {
  out.Raw(R"(<tr role="row" class="details"><td role="cell" colspan="5">)");
  out.Raw("<details data-key=\"").Text(key.Name()).Raw("\"><summary>Details");
  out.Raw("<span class=\"hidden\"> of ").Text(key.Name()).Raw("</span></summary><ul>");
  for (const CollectorStatus& collector : key.collectors) PutCollector(collector, now, out);
  out.Raw("<li><b>service</b> ");
  PutForeign("host", key.host, out);
  out.Raw("</li>");
  if (key.info != nullptr) {
    const scrape::Entitlement& licence = key.info->entitlement;
    if (!licence.license_type.empty()) {
      out.Raw("<li><b>licence</b> ");
      PutForeign("vendor", licence.license_type, out);
      if (!licence.time_interval.empty()) out.Raw(", ").Text(licence.time_interval);
      out.Raw("</li>");
    }
    if (key.info->organization != nullptr) {
      out.Raw("<li><b>organisation</b> ");
      PutForeign("vendor", key.info->organization->organization_id, out);
      if (key.expiry.of_organization) out.Raw(", whose licence ends before the key's");
      out.Raw("</li>");
    }
  }
  if (key.throttle_limit || key.throttle_remaining) {
    out.Raw("<li><b>rate</b> ");
    const std::string unknown(kUnknown);
    out.Raw(key.throttle_remaining ? NumberWords(*key.throttle_remaining) : unknown);
    out.Raw(" left of ");
    out.Raw(key.throttle_limit ? NumberWords(*key.throttle_limit) : unknown).Raw("</li>");
  }
  out.Raw("</ul></details></td></tr>\n");
}

}  // namespace

std::string_view LabelOf(Severity severity) {
  switch (severity) {
    case Severity::kOk:
      return "OK";
    case Severity::kUnknown:
      return "Unknown";
    case Severity::kWarning:
      return "Warning";
    case Severity::kCritical:
      return "Critical";
  }
  return "Unknown";
}

void PutKeyRows(const KeyStatus& key, SystemTime now, Html& out) {
  out.Raw("<tbody role=\"rowgroup\" class=\"key ").Raw(NameOf(key.severity));
  out.Raw("\" data-key=\"").Text(key.Name()).Raw("\">\n");
  PutHead(key, now, out);
  PutNotes(key, out);
  for (const ApiStatus& quota : key.apis) PutQuota(key, quota, now, out);
  PutDetails(key, now, out);
  out.Raw("</tbody>\n");
}

}  // namespace exporter

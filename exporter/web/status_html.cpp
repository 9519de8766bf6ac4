#include "exporter/web/status_html.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "exporter/status/words.h"
#include "exporter/web/assets.h"
#include "exporter/web/html.h"
#include "exporter/web/status_rows.h"

namespace exporter {
namespace {

constexpr std::array kWorstFirst = {Severity::kCritical, Severity::kWarning, Severity::kUnknown,
                                    Severity::kOk};

std::string Summary(const Status& status) {
  std::string text;
  for (const Severity severity : kWorstFirst) {
    const std::size_t count = status.Count(severity);
    if (count == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                        severity == Severity::kOk ? "OK" : NameOf(severity));
  }
  return text.empty() ? "no keys" : text;
}

// "?..." with these settings; what is as it is without them is left out.
void PutQuery(const StatusQuery& query, Html& out) {
  std::string_view separator = "./?";
  const auto put = [&](std::string_view name, std::string_view value) {
    out.Raw(separator).Raw(name).Raw("=").QueryValue(value);
    separator = "&amp;";
  };
  const StatusQuery usual;
  if (!query.text.empty()) put("q", query.text);
  if (query.show != usual.show) put("show", ChoiceOf(query.show).value);
  if (query.sort != usual.sort) put("sort", ChoiceOf(query.sort).value);
  if (query.page != usual.page) put("page", std::to_string(query.page));
  if (separator == "./?") out.Raw("./");
}

void PutHead(const Status& status, Html& out) {
  out.Raw(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>)");
  out.Text(Summary(status))
      .Raw(" - MetaDefender Cloud apikeys</title>\n<link rel=\"icon\" href=\"");
  out.Text(UrlOf("icon.svg")).Raw("\">\n<link rel=\"stylesheet\" href=\"");
  out.Text(UrlOf("status.css")).Raw("\">\n<script src=\"").Text(UrlOf("status.js"));
  out.Raw("\" defer></script>\n</head>\n<body>\n");
}

template <typename Choice>
void PutSelect(std::string_view name, std::string_view label, std::initializer_list<Choice> choices,
               Choice chosen, Html& out) {
  out.Raw("<label>").Raw(label).Raw(" <select name=\"").Raw(name).Raw("\">");
  for (const Choice choice : choices) {
    out.Raw("<option value=\"").Raw(ChoiceOf(choice).value);
    out.Raw(choice == chosen ? "\" selected>" : "\">").Raw(ChoiceOf(choice).label);
    out.Raw("</option>");
  }
  out.Raw("</select></label>\n");
}

void PutForm(const StatusQuery& query, Html& out) {
  out.Raw(
      "<form id=\"filter\" action=\"./\" method=\"get\" role=\"search\" "
      "aria-label=\"Keys to show\">\n<label>Find <input type=\"search\" name=\"q\" "
      "maxlength=\"128\" autocomplete=\"off\" spellcheck=\"false\" "
      "placeholder=\"name, label, state\" value=\"");
  out.Text(query.text).Raw("\"></label>\n");
  PutSelect("show", "Show",
            {StatusShow::kAll, StatusShow::kProblems, StatusShow::kCritical, StatusShow::kWarning,
             StatusShow::kUnknown, StatusShow::kOk},
            query.show, out);
  PutSelect("sort", "Sort",
            {StatusSort::kSeverity, StatusSort::kName, StatusSort::kUsed, StatusSort::kRunsOut,
             StatusSort::kExpires, StatusSort::kAge},
            query.sort, out);
  out.Raw("<button>Apply</button>\n</form>\n");
}

void PutSummary(const Status& status, const StatusQuery& query, Html& out) {
  out.Raw("<ul class=\"tiles\" aria-label=\"Keys by state\">\n");
  const auto put = [&](std::string_view name, std::string_view label, std::size_t count,
                       StatusShow show) {
    const bool current = query.show == show;
    out.Raw("<li><a class=\"tile ").Raw(name).Raw(count == 0 ? " none" : "").Raw("\" href=\"");
    PutQuery({.text = query.text, .show = show, .sort = query.sort}, out);
    out.Raw(current ? "\" aria-current=\"true\">" : "\">");
    out.Raw("<b>").Raw(NumberWords(static_cast<double>(count))).Raw("</b> ").Raw(label);
    out.Raw("</a></li>\n");
  };
  put("critical", "critical", status.Count(Severity::kCritical), StatusShow::kCritical);
  put("warning", "warning", status.Count(Severity::kWarning), StatusShow::kWarning);
  put("unknown", "unknown", status.Count(Severity::kUnknown), StatusShow::kUnknown);
  put("ok", "OK", status.Count(Severity::kOk), StatusShow::kOk);
  put("all", "keys", status.keys.size(), StatusShow::kAll);
  out.Raw("</ul>\n");
}

void PutNotices(const Status& status, Html& out) {
  const auto put = [&](std::string_view severity, std::string_view what) {
    out.Raw("<p class=\"notice ").Raw(severity).Raw("\">").Text(what).Raw("</p>\n");
  };
  if (!status.facts.config_reloaded) {
    put("warning",
        "The last reload of the configuration was refused; the one before is in force. "
        "The log has every problem.");
  }
  for (const scrape::HostState& host : status.snapshot->hosts) {
    if (host.paused) {
      put("critical", host.name +
                          " is paused: nothing is asked of it. It goes on by itself; the "
                          "log line \"host paused\" has the reason.");
    }
    if (host.keys_waiting > 0) {
      const bool one = host.keys_waiting == 1;
      put("warning",
          fmt::format("{} {} of {} {}: too many requests with wrong apikeys within an hour.",
                      NumberWords(static_cast<double>(host.keys_waiting)), one ? "key" : "keys",
                      host.name, one ? "waits" : "wait"));
    }
  }
}

void PutPages(const StatusView& view, const StatusQuery& query, Html& out) {
  if (view.pages == 1) return;
  const auto put = [&](std::size_t page, std::string_view label, std::string_view rel) {
    if (page < 1 || page > view.pages) return;
    StatusQuery other = query;
    other.page = page;
    out.Raw("<a class=\"button\" rel=\"").Raw(rel).Raw("\" href=\"");
    PutQuery(other, out);
    out.Raw("\">").Raw(label).Raw("</a> ");
  };
  out.Raw("<nav class=\"pages\" aria-label=\"Pages\">");
  put(view.page - 1, "Previous", "prev");
  out.Raw(fmt::format("<span>Page {} of {}</span> ", view.page, view.pages));
  put(view.page + 1, "Next", "next");
  out.Raw("</nav>\n");
}

void PutTable(const Status& status, const StatusQuery& query, Html& out) {
  const StatusView view = ViewOf(status, query);
  const auto number = [](std::size_t count) { return NumberWords(static_cast<double>(count)); };
  out.Raw("<p class=\"moment\">");
  if (view.found == 0) {
    out.Raw(status.keys.empty() ? "No keys are configured" : "No key is like that");
  } else {
    const std::size_t first = (view.page - 1) * kKeysPerPage + 1;
    out.Raw(fmt::format("Keys {} to {} of {}", number(first), number(first + view.keys.size() - 1),
                        number(view.found)));
  }
  out.Raw(", as of <time datetime=\"").Raw(DateIso(status.facts.now)).Raw("\">");
  out.Raw(DateWords(status.facts.now)).Raw("</time></p>\n");
  if (view.found == 0) {
    if (!status.keys.empty()) out.Raw("<p><a href=\"./\">Show all keys</a></p>\n");
    return;
  }
  out.Raw(
      "<table role=\"table\">\n<caption class=\"hidden\">Quotas of each key by API</caption>\n"
      "<thead role=\"rowgroup\"><tr role=\"row\">");
  for (const char* column : {"API", "Used", "Left", "Resets in", "Runs out in"}) {
    out.Raw("<th role=\"columnheader\" scope=\"col\">").Raw(column).Raw("</th>");
  }
  out.Raw("</tr></thead>\n");
  for (const KeyStatus* const key : view.keys) PutKeyRows(*key, status.facts.now, out);
  out.Raw("</table>\n");
  PutPages(view, query, out);
}

void PutFoot(const Status& status, const std::string& telemetry_path, Html& out) {
  out.Raw("<footer>\n<nav aria-label=\"Other pages\"><a href=\".").Text(telemetry_path);
  out.Raw(
      "\">Metrics</a> <a href=\"api/v1/status\">This page as JSON</a> "
      "<a href=\"config\">Configuration</a> <a href=\"sd\">Targets</a> "
      "<a href=\"-/healthy\">Health</a></nav>\n<p>mdcloud_exporter ");
  out.Text(status.facts.version).Raw(", up ").Raw(DurationWords(status.facts.uptime));
  out.Raw("</p>\n</footer>\n</body>\n</html>\n");
}

}  // namespace

std::string StatusHtml(const Status& status, const StatusQuery& query,
                       const std::string& telemetry_path) {
  Html out;
  PutHead(status, out);
  out.Raw(
      "<header>\n<h1>MetaDefender Cloud apikeys</h1>\n<p id=\"bar\"><a class=\"button\" "
      "id=\"reload\" href=\"");
  PutQuery(query, out);
  out.Raw("\">Reload</a></p>\n</header>\n<main>\n");
  PutForm(query, out);
  out.Raw(
      "<p id=\"news\" class=\"hidden\" role=\"status\" aria-live=\"polite\"></p>\n"
      "<div id=\"content\" data-summary=\"");
  out.Text(Summary(status)).Raw("\">\n");
  PutSummary(status, query, out);
  PutNotices(status, out);
  PutTable(status, query, out);
  out.Raw("</div>\n</main>\n");
  PutFoot(status, telemetry_path, out);
  return out.Take();
}

}  // namespace exporter

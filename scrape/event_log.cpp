#include "scrape/event_log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>

#include "scrape/api/label_text.h"

namespace scrape {
namespace {

std::atomic<LogFormat> format = LogFormat::kLogfmt;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarn:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      return "error";
  }
  return "";
}

// A JSON string, which is also what logfmt readers take as a quoted value. A byte that is no
// printable text is written as the character of that number.
void AppendQuoted(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t length = PrintableLength(text);
    const char c = text[0];
    if (c == '\n') {
      out.append(std::string_view("\\n"));
    } else if (length == 0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out.push_back('"');
}

bool IsPlain(std::string_view text) {
  return !text.empty() && text.find_first_of(" =\"\\") == std::string_view::npos &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+@%,[]()") ==
             std::string_view::npos;
}

void AppendField(fmt::memory_buffer& out, const LogField& field) {
  const bool json = format.load(std::memory_order_relaxed) == LogFormat::kJson;
  if (out.size() > 1) out.push_back(json ? ',' : ' ');
  if (json) {
    AppendQuoted(out, field.name);
    out.push_back(':');
  } else {
    out.append(field.name);
    out.push_back('=');
  }
  if (field.is_number || (!json && IsPlain(field.value))) {
    out.append(field.value);
  } else {
    AppendQuoted(out, field.value);
  }
}

// 2026-01-31T23:59:59.123Z
std::string Timestamp() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace

std::optional<LogLevel> LogLevelByName(std::string_view name) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarn, LogLevel::kError}) {
    if (NameOf(level) == name) return level;
  }
  return std::nullopt;
}

void SetLogLevel(LogLevel level) { spdlog::default_logger_raw()->set_level(ToSpdlog(level)); }

void ConfigureLog(LogLevel level, LogFormat log_format) {
  format = log_format;
  auto logger =
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(ToSpdlog(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

bool LogEnabled(LogLevel level) {
  return spdlog::default_logger_raw()->should_log(ToSpdlog(level));
}

void LogEvent(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  fmt::memory_buffer line;
  const bool json = format.load(std::memory_order_relaxed) == LogFormat::kJson;
  if (json) line.push_back('{');
  AppendField(line, {"ts", Timestamp()});
  AppendField(line, {"level", NameOf(level)});
  AppendField(line, {"msg", message});
  for (const LogField& field : fields) {
    if (!field.value.empty()) AppendField(line, field);
  }
  if (json) line.push_back('}');
  spdlog::default_logger_raw()->log(ToSpdlog(level), "{}",
                                    std::string_view(line.data(), line.size()));
}

}  // namespace scrape

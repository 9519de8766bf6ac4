#pragma once
// One line an event on stderr: logfmt (default) or JSON, UTC timestamps, through spdlog's default
// logger. Thread-safe after ConfigureLog, which is called once before the first thread. Values are
// quoted and escaped here, so that no field can forge another one or another line.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace scrape {

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kLogfmt, kJson };

// A field with an empty value is left out of the line.
struct LogField {
  LogField(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  LogField(std::string_view field_name, std::int64_t number)
      : name(field_name), value(std::to_string(number)), is_number(true) {}
  LogField(std::string_view field_name, std::optional<std::int64_t> number)
      : name(field_name), value(number ? std::to_string(*number) : ""), is_number(true) {}
  std::string_view name;
  std::string value;
  bool is_number = false;
};

[[nodiscard]] std::optional<LogLevel> LogLevelByName(std::string_view name);

void ConfigureLog(LogLevel level, LogFormat format);
// At any time, from any thread, after ConfigureLog.
void SetLogLevel(LogLevel level);
[[nodiscard]] bool LogEnabled(LogLevel level);
void LogEvent(LogLevel level, std::string_view message,
              std::initializer_list<LogField> fields = {});

}  // namespace scrape

#pragma once
// Durations as Prometheus writes them: 500ms, 30s, 1h30m, 1d. Pure functions, any thread.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace exporter {

// Units y w d h m s ms, each at most once and in this order, whole numbers; "0" alone needs none.
// Nothing for anything else and for what exceeds 100 years.
[[nodiscard]] std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text);

// The shortest such text: 90 s is "1m30s". Negative durations do not occur.
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);

}  // namespace exporter

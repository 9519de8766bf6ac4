#pragma once
// Rules of alerts, or the configuration of Alertmanager, with every duration divided by 60: what
// takes minutes takes seconds in a test. Pure, any thread.

#include <string>
#include <string_view>

namespace test {

// `yaml` as text, in which all that looks like a duration of PromQL ("15m", "[1h]", "offset 1w") is
// one sixtieth of it, and so are the seconds of an hour and of a day as factors (3600, 86400).
// Names of series such as ...:rate15m stay.
[[nodiscard]] std::string SixtyTimesFaster(std::string_view yaml);

}  // namespace test

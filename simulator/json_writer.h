#pragma once
// What the bodies of all endpoints are written with. Pure, any thread.

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/key_script.h"

namespace simulator {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

inline void String(Writer& writer, std::string_view text) {
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

inline void Member(Writer& writer, std::string_view name, std::string_view text) {
  String(writer, name);
  String(writer, text);
}

inline void Member(Writer& writer, std::string_view name, std::int64_t number) {
  String(writer, name);
  writer.Int64(number);
}

inline void Flag(Writer& writer, std::string_view name, bool flag) {
  String(writer, name);
  writer.Bool(flag);
}

// "2019-02-21T09:12:36.275Z"
inline std::string IsoDate(SystemTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

// "Sun, 06 Nov 1994 08:49:37 GMT", for headers.
inline std::string HttpDate(SystemTime time) {
  return fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}",
                     std::chrono::floor<std::chrono::seconds>(time));
}

}  // namespace simulator

#pragma once
// Sizes of memory as Kubernetes writes them: 65536, 512KiB, 8MiB, 1GiB. Pure functions, any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace exporter {

// A whole number and KiB, MiB, GiB, or nothing for bytes. Nothing for anything else and for what
// exceeds 1024 GiB.
[[nodiscard]] std::optional<std::size_t> ParseByteSize(std::string_view text);

// The shortest such text: 8388608 is "8MiB".
[[nodiscard]] std::string FormatByteSize(std::size_t bytes);

}  // namespace exporter

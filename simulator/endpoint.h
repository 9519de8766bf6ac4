#pragma once
// What can be asked about an apikey. Constants, any thread.

#include <cstddef>

namespace simulator {

enum class Endpoint { kInfo, kLimits, kStatus };
inline constexpr std::size_t kEndpointCount = 3;

}  // namespace simulator

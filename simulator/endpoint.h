#pragma once
// What can be asked about an apikey. Constants, any thread.

#include <array>
#include <cstddef>

namespace simulator {

enum class Endpoint { kInfo, kLimits, kStatus, kHistory };
inline constexpr std::array kEndpoints = {Endpoint::kInfo, Endpoint::kLimits, Endpoint::kStatus,
                                          Endpoint::kHistory};
inline constexpr std::size_t kEndpointCount = kEndpoints.size();

}  // namespace simulator

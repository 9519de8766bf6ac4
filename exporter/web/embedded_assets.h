#pragma once
// What CMake makes of exporter/web/assets (exporter/CMakeLists.txt). For assets.cpp only.

#include <span>

#include "exporter/web/assets.h"

namespace exporter {

[[nodiscard]] std::span<const Asset> EmbeddedAssets();

}  // namespace exporter

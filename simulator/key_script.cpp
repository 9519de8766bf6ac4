#include "simulator/key_script.h"

#include <fmt/format.h>

namespace simulator {

std::string FakeApikey(std::mt19937_64& random) {
  const std::uint64_t high = random();
  return fmt::format("{:016x}{:016x}", high, random());
}

}  // namespace simulator

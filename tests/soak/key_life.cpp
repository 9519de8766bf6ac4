#include "tests/soak/key_life.h"

#include <array>
#include <cstdint>
#include <utility>

namespace soak {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFamily = "prevention";
// A fault lasts so long, and after it the next attempt may take 15 minutes more.
constexpr std::chrono::minutes kLongestFault{5};
constexpr std::chrono::minutes kLastUse{50};    // before the end of a window
constexpr std::chrono::minutes kLastFault{75};  // likewise: it is over before the last use
constexpr double kUseShare = 0.3;
constexpr double kFaultShare = 0.003;

simulator::Fault AnyFault(std::mt19937_64& random) {
  simulator::Fault late = simulator::NoFault();
  late.delay = 3s;  // real ones: beyond the timeout
  const std::array faults = {simulator::ServerError(), simulator::Garbage(),
                             simulator::Html(),        simulator::EmptyBody(),
                             simulator::WrongShape(),  simulator::HugeBody(),
                             simulator::Throttled(),   late};
  return faults[std::uniform_int_distribution<std::size_t>(0, faults.size() - 1)(random)];
}

}  // namespace

KeyLife::KeyLife(simulator::Cloud& cloud, std::string name, std::mt19937_64& random)
    : cloud_(cloud), random_(random) {
  script_.name = std::move(name);
  script_.apikey = simulator::FakeApikey(random);
  script_.families = {{kFamily, 1'000'000}, {"reputation", 4000}};
  script_.window = kWindow;
  script_.announces_windows = true;
  cloud_.AddKey(script_);
}

std::chrono::nanoseconds KeyLife::Left(TimePoint now) const {
  const auto end = cloud_.Truth(script_.name).families.at(kFamily).window_end;
  return end ? *end - now : kWindow;
}

void KeyLife::Go(TimePoint now) {
  if (faulty_until_ && now >= *faulty_until_) {
    cloud_.SetFault(script_.name, simulator::NoFault());
    faulty_until_.reset();
  }
  const auto left = Left(now);
  if (left > kLastUse && Chance() < kUseShare) {
    cloud_.Use(script_.name, kFamily, std::uniform_int_distribution<std::int64_t>(1, 3)(random_));
  }
  if (!faulty_until_ && left > kLastFault && Chance() < kFaultShare) {
    cloud_.SetFault(script_.name, AnyFault(random_));
    faulty_until_ =
        now + std::chrono::duration_cast<std::chrono::nanoseconds>(kLongestFault * Chance());
    ++faults_;
  }
}

void KeyLife::Rest() {
  cloud_.SetFault(script_.name, simulator::NoFault());
  faulty_until_.reset();
}

bool KeyLife::MayLeave(TimePoint now) const { return Left(now) > kLastFault; }

double KeyLife::Used() const {
  return static_cast<double>(cloud_.Truth(script_.name).families.at(kFamily).total);
}

}  // namespace soak

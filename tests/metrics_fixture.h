#pragma once
// Snapshots for tests and benchmarks of the metrics: keys whose answers carry everything, at one
// fixed moment. Any thread.

#include <memory>
#include <string>

#include "exporter/metrics/metrics_input.h"
#include "scrape/snapshot.h"

namespace test {

// 2026-01-02T03:04:05Z, and the same moment of the steady clock.
inline constexpr scrape::SystemTime kNow{std::chrono::milliseconds(1767323045000)};
inline constexpr scrape::SteadyTime kSteadyNow{std::chrono::hours(1000)};

// A key that was asked and answered well on every collector that is on by default, with every
// documented field, without an organisation. Data kept for ten more minutes.
[[nodiscard]] std::shared_ptr<scrape::KeyState> FullKey(const std::string& name);
// The same with a scan history, some of it counted.
[[nodiscard]] std::shared_ptr<scrape::KeyState> KeyWithHistory(const std::string& name);
// The same as the member of an organisation.
[[nodiscard]] std::shared_ptr<scrape::KeyState> MemberKey(const std::string& name);
// A configured key that was never asked.
[[nodiscard]] std::shared_ptr<scrape::KeyState> NewKey(const std::string& name);

// ApiKey is shared as const; tests that want other labels or options replace it.
[[nodiscard]] std::shared_ptr<scrape::ApiKey> Configured(const std::string& name);

[[nodiscard]] std::shared_ptr<const scrape::Connection> WithCertificateUntil(
    scrape::SystemTime end);

// Rendered at kNow with fixed facts about the build and the process.
[[nodiscard]] exporter::MetricsInput InputOf(const scrape::Snapshot& snapshot);

}  // namespace test

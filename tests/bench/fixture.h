#pragma once
// Snapshots to measure with, at the moment of tests/metrics_fixture.h. Any thread.

#include <memory>

#include "scrape/snapshot.h"

namespace bench {

// 55 series per key, the number that the limits for the exposition are meant for. A paid key
// without an organisation that answers everything has 84 series; left out are the quota windows
// (24), the next attempt and the API's own response time of limits and status (4), and the
// unit-less download size (1).
[[nodiscard]] std::shared_ptr<const scrape::Snapshot> Fixture55(int keys);

// What the contract gives when half of the keys are members of an organisation and all answer
// everything.
[[nodiscard]] std::shared_ptr<const scrape::Snapshot> FixtureContract(int keys);

}  // namespace bench

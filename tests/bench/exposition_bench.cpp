// What one exposition costs: building, writing and compressing it. One thread. The fixtures are
// those of tests/bench/fixture.h; the limit of 10 ms for 1,000 keys is meant for the one of 55
// series a key.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/gzip.h"
#include "exporter/metrics/metrics.h"
#include "tests/bench/fixture.h"
#include "tests/metrics_fixture.h"

namespace {

using bench::Fixture55;
using bench::FixtureContract;

using MakeFixture = std::shared_ptr<const scrape::Snapshot> (*)(int);

std::size_t CountSeries(const scrape::Snapshot& snapshot) {
  std::size_t series = 0;
  ForEachFamily(test::InputOf(snapshot), [&](const prometheus::MetricFamily& piece, bool) {
    series += piece.metric.size();
  });
  return series;
}

void BuildWriteCompress(benchmark::State& state, MakeFixture make) {
  const auto snapshot = make(static_cast<int>(state.range(0)));
  const exporter::MetricsInput input = test::InputOf(*snapshot);
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string body = exporter::RenderGzip(input, exporter::Format::kText, size);
    size = body.size();
    benchmark::DoNotOptimize(body.data());
  }
  state.counters["series"] = static_cast<double>(CountSeries(*snapshot));
  state.counters["gzip_bytes"] = static_cast<double>(size);
}

void BuildWrite(benchmark::State& state, MakeFixture make) {
  const auto snapshot = make(static_cast<int>(state.range(0)));
  const exporter::MetricsInput input = test::InputOf(*snapshot);
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string body = exporter::RenderText(input, exporter::Format::kText, size);
    size = body.size();
    benchmark::DoNotOptimize(body.data());
  }
  state.counters["bytes"] = static_cast<double>(size);
}

void Build(benchmark::State& state, MakeFixture make) {
  const auto snapshot = make(static_cast<int>(state.range(0)));
  const exporter::MetricsInput input = test::InputOf(*snapshot);
  for (auto _ : state) {
    ForEachFamily(input, [](const prometheus::MetricFamily& piece, bool) {
      benchmark::DoNotOptimize(piece.metric.data());
    });
  }
}

void Compress(benchmark::State& state, MakeFixture make) {
  const auto snapshot = make(static_cast<int>(state.range(0)));
  const std::string text = exporter::RenderText(test::InputOf(*snapshot));
  for (auto _ : state) {
    std::string body;
    exporter::GzipWriter gzip(body);
    gzip.Write(text);
    gzip.Finish();
    benchmark::DoNotOptimize(body.data());
  }
}

constexpr int kKeys = 1000;

BENCHMARK_CAPTURE(BuildWriteCompress, 55, Fixture55)->Arg(kKeys)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BuildWrite, 55, Fixture55)->Arg(kKeys)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Build, 55, Fixture55)->Arg(kKeys)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Compress, 55, Fixture55)->Arg(kKeys)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(BuildWriteCompress, contract, FixtureContract)
    ->Arg(kKeys)
    ->Arg(std::int64_t{10} * kKeys)
    ->Unit(benchmark::kMillisecond);

std::string ResidentMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return line.substr(line.find_first_not_of(" \t", 6));
  }
  return "unknown";
}

void PrintSeriesPerKey(const char* fixture, MakeFixture make) {
  const std::size_t none = CountSeries(*make(0));
  const double per_key = static_cast<double>(CountSeries(*make(kKeys)) - none) / kKeys;
  std::cout << "fixture " << fixture << ": " << per_key << " series per key, " << none
            << " of the exporter itself\n";
}

// What this process holds with a snapshot of 1,000 keys and one kept body.
void PrintMemory() {
  const std::string before = ResidentMemory();
  const auto snapshot = FixtureContract(kKeys);
  const std::string with_snapshot = ResidentMemory();
  const std::string body = exporter::RenderGzip(test::InputOf(*snapshot));
  std::cout << "resident memory: " << before << " at start, " << with_snapshot
            << " with a snapshot of " << kKeys << " keys, " << ResidentMemory()
            << " after rendering it\n";
}

}  // namespace

int main(int argc, char** argv) {
  PrintMemory();
  PrintSeriesPerKey("55", Fixture55);
  PrintSeriesPerKey("contract", FixtureContract);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

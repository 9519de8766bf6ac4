// A simulated service for many keys, over TLS, and what an exporter needs to ask it:
//
//   bench_cloud KEYS LATENCY_MS FOLDER
//
// Writes FOLDER/ca.pem and one apikey a file into FOLDER/keys, prints its base URL and ends with
// its standard input.

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "simulator/cloud.h"
#include "tests/certificates.h"

namespace {

std::string NameOf(int number) {
  const std::string digits = std::to_string(number);
  return "customer-" + std::string(5 - digits.size(), '0') + digits;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const int keys = std::atoi(argv[1]);
  const std::filesystem::path folder = argv[3];

  const test::Authority authority;
  simulator::CloudOptions options;
  options.tls = authority.Issue();
  options.latency = std::chrono::milliseconds(std::atoi(argv[2]));
  options.max_records = 0;
  simulator::Cloud cloud(options);

  std::filesystem::create_directory(folder / "keys");
  std::ofstream(folder / "ca.pem") << authority.Certificate();
  std::mt19937_64 random(1);  // the same keys in every run
  for (int i = 0; i < keys; ++i) {
    simulator::KeyScript script;
    script.name = NameOf(i);
    script.apikey = simulator::FakeApikey(random);
    // All windows are open, no two keys have the same use.
    for (simulator::FamilyScript& family : script.families) {
      family.limit = 10'000;
      family.used = 1 + i * 7919 % 5003;
      family.use_per_second = 0.02;
    }
    std::ofstream(folder / "keys" / script.name) << script.apikey;
    cloud.AddKey(script);
  }
  std::cout << cloud.BaseUrl() << std::endl;
  std::cin.ignore();
  return 0;
}

// simulated_cloud [DIRECTORY]: a simulated service on loopback for programs that are not C++. Its
// first line is the base URL; then it answers every line of stdin with one, and ends with it.
//   add NAME                    the apikey of a new key
//   traffic SEED CALLS          some use of all keys: ok
//   compare KEY NAME URL [CA]   what /metrics at URL, whose certificate is by the authorities in
//   the
//                               file CA, says of KEY differs in from the truth of NAME: nothing,
//                               or differences
// With DIRECTORY it speaks TLS, and writes the authority of its certificate to DIRECTORY/ca.crt,
// and one that has nothing to do with it to other.crt.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "simulator/cloud.h"
#include "tests/certificates.h"
#include "tests/e2e/exporter_run.h"
#include "tests/e2e/fetch.h"
#include "tests/exposition_checker.h"

namespace {

simulator::CloudOptions WithTls(const std::string& directory) {
  const test::Authority authority;
  std::ofstream(directory + "/ca.crt") << authority.Certificate();
  std::ofstream(directory + "/other.crt") << test::Authority().Certificate();
  simulator::CloudOptions options;
  options.tls = authority.Issue();
  return options;
}

std::string Compare(const simulator::Cloud& cloud, const std::string& key, const std::string& name,
                    const std::string& url, const std::string& ca_file) {
  test::FetchOptions options;
  options.ca_file = ca_file;
  const test::Fetched answer = test::Fetch(url, options);
  if (answer.status != 200) return "status " + std::to_string(answer.status);
  const test::Exposition metrics = test::CheckExposition(answer.body);
  if (!metrics.problems.empty()) return metrics.problems.front();
  std::string differences;
  for (const auto& line : test::DifferencesFromTruth(metrics, key, cloud.Truth(name))) {
    differences += (differences.empty() ? "" : "; ") + line;
  }
  return differences.empty() ? "nothing" : differences;
}

std::string Answer(simulator::Cloud& cloud, std::istream& words) {
  std::string command;
  std::string key;
  std::string name;
  std::string url;
  std::uint64_t seed = 0;
  int calls = 0;
  words >> command;
  if (command == "add" && words >> name) return test::AddKey(cloud, name).apikey;
  if (command == "traffic" && words >> seed >> calls) {
    cloud.Traffic(seed, calls);
    return "ok";
  }
  if (command == "compare" && words >> key >> name >> url) {
    std::string ca_file;
    words >> ca_file;
    return Compare(cloud, key, name, url, ca_file);
  }
  return "not understood";
}

}  // namespace

int main(int argc, char** argv) {
  simulator::Cloud cloud(argc > 1 ? WithTls(argv[1]) : simulator::CloudOptions());
  std::cout << cloud.BaseUrl() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::cout << Answer(cloud, words) << std::endl;
  }
}

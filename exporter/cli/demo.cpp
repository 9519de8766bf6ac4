#include "exporter/cli/demo.h"

#include <chrono>
#include <cstddef>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "exporter/cli/check.h"
#include "exporter/cli/serve.h"
#include "simulator/cloud.h"
#include "simulator/demo_keys.h"

namespace exporter {
namespace {

// Short, so that something happens while one looks.
constexpr std::chrono::seconds kScrapeInterval{5};
constexpr std::chrono::seconds kInfoInterval{15};
constexpr std::chrono::seconds kHistoryInterval{10};
constexpr std::chrono::seconds kTimeout{2};

Config DemoConfig(simulator::Cloud& cloud, simulator::Cloud& blocking_region) {
  Config config;
  for (simulator::DemoKey& demo :
       simulator::AddDemoKeys(cloud, blocking_region, std::random_device()())) {
    scrape::ApiKey key;
    key.name = std::move(demo.name);
    key.secret = scrape::Secret(demo.apikey);
    key.labels = std::move(demo.labels);
    key.base_url = std::move(demo.base_url);
    key.scrape_interval = kScrapeInterval;
    key.info_interval = kInfoInterval;
    key.history_interval = kHistoryInterval;
    key.collectors[IndexOf(scrape::Collector::kHistory)] = demo.with_history;
    key.scrape_timeout = kTimeout;
    if (demo.window.count() > 0) {
      key.quota_window = {.kind = scrape::WindowLength::Kind::kFixed, .fixed = demo.window};
    }
    config.keys.push_back(std::make_shared<const scrape::ApiKey>(std::move(key)));
  }
  return config;
}

// A browser has no use for "all addresses".
std::string Browsable(const std::string& address) {
  const std::size_t port = address.rfind(':');
  const std::string host = address.substr(0, port);
  const bool all = host.empty() || host == "[::]" || host == "0.0.0.0";
  return (all ? "localhost" : host) + address.substr(port);
}

}  // namespace

int RunDemo(const CommandLine& line, const Surroundings& around) {
  // It runs for days: what it was asked is of no use here.
  simulator::CloudOptions options;
  options.max_records = 1;
  simulator::Cloud cloud(options);
  simulator::Cloud blocking_region(options);
  const Config config = DemoConfig(cloud, blocking_region);
  const WebConfig web = LoadWebConfigIfAny(line.web_config_file, around);
  return Serve(line, config, web, nullptr, [&](const std::string& address) {
    const std::string url = (web.tls ? "https://" : "http://") + Browsable(address);
    std::cout
        << "The demo serves " << config.keys.size() << " keys of a simulated service:\n  " << url
        << "/  for people\n  " << url << line.telemetry_path
        << "  for Prometheus\nSome keys are made to fail, and the log says so. Ctrl-C ends it.\n"
        << std::flush;
  });
}

}  // namespace exporter

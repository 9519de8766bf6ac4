#include "simulator/demo_keys.h"

#include <chrono>
#include <random>
#include <utility>

namespace simulator {
namespace {

using std::chrono::days;

// Short enough for a window's end to be seen by who watches for a while.
constexpr auto kDemoWindow = std::chrono::minutes(10);
constexpr auto kAnnouncedWindow = std::chrono::minutes(3);
constexpr auto kDay = std::chrono::hours(24);

SystemTime FromToday(days distance) {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  return now + distance;
}

KeyScript Paid(std::string name, std::vector<FamilyScript> families) {
  KeyScript script;
  script.name = std::move(name);
  script.families = std::move(families);
  script.window = kDemoWindow;
  script.expiration = FromToday(days(200));
  script.license_type = "Professional";
  script.paid = true;
  script.throttling_limit = 150;
  script.throttling_remaining = 149;
  return script;
}

// Name, limit, used at the start, use per second.
// Scans, some of which find something, so many an hour.
ScanScript Scanning(double per_hour, std::uint64_t seed) {
  return {.per_hour = per_hour,
          .past = std::chrono::minutes(30),
          .disorder = std::chrono::seconds(10),
          .seed = seed};
}

// Its windows are short, and announced.
KeyScript MailGateway() {
  KeyScript script = Paid("mail-gateway", {{"prevention", 5000, 1200, 4.0},
                                           {"reputation", 50000, 9000, 25.0},
                                           {"sandbox", 200, 20, 0.1},
                                           {"feed", 1000},
                                           {"threat_intel_search", 500, 3, 0.01},
                                           {"download_file", 1000, 40, 0.05}});
  script.window = kAnnouncedWindow;
  script.announces_windows = true;
  script.scans = Scanning(1800, 1);
  return script;
}

// Its use seems to fall back now and then.
KeyScript OutOfStep() {
  KeyScript script = Paid("replicas-out-of-step", {{"prevention", 3000, 200, 2.0},
                                                   {"reputation", 30000, 800, 12.0},
                                                   {"sandbox", 100},
                                                   {"feed", 1000}});
  script.replica_lag = std::chrono::seconds(20);
  return script;
}

KeyScript WebUploads() {
  KeyScript script = Paid("web-uploads", {{"prevention", 2000, 300, 1.5},
                                          {"reputation", 20000, 400, 6.0},
                                          {"sandbox", 100, 0, 0.02},
                                          {"feed", 1000},
                                          {"threat_intel_search", 100},
                                          {"download_file", 500, 0, 0.2}});
  script.expiration = FromToday(days(25));
  script.scans = Scanning(240, 2);
  return script;
}

KeyScript FreeAccount() {
  KeyScript script;
  script.name = "free-account";
  script.window = kDemoWindow;
  script.families[1].use_per_second = 2.0;
  script.families[0].use_per_second = 0.05;
  script.sparse = true;
  return script;
}

KeyScript NearlyOut() {
  KeyScript script = Paid("nearly-out", {{"prevention", 1000, 968, 0.005},
                                         {"reputation", 10000, 9400, 0.05},
                                         {"sandbox", 50, 49, 0},
                                         {"feed", 1000}});
  script.window = kDay;
  return script;
}

// Used up when the demo starts; one of its APIs is not in the licence.
KeyScript Exhausted() {
  KeyScript script = Paid("exhausted", {{"prevention", 500, 500, 0.02},
                                        {"reputation", 5000, 2100, 0.03},
                                        {"sandbox", 0},
                                        {"feed", 1000}});
  script.window = kDay;
  return script;
}

// Nobody knows when its windows end.
KeyScript Monthly() {
  KeyScript script = Paid("monthly", {{"prevention", 60000, 21000, 0.5},
                                      {"reputation", 600000, 90000, 3.0},
                                      {"sandbox", 500, 441, 0},
                                      {"feed", 1000}});
  script.window = 30 * kDay;
  script.time_interval = "monthly";
  return script;
}

KeyScript Expired() {
  KeyScript script =
      Paid("expired", {{"prevention", 1000}, {"reputation", 10000}, {"sandbox", 50}});
  script.expiration = FromToday(-days(12));
  return script;
}

KeyScript OrganizationMember() {
  KeyScript script = Paid("organization-member", {{"prevention", 40, 0, 0},
                                                  {"reputation", 4000, 900, 3.0},
                                                  {"sandbox", 1},
                                                  {"feed", 1000},
                                                  {"threat_intel_search", 25},
                                                  {"download_file", 100}});
  OrganizationScript organization;
  organization.id = "example-organization";
  organization.limits = {{"prevention", 100000},
                         {"reputation", 1000000},
                         {"sandbox", 5000},
                         {"feed", 10000},
                         {"threat_intel_search", 2000}};
  organization.expiration = FromToday(days(90));
  organization.whitelist_v4 = {"192.0.2.0/24", "198.51.100.7/32"};
  organization.whitelist_v6 = {"2001:db8::/32"};
  script.organization = std::move(organization);
  script.license_type = "Enterprise";
  script.enterprise = true;
  script.private_scan_enforced = true;
  return script;
}

KeyScript Plain(std::string name) {
  KeyScript script;
  script.name = std::move(name);
  return script;
}

}  // namespace

std::vector<DemoKey> AddDemoKeys(Cloud& cloud, Cloud& blocking_region, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<DemoKey> keys;
  const auto add_to = [&](Cloud& region, KeyScript script, std::string team, const Fault& fault) {
    script.apikey = FakeApikey(random);
    const std::string name = script.name;
    // What the licence says is a day, or a month whose beginning it keeps to itself.
    const bool told = script.announces_windows || script.window >= kDay;
    keys.push_back({.name = name,
                    .apikey = script.apikey,
                    .labels = {{"team", std::move(team)}},
                    .window = told ? std::chrono::milliseconds(0) : script.window,
                    .with_history = script.scans.per_hour > 0,
                    .base_url = region.BaseUrl()});
    region.AddKey(std::move(script));
    region.SetFault(name, fault);
  };
  const auto add = [&](KeyScript script, std::string team, const Fault& fault = NoFault()) {
    add_to(cloud, std::move(script), std::move(team), fault);
  };
  add(MailGateway(), "mail");
  add(WebUploads(), "web");
  add(OutOfStep(), "web");
  add(FreeAccount(), "research");
  add(NearlyOut(), "web");
  add(Exhausted(), "mail");
  add(Monthly(), "soc");
  add(Expired(), "research");
  add(OrganizationMember(), "soc");
  add(Plain("throttled"), "research", Throttled());
  add(Plain("times-out"), "soc", Hang());
  add(Plain("sends-garbage"), "soc", Garbage());
  // Unknown to the service, which therefore refuses it.
  keys.push_back({.name = "rejected",
                  .apikey = FakeApikey(random),
                  .labels = {{"team", "web"}},
                  .window = {},
                  .with_history = false,
                  .base_url = cloud.BaseUrl()});
  add_to(blocking_region, Plain("address-blocked"), "soc",
         ApiError(403, 403002, "IP blocked because of abuse"));
  return keys;
}

}  // namespace simulator

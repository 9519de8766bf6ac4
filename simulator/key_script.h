#pragma once
// What the simulated service knows of one apikey. Plain values, written by a test or the demo, any
// thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace simulator {

using SystemTime = std::chrono::sys_time<std::chrono::milliseconds>;

// One API family and its use.
struct FamilyScript {
  std::string
      name;  // "prevention", "reputation", ... ; "download_file" has no limit in the info body
  std::int64_t limit = 0;     // per window
  std::int64_t used = 0;      // in a window that opens with the key
  double use_per_second = 0;  // steady use, which ends at the limit and goes on in the next window
};

struct OrganizationScript {
  std::string id;
  std::vector<FamilyScript> limits;  // only name and limit count
  std::int64_t throttling_limit = 500;
  std::optional<SystemTime> expiration;  // absent: the Unix epoch, no expiry
  std::string time_interval = "monthly";
  std::string license_type = "Enterprise";
  bool enforce_private_scan = true;
  std::vector<std::string> whitelist_v4;
  std::vector<std::string> whitelist_v6;
};

// What stands in `organization` when there is none.
enum class NoOrganization { kAbsent, kNull, kString };

// The scans of a key and the oddities of their list.
struct ScanScript {
  double per_hour = 0;  // at random times
  // Since when there are some when the key is added (negative: not before so much later), and for
  // how long there are (0: for ever).
  std::chrono::milliseconds past{0};
  std::chrono::milliseconds lasts{0};
  std::chrono::milliseconds takes = std::chrono::seconds(20);  // until one is finished, at most
  double stuck = 0;                                            // this part of them never is
  // So much later than it began a scan may be listed, and so far from where it belongs.
  std::chrono::milliseconds disorder{0};
  std::chrono::milliseconds skew{0};  // of the service's clock, which its Date header tells
  int repeated = 0;                   // so many of a page are on the next one again
  bool cursor_at_end = false;         // on the last page too
  bool heeds_start_date = true;
  bool empty_is_404 = false;  // 404002, not an empty list
  bool numbers_as_text = false;
  bool sparse = false;   // parts of entries are missing
  bool undated = false;  // no entry has a start_time
  std::uint64_t seed = 1;
};

struct KeyScript {
  std::string name;    // how tests and records call it; the service does not tell it
  std::string apikey;  // made by FakeApikey
  std::vector<FamilyScript> families = {
      {"prevention", 40}, {"reputation", 4000},        {"sandbox", 1},
      {"feed", 1000},     {"threat_intel_search", 25}, {"download_file", 100}};
  std::chrono::milliseconds window = std::chrono::hours(24);  // from the first use
  bool announces_windows = false;  // in X-RateLimit headers, one family an answer
  // How far behind the replica is that gives one answer in three; 0: there is none.
  std::chrono::milliseconds replica_lag{0};
  std::string time_interval = "daily";
  std::optional<SystemTime> expiration;  // absent: the Unix epoch, as free keys have it
  SystemTime created = std::chrono::sys_days{std::chrono::year{2024} / 2 / 21};
  SystemTime updated = std::chrono::sys_days{std::chrono::year{2025} / 3 / 4};
  std::string nickname = "quiet-otter";
  std::string ref_token = "ref-token-of-a-simulated-key";
  std::string license_type = "Community";
  bool paid = false;
  bool enterprise = false;
  bool mtls_only = false;
  bool private_scan_enforced = false;
  bool large_files = false;
  std::int64_t throttling_limit = 9;
  std::int64_t throttling_remaining = 9;
  std::optional<OrganizationScript> organization;
  NoOrganization no_organization = NoOrganization::kAbsent;
  bool sparse = false;  // the info body has the fields of the vendor's oldest example only
  ScanScript scans;
  std::chrono::milliseconds response_time{330};  // what X-Response-Time claims
};

// 32 hex digits, random: the only apikeys this service should ever see.
[[nodiscard]] std::string FakeApikey(std::mt19937_64& random);

}  // namespace simulator

#pragma once
// What the answers about a key and its quotas carry, decoded: plain data, any thread.
// Absent means that the service did not say: never 0, -1 or NaN in its place. Label strings are
// already cleaned and redacted (label_text.h).

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrape {

using SystemTime = std::chrono::sys_time<std::chrono::milliseconds>;

// One number per API family ("prevention", "reputation", ...), sorted by family.
using ApiValues = std::vector<std::pair<std::string, double>>;

struct Expiration {
  // kNever: the Unix epoch (or earlier), which free keys carry. kUnknown: absent or unreadable.
  enum class Kind { kUnknown, kNever, kAt };
  Kind kind = Kind::kUnknown;
  SystemTime at = {};  // of kAt only
};

// What a licence grants, to a key or to an organisation.
struct Entitlement {
  ApiValues quota_limits;            // per window; 0 = not entitled
  std::size_t dropped_families = 0;  // limits that are not in quota_limits (families.h)
  std::optional<double> throttle_limit;
  Expiration expiration;
  std::string license_type;
  std::string time_interval;
  std::string qos_scan;
  std::string sandbox_qos_scan;
  std::optional<bool> private_scan_enforced;
  std::optional<double> max_upload_file_size_bytes;
  std::optional<double> max_archive_file_size_bytes;
  std::optional<double> max_archive_files;
  std::optional<double> max_archive_depth;
  std::optional<double> max_custom_workflows;
};

struct OrganizationInfo {
  std::string organization_id;
  Entitlement entitlement;
  std::optional<double> ip_whitelist_v4_entries;
  std::optional<double> ip_whitelist_v6_entries;
};

// GET /apikey/
struct KeyInfo {
  Entitlement entitlement;
  std::optional<SystemTime> created;
  std::optional<SystemTime> updated;
  std::string scan_with;
  std::string nickname;  // empty unless the user switched the label on
  std::optional<bool> paid;
  std::optional<bool> enterprise;
  std::optional<bool> mtls_only;
  std::optional<bool> large_files;
  std::optional<bool> safe_redirect;        // present when the answer has the member
  std::optional<double> max_file_download;  // the unit is not documented
  std::optional<double> vulnerability_submissions;
  // Null: none. Not in place: it is large, and most keys have none.
  std::shared_ptr<OrganizationInfo> organization;
};

// GET /apikey/limits
struct Consumption {
  ApiValues used;
  std::size_t dropped_families = 0;
};

// GET /apikey/limits/status
struct Remaining {
  ApiValues remaining;
  std::optional<double> throttle_remaining;
  std::size_t dropped_families = 0;
};

}  // namespace scrape

// The documentation's tables against the code, and the vendor's fields against both.

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/metric_table.h"

namespace {

std::string ReadText(const std::string& name) {
  const std::ifstream in(std::string(MDCLOUD_SOURCE_DIR) + "/" + name);
  REQUIRE(in.is_open());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t to = text.find(end, from);
  REQUIRE(to != std::string::npos);
  return text.substr(from + begin.size(), to - from - begin.size());
}

// The cells of each row below the header.
std::vector<std::vector<std::string>> Rows(const std::string& table) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(table);
  std::string line;
  while (std::getline(in, line)) {
    if (!line.starts_with("| ")) continue;
    std::vector<std::string> cells;
    std::istringstream cells_in(line.substr(1));
    std::string cell;
    while (std::getline(cells_in, cell, '|')) {
      const std::size_t first = cell.find_first_not_of(' ');
      const std::size_t last = cell.find_last_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, last - first + 1));
    }
    rows.push_back(std::move(cells));
  }
  if (!rows.empty()) rows.erase(rows.begin());
  return rows;
}

std::string WithoutTicks(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
  return text;
}

std::string_view TypeName(prometheus::MetricType type) {
  if (type == prometheus::MetricType::Counter) return "counter";
  return type == prometheus::MetricType::Histogram ? "histogram" : "gauge";
}

// A field of the vendor's reference and the metric it ends up in; none: it has to stand among what
// is not exported, as it is written there.
struct Field {
  std::string_view name;
  std::string_view metric = {};
};

constexpr Field kInfoFields[] = {
    {"max_file_download", "mdcloud_apikey_max_file_download"},
    {"max_upload_file_size", "mdcloud_apikey_max_upload_file_size_bytes"},
    {"max_archive_file_depth", "mdcloud_apikey_max_archive_depth"},
    {"max_archive_file_size", "mdcloud_apikey_max_archive_file_size_bytes"},
    {"max_archive_file_number", "mdcloud_apikey_max_archive_files"},
    {"max_custom_workflows", "mdcloud_apikey_max_custom_workflows"},
    {"limit_prevention", "mdcloud_quota_limit"},
    {"limit_reputation", "mdcloud_quota_limit"},
    {"limit_threat_intel_search", "mdcloud_quota_limit"},
    {"limit_sandbox", "mdcloud_quota_limit"},
    {"limit_feed", "mdcloud_quota_limit"},
    {"mdc_license_type", "mdcloud_apikey_info"},
    {"qos_scan", "mdcloud_apikey_info"},
    {"userid"},
    {"sandbox_qos_scan", "mdcloud_apikey_info"},
    {"time_interval", "mdcloud_apikey_info"},
    {"expiration_date", "mdcloud_apikey_expiration_timestamp_seconds"},
    {"workflow_rule", "mdcloud_apikey_feature"},
    {"enforce_private_scan", "mdcloud_apikey_feature"},
    {"is_enterprise", "mdcloud_apikey_feature"},
    {"throttling_limit", "mdcloud_throttle_limit"},
    {"mtls_only", "mdcloud_apikey_feature"},
    {"portal_api_key"},
    {"nickname"},
    {"vulnerability_submissions", "mdcloud_apikey_vulnerability_submissions"},
    {"created_at", "mdcloud_apikey_created_timestamp_seconds"},
    {"updated_at", "mdcloud_apikey_updated_timestamp_seconds"},
    {"scan_with", "mdcloud_apikey_info"},
    {"ref_token"},
    {"paid_user", "mdcloud_apikey_feature"},
    {"safe_redirect_options", "mdcloud_apikey_feature"},
    {"organization", "mdcloud_organization_info"},
    {"organization.organization_id", "mdcloud_organization_info"},
    {"organization.limit_prevention", "mdcloud_organization_quota_limit"},
    {"organization.limit_reputation", "mdcloud_organization_quota_limit"},
    {"organization.limit_threat_intel_search", "mdcloud_organization_quota_limit"},
    {"organization.limit_sandbox", "mdcloud_organization_quota_limit"},
    {"organization.limit_feed", "mdcloud_organization_quota_limit"},
    {"organization.throttling_limit", "mdcloud_organization_throttle_limit"},
    {"organization.ip_whitelist", "mdcloud_organization_ip_whitelist_entries"},
    {"organization.ip_whitelist.v4", "mdcloud_organization_ip_whitelist_entries"},
    {"organization.ip_whitelist.v6", "mdcloud_organization_ip_whitelist_entries"},
    {"organization.ip_whitelist.v4[]"},
    {"organization.ip_whitelist.v6[]"},
    {"organization.expiration_date", "mdcloud_organization_expiration_timestamp_seconds"},
    {"organization.enforce_private_scan", "mdcloud_organization_private_scan_enforced"},
    {"organization.licenseLimitsTimeInterval", "mdcloud_organization_info"},
    {"organization.mdc_license_type", "mdcloud_organization_info"},
    {"organization.max_upload_file_size", "mdcloud_organization_max_upload_file_size_bytes"},
    {"organization.max_archive_file_size", "mdcloud_organization_max_archive_file_size_bytes"},
    {"organization.max_archive_file_number", "mdcloud_organization_max_archive_files"},
    {"organization.max_archive_file_depth", "mdcloud_organization_max_archive_depth"},
    {"organization.max_custom_workflows", "mdcloud_organization_max_custom_workflows"},
    {"organization.qos_scan", "mdcloud_organization_info"},
    {"organization.sandbox_qos_scan", "mdcloud_organization_info"},
    {"organization.safe_redirect_options"},
};

constexpr Field kUsageFields[] = {
    {"limits.reputation_api", "mdcloud_quota_used"},
    {"limits.threat_intel_search_api", "mdcloud_quota_used"},
    {"limits.prevention_api", "mdcloud_quota_used"},
    {"limits.feed_api", "mdcloud_quota_used"},
    {"limits.download_file", "mdcloud_quota_used"},
    {"limits.sandbox_api", "mdcloud_quota_used"},
    {"status.reputation_api", "mdcloud_quota_remaining"},
    {"status.threat_intel_search_api", "mdcloud_quota_remaining"},
    {"status.prevention_api", "mdcloud_quota_remaining"},
    {"status.feed_api", "mdcloud_quota_remaining"},
    {"status.download_file", "mdcloud_quota_remaining"},
    {"status.sandbox_api", "mdcloud_quota_remaining"},
    {"status.throttling_limit", "mdcloud_throttle_remaining"},
    {"X-Authenticated"},
    {"X-Response-Time", "mdcloud_api_response_time_seconds"},
};

constexpr Field kHistoryFields[] = {
    {"data", "mdcloud_scans_total"},
    {"data_id"},
    {"process_info", "mdcloud_scan_history_in_progress"},
    {"progress_percentage", "mdcloud_scan_history_in_progress"},
    {"file_info"},
    {"md5"},
    {"sha1"},
    {"sha256"},
    {"display_name"},
    {"file_type_extension"},
    {"scan_results", "mdcloud_scans_total"},
    {"total_detected_avs", "mdcloud_scan_engine_detections_total"},
    {"total_avs", "mdcloud_scan_engines_total"},
    {"scan_all_result_i", "mdcloud_scans_total"},
    {"start_time", "mdcloud_scan_history_last_scan_timestamp_seconds"},
    {"scan_with"},
    {"dlp_info", "mdcloud_scan_dlp_verdicts_total"},
    {"dlp_info.verdict", "mdcloud_scan_dlp_verdicts_total"},
    {"sanitized", "mdcloud_scan_sanitizations_total"},
    {"reason"},
    {"result", "mdcloud_scan_sanitizations_total"},
    {"sanitized.progress_percentage"},
    {"failure_reasons"},
    {"file_path"},
    {"details"},
    {"sandbox", "mdcloud_scan_sandbox_verdicts_total"},
    {"sandbox.verdict", "mdcloud_scan_sandbox_verdicts_total"},
    {"threatLevel"},
    {"confidence"},
    {"blocked", "mdcloud_scans_blocked_total"},
    {"vulnerability", "mdcloud_scan_vulnerabilities_total"},
    {"severity_index"},
    {"severity", "mdcloud_scan_vulnerabilities_total"},
    {"offset"},
    {"search"},
    {"end_date"},
    {"sort_by"},
    {"sort_dir"},
    {"status"},
};

void CheckTable(const std::string& file) {
  CAPTURE(file);
  const auto rows = Rows(Between(ReadText(file), "<!-- metrics -->", "<!-- /metrics -->"));
  const auto table = exporter::MetricTable();
  REQUIRE(rows.size() == table.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CAPTURE(table[i].name);
    REQUIRE(rows[i].size() == 4);
    CHECK(rows[i][0] == "`" + std::string(table[i].name) + "`");
    CHECK(rows[i][1] == TypeName(table[i].type));
    CHECK(WithoutTicks(rows[i][2]) == table[i].labels);
    CHECK_FALSE(rows[i][3].empty());
  }
}

}  // namespace

TEST_CASE("the metric table of docs/metrics.md is the code's") { CheckTable("docs/metrics.md"); }

TEST_CASE("the metric table of README.md is the code's") { CheckTable("README.md"); }

TEST_CASE("every field of the vendor's reference is exported or stands among what is not") {
  std::string not_exported;
  const std::string text = ReadText("docs/metrics.md");
  for (const auto& row : Rows(Between(text, "<!-- not exported -->", "<!-- /not exported -->"))) {
    REQUIRE(row.size() == 2);
    CHECK_FALSE(row[1].empty());
    not_exported += row[0] + "\n";
  }
  const auto check = [&](const Field& field) {
    CAPTURE(field.name);
    const auto table = exporter::MetricTable();
    if (field.metric.empty()) {
      CHECK(not_exported.find("`" + std::string(field.name) + "`") != std::string::npos);
    } else {
      CHECK(std::any_of(table.begin(), table.end(), [&](const exporter::MetricSpec& spec) {
        return spec.name == field.metric;
      }));
    }
  };
  for (const Field& field : kInfoFields) check(field);
  for (const Field& field : kUsageFields) check(field);
  for (const Field& field : kHistoryFields) check(field);
}

TEST_CASE("the documents name only metrics that exist") {
  for (const char* file : {"docs/metrics.md", "README.md"}) {
    const std::string text = ReadText(file);
    for (std::size_t at = text.find("mdcloud_"); at != std::string::npos;
         at = text.find("mdcloud_", at + 1)) {
      const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at);
      const std::string name = text.substr(at, end - at);
      if (name == "mdcloud_exporter" || name.ends_with('_')) continue;  // the program, a pattern
      CAPTURE(name);
      const auto table = exporter::MetricTable();
      CHECK(std::any_of(table.begin(), table.end(),
                        [&](const exporter::MetricSpec& spec) { return spec.name == name; }));
    }
  }
}

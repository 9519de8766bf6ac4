#include "exporter/metrics/metric_table.h"

#include <array>

#include "exporter/metrics/account_metrics.h"
#include "exporter/metrics/health_metrics.h"
#include "exporter/metrics/quota_metrics.h"
#include "exporter/metrics/scan_metrics.h"
#include "exporter/metrics/self_metrics.h"

namespace exporter {
namespace {

using prometheus::MetricType;
using scrape::Entitlement;
using scrape::KeyInfo;

constexpr MetricType kGauge = MetricType::Gauge;
constexpr MetricType kCounter = MetricType::Counter;
constexpr MetricType kHistogram = MetricType::Histogram;
constexpr auto kInfo = scrape::Collector::kInfo;
constexpr auto kLimits = scrape::Collector::kLimits;
constexpr auto kStatus = scrape::Collector::kStatus;
constexpr auto kHistory = scrape::Collector::kHistory;
constexpr auto kOwn = std::nullopt;  // not taken from an answer

constexpr std::array kTable = {
    MetricSpec{"mdcloud_api_response_time_seconds", kGauge, "collector, key", kOwn,
               "Response time in seconds as the API itself states it (X-Response-Time), of the "
               "last answer that had it.",
               ApiResponseTime},
    MetricSpec{"mdcloud_apikey_created_timestamp_seconds", kGauge, "key", kInfo,
               "When the apikey was created, Unix time in seconds.", KeyFact<&KeyInfo::created>},
    MetricSpec{"mdcloud_apikey_expiration_days", kGauge, "key", kInfo,
               "Days until the apikey expires, computed at each scrape; negative after it. Absent "
               "for keys without an expiry.",
               KeyExpirationDays},
    MetricSpec{"mdcloud_apikey_expiration_timestamp_seconds", kGauge, "key", kInfo,
               "When the apikey expires, Unix time in seconds. Absent for keys without an expiry.",
               KeyExpirationTimestamp},
    MetricSpec{"mdcloud_apikey_expires", kGauge, "key", kInfo,
               "Whether the apikey has an expiry: 1 yes, 0 no (free keys carry the Unix epoch); "
               "absent when not known.",
               KeyExpires},
    MetricSpec{"mdcloud_apikey_feature", kGauge, "feature, key", kInfo,
               "Whether a feature is on for the apikey (1) or off (0); only features that the "
               "answer names.",
               KeyFeature},
    MetricSpec{"mdcloud_apikey_info", kGauge,
               "key, license_type, nickname, organization_id, qos_scan, sandbox_qos_scan, "
               "scan_with, time_interval",
               kInfo,
               "Always 1; what the API says about the apikey in words. Labels that it does not "
               "give are left out.",
               KeyInfoLabels},
    MetricSpec{"mdcloud_apikey_labels", kGauge, "key, your own", kOwn,
               "Always 1; the labels given to the key in the configuration, for joins and alert "
               "routing. There for every configured key, whatever its state.",
               KeyOwnLabels},
    MetricSpec{"mdcloud_apikey_max_archive_depth", kGauge, "key", kInfo,
               "How deep archives may be nested.", KeyLicence<&Entitlement::max_archive_depth>},
    MetricSpec{"mdcloud_apikey_max_archive_file_size_bytes", kGauge, "key", kInfo,
               "Largest archive that may be uploaded, in bytes (the API gives MB, taken as 1048576 "
               "bytes).",
               KeyLicence<&Entitlement::max_archive_file_size_bytes>},
    MetricSpec{"mdcloud_apikey_max_archive_files", kGauge, "key", kInfo,
               "How many files an archive may contain.",
               KeyLicence<&Entitlement::max_archive_files>},
    MetricSpec{"mdcloud_apikey_max_custom_workflows", kGauge, "key", kInfo,
               "How many custom workflows the apikey may have.",
               KeyLicence<&Entitlement::max_custom_workflows>},
    MetricSpec{"mdcloud_apikey_max_file_download", kGauge, "key", kInfo,
               "Largest file that may be downloaded, as the API gives it: its unit is not "
               "documented.",
               KeyFact<&KeyInfo::max_file_download>},
    MetricSpec{"mdcloud_apikey_max_upload_file_size_bytes", kGauge, "key", kInfo,
               "Largest file that may be uploaded, in bytes (the API gives MB, taken as 1048576 "
               "bytes).",
               KeyLicence<&Entitlement::max_upload_file_size_bytes>},
    MetricSpec{"mdcloud_apikey_updated_timestamp_seconds", kGauge, "key", kInfo,
               "When the apikey's record was last changed, Unix time in seconds.",
               KeyFact<&KeyInfo::updated>},
    MetricSpec{"mdcloud_apikey_valid", kGauge, "key", kOwn,
               "Whether the API accepts the apikey: 0 only after it rejected the key by a named "
               "error, 1 after a success, otherwise as before; absent before the first verdict.",
               KeyValid},
    MetricSpec{"mdcloud_apikey_vulnerability_submissions", kGauge, "key", kInfo,
               "Vulnerability submissions of the apikey's user (the length of the list that the "
               "API gives, or its number).",
               KeyFact<&KeyInfo::vulnerability_submissions>},
    MetricSpec{"mdcloud_client_certificate_expiration_timestamp_seconds", kGauge, "key", kOwn,
               "When the client certificate configured for the apikey (tls_config.cert_file) ends, "
               "Unix time in seconds.",
               ClientCertificateExpiration},
    MetricSpec{"mdcloud_client_host_paused", kGauge, "host", kOwn,
               "Whether nothing is asked of a host of the API for now, because it blocks this "
               "address, has too many connections or rejects every apikey.",
               ClientHostPaused},
    MetricSpec{"mdcloud_client_keys_waiting", kGauge, "host", kOwn,
               "Keys that are not asked because too many requests to the host were rejected "
               "within the hour: it would block this address.",
               ClientKeysWaiting},
    MetricSpec{"mdcloud_client_request_duration_seconds", kHistogram, "collector", kOwn,
               "Duration of this exporter's requests to the API in seconds, of all keys.",
               ClientRequestDuration},
    MetricSpec{"mdcloud_client_request_failures_total", kCounter, "collector, reason", kOwn,
               "Requests to the API that failed, by reason, of all keys.", ClientRequestFailures},
    MetricSpec{"mdcloud_client_requests_total", kCounter, "collector", kOwn,
               "Requests that this exporter sent to the API, of all keys.", ClientRequests},
    MetricSpec{"mdcloud_exporter_build_info", kGauge, "arch, compiler, os, revision, version", kOwn,
               "Always 1; what this exporter was built from and for.", BuildInfoLabels},
    MetricSpec{"mdcloud_exporter_config_last_reload_success_timestamp_seconds", kGauge, "", kOwn,
               "When the configuration was last loaded successfully, Unix time in seconds.",
               ConfigLastReloadSuccessTimestamp},
    MetricSpec{"mdcloud_exporter_config_last_reload_successful", kGauge, "", kOwn,
               "Whether the last attempt to load the configuration succeeded.",
               ConfigLastReloadSuccessful},
    MetricSpec{"mdcloud_exporter_configured_keys", kGauge, "", kOwn,
               "How many apikeys are configured.", ConfiguredKeys},
    MetricSpec{"mdcloud_exporter_http_requests_total", kCounter, "code, handler", kOwn,
               "HTTP requests that this exporter answered.", HttpRequests},
    MetricSpec{"mdcloud_exporter_shard", kGauge, "", kOwn,
               "Which of the shards this exporter is, from 0.", ShardIndex},
    MetricSpec{"mdcloud_exporter_shards", kGauge, "", kOwn,
               "Among how many exporters the apikeys are divided.", ShardTotal},
    MetricSpec{"mdcloud_exporter_state_write_failures_total", kCounter, "", kOwn,
               "Failed attempts to write the state to --storage.path.", StateWriteFailures},
    MetricSpec{"mdcloud_organization_expiration_days", kGauge, "key", kInfo,
               "Days until the licence of the key's organisation expires, computed at each scrape; "
               "negative after it. Absent when it has no expiry.",
               OrganizationExpirationDays},
    MetricSpec{"mdcloud_organization_expiration_timestamp_seconds", kGauge, "key", kInfo,
               "When the licence of the key's organisation expires, Unix time in seconds. Absent "
               "when it has no expiry.",
               OrganizationExpirationTimestamp},
    MetricSpec{"mdcloud_organization_expires", kGauge, "key", kInfo,
               "Whether the organisation's licence has an expiry: 1 yes, 0 no; absent when not "
               "known.",
               OrganizationExpires},
    MetricSpec{"mdcloud_organization_info", kGauge,
               "key, license_type, organization_id, qos_scan, sandbox_qos_scan, time_interval",
               kInfo,
               "Always 1; what the API says about the key's organisation in words. Keys of one "
               "organization_id share its quota.",
               OrganizationInfoLabels},
    MetricSpec{"mdcloud_organization_ip_whitelist_entries", kGauge, "ip_version, key", kInfo,
               "How many addresses the organisation's whitelist has.",
               OrganizationIpWhitelistEntries},
    MetricSpec{"mdcloud_organization_max_archive_depth", kGauge, "key", kInfo,
               "How deep archives may be nested, for the organisation.",
               OrganizationLicence<&Entitlement::max_archive_depth>},
    MetricSpec{"mdcloud_organization_max_archive_file_size_bytes", kGauge, "key", kInfo,
               "Largest archive that the organisation may upload, in bytes (the API gives MB, "
               "taken as 1048576 bytes).",
               OrganizationLicence<&Entitlement::max_archive_file_size_bytes>},
    MetricSpec{"mdcloud_organization_max_archive_files", kGauge, "key", kInfo,
               "How many files an archive of the organisation may contain.",
               OrganizationLicence<&Entitlement::max_archive_files>},
    MetricSpec{"mdcloud_organization_max_custom_workflows", kGauge, "key", kInfo,
               "How many custom workflows the organisation may have.",
               OrganizationLicence<&Entitlement::max_custom_workflows>},
    MetricSpec{"mdcloud_organization_max_upload_file_size_bytes", kGauge, "key", kInfo,
               "Largest file that the organisation may upload, in bytes (the API gives MB, taken "
               "as 1048576 bytes).",
               OrganizationLicence<&Entitlement::max_upload_file_size_bytes>},
    MetricSpec{"mdcloud_organization_private_scan_enforced", kGauge, "key", kInfo,
               "Whether the organisation enforces private scans.",
               OrganizationLicence<&Entitlement::private_scan_enforced>},
    MetricSpec{"mdcloud_organization_quota_limit", kGauge, "api, key", kInfo,
               "Calls per window that the organisation is granted for an API; shared by its keys.",
               OrganizationQuotaLimit},
    MetricSpec{"mdcloud_organization_throttle_limit", kGauge, "key", kInfo,
               "Request rate granted to the organisation. The vendor documents two meanings of the "
               "unit: requests per minute or hour, or per quota window.",
               OrganizationLicence<&Entitlement::throttle_limit>},
    MetricSpec{"mdcloud_quota_consumed_total", kCounter, "api, key", kLimits,
               "Calls used since the key was first polled, counted across the resets of "
               "mdcloud_quota_used "
               "as far as polling shows them.",
               QuotaConsumed},
    MetricSpec{"mdcloud_quota_limit", kGauge, "api, key", kInfo,
               "Calls per window (day or month) that the apikey is granted for an API; 0 is not "
               "entitled.",
               QuotaLimit},
    MetricSpec{"mdcloud_quota_remaining", kGauge, "api, key", kStatus,
               "Calls left in the current window, as the API reports it; may be negative.",
               QuotaRemaining},
    MetricSpec{"mdcloud_quota_reset_timestamp_seconds", kGauge, "api, key", kLimits,
               "When the current window ends, Unix time in seconds, as the API states it, else as "
               "its opening was seen. Absent while not known.",
               QuotaReset},
    MetricSpec{"mdcloud_quota_reset_uncertainty_seconds", kGauge, "api, key", kLimits,
               "How much earlier than mdcloud_quota_reset_timestamp_seconds the window may end, in "
               "seconds; 0 when the API states it.",
               QuotaResetUncertainty},
    MetricSpec{"mdcloud_quota_used", kGauge, "api, key", kLimits,
               "Calls used in the current window, as the API reports it.", QuotaUsed},
    MetricSpec{"mdcloud_quota_window_seconds", kGauge, "api, key", kLimits,
               "Length of the quota window in seconds: stated by the API, configured, of the "
               "licence, or measured. Absent while not known.",
               QuotaWindow},
    MetricSpec{"mdcloud_scan_dlp_verdicts_total", kCounter, "key, verdict", kHistory,
               "Scans that were finished since the history was first read, by the verdict of "
               "Proactive DLP.",
               ScanDlpVerdicts},
    MetricSpec{"mdcloud_scan_engine_detections_total", kCounter, "key", kHistory,
               "Engines that detected a threat, summed over the counted scans.",
               ScanEngineDetections},
    MetricSpec{"mdcloud_scan_engines_total", kCounter, "key", kHistory,
               "Engines that were used, summed over the counted scans.", ScanEngines},
    MetricSpec{"mdcloud_scan_history_in_progress", kGauge, "key", kHistory,
               "Scans in the history that were not finished when it was last read.",
               ScanHistoryInProgress},
    MetricSpec{"mdcloud_scan_history_last_scan_timestamp_seconds", kGauge, "key", kHistory,
               "When the newest scan in the history began, Unix time in seconds, by the clock of "
               "the API. Absent when there is none.",
               ScanHistoryLastScan},
    MetricSpec{"mdcloud_scan_history_truncated", kGauge, "key", kHistory,
               "Whether the history was left before its end (1) when it was last read, because a "
               "bound on pages, bytes or time was hit: scans may be missing from the counters.",
               ScanHistoryTruncated},
    MetricSpec{"mdcloud_scan_sandbox_verdicts_total", kCounter, "key, verdict", kHistory,
               "Scans that were finished since the history was first read, by the verdict of the "
               "sandbox.",
               ScanSandboxVerdicts},
    MetricSpec{"mdcloud_scan_sanitizations_total", kCounter, "key, result", kHistory,
               "Scans that were finished since the history was first read, by the result of "
               "sanitization.",
               ScanSanitizations},
    MetricSpec{"mdcloud_scan_vulnerabilities_total", kCounter, "key, severity", kHistory,
               "Scans that were finished since the history was first read, by the severity of the "
               "highest vulnerability.",
               ScanVulnerabilities},
    MetricSpec{"mdcloud_scans_blocked_total", kCounter, "key", kHistory,
               "Scans that were finished since the history was first read, whose file is blocked.",
               ScansBlocked},
    MetricSpec{"mdcloud_scans_total", kCounter, "key, result", kHistory,
               "Scans that were finished since the history was first read, by result.", Scans},
    MetricSpec{"mdcloud_scrape_collector_duration_seconds", kGauge, "collector, key", kOwn,
               "How long the last attempt to ask the API took, in seconds.", CollectorDuration},
    MetricSpec{"mdcloud_scrape_collector_error", kGauge, "collector, key, reason", kOwn,
               "Always 1; there while the last attempt failed or the collector is not asked, with "
               "the reason.",
               CollectorError},
    MetricSpec{"mdcloud_scrape_collector_interval_seconds", kGauge, "collector, key", kOwn,
               "How often the API is really asked, in seconds; longer than configured when the "
               "request rate is capped.",
               CollectorInterval},
    MetricSpec{"mdcloud_scrape_collector_last_success_timestamp_seconds", kGauge, "collector, key",
               kOwn,
               "When the API last answered well, Unix time in seconds: the age of all values of "
               "the collector. Absent before the first success.",
               CollectorLastSuccess},
    MetricSpec{"mdcloud_scrape_collector_next_attempt_timestamp_seconds", kGauge, "collector, key",
               kOwn, "When the API will be asked again, Unix time in seconds.",
               CollectorNextAttempt},
    MetricSpec{"mdcloud_scrape_collector_success", kGauge, "collector, key", kOwn,
               "Whether the last attempt to ask the API succeeded; 0 also while it is not asked.",
               CollectorSuccess},
    MetricSpec{"mdcloud_throttle_limit", kGauge, "key", kInfo,
               "Request rate granted to the apikey. The vendor documents two meanings of the unit: "
               "requests per minute or hour, or per quota window.",
               ThrottleLimit},
    MetricSpec{"mdcloud_throttle_remaining", kGauge, "key", kStatus,
               "Requests left before the apikey is throttled, as the API reports it, in the "
               "unit of mdcloud_throttle_limit.",
               ThrottleRemaining},
    MetricSpec{"mdcloud_throttled", kGauge, "key", kOwn,
               "Whether this exporter's own last round for the key was throttled. 0 does not say "
               "that your scans are not: see mdcloud_throttle_remaining.",
               Throttled},
    MetricSpec{"mdcloud_up", kGauge, "key", kOwn,
               "Whether the last attempt of every collector of the key succeeded.", Up},
    MetricSpec{"process_cpu_seconds_total", kCounter, "", kOwn,
               "CPU time of the exporter, user and system, in seconds.",
               Process<&ProcessStats::cpu_seconds>},
    MetricSpec{"process_max_fds", kGauge, "", kOwn,
               "How many file descriptors the exporter may have open.",
               Process<&ProcessStats::max_fds>},
    MetricSpec{"process_open_fds", kGauge, "", kOwn,
               "How many file descriptors the exporter has open.",
               Process<&ProcessStats::open_fds>},
    MetricSpec{"process_resident_memory_bytes", kGauge, "", kOwn,
               "Resident memory of the exporter in bytes.", Process<&ProcessStats::resident_bytes>},
    MetricSpec{"process_start_time_seconds", kGauge, "", kOwn,
               "When the exporter started, Unix time in seconds.",
               Process<&ProcessStats::start_time>},
    MetricSpec{"process_virtual_memory_bytes", kGauge, "", kOwn,
               "Virtual memory of the exporter in bytes.", Process<&ProcessStats::virtual_bytes>},
};

}  // namespace

std::span<const MetricSpec> MetricTable() { return kTable; }

std::string HelpOf(const MetricSpec& spec) {
  std::string help(spec.help);
  if (spec.cached_from) {
    help += " Cached from the background scrape of collector ";
    help += NameOf(*spec.cached_from);
    help += "; age: mdcloud_scrape_collector_last_success_timestamp_seconds.";
  }
  return help;
}

}  // namespace exporter

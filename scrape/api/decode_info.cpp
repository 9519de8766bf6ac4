#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "scrape/api/classify.h"
#include "scrape/api/dates.h"
#include "scrape/api/decimal.h"
#include "scrape/api/decode.h"
#include "scrape/api/families.h"

namespace scrape {
namespace {

constexpr auto kDocumentedMembers = std::to_array<std::string_view>({
    "created_at",
    "enforce_private_scan",
    "expiration_date",
    "is_enterprise",
    "limit_feed",
    "limit_prevention",
    "limit_reputation",
    "limit_sandbox",
    "limit_threat_intel_search",
    "max_archive_file_depth",
    "max_archive_file_number",
    "max_archive_file_size",
    "max_custom_workflows",
    "max_file_download",
    "max_upload_file_size",
    "mdc_license_type",
    "mtls_only",
    "nickname",
    "organization",
    "paid_user",
    "portal_api_key",
    "qos_scan",
    "ref_token",
    "safe_redirect_options",
    "sandbox_qos_scan",
    "scan_with",
    "throttling_limit",
    "time_interval",
    "updated_at",
    "userid",
    "vulnerability_submissions",
    "workflow_rule",
});

// The member that names the window: the vendor calls an organisation's otherwise.
constexpr std::string_view kKeyInterval = "time_interval";
constexpr std::string_view kOrganizationInterval = "licenseLimitsTimeInterval";

constexpr double kBytesPerMegabyte = 1048576;

// Shorter ones are more likely to be a part of an ordinary word than a leak.
constexpr std::size_t kShortestIdentifier = 8;

Redactor RedactorOf(const JsonObject& info, std::string_view secret) {
  Redactor redactor(secret);
  redactor.Hide(info.FindString("portal_api_key").value_or(""));
  for (const std::string_view name : {"ref_token", "userid", "sso_user_id"}) {
    const std::string_view text = info.FindString(name).value_or("");
    if (text.size() >= kShortestIdentifier) redactor.Hide(text);
  }
  return redactor;
}

std::string Label(const JsonObject& object, std::string_view name, const Redactor& redactor) {
  return LabelText(object.FindString(name).value_or(""), redactor);
}

// What the service states in MB. A negative size is none.
std::optional<double> Bytes(const JsonObject& object, std::string_view name) {
  const std::optional<double> megabytes = object.FindNumber(name);
  if (!megabytes || *megabytes < 0) return std::nullopt;
  return ExactNumber(*megabytes * kBytesPerMegabyte);
}

std::optional<double> ArraySize(const JsonObject& object, std::string_view name) {
  const std::optional<std::size_t> size = object.FindArraySize(name);
  if (!size) return std::nullopt;
  return static_cast<double>(*size);
}

// When something was created or updated; the epoch is the service's word for "never".
std::optional<SystemTime> Date(const JsonObject& object, std::string_view name) {
  const std::optional<SystemTime> at = ParseDate(object.FindString(name).value_or(""));
  return at && *at > SystemTime{} ? at : std::nullopt;
}

Entitlement DecodeEntitlement(const JsonObject& object, std::string_view interval_member,
                              const Redactor& redactor) {
  Families limits = FindFamilies(object, FamilyNaming::kLimitPrefix, redactor);
  Entitlement result;
  result.quota_limits = std::move(limits.values);
  result.dropped_families = limits.dropped;
  result.throttle_limit = object.FindNumber("throttling_limit");
  result.expiration = ParseExpiration(object.FindString("expiration_date").value_or(""));
  result.license_type = Label(object, "mdc_license_type", redactor);
  result.time_interval = Label(object, interval_member, redactor);
  result.qos_scan = Label(object, "qos_scan", redactor);
  result.sandbox_qos_scan = Label(object, "sandbox_qos_scan", redactor);
  result.private_scan_enforced = object.FindBool("enforce_private_scan");
  result.max_upload_file_size_bytes = Bytes(object, "max_upload_file_size");
  result.max_archive_file_size_bytes = Bytes(object, "max_archive_file_size");
  result.max_archive_files = object.FindNumber("max_archive_file_number");
  result.max_archive_depth = object.FindNumber("max_archive_file_depth");
  result.max_custom_workflows = object.FindNumber("max_custom_workflows");
  return result;
}

OrganizationInfo DecodeOrganization(const JsonObject& object, const Redactor& redactor) {
  OrganizationInfo result;
  result.organization_id = Label(object, "organization_id", redactor);
  result.entitlement = DecodeEntitlement(object, kOrganizationInterval, redactor);
  if (const std::optional<JsonObject> whitelist = object.FindObject("ip_whitelist")) {
    result.ip_whitelist_v4_entries = ArraySize(*whitelist, "v4");
    result.ip_whitelist_v6_entries = ArraySize(*whitelist, "v6");
  }
  return result;
}

}  // namespace

tl::expected<KeyInfo, ScrapeError> DecodeInfo(const HttpAnswer& answer,
                                              const DecodeContext& context) {
  const tl::expected<JsonDocument, ScrapeError> document = ReadAnswer(answer, kDocumentedMembers);
  if (!document) return tl::unexpected(document.error());
  const JsonObject info = *document->Root();
  const Redactor redactor = RedactorOf(info, context.secret);

  KeyInfo result;
  result.entitlement = DecodeEntitlement(info, kKeyInterval, redactor);
  result.created = Date(info, "created_at");
  result.updated = Date(info, "updated_at");
  result.scan_with = Label(info, "scan_with", redactor);
  if (context.nickname) result.nickname = Label(info, "nickname", redactor);
  result.paid = info.FindBool("paid_user");
  result.enterprise = info.FindBool("is_enterprise");
  result.mtls_only = info.FindBool("mtls_only");
  result.large_files = info.FindBool("workflow_rule");
  if (info.Has("safe_redirect_options")) result.safe_redirect = true;
  result.max_file_download = info.FindNumber("max_file_download");
  result.vulnerability_submissions = ArraySize(info, "vulnerability_submissions");
  if (!result.vulnerability_submissions) {
    result.vulnerability_submissions = info.FindNumber("vulnerability_submissions");
  }
  // null for individuals; a string was seen in the vendor's own mocks.
  const std::optional<JsonObject> organization = info.FindObject("organization");
  if (organization) {
    result.organization =
        std::make_shared<OrganizationInfo>(DecodeOrganization(*organization, redactor));
  }
  return result;
}

}  // namespace scrape

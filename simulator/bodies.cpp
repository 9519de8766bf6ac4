#include "simulator/bodies.h"

#include "simulator/json_writer.h"

namespace simulator {
namespace {

void Strings(Writer& writer, std::string_view name, const std::vector<std::string>& texts) {
  String(writer, name);
  writer.StartArray();
  for (const std::string& text : texts) String(writer, text);
  writer.EndArray();
}

void Limits(Writer& writer, const std::vector<FamilyScript>& families, bool sparse) {
  for (const FamilyScript& family : families) {
    if (family.name == "download_file") continue;
    if (sparse && family.name == "threat_intel_search") continue;
    Member(writer, "limit_" + family.name, family.limit);
  }
}

void Organization(Writer& writer, const OrganizationScript& script) {
  writer.StartObject();
  Member(writer, "organization_id", script.id);
  Limits(writer, script.limits, false);
  Member(writer, "throttling_limit", script.throttling_limit);
  String(writer, "ip_whitelist");
  writer.StartObject();
  Strings(writer, "v4", script.whitelist_v4);
  Strings(writer, "v6", script.whitelist_v6);
  writer.EndObject();
  Member(writer, "expiration_date", IsoDate(script.expiration.value_or(SystemTime())));
  Flag(writer, "enforce_private_scan", script.enforce_private_scan);
  Member(writer, "licenseLimitsTimeInterval", script.time_interval);
  Member(writer, "mdc_license_type", script.license_type);
  Member(writer, "max_upload_file_size", 1024);
  Member(writer, "max_archive_file_size", 2048);
  Member(writer, "max_archive_file_number", 5000);
  Member(writer, "max_archive_file_depth", 10);
  Member(writer, "max_custom_workflows", 20);
  Member(writer, "qos_scan", "normal");
  Member(writer, "sandbox_qos_scan", "normal");
  writer.EndObject();
}

// What the oldest example of the vendor does not have.
void NewerFields(Writer& writer, const KeyScript& script) {
  Member(writer, "max_file_download", 140);
  Member(writer, "max_archive_file_depth", 5);
  Member(writer, "max_custom_workflows", 3);
  Member(writer, "mdc_license_type", script.license_type);
  Member(writer, "userid", "user-of-a-simulated-key");
  Member(writer, "sandbox_qos_scan", "normal");
  Flag(writer, "enforce_private_scan", script.private_scan_enforced);
  Flag(writer, "is_enterprise", script.enterprise);
  Flag(writer, "mtls_only", script.mtls_only);
  Member(writer, "throttling_limit", script.throttling_limit);
  Member(writer, "scan_with", "mdcore");
  Member(writer, "ref_token", script.ref_token);
  if (!script.organization && script.no_organization == NoOrganization::kAbsent) return;
  String(writer, "organization");
  if (script.organization) {
    Organization(writer, *script.organization);
  } else if (script.no_organization == NoOrganization::kNull) {
    writer.Null();
  } else {
    String(writer, "none");
  }
}

void Counter(Writer& writer, const std::string& family, std::int64_t value, bool touched) {
  String(writer, family == "download_file" ? family : family + "_api");
  if (touched) {
    String(writer, std::to_string(value));
  } else {
    writer.Int64(value);
  }
}

}  // namespace

std::string InfoBody(const KeyScript& script) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Member(writer, "max_upload_file_size", 140);
  Member(writer, "max_archive_file_size", 140);
  Member(writer, "max_archive_file_number", 50);
  Limits(writer, script.families, script.sparse);
  Member(writer, "qos_scan", "normal");
  Member(writer, "updated_at", IsoDate(script.updated));
  Member(writer, "created_at", IsoDate(script.created));
  Member(writer, "portal_api_key", script.apikey);
  Member(writer, "source", "mdcloud_fingerprint");
  Member(writer, "workflow_rule", script.large_files ? 1 : 0);
  Strings(writer, "votes", {});
  Strings(writer, "vulnerability_submissions", {});
  Member(writer, "expiration_date", IsoDate(script.expiration.value_or(SystemTime())));
  Member(writer, "time_interval", script.time_interval);
  Member(writer, "nickname", script.nickname);
  Member(writer, "paid_user", script.paid ? 1 : 0);
  if (!script.sparse) NewerFields(writer, script);
  writer.EndObject();
  return buffer.GetString();
}

std::string LimitsBody(const KeyTruth& truth) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  for (const auto& [name, family] : truth.families) {
    Counter(writer, name, family.used, family.window_end.has_value());
  }
  writer.EndObject();
  return buffer.GetString();
}

std::string StatusBody(const KeyTruth& truth) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  for (const auto& [name, family] : truth.families) {
    Counter(writer, name, family.remaining, family.window_end.has_value());
  }
  Member(writer, "throttling_limit", truth.throttling_remaining);
  writer.EndObject();
  return buffer.GetString();
}

std::string ErrorBody(int code, std::string_view message) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  String(writer, "error");
  writer.StartObject();
  Member(writer, "code", code);
  String(writer, "messages");
  writer.StartArray();
  String(writer, message);
  writer.EndArray();
  writer.EndObject();
  writer.EndObject();
  return buffer.GetString();
}

}  // namespace simulator

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scrape/api/decode.h"

using scrape::ApiValues;
using scrape::DecodeContext;
using scrape::Entitlement;
using scrape::Expiration;
using scrape::KeyInfo;
using scrape::Reason;

namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

KeyInfo Info(std::string_view body, bool nickname = false) {
  const auto info = scrape::DecodeInfo({200, std::string(body), {}}, {kSecret, nickname});
  REQUIRE(info);
  return *info;
}

std::optional<Reason> Failure(std::string_view body) {
  const auto info = scrape::DecodeInfo({200, std::string(body), {}}, {kSecret, false});
  if (info) return std::nullopt;
  return info.error().reason;
}

// One documented member and where it is decoded to.
template <typename T>
struct Field {
  std::string name;
  std::function<T(const KeyInfo&)> get;
};

// A free key, as the vendor shows it.
constexpr std::string_view kFreeKey =
    R"({"max_upload_file_size":140,"max_archive_file_size":140,"max_archive_file_number":50,
     "limit_prevention":40,"limit_reputation":4000,"limit_sandbox":1,"limit_feed":1000,
     "qos_scan":"normal","updated_at":"2019-02-21T09:12:36.275Z",
     "created_at":"2019-02-21T09:12:36.275Z","portal_api_key":"0123456789abcdef0123456789abcdef",
     "source":"mdcloud_fingerprint","workflow_rule":0,"votes":[],"vulnerability_submissions":[],
     "expiration_date":"1970-01-01T00:00:00.000Z","time_interval":"daily",
     "nickname":"brave-otter","paid_user":0})";

constexpr std::string_view kOrganizationKey =
    R"({"max_file_download":"100","max_upload_file_size":"1024","max_archive_file_depth":5,
     "max_archive_file_size":2048,"max_archive_file_number":"500","max_custom_workflows":3,
     "limit_prevention":"10000","limit_reputation":40000.0,"limit_threat_intel_search":25,
     "limit_sandbox":100,"limit_feed":0,"mdc_license_type":"Enterprise","qos_scan":"fast",
     "userid":"user-12345678","sandbox_qos_scan":"slow","time_interval":"monthly",
     "expiration_date":"2031-05-06T07:08:09Z","workflow_rule":1,"enforce_private_scan":"1",
     "is_enterprise":true,"throttling_limit":"500","mtls_only":0,
     "portal_api_key":"0123456789abcdef0123456789abcdef","nickname":"brave-otter",
     "vulnerability_submissions":["a","b"],"created_at":"2020-01-01","updated_at":null,
     "scan_with":"mdaas","ref_token":"ref-12345678","paid_user":"1",
     "safe_redirect_options":{"allow":[]},
     "organization":{"organization_id":"org-7","limit_prevention":100000,"limit_reputation":"2",
       "limit_threat_intel_search":3,"limit_sandbox":4,"limit_feed":5,"throttling_limit":600,
       "ip_whitelist":{"v4":["192.0.2.1","192.0.2.2"],"v6":[]},
       "expiration_date":"2030-01-01T00:00:00.000+01:00","enforce_private_scan":false,
       "licenseLimitsTimeInterval":"monthly","mdc_license_type":"Professional",
       "max_upload_file_size":1,"max_archive_file_size":2,"max_archive_file_number":3,
       "max_archive_file_depth":4,"max_custom_workflows":5,"qos_scan":"q","sandbox_qos_scan":"s",
       "safe_redirect_options":{}}})";

}  // namespace

TEST_CASE("a free key says what it has and leaves the rest absent") {
  const KeyInfo info = Info(kFreeKey);
  const Entitlement& grant = info.entitlement;
  CHECK(grant.quota_limits ==
        ApiValues{{"feed", 1000}, {"prevention", 40}, {"reputation", 4000}, {"sandbox", 1}});
  CHECK(grant.dropped_families == 0);
  CHECK(grant.throttle_limit == std::nullopt);
  CHECK(grant.expiration.kind == Expiration::Kind::kNever);
  CHECK(grant.license_type.empty());
  CHECK(grant.time_interval == "daily");
  CHECK(grant.qos_scan == "normal");
  CHECK(grant.sandbox_qos_scan.empty());
  CHECK(grant.private_scan_enforced == std::nullopt);
  CHECK(grant.max_upload_file_size_bytes == 140.0 * 1048576);
  CHECK(grant.max_archive_file_size_bytes == 140.0 * 1048576);
  CHECK(grant.max_archive_files == 50.0);
  CHECK(grant.max_archive_depth == std::nullopt);
  CHECK(grant.max_custom_workflows == std::nullopt);
  REQUIRE(info.created);
  CHECK(info.created->time_since_epoch() == std::chrono::milliseconds(1550740356275));
  CHECK(info.updated == info.created);
  CHECK(info.scan_with.empty());
  CHECK(info.nickname.empty());
  CHECK(info.paid == false);
  CHECK(info.enterprise == std::nullopt);
  CHECK(info.mtls_only == std::nullopt);
  CHECK(info.large_files == false);
  CHECK(info.safe_redirect == std::nullopt);
  CHECK(info.max_file_download == std::nullopt);
  CHECK(info.vulnerability_submissions == 0.0);
  CHECK_FALSE(info.organization);
}

TEST_CASE("every documented field of a key is read") {
  const KeyInfo info = Info(kOrganizationKey);
  const Entitlement& grant = info.entitlement;
  CHECK(grant.quota_limits == ApiValues{{"feed", 0},
                                        {"prevention", 10000},
                                        {"reputation", 40000},
                                        {"sandbox", 100},
                                        {"threat_intel_search", 25}});
  CHECK(grant.throttle_limit == 500.0);
  CHECK(grant.expiration.kind == Expiration::Kind::kAt);
  CHECK(grant.expiration.at.time_since_epoch() == std::chrono::seconds(1935817689));
  CHECK(grant.license_type == "Enterprise");
  CHECK(grant.time_interval == "monthly");
  CHECK(grant.qos_scan == "fast");
  CHECK(grant.sandbox_qos_scan == "slow");
  CHECK(grant.private_scan_enforced == true);
  CHECK(grant.max_upload_file_size_bytes == 1024.0 * 1048576);
  CHECK(grant.max_archive_file_size_bytes == 2048.0 * 1048576);
  CHECK(grant.max_archive_files == 500.0);
  CHECK(grant.max_archive_depth == 5.0);
  CHECK(grant.max_custom_workflows == 3.0);
  CHECK(info.created->time_since_epoch() == std::chrono::seconds(1577836800));
  CHECK_FALSE(info.updated);
  CHECK(info.scan_with == "mdaas");
  CHECK(info.paid == true);
  CHECK(info.enterprise == true);
  CHECK(info.mtls_only == false);
  CHECK(info.large_files == true);
  CHECK(info.safe_redirect == true);
  CHECK(info.max_file_download == 100.0);
  CHECK(info.vulnerability_submissions == 2.0);
}

TEST_CASE("every documented field of an organisation is read") {
  const KeyInfo info = Info(kOrganizationKey);
  REQUIRE(info.organization);
  const Entitlement& grant = info.organization->entitlement;
  CHECK(info.organization->organization_id == "org-7");
  CHECK(info.organization->ip_whitelist_v4_entries == 2.0);
  CHECK(info.organization->ip_whitelist_v6_entries == 0.0);
  CHECK(grant.quota_limits == ApiValues{{"feed", 5},
                                        {"prevention", 100000},
                                        {"reputation", 2},
                                        {"sandbox", 4},
                                        {"threat_intel_search", 3}});
  CHECK(grant.throttle_limit == 600.0);
  CHECK(grant.expiration.kind == Expiration::Kind::kAt);
  CHECK(grant.expiration.at.time_since_epoch() == std::chrono::seconds(1893452400));
  CHECK(grant.license_type == "Professional");
  CHECK(grant.time_interval == "monthly");
  CHECK(grant.qos_scan == "q");
  CHECK(grant.sandbox_qos_scan == "s");
  CHECK(grant.private_scan_enforced == false);
  CHECK(grant.max_upload_file_size_bytes == 1048576.0);
  CHECK(grant.max_archive_file_size_bytes == 2097152.0);
  CHECK(grant.max_archive_files == 3.0);
  CHECK(grant.max_archive_depth == 4.0);
  CHECK(grant.max_custom_workflows == 5.0);
}

TEST_CASE("an organisation is there only when it is an object") {
  for (const char* value :
       {"null", "\"acme\"", "1", "[]", "[{\"organization_id\":\"x\"}]", "true"}) {
    CAPTURE(value);
    CHECK_FALSE(Info("{\"organization\":" + std::string(value) + "}").organization);
  }
  const KeyInfo empty = Info(R"({"organization":{}})");
  REQUIRE(empty.organization);
  CHECK(empty.organization->organization_id.empty());
  CHECK(empty.organization->entitlement.quota_limits.empty());
  CHECK_FALSE(empty.organization->ip_whitelist_v4_entries);
  for (const char* value : {"null", "[]", "\"x\"", "{\"v4\":\"192.0.2.1\",\"v6\":null}"}) {
    CAPTURE(value);
    const KeyInfo odd = Info("{\"organization\":{\"ip_whitelist\":" + std::string(value) + "}}");
    CHECK_FALSE(odd.organization->ip_whitelist_v4_entries);
    CHECK_FALSE(odd.organization->ip_whitelist_v6_entries);
  }
}

TEST_CASE("numbers of a wrong type are absent, field by field") {
  const std::vector<Field<std::optional<double>>> fields = {
      {"throttling_limit", [](const KeyInfo& i) { return i.entitlement.throttle_limit; }},
      {"max_upload_file_size",
       [](const KeyInfo& i) { return i.entitlement.max_upload_file_size_bytes; }},
      {"max_archive_file_size",
       [](const KeyInfo& i) { return i.entitlement.max_archive_file_size_bytes; }},
      {"max_archive_file_number", [](const KeyInfo& i) { return i.entitlement.max_archive_files; }},
      {"max_archive_file_depth", [](const KeyInfo& i) { return i.entitlement.max_archive_depth; }},
      {"max_custom_workflows", [](const KeyInfo& i) { return i.entitlement.max_custom_workflows; }},
      {"max_file_download", [](const KeyInfo& i) { return i.max_file_download; }},
      {"vulnerability_submissions", [](const KeyInfo& i) { return i.vulnerability_submissions; }},
  };
  for (const auto& field : fields) {
    for (const char* value : {"null", "true", "{}", "\"\"", "\"many\"", "\"1 \"", "\"0x1\"",
                              "9007199254740993000", "\"inf\"", "1e300"}) {
      CAPTURE(field.name);
      CAPTURE(value);
      const KeyInfo info = Info("{\"" + field.name + "\":" + value + ",\"qos_scan\":\"normal\"}");
      CHECK(field.get(info) == std::nullopt);
      CHECK(info.entitlement.qos_scan == "normal");
    }
    CHECK(field.get(Info("{\"" + field.name + "\":\"0\"}")) == 0.0);
    CHECK(field.get(Info("{\"" + field.name + "\":0}")) == 0.0);
  }
  CHECK(Info(R"({"vulnerability_submissions":"7"})").vulnerability_submissions == 7.0);
}

TEST_CASE("a size that cannot be one is absent") {
  for (const char* value : {"-1", "\"-1\"", "9007199254740992"}) {
    CAPTURE(value);
    const KeyInfo info = Info("{\"max_upload_file_size\":" + std::string(value) + "}");
    CHECK_FALSE(info.entitlement.max_upload_file_size_bytes);
  }
}

TEST_CASE("switches are read from any type that means yes or no, field by field") {
  const std::vector<Field<std::optional<bool>>> fields = {
      {"paid_user", [](const KeyInfo& i) { return i.paid; }},
      {"is_enterprise", [](const KeyInfo& i) { return i.enterprise; }},
      {"mtls_only", [](const KeyInfo& i) { return i.mtls_only; }},
      {"workflow_rule", [](const KeyInfo& i) { return i.large_files; }},
      {"enforce_private_scan",
       [](const KeyInfo& i) { return i.entitlement.private_scan_enforced; }},
  };
  for (const auto& field : fields) {
    CAPTURE(field.name);
    for (const char* value : {"1", "\"1\"", "true", "\"true\""}) {
      CHECK(field.get(Info("{\"" + field.name + "\":" + value + "}")) == true);
    }
    for (const char* value : {"0", "\"0\"", "false", "\"false\""}) {
      CHECK(field.get(Info("{\"" + field.name + "\":" + value + "}")) == false);
    }
    for (const char* value : {"null", "2", "\"\"", "\"yes\"", "[]", "{}", "-1"}) {
      CHECK(field.get(Info("{\"" + field.name + "\":" + value + "}")) == std::nullopt);
    }
  }
}

TEST_CASE("texts of a wrong type are absent, field by field") {
  const std::vector<Field<std::string>> fields = {
      {"mdc_license_type", [](const KeyInfo& i) { return i.entitlement.license_type; }},
      {"time_interval", [](const KeyInfo& i) { return i.entitlement.time_interval; }},
      {"qos_scan", [](const KeyInfo& i) { return i.entitlement.qos_scan; }},
      {"sandbox_qos_scan", [](const KeyInfo& i) { return i.entitlement.sandbox_qos_scan; }},
      {"scan_with", [](const KeyInfo& i) { return i.scan_with; }},
      {"nickname", [](const KeyInfo& i) { return i.nickname; }},
  };
  for (const auto& field : fields) {
    CAPTURE(field.name);
    for (const char* value : {"null", "1", "true", "[]", "[\"x\"]", "{}", "\"\"", "\"\\u0000\""}) {
      CAPTURE(value);
      CHECK(field.get(Info("{\"" + field.name + "\":" + value + "}", true)).empty());
    }
    CHECK(field.get(Info("{\"" + field.name + "\":\"a\\nb\\ud83d\\ude00\"}", true)) ==
          "ab\xF0\x9F\x98\x80");
    CHECK(field.get(Info("{\"" + field.name + "\":\"a\\udc00b\"}", true)) == "ab");
    CHECK(field.get(Info("{\"" + field.name + "\":\"" + std::string(1 << 20, 'x') + "\"}", true)) ==
          std::string(128, 'x'));
    CHECK(field.get(Info("{\"" + field.name + "\":\"x" + std::string(kSecret) + "\"}", true)) ==
          "redacted");
  }
}

TEST_CASE("dates that are none are absent") {
  for (const char* value : {"null", "0", "1550740356", "\"\"", "\"never\"", "\"2019-02-30\"", "[]",
                            "true", "\"99999-01-01T00:00:00Z\""}) {
    CAPTURE(value);
    std::string body = R"({"expiration_date":@,"created_at":@,"updated_at":@,
                           "organization":{"expiration_date":@}})";
    for (std::size_t at = body.find('@'); at != std::string::npos; at = body.find('@')) {
      body.replace(at, 1, value);
    }
    const KeyInfo info = Info(body);
    CHECK(info.entitlement.expiration.kind == Expiration::Kind::kUnknown);
    CHECK(info.organization->entitlement.expiration.kind == Expiration::Kind::kUnknown);
    CHECK_FALSE(info.created);
    CHECK_FALSE(info.updated);
  }
  CHECK_FALSE(Info(R"({"created_at":"1970-01-01T00:00:00.000Z"})").created);
}

TEST_CASE("safe redirects are known when the answer carries them") {
  CHECK(Info(R"({"safe_redirect_options":{}})").safe_redirect == true);
  CHECK(Info(R"({"safe_redirect_options":[]})").safe_redirect == true);
  CHECK(Info(R"({"safe_redirect_options":null})").safe_redirect == std::nullopt);
}

TEST_CASE("the nickname is read only when it is switched on") {
  CHECK(Info(kFreeKey, false).nickname.empty());
  CHECK(Info(kFreeKey, true).nickname == "brave-otter");
}

TEST_CASE("what identifies the account never becomes a label") {
  const KeyInfo info = Info(R"({"portal_api_key":"PortalKey99","ref_token":"reftoken1",
      "userid":"user0001","sso_user_id":"sso00001","mdc_license_type":"a-portalkey99",
      "qos_scan":"REFTOKEN1","sandbox_qos_scan":"user\u00000001","scan_with":"sso\u200b00001",
      "time_interval":"0123456789ABCDEF\u00070123456789abcdef",
      "organization":{"organization_id":"PORTALKEY99","qos_scan":"xuser0001x",
                      "mdc_license_type":"fine"}})");
  CHECK(info.entitlement.license_type == "redacted");
  CHECK(info.entitlement.qos_scan == "redacted");
  CHECK(info.entitlement.sandbox_qos_scan == "redacted");
  CHECK(info.scan_with == "redacted");
  CHECK(info.entitlement.time_interval == "redacted");
  CHECK(info.organization->organization_id == "redacted");
  CHECK(info.organization->entitlement.qos_scan == "redacted");
  CHECK(info.organization->entitlement.license_type == "fine");
}

TEST_CASE("short identifiers do not redact ordinary words") {
  const KeyInfo info =
      Info(R"({"userid":"norm","ref_token":"normal","sso_user_id":"a","qos_scan":"normal"})");
  CHECK(info.entitlement.qos_scan == "normal");
}

TEST_CASE("a queried key in a member's name does not become a family") {
  const KeyInfo info = Info(R"({"portal_api_key":"portal_key_9","limit_portal_key_9":5,
      "limit_feed":1,"organization":{"limit_xportal_key_9":5}})");
  CHECK(info.entitlement.quota_limits == ApiValues{{"feed", 1}});
  CHECK(info.entitlement.dropped_families == 1);
  CHECK(info.organization->entitlement.quota_limits.empty());
  CHECK(info.organization->entitlement.dropped_families == 1);
}

TEST_CASE("info answers that are not the documented one fail with their reason") {
  CHECK(Failure("{}") == Reason::kSchema);
  CHECK(Failure("[]") == Reason::kSchema);
  CHECK(Failure("\"text\"") == Reason::kSchema);
  CHECK(Failure(R"({"message":"hello"})") == Reason::kSchema);
  CHECK(Failure(R"({"success":true,"error":null,"data":{"limit_feed":1}})") == Reason::kSchema);
  CHECK(Failure("") == Reason::kDecode);
  CHECK(Failure("<html>") == Reason::kDecode);
  CHECK(Failure(kFreeKey.substr(0, kFreeKey.size() / 2)) == Reason::kDecode);
  CHECK(Failure(R"({"limit_feed":1,"error":{"code":429001}})") == Reason::kThrottled);
}

TEST_CASE("any single documented member makes an info answer") {
  for (const char* name : {"max_file_download",
                           "max_upload_file_size",
                           "max_archive_file_depth",
                           "max_archive_file_size",
                           "max_archive_file_number",
                           "max_custom_workflows",
                           "limit_prevention",
                           "limit_reputation",
                           "limit_threat_intel_search",
                           "limit_sandbox",
                           "limit_feed",
                           "mdc_license_type",
                           "qos_scan",
                           "userid",
                           "sandbox_qos_scan",
                           "time_interval",
                           "expiration_date",
                           "workflow_rule",
                           "enforce_private_scan",
                           "is_enterprise",
                           "throttling_limit",
                           "mtls_only",
                           "portal_api_key",
                           "nickname",
                           "vulnerability_submissions",
                           "created_at",
                           "updated_at",
                           "scan_with",
                           "ref_token",
                           "paid_user",
                           "safe_redirect_options",
                           "organization"}) {
    CAPTURE(name);
    CHECK(Failure("{\"" + std::string(name) + "\":null}") == std::nullopt);
  }
}

TEST_CASE("every beginning of a real answer and every changed byte is survived") {
  for (std::size_t length = 0; length < kOrganizationKey.size(); ++length) {
    CHECK(Failure(kOrganizationKey.substr(0, length)) == Reason::kDecode);
  }
  for (std::size_t i = 0; i < kOrganizationKey.size(); ++i) {
    for (const char c : {'\0', '"', '{', ']', '9', '\\', '\xFF'}) {
      std::string body(kOrganizationKey);
      body[i] = c;
      static_cast<void>(Failure(body));
    }
  }
}

// The body of GET /apikey/.

#include "scrape/api/decode.h"
#include "tests/fuzz/answers.h"
#include "tests/fuzz/property.h"

namespace {

void CheckSize(std::optional<double> size) {
  fuzz::CheckNumber(size);
  fuzz::Expect(!size || *size >= 0, "a size is not negative");
}

void CheckEntitlement(const scrape::Entitlement& entitlement) {
  fuzz::CheckValues(entitlement.quota_limits);
  fuzz::CheckNumber(entitlement.throttle_limit);
  fuzz::Expect((entitlement.expiration.kind == scrape::Expiration::Kind::kAt) ==
                   (entitlement.expiration.at > scrape::SystemTime{}),
               "a licence ends after the epoch or not at all");
  for (const std::string& text : {entitlement.license_type, entitlement.time_interval,
                                  entitlement.qos_scan, entitlement.sandbox_qos_scan}) {
    fuzz::CheckLabel(text);
  }
  CheckSize(entitlement.max_upload_file_size_bytes);
  CheckSize(entitlement.max_archive_file_size_bytes);
  fuzz::CheckNumber(entitlement.max_archive_files);
  fuzz::CheckNumber(entitlement.max_archive_depth);
  fuzz::CheckNumber(entitlement.max_custom_workflows);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const scrape::HttpAnswer answer = fuzz::AnswerOf(fuzz::TextOf(data, size));
  const auto info = DecodeInfo(answer, {.secret = fuzz::kSecret, .nickname = true});
  if (!info) {
    fuzz::CheckError(answer, info.error());
    return 0;
  }
  CheckEntitlement(info->entitlement);
  fuzz::CheckLabel(info->scan_with);
  fuzz::CheckLabel(info->nickname);
  fuzz::Expect(!info->created || *info->created > scrape::SystemTime{}, "created after the epoch");
  fuzz::Expect(!info->updated || *info->updated > scrape::SystemTime{}, "updated after the epoch");
  fuzz::CheckNumber(info->max_file_download);
  fuzz::CheckNumber(info->vulnerability_submissions);
  if (info->organization) {
    CheckEntitlement(info->organization->entitlement);
    fuzz::CheckLabel(info->organization->organization_id);
    CheckSize(info->organization->ip_whitelist_v4_entries);
    CheckSize(info->organization->ip_whitelist_v6_entries);
  }
  return 0;
}

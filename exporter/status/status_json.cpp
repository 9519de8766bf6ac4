#include "exporter/status/status_json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "exporter/metrics/values.h"

namespace exporter {
namespace {

using scrape::SystemTime;
using std::chrono::milliseconds;

class JsonWriter {
 public:
  explicit JsonWriter(SystemTime now) : now_(now) {}

  void Begin() { out_.StartObject(); }
  void End() { out_.EndObject(); }
  void BeginObject(std::string_view name) {
    Name(name);
    out_.StartObject();
  }
  void BeginList(std::string_view name) {
    Name(name);
    out_.StartArray();
  }
  void EndList() { out_.EndArray(); }

  void Text(std::string_view name, std::string_view value) {
    Name(name);
    Item(value);
  }
  void TextOrNull(std::string_view name, std::string_view value) {
    if (value.empty()) return Null(name);
    Text(name, value);
  }
  void Item(std::string_view value) {
    out_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void Null(std::string_view name) {
    Name(name);
    out_.Null();
  }
  void Bool(std::string_view name, std::optional<bool> value) {
    if (!value) return Null(name);
    Name(name);
    out_.Bool(*value);
  }
  // Whole numbers without a fraction.
  void Number(std::string_view name, std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return Null(name);
    Name(name);
    constexpr double kExact = 9007199254740992.0;
    if (std::trunc(*value) == *value && std::abs(*value) <= kExact) {
      out_.Int64(static_cast<std::int64_t>(*value));
    } else {
      out_.Double(*value);
    }
  }
  void Seconds(std::string_view name, std::optional<milliseconds> value) {
    Number(name,
           value ? std::optional(std::chrono::duration<double>(*value).count()) : std::nullopt);
  }
  // The moment, and how far away it is; negative: it has passed.
  void Moment(std::string_view name, std::string_view in_name, std::optional<SystemTime> time) {
    Number(name, time ? std::optional(ToSeconds(*time)) : std::nullopt);
    Seconds(in_name, time ? std::optional(*time - now_) : std::nullopt);
  }

  [[nodiscard]] std::string Take() { return {text_.GetString(), text_.GetSize()}; }

 private:
  void Name(std::string_view name) {
    out_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }

  const SystemTime now_;
  rapidjson::StringBuffer text_;
  rapidjson::Writer<rapidjson::StringBuffer> out_{text_};
};

void PutProblem(JsonWriter& out, const KeyProblem& problem) {
  out.Begin();
  out.Text("state", NameOf(problem.trouble));
  out.Text("severity", NameOf(problem.severity));
  out.Text("reason", problem.what);
  out.TextOrNull("advice", problem.advice);
  out.TextOrNull("api", problem.api);
  out.BeginList("collectors");
  for (const scrape::Collector collector : scrape::kCollectors) {
    if (problem.collectors[IndexOf(collector)]) out.Item(NameOf(collector));
  }
  out.EndList();
  out.End();
}

void PutQuota(JsonWriter& out, const ApiStatus& quota) {
  out.Begin();
  out.Text("api", quota.api);
  out.Text("severity", NameOf(quota.severity));
  out.Bool("entitled", quota.entitled);
  out.Number("used", quota.used);
  out.Number("limit", quota.limit);
  out.Number("remaining", quota.remaining);
  out.Number("used_ratio", quota.share);
  out.Moment("reset_timestamp_seconds", "resets_in_seconds", quota.resets_at);
  out.Seconds("reset_uncertainty_seconds",
              quota.resets_at ? std::optional(quota.reset_uncertainty) : std::nullopt);
  out.Number("used_per_hour", quota.used_per_hour);
  out.Moment("runs_out_timestamp_seconds", "runs_out_in_seconds", quota.runs_out_at);
  out.Bool("lasts_until_reset", quota.runs_out_at ? std::optional(quota.lasts) : std::nullopt);
  out.End();
}

void PutCollector(JsonWriter& out, const CollectorStatus& collector) {
  const scrape::CollectorState& state = *collector.state;
  out.Begin();
  out.Text("collector", NameOf(collector.collector));
  const bool known = state.attempted || state.paused;
  out.Bool("success", known ? std::optional(!state.failure && !state.paused) : std::nullopt);
  out.TextOrNull("error", collector.error);
  out.Number("last_success_timestamp_seconds",
             state.last_success ? std::optional(ToSeconds(*state.last_success)) : std::nullopt);
  out.Seconds("age_seconds", collector.age);
  out.Number("interval_seconds",
             state.interval.count() > 0 ? std::optional(state.interval.count()) : std::nullopt);
  out.Moment("next_attempt_timestamp_seconds", "next_attempt_in_seconds", state.next_attempt);
  out.End();
}

void PutExpiry(JsonWriter& out, const ExpiryStatus& expiry) {
  using Kind = scrape::Expiration::Kind;
  const bool at = expiry.kind == Kind::kAt;
  out.Bool("expires", expiry.kind == Kind::kUnknown ? std::nullopt : std::optional(at));
  out.Moment("expiration_timestamp_seconds", "expires_in_seconds",
             at ? std::optional(expiry.at) : std::nullopt);
  out.TextOrNull("expiration_of", !at ? "" : expiry.of_organization ? "organization" : "key");
}

void PutKey(JsonWriter& out, const KeyStatus& key) {
  out.Begin();
  out.Text("key", key.Name());
  out.BeginObject("labels");
  for (const auto& [name, value] : key.state->key->labels) out.Text(name, value);
  out.End();
  out.Text("host", key.host);
  out.Text("severity", NameOf(key.severity));
  if (key.problems.empty()) {
    out.Text("state", "ok");
    out.Null("reason");
    out.Null("advice");
  } else {
    out.Text("state", NameOf(key.problems[0].trouble));
    out.Text("reason", key.problems[0].what);
    out.TextOrNull("advice", key.problems[0].advice);
  }
  out.BeginList("problems");
  for (const KeyProblem& problem : key.problems) PutProblem(out, problem);
  out.EndList();
  out.Bool("valid", key.state->valid);
  const bool member = key.info != nullptr && key.info->organization != nullptr;
  out.TextOrNull("license_type", key.info != nullptr ? key.info->entitlement.license_type : "");
  out.TextOrNull("organization_id", member ? key.info->organization->organization_id : "");
  PutExpiry(out, key.expiry);
  out.Number("throttle_limit", key.throttle_limit);
  out.Number("throttle_remaining", key.throttle_remaining);
  out.BeginList("quotas");
  for (const ApiStatus& quota : key.apis) PutQuota(out, quota);
  out.EndList();
  out.BeginList("collectors");
  for (const CollectorStatus& collector : key.collectors) PutCollector(out, collector);
  out.EndList();
  out.End();
}

}  // namespace

std::string StatusJson(const Status& status) {
  JsonWriter out(status.facts.now);
  out.Begin();
  out.Number("timestamp_seconds", ToSeconds(status.facts.now));
  out.BeginObject("exporter");
  out.Text("version", status.facts.version);
  out.Seconds("uptime_seconds", status.facts.uptime);
  out.Bool("config_last_reload_successful", status.facts.config_reloaded);
  out.Bool("first_round_attempted", status.snapshot->first_round_attempted);
  out.End();
  out.BeginObject("summary");
  out.Number("keys", static_cast<double>(status.keys.size()));
  for (const Severity severity :
       {Severity::kCritical, Severity::kWarning, Severity::kUnknown, Severity::kOk}) {
    out.Number(NameOf(severity), static_cast<double>(status.Count(severity)));
  }
  out.End();
  out.BeginList("hosts");
  for (const scrape::HostState& host : status.snapshot->hosts) {
    out.Begin();
    out.Text("host", host.name);
    out.Bool("paused", host.paused);
    out.Number("keys_waiting", static_cast<double>(host.keys_waiting));
    out.End();
  }
  out.EndList();
  out.BeginList("keys");
  for (const KeyStatus& key : status.keys) PutKey(out, key);
  out.EndList();
  out.End();
  return out.Take() + '\n';
}

}  // namespace exporter

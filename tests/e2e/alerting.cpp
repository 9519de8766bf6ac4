#include "tests/e2e/alerting.h"

#include <rapidjson/document.h>

#include "tests/e2e/fetch.h"
#include "tests/e2e/scaled.h"
#include "tests/read_text.h"

namespace test {
namespace {

std::string Source(const std::string& name) {
  return ReadText(std::string(MDCLOUD_SOURCE_DIR) + "/" + name);
}

std::map<std::string, std::string> Labels(const rapidjson::Value& object) {
  std::map<std::string, std::string> labels;
  for (const auto& member : object.GetObject()) {
    labels.emplace(member.name.GetString(), member.value.GetString());
  }
  return labels;
}

// The example ends with receivers that send nowhere: each sends to its own path of the sink.
std::string ReceiversTo(const std::string& url, std::string config) {
  const std::string start = "  - name: ";
  for (std::size_t at = config.find("\nreceivers:"); (at = config.find(start, at)) != config.npos;
       ++at) {
    const std::size_t end = config.find('\n', at);
    const std::string name = config.substr(at + start.size(), end - at - start.size());
    config.insert(end, "\n    webhook_configs: [{url: '" + url + name + "'}]");
  }
  return config;
}

}  // namespace

Alerting::Alerting(const std::string& port, const std::string& second_port,
                   const std::string& own_rules) {
  const std::string config =
      dir_.Write("alertmanager.yml",
                 ReceiversTo(sink_.Url(), SixtyTimesFaster(Source("examples/alertmanager.yml"))));
  alertmanager_ = std::make_unique<LoopbackDaemon>([&](std::uint16_t listen_port) {
    return std::vector<std::string>{"prometheus-alertmanager", "--config.file=" + config,
                                    "--storage.path=" + dir_.path() + "/alertmanager",
                                    "--web.listen-address=127.0.0.1:" + std::to_string(listen_port),
                                    "--cluster.listen-address="};
  });
  const std::string rules =
      dir_.Write("rules.yml", SixtyTimesFaster(Source("tests/rules/with-teams.yaml")));
  const std::string own = dir_.Write("own.yml", own_rules);
  const std::string more =
      "  - job_name: second\n    static_configs: [{targets: ['127.0.0.1:" + second_port +
      "']}]\nrule_files: ['" + rules + "', '" + own +
      "']\nalerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:" +
      std::to_string(alertmanager_->Port()) + "']}]}]}\n";
  // Samples count for five minutes otherwise, and an alert is told again every minute.
  prometheus_ = std::make_unique<Prometheus>(
      port, "1s", more,
      std::vector<std::string>{"--query.lookback-delta=5s", "--rules.alert.resend-delay=1s"});
}

std::string Alerting::Problem() const {
  return prometheus_->port().empty() ? prometheus_->Log() : std::string();
}

std::set<std::string> Alerting::Firing() const {
  return TitlesOf("ALERTS%7Balertstate=\"firing\"%7D");
}

std::set<std::string> Alerting::Fired() const {
  return TitlesOf("count_over_time(ALERTS%7Balertstate=\"firing\"%7D%5B30m%5D)");
}

std::set<std::string> Alerting::TitlesOf(const std::string& expression) const {
  rapidjson::Document document;
  document.Parse(prometheus_->Query(expression).c_str());
  std::set<std::string> titles;
  if (!document.IsObject() || !document.HasMember("data")) return titles;
  for (const rapidjson::Value& sample : document["data"]["result"].GetArray()) {
    titles.insert(TitleOf(Labels(sample["metric"])));
  }
  return titles;
}

std::set<std::string> Alerting::Inhibited() const {
  rapidjson::Document document;
  const std::string url = "http://127.0.0.1:" + std::to_string(alertmanager_->Port());
  document.Parse(Fetch(url + "/api/v2/alerts").body.c_str());
  std::set<std::string> titles;
  if (!document.IsArray()) return titles;
  for (const rapidjson::Value& alert : document.GetArray()) {
    if (!alert["status"]["inhibitedBy"].Empty()) titles.insert(TitleOf(Labels(alert["labels"])));
  }
  return titles;
}

std::set<std::string> Alerting::Notified(const std::string& status) const {
  std::set<std::string> titles;
  for (const Notification& one : sink_.Notifications()) {
    if (one.status == status) titles.insert(one.receiver + ": " + TitleOf(one.labels));
  }
  return titles;
}

std::string TitleOf(const std::map<std::string, std::string>& labels) {
  std::string title = labels.at("alertname");
  for (const char* name : {"key", "api", "collector", "host"}) {
    if (const auto found = labels.find(name); found != labels.end()) title += " " + found->second;
  }
  return title;
}

}  // namespace test

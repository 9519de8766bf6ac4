#pragma once
// Debian's Prometheus and Alertmanager with the rules of the chart and examples/alertmanager.yml,
// sixty times faster than users have them, for one test. One thread.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/alert_sink.h"
#include "tests/e2e/loopback_daemon.h"
#include "tests/e2e/prometheus.h"
#include "tests/temp_dir.h"

namespace test {

class Alerting {
 public:
  // Ports of two exporters, which are the jobs "mdcloud" and "second". `own_rules`: a rule file of
  // the user's, as fast as the rest.
  Alerting(const std::string& port, const std::string& second_port, const std::string& own_rules);

  // Empty when both came up.
  [[nodiscard]] std::string Problem() const;
  // Titles (see below) of the alerts that fire, or have fired at any time.
  [[nodiscard]] std::set<std::string> Firing() const;
  [[nodiscard]] std::set<std::string> Fired() const;
  // Titles of the alerts that Alertmanager knows and keeps to itself.
  [[nodiscard]] std::set<std::string> Inhibited() const;
  // "receiver: title" of the alerts that were notified with this status.
  [[nodiscard]] std::set<std::string> Notified(const std::string& status) const;
  [[nodiscard]] std::vector<Notification> Notifications() const { return sink_.Notifications(); }

 private:
  [[nodiscard]] std::set<std::string> TitlesOf(const std::string& expression) const;

  TempDir dir_;
  AlertSink sink_;
  std::unique_ptr<LoopbackDaemon> alertmanager_;
  std::unique_ptr<Prometheus> prometheus_;
};

// What an alert is about: its name and its labels `key`, `api`, `collector` and `host` as far as it
// has them, with a blank between them.
[[nodiscard]] std::string TitleOf(const std::map<std::string, std::string>& labels);

}  // namespace test

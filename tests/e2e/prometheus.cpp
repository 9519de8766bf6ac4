#include "tests/e2e/prometheus.h"

#include "tests/e2e/fetch.h"

namespace test {

Prometheus::Prometheus(const std::string& target_port, const std::string& interval,
                       const std::string& options, const std::vector<std::string>& arguments,
                       const std::string& program) {
  const std::string config = dir_.Write(
      "prometheus.yml", "global: {scrape_interval: " + interval + ", scrape_timeout: " + interval +
                            "}\n"
                            "scrape_configs:\n"
                            "  - job_name: mdcloud\n"
                            "    static_configs: [{targets: ['127.0.0.1:" +
                            target_port + "']}]\n" + options);
  std::vector<std::string> words = {program, "--config.file=" + config,
                                    "--storage.tsdb.path=" + dir_.path() + "/data",
                                    "--web.listen-address=127.0.0.1:0", "--log.level=debug"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<Process>(words);
  // It names the port that the kernel chose in one of two ways, by version.
  port_ = process_->ErrAfter(program == kPrometheus2
                                 ? "msg=\"Listening on\" address=127.0.0.1:"
                                 : "msg=\"Listening on\" component=web address=127.0.0.1:");
}

std::string Prometheus::Complaints() const {
  const std::string log = Log();
  for (const char* complaint :
       {"Error on ingesting", "Append failed", "Scrape commit failed", "Scrape failed"}) {
    if (log.find(complaint) != std::string::npos) return log;
  }
  return {};
}

std::string Prometheus::Query(const std::string& expression) const {
  return Fetch("http://127.0.0.1:" + port_ + "/api/v1/query?query=" + expression).body;
}

bool Prometheus::Is(const std::string& expression, const std::string& value) const {
  return Query(expression).find(",\"" + value + "\"]") != std::string::npos;
}

}  // namespace test

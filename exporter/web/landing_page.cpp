#include "exporter/web/landing_page.h"

#include <fmt/format.h>

namespace exporter {
namespace {

// The telemetry path comes from a flag: any text that begins with a slash.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

constexpr const char* kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>MetaDefender Cloud exporter</title>
</head>
<body>
<h1>MetaDefender Cloud exporter</h1>
<p>Quotas, throttling and expiration of MetaDefender Cloud apikeys for Prometheus. Version {0}.</p>
<ul>
<li><a href="{1}">Metrics</a></li>
<li><a href="/config">Configuration</a></li>
<li><a href="/-/healthy">Health</a></li>
<li><a href="/-/ready">Readiness</a></li>
</ul>
</body>
</html>
)";

}  // namespace

http::Response LandingPage(const std::string& version, const std::string& telemetry_path) {
  http::Response response;
  response.headers = {{"Content-Type", "text/html; charset=utf-8"},
                      {"Content-Security-Policy", "default-src 'none'"}};
  response.body = std::make_shared<const std::string>(
      fmt::format(fmt::runtime(kPage), Escaped(version), Escaped(telemetry_path)));
  return response;
}

}  // namespace exporter

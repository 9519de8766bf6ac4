#pragma once
// How a key reaches the service: proxy, certificates, HTTP version. Immutable once built, shared by
// all keys that have the same, and compared by value: connections are reused within one only.

#include <chrono>
#include <memory>
#include <string>

#include "scrape/moment.h"
#include "scrape/secret.h"

namespace scrape {

enum class HttpVersion { kAuto, k11, k2 };

// What the client shows the service: the content of the files, since they may be replaced at any
// time and the two of them not at once.
struct ClientIdentity {
  std::string certificate;  // PEM, with its chain
  Secret private_key;       // PEM
  SystemTime expires;       // of the certificate

  friend bool operator==(const ClientIdentity& a, const ClientIdentity& b) = default;
};

struct ProxyCredentials {
  Secret user;
  Secret password;

  friend bool operator==(const ProxyCredentials& a, const ProxyCredentials& b) = default;
};

struct Connection {
  HttpVersion http_version = HttpVersion::kAuto;
  std::string proxy_url;                                      // empty: none, or the environment's
  std::shared_ptr<const ProxyCredentials> proxy_credentials;  // null: none
  bool proxy_from_environment = false;
  std::string ca_file;  // where the authorities are from; empty: the system's
  std::shared_ptr<const std::string>
      authorities;          // PEM, also for an https proxy; null: the system's
  std::string server_name;  // instead of the host of the URL; empty: that
  bool insecure_skip_verify = false;
  std::shared_ptr<const ClientIdentity> identity;  // null: none

  // By value, whether shared or not.
  friend bool operator==(const Connection& a, const Connection& b);
};

// What applies where nothing is configured; one for all.
[[nodiscard]] const std::shared_ptr<const Connection>& DefaultConnection();

// Where a request goes whose certificate is to be good for another name than the URL's host.
struct Route {
  std::string url;         // with server_name for its host
  std::string connect_to;  // as libcurl takes it: any host and port -> those of the URL
};
// `url` as configured, normalised: "https://host:port/path", the port where it is not the usual.
[[nodiscard]] Route RouteTo(const std::string& url, const std::string& server_name);

}  // namespace scrape

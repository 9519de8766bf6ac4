#include "exporter/config/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/config/text_wiper.h"
#include "scrape/secret.h"

namespace exporter {
namespace {

constexpr std::size_t kMaxCaFile = 4096UL * 1024;  // ten times all of Debian's certificates
constexpr std::size_t kMaxIdentityFile = 1024UL * 1024;
constexpr std::size_t kMaxCredentialsFile = 4096;
constexpr std::size_t kMaxCredential = 255;  // what SOCKS can carry

using Content = tl::expected<std::string, ConnectionProblem>;

Content ReadFile(std::string_view option, const std::string& path, std::size_t limit,
                 const Surroundings& around) {
  return around.read_file(path, limit).map_error([&](const std::string& why) {
    return ConnectionProblem{option, fmt::format("cannot be read: {}", why)};
  });
}

tl::expected<std::shared_ptr<const std::string>, ConnectionProblem> ReadAuthorities(
    const std::string& path, const Surroundings& around) {
  Content content = ReadFile("ca_file", path, kMaxCaFile, around);
  if (!content) return tl::unexpected(content.error());
  if (content->find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return tl::unexpected(
        ConnectionProblem{"ca_file", "must contain certificates in PEM form; it has none"});
  }
  return std::make_shared<const std::string>(*std::move(content));
}

tl::expected<std::shared_ptr<const scrape::ClientIdentity>, ConnectionProblem> ReadIdentity(
    const ConnectionFiles& files, const Surroundings& around) {
  const Content certificate = ReadFile("cert_file", files.cert_file, kMaxIdentityFile, around);
  if (!certificate) return tl::unexpected(certificate.error());
  Content key = ReadFile("key_file", files.key_file, kMaxIdentityFile, around);
  if (!key) return tl::unexpected(key.error());
  const std::unique_ptr<std::string, TextWiper> wiper(&*key);
  return MakeClientIdentity(*certificate, *key);
}

tl::expected<std::shared_ptr<const scrape::ProxyCredentials>, ConnectionProblem> ReadCredentials(
    const std::string& path, const Surroundings& around) {
  constexpr std::string_view kOption = "proxy_credentials_file";
  Content content = ReadFile(kOption, path, kMaxCredentialsFile, around);
  if (!content) return tl::unexpected(content.error());
  const std::unique_ptr<std::string, TextWiper> wiper(&*content);
  std::string_view line = *content;
  if (line.ends_with('\n')) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view user = line.substr(0, colon);
  const std::string_view password = line.substr(std::min(colon + 1, line.size()));
  const bool one_line = std::ranges::all_of(
      line, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != '\x7F'; });
  if (!one_line || user.empty() || password.empty() || user.size() > kMaxCredential ||
      password.size() > kMaxCredential) {
    return tl::unexpected(ConnectionProblem{
        kOption,
        fmt::format("must contain one line user:password, each of 1 to {} bytes", kMaxCredential)});
  }
  return std::make_shared<const scrape::ProxyCredentials>(
      scrape::ProxyCredentials{scrape::Secret(user), scrape::Secret(password)});
}

}  // namespace

tl::expected<scrape::Connection, ConnectionProblem> ReadConnection(const ConnectionOptions& options,
                                                                   const Surroundings& around) {
  scrape::Connection connection{.http_version = options.http_version,
                                .proxy_url = options.proxy_url,
                                .proxy_credentials = nullptr,
                                .proxy_from_environment = options.proxy_from_environment,
                                .ca_file = options.files.ca_file,
                                .authorities = nullptr,
                                .server_name = options.server_name,
                                .insecure_skip_verify = options.insecure_skip_verify,
                                .identity = nullptr};
  if (!options.files.ca_file.empty()) {
    auto authorities = ReadAuthorities(options.files.ca_file, around);
    if (!authorities) return tl::unexpected(authorities.error());
    connection.authorities = *std::move(authorities);
  }
  if (!options.files.cert_file.empty()) {
    auto identity = ReadIdentity(options.files, around);
    if (!identity) return tl::unexpected(identity.error());
    connection.identity = *std::move(identity);
  }
  if (!options.files.proxy_credentials_file.empty()) {
    auto credentials = ReadCredentials(options.files.proxy_credentials_file, around);
    if (!credentials) return tl::unexpected(credentials.error());
    connection.proxy_credentials = *std::move(credentials);
  }
  return connection;
}

std::shared_ptr<const scrape::Connection> Connections::Get(const ConnectionOptions& options,
                                                           const ConnectionPlaces& places) {
  const auto [found, inserted] = made_.try_emplace(options);
  if (inserted) found->second = Make(options, places);
  return found->second;
}

std::shared_ptr<const scrape::Connection> Connections::Make(const ConnectionOptions& options,
                                                            const ConnectionPlaces& places) {
  auto read = ReadConnection(options, around_);
  const auto told = [this](Position place) {
    return !told_.emplace(place.line, place.column).second;
  };
  if (!read) {
    const ConnectionProblem& problem = read.error();
    const Position place = places.Of(problem.option);
    const auto before = in_force_ == nullptr ? Made::const_iterator() : in_force_->find(options);
    if (in_force_ != nullptr && before != in_force_->end()) {
      if (!told(place)) kept_(place, fmt::format("{} {}", problem.option, problem.message));
      return before->second;
    }
    if (!told(place)) {
      problems_.Add(place, fmt::format("{} {}", problem.option, problem.message));
    }
    return scrape::DefaultConnection();
  }
  if (read->identity != nullptr && read->identity->expires <= std::chrono::system_clock::now() &&
      !told(places.cert_file)) {
    problems_.Warn(places.cert_file, "the certificate in cert_file has expired");
  }
  if (*read == *scrape::DefaultConnection()) return scrape::DefaultConnection();
  return std::make_shared<const scrape::Connection>(*std::move(read));
}

}  // namespace exporter

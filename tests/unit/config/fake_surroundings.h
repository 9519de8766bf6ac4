#pragma once
// Environment, files and directories of the configuration tests. Any thread.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "exporter/config/surroundings.h"

struct FakeSurroundings {
  std::map<std::string, std::string> variables = {
      {"MDCLOUD_EU", "eu-apikey-SENTINEL"}, {"EMPTY", ""}, {"SPACED", "SENTINEL with spaces"}};
  std::map<std::string, std::string> files = {
      {"keys/production", "production-apikey-SENTINEL\n"},
      {"keys/other", "other-apikey-SENTINEL\r\n"},
      {"keys/empty", ""},
      {"keys/two-lines", "SENTINEL\nSENTINEL\n"},
      {"keys/carriage-return", "SENTINEL\r"},
      {"secrets/alpha", "alpha-apikey-SENTINEL"},
      {"secrets/beta", "beta-apikey-SENTINEL"},
      {"bad-files/bad{name}\n", "x"},
      {"bad-files/empty", "\n"},
      {"bad-files/good", "good-apikey-SENTINEL"},
      {"bad-files/spaces", "SENTINEL with spaces"},
      {"clash/production", "clash-apikey-SENTINEL"},
      {"ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"},
  };
  std::map<std::string, std::vector<std::string>> directories = {
      {"secrets", {"alpha", "beta"}},
      {"bad-files", {"bad{name}\n", "empty", "good", "spaces"}},
      {"clash", {"production"}},
      {"empty", {}},
  };

  // Refers to this object.
  [[nodiscard]] exporter::Surroundings Get() const {
    return {[this](const std::string& name) -> std::optional<std::string> {
              const auto found = variables.find(name);
              if (found == variables.end()) return std::nullopt;
              return found->second;
            },
            [this](const std::string& path,
                   std::size_t limit) -> tl::expected<std::string, std::string> {
              if (directories.contains(path)) return tl::unexpected(std::string("Is a directory"));
              const auto found = files.find(path);
              if (found == files.end())
                return tl::unexpected(std::string("No such file or directory"));
              if (found->second.size() > limit) return tl::unexpected(std::string("too large"));
              return found->second;
            },
            [this](const std::string& path) -> tl::expected<std::vector<std::string>, std::string> {
              const auto found = directories.find(path);
              if (found == directories.end()) {
                return tl::unexpected(std::string("No such file or directory"));
              }
              return found->second;
            },
            [this](const std::string& path) {
              return files.contains(path) || directories.contains(path);
            }};
  }
};

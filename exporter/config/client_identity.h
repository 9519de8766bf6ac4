#pragma once
// A client certificate and its private key, looked at before they are used. GnuTLS, any thread.

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "scrape/connection.h"

namespace exporter {

// What is wrong with a file: to be read as "<option> <message>". Without its path and content.
struct ConnectionProblem {
  std::string_view option;  // the name of the one that names the file
  std::string message;
};

// Both in PEM form.
[[nodiscard]] tl::expected<std::shared_ptr<const scrape::ClientIdentity>, ConnectionProblem>
MakeClientIdentity(std::string_view certificate, std::string_view private_key);

}  // namespace exporter

#pragma once
// From configured options to a scrape::Connection: reads the files they name. Called by the thread
// that loads the configuration, and again when a file has changed.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "exporter/config/client_identity.h"
#include "exporter/config/connection_options.h"
#include "exporter/config/problem.h"
#include "exporter/config/surroundings.h"
#include "scrape/connection.h"

namespace exporter {

[[nodiscard]] tl::expected<scrape::Connection, ConnectionProblem> ReadConnection(
    const ConnectionOptions& options, const Surroundings& around);

// The connections of one configuration: equal options share one, so that ten thousand keys read
// their files once, and a problem is told once.
class Connections {
 public:
  using Made = std::map<ConnectionOptions, std::shared_ptr<const scrape::Connection>>;

  // `in_force`: what those of a configuration in force are, which stay when their files cannot be
  // read; null: there is none. `kept` is told of it.
  Connections(const Surroundings& around, ProblemList& problems, const Made* in_force,
              std::function<void(Position, std::string)> kept)
      : around_(around), problems_(problems), in_force_(in_force), kept_(std::move(kept)) {}

  // Never null; the default after a problem.
  std::shared_ptr<const scrape::Connection> Get(const ConnectionOptions& options,
                                                const ConnectionPlaces& places);
  [[nodiscard]] const Made& All() const { return made_; }

 private:
  std::shared_ptr<const scrape::Connection> Make(const ConnectionOptions& options,
                                                 const ConnectionPlaces& places);

  const Surroundings& around_;
  ProblemList& problems_;
  const Made* const in_force_;
  const std::function<void(Position, std::string)> kept_;
  Made made_;
  std::set<std::pair<int, int>> told_;  // places of problems and warnings
};

}  // namespace exporter

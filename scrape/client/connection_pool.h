#pragma once
// Connections and easy handles that are reused, apart for each Connection. What libcurl compares
// before it reuses a connection differs from version to version (the credentials of an HTTP proxy
// came with a security fix), so each Connection has a connection cache of its own: a request cannot
// travel over one that was opened with another client certificate, proxy or authority. Owned and
// used by the scrape thread. Includes libcurl: for scrape/client/*.cpp alone.

#include <curl/curl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "scrape/client/transfer.h"
#include "scrape/connection.h"

namespace scrape {

struct ConnectionPool;

// A transfer and where it belongs. The pool stays while it is out.
struct PooledTransfer {
  std::unique_ptr<Transfer> transfer;
  ConnectionPool* pool = nullptr;
};

class ConnectionPools {
 public:
  // More than `max_pools` are kept only as long as all of them have requests in flight.
  // `user_agent` must outlive this object.
  ConnectionPools(const std::string& user_agent, std::size_t max_pools);
  ~ConnectionPools();
  ConnectionPools(const ConnectionPools&) = delete;
  ConnectionPools& operator=(const ConnectionPools&) = delete;
  ConnectionPools(ConnectionPools&&) = delete;
  ConnectionPools& operator=(ConnectionPools&&) = delete;

  void SetMaxPools(std::size_t max_pools) { max_pools_ = max_pools; }
  [[nodiscard]] PooledTransfer Take(const std::shared_ptr<const Connection>& connection);
  // It must not be in a multi handle any more.
  static void GiveBack(PooledTransfer transfer);

 private:
  ConnectionPool& PoolOf(const std::shared_ptr<const Connection>& connection);
  void MakeRoom();

  const std::string& user_agent_;
  std::size_t max_pools_;
  std::uint64_t takes_ = 0;
  std::vector<std::unique_ptr<ConnectionPool>> pools_;
};

}  // namespace scrape

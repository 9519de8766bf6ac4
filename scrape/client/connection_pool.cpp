#include "scrape/client/connection_pool.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <utility>

namespace scrape {
namespace {

struct ShareDeleter {
  void operator()(CURLSH* share) const { curl_share_cleanup(share); }
};

CURLSH* NewConnectionCache() {
  CURLSH* const share = curl_share_init();
  if (share == nullptr) throw std::bad_alloc();
  if (curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK) {
    curl_share_cleanup(share);
    throw std::runtime_error("libcurl cannot share connections");
  }
  return share;
}

}  // namespace

struct ConnectionPool {
  explicit ConnectionPool(const std::shared_ptr<const Connection>& its_connection)
      : connection(*its_connection), asked_for(its_connection), cache(NewConnectionCache()) {}

  // A copy, since its handles point into it, and equal objects come and go.
  const Connection connection;
  std::weak_ptr<const Connection> asked_for;  // the newest of those; expired: no key has it
  std::unique_ptr<CURLSH, ShareDeleter> cache;
  std::vector<std::unique_ptr<Transfer>> idle;  // destroyed before the cache
  std::size_t in_flight = 0;
  std::uint64_t last_take = 0;
};

ConnectionPools::ConnectionPools(const std::string& user_agent, std::size_t max_pools)
    : user_agent_(user_agent), max_pools_(max_pools) {}

ConnectionPools::~ConnectionPools() = default;

PooledTransfer ConnectionPools::Take(const std::shared_ptr<const Connection>& connection) {
  ConnectionPool& pool = PoolOf(connection);
  pool.last_take = ++takes_;
  PooledTransfer taken;
  if (pool.idle.empty()) {
    taken.transfer = std::make_unique<Transfer>(user_agent_, pool.connection, pool.cache.get());
  } else {
    taken.transfer = std::move(pool.idle.back());
    pool.idle.pop_back();
  }
  taken.pool = &pool;
  ++pool.in_flight;
  return taken;
}

void ConnectionPools::GiveBack(PooledTransfer transfer) {
  --transfer.pool->in_flight;
  transfer.pool->idle.push_back(std::move(transfer.transfer));
}

ConnectionPool& ConnectionPools::PoolOf(const std::shared_ptr<const Connection>& connection) {
  // The same object for nearly every request; an equal one after the configuration was read anew.
  auto found = std::ranges::find_if(
      pools_, [&](const auto& pool) { return pool->asked_for.lock() == connection; });
  if (found == pools_.end()) {
    found = std::ranges::find_if(pools_,
                                 [&](const auto& pool) { return pool->connection == *connection; });
  }
  if (found != pools_.end()) {
    (*found)->asked_for = connection;
    return **found;
  }
  MakeRoom();
  pools_.push_back(std::make_unique<ConnectionPool>(connection));
  return *pools_.back();
}

// Drops what no key has any more, such as a certificate that was replaced, and then the pools that
// were not used for longest.
void ConnectionPools::MakeRoom() {
  std::erase_if(pools_,
                [](const auto& pool) { return pool->in_flight == 0 && pool->asked_for.expired(); });
  while (pools_.size() >= max_pools_) {
    const auto oldest = std::ranges::min_element(pools_, {}, [](const auto& pool) {
      return std::pair(pool->in_flight > 0, pool->last_take);
    });
    if (oldest == pools_.end() || (*oldest)->in_flight > 0) return;
    pools_.erase(oldest);
  }
}

}  // namespace scrape

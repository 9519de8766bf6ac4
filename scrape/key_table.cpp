#include "scrape/key_table.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

namespace scrape {
namespace {

// What is known of a key is of use for another one with the same of these.
using Identity = std::pair<std::string_view, std::string_view>;

Identity IdentityOf(const ApiKey& key) { return {key.name, key.base_url}; }

}  // namespace

KeyTable::KeyTable(const Keys& keys, Schedule& schedule)
    : schedule_(schedule), keys_(keys), by_name_(keys.size()) {
  records_.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    records_.emplace_back(std::in_place, keys[i], schedule, i);
  }
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [&](std::size_t a, std::size_t b) { return keys_[a]->name < keys_[b]->name; });
}

void KeyTable::HoldWindows() {
  holds_windows_ = true;
  for (std::optional<KeyRecord>& record : records_) {
    if (record) record->HoldWindows();
  }
}

std::optional<std::size_t> KeyTable::PlaceOf(std::string_view name) const {
  const auto found = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](std::size_t place, std::string_view sought) { return keys_[place]->name < sought; });
  if (found == by_name_.end() || keys_[*found]->name != name) return std::nullopt;
  return *found;
}

KeyRecord* KeyTable::RecordOf(std::size_t place) {
  std::optional<KeyRecord>& record = records_[place];
  return record ? &*record : nullptr;
}

void KeyTable::Replace(const Keys& keys, const ScheduleCaps& caps, const Cleaner& cleaner,
                       Moment now) {
  const Keys before = keys_;  // what the identities are views of
  std::map<Identity, std::size_t> places;
  for (const std::size_t place : by_name_) places.emplace(IdentityOf(*before[place]), place);
  std::vector<std::shared_ptr<const ApiKey>> new_keys;
  for (const std::shared_ptr<const ApiKey>& key : keys) {
    const auto found = places.find(IdentityOf(*key));
    if (found == places.end()) {
      new_keys.push_back(key);
    } else {
      Change(found->second, key, cleaner, now);
      places.erase(found);
    }
  }
  for (const auto& [identity, place] : places) {
    if (cleaner.leaves) cleaner.leaves(*records_[place], place);
    Vacate(place, cleaner);
    schedule_.Remove(place, now.steady);
    if (!schedule_.Leaving(place)) keys_[place].reset();
  }
  for (const std::shared_ptr<const ApiKey>& key : new_keys) {
    Put(schedule_.Add(*key, now.steady), key);
  }

  Keys here(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (!schedule_.Leaving(i)) here[i] = keys_[i];
  }
  schedule_.Configure(here, caps, now.steady);
  by_name_.clear();
  for (std::size_t i = 0; i < here.size(); ++i) {
    if (here[i] == nullptr) continue;
    by_name_.push_back(i);
    if (records_[i]) {
      records_[i]->Configure(here[i]);
    } else {
      records_[i].emplace(here[i], schedule_, i);
      if (holds_windows_) records_[i]->HoldWindows();
      if (cleaner.comes) cleaner.comes(*records_[i], i);
    }
    records_[i]->FollowSchedule(now);
  }
  std::sort(by_name_.begin(), by_name_.end(),
            [&](std::size_t a, std::size_t b) { return keys_[a]->name < keys_[b]->name; });
}

void KeyTable::Change(std::size_t place, const std::shared_ptr<const ApiKey>& key,
                      const Cleaner& cleaner, Moment now) {
  const ApiKey& old = *keys_[place];
  if (old.secret == key->secret) {
    if (old != *key) schedule_.ConfigurationChanged(place, now.steady);
    keys_[place] = key;
    return;
  }
  KeyRecord record = *std::move(records_[place]);
  Vacate(place, cleaner);
  const std::size_t new_place = schedule_.SecretChanged(place, now.steady);
  if (new_place != place && !schedule_.Leaving(place)) keys_[place].reset();
  Put(new_place, key);
  record.SecretChanged(key, new_place, now);
  records_[new_place].emplace(std::move(record));
}

void KeyTable::Put(std::size_t place, std::shared_ptr<const ApiKey> key) {
  if (place >= keys_.size()) {
    keys_.resize(place + 1);
    records_.resize(place + 1);
  }
  keys_[place] = std::move(key);
}

// What may well be rejected is left to end: whether it was is to be known.
void KeyTable::Vacate(std::size_t place, const Cleaner& cleaner) {
  for (const Collector collector : kCollectors) {
    const Task task{place, collector};
    if (!schedule_.InFlight(task) || schedule_.OnTrial(task)) continue;
    cleaner.give_up(task);
    schedule_.Cancel(task);
  }
  records_[place].reset();
  cleaner.vacated(place);
}

}  // namespace scrape

#pragma once
// Which key is at which place of the schedule, and what is known of it: keeps schedule, keys and
// records in step while keys come, go and change. Owned and used by the scrape thread.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "scrape/api_key.h"
#include "scrape/key_record.h"
#include "scrape/moment.h"
#include "scrape/schedule/schedule.h"

namespace scrape {

class KeyTable {
 public:
  using Keys = Schedule::Keys;

  // `keys` are those that `schedule` was made with; it must outlive this object.
  KeyTable(const Keys& keys, Schedule& schedule);

  // All records hold their windows until they are written, those of later keys too.
  void HoldWindows();

  // How to get rid of what a key leaves behind.
  struct Cleaner {
    std::function<void(Task)> give_up;         // a request in flight
    std::function<void(std::size_t)> vacated;  // the key at this place is gone, or another one
    // Where something outlives a key: it is about to go; a new one has come. May be empty.
    std::function<void(KeyRecord&, std::size_t)> leaves = {};
    std::function<void(KeyRecord&, std::size_t)> comes = {};
  };
  // Takes over other keys. A key of the same name and base URL stays what it is, with all that is
  // known of it; one with another secret keeps what it has counted.
  void Replace(const Keys& keys, const ScheduleCaps& caps, const Cleaner& cleaner, Moment now);

  // By place; null where there is none.
  [[nodiscard]] const Keys& All() const { return keys_; }
  // Absent when no key of that name is here.
  [[nodiscard]] std::optional<std::size_t> PlaceOf(std::string_view name) const;
  // Null when the key is leaving.
  [[nodiscard]] KeyRecord* RecordOf(std::size_t place);
  // The request that a leaving key was waiting for has finished.
  void Release(std::size_t place) { keys_[place].reset(); }
  // The places of the keys that are here, by name.
  [[nodiscard]] const std::vector<std::size_t>& ByName() const { return by_name_; }

 private:
  void Vacate(std::size_t place, const Cleaner& cleaner);
  void Put(std::size_t place, std::shared_ptr<const ApiKey> key);
  void Change(std::size_t place, const std::shared_ptr<const ApiKey>& key, const Cleaner& cleaner,
              Moment now);

  Schedule& schedule_;
  Keys keys_;
  std::vector<std::optional<KeyRecord>> records_;
  std::vector<std::size_t> by_name_;
  bool holds_windows_ = false;
};

}  // namespace scrape

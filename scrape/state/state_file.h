#pragma once
// The file of one shard in the directory of --storage.path, and the lock that keeps a second
// process away from it. Written as a whole beside the old one and put in its place, so that there
// is always one of them, whenever the process or the machine ends. Owned by the state keeper, which
// writes on a thread of its own; one thread at a time.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace scrape {

class StateFile {
 public:
  // Makes the directory if need be. The error is a sentence: another process has the lock, or the
  // directory cannot be used. A full disk is none: then Write fails until there is room.
  [[nodiscard]] static tl::expected<std::unique_ptr<StateFile>, std::string> Open(
      const std::string& directory, int shard);
  ~StateFile();
  StateFile(const StateFile&) = delete;
  StateFile& operator=(const StateFile&) = delete;
  StateFile(StateFile&&) = delete;
  StateFile& operator=(StateFile&&) = delete;

  // Absent when there is none. The error is what the system says, or that it is no file of ours.
  [[nodiscard]] tl::expected<std::optional<std::string>, std::string> Read() const;
  // The file does not hold what it should: it is kept beside its place, for who wants to look at
  // it, until the next one. Empty, or what the system says.
  [[nodiscard]] std::string SetAside() const;
  // Returns when it is on the disk, with mode 0600. Empty, or what the system says.
  [[nodiscard]] std::string Write(std::string_view text);

  [[nodiscard]] const std::string& Path() const { return path_; }
  [[nodiscard]] std::string AsidePath() const { return path_ + ".damaged"; }

 private:
  StateFile(std::string directory, int shard);
  [[nodiscard]] int Lock();  // 0, or errno

  std::string directory_;
  std::string path_;
  std::string lock_path_;
  int lock_ = -1;
};

}  // namespace scrape

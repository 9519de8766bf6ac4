#include "exporter/config/file_watcher.h"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <list>
#include <system_error>
#include <utility>

namespace exporter {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                  IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                  IN_ONLYDIR;
constexpr int kMaxLinks = 40;

// The system's own words for its two limits ("Too many open files", "No space left on device") lead
// astray.
std::string WhyNotWatched(int error_number) {
  if (error_number == EMFILE) return "too many instances: raise fs.inotify.max_user_instances";
  if (error_number == ENOSPC) return "too many watches: raise fs.inotify.max_user_watches";
  return std::generic_category().message(error_number);
}

}  // namespace

FileWatcher::FileWatcher() : descriptor_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (descriptor_ < 0) problem_ = "inotify: " + WhyNotWatched(errno);
}

FileWatcher::~FileWatcher() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool FileWatcher::Watched::Includes(const Watched& other) const {
  return every_name || (!other.every_name && std::ranges::includes(names, other.names));
}

bool FileWatcher::Watch(const std::set<std::string>& files,
                        const std::set<std::string>& directories) {
  if (descriptor_ < 0) return false;
  Directories wanted;
  for (const std::string& file : files) AddWayTo(file, wanted);
  for (const std::string& directory : directories) {
    AddWayTo(directory, wanted);
    wanted[directory].every_name = true;
  }
  problem_.clear();
  std::map<int, std::string> before = std::exchange(directories_, {});
  const std::map<int, Watched> watched_before = std::exchange(watched_, {});
  for (auto& [directory, watched] : wanted) {
    const int watch = inotify_add_watch(descriptor_, directory.c_str(), kEvents);
    if (watch < 0) {
      // What is not there is waited for in the directory above.
      if (errno != ENOENT && errno != ENOTDIR) {
        problem_ = fmt::format("{} cannot be watched: {}", directory, WhyNotWatched(errno));
      }
      continue;
    }
    before.erase(watch);
    directories_[watch] = directory;
    Watched& merged = watched_[watch];  // two names of one directory have one watch
    merged.names.merge(watched.names);
    merged.every_name = merged.every_name || watched.every_name;
  }
  for (const auto& [watch, directory] : before) inotify_rm_watch(descriptor_, watch);
  return std::ranges::any_of(watched_, [&](const auto& entry) {
    const auto found = watched_before.find(entry.first);
    return found == watched_before.end() || !found->second.Includes(entry.second);
  });
}

// Every entry that decides where the path leads: each symbolic link, the last entry, or the first
// one that is not there.
void FileWatcher::AddWayTo(const std::string& path, Directories& directories) {
  std::error_code ignored;
  const fs::path absolute = fs::absolute(path, ignored);
  std::list<fs::path> rest(absolute.begin(), absolute.end());
  fs::path at = "/";
  int links = 0;
  while (!rest.empty()) {
    const fs::path name = rest.front();
    rest.pop_front();
    if (name.empty() || name == "/" || name == ".") continue;
    const fs::path next = at / name;
    struct stat about {};
    const bool there = lstat(next.c_str(), &about) == 0;
    const bool link = there && S_ISLNK(about.st_mode);
    if (!there || link || rest.empty()) directories[at.string()].names.insert(name.string());
    if (!there) return;
    if (!link) {
      at = name == ".." ? at.parent_path() : next;
      continue;
    }
    const fs::path target = fs::read_symlink(next, ignored);
    if (++links > kMaxLinks || ignored) return;
    rest.insert(rest.begin(), target.begin(), target.end());
    if (target.is_absolute()) at = "/";
  }
}

bool FileWatcher::TakeChanges() {
  bool changed = false;
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t size = read(descriptor_, buffer.data(), buffer.size());
    if (size <= 0) return changed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      const auto& event = *reinterpret_cast<const inotify_event*>(buffer.data() + at);
      changed = changed || Matters(event);
      at += sizeof(inotify_event) + event.len;
    }
  }
}

bool FileWatcher::Matters(const inotify_event& event) const {
  if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
  const auto found = watched_.find(event.wd);
  if (found == watched_.end()) return false;
  if ((event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0) return true;
  // Of the directory itself: who may enter it.
  if (event.len == 0) return (event.mask & IN_ATTRIB) != 0;
  const std::string_view name = event.name;
  if (!found->second.every_name && !found->second.names.contains(name)) return false;
  if ((event.mask & IN_CREATE) == 0) return true;
  // A file that is being written is complete when it is closed; a link is, once it is there.
  struct stat about {};
  const fs::path path = fs::path(directories_.at(event.wd)) / name;
  const bool being_written =
      lstat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink == 1;
  return !being_written;
}

}  // namespace exporter

#pragma once
// Tells when files may have changed, by inotify. What is watched are directories: the entries on
// the way to each file, symbolic links included, so that a file that is replaced by another one, a
// link that is turned over (as Kubernetes does it with `..data`), and a file that comes again are
// seen. Owned and used by one thread.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

struct inotify_event;

namespace exporter {

class FileWatcher {
 public:
  FileWatcher();
  ~FileWatcher();
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;
  FileWatcher(FileWatcher&&) = delete;
  FileWatcher& operator=(FileWatcher&&) = delete;

  // From here on these files, and every entry of these directories; they need not exist. Links are
  // followed as they are now: to be called again after every change. True: something is watched
  // that was not, and may have changed unseen since it was read.
  bool Watch(const std::set<std::string>& files, const std::set<std::string>& directories);
  // Readable when TakeChanges has something to look at; -1 where the system has no inotify.
  [[nodiscard]] int Descriptor() const { return descriptor_; }
  // Without waiting. True when something that is watched may have changed since the last call.
  [[nodiscard]] bool TakeChanges();
  // Why changes may go unseen, so that the files have to be looked at now and then; empty: they do
  // not.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  struct Watched {
    [[nodiscard]] bool Includes(const Watched& other) const;
    std::set<std::string, std::less<>> names;
    bool every_name = false;
  };
  using Directories = std::map<std::string, Watched>;

  static void AddWayTo(const std::string& path, Directories& directories);
  [[nodiscard]] bool Matters(const inotify_event& event) const;

  int descriptor_ = -1;
  std::map<int, Watched> watched_;          // by watch descriptor
  std::map<int, std::string> directories_;  // where it is
  std::string problem_;
};

}  // namespace exporter

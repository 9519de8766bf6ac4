#include "exporter/config/surroundings.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "scrape/secret.h"

namespace exporter {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  FileDescriptor(FileDescriptor&&) = delete;
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  [[nodiscard]] int Number() const { return fd_; }

 private:
  int fd_;
};

struct DirectoryCloser {
  void operator()(DIR* directory) const { closedir(directory); }
};

// A buffer on the stack that leaves nothing behind.
struct ReadBuffer {
  ReadBuffer() = default;
  ~ReadBuffer() { scrape::WipeMemory(bytes.data(), bytes.size()); }
  ReadBuffer(const ReadBuffer&) = delete;
  ReadBuffer& operator=(const ReadBuffer&) = delete;
  ReadBuffer(ReadBuffer&&) = delete;
  ReadBuffer& operator=(ReadBuffer&&) = delete;
  std::array<char, 4096> bytes{};
};

tl::unexpected<std::string> Failure(int error_number) {
  return tl::unexpected(std::generic_category().message(error_number));
}

tl::expected<std::string, std::string> ReadFile(const std::string& path, std::size_t limit) {
  // A pipe that nobody writes to must not block the start, hence O_NONBLOCK; one that somebody
  // writes to is read to its end.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about {};
  if (file.Number() < 0 || fstat(file.Number(), &about) != 0) return Failure(errno);
  if (S_ISDIR(about.st_mode)) return Failure(EISDIR);
  if (fcntl(file.Number(), F_SETFL, O_RDONLY) != 0) return Failure(errno);

  std::string content;
  // Growing would leave copies of the beginning in freed memory.
  content.reserve(std::min(limit, static_cast<std::size_t>(std::max<off_t>(about.st_size, 4096))));
  ReadBuffer buffer;
  for (;;) {
    const ssize_t count = read(file.Number(), buffer.bytes.data(), buffer.bytes.size());
    if (count == 0) return content;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 || content.size() + static_cast<std::size_t>(count) > limit) {
      const int error_number = errno;
      scrape::WipeMemory(content.data(), content.size());
      if (count < 0) return Failure(error_number);
      return tl::unexpected(fmt::format("larger than {} KiB", limit / 1024));
    }
    content.append(buffer.bytes.data(), static_cast<std::size_t>(count));
  }
}

tl::expected<std::vector<std::string>, std::string> ListFiles(const std::string& path) {
  const std::unique_ptr<DIR, DirectoryCloser> directory(opendir(path.c_str()));
  if (directory == nullptr) return Failure(errno);
  std::vector<std::string> names;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(directory.get());  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    struct stat about {};
    if (name[0] == '.' || fstatat(dirfd(directory.get()), name.c_str(), &about, 0) != 0) continue;
    if (S_ISREG(about.st_mode)) names.push_back(name);
  }
  if (errno != 0) return Failure(errno);
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> Variable(const std::string& name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0 || errno != ENOENT; }

}  // namespace

Surroundings SystemSurroundings() { return {Variable, ReadFile, ListFiles, Exists}; }

}  // namespace exporter

#include "scrape/state/state_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "scrape/write_all.h"

namespace scrape {
namespace {

constexpr mode_t kOwnerOnly = 0600;
// 10,000 keys that use six families each need 14 MiB.
constexpr off_t kMostBytes = off_t{256} << 20;

std::string SystemSays(int error) { return std::generic_category().message(error); }

bool IsFull(int error) { return error == ENOSPC || error == EDQUOT; }

int OpenFile(const std::string& path, int flags) {
  int file = -1;
  do {
    file = open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  } while (file < 0 && errno == EINTR);
  return file;
}

// So that a new name survives the end of the machine.
int SyncDirectory(const std::string& path) {
  const int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return errno;
  const int error = fsync(directory) == 0 || errno == EINVAL ? 0 : errno;
  close(directory);
  return error;
}

}  // namespace

StateFile::StateFile(std::string directory, int shard)
    : directory_(std::move(directory)),
      path_(fmt::format("{}/shard-{}.state", directory_, shard)),
      lock_path_(fmt::format("{}/shard-{}.lock", directory_, shard)) {}

StateFile::~StateFile() {
  if (lock_ >= 0) close(lock_);
}

tl::expected<std::unique_ptr<StateFile>, std::string> StateFile::Open(const std::string& directory,
                                                                      int shard) {
  std::error_code error;
  if (std::filesystem::create_directories(directory, error)) {
    chmod(directory.c_str(), S_IRWXU);
  }
  if (error && !IsFull(error.value())) {
    return tl::unexpected(fmt::format("--storage.path: {} cannot be made a directory: {}",
                                      directory, error.message()));
  }
  std::unique_ptr<StateFile> file(new StateFile(directory, shard));
  const int locked = file->Lock();
  if (locked == EWOULDBLOCK) {
    return tl::unexpected(
        fmt::format("--storage.path: another process has {} open: give each process a directory "
                    "of its own",
                    file->path_));
  }
  if (locked != 0 && !IsFull(locked)) {
    return tl::unexpected(fmt::format("--storage.path: {} cannot be written: {}", file->lock_path_,
                                      SystemSays(locked)));
  }
  return file;
}

int StateFile::Lock() {
  if (lock_ >= 0) return 0;
  const int file = OpenFile(lock_path_, O_RDWR | O_CREAT);
  if (file < 0) return errno;
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    close(file);
    return error;
  }
  lock_ = file;
  return 0;
}

tl::expected<std::optional<std::string>, std::string> StateFile::Read() const {
  const int file = OpenFile(path_, O_RDONLY | O_NONBLOCK);
  if (file < 0 && errno == ENOENT) return std::nullopt;
  if (file < 0) return tl::unexpected("cannot be read: " + SystemSays(errno));
  struct stat facts {};
  const bool known = fstat(file, &facts) == 0;
  if (!known || !S_ISREG(facts.st_mode) || facts.st_size > kMostBytes) {
    close(file);
    return tl::unexpected(std::string("is no file that mdcloud_exporter has written"));
  }
  std::string text;
  constexpr std::size_t kPiece = std::size_t{64} << 10;
  std::array<char, kPiece> piece{};
  ssize_t got = 0;
  do {
    got = read(file, piece.data(), piece.size());
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  } while (got > 0 || (got < 0 && errno == EINTR));
  const int error = got < 0 ? errno : 0;
  close(file);
  if (error != 0) return tl::unexpected("cannot be read: " + SystemSays(error));
  return text;
}

std::string StateFile::SetAside() const {
  if (std::rename(path_.c_str(), AsidePath().c_str()) == 0) return {};
  return SystemSays(errno);
}

std::string StateFile::Write(std::string_view text) {
  if (const int error = Lock(); error != 0) return SystemSays(error);
  const std::string beside = path_ + ".new";
  unlink(beside.c_str());
  const int file = OpenFile(beside, O_WRONLY | O_CREAT | O_EXCL);
  if (file < 0) return SystemSays(errno);
  int error = WriteAll(file, text) && fsync(file) == 0 ? 0 : errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(beside.c_str(), path_.c_str()) != 0) error = errno;
  if (error == 0) error = SyncDirectory(directory_);
  if (error == 0) return {};
  unlink(beside.c_str());
  return SystemSays(error);
}

}  // namespace scrape

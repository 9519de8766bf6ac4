#include "tests/e2e/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace test {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment) {
  std::vector<std::string> args = arguments;
  std::vector<std::string> variables;
  for (const char* inherited :
       {"PATH", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (environment.contains(inherited)) continue;
    if (const char* value = std::getenv(inherited))
      variables.push_back(std::string(inherited) + "=" + value);
  }
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);

  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  const int error = posix_spawnp(&pid_, args[0].c_str(), &actions, nullptr, Pointers(args).data(),
                                 Pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);
  if (error != 0) throw std::runtime_error("cannot start " + args[0]);
  out_.read_end = out[0];
  err_.read_end = err[0];
  out_.reader = std::thread([this] { Collect(out_); });
  err_.reader = std::thread([this] { Collect(err_); });
}

Process::~Process() {
  if (!exit_code_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  out_.reader.join();
  err_.reader.join();
}

void Process::Collect(Pipe& pipe) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = read(pipe.read_end, buffer.data(), buffer.size());
    if (count <= 0) break;
    const std::lock_guard lock(mutex_);
    pipe.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(pipe.read_end);
}

std::string Process::Out() const {
  const std::lock_guard lock(mutex_);
  return out_.text;
}

std::string Process::Err() const {
  const std::lock_guard lock(mutex_);
  return err_.text;
}

void Process::Signal(int signal) const { kill(pid_, signal); }

std::optional<int> Process::Wait(std::chrono::milliseconds timeout) {
  const bool ended = exit_code_ || Eventually(
                                       [this] {
                                         int status = 0;
                                         if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
                                         exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status)
                                                                        : 128 + WTERMSIG(status);
                                         return true;
                                       },
                                       timeout);
  if (!ended) return std::nullopt;
  return exit_code_;
}

std::string Process::ErrAfter(const std::string& marker, std::chrono::milliseconds timeout) {
  std::string found;
  (void)Eventually(
      [&] {
        const std::string text = Err();
        const std::size_t at = text.find(marker);
        if (at == std::string::npos) return false;
        const std::size_t begin = at + marker.size();
        const std::size_t end = text.find_first_of(" \n", begin);
        if (end == std::string::npos) return false;  // not written as a whole yet
        found = text.substr(begin, end - begin);
        return true;
      },
      timeout);
  return found;
}

}  // namespace test

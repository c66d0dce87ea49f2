// SPDX-License-Identifier: GPL-2.0-only
#include "generator-process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "base/input-error.h"

extern char** environ;

namespace ddlsim {
namespace {

constexpr size_t kMessageSizeMaxBytes = 4096;

std::string ReadAll(int descriptor) {
  std::string text;
  char buffer[1024];
  ssize_t size;
  while ((size = read(descriptor, buffer, sizeof buffer)) > 0 || (size < 0 && errno == EINTR)) {
    if (size > 0 && text.size() < kMessageSizeMaxBytes)
      text.append(buffer, static_cast<size_t>(size));
  }
  return text;
}

// The generator's line without its program name and line feed.
std::string MessageOf(const std::string& errors) {
  std::string line = errors.substr(0, errors.find('\n'));
  const std::string prefix = "ddl-workload: ";
  return line.rfind(prefix, 0) == 0 ? line.substr(prefix.size()) : line;
}

}  // namespace

std::string FindGenerator() {
  std::string folder;
  if (const char* given = std::getenv("DDL_BIN_DIR")) {
    folder = given;
  } else {
    char path[PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    if (size > 0) folder = std::string(path, static_cast<size_t>(size));
    folder = folder.substr(0, folder.rfind('/'));
  }
  std::string program = folder + "/ddl-workload";
  if (access(program.c_str(), X_OK) != 0) {
    throw InputError("--model", "the generator '" + Printable(program, 200) + "' is not there",
                     "build ddl-workload (./ns3 build) or set DDL_BIN_DIR to its folder");
  }
  return program;
}

void RunGenerator(const std::string& program, const std::vector<std::string>& arguments) {
  int errors[2];
  if (pipe2(errors, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe: " + std::string(strerror(errno)));
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(&word[0]);
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, errors[1], 2);
  pid_t process = 0;
  const int failure =
      posix_spawn(&process, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(errors[1]);
  const std::string message = failure == 0 ? ReadAll(errors[0]) : "";
  close(errors[0]);
  if (failure != 0) throw std::runtime_error("cannot run " + program + ": " + strerror(failure));
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) throw std::runtime_error("waitpid: " + std::string(strerror(errno)));
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  const std::string text = MessageOf(message);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 2) {
    // "PLACE: PROBLEM; REMEDY", taken apart so that it reads as one of our own.
    const size_t colon = text.find(": "), semicolon = text.rfind("; ");
    if (colon != std::string::npos && semicolon != std::string::npos && colon < semicolon) {
      throw InputError(text.substr(0, colon), text.substr(colon + 2, semicolon - colon - 2),
                       text.substr(semicolon + 2));
    }
    throw InputError("--model", text, "");
  }
  throw std::runtime_error("ddl-workload failed: " + (text.empty() ? "no message" : text));
}

}  // namespace ddlsim

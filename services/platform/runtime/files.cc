#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "platform/runtime/descriptor.h"
#include "platform/runtime/options.h"

namespace uncac::platform {
namespace {

Error cannot(const std::string& path, int error) {
  return make_error(error == ENOENT ? Reason::kNotFound : Reason::kInvalidInput,
                    "cannot read " + path + ": " + std::strerror(error));
}

Result<std::string> read_open_file(const std::string& path, std::size_t limit, bool secret) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (*file < 0) return cannot(path, errno);
  // Of the open file, not of the path: nobody can swap it between the question and the reading.
  struct stat status {};
  if (::fstat(*file, &status) != 0) return cannot(path, errno);
  if (S_ISDIR(status.st_mode)) return cannot(path, EISDIR);
  if (secret && (status.st_mode & 077) != 0) {
    return make_error(Reason::kInvalidInput,
                      path + " holds a secret and others may read it; run: chmod 600 " + path);
  }
  std::string text;
  std::array<char, 16384> piece{};
  for (;;) {
    const ssize_t got = ::read(*file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot(path, errno);
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > limit) {
      return make_error(Reason::kTooLarge,
                        path + " is longer than " + std::to_string(limit) + " bytes");
    }
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  return read_open_file(path, limit, false);
}

Result<std::string> read_secret_file(const std::string& path) {
  return read_open_file(path, 64 << 10, true);
}

}  // namespace uncac::platform

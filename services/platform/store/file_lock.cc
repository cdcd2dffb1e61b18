#include "platform/store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace uncac::platform {

Result<FileLock> FileLock::take(const std::string& lock_file, const std::string& what) {
  const int descriptor = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const std::string why = std::generic_category().message(errno);
    return make_error(Reason::kUnavailable, what + ": cannot open " + lock_file + ": " + why);
  }
  FileLock lock(descriptor);
  int refused = 0;
  do {
    refused = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (refused != 0 && errno == EINTR);
  if (refused == 0) return lock;
  if (errno == EWOULDBLOCK) {
    return make_error(Reason::kUnavailable, what + ": is in use by another process");
  }
  const std::string why = std::generic_category().message(errno);
  return make_error(Reason::kUnavailable, what + ": cannot lock " + lock_file + ": " + why);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace uncac::platform

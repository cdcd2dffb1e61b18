// A file that one process at a time holds; not for services.
#pragma once

#include <string>
#include <utility>

#include "platform/result.h"

namespace uncac::platform {

// Held until it is destroyed, or the process ends however it ends. The file stays: to delete it
// would let two processes hold two files of one name.
class FileLock {
 public:
  // kUnavailable, naming `what`, while another holds it.
  static Result<FileLock> take(const std::string& lock_file, const std::string& what);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace uncac::platform

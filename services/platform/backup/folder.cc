#include "platform/backup/folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "platform/runtime/descriptor.h"
#include "platform/store/sha256.h"
#include "platform/time.h"

namespace uncac::platform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPiece = 1 << 20;

Error failed(const fs::path& path, const std::string& what, int error) {
  return make_error(Reason::kFailedPrecondition,
                    path.string() + ": " + what + ": " + std::generic_category().message(error));
}

// The pieces of a regular file, one after the other.
template <class Take>
Status read_pieces(const fs::path& path, Take&& take) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (*file < 0) return failed(path, "cannot be read", errno);
  struct stat status {};
  if (::fstat(*file, &status) != 0) return failed(path, "cannot be read", errno);
  if (!S_ISREG(status.st_mode)) {
    return make_error(Reason::kFailedPrecondition, path.string() + ": is not a file");
  }
  std::string piece(kPiece, '\0');
  while (true) {
    const ssize_t got = ::read(*file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, "cannot be read", errno);
    if (got == 0) return {};
    UNCAC_TRY(take(std::string_view(piece).substr(0, static_cast<std::size_t>(got))));
  }
}

Status write_all(int descriptor, const fs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed(path, "cannot be written", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

// A new file, filled by `fill`, on disk; gone again after an error.
template <class Fill>
Status new_file(const fs::path& path, Fill&& fill) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (*file < 0) return failed(path, "cannot be created", errno);
  Status filled = fill(*file);
  if (filled && ::fsync(*file) != 0) filled = failed(path, "cannot be synced", errno);
  if (!filled) {
    ::unlink(path.c_str());
    return filled;
  }
  return {};
}

}  // namespace

Result<Measured> measure(const fs::path& file) {
  Measured measured;
  Sha256 digest;
  UNCAC_TRY(read_pieces(file, [&](std::string_view piece) -> Status {
    measured.bytes += static_cast<std::int64_t>(piece.size());
    digest.add(piece);
    return {};
  }));
  measured.sha256 = to_hex(digest.finish());
  return measured;
}

Status write_new_file(const fs::path& file, std::string_view text) {
  return new_file(file, [&](int descriptor) { return write_all(descriptor, file, text); });
}

Result<Measured> copy_to_new_file(const fs::path& from, const fs::path& to) {
  Measured measured;
  Sha256 digest;
  UNCAC_TRY(new_file(to, [&](int descriptor) {
    return read_pieces(from, [&](std::string_view piece) {
      measured.bytes += static_cast<std::int64_t>(piece.size());
      digest.add(piece);
      return write_all(descriptor, to, piece);
    });
  }));
  measured.sha256 = to_hex(digest.finish());
  return measured;
}

Status sync_folder(const fs::path& folder) {
  const Descriptor file(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (*file < 0 || ::fsync(*file) != 0) return failed(folder, "cannot be synced", errno);
  return {};
}

Result<bool> make_private_folder(const fs::path& folder) {
  std::error_code wrong;
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), wrong);
  if (wrong) return failed(folder.parent_path(), "cannot be made", wrong.value());
  if (::mkdir(folder.c_str(), 0700) == 0) return true;
  if (errno != EEXIST) return failed(folder, "cannot be made", errno);
  if (!fs::is_directory(folder, wrong)) {
    return make_error(Reason::kFailedPrecondition, folder.string() + ": is not a folder");
  }
  return false;
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code wrong;
  fs::directory_iterator entry(folder, wrong);
  while (!wrong && entry != fs::directory_iterator()) {
    names.push_back(entry->path().filename().string());
    entry.increment(wrong);
  }
  if (wrong) return failed(folder, "cannot be read", wrong.value());
  std::sort(names.begin(), names.end());
  return names;
}

Undo::~Undo() {
  std::reverse(paths_.begin(), paths_.end());
  for (const fs::path& path : paths_) {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
}

}  // namespace uncac::platform

// Files and folders that must be whole and on disk, or not there; for backups, not for services.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "platform/result.h"

namespace uncac::platform {

struct Measured {
  std::int64_t bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};
// Reads all of a regular file; a link or a folder is an error.
Result<Measured> measure(const std::filesystem::path& file);

// A new file for its owner alone, on disk when it returns; an error if the name is taken. After an
// error there is no such file, or another's.
Status write_new_file(const std::filesystem::path& file, std::string_view text);
// The same with another file's bytes, and what they measured while they were copied.
Result<Measured> copy_to_new_file(const std::filesystem::path& from,
                                  const std::filesystem::path& to);

// The names in a folder are on disk. Without it a name may be gone after a power cut, though the
// bytes are there.
Status sync_folder(const std::filesystem::path& folder);

// A folder that only its owner may enter, with its parents. True when it was not there.
Result<bool> make_private_folder(const std::filesystem::path& folder);

// Names of all that is in a folder, sorted.
Result<std::vector<std::string>> names_in(const std::filesystem::path& folder);

// Removes what was added, the last first, unless told to keep it. For files and empty folders.
class Undo {
 public:
  Undo() = default;
  ~Undo();
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  void add(std::filesystem::path path) { paths_.push_back(std::move(path)); }
  void keep() { paths_.clear(); }

 private:
  std::vector<std::filesystem::path> paths_;
};

}  // namespace uncac::platform

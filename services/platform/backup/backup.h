// Backups of the embedded stores: how a running program writes one, and whether one is whole. With
// restore.h this is the one place that knows the format:
//
//   NAME/manifest.json   format, time, program, and each file's name, size and SHA-256
//   NAME/<store>.db      each store as it was at one moment
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/result.h"
#include "platform/store/store.h"
#include "platform/time.h"

namespace uncac::platform {

inline constexpr const char* kManifestFile = "manifest.json";
// Of a service's store, in a backup as in the data folder.
inline std::string store_file(const std::string& service) { return service + ".db"; }

struct BackupFile {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;  // 64 hexadecimal digits
};
struct Backup {
  std::string name;
  std::string folder;             // absolute, `name` included
  std::string taken_at;           // RFC 3339; nothing that committed before is missing
  std::string program, version;   // that wrote it
  std::vector<BackupFile> files;  // by name
};

// One store and the name of its file.
struct NamedStore {
  std::string file;
  Store* store = nullptr;
};

struct BackupOrder {
  std::string folder;  // of all backups; made if missing
  // Letters, digits, '-', '_' and '.', at most 100, the first a letter or digit. Empty: the time.
  std::string name;
  Moment taken_at;
  std::string program;
  // In the order in which they are copied. Whoever reads another's log comes before that one: else
  // it would know of records that the copy of their log does not have.
  std::vector<NamedStore> stores;
  // Called when all is copied and checked, before the backup gets its name: puts the act on record.
  // On its error there is no backup; nor is there when the name cannot be given afterwards, so the
  // record must be true then too.
  std::function<Status(const Backup&)> record;
};

// Copies the stores, which may be in use. The backup's name appears only when every copy is
// complete, checked and on disk; after an error, or a crash and the next backup, nothing is left of
// it. kInvalidInput for a name that is not allowed, kFailedPrecondition for one that is taken,
// while another backup is made in the folder, and when the disk is full or cannot be written.
Result<Backup> make_backup(const BackupOrder& order);

// Reads all of a backup. kInvalidInput, with a problem for each file that is missing, unknown or
// not as it was written, by name.
Result<Backup> check_backup(const std::string& folder);

}  // namespace uncac::platform

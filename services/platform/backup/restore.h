// A data folder made from a backup, without a running program; and how the program that is started
// on it learns what it is.
#pragma once

#include <optional>
#include <string>

#include "platform/backup/backup.h"
#include "platform/result.h"
#include "platform/time.h"

namespace uncac::platform {

// Checks the whole backup and copies its stores into `data`, which must be new or empty: else
// kFailedPrecondition, and nothing is touched. After an error `data` is as it was. Cut off in the
// middle it leaves a folder that no program starts on.
Result<Backup> restore_backup(const std::string& from, const std::string& data, Moment now);

// The backup that a data folder was made from, while its stores still have to be told.
struct Restored {
  std::string backup;    // its name
  std::string taken_at;  // RFC 3339
};
// Asked before the stores are opened. kFailedPrecondition for what is no data folder: a restore
// that was cut off, or a backup itself, which must stay as it is; and where it cannot be told, by
// the name of the file.
Result<std::optional<Restored>> restored_from(const std::string& data);
// After the stores were told.
Status forget_restored(const std::string& data);

}  // namespace uncac::platform

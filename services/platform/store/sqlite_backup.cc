#include "platform/store/sqlite_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace uncac::platform {
namespace {

constexpr std::chrono::milliseconds kBusy{5'000};

Status copy(const std::string& from, const std::string& to) {
  UNCAC_ASSIGN(auto source, SqliteConnection::open(from, false, kBusy));
  UNCAC_ASSIGN(auto target, SqliteConnection::open(to, true, kBusy));
  sqlite3_backup* backup = sqlite3_backup_init(target->handle(), "main", source->handle(), "main");
  if (backup == nullptr) return sqlite_error(target->handle(), to);
  // All pages in one step are one snapshot, and in WAL mode no writer waits for it. Page by page
  // the copy would begin again after every write.
  const int code = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE && finished == SQLITE_OK) {
    return make_error(Reason::kUnavailable,
                      to + ": the copy was not completed: " + sqlite3_errstr(code));
  }
  if (finished != SQLITE_OK) return sqlite_error(target->handle(), to);
  return check_sqlite(*target, to);
}

// link() and not rename(), which would take the place of a file that appeared meanwhile.
Status give_name(const std::string& part, const std::string& to) {
  const auto failed = [&](const std::string& what) {
    return make_error(Reason::kUnavailable,
                      to + ": " + what + ": " + std::generic_category().message(errno));
  };
  if (::link(part.c_str(), to.c_str()) != 0) return failed("cannot be created");
  const std::filesystem::path parent = std::filesystem::path(to).parent_path();
  const int directory =
      ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return failed("its directory cannot be opened");
  // Without it the name may be gone after a power cut, though the bytes are there.
  const bool synced = ::fsync(directory) == 0;
  Status status = synced ? Status{} : Status(failed("its directory cannot be synced"));
  ::close(directory);
  return status;
}

}  // namespace

Status check_sqlite(SqliteConnection& connection, const std::string& file) {
  Rows rows;
  UNCAC_TRY(connection.run("PRAGMA quick_check(1)", {}, &rows, std::chrono::milliseconds(0)));
  if (!rows.empty() && rows.text(0, 0) == "ok") return {};
  std::string why = rows.empty() ? "no answer" : rows.text(0, 0);
  std::replace(why.begin(), why.end(), '\n', ' ');
  return make_error(Reason::kUnavailable, file + ": the database file is damaged (" + why + ")");
}

Status back_up_sqlite(const std::string& from, const std::string& to) {
  std::error_code ignored;
  if (std::filesystem::exists(to, ignored)) {
    return make_error(Reason::kFailedPrecondition, to + ": exists already; name a new file");
  }
  const std::string part = to + ".part";
  std::filesystem::remove(part, ignored);  // of a copy that was cut off
  Status status = copy(from, part);
  if (status) status = give_name(part, to);
  for (const char* rest : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(part + rest, ignored);
  }
  return status;
}

}  // namespace uncac::platform

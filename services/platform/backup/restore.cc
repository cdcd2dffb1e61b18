#include "platform/backup/restore.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "platform/backup/folder.h"
#include "platform/runtime/options.h"

namespace uncac::platform {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kMark = "restored.json";
// The mark's name while the copying goes on.
constexpr const char* kUnfinished = "restored.json.part";

Error not_done(const fs::path& path, int error) {
  return make_error(Reason::kFailedPrecondition,
                    path.string() + ": " + std::generic_category().message(error));
}

// Whether the name is there, as a link to nowhere is too. Not being able to tell is an error:
// taken for "no", the mark of a restore would be passed over and old audiences served.
Result<bool> is_there(const fs::path& path) {
  std::error_code wrong;
  const fs::file_status status = fs::symlink_status(path, wrong);
  if (status.type() == fs::file_type::not_found) return false;
  if (wrong) return not_done(path, wrong.value());
  return true;
}

Status copy_file(const Backup& backup, const BackupFile& file, const fs::path& to) {
  UNCAC_ASSIGN(const Measured measured, copy_to_new_file(fs::path(backup.folder) / file.name, to));
  // It was checked a moment ago; what is copied is what counts.
  if (measured.bytes == file.bytes && measured.sha256 == file.sha256) return {};
  return make_error(Reason::kFailedPrecondition,
                    file.name + " of the backup changed while it was copied");
}

}  // namespace

Result<Backup> restore_backup(const std::string& from, const std::string& data, Moment now) {
  UNCAC_ASSIGN(const Backup backup, check_backup(from));
  fs::path folder = fs::absolute(data).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  Undo undo;
  UNCAC_ASSIGN(const bool is_new, make_private_folder(folder));
  if (is_new) undo.add(folder);
  UNCAC_ASSIGN(const std::vector<std::string> names, names_in(folder));
  if (!names.empty()) {
    return make_error(Reason::kFailedPrecondition,
                      folder.string() + ": is not empty (it holds " + names.front() +
                          "); a restore goes into a new or an empty folder");
  }
  Json mark;
  mark["backup"] = backup.name;
  mark["taken_at"] = backup.taken_at;
  mark["restored_at"] = format_moment(now);
  const fs::path unfinished = folder / kUnfinished;
  // Its name is taken while another restore is at work here.
  UNCAC_TRY(write_new_file(unfinished, mark.dump(2) + "\n"));
  undo.add(unfinished);
  UNCAC_TRY(sync_folder(folder));
  for (const BackupFile& file : backup.files) {
    undo.add(folder / file.name);
    UNCAC_TRY(copy_file(backup, file, folder / file.name));
  }
  UNCAC_TRY(sync_folder(folder));
  if (::rename(unfinished.c_str(), (folder / kMark).c_str()) != 0) return not_done(folder, errno);
  undo.keep();
  UNCAC_TRY(sync_folder(folder));
  if (is_new) UNCAC_TRY(sync_folder(folder.parent_path()));
  return backup;
}

Result<std::optional<Restored>> restored_from(const std::string& data) {
  const fs::path folder = data;
  UNCAC_ASSIGN(const bool unfinished, is_there(folder / kUnfinished));
  if (unfinished) {
    return make_error(Reason::kFailedPrecondition,
                      data +
                          ": a restore into this folder was not finished; empty the folder and "
                          "restore again");
  }
  UNCAC_ASSIGN(const bool is_backup, is_there(folder / kManifestFile));
  if (is_backup) {
    return make_error(Reason::kFailedPrecondition,
                      data +
                          ": is a backup, not a data folder; make one from it with uncac admin "
                          "restore");
  }
  const fs::path mark_file = folder / kMark;
  UNCAC_ASSIGN(const bool marked, is_there(mark_file));
  if (!marked) return std::optional<Restored>();
  const Result<std::string> text = read_file(mark_file.string());
  if (!text) return make_error(Reason::kFailedPrecondition, text.error().message);
  const Json mark = Json::parse(*text, nullptr, false);
  Restored restored;
  for (const auto& [name, to] :
       {std::pair("backup", &restored.backup), std::pair("taken_at", &restored.taken_at)}) {
    const bool there = mark.is_object() && mark.contains(name) && mark[name].is_string();
    if (!there) {
      return make_error(
          Reason::kFailedPrecondition,
          mark_file.string() + ": cannot be read; empty the folder and restore again");
    }
    *to = mark[name].get<std::string>();
  }
  return std::optional(restored);
}

Status forget_restored(const std::string& data) {
  const fs::path mark = fs::path(data) / kMark;
  if (::unlink(mark.c_str()) != 0 && errno != ENOENT) return not_done(mark, errno);
  return sync_folder(data);
}

}  // namespace uncac::platform

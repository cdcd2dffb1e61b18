#include "platform/backup/backup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>

#include "platform/backup/folder.h"
#include "platform/runtime/options.h"
#include "platform/store/file_lock.h"

namespace uncac::platform {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::size_t kLongestName = 100;
// Beside the backups; no name begins with a dot, so neither can be one.
constexpr const char* kLockFile = ".lock";
constexpr const char* kPartFolder = ".part";

bool plain_name(std::string_view name) {
  const auto letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= kLongestName && letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return letter_or_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Error taken(const fs::path& folder) {
  return make_error(Reason::kFailedPrecondition,
                    folder.string() + ": exists already; choose another name");
}

std::string manifest_of(const Backup& backup) {
  Json manifest;
  manifest["format"] = kFormat;
  manifest["taken_at"] = backup.taken_at;
  manifest["program"] = backup.program;
  manifest["version"] = backup.version;
  manifest["files"] = Json::array();
  for (const BackupFile& file : backup.files) {
    manifest["files"].push_back(
        {{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  return manifest.dump(2) + "\n";
}

std::optional<std::string> text_in(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Result<Backup> read_manifest(const fs::path& folder) {
  const fs::path path = folder / kManifestFile;
  UNCAC_ASSIGN(const std::string text, read_file(path.string()));
  const auto wrong = [&](const std::string& what) {
    return make_error(Reason::kInvalidInput, path.string() + ": " + what);
  };
  const Json manifest = Json::parse(text, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("format")) {
    return wrong("is not the manifest of a backup");
  }
  if (manifest["format"] != kFormat) {
    return wrong("the backup has format " + manifest["format"].dump().substr(0, 20) +
                 ", and this program reads format " + std::to_string(kFormat));
  }
  const auto taken_at = text_in(manifest, "taken_at");
  const auto program = text_in(manifest, "program");
  const auto version = text_in(manifest, "version");
  const auto files = manifest.find("files");
  if (!taken_at || !program || !version || files == manifest.end() || !files->is_array() ||
      files->empty()) {
    return wrong("time, program, version or files are missing");
  }
  Backup backup{folder.filename().string(), folder.string(), *taken_at, *program, *version, {}};
  std::set<std::string> names;
  for (const Json& file : *files) {
    const auto name = text_in(file, "name");
    const auto sha256 = text_in(file, "sha256");
    const auto bytes = file.find("bytes");
    if (!name || !sha256 || !is_sha256(*sha256) || bytes == file.end() ||
        !bytes->is_number_integer()) {
      return wrong("an entry without name, size or SHA-256");
    }
    // A name from a file is not let out of the folder.
    if (!plain_name(*name) || *name == kManifestFile || !names.insert(*name).second) {
      return wrong("\"" + name->substr(0, kLongestName) + "\" cannot be the name of a store");
    }
    backup.files.push_back({*name, bytes->get<std::int64_t>(), *sha256});
  }
  return backup;
}

// Whatever is in the folder of unfinished copies, which one backup at a time owns.
Status clear(const fs::path& part) {
  std::error_code wrong;
  fs::remove_all(part, wrong);
  if (!wrong) return {};
  return make_error(Reason::kFailedPrecondition, part.string() + ": " + wrong.message());
}

Status copy_stores(const BackupOrder& order, const fs::path& part, Backup& backup) {
  for (const NamedStore& store : order.stores) {
    const fs::path file = part / store.file;
    UNCAC_TRY(store.store->backup_to(file.string()));
    if (::chmod(file.c_str(), 0600) != 0) {
      return make_error(Reason::kFailedPrecondition,
                        file.string() + ": " + std::generic_category().message(errno));
    }
    UNCAC_ASSIGN(const Measured measured, measure(file));
    backup.files.push_back({store.file, measured.bytes, measured.sha256});
  }
  std::sort(backup.files.begin(), backup.files.end(),
            [](const BackupFile& a, const BackupFile& b) { return a.name < b.name; });
  UNCAC_TRY(write_new_file(part / kManifestFile, manifest_of(backup)));
  return sync_folder(part);
}

Result<Backup> make(const BackupOrder& order, const std::string& name) {
  const fs::path folder = fs::absolute(order.folder);
  Backup backup{name,          (folder / name).string(),       format_moment(order.taken_at),
                order.program, std::string(program_version()), {}};
  UNCAC_TRY(make_private_folder(folder));
  UNCAC_ASSIGN(const FileLock lock,
               FileLock::take((folder / kLockFile).string(),
                              folder.string() + ", where one backup is made at a time,"));
  std::error_code wrong;
  if (fs::exists(fs::symlink_status(backup.folder, wrong))) return taken(backup.folder);
  const fs::path part = folder / kPartFolder;
  UNCAC_TRY(clear(part));  // of a backup that was cut off
  UNCAC_TRY(make_private_folder(part));
  Status made = copy_stores(order, part, backup);
  if (made) made = order.record(backup);
  if (made && ::rename(part.c_str(), backup.folder.c_str()) != 0) {
    made = errno == EEXIST || errno == ENOTEMPTY
               ? taken(backup.folder)
               : make_error(Reason::kFailedPrecondition,
                            backup.folder + ": " + std::generic_category().message(errno));
  }
  if (!made) {
    const Status cleared = clear(part);
    static_cast<void>(cleared);  // what went wrong first is what the caller must hear
    return made.error();
  }
  UNCAC_TRY(sync_folder(folder));
  return backup;
}

}  // namespace

Result<Backup> make_backup(const BackupOrder& order) {
  std::string name = order.name;
  if (name.empty()) {
    name = format_moment(order.taken_at);
    std::replace(name.begin(), name.end(), ':', '-');
  }
  if (!plain_name(name)) {
    Error error = make_error(Reason::kInvalidInput, "the backup cannot have this name");
    error.problems.push_back({"", 0, "name", Severity::kError, "bad-name",
                              "\"" + name.substr(0, kLongestName) +
                                  "\": letters, digits, '-', '_' and '.', at most 100, the first a "
                                  "letter or digit"});
    return error;
  }
  Result<Backup> made = make(order, name);
  if (!made) {
    made.error().message = "no backup was made: " + made.error().message;
    // The program that was asked is there and answers: a disk that is full is no reason to call it
    // unavailable.
    if (made.error().reason == Reason::kUnavailable) {
      made.error().reason = Reason::kFailedPrecondition;
    }
  }
  return made;
}

Result<Backup> check_backup(const std::string& given) {
  fs::path folder = fs::absolute(given).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "backups/monday/"
  UNCAC_ASSIGN(Backup backup, read_manifest(folder));
  UNCAC_ASSIGN(const std::vector<std::string> names, names_in(folder));
  Error error =
      make_error(Reason::kInvalidInput, folder.string() + ": the backup is not as it was written");
  const auto add = [&](const std::string& file, const char* rule, std::string what) {
    error.problems.push_back({file, 0, "", Severity::kError, rule, std::move(what)});
  };
  for (const std::string& name : names) {
    const bool known = name == kManifestFile ||
                       std::any_of(backup.files.begin(), backup.files.end(),
                                   [&](const BackupFile& file) { return file.name == name; });
    if (!known) add(name, "unknown-file", "the manifest does not name it");
  }
  for (const BackupFile& file : backup.files) {
    if (!std::binary_search(names.begin(), names.end(), file.name)) {
      add(file.name, "missing-file", "the manifest names it, and it is not there");
      continue;
    }
    const Result<Measured> measured = measure(folder / file.name);
    if (!measured) {
      add(file.name, "unreadable-file", measured.error().message);
    } else if (measured->bytes != file.bytes) {
      add(file.name, "changed-file",
          "has " + std::to_string(measured->bytes) + " bytes, where " + std::to_string(file.bytes) +
              " were written");
    } else if (measured->sha256 != file.sha256) {
      add(file.name, "changed-file", "its bytes are not those that were written");
    }
  }
  if (!error.problems.empty()) return error;
  return backup;
}

}  // namespace uncac::platform

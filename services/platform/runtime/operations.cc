#include "platform/runtime/operations.h"

#include "platform/audit.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

// Written before the backup gets its name, for without a record there is none; so it says what is
// true then, and stays true if the name cannot be given.
Status record(const Operations::Parts& parts, const Call& call, const Backup& backup) {
  std::string files;
  for (const BackupFile& file : backup.files) files += file.sha256 + "  " + file.name + "\n";
  return parts.audited.write([&](Transaction& transaction) {
    return record_audit(
        transaction, parts.clock, parts.ids,
        {call.principal->name(), call.principal->role(), "store.backup", backup.name,
         "stores copied and checked; the copy is given its name next", call.peer, files});
  });
}

Result<operations::v1::BackupReply> back_up(const Operations::Parts& parts, const Call& call,
                                            const operations::v1::BackupRequest& request) {
  if (parts.backup_folder.empty()) {
    return make_error(Reason::kFailedPrecondition,
                      "no backups are made here: the stores lie in PostgreSQL, whose own tools "
                      "(pg_dump, pg_basebackup) back them up. But this version must not serve a "
                      "store restored from such a copy yet: it would not settle it, so sharing "
                      "decisions made after the copy would be as wide as before them again, and "
                      "the event log would be ahead of the store");
  }
  UNCAC_ASSIGN(
      const Backup backup,
      make_backup({parts.backup_folder, request.name(), parts.clock.now(), parts.program,
                   parts.stores, [&](const Backup& made) { return record(parts, call, made); }}));
  operations::v1::BackupReply reply;
  reply.set_folder(backup.folder);
  reply.set_taken_at(backup.taken_at);
  for (const BackupFile& file : backup.files) {
    operations::v1::BackupReply::File& to = *reply.add_files();
    to.set_name(file.name);
    to.set_bytes(file.bytes);
    to.set_sha256(file.sha256);
  }
  return reply;
}

}  // namespace

grpc::Status Operations::Backup(grpc::ServerContext* context,
                                const operations::v1::BackupRequest* request,
                                operations::v1::BackupReply* reply) {
  return parts_.calls.unary(
      *context, "/uncac.operations.v1.Operations/Backup", *request, *reply,
      [this](const Call& call, const operations::v1::BackupRequest& asked) {
        auto backup = back_up(parts_, call, asked);
        if (backup) {
          log::info("backup made", {{"folder", backup->folder()}});
        } else {
          log::warning("backup not made", {{"error", backup.error().message}});
        }
        return backup;
      });
}

}  // namespace uncac::platform

// What an operator asks of a running program, whatever services it holds.
#pragma once

#include <string>
#include <vector>

#include "platform/backup/backup.h"
#include "platform/rpc/call.h"
#include "platform/store/store.h"
#include "uncac/operations/v1/operations.grpc.pb.h"

namespace uncac::platform {

// Offered by the host beside the services' own. Safe for concurrent use.
class Operations final : public operations::v1::Operations::Service {
 public:
  struct Parts {
    Calls& calls;
    const Clock& clock;
    Ids& ids;
    std::string program;
    // Where backups go; empty: none are made here, and whoever asks is told why.
    std::string backup_folder;
    std::vector<NamedStore> stores;  // see BackupOrder::stores
    Store& audited;                  // in whose audit log a backup is recorded
  };
  explicit Operations(Parts parts) : parts_(std::move(parts)) {}

  grpc::Status Backup(grpc::ServerContext* context, const operations::v1::BackupRequest* request,
                      operations::v1::BackupReply* reply) override;

 private:
  const Parts parts_;
};

}  // namespace uncac::platform

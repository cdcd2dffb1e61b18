// What an operator asks of a running program, whatever services it holds.
#pragma once

#include <string>
#include <vector>

#include "platform/rpc/call.h"
#include "platform/runtime/settle.h"
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
    Moment started_at;
    EventLog& log;
    bool relayed = false;  // what is committed comes to the log later
    // Services are listed after those whose events they read.
    std::vector<SettledStore> stores;
  };
  explicit Operations(Parts parts) : parts_(std::move(parts)) {}

  grpc::Status Backup(grpc::ServerContext* context, const operations::v1::BackupRequest* request,
                      operations::v1::BackupReply* reply) override;
  grpc::Status GetServiceState(grpc::ServerContext* context,
                               const operations::v1::GetServiceStateRequest* request,
                               operations::v1::ServiceState* reply) override;
  grpc::Status ListDeadLetters(grpc::ServerContext* context,
                               const operations::v1::ListDeadLettersRequest* request,
                               operations::v1::ListDeadLettersReply* reply) override;
  grpc::Status ShowDeadLetter(grpc::ServerContext* context,
                              const operations::v1::ShowDeadLetterRequest* request,
                              operations::v1::DeadLetter* reply) override;
  grpc::Status ResendDeadLetter(grpc::ServerContext* context,
                                const operations::v1::ResendDeadLetterRequest* request,
                                operations::v1::DeadLetter* reply) override;
  grpc::Status Republish(grpc::ServerContext* context,
                         const operations::v1::RepublishRequest* request,
                         operations::v1::RepublishReply* reply) override;

 private:
  // action: (const Parts&, const Call&, const Request&) → Result<Reply>
  template <class Request, class Reply, class Action>
  grpc::Status unary(grpc::ServerContext& context, const char* method, const Request& request,
                     Reply& reply, Action action);

  const Parts parts_;
};

}  // namespace uncac::platform

// The gRPC service: authorise, call an action, translate.
#pragma once

#include "checklist_intake/actions/filing_queue.h"
#include "checklist_intake/intake_parts.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::checklist_intake {

class Api final : public checklist::v1::ChecklistIntake::Service {
 public:
  explicit Api(IntakeParts parts);

  grpc::Status Submit(grpc::ServerContext* context, const checklist::v1::SubmitRequest* request,
                      checklist::v1::SubmitReply* reply) override;
  grpc::Status ImportResponses(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<checklist::v1::ImportReply, checklist::v1::ImportRequest>* stream)
      override;
  grpc::Status WithdrawResponse(grpc::ServerContext* context,
                                const checklist::v1::WithdrawRequest* request,
                                checklist::v1::EndReply* reply) override;
  grpc::Status VoidResponse(grpc::ServerContext* context, const checklist::v1::VoidRequest* request,
                            checklist::v1::EndReply* reply) override;
  grpc::Status GetResponse(grpc::ServerContext* context,
                           const checklist::v1::GetResponseRequest* request,
                           checklist::v1::GetResponseReply* reply) override;
  grpc::Status ListResponses(grpc::ServerContext* context,
                             const checklist::v1::ListResponsesRequest* request,
                             checklist::v1::ListResponsesReply* reply) override;
  grpc::Status GetHistory(grpc::ServerContext* context,
                          const checklist::v1::GetHistoryRequest* request,
                          checklist::v1::GetHistoryReply* reply) override;
  grpc::Status ExportResponse(grpc::ServerContext* context,
                              const checklist::v1::ExportRequest* request,
                              grpc::ServerWriter<checklist::v1::ExportReply>* writer) override;
  grpc::Status ListSharing(grpc::ServerContext* context,
                           const checklist::v1::ListSharingRequest* request,
                           checklist::v1::ListSharingReply* reply) override;
  grpc::Status SetSharing(grpc::ServerContext* context,
                          const checklist::v1::SetSharingRequest* request,
                          checklist::v1::SetSharingReply* reply) override;

 private:
  template <class Request, class Reply, class Action>
  grpc::Status unary(grpc::ServerContext& context, const char* method, const Request& request,
                     Reply& reply, Action action);

  const IntakeParts parts_;
  FilingQueue queue_;
};

}  // namespace uncac::checklist_intake

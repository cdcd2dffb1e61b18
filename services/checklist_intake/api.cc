#include "checklist_intake/api.h"

#include "checklist_intake/actions/end_response.h"
#include "checklist_intake/actions/file_submissions.h"
#include "checklist_intake/actions/import_responses.h"
#include "checklist_intake/actions/read_responses.h"
#include "checklist_intake/actions/set_sharing.h"
#include "checklist_intake/actions/submit.h"

namespace uncac::checklist_intake {

using platform::Call;
using platform::Reason;

Api::Api(IntakeParts parts)
    : parts_(std::move(parts)),
      queue_({[this](std::span<Submission* const> group) { file_together(parts_, group); },
              [this](Submission& submission) { file_alone(parts_, submission); }}) {}

template <class Request, class Reply, class Action>
grpc::Status Api::unary(grpc::ServerContext& context, const char* method, const Request& request,
                        Reply& reply, Action action) {
  return parts_.context.calls.unary(
      context, std::string("/uncac.checklist.v1.ChecklistIntake/") + method, request, reply,
      [&](const Call& call, const Request& asked) { return action(parts_, call, asked); });
}

grpc::Status Api::Submit(grpc::ServerContext* context, const checklist::v1::SubmitRequest* request,
                         checklist::v1::SubmitReply* reply) {
  return unary(
      *context, "Submit", *request, *reply,
      [&](const IntakeParts& parts, const Call& call, const checklist::v1::SubmitRequest& asked) {
        return submit(parts, queue_, call, asked);
      });
}

grpc::Status Api::ImportResponses(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<checklist::v1::ImportReply, checklist::v1::ImportRequest>* stream) {
  return parts_.context.calls.stream(
      *context, "/uncac.checklist.v1.ChecklistIntake/ImportResponses",
      [&](const Call& call) -> platform::Status {
        checklist::v1::ImportRequest request;
        if (!stream->Read(&request) || !request.has_options()) {
          return platform::make_error(Reason::kInvalidInput,
                                      "the first message of an import holds its options");
        }
        const checklist::v1::ImportOptions options = request.options();
        std::int64_t bytes = 0;
        // The stream looks the same to its reader when the caller has sent all and when it died.
        const auto next_piece = [&]() -> platform::Result<std::optional<std::string>> {
          if (!stream->Read(&request) || request.has_options() ||
              (request.has_end() && request.end().bytes() != bytes)) {
            return platform::make_error(Reason::kInvalidInput,
                                        "the file did not arrive whole; nothing of it is kept");
          }
          if (request.has_end()) return std::optional<std::string>();
          bytes += static_cast<std::int64_t>(request.chunk().size());
          return std::optional(std::move(*request.mutable_chunk()));
        };
        return import_responses(
            parts_, call, options, next_piece,
            [&](const checklist::v1::ImportReply& reply) { return stream->Write(reply); });
      });
}

grpc::Status Api::WithdrawResponse(grpc::ServerContext* context,
                                   const checklist::v1::WithdrawRequest* request,
                                   checklist::v1::EndReply* reply) {
  return unary(*context, "WithdrawResponse", *request, *reply, withdraw_response);
}

grpc::Status Api::VoidResponse(grpc::ServerContext* context,
                               const checklist::v1::VoidRequest* request,
                               checklist::v1::EndReply* reply) {
  return unary(*context, "VoidResponse", *request, *reply, void_response);
}

grpc::Status Api::GetResponse(grpc::ServerContext* context,
                              const checklist::v1::GetResponseRequest* request,
                              checklist::v1::GetResponseReply* reply) {
  return unary(*context, "GetResponse", *request, *reply, get_response);
}

grpc::Status Api::ListResponses(grpc::ServerContext* context,
                                const checklist::v1::ListResponsesRequest* request,
                                checklist::v1::ListResponsesReply* reply) {
  return unary(*context, "ListResponses", *request, *reply, list_responses);
}

grpc::Status Api::GetHistory(grpc::ServerContext* context,
                             const checklist::v1::GetHistoryRequest* request,
                             checklist::v1::GetHistoryReply* reply) {
  return unary(*context, "GetHistory", *request, *reply, get_history);
}

grpc::Status Api::ExportResponse(grpc::ServerContext* context,
                                 const checklist::v1::ExportRequest* request,
                                 grpc::ServerWriter<checklist::v1::ExportReply>* writer) {
  return parts_.context.calls.stream(
      *context, "/uncac.checklist.v1.ChecklistIntake/ExportResponse", [&](const Call& call) {
        return export_response(
            parts_, call, *request,
            [&](const checklist::v1::ExportReply& reply) { return writer->Write(reply); });
      });
}

grpc::Status Api::ListSharing(grpc::ServerContext* context,
                              const checklist::v1::ListSharingRequest* request,
                              checklist::v1::ListSharingReply* reply) {
  return unary(*context, "ListSharing", *request, *reply, list_sharing);
}

grpc::Status Api::SetSharing(grpc::ServerContext* context,
                             const checklist::v1::SetSharingRequest* request,
                             checklist::v1::SetSharingReply* reply) {
  return unary(*context, "SetSharing", *request, *reply, set_sharing);
}

}  // namespace uncac::checklist_intake

// The gRPC service: the reader's scope, an action, the answer.
#pragma once

#include "needs_matrix/matrix_parts.h"
#include "platform/rpc/pass_through.h"
#include "platform/rpc/turns.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::needs_matrix {

// QueryMatrix, which is answered in bytes, stands in the constructor; Follow holds no thread.
class Api final
    : public platform::WithPassThrough<
          needs::v1::NeedsMatrix::WithCallbackMethod_Follow<needs::v1::NeedsMatrix::Service>,
          needs::v1::QueryMatrixRequest> {
 public:
  explicit Api(const MatrixParts& parts);

  // Open streams look whether they go on.
  void end_streams() { turns_.wake(); }

  grpc::Status ListNeeds(grpc::ServerContext* context, const needs::v1::ListNeedsRequest* request,
                         needs::v1::ListNeedsReply* reply) override;
  grpc::Status GetNeedHistory(grpc::ServerContext* context,
                              const needs::v1::GetNeedHistoryRequest* request,
                              needs::v1::GetNeedHistoryReply* reply) override;
  grpc::ServerWriteReactor<needs::v1::FollowReply>* Follow(
      grpc::CallbackServerContext* context, const needs::v1::FollowRequest* request) override;
  grpc::Status CheckRebuild(grpc::ServerContext* context,
                            const needs::v1::CheckRebuildRequest* request,
                            needs::v1::CheckRebuildReply* reply) override;
  grpc::Status MakeRelease(grpc::ServerContext* context,
                           const needs::v1::MakeReleaseRequest* request,
                           needs::v1::Release* reply) override;
  grpc::Status GetRelease(grpc::ServerContext* context, const needs::v1::GetReleaseRequest* request,
                          needs::v1::Release* reply) override;
  grpc::Status ListReleases(grpc::ServerContext* context,
                            const needs::v1::ListReleasesRequest* request,
                            needs::v1::ListReleasesReply* reply) override;

 private:
  const MatrixParts& parts_;
  platform::Turns turns_;
};

}  // namespace uncac::needs_matrix

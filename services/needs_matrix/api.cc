#include "needs_matrix/api.h"

#include "access/token.h"
#include "needs_matrix/actions/check_rebuild.h"
#include "needs_matrix/actions/follow.h"
#include "needs_matrix/actions/get_need_history.h"
#include "needs_matrix/actions/list_needs.h"
#include "needs_matrix/actions/make_release.h"
#include "needs_matrix/actions/query_matrix.h"
#include "needs_matrix/actions/read_releases.h"

namespace uncac::needs_matrix {

using platform::Call;

namespace {

access::Scope scope_of(const Call& call) { return access::Scope::of(access::caller_of(call)); }

}  // namespace

Api::Api(const MatrixParts& parts)
    : WithPassThrough(
          "NeedsMatrix", "QueryMatrix",
          [this](grpc::ServerContext& context, const needs::v1::QueryMatrixRequest& request,
                 grpc::ByteBuffer& reply) {
            return parts_.context.calls.unary(
                context, "/uncac.needs.v1.NeedsMatrix/QueryMatrix", request, reply,
                [&](const Call& call, const needs::v1::QueryMatrixRequest& asked)
                    -> platform::Result<grpc::ByteBuffer> {
                  UNCAC_ASSIGN(const std::string bytes,
                               query_matrix(parts_, call, scope_of(call), asked));
                  return platform::to_byte_buffer(bytes);
                });
          }),
      parts_(parts) {
  parts.feed.on_change([this] { turns_.wake(); });
}

grpc::Status Api::ListNeeds(grpc::ServerContext* context,
                            const needs::v1::ListNeedsRequest* request,
                            needs::v1::ListNeedsReply* reply) {
  return parts_.context.calls.unary(
      *context, "/uncac.needs.v1.NeedsMatrix/ListNeeds", *request, *reply,
      [&](const Call& call, const needs::v1::ListNeedsRequest& asked) {
        return list_needs(parts_, call, scope_of(call), asked);
      });
}

grpc::Status Api::GetNeedHistory(grpc::ServerContext* context,
                                 const needs::v1::GetNeedHistoryRequest* request,
                                 needs::v1::GetNeedHistoryReply* reply) {
  return parts_.context.calls.unary(
      *context, "/uncac.needs.v1.NeedsMatrix/GetNeedHistory", *request, *reply,
      [&](const Call& call, const needs::v1::GetNeedHistoryRequest& asked) {
        return get_need_history(parts_, call, scope_of(call), asked);
      });
}

grpc::ServerWriteReactor<needs::v1::FollowReply>* Api::Follow(
    grpc::CallbackServerContext* context, const needs::v1::FollowRequest* request) {
  return platform::TurnStream<needs::v1::FollowReply>::start(
      turns_, parts_.context.calls.open(*context, "/uncac.needs.v1.NeedsMatrix/Follow"),
      [&](const Call& call) { return follow(parts_, call, scope_of(call), *request); });
}

grpc::Status Api::CheckRebuild(grpc::ServerContext* context,
                               const needs::v1::CheckRebuildRequest* request,
                               needs::v1::CheckRebuildReply* reply) {
  return parts_.context.calls.unary(*context, "/uncac.needs.v1.NeedsMatrix/CheckRebuild", *request,
                                    *reply,
                                    [&](const Call& call, const needs::v1::CheckRebuildRequest&) {
                                      return check_rebuild(parts_, call);
                                    });
}

grpc::Status Api::MakeRelease(grpc::ServerContext* context,
                              const needs::v1::MakeReleaseRequest* request,
                              needs::v1::Release* reply) {
  return parts_.context.calls.unary(
      *context, "/uncac.needs.v1.NeedsMatrix/MakeRelease", *request, *reply,
      [&](const Call& call, const needs::v1::MakeReleaseRequest& asked) {
        return make_release(parts_, call, asked);
      });
}

grpc::Status Api::GetRelease(grpc::ServerContext* context,
                             const needs::v1::GetReleaseRequest* request,
                             needs::v1::Release* reply) {
  return parts_.context.calls.unary(*context, "/uncac.needs.v1.NeedsMatrix/GetRelease", *request,
                                    *reply,
                                    [&](const Call&, const needs::v1::GetReleaseRequest& asked) {
                                      return get_release(parts_, asked);
                                    });
}

grpc::Status Api::ListReleases(grpc::ServerContext* context,
                               const needs::v1::ListReleasesRequest* request,
                               needs::v1::ListReleasesReply* reply) {
  return parts_.context.calls.unary(*context, "/uncac.needs.v1.NeedsMatrix/ListReleases", *request,
                                    *reply,
                                    [&](const Call&, const needs::v1::ListReleasesRequest& asked) {
                                      return list_releases(parts_, asked);
                                    });
}

}  // namespace uncac::needs_matrix

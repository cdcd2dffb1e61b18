// The gateway's front passes calls through: whole, with their errors, and without leaking or using
// a call that one side has left.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "gateway/proxy.h"
#include "platform/rpc/call.h"
#include "platform/rpc/server.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::gateway {
namespace {

using checklist::v1::ChecklistIntake;

// Echoes what an import sends, a problem for each chunk, until the end or until the caller is gone.
class Backend final : public ChecklistIntake::Service {
 public:
  grpc::Status GetHistory(grpc::ServerContext* context,
                          const checklist::v1::GetHistoryRequest* request,
                          checklist::v1::GetHistoryReply* reply) override {
    const auto token = context->client_metadata().find("authorization");
    if (token == context->client_metadata().end()) {
      return platform::to_grpc_status(
          {platform::Reason::kUnauthenticated,
           "who are you",
           {{"", 0, "token", platform::Severity::kError, "token-missing", "none came"}}});
    }
    reply->add_entries()->set_reason(request->key().state() +
                                     std::string(token->second.data(), token->second.size()));
    return grpc::Status::OK;
  }
  grpc::Status ImportResponses(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<checklist::v1::ImportReply, checklist::v1::ImportRequest>* stream)
      override {
    checklist::v1::ImportRequest request;
    while (stream->Read(&request)) {
      if (request.has_end()) break;
      checklist::v1::ImportReply reply;
      reply.mutable_problem()->set_message(request.chunk());
      if (!stream->Write(reply)) break;
    }
    if (context->IsCancelled()) ++cancelled_;
    checklist::v1::ImportReply last;
    last.mutable_summary()->set_rows(7);
    stream->Write(last);
    return grpc::Status::OK;
  }
  std::atomic<int> cancelled_ = 0;
};

class GatewayProxy : public ::testing::Test {
 protected:
  GatewayProxy() {
    EXPECT_TRUE(service_.start({"127.0.0.1", 0}, {}, {}, {&backend_}).ok());
    service_.set_serving(true);
    auto channel = platform::open_channel("127.0.0.1:" + std::to_string(service_.port()), {});
    EXPECT_TRUE(channel.ok());
    backends_ = std::make_unique<Backends>(std::map<std::string, std::shared_ptr<grpc::Channel>>{
        {ChecklistIntake::service_full_name(), *channel}});
    proxy_ = std::make_unique<Proxy>(*backends_);
    EXPECT_TRUE(front_.start({"127.0.0.1", 0}, {}, {}, {}, proxy_.get()).ok());
    front_.set_serving(true);
    auto to_front = platform::open_channel("127.0.0.1:" + std::to_string(front_.port()), {});
    EXPECT_TRUE(to_front.ok());
    stub_ = ChecklistIntake::NewStub(*to_front);
  }
  ~GatewayProxy() override {
    front_.stop(std::chrono::seconds(5));
    service_.stop(std::chrono::seconds(5));
  }
  Backend backend_;
  platform::RpcServer service_;
  std::unique_ptr<Backends> backends_;
  std::unique_ptr<Proxy> proxy_;
  platform::RpcServer front_;
  std::unique_ptr<ChecklistIntake::Stub> stub_;
};

TEST_F(GatewayProxy, PassesMetadataAndErrorDetails) {
  checklist::v1::GetHistoryRequest request;
  request.mutable_key()->set_state("KEN");
  checklist::v1::GetHistoryReply reply;
  {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer x");
    ASSERT_TRUE(stub_->GetHistory(&context, request, &reply).ok());
    EXPECT_EQ(reply.entries(0).reason(), "KENBearer x");
  }
  grpc::ClientContext context;
  const platform::Error error =
      platform::from_grpc_status(stub_->GetHistory(&context, request, &reply));
  EXPECT_EQ(error.reason, platform::Reason::kUnauthenticated);
  ASSERT_EQ(error.problems.size(), 1U);
  EXPECT_EQ(error.problems[0].rule, "token-missing");
}

TEST_F(GatewayProxy, AServiceThatItDoesNotKnowIsUnimplemented) {
  auto channel = platform::open_channel("127.0.0.1:" + std::to_string(front_.port()), {});
  ASSERT_TRUE(channel.ok());
  grpc::GenericStub generic(*channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const grpc::ByteBuffer nothing;
  auto call = generic.PrepareUnaryCall(&context, "/no.such.Service/Method", nothing, &queue);
  call->StartCall();
  grpc::ByteBuffer reply;
  grpc::Status status;
  call->Finish(&reply, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(GatewayProxy, StreamsBothWaysInOrder) {
  grpc::ClientContext context;
  const auto stream = stub_->ImportResponses(&context);
  constexpr int kMessages = 300;
  std::jthread sender([&] {
    for (int i = 0; i < kMessages; ++i) {
      checklist::v1::ImportRequest request;
      request.set_chunk(std::to_string(i) + std::string(5000, 'x'));
      if (!stream->Write(request)) return;
    }
    checklist::v1::ImportRequest end;
    end.mutable_end();
    stream->Write(end);
    stream->WritesDone();
  });
  checklist::v1::ImportReply reply;
  int next = 0;
  while (stream->Read(&reply) && reply.has_problem()) {
    EXPECT_EQ(reply.problem().message().substr(0, reply.problem().message().find('x')),
              std::to_string(next++));
  }
  EXPECT_EQ(next, kMessages);
  EXPECT_EQ(reply.summary().rows(), 7);
  sender.join();
  EXPECT_TRUE(stream->Finish().ok());
}

// Callers that leave at every moment: before, amid and after their messages.
TEST_F(GatewayProxy, SurvivesCallersThatLeaveAtAnyMoment) {
  std::atomic<int> finished = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 8; ++caller) {
      callers.emplace_back([&, caller] {
        for (int round = 0; round < 40; ++round) {
          grpc::ClientContext context;
          const auto stream = stub_->ImportResponses(&context);
          const int leave_after = (caller * 7 + round) % 12;
          for (int i = 0; i < leave_after; ++i) {
            checklist::v1::ImportRequest request;
            request.set_chunk("piece");
            if (!stream->Write(request)) break;
          }
          if (round % 3 == 0) stream->WritesDone();
          if (round % 4 != 3) context.TryCancel();
          checklist::v1::ImportReply reply;
          if (round % 4 == 3) {
            if (round % 3 != 0) stream->WritesDone();
            while (stream->Read(&reply)) continue;
          }
          const grpc::Status status = stream->Finish();
          if (status.ok() || status.error_code() == grpc::StatusCode::CANCELLED) ++finished;
        }
      });
    }
  }
  EXPECT_EQ(finished, 8 * 40);
  // And it still serves.
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer x");
  checklist::v1::GetHistoryRequest request;
  checklist::v1::GetHistoryReply reply;
  EXPECT_TRUE(stub_->GetHistory(&context, request, &reply).ok());
}

}  // namespace
}  // namespace uncac::gateway

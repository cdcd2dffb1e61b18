// A method that answers in bytes, asked by clients that know nothing of that.
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "platform/rpc/pass_through.h"
#include "platform/rpc/server.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::platform {
namespace {

namespace wire = ::uncac::checklist::v1;

constexpr const char* kSubmit = "/uncac.checklist.v1.ChecklistIntake/Submit";

// Answers what the test says; another method of the same service stays as it was generated.
class Intake final : public WithPassThrough<wire::ChecklistIntake::Service, wire::SubmitRequest> {
 public:
  Intake()
      : WithPassThrough(
            "ChecklistIntake", "Submit",
            [this](grpc::ServerContext& context, const wire::SubmitRequest& request,
                   grpc::ByteBuffer& answer) { return work(context, request, answer); }) {}
  grpc::Status GetResponse(grpc::ServerContext*, const wire::GetResponseRequest* request,
                           wire::GetResponseReply* reply) override {
    *reply->mutable_response()->mutable_key() = request->key();
    return grpc::Status::OK;
  }
  std::function<grpc::Status(grpc::ServerContext&, const wire::SubmitRequest&, grpc::ByteBuffer&)>
      work;
};

class PassThrough : public ::testing::Test {
 protected:
  PassThrough() {
    const Status started =
        server_.start({"127.0.0.1", 0}, {}, {.max_message_bytes = 1 << 16}, {&intake_});
    if (!started) throw std::runtime_error(started.error().message);
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_.port()),
                                   grpc::InsecureChannelCredentials());
  }
  ~PassThrough() override { server_.stop(std::chrono::seconds(5)); }

  grpc::Status submit(const wire::SubmitRequest& request, wire::SubmitReply& reply) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return wire::ChecklistIntake::NewStub(channel_)->Submit(&context, request, &reply);
  }
  // Any bytes for a request.
  grpc::Status submit_bytes(const std::string& bytes) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    const auto reader = stub.PrepareUnaryCall(&context, kSubmit, to_byte_buffer(bytes), &queue);
    reader->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    reader->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) continue;
    return status;
  }

  Intake intake_;
  RpcServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(PassThrough, TheBytesAreTheAnswer) {
  intake_.work = [](grpc::ServerContext&, const wire::SubmitRequest& request,
                    grpc::ByteBuffer& answer) {
    // Two pieces that are one message, as a cached answer and what each has of its own.
    wire::SubmitReply cached, own;
    cached.set_version_token(request.key().state());
    own.set_version(7);
    answer = to_byte_buffer(cached.SerializeAsString() + own.SerializeAsString());
    return grpc::Status::OK;
  };
  wire::SubmitRequest request;
  request.mutable_key()->set_state("KEN");
  for (int i = 0; i < 3; ++i) {
    wire::SubmitReply reply;
    const grpc::Status status = submit(request, reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(reply.version_token(), "KEN");
    EXPECT_EQ(reply.version(), 7);
  }
}

TEST_F(PassThrough, AnEmptyAnswerIsOneToo) {
  intake_.work = [](grpc::ServerContext&, const wire::SubmitRequest&, grpc::ByteBuffer& answer) {
    answer = to_byte_buffer("");
    return grpc::Status::OK;
  };
  wire::SubmitReply reply;
  EXPECT_TRUE(submit({}, reply).ok());
}

TEST_F(PassThrough, AnErrorComesWithItsDetailsAndNoAnswer) {
  intake_.work = [](grpc::ServerContext&, const wire::SubmitRequest&, grpc::ByteBuffer& answer) {
    answer = to_byte_buffer("not sent");
    return to_grpc_status(make_error(Reason::kForbidden, "not you"));
  };
  wire::SubmitReply reply;
  const Error error = from_grpc_status(submit({}, reply));
  EXPECT_EQ(error.reason, Reason::kForbidden);
  EXPECT_EQ(error.message, "not you");
}

TEST_F(PassThrough, ARequestThatIsNoMessageOrTooLargeNeverReachesTheMethod) {
  int worked = 0;
  intake_.work = [&](grpc::ServerContext&, const wire::SubmitRequest&, grpc::ByteBuffer&) {
    ++worked;
    return grpc::Status::OK;
  };
  EXPECT_EQ(submit_bytes("\xFF\xFF\xFF").error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(submit_bytes(std::string(1 << 17, 'x')).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(worked, 0);
}

TEST_F(PassThrough, TheOtherMethodsAreAsTheyWere) {
  wire::GetResponseRequest request;
  request.mutable_key()->set_state("UGA");
  wire::GetResponseReply reply;
  grpc::ClientContext context;
  ASSERT_TRUE(
      wire::ChecklistIntake::NewStub(channel_)->GetResponse(&context, request, &reply).ok());
  EXPECT_EQ(reply.response().key().state(), "UGA");
}

}  // namespace
}  // namespace uncac::platform

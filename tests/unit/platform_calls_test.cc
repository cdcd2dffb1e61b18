// What stands around every method, on a real server with a real service.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "access/token.h"
#include "platform/rpc/call.h"
#include "platform/rpc/server.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::platform {
namespace {

namespace wire = ::uncac::checklist::v1;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSubmit = "/uncac.checklist.v1.ChecklistIntake/Submit";
constexpr const char* kExport = "/uncac.checklist.v1.ChecklistIntake/ExportResponse";

// Does what the test says inside the two kinds of method.
class Intake final : public wire::ChecklistIntake::Service {
 public:
  explicit Intake(Calls& calls) : calls_(calls) {}
  grpc::Status Submit(grpc::ServerContext* context, const wire::SubmitRequest* request,
                      wire::SubmitReply* reply) override {
    return calls_.unary(*context, kSubmit, *request, *reply,
                        [this](const Call& call, const wire::SubmitRequest& asked) {
                          ++worked;
                          return work(call, asked);
                        });
  }
  grpc::Status ExportResponse(grpc::ServerContext* context, const wire::ExportRequest*,
                              grpc::ServerWriter<wire::ExportReply>* writer) override {
    return calls_.stream(*context, kExport,
                         [&](const Call& call) { return stream(call, *writer); });
  }
  std::function<Result<wire::SubmitReply>(const Call&, const wire::SubmitRequest&)> work =
      [](const Call&, const wire::SubmitRequest&) { return wire::SubmitReply(); };
  std::function<Status(const Call&, grpc::ServerWriter<wire::ExportReply>&)> stream =
      [](const Call&, grpc::ServerWriter<wire::ExportReply>&) { return Status(); };
  std::atomic<int> worked = 0;

 private:
  Calls& calls_;
};

class PlatformCalls : public ::testing::Test {
 protected:
  PlatformCalls() : keys_(*access::make_key_pair()) {
    gatekeeper_ = *access::TokenGatekeeper::create(keys_.public_pem, clock_);
    calls_ = std::make_unique<Calls>(*gatekeeper_, ids_, metrics_,
                                     Calls::Limits{milliseconds(30'000), 2});
    intake_ = std::make_unique<Intake>(*calls_);
    const Status started = server_.start({"127.0.0.1", 0}, {}, {}, {intake_.get()});
    EXPECT_TRUE(started.ok());
    server_.set_serving(true);
    channel_ = *open_channel("127.0.0.1:" + std::to_string(server_.port()), {});
    stub_ = wire::ChecklistIntake::NewStub(channel_);
  }

  std::string token(access::Caller caller) {
    return *access::mint_token(keys_.private_pem, caller, std::chrono::hours(1), clock_.now(),
                               ids_);
  }
  void authorize(grpc::ClientContext& context, const access::Caller& caller) {
    context.AddMetadata("authorization", "Bearer " + token(caller));
  }
  access::Caller secretariat() { return {access::Role::kSecretariat, "desk", "", ""}; }
  // As the secretariat, within 20 seconds.
  grpc::Status submit(const wire::SubmitRequest& request = {}, wire::SubmitReply* reply = nullptr) {
    grpc::ClientContext context;
    authorize(context, secretariat());
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    wire::SubmitReply ignored;
    return stub_->Submit(&context, request, reply != nullptr ? reply : &ignored);
  }
  double counted(const std::string& code, const std::string& method = kSubmit) {
    return metrics_.counter("uncac_rpc_total", "", {{"code", code}, {"method", method}}).value();
  }

  SystemClock clock_;
  SystemIds ids_;
  Metrics metrics_;
  access::KeyPair keys_;
  std::unique_ptr<access::TokenGatekeeper> gatekeeper_;
  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Intake> intake_;
  RpcServer server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<wire::ChecklistIntake::Stub> stub_;
};

TEST_F(PlatformCalls, TheHandlerSeesWhoCallsAndItsReplyArrives) {
  intake_->work = [](const Call& call, const wire::SubmitRequest& request) {
    EXPECT_EQ(access::caller_of(call).role, access::Role::kSecretariat);
    EXPECT_EQ(call.principal->name(), "desk");
    EXPECT_EQ(call.method, kSubmit);
    EXPECT_THAT(call.peer, HasSubstr("127.0.0.1"));
    EXPECT_FALSE(call.cancelled());
    wire::SubmitReply reply;
    reply.set_version_token(request.key().state());
    return reply;
  };
  wire::SubmitRequest request;
  request.mutable_key()->set_state("KEN");
  wire::SubmitReply reply;
  const grpc::Status status = submit(request, &reply);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply.version_token(), "KEN");
  EXPECT_EQ(counted("OK"), 1);
  EXPECT_THAT(metrics_.text(), HasSubstr("uncac_rpc_seconds_count"));
}

TEST_F(PlatformCalls, WithoutAGoodTokenTheHandlerIsNotReached) {
  const auto refusal = [&](const std::vector<std::string>& headers) {
    grpc::ClientContext context;
    for (const std::string& header : headers) context.AddMetadata("authorization", header);
    wire::SubmitReply reply;
    return from_grpc_status(stub_->Submit(&context, {}, &reply)).reason;
  };
  EXPECT_EQ(refusal({}), Reason::kUnauthenticated);
  EXPECT_EQ(refusal({"Bearer garbage"}), Reason::kUnauthenticated);
  EXPECT_EQ(refusal({"Bearer " + token({access::Role::kProvider, "p", "", "EX1"})}),
            Reason::kForbidden);
  const std::string good = "Bearer " + token(secretariat());
  EXPECT_EQ(refusal({good, good}), Reason::kUnauthenticated) << "two identities";
  EXPECT_EQ(intake_->worked, 0);
  EXPECT_EQ(counted("UNAUTHENTICATED"), 3);
  EXPECT_EQ(counted("FORBIDDEN"), 1);
}

TEST_F(PlatformCalls, TheDeadlineIsTheCallersButNeverBeyondTheLimit) {
  milliseconds left{0};
  intake_->work = [&](const Call& call, const wire::SubmitRequest&) {
    left =
        std::chrono::duration_cast<milliseconds>(call.deadline - std::chrono::steady_clock::now());
    return wire::SubmitReply();
  };
  ASSERT_TRUE(submit().ok());
  EXPECT_LE(left, milliseconds(21'000)) << "gRPC rounds the time it sends up";
  EXPECT_GT(left, milliseconds(10'000));
  grpc::ClientContext endless;
  authorize(endless, secretariat());
  wire::SubmitReply reply;
  ASSERT_TRUE(stub_->Submit(&endless, {}, &reply).ok());
  EXPECT_LE(left, milliseconds(30'000));
  EXPECT_GT(left, milliseconds(21'000));
}

TEST_F(PlatformCalls, TheHandlerIsToldWhenItsTimeIsOver) {
  std::binary_semaphore noticed(0);
  intake_->work = [&](const Call& call, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!call.cancelled() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    if (call.cancelled()) noticed.release();
    return make_error(Reason::kDeadlineExceeded, "given up");
  };
  grpc::ClientContext context;
  authorize(context, secretariat());
  context.set_deadline(std::chrono::system_clock::now() + milliseconds(200));
  wire::SubmitReply reply;
  const grpc::Status status = stub_->Submit(&context, {}, &reply);
  EXPECT_EQ(from_grpc_status(status).reason, Reason::kDeadlineExceeded);
  EXPECT_TRUE(noticed.try_acquire_for(std::chrono::seconds(20)));
}

TEST_F(PlatformCalls, ACallPastItsDeadlineIsRefusedWithoutWork) {
  Calls impatient(*gatekeeper_, ids_, metrics_, Calls::Limits{milliseconds(0), 2});
  grpc::ServerContext context;
  bool worked = false;
  wire::SubmitReply reply;
  const grpc::Status status =
      impatient.unary(context, kSubmit, wire::SubmitRequest(), reply,
                      [&](const Call&, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
                        worked = true;
                        return wire::SubmitReply();
                      });
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(from_grpc_status(status).reason == Reason::kDeadlineExceeded);
  EXPECT_FALSE(worked);
}

TEST_F(PlatformCalls, AnErrorArrivesWithItsProblems) {
  const Error sent{Reason::kInvalidInput,
                   "2 rules are broken \xC3\xA9%",
                   {{"answers.csv", 17, "type", Severity::kError, "unknown-type", "\"X\" is none"},
                    {"", 0, "", Severity::kWarning, "no-challenge", "IN_PART without one"}}};
  intake_->work = [&](const Call&, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
    return sent;
  };
  const grpc::Status status = submit();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const Error got = from_grpc_status(status);
  EXPECT_EQ(got.reason, sent.reason);
  EXPECT_EQ(got.message, sent.message);
  EXPECT_EQ(got.problems, sent.problems);
}

TEST_F(PlatformCalls, EveryReasonComesBackAsItself) {
  for (const ReasonRow& row : reason_table()) {
    const Error back = from_grpc_status(to_grpc_status(make_error(row.reason, "why")));
    EXPECT_EQ(back.reason, row.reason) << row.name;
    EXPECT_EQ(back.message, "why");
    EXPECT_EQ(static_cast<int>(to_grpc_status(make_error(row.reason, "")).error_code()),
              row.grpc_code);
  }
}

TEST_F(PlatformCalls, AStatusOfAnotherProgramIsReadByItsCode) {
  using grpc::StatusCode;
  EXPECT_EQ(from_grpc_status({StatusCode::NOT_FOUND, "x"}).reason, Reason::kNotFound);
  EXPECT_EQ(from_grpc_status({StatusCode::UNAVAILABLE, "x", "garbage"}).reason,
            Reason::kUnavailable);
  EXPECT_EQ(from_grpc_status({StatusCode::DATA_LOSS, "x"}).reason, Reason::kInternal);
  EXPECT_EQ(from_grpc_status({StatusCode::CANCELLED, "x"}).reason, Reason::kUnavailable)
      << "a server that ended while it was asked: ask again";
  uncac::common::v1::ErrorDetail detail;
  detail.set_reason("OF_TOMORROW");
  uncac::common::v1::Status newer;
  newer.add_details()->PackFrom(detail);
  EXPECT_EQ(from_grpc_status({StatusCode::ABORTED, "x", newer.SerializeAsString()}).reason,
            Reason::kConflict);
}

// Whatever the problems hold, the call must end with our status and not with gRPC's complaint about
// its headers.
TEST_F(PlatformCalls, MoreProblemsThanFitAreCountedInTheMessage) {
  const std::string arabic = "\xD8\xA7\xD9\x84\xD8\xAF\xD9\x88\xD9\x84\xD8\xA9 ";
  for (const std::string& text : {std::string("short "), arabic, std::string("\xFF\xFE\x00", 3)}) {
    Error sent{Reason::kInvalidInput, "", {}};
    for (int i = 0; i < 400; ++i) sent.message += text;
    for (int i = 0; i < 3000; ++i) {
      std::string long_text;
      for (int k = 0; k < i % 90; ++k) long_text += text;
      sent.problems.push_back({"a.csv", i + 1, "type", Severity::kError, "rule", long_text});
    }
    intake_->work = [&](const Call&, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
      return sent;
    };
    const Error got = from_grpc_status(submit());
    EXPECT_EQ(got.reason, Reason::kInvalidInput) << got.message;
    ASSERT_GE(got.problems.size(), 3u);
    ASSERT_LT(got.problems.size(), 3000u);
    for (std::size_t i = 0; i < got.problems.size(); ++i) {
      EXPECT_EQ(got.problems[i].row, static_cast<std::int64_t>(i) + 1) << "the first ones";
    }
    EXPECT_THAT(got.message,
                HasSubstr(std::to_string(3000 - got.problems.size()) + " more problems"));
  }
}

TEST_F(PlatformCalls, AnExceptionEndsTheCallAndTellsTheCallerNothing) {
  for (const bool is_standard : {true, false}) {
    intake_->work = [&](const Call&, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
      if (is_standard) throw std::runtime_error("SELECT secret");
      throw 7;
    };
    ::testing::internal::CaptureStderr();
    const Error got = from_grpc_status(submit());
    const std::string logged = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(got.reason, Reason::kInternal);
    EXPECT_THAT(got.message, Not(HasSubstr("SELECT")));
    EXPECT_THAT(logged, HasSubstr("\"level\":\"warning\""));
    EXPECT_THAT(logged, HasSubstr("\"code\":\"INTERNAL\""));
    EXPECT_EQ(logged.find("SELECT secret") != std::string::npos, is_standard);
  }
  intake_->work = [](const Call&, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
    throw std::runtime_error("");
  };
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(submit().ok()) << "an exception that says nothing is none the less one";
  ::testing::internal::GetCapturedStderr();
}

TEST_F(PlatformCalls, ARequestOverTheLimitIsRefused) {
  wire::SubmitRequest request;
  request.add_answers()->set_measures(std::string(5 << 20, 'x'));
  EXPECT_EQ(from_grpc_status(submit(request)).reason, Reason::kTooLarge);
  EXPECT_EQ(intake_->worked, 0);
  EXPECT_TRUE(submit().ok()) << "and the server goes on";
}

TEST_F(PlatformCalls, TheCallersTraceGoesOn) {
  TraceContext seen;
  intake_->work = [&](const Call& call, const wire::SubmitRequest&) {
    seen = call.trace;
    return wire::SubmitReply();
  };
  grpc::ClientContext context;
  authorize(context, secretariat());
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  wire::SubmitReply reply;
  ASSERT_TRUE(stub_->Submit(&context, {}, &reply).ok());
  EXPECT_EQ(seen.trace_id, "0af7651916cd43dd8448eb211c80319c");
  EXPECT_NE(seen.span_id, "b7ad6b7169203331");
}

TEST_F(PlatformCalls, MoreStreamsThanAllowedAreRefusedAndClosedOnesMakeRoom) {
  std::counting_semaphore<8> release(0);
  intake_->stream = [&](const Call&, grpc::ServerWriter<wire::ExportReply>& writer) {
    wire::ExportReply reply;
    reply.set_chunk("open");
    writer.Write(reply);
    release.acquire();
    return Status();
  };
  struct Open {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<wire::ExportReply>> reader;
  };
  const auto open = [&] {
    auto one = std::make_unique<Open>();
    authorize(one->context, secretariat());
    one->reader = stub_->ExportResponse(&one->context, {});
    return one;
  };
  wire::ExportReply reply;
  const auto first = open();
  const auto second = open();
  ASSERT_TRUE(first->reader->Read(&reply));
  ASSERT_TRUE(second->reader->Read(&reply));
  const auto third = open();
  EXPECT_FALSE(third->reader->Read(&reply));
  EXPECT_EQ(from_grpc_status(third->reader->Finish()).reason, Reason::kOverloaded);
  release.release(3);
  EXPECT_FALSE(first->reader->Read(&reply));
  EXPECT_TRUE(first->reader->Finish().ok());
  EXPECT_TRUE(second->reader->Finish().ok());
  const auto fourth = open();
  EXPECT_TRUE(fourth->reader->Read(&reply));
  EXPECT_TRUE(fourth->reader->Finish().ok());
}

TEST_F(PlatformCalls, TheInProcessChannelReachesTheSameService) {
  const auto stub = wire::ChecklistIntake::NewStub(server_.in_process_channel());
  grpc::ClientContext context;
  authorize(context, secretariat());
  wire::SubmitReply reply;
  EXPECT_TRUE(stub->Submit(&context, {}, &reply).ok());
}

TEST_F(PlatformCalls, StoppingCancelsWhatDoesNotEndInTime) {
  std::binary_semaphore working(0);
  intake_->work = [&](const Call& call, const wire::SubmitRequest&) -> Result<wire::SubmitReply> {
    working.release();
    while (!call.cancelled()) std::this_thread::yield();
    return make_error(Reason::kUnavailable, "stopping");
  };
  std::jthread caller([&] { EXPECT_FALSE(submit().ok()); });
  working.acquire();
  const Instant start = std::chrono::steady_clock::now();
  server_.stop(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  caller.join();
  server_.stop(milliseconds(50));  // again: nothing
}

}  // namespace
}  // namespace uncac::platform

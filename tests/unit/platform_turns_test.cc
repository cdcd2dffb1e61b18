// Streams that hold no thread, on a real server.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "access/token.h"
#include "platform/rpc/server.h"
#include "platform/rpc/turns.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::platform {
namespace {

using needs::v1::FollowReply;
using needs::v1::NeedsMatrix;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kFollow = "/uncac.needs.v1.NeedsMatrix/Follow";

// Says "1", "2", … as far as it is let, then rests.
struct Script {
  std::atomic<int> upto = 0;
  std::atomic<bool> end = false;
  std::atomic<bool> fail = false;
  std::atomic<int> open = 0;
};

class Counting final : public TurnSource<FollowReply> {
 public:
  explicit Counting(Script& script) : script_(script) { ++script_.open; }
  ~Counting() override { --script_.open; }
  Result<Turn> turn(std::vector<FollowReply>& out) override {
    if (script_.fail) return make_error(Reason::kConflict, "as the test wants it");
    while (said_ < script_.upto && out.size() < 100) {
      out.emplace_back().set_need(std::to_string(++said_));
    }
    if (said_ < script_.upto) return Turn{};
    return Turn{script_.end, std::chrono::hours(1)};
  }

 private:
  Script& script_;
  int said_ = 0;
};

class Matrix final : public NeedsMatrix::WithCallbackMethod_Follow<NeedsMatrix::Service> {
 public:
  Matrix(Calls& calls, Script& script) : calls_(calls), script_(script) {}
  grpc::ServerWriteReactor<FollowReply>* Follow(grpc::CallbackServerContext* context,
                                                const needs::v1::FollowRequest* request) override {
    return TurnStream<FollowReply>::start(
        turns, calls_.open(*context, kFollow),
        [&](const Call&) -> Result<std::unique_ptr<TurnSource<FollowReply>>> {
          if (request->from() == "bad") return make_error(Reason::kInvalidInput, "no position");
          return std::unique_ptr<TurnSource<FollowReply>>(std::make_unique<Counting>(script_));
        });
  }
  Turns turns{2};

 private:
  Calls& calls_;
  Script& script_;
};

class PlatformTurns : public ::testing::Test {
 protected:
  PlatformTurns() {
    Calls::Limits limits;
    limits.streams_in_turns = 50;
    calls_ = std::make_unique<Calls>(*gatekeeper_, ids_, metrics_, limits);
    matrix_ = std::make_unique<Matrix>(*calls_, script_);
    const Status started = server_.start({"127.0.0.1", 0}, {}, {}, {matrix_.get()});
    EXPECT_TRUE(started.ok());
    server_.set_serving(true);
    stub_ = NeedsMatrix::NewStub(*open_channel("127.0.0.1:" + std::to_string(server_.port()), {}));
  }
  ~PlatformTurns() override { server_.stop(milliseconds(0)); }

  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<FollowReply>> reader;
    std::string next() {
      FollowReply reply;
      return reader->Read(&reply) ? reply.need() : "end";
    }
  };
  std::unique_ptr<Stream> follow(const std::string& from = "") {
    auto stream = std::make_unique<Stream>();
    stream->context.set_deadline(std::chrono::system_clock::now() + seconds(30));
    needs::v1::FollowRequest request;
    request.set_from(from);
    stream->reader = stub_->Follow(&stream->context, request);
    return stream;
  }

  SystemClock clock_;
  SystemIds ids_;
  Metrics metrics_;
  const std::unique_ptr<Gatekeeper> gatekeeper_ =
      *access::TokenGatekeeper::create(access::make_key_pair()->public_pem, clock_);
  Script script_;
  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Matrix> matrix_;
  RpcServer server_;
  std::unique_ptr<NeedsMatrix::Stub> stub_;
};

TEST_F(PlatformTurns, SaysAllInOrderAndWakesWhenThereIsMore) {
  script_.upto = 250;
  const auto stream = follow();
  for (int i = 1; i <= 250; ++i) ASSERT_EQ(stream->next(), std::to_string(i));
  script_.upto = 251;
  // Whether it rests already or is just about to.
  matrix_->turns.wake();
  EXPECT_EQ(stream->next(), "251");
  script_.end = true;
  matrix_->turns.wake();
  EXPECT_EQ(stream->next(), "end");
  EXPECT_TRUE(stream->reader->Finish().ok());
}

TEST_F(PlatformTurns, ARefusalAndAFailureAreTheCallersStatus) {
  const auto refused = follow("bad");
  EXPECT_EQ(refused->next(), "end");
  EXPECT_EQ(refused->reader->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  script_.upto = 1;
  const auto stream = follow();
  EXPECT_EQ(stream->next(), "1");
  script_.fail = true;
  matrix_->turns.wake();
  EXPECT_EQ(stream->next(), "end");
  EXPECT_EQ(stream->reader->Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(PlatformTurns, NoMoreThanAllowedAndWhoLeavesMakesRoom) {
  script_.upto = 1;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 50; ++i) streams.push_back(follow());
  for (const auto& stream : streams) ASSERT_EQ(stream->next(), "1");
  EXPECT_EQ(script_.open, 50);
  const auto more = follow();
  EXPECT_EQ(more->next(), "end");
  EXPECT_EQ(more->reader->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // Two threads, fifty streams: they rest, and one that is left ends though nothing wakes it.
  streams.front()->context.TryCancel();
  EXPECT_EQ(streams.front()->next(), "end");
  streams.front()->reader->Finish();
  const auto until = std::chrono::steady_clock::now() + seconds(20);
  while (script_.open > 49 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(script_.open, 49);
  EXPECT_EQ(follow()->next(), "1");
}

TEST_F(PlatformTurns, ReadersWhoDoNotReadKeepNobodyElseBack) {
  script_.upto = 200'000;  // more than any buffer between them takes
  std::vector<std::unique_ptr<Stream>> deaf;
  for (int i = 0; i < 8; ++i) deaf.push_back(follow());
  const auto stream = follow();
  for (int i = 1; i <= 2'000; ++i) ASSERT_EQ(stream->next(), std::to_string(i));
}

}  // namespace
}  // namespace uncac::platform

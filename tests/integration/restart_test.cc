// After kill -9 the matrix is read again from the log, in which every audience was once as wide as
// it was first chosen. Nobody may be answered from the middle of it.
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "integration/exercise_data.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using Keys = std::set<std::string>;
using needs::v1::NeedsMatrix;

// States of a checklist file with this word in every row, and the rows of some States alone.
std::vector<std::string> states_with(const std::string& csv, const std::string& word) {
  std::vector<std::string> states;
  for (const std::string& line : lines_of(csv)) {
    const std::string state = line.substr(0, 3);
    if (line.find(word) != std::string::npos && (states.empty() || states.back() != state)) {
      states.push_back(state);
    }
  }
  return states;
}
std::string rows_of(const std::string& csv, const std::set<std::string>& states) {
  std::string rows;
  for (const std::string& line : lines_of(csv)) {
    if (rows.empty() || states.contains(line.substr(0, 3))) rows += line + "\n";
  }
  return rows;
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

void add_states(const std::set<std::string>& states, needs::v1::Filter& where) {
  where.set_dimension("state");
  for (const std::string& state : states) where.add_values(state);
}

// The public, asking without pause from before the port answers. Every answer is UNAVAILABLE or
// right; what is neither is kept.
class Asker {
 public:
  using Ask = std::function<grpc::Status(NeedsMatrix::Stub&, std::string& wrong)>;
  Asker(std::string address, Ask ask)
      : address_(std::move(address)), ask_(std::move(ask)), thread_([this](std::stop_token stop) {
          while (!stop.stop_requested()) run(stop);
        }) {}

  int answered() const { return answered_; }
  int told_to_wait() const { return told_to_wait_; }  // by the suite itself
  std::vector<std::string> wrong() {
    const std::lock_guard lock(mutex_);
    return wrong_;
  }

 private:
  // One connection, until it breaks: a channel that was refused waits before it tries again.
  void run(const std::stop_token& stop) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    const auto channel =
        grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
    if (!channel->WaitForConnected(std::chrono::system_clock::now() +
                                   std::chrono::milliseconds(20))) {
      return;
    }
    const auto stub = NeedsMatrix::NewStub(channel);
    while (!stop.stop_requested() && channel->GetState(false) == GRPC_CHANNEL_READY) {
      std::string wrong;
      const grpc::Status status = ask_(*stub, wrong);
      if (status.ok()) {
        ++answered_;
      } else if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
        if (status.error_message().find("reading the log") != std::string::npos) ++told_to_wait_;
      } else {
        wrong += " and " + status.error_message();
      }
      const std::lock_guard lock(mutex_);
      if (!wrong.empty() && wrong_.size() < 5) wrong_.push_back(wrong);
    }
  }

  const std::string address_;
  const Ask ask_;
  std::atomic<int> answered_ = 0, told_to_wait_ = 0;
  std::mutex mutex_;
  std::vector<std::string> wrong_;
  std::jthread thread_;  // last: it uses all of the above
};

class Restart : public ::testing::Test {
 protected:
  void submit(const std::string& csv) {
    answer(*system_, "secretariat",
           {"response", "submit", system_->file("exercise.csv", csv), "--exercise"});
  }
  static void set_limit(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }

  grpc::Status list(NeedsMatrix::Stub& stub, Keys& keys) const {
    grpc::ClientContext context;
    set_limit(context);
    needs::v1::ListNeedsRequest request;
    request.set_page_size(10'000);
    std::set<std::string> both = narrowed_;
    both.insert(kept_.begin(), kept_.end());
    add_states(both, *request.add_where());
    needs::v1::ListNeedsReply reply;
    const grpc::Status status = stub.ListNeeds(&context, request, &reply);
    for (const auto& need : reply.needs()) keys.insert(need.need());
    EXPECT_EQ(reply.next_page_token(), "");
    return status;
  }
  grpc::Status matrix(NeedsMatrix::Stub& stub, std::string& wrong) const {
    grpc::ClientContext context;
    set_limit(context);
    needs::v1::QueryMatrixRequest request;
    request.set_rows("state");
    add_states(narrowed_, *request.add_where());
    needs::v1::QueryMatrixReply reply;
    const grpc::Status status = stub.QueryMatrix(&context, request, &reply);
    if (!status.ok()) return status;
    if (!reply.total().withheld()) wrong = "a total of " + std::to_string(reply.total().value());
    for (const auto& row : reply.matrix()) {
      for (const auto& figure : row.figures()) {
        if (!figure.withheld()) wrong = row.header().code() + " in the matrix";
      }
    }
    return status;
  }
  grpc::Status feed(NeedsMatrix::Stub& stub, std::string& wrong) const {
    grpc::ClientContext context;
    set_limit(context);
    needs::v1::FollowRequest request;
    request.set_from("start");
    request.set_until_caught_up(true);
    add_states(narrowed_, *request.add_where());
    const auto stream = stub.Follow(&context, request);
    needs::v1::FollowReply change;
    while (stream->Read(&change)) {
      if (change.kind() != needs::v1::CHANGE_KIND_CAUGHT_UP) wrong = change.need() + " in the feed";
    }
    return stream->Finish();
  }

  std::unique_ptr<System> system_ = System::embedded();
  std::set<std::string> narrowed_, kept_;
};

TEST_F(Restart, NobodyIsAnsweredFromTheMiddleOfTheLog) {
  const std::string csv = exercise_csv(*system_, 197);
  const std::vector<std::string> is_public = states_with(csv, ",PUBLIC,");
  ASSERT_GT(is_public.size(), 20u);
  narrowed_.insert(is_public.begin(), is_public.end() - 2);
  kept_.insert(is_public.end() - 2, is_public.end());
  submit(csv);
  const auto stub = NeedsMatrix::NewStub(system_->channel());
  Keys wide, right;
  ASSERT_TRUE(list(*stub, wide).ok());
  submit(replaced(rows_of(csv, narrowed_), ",PUBLIC,", ",RESTRICTED,"));
  ASSERT_TRUE(list(*stub, right).ok());
  ASSERT_GT(right.size(), 0u);
  ASSERT_GT(wide.size(), 5 * right.size());
  const auto whole = needs_of(*system_, "secretariat", *narrowed_.begin());
  ASSERT_GT(whole.size(), 0u);
  for (const std::string& key : right) ASSERT_TRUE(kept_.contains(key.substr(0, 3))) << key;

  Service& suite = system_->service("uncac-suite");
  int told_to_wait = 0;
  for (int time = 0; time < 3; ++time) {
    SCOPED_TRACE("kill " + std::to_string(time));
    suite.kill9();
    Asker lists(system_->address(), [&](NeedsMatrix::Stub& asked, std::string& wrong) {
      Keys keys;
      const grpc::Status status = list(asked, keys);
      if (status.ok() && keys != right) {
        std::size_t secret = 0;
        for (const std::string& key : keys) secret += narrowed_.contains(key.substr(0, 3)) ? 1 : 0;
        wrong = std::to_string(keys.size()) + " needs, of which not shared " +
                std::to_string(secret) + ", where " + std::to_string(right.size()) + " are right";
      }
      return status;
    });
    Asker figures(system_->address(), [&](NeedsMatrix::Stub& asked, std::string& wrong) {
      return matrix(asked, wrong);
    });
    Asker feeds(system_->address(),
                [&](NeedsMatrix::Stub& asked, std::string& wrong) { return feed(asked, wrong); });
    suite.launch();
    suite.wait_ready();
    const std::vector<Asker*> all{&lists, &figures, &feeds};
    for (Asker* asker : all) {
      // Well after it was ready.
      const int before = asker->answered();
      EXPECT_TRUE(eventually([&] { return asker->answered() > before + 50; }));
      EXPECT_EQ(asker->wrong(), std::vector<std::string>());
      told_to_wait += asker->told_to_wait();
    }
  }
  EXPECT_GT(told_to_wait, 0) << "nobody asked while the log was read, so nothing was tried";
  // The secretariat has lost nothing.
  EXPECT_EQ(needs_of(*system_, "secretariat", *narrowed_.begin()), whole);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

}  // namespace
}  // namespace uncac::testing

// How long a position is good for: a subscriber that was away 25 days gets every change, one that
// was away longer is told to drop its copy and gets the newest state of everything.
#include <map>

#include "integration/house.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using needs::v1::FollowReply;
using needs::v1::NeedsMatrix;

class FeedWindow : public ::testing::TestWithParam<std::string> {
 protected:
  // Kenya's answer to uncac/44, with one need of this type.
  static void submit(House& house, const std::string& type) {
    access::Caller kenya;
    kenya.role = access::Role::kFocalPoint;
    kenya.subject = "kenya-" + type;  // a token of its own, since those of before have ended
    kenya.state = "KEN";
    checklist::v1::SubmitRequest request;
    request.mutable_key()->set_state("KEN");
    request.mutable_key()->set_checklist("uncac-2007");
    request.mutable_key()->set_round(2027);
    checklist::v1::Answer& answer = *request.add_answers();
    answer.set_provision("uncac/44");
    answer.set_compliance(checklist::v1::COMPLIANCE_YES);
    answer.add_needed()->set_type(type);
    request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
    grpc::ClientContext context;
    house.authorize(context, kenya);
    checklist::v1::SubmitReply reply;
    const grpc::Status status =
        ChecklistIntake::NewStub(house.channel())->Submit(&context, request, &reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
    // Until the matrix has it: before that it may not be in the log yet.
    needs::v1::ListNeedsRequest list;
    list.mutable_freshness()->add_version_tokens(reply.version_token());
    grpc::ClientContext listing;
    house.authorize(listing, kenya);
    needs::v1::ListNeedsReply listed;
    const grpc::Status waited =
        NeedsMatrix::NewStub(house.channel())->ListNeeds(&listing, list, &listed);
    ASSERT_TRUE(waited.ok()) << waited.error_message();
  }

  struct Read {
    std::vector<std::string> changes;
    std::string position;
  };
  static Read read(House& house, const std::string& from) {
    grpc::ClientContext context;
    house.authorize(context, {});
    needs::v1::FollowRequest request;
    request.set_from(from);
    request.set_until_caught_up(true);
    const auto stream = NeedsMatrix::NewStub(house.channel())->Follow(&context, request);
    Read read;
    FollowReply reply;
    while (stream->Read(&reply)) {
      read.position = reply.position();
      if (reply.kind() == needs::v1::CHANGE_KIND_RESTARTED) read.changes.emplace_back("restarted");
      if (reply.kind() == needs::v1::CHANGE_KIND_STATED) {
        read.changes.push_back("stated " + reply.need());
      }
      if (reply.kind() == needs::v1::CHANGE_KIND_REMOVED) {
        read.changes.push_back("removed " + reply.need());
      }
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return read;
  }
};

TEST_P(FeedWindow, IsTwentyFiveDays) {
  const Moment start = must(platform::parse_day("2027-03-01")) + std::chrono::hours(12);
  House house(GetParam(), start);
  submit(house, "LEGAL_ADVICE");
  const Read first = read(house, "start");
  EXPECT_EQ(first.changes, std::vector<std::string>{"stated KEN:uncac/44:LEGAL_ADVICE"});
  house.clock().put_at(start + std::chrono::days(10));
  submit(house, "ACTION_PLAN");
  std::vector<std::string> changes{"removed KEN:uncac/44:LEGAL_ADVICE",
                                   "stated KEN:uncac/44:ACTION_PLAN"};
  std::sort(changes.begin(), changes.end());

  house.clock().put_at(start + std::chrono::days(25));
  Read within = read(house, first.position);
  std::sort(within.changes.begin(), within.changes.end());
  EXPECT_EQ(within.changes, changes);

  house.clock().put_at(start + std::chrono::days(26));
  const Read late = read(house, first.position);
  EXPECT_EQ(late.changes,
            (std::vector<std::string>{"restarted", "stated KEN:uncac/44:ACTION_PLAN"}));
  // The position that came with it is of today, and good.
  EXPECT_EQ(read(house, late.position).changes, std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Profiles, FeedWindow, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

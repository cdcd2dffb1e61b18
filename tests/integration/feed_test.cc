// The feed broken off and gone on with: nothing is missed, nothing told twice, and nothing told of
// what was shared and taken back while the reader was away.
#include <algorithm>

#include "access/token.h"
#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;
using needs::v1::FollowReply;
using needs::v1::NeedsMatrix;

class FeedTest : public BothProfiles {
 protected:
  void submit(const std::vector<Row>& rows) {
    const std::string file = system().file("feed.csv", checklist_csv(rows));
    answer(system(), "focal-point-" + rows[0].state, {"response", "submit", file});
  }
  std::string position_of(const std::string& reader, const std::string& state) {
    return follow(system(), reader, state, "start").position;
  }
  // In any order.
  Lines changes(const std::string& reader, const std::string& state, const std::string& from) {
    Lines lines = changes_in(follow(system(), reader, state, from));
    std::sort(lines.begin(), lines.end());
    return lines;
  }
  // The first message alone; the reader leaves then.
  FollowReply first_of(const std::string& reader, const std::string& state,
                       const std::string& from) {
    grpc::ClientContext context;
    system().authorize(context, reader);
    needs::v1::FollowRequest request;
    request.set_from(from);
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values(state);
    const auto stream = NeedsMatrix::NewStub(system().channel())->Follow(&context, request);
    FollowReply first;
    EXPECT_TRUE(stream->Read(&first));
    context.TryCancel();
    FollowReply rest;
    while (stream->Read(&rest)) continue;
    stream->Finish();
    return first;
  }
};

TEST_P(FeedTest, BrokenOffInTheMiddleOfTheWholeStartsOver) {
  submit({{.state = "SOM", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "SOM", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"},
          {.state = "SOM", .provision = "uncac/9", .type = "MODEL_TREATY", .audience = "PUBLIC"}});
  const Lines all{"stated SOM:uncac/5:LEGAL_ADVICE", "stated SOM:uncac/6:ACTION_PLAN",
                  "stated SOM:uncac/9:MODEL_TREATY"};
  const std::string restarted = "uncac.needs.v1.FeedRestarted";
  for (const std::string reader : {"", "focal-point-SOM"}) {
    SCOPED_TRACE("reader \"" + reader + "\"");
    EXPECT_EQ(changes(reader, "SOM", "start"), all);
    const FollowReply first = first_of(reader, "SOM", "start");
    EXPECT_EQ(first.kind(), needs::v1::CHANGE_KIND_STATED);
    Lines resumed = changes_in(follow(system(), reader, "SOM", first.position()));
    ASSERT_FALSE(resumed.empty());
    EXPECT_EQ(resumed.front(), restarted) << "the reader drops his copy of one need";
    resumed.erase(resumed.begin());
    std::sort(resumed.begin(), resumed.end());
    EXPECT_EQ(resumed, all);

    // Broken off again, right after he was told to start over.
    const FollowReply again = first_of(reader, "SOM", first.position());
    EXPECT_EQ(again.kind(), needs::v1::CHANGE_KIND_RESTARTED);
    resumed = changes_in(follow(system(), reader, "SOM", again.position()));
    EXPECT_EQ(resumed.size(), all.size() + 1);
    ASSERT_FALSE(resumed.empty());
    EXPECT_EQ(resumed.front(), restarted);

    // With the last need he has all, and only what is new follows.
    const Feed whole = follow(system(), reader, "SOM", "start");
    ASSERT_EQ(whole.events.size(), all.size());
    EXPECT_EQ(changes(reader, "SOM", whole.events.back().at("position")), Lines{});
    EXPECT_EQ(changes(reader, "SOM", whole.position), Lines{});
  }
}

TEST_P(FeedTest, SharedAndTakenBackWhileAwayWasNeverThere) {
  const std::string key = "CMR:uncac/5:LEGAL_ADVICE", other = "CMR:uncac/6:ACTION_PLAN";
  const auto rows = [](const std::string& audience) {
    return std::vector<Row>{
        {.state = "CMR", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = audience},
        {.state = "CMR", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"}};
  };
  std::map<std::string, std::string> before;
  for (const std::string reader : {"", "provider-EX1", "focal-point-CMR"}) {
    before[reader] = position_of(reader, "CMR");
  }
  submit(rows("PUBLIC"));
  submit(rows("RESTRICTED"));
  for (const auto& [reader, position] : before) {
    SCOPED_TRACE("reader \"" + reader + "\"");
    const std::string out =
        answer(system(), reader, {"needs", "follow", "--from", position, "--until-caught-up"});
    EXPECT_NE(out.find(other), std::string::npos) << out;
    EXPECT_EQ(out.find(key) != std::string::npos, reader == "focal-point-CMR") << out;
    EXPECT_EQ(out.find("NeedRemoved"), std::string::npos) << out;
  }
  // Nor when it is gone altogether.
  answer(system(), "focal-point-CMR",
         {"response", "withdraw", "--state", "CMR", "--checklist", "uncac-2007", "--reason", "x"});
  for (const std::string reader : {"", "provider-EX1"}) {
    const std::string out = answer(
        system(), reader, {"needs", "follow", "--from", before[reader], "--until-caught-up"});
    EXPECT_EQ(out.find(key), std::string::npos) << out;
  }
}

// That the answer changed is itself an answer.
TEST_P(FeedTest, WhyANeedIsGoneIsToldToWhomTheProvisionIsSharedWith) {
  const std::string k5 = "GAB:uncac/5:LEGAL_ADVICE", k6 = "GAB:uncac/6:LEGAL_ADVICE",
                    new5 = "GAB:uncac/5:ACTION_PLAN", new6 = "GAB:uncac/6:ACTION_PLAN";
  submit({{.state = "GAB", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "GAB", .provision = "uncac/6", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  std::map<std::string, std::string> before;
  for (const std::string reader : {"", "provider-EX1", "focal-point-GAB"}) {
    before[reader] = position_of(reader, "GAB");
    EXPECT_EQ(changes(reader, "GAB", "start"), (Lines{"stated " + k5, "stated " + k6}));
  }
  submit({{.state = "GAB", .provision = "uncac/5", .type = "ACTION_PLAN", .audience = "RESTRICTED"},
          {.state = "GAB", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"}});
  for (const std::string reader : {"", "provider-EX1"}) {
    EXPECT_EQ(
        changes(reader, "GAB", before[reader]),
        (Lines{"removed " + k5 + " not shared", "removed " + k6 + " changed", "stated " + new6}))
        << reader;
  }
  EXPECT_EQ(changes("focal-point-GAB", "GAB", before["focal-point-GAB"]),
            (Lines{"removed " + k5 + " changed", "removed " + k6 + " changed", "stated " + new5,
                   "stated " + new6}));
}

TEST_P(FeedTest, ARemovalIsToldOnce) {
  const std::string key = "COG:uncac/5:LEGAL_ADVICE";
  const auto file = [&](const std::string& priority, const std::string& audience) {
    submit({{.state = "COG",
             .provision = "uncac/5",
             .type = "LEGAL_ADVICE",
             .audience = audience,
             .state_priority = priority}});
  };
  file("LOW", "PUBLIC");
  const std::string before = position_of("", "COG");
  file("MEDIUM", "PUBLIC");
  file("HIGH", "PUBLIC");
  file("HIGH", "RESTRICTED");
  const Lines once{"removed " + key + " not shared"};
  EXPECT_EQ(changes("", "COG", before), once);
  // More that he may not see is no second removal.
  file("LOW", "RESTRICTED");
  EXPECT_EQ(changes("", "COG", before), once);
  // Shared again, he hears of it again.
  const std::string between = follow(system(), "", "COG", before).position;
  file("LOW", "PUBLIC");
  EXPECT_EQ(changes("", "COG", between), Lines{"stated " + key});
  EXPECT_EQ(changes("", "COG", "start"), Lines{"stated " + key});
}

TEST_P(FeedTest, EndsWithTheTokenOfItsReader) {
  submit({{.state = "TCD", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  access::Caller caller;
  caller.role = access::Role::kFocalPoint;
  caller.state = "TCD";
  caller.subject = "leaves soon";
  platform::SystemIds ids;
  constexpr auto kLasts = std::chrono::seconds(3);
  const platform::Moment minted = platform::SystemClock().now();
  const std::string token =
      must(access::mint_token(system().signing_key(), caller, kLasts, minted, ids));

  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  needs::v1::FollowRequest request;
  request.set_from("start");
  needs::v1::Filter& where = *request.add_where();
  where.set_dimension("state");
  where.add_values("TCD");
  const auto stream = NeedsMatrix::NewStub(system().channel())->Follow(&context, request);
  FollowReply change;
  ASSERT_TRUE(stream->Read(&change)) << "the token was good when the stream began";
  EXPECT_EQ(change.need(), "TCD:uncac/5:LEGAL_ADVICE");
  EXPECT_FALSE(stream->Read(&change)) << change.need();
  const platform::Moment ended = platform::SystemClock().now();
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << status.error_message();
  // A token's times are whole seconds.
  EXPECT_GE(ended, minted + kLasts - std::chrono::seconds(1));
  EXPECT_LE(ended, minted + kLasts + std::chrono::seconds(5));
}

INSTANTIATE_TEST_SUITE_P(, FeedTest, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

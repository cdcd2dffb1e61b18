// Submit over gRPC: one idempotency key is one submission, expected versions, and how soon what was
// submitted is seen. Exercise data is marked wherever it is shown.
#include <algorithm>
#include <cstdio>
#include <thread>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using checklist::v1::SubmitReply;
using checklist::v1::SubmitRequest;

class Submit : public BothProfiles {
 protected:
  static SubmitRequest request_of(const std::string& state, const std::string& type) {
    SubmitRequest request;
    request.mutable_key()->set_state(state);
    request.mutable_key()->set_checklist("uncac-2007");
    request.mutable_key()->set_round(2009);
    request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
    checklist::v1::Answer& one = *request.add_answers();
    one.set_provision("uncac/5");
    one.set_compliance(checklist::v1::COMPLIANCE_NO);
    one.add_challenges("INTERAGENCY");
    one.add_needed()->set_type(type);
    return request;
  }
  grpc::Status submit(ChecklistIntake::Stub& stub, const SubmitRequest& request,
                      SubmitReply& reply) {
    grpc::ClientContext context;
    system().authorize(context, "focal-point-" + request.key().state());
    return stub.Submit(&context, request, &reply);
  }
  std::size_t versions(const std::string& state) {
    return lines_of(answer(system(), "focal-point-" + state,
                           {"response", "history", "--state", state, "--checklist", "uncac-2007",
                            "--format", "csv"}))
               .size() -
           1;
  }
};

TEST_P(Submit, OneIdempotencyKeyIsOneSubmission) {
  const auto stub = ChecklistIntake::NewStub(system().channel());
  SubmitRequest request = request_of("GHA", "LEGAL_ADVICE");
  request.set_idempotency_key("the first");

  // At once from many sides: all get the first reply. Without the key the others would hear
  // "unchanged".
  constexpr std::size_t kCallers = 8;
  std::vector<SubmitReply> replies(kCallers);
  std::vector<grpc::Status> statuses(kCallers);
  {
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) {
      callers.emplace_back([&, i] { statuses[i] = submit(*stub, request, replies[i]); });
    }
  }
  for (std::size_t i = 0; i < kCallers; ++i) {
    EXPECT_TRUE(statuses[i].ok()) << statuses[i].error_message();
    EXPECT_EQ(replies[i].outcome(), checklist::v1::OUTCOME_SUBMITTED);
    EXPECT_EQ(replies[i].SerializeAsString(), replies[0].SerializeAsString());
  }
  EXPECT_EQ(versions("GHA"), 1u);

  // Also after something newer; then it does not bring the old answers back.
  SubmitReply reply;
  ASSERT_TRUE(submit(*stub, request_of("GHA", "ACTION_PLAN"), reply).ok());
  EXPECT_EQ(reply.version(), 2);
  ASSERT_TRUE(submit(*stub, request, reply).ok());
  EXPECT_EQ(reply.SerializeAsString(), replies[0].SerializeAsString());
  EXPECT_EQ(versions("GHA"), 2u);

  // The same key with another body is a mistake of the caller.
  SubmitRequest other = request_of("GHA", "MODEL_TREATY");
  other.set_idempotency_key("the first");
  const grpc::Status refused = submit(*stub, other, reply);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << refused.error_message();
  EXPECT_EQ(versions("GHA"), 2u);
  // The key is the caller's own: another State may use it too.
  SubmitRequest elsewhere = request_of("TGO", "MODEL_TREATY");
  elsewhere.set_idempotency_key("the first");
  ASSERT_TRUE(submit(*stub, elsewhere, reply).ok());
  EXPECT_EQ(reply.outcome(), checklist::v1::OUTCOME_SUBMITTED);
}

TEST_P(Submit, ExpectedVersion) {
  const auto stub = ChecklistIntake::NewStub(system().channel());
  SubmitReply reply;
  SubmitRequest request = request_of("BEN", "LEGAL_ADVICE");
  request.set_expected_version(1);
  EXPECT_EQ(submit(*stub, request, reply).error_code(), grpc::StatusCode::ABORTED);
  request.set_expected_version(0);
  EXPECT_TRUE(submit(*stub, request, reply).ok());
  EXPECT_EQ(reply.version(), 1);
  request = request_of("BEN", "ACTION_PLAN");
  request.set_expected_version(0);
  EXPECT_EQ(submit(*stub, request, reply).error_code(), grpc::StatusCode::ABORTED);
  request.set_expected_version(1);
  EXPECT_TRUE(submit(*stub, request, reply).ok());
  EXPECT_EQ(reply.version(), 2);

  // Of many who amend the same version, one wins.
  constexpr int kCallers = 6;
  std::vector<grpc::StatusCode> codes(kCallers);
  {
    const std::vector<std::string> types{"LEGAL_ADVICE",         "MODEL_LEGISLATION",
                                         "LEGISLATIVE_DRAFTING", "ONSITE_EXPERT",
                                         "CAPACITY_BUILDING",    "MODEL_TREATY"};
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < kCallers; ++i) {
      callers.emplace_back([&, i] {
        SubmitRequest mine = request_of("BEN", types[i]);
        mine.set_expected_version(2);
        SubmitReply to_me;
        codes[i] = submit(*stub, mine, to_me).error_code();
      });
    }
  }
  EXPECT_EQ(std::count(codes.begin(), codes.end(), grpc::StatusCode::OK), 1);
  EXPECT_EQ(std::count(codes.begin(), codes.end(), grpc::StatusCode::ABORTED), kCallers - 1);
  EXPECT_EQ(versions("BEN"), 3u);
}

TEST_P(Submit, IsSeenSoon) {
  const auto channel = system().channel();
  const auto intake = ChecklistIntake::NewStub(channel);
  const auto matrix = needs::v1::NeedsMatrix::NewStub(channel);
  constexpr int kSubmissions = 50;
  std::vector<double> milliseconds;
  for (int i = 0; i < kSubmissions; ++i) {
    const std::string type = i % 2 == 0 ? "LEGAL_ADVICE" : "ACTION_PLAN";
    const SubmitRequest request = request_of("MUS", type);
    const auto before = std::chrono::steady_clock::now();
    SubmitReply reply;
    ASSERT_TRUE(submit(*intake, request, reply).ok());
    ASSERT_EQ(reply.version(), i + 1);
    grpc::ClientContext context;
    system().authorize(context, "focal-point-MUS");
    needs::v1::ListNeedsRequest question;
    question.mutable_freshness()->add_version_tokens(reply.version_token());
    needs::v1::Filter& where = *question.add_where();
    where.set_dimension("state");
    where.add_values("MUS");
    needs::v1::ListNeedsReply needs;
    ASSERT_TRUE(matrix->ListNeeds(&context, question, &needs).ok());
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before)
            .count());
    ASSERT_EQ(needs.needs_size(), 1);
    EXPECT_EQ(needs.needs(0).type(), type);
    EXPECT_EQ(needs.needs(0).version(), i + 1);
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  const double median = milliseconds[milliseconds.size() / 2];
  std::printf("submit to visible, %s: median %.1f ms, least %.1f, most %.1f of %d\n",
              GetParam().c_str(), median, milliseconds.front(), milliseconds.back(), kSubmissions);
  RecordProperty("median_ms", std::to_string(median));
  if (GetParam() == "embedded") {
    EXPECT_LE(median, 50.0);
  }
}

TEST_P(Submit, ExerciseDataIsMarkedWhereverItIsShown) {
  const std::string note = "note: exercise data";
  const auto file = [&](const std::string& state) {
    return system().file(state + ".csv", checklist_csv({{.state = state,
                                                         .provision = "uncac/5",
                                                         .type = "LEGAL_ADVICE",
                                                         .audience = "PUBLIC"}}));
  };
  answer(system(), "focal-point-FJI", {"response", "submit", file("FJI"), "--exercise"});
  answer(system(), "focal-point-TON", {"response", "submit", file("TON")});
  // A file can say it of itself, as the exercise responses do.
  const std::string all =
      answer(system(), "", {"exercise", "responses", "--seed", "7", "--out", "-"});
  std::string own;
  for (const std::string& line : lines_of(all)) {
    if (own.empty() || line.rfind("WSM,uncac-2007,2007,", 0) == 0) own += line + "\n";
  }
  answer(system(), "secretariat", {"response", "submit", system().file("WSM.csv", own)});

  for (const std::string state : {"FJI", "WSM", "TON"}) {
    SCOPED_TRACE(state);
    const bool exercise = state != "TON";
    const auto expect_note = [&](const std::vector<std::string>& arguments) {
      const Ended ended = system().uncac("secretariat", arguments);
      EXPECT_EQ(ended.code, 0);
      EXPECT_EQ(ended.err.find(note) != std::string::npos, exercise) << ended.err;
    };
    expect_note({"response", "list", "--state", state});
    expect_note({"needs", "list", "--where", "state=" + state});
    expect_note({"matrix", "--rows", "article", "--where", "state=" + state});

    const auto in_json = [&](const std::vector<std::string>& arguments) {
      return json::parse(answer(system(), "secretariat", arguments));
    };
    const json responses = in_json({"response", "list", "--state", state, "--format", "json"});
    EXPECT_EQ(responses.at("responses").at(0).at("exercise"), exercise);
    const json matrix =
        in_json({"matrix", "--rows", "article", "--where", "state=" + state, "--format", "json"});
    EXPECT_EQ(matrix.at("exercise"), exercise);
    for (const auto& [key, need] : needs_of(system(), "secretariat", state)) {
      EXPECT_EQ(need.value("exercise", false), exercise) << need;
    }
    const Feed feed = follow(system(), "secretariat", state, "start");
    EXPECT_FALSE(feed.events.empty());
    for (const json& event : feed.events) {
      EXPECT_EQ(event.at("data").value("exercise", false), exercise) << event;
    }
    const std::string exported =
        answer(system(), "secretariat",
               {"response", "export", "--state", state, "--checklist", "uncac-2007"});
    EXPECT_EQ(lines_of(exported)[0].find(",exercise") != std::string::npos, exercise);
  }
}

INSTANTIATE_TEST_SUITE_P(, Submit, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

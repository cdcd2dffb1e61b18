// Questions that cannot be answered, whatever they hold: refused by rule, and the system is as it
// was. No message of these services holds itself, so none can be nested deeply; the last test sends
// bytes that pretend to be.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <functional>

#include "integration/bad_input.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using needs::v1::NeedsMatrix;
using Lines = std::vector<std::string>;
using std::chrono::milliseconds;

class BadQuestion : public BothProfiles {
 protected:
  template <class Request>
  static void add_filter(Request& request, const std::string& dimension, const std::string& value) {
    needs::v1::Filter& filter = *request.add_where();
    filter.set_dimension(dimension);
    filter.add_values(value);
  }
  std::string matrix(const needs::v1::QueryMatrixRequest& request) {
    needs::v1::QueryMatrixReply reply;
    return refusal_of(asked_("secretariat", &NeedsMatrix::Stub::QueryMatrix, request, reply));
  }
  std::string needs(const needs::v1::ListNeedsRequest& request) {
    needs::v1::ListNeedsReply reply;
    return refusal_of(asked_("secretariat", &NeedsMatrix::Stub::ListNeeds, request, reply));
  }
  // To its end.
  std::string feed(const needs::v1::FollowRequest& request) {
    grpc::ClientContext context;
    system().authorize(context, "secretariat");
    const auto stream = asked_.matrix().Follow(&context, request);
    needs::v1::FollowReply reply;
    while (stream->Read(&reply)) continue;
    return refusal_of(stream->Finish());
  }
  void submit(const std::string& state) {
    answer(system(), "focal-point-" + state,
           {"response", "submit",
            system().file("good.csv", checklist_csv({{.state = state,
                                                      .provision = "uncac/5",
                                                      .type = "LEGAL_ADVICE",
                                                      .audience = "PUBLIC"}}))});
  }

  Asked asked_{system()};
};

TEST_P(BadQuestion, AFilterValueThatDoesNotExist) {
  const std::map<std::string, Lines> wrong{
      {"state", {"XXX", "ken", "Kenya", "EUU", "", "KEN "}},
      {"regional_group", {"AFRICA", "afr"}},
      {"subregion", {"Atlantis"}},
      {"state_set", {"the-big-ones"}},
      {"chapter", {"IX", "2"}},
      {"article", {"uncac/99", "44", "uncac/44.10", "untoc/99"}},
      {"provision", {"uncac/99", "44.10", "uncac/44.999", "uncac/"}},
      {"obligation", {"STRICT"}},
      {"type", {"GOLD", "legal_advice", "NO_ASSISTANCE_REQUIRED", "LEGAL_ADVICE'--"}},
      {"compliance", {"MAYBE"}},
      {"challenge", {"MONEY"}},
      {"round", {"2002", "2999", "-1", "20090"}},
      {"need_state", {"WANTED"}}};
  for (const auto& [dimension, values] : wrong) {
    for (const std::string& value : values) {
      SCOPED_TRACE(dimension + "=" + value);
      const std::string expected = "INVALID_INPUT " + dimension + ": unknown-value";
      needs::v1::QueryMatrixRequest question;
      question.set_rows("article");
      add_filter(question, dimension, value);
      EXPECT_EQ(matrix(question), expected);
      needs::v1::ListNeedsRequest list;
      add_filter(list, dimension, value);
      EXPECT_EQ(needs(list), expected);
      needs::v1::FollowRequest follow;
      follow.set_until_caught_up(true);
      add_filter(follow, dimension, value);
      const bool in_feed = dimension != "compliance" && dimension != "challenge" &&
                           dimension != "round" && dimension != "need_state";
      EXPECT_EQ(feed(follow),
                in_feed ? expected : "INVALID_INPUT " + dimension + ": dimension-not-in-feed");
    }
    // A filter that names nothing is no filter on nothing.
    needs::v1::ListNeedsRequest empty;
    empty.add_where()->set_dimension(dimension);
    EXPECT_EQ(needs(empty), "INVALID_INPUT " + dimension + ": missing-value");
  }
}

TEST_P(BadQuestion, OfNoNeed) {
  const auto history = [&](const std::string& reader, const std::string& need,
                           const std::string& as = "") {
    needs::v1::GetNeedHistoryRequest request;
    request.set_need(need);
    request.set_reader(as);
    needs::v1::GetNeedHistoryReply reply;
    return refusal_of(asked_(reader, &NeedsMatrix::Stub::GetNeedHistory, request, reply));
  };
  EXPECT_EQ(history("secretariat", "KEN:uncac/5:ACTION_PLAN"), "OK");
  for (const std::string& wrong :
       {std::string(), std::string("KEN"), std::string("KEN:uncac/5"),
        std::string("KEN:5:ACTION_PLAN"), std::string("XYZ:uncac/5:ACTION_PLAN"),
        std::string("KEN:uncac/5:NO_ASSISTANCE_REQUIRED"), std::string(100'000, 'x')}) {
    EXPECT_EQ(history("", wrong), "INVALID_INPUT need: unknown-need") << wrong.substr(0, 40);
  }
  EXPECT_EQ(history("provider-EX1", "KEN:uncac/5:ACTION_PLAN", "public"), "FORBIDDEN");
  EXPECT_EQ(history("operator", "KEN:uncac/5:ACTION_PLAN"), "FORBIDDEN");
}

TEST_P(BadQuestion, OverItsLimits) {
  const auto before = everything(system(), asked_);
  needs::v1::QueryMatrixRequest many_filters;
  many_filters.set_rows("article");
  for (int i = 0; i < 51; ++i) add_filter(many_filters, "state", "KEN");
  EXPECT_EQ(matrix(many_filters), "TOO_LARGE");
  needs::v1::QueryMatrixRequest many_values;
  many_values.set_rows("article");
  for (int i = 0; i < 1001; ++i) {
    if (i == 0) add_filter(many_values, "state", "KEN");
    many_values.mutable_where(0)->add_values("KEN");
  }
  EXPECT_EQ(matrix(many_values), "TOO_LARGE");
  needs::v1::ListNeedsRequest list;
  list.set_page_size(10'001);
  EXPECT_EQ(needs(list), "INVALID_INPUT page_size: bad-page-size");
  list.set_page_size(-1);
  EXPECT_EQ(needs(list), "INVALID_INPUT page_size: bad-page-size");
  checklist::v1::ListResponsesRequest responses;
  checklist::v1::ListResponsesReply listed;
  for (const int size : {1001, -1}) {
    responses.set_page_size(size);
    EXPECT_EQ(
        refusal_of(asked_("secretariat", &ChecklistIntake::Stub::ListResponses, responses, listed)),
        "INVALID_INPUT");
  }
  checklist::v1::WithdrawRequest withdraw;
  checklist::v1::EndReply ended;
  for (const auto& [reason, rule] :
       std::map<std::string, std::string>{{"", "reason-missing"},
                                          {" ", "reason-missing"},
                                          {std::string(1001, 'x'), "text-too-long"},
                                          {"a\x1b[2J", "control-character"}}) {
    withdraw.set_reason(reason);
    EXPECT_EQ(refusal_of(
                  asked_("secretariat", &ChecklistIntake::Stub::WithdrawResponse, withdraw, ended)),
              "INVALID_INPUT reason: " + rule);
  }
  needs::v1::MakeReleaseRequest release;
  needs::v1::Release made;
  release.set_title(std::string(201, 'x'));
  EXPECT_EQ(refusal_of(asked_("secretariat", &NeedsMatrix::Stub::MakeRelease, release, made)),
            "INVALID_INPUT title: bad-title");
  // Of gRPC itself: a message over 4 MiB; and headers over 8 KiB, which may end their connection.
  needs::v1::ListNeedsRequest large;
  large.set_page_token(std::string(5 << 20, 'x'));
  needs::v1::ListNeedsReply reply;
  EXPECT_EQ(asked_("secretariat", &NeedsMatrix::Stub::ListNeeds, large, reply).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (const std::size_t length : {std::size_t{10'000}, std::size_t{1'000'000}}) {
    Asked alone(system(), own_channel(system()));
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + std::string(length, 'x'));
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    const grpc::StatusCode code =
        alone.matrix().ListNeeds(&context, needs::v1::ListNeedsRequest(), &reply).error_code();
    EXPECT_TRUE(code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                code == grpc::StatusCode::UNAVAILABLE)
        << code;
  }
  EXPECT_EQ(everything(system(), asked_), before);
}

TEST_P(BadQuestion, PastItsDeadline) {
  submit("HND");
  const auto before = everything(system(), asked_);
  const auto until = [](milliseconds limit) { return std::chrono::system_clock::now() + limit; };
  const auto prepare = [&](grpc::ClientContext& context, milliseconds limit) {
    system().authorize(context, "focal-point-HND");
    context.set_deadline(until(limit));
  };
  checklist::v1::SubmitRequest request;
  request.mutable_key()->set_state("HND");
  request.mutable_key()->set_checklist("uncac-2007");
  request.mutable_key()->set_round(2009);
  request.add_answers()->set_provision("uncac/5");
  request.mutable_answers(0)->set_compliance(checklist::v1::COMPLIANCE_YES);
  {
    grpc::ClientContext context;
    prepare(context, milliseconds(-1000));
    checklist::v1::SubmitReply reply;
    EXPECT_EQ(refusal_of(asked_.intake().Submit(&context, request, &reply)), "DEADLINE_EXCEEDED");
  }
  // An import whose time is over before its file has arrived, and one that is whole but for its
  // end.
  const std::string csv = checklist_csv(
      {{.state = "HND", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"}});
  for (const bool whole : {false, true}) {
    grpc::ClientContext context;
    prepare(context, milliseconds(300));
    const auto stream = asked_.intake().ImportResponses(&context);
    checklist::v1::ImportRequest part;
    part.mutable_options()->set_file_name("late.csv");
    stream->Write(part);
    part.set_chunk(whole ? csv : csv.substr(0, csv.size() / 2));
    stream->Write(part);
    checklist::v1::ImportReply reply;
    EXPECT_FALSE(stream->Read(&reply));
    EXPECT_EQ(refusal_of(stream->Finish()), "DEADLINE_EXCEEDED");
  }
  // One who waits for what does not come is told when his time is over, or that it is not there.
  {
    grpc::ClientContext context;
    prepare(context, milliseconds(300));
    needs::v1::QueryMatrixRequest question;
    question.set_rows("article");
    question.mutable_freshness()->add_version_tokens("HND/uncac-2007/2009@v2");
    add_filter(question, "state", "HND");
    needs::v1::QueryMatrixReply reply;
    const std::string refusal = refusal_of(asked_.matrix().QueryMatrix(&context, question, &reply));
    EXPECT_TRUE(refusal == "DEADLINE_EXCEEDED" || refusal == "UNAVAILABLE") << refusal;
  }
  EXPECT_EQ(everything(system(), asked_), before);
}

TEST_P(BadQuestion, PageTokensThatWereNotGivenOut) {
  submit("NIC");
  submit("PAN");
  const Lines forged{"x",
                     "KEN",
                     "KEN:uncac/5",
                     "KEN:uncac/5:",
                     "XXX:uncac/5:LEGAL_ADVICE",
                     "NIC:uncac/99:LEGAL_ADVICE",
                     "NIC:uncac/5:GOLD",
                     "NIC:uncac/5:LEGAL_ADVICE:",
                     " NIC:uncac/5:LEGAL_ADVICE",
                     "NIC/uncac-2007/1999",
                     "nic/uncac-2007/2009",
                     "NIC/uncac-2007/2009/1",
                     "-1",
                     "0",
                     "99999999999999999999",
                     "1' OR '1'='1",
                     std::string("NIC\0", 4),
                     std::string(100'000, '9')};
  for (const std::string& token : forged) {
    SCOPED_TRACE(token.substr(0, 40));
    needs::v1::ListNeedsRequest list;
    list.set_page_token(token);
    EXPECT_EQ(needs(list), "INVALID_INPUT page_token: bad-page-token");
    checklist::v1::ListResponsesRequest responses;
    responses.set_page_token(token);
    checklist::v1::ListResponsesReply listed;
    EXPECT_EQ(
        refusal_of(asked_("secretariat", &ChecklistIntake::Stub::ListResponses, responses, listed)),
        "INVALID_INPUT");
    needs::v1::ListReleasesRequest releases;
    releases.set_page_token(token);
    needs::v1::ListReleasesReply found;
    EXPECT_TRUE(refusal_of(asked_("secretariat", &NeedsMatrix::Stub::ListReleases, releases, found))
                    .starts_with("INVALID_INPUT"));
  }
  // One that was given out goes on, for its own list only.
  needs::v1::ListNeedsRequest list;
  list.set_page_size(1);
  needs::v1::ListNeedsReply first;
  EXPECT_EQ(refusal_of(asked_("secretariat", &NeedsMatrix::Stub::ListNeeds, list, first)), "OK");
  ASSERT_NE(first.next_page_token(), "");
  list.set_page_token(first.next_page_token());
  EXPECT_EQ(needs(list), "OK");
  checklist::v1::ListResponsesRequest responses;
  responses.set_page_token(first.next_page_token());
  checklist::v1::ListResponsesReply listed;
  EXPECT_EQ(
      refusal_of(asked_("secretariat", &ChecklistIntake::Stub::ListResponses, responses, listed)),
      "INVALID_INPUT");
}

// A position is an opaque word of one system. Its neighbour's is no position here.
TEST_P(BadQuestion, PositionsOfNobodyAndOfAnotherSystem) {
  submit("CRI");
  needs::v1::ListNeedsReply here, there;
  EXPECT_EQ(refusal_of(asked_("secretariat", &NeedsMatrix::Stub::ListNeeds,
                              needs::v1::ListNeedsRequest(), here)),
            "OK");
  {
    const auto other = System::embedded();
    {
      Asked ask_other(*other);
      EXPECT_EQ(refusal_of(ask_other("secretariat", &NeedsMatrix::Stub::ListNeeds,
                                     needs::v1::ListNeedsRequest(), there)),
                "OK");
    }
    other->expect_ordered_end();
  }
  const std::string genuine = here.position();
  std::string changed = genuine;
  changed[genuine.size() / 2] = genuine[genuine.size() / 2] == 'A' ? 'B' : 'A';
  const Lines forged{there.position(),  changed,  genuine.substr(1),     genuine + "A",
                     genuine + genuine, "start ", "p1.AQ.AQ.2026-01-01", std::string(100'000, 'A')};
  for (const std::string& position : forged) {
    SCOPED_TRACE(position.substr(0, 40));
    needs::v1::FollowRequest from;
    from.set_from(position);
    from.set_until_caught_up(true);
    needs::v1::QueryMatrixRequest matrix_from;
    matrix_from.set_rows("article");
    matrix_from.mutable_freshness()->set_at_least(position);
    needs::v1::ListNeedsRequest list_from;
    list_from.mutable_freshness()->set_at_least(position);
    EXPECT_EQ(feed(from), "INVALID_INPUT");
    EXPECT_EQ(matrix(matrix_from), "INVALID_INPUT");
    EXPECT_EQ(needs(list_from), "INVALID_INPUT");
  }
  needs::v1::ListNeedsRequest good;
  good.mutable_freshness()->set_at_least(genuine);
  EXPECT_EQ(needs(good), "OK");
}

TEST_P(BadQuestion, BytesThatAreNoMessage) {
  const auto before = everything(system(), asked_);
  grpc::GenericStub stub(system().channel());
  const auto send = [&](const std::string& method, const std::string& bytes) {
    grpc::ClientContext context;
    system().authorize(context, "secretariat");
    grpc::CompletionQueue queue;
    const grpc::Slice slice(bytes);
    const auto call = stub.PrepareUnaryCall(&context, method, grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) continue;
    return status.error_code();
  };
  // Fields of a field of a field …, which no parser may follow with its stack.
  std::string nested;
  for (int i = 0; i < 200'000; ++i) nested += '\x0B';  // field 1: a group begins
  for (const std::string& bytes :
       {nested, std::string("\x0A\xFF\xFF\xFF\xFF\x0F"), std::string(1000, '\xFF'),
        std::string("{\"state\": \"KEN\"}")}) {
    for (const std::string method :
         {"/uncac.checklist.v1.ChecklistIntake/Submit", "/uncac.needs.v1.NeedsMatrix/QueryMatrix",
          "/uncac.checklist.v1.ChecklistIntake/SetSharing"}) {
      EXPECT_NE(send(method, bytes), grpc::StatusCode::OK) << method;
      EXPECT_NE(send(method, bytes), grpc::StatusCode::UNAVAILABLE) << method;
    }
  }
  EXPECT_EQ(send("/uncac.needs.v1.NeedsMatrix/Rank", ""), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(send("/uncac.needs.v9.NeedsMatrix/QueryMatrix", ""), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(everything(system(), asked_), before);
}

INSTANTIATE_TEST_SUITE_P(, BadQuestion, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

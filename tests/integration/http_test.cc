// Every unary method by the Connect protocol, on the programs themselves: the same answers as over
// gRPC, and refusals that a caller can act on.
#include <nlohmann/json.hpp>

#include "gateway/connect/base64.h"
#include "gateway/connect/error.h"
#include "gateway/connect/gzip.h"
#include "integration/checklist_file.h"
#include "platform/runtime/http_library.h"
#include "support/asked.h"
#include "support/suite.h"
#include "uncac/gateway/v1/gateway.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using nlohmann::json;
using Headers = httplib::Headers;

constexpr const char* kListNeeds = "/uncac.needs.v1.NeedsMatrix/ListNeeds";
constexpr const char* kJson = "application/json";
constexpr const char* kProto = "application/proto";

class Http : public BothProfiles {
 protected:
  Headers as(const std::string& reader) {
    if (reader.empty()) return {};
    return {{"Authorization", "Bearer " + system().token(reader)}};
  }
  httplib::Result post(const std::string& path, const Headers& headers, const std::string& body,
                       const char* type = kJson) {
    return client().Post(path, headers, body, type);
  }
  httplib::Client client() {
    httplib::Client client("http://" + system().http_address());
    client.set_read_timeout(30, 0);
    return client;
  }
  // Code of an error, which has the status that goes with it.
  static std::string code(const httplib::Result& result, int status) {
    if (!result) return "no answer";
    EXPECT_EQ(result->status, status) << result->body;
    const json body = json::parse(result->body, nullptr, false);
    return body.is_object() ? body.value("code", "no code") : "no JSON";
  }
};

TEST_P(Http, AnswersLikeGrpcInBothCodecs) {
  needs::v1::ListNeedsRequest request;
  request.set_page_size(50);
  needs::v1::ListNeedsReply right;
  Asked asked(system(), system().channel());
  ASSERT_TRUE(asked("secretariat", &needs::v1::NeedsMatrix::Stub::ListNeeds, request, right).ok());

  const auto in_proto = post(kListNeeds, as("secretariat"), request.SerializeAsString(), kProto);
  ASSERT_TRUE(in_proto);
  EXPECT_EQ(in_proto->status, 200);
  EXPECT_EQ(in_proto->get_header_value("Content-Type"), kProto);
  needs::v1::ListNeedsReply reply;
  ASSERT_TRUE(reply.ParseFromString(in_proto->body));
  reply.set_position(right.position());  // sealed anew for each answer
  EXPECT_EQ(reply.SerializeAsString(), right.SerializeAsString());

  const auto in_json = post(kListNeeds, as("secretariat"), R"({"pageSize": 50})");
  ASSERT_TRUE(in_json);
  EXPECT_EQ(in_json->status, 200);
  EXPECT_EQ(in_json->get_header_value("Content-Type"), kJson);
  const json needs = json::parse(in_json->body).value("needs", json::array());
  ASSERT_EQ(needs.size(), static_cast<std::size_t>(right.needs_size()));
  for (int i = 0; i < right.needs_size(); ++i) {
    EXPECT_EQ(needs[static_cast<std::size_t>(i)].at("need"), right.needs(i).need());
  }
}

TEST_P(Http, TakesAndGivesGzip) {
  const std::string packed = gateway::connect::gzip(R"({"pageSize": 50})");
  Headers headers = as("secretariat");
  headers.emplace("Content-Encoding", "gzip");
  headers.emplace("Accept-Encoding", "gzip");
  const auto result = post(kListNeeds, headers, packed);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200) << result->body;
  EXPECT_TRUE(json::parse(result->body, nullptr, false).is_object());
  headers.erase("Content-Encoding");
  headers.emplace("Content-Encoding", "br");
  const auto other = post(kListNeeds, headers, packed);
  EXPECT_EQ(code(other, 501), "unimplemented");
  EXPECT_EQ(other->get_header_value("Accept-Encoding"), "gzip, identity");
}

TEST_P(Http, RefusalsNameWhatIsWrong) {
  EXPECT_EQ(code(post(kListNeeds, {}, R"({"wher": []})"), 400), "invalid_argument");
  EXPECT_NE(post(kListNeeds, {}, R"({"wher": []})")->body.find("wher"), std::string::npos);
  EXPECT_EQ(code(post(kListNeeds, {}, "{"), 400), "invalid_argument");
  EXPECT_EQ(code(post(kListNeeds, {{"Authorization", "Bearer nonsense"}}, "{}"), 401),
            "unauthenticated");
  EXPECT_EQ(code(post(kListNeeds, {{"Connect-Timeout-Ms", "soon"}}, "{}"), 400),
            "invalid_argument");
  EXPECT_EQ(code(post(kListNeeds, {{"Connect-Protocol-Version", "2"}}, "{}"), 400),
            "invalid_argument");
  EXPECT_EQ(code(post("/uncac.needs.v1.NeedsMatrix/NoSuch", {}, "{}"), 501), "unimplemented");
  EXPECT_EQ(code(post("/uncac.needs.v1.NeedsMatrix/Follow", {}, "{}"), 501), "unimplemented");
  EXPECT_EQ(code(post(kListNeeds, {}, std::string(5 << 20, ' ')), 429), "resource_exhausted");
  EXPECT_EQ(post(kListNeeds, {}, "{}", "text/plain")->status, 415);
  EXPECT_EQ(client().Get(kListNeeds)->status, 405);
  EXPECT_EQ(client().Get("/no/such/page")->status, 404);

  const auto wrong =
      post(kListNeeds, {}, R"({"where": [{"dimension": "state", "values": ["NOWHERE"]}]})");
  EXPECT_EQ(code(wrong, 400), "invalid_argument");
  common::v1::ErrorDetail detail;
  const json details = json::parse(wrong->body).at("details");
  ASSERT_TRUE(detail.ParseFromString(
      *gateway::connect::from_base64(details[0].at("value").get<std::string>())));
  EXPECT_GT(detail.problems_size(), 0);
}

constexpr const char* kAsk = "/uncac.gateway.v1.Gateway/Ask";

json question(const std::string& method, json request, const std::string& type) {
  request["@type"] = "type.googleapis.com/" + type;
  return {{"method", method}, {"request", std::move(request)}};
}
json needs_question(json request) {
  return question("uncac.needs.v1.NeedsMatrix/ListNeeds", std::move(request),
                  "uncac.needs.v1.ListNeedsRequest");
}

TEST_P(Http, SeveralQuestionsAreAnsweredAsIfEachCameAlone) {
  const json few{{"pageSize", 5}}, slip{{"where", {{{"dimension", "state"}, {"values", {"X"}}}}}};
  json operations = question("uncac.operations.v1.Operations/GetServiceState", json::object(),
                             "uncac.operations.v1.GetServiceStateRequest");
  operations["service"] = "needs_matrix";
  const json asked{{"questions",
                    {needs_question(few), needs_question(slip), operations,
                     question("uncac.needs.v1.NeedsMatrix/QueryMatrix",
                              {{"rows", "regional_group"}}, "uncac.needs.v1.QueryMatrixRequest")}}};
  for (const std::string reader : {"secretariat", "provider-EX1", "operator", ""}) {
    const auto together = post(kAsk, as(reader), asked.dump());
    ASSERT_TRUE(together);
    ASSERT_EQ(together->status, 200) << together->body;
    const json answers = json::parse(together->body).at("answers");
    ASSERT_EQ(answers.size(), 4u);
    // Sealed anew for each answer; the service's clock and log go on.
    const auto lasting = [](json answer) {
      for (const char* const field : {"@type", "position", "positions", "outbox"}) {
        answer.erase(field);
      }
      return answer;
    };
    const std::vector<std::pair<std::string, json>> alone{
        {kListNeeds, few},
        {kListNeeds, slip},
        {"/uncac.operations.v1.Operations/GetServiceState", json::object()},
        {"/uncac.needs.v1.NeedsMatrix/QueryMatrix", {{"rows", "regional_group"}}}};
    for (std::size_t i = 0; i < alone.size(); ++i) {
      Headers headers = as(reader);
      if (i == 2) headers.emplace("Uncac-Service", "needs_matrix");
      const auto one = post(alone[i].first, headers, alone[i].second.dump());
      ASSERT_TRUE(one);
      const json body = json::parse(one->body);
      SCOPED_TRACE(reader + ": " + alone[i].first + "\n" + answers[i].dump() + "\n" + one->body);
      ASSERT_EQ(answers[i].contains("reply"), one->status == 200);
      if (one->status == 200) {
        EXPECT_EQ(lasting(answers[i].at("reply")), lasting(body));
      } else {
        EXPECT_EQ(answers[i].at("error").at("message"), body.at("message"));
        EXPECT_EQ(gateway::connect::code_name(
                      static_cast<grpc::StatusCode>(answers[i].at("error").at("code").get<int>())),
                  body.at("code").get<std::string>());
        EXPECT_EQ(answers[i].at("error").contains("details"), body.contains("details"));
      }
    }
  }
}

TEST_P(Http, SeveralQuestionsInProtobufHoldTheServicesOwnBytes) {
  needs::v1::ListNeedsRequest few;
  few.set_page_size(5);
  gateway::v1::AskRequest request;
  for (int i = 0; i < 32; ++i) {
    gateway::v1::Question& question = *request.add_questions();
    question.set_method("uncac.needs.v1.NeedsMatrix/ListNeeds");
    question.mutable_request()->PackFrom(few);
  }
  const auto result = post(kAsk, as("secretariat"), request.SerializeAsString(), kProto);
  ASSERT_TRUE(result);
  ASSERT_EQ(result->status, 200);
  gateway::v1::AskReply reply;
  ASSERT_TRUE(reply.ParseFromString(result->body));
  ASSERT_EQ(reply.answers_size(), 32);
  for (const gateway::v1::Answer& answer : reply.answers()) {
    needs::v1::ListNeedsReply needs;
    ASSERT_TRUE(answer.reply().UnpackTo(&needs));
    EXPECT_EQ(needs.needs_size(), 5);
  }
}

TEST_P(Http, AQuestionThatCannotBeAskedTogetherIsNamed) {
  const auto rule_of = [&](const json& questions) {
    const auto result = post(kAsk, as("secretariat"), json{{"questions", questions}}.dump());
    EXPECT_EQ(code(result, 400), "invalid_argument");
    const json body = json::parse(result->body);
    common::v1::ErrorDetail detail;
    EXPECT_TRUE(detail.ParseFromString(
        *gateway::connect::from_base64(body.at("details")[0].at("value").get<std::string>())));
    if (detail.problems().empty()) return body.at("message").get<std::string>();
    return detail.problems(0).column() + ": " + detail.problems(0).rule();
  };
  const json good = needs_question({{"pageSize", 1}});
  json unknown = good, stream = good, itself = good, changing = good, other = good;
  unknown["method"] = "uncac.needs.v1.NeedsMatrix/NoSuch";
  stream["method"] = "uncac.needs.v1.NeedsMatrix/Follow";
  itself["method"] = "uncac.gateway.v1.Gateway/Ask";
  changing["method"] = "uncac.needs.v1.NeedsMatrix/MakeRelease";
  other["method"] = "uncac.needs.v1.NeedsMatrix/QueryMatrix";
  EXPECT_EQ(rule_of({good, unknown}), "questions[1].method: unknown-method");
  EXPECT_EQ(rule_of({stream}), "questions[0].method: unknown-method");
  EXPECT_EQ(rule_of({itself}), "questions[0].method: unknown-method");
  EXPECT_EQ(rule_of({good, good, changing}), "questions[2].method: changes-something");
  EXPECT_EQ(rule_of({other}), "questions[0].request: wrong-type");
  EXPECT_EQ(rule_of(json::array()), "1 to 32 questions, not 0");
  EXPECT_EQ(rule_of(json(std::vector<json>(33, good))), "1 to 32 questions, not 33");
  // A slip in a field's name within a question is told too.
  const auto slip = post(kAsk, {}, json{{"questions", {needs_question({{"wher", 1}})}}}.dump());
  EXPECT_EQ(code(slip, 400), "invalid_argument");
  EXPECT_NE(slip->body.find("wher"), std::string::npos) << slip->body;
}

// The same file, and the same problems, as by the command line.
TEST_P(Http, AFileIsImportedOrRefusedWithItsProblems) {
  const Row row{"PRT", "uncac/5", "LEGAL_ADVICE", "PUBLIC"};
  const std::string good = checklist_csv({row});
  const auto import = [&](const std::string& query, const std::string& reader,
                          const std::string& file) {
    return client().Post("/import/responses" + query, as(reader), file, "text/csv");
  };
  const auto dry = import("?dry_run=1", "focal-point-PRT", good);
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->status, 200) << dry->body;
  EXPECT_EQ(json::parse(dry->body).at("summary").at("dryRun"), true);

  const auto bad = import("?file=kenya.csv", "focal-point-PRT",
                          checklist_csv({row, {"PRT", "uncac/6", "NO_SUCH_TYPE", "PUBLIC"}}));
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->status, 400) << bad->body;
  EXPECT_EQ(bad->get_header_value("Content-Type"), "application/problem+json");
  const json problem = json::parse(bad->body).at("problems").at(0);
  EXPECT_EQ(problem.at("file"), "kenya.csv");
  EXPECT_EQ(problem.at("row"), 3);
  EXPECT_EQ(problem.at("column"), "type");

  const auto done = import("", "focal-point-PRT", good);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, 200) << done->body;
  const json response = json::parse(done->body).at("responses").at(0);
  EXPECT_EQ(response.at("key").at("state"), "PRT");
  EXPECT_EQ(response.at("reply").at("outcome"), "OUTCOME_SUBMITTED");

  EXPECT_EQ(import("", "", good)->status, 401);
  EXPECT_EQ(import("", "provider-EX1", good)->status, 403);
  EXPECT_EQ(import("", "focal-point-ESP", good)->status, 400) << "rows of another State";
  for (const std::string query : {"?dry-run=1", "?dry_run=yes", "?audience=EVERYBODY"}) {
    EXPECT_EQ(import(query, "focal-point-PRT", good)->status, 400) << query;
  }
  EXPECT_EQ(import("", "focal-point-PRT", "")->status, 400);
}

TEST_P(Http, OneReadersPictureIsKeptByNoCache) {
  const auto result = post(kListNeeds, as("secretariat"), "{}");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->get_header_value("Cache-Control"), "no-store");
  EXPECT_NE(result->get_header_value("Content-Security-Policy"), "");
}

TEST_P(Http, SaysWhetherItIsReady) {
  EXPECT_EQ(client().Get("/healthz")->status, 200);
  EXPECT_EQ(client().Get("/readyz")->status, 200);
}

INSTANTIATE_TEST_SUITE_P(Profiles, Http, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

// What is refused, how the caller hears of it, and that nothing of it is kept.
#include "access/token.h"
#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/tokens.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using checklist::v1::ImportReply;
using checklist::v1::ImportRequest;
using Lines = std::vector<std::string>;

class Refusals : public BothProfiles {
 protected:
  std::string good_file(const std::string& state, const std::string& audience = "PUBLIC") {
    return system().file(state + ".csv", checklist_csv({{.state = state,
                                                         .provision = "uncac/5",
                                                         .type = "LEGAL_ADVICE",
                                                         .audience = audience}}));
  }
  void expect_nothing_of(const std::string& state) {
    EXPECT_EQ(lines_of(answer(system(), "secretariat",
                              {"response", "list", "--state", state, "--format", "csv"}))
                  .size(),
              1u);
    EXPECT_EQ(needs_of(system(), "secretariat", state).size(), 0u);
  }
  static void expect_refused(const Ended& ended, const std::string& word) {
    EXPECT_EQ(ended.code, 1) << ended.out << ended.err;
    EXPECT_NE(ended.err.find(word), std::string::npos) << ended.err;
  }
};

TEST_P(Refusals, NobodyFilesForAnotherState) {
  const std::string file = good_file("BWA");
  Ended ended = system().uncac("focal-point-NAM", {"response", "submit", file});
  expect_refused(ended, ":2: state: error: not-your-state: ");
  for (const std::string reader : {"provider-EX1", "auditor", "operator"}) {
    expect_refused(system().uncac(reader, {"response", "submit", file}), "FORBIDDEN");
  }
  expect_refused(system().uncac("", {"response", "submit", file}), "UNAUTHENTICATED");
  expect_nothing_of("BWA");

  answer(system(), "focal-point-BWA", {"response", "submit", file});
  const Lines name{"--state", "BWA",  "--checklist", "uncac-2007",
                   "--round", "2009", "--reason",    "x"};
  for (const std::string verb : {"withdraw", "void"}) {
    Lines words{"response", verb};
    words.insert(words.end(), name.begin(), name.end());
    expect_refused(system().uncac("focal-point-NAM", words), "FORBIDDEN");
    expect_refused(system().uncac("provider-EX1", words), "FORBIDDEN");
  }
  EXPECT_EQ(needs_of(system(), "secretariat", "BWA").size(), 1u);
}

TEST_P(Refusals, TokensThatAreNot) {
  const std::string file = good_file("LSO");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const json header{{"alg", "ES256"}, {"typ", "JWT"}};
  const json claims{{"iss", access::kIssuer}, {"aud", access::kAudience},
                    {"sub", "somebody"},      {"role", "focal_point"},
                    {"state", "LSO"},         {"iat", now - 10},
                    {"exp", now + 600},       {"jti", "1"}};
  const std::string key = system().signing_key();
  const auto with = [&](const char* name, const json& value) {
    json changed = claims;
    changed[name] = value;
    return changed;
  };
  const std::string genuine = json_web_token(header, claims, key);
  std::string cut = genuine;
  cut.pop_back();
  json none = header;
  none["alg"] = "none";
  json symmetric = header;
  symmetric["alg"] = "HS256";
  // The claims of one token under the signature of another.
  std::string other_claims = json_web_token(header, with("role", "secretariat"), key);
  other_claims =
      other_claims.substr(0, other_claims.rfind('.')) + genuine.substr(genuine.rfind('.'));
  const std::map<std::string, std::string> tokens{
      {"expired", json_web_token(header, with("exp", now - 60), key)},
      {"unsigned", json_web_token(none, claims, "")},
      {"says none, is signed", json_web_token(none, claims, key)},
      {"says HS256", json_web_token(symmetric, claims, key)},
      {"wrongly signed", json_web_token(header, claims, must(access::make_key_pair()).private_pem)},
      {"for another audience", json_web_token(header, with("aud", "somewhere-else"), key)},
      {"of another issuer", json_web_token(header, with("iss", "somebody-else"), key)},
      {"from the future", json_web_token(header, with("iat", now + 600), key)},
      {"other claims", other_claims},
      {"cut", cut}};
  for (const auto& [what, token] : tokens) {
    SCOPED_TRACE(what);
    expect_refused(system().uncac_with_token(token, {"response", "submit", file}),
                   "UNAUTHENTICATED");
    // A bad token is not the same as none: its holder is told, and does not read as the public.
    const Ended ended = system().uncac_with_token(token, {"needs", "list", "--format", "csv"});
    expect_refused(ended, "UNAUTHENTICATED");
  }
  expect_nothing_of("LSO");
  // The same words, signed as they should be, are good: what was refused was the token.
  const Ended ended = system().uncac_with_token(genuine, {"response", "submit", file});
  EXPECT_EQ(ended.code, 0) << ended.err;
}

TEST_P(Refusals, SharingIsAChoice) {
  const std::string file = good_file("SWZ", "");
  Ended ended = system().uncac("focal-point-SWZ", {"response", "submit", file});
  expect_refused(ended, "error: sharing-not-chosen: ");
  expect_nothing_of("SWZ");
  // Chosen on the command line; from then on the decision is in force and the file needs none.
  answer(system(), "focal-point-SWZ", {"response", "submit", file, "--audience", "PROVIDERS"});
  EXPECT_EQ(needs_of(system(), "provider-EX1", "SWZ").size(), 1u);
  EXPECT_EQ(needs_of(system(), "", "SWZ").size(), 0u);
  const std::string amended = system().file(
      "amended.csv",
      checklist_csv({{.state = "SWZ", .provision = "uncac/5", .type = "ACTION_PLAN"}}));
  answer(system(), "focal-point-SWZ", {"response", "submit", amended});
  EXPECT_EQ(needs_of(system(), "provider-EX1", "SWZ").size(), 1u);
  EXPECT_EQ(needs_of(system(), "", "SWZ").size(), 0u);
}

TEST_P(Refusals, AFileThatDidNotArriveWhole) {
  const auto stub = ChecklistIntake::NewStub(system().channel());
  const std::string csv = read_text(good_file("MDG"));
  const std::string half = csv.substr(0, csv.size() - 1);  // a whole row but for its last byte
  enum class Ending { kNothingMore, kWrongLength, kSecondOptions, kGone, kWhole };
  const auto import = [&](Ending ending) {
    grpc::ClientContext context;
    system().authorize(context, "focal-point-MDG");
    const auto stream = stub->ImportResponses(&context);
    ImportRequest request;
    request.mutable_options()->set_file_name("MDG.csv");
    stream->Write(request);
    request.set_chunk(ending == Ending::kWhole || ending == Ending::kWrongLength ? csv : half);
    stream->Write(request);
    const auto length = static_cast<std::int64_t>(csv.size());
    switch (ending) {
      case Ending::kNothingMore:
        break;
      case Ending::kWrongLength:
        request.mutable_end()->set_bytes(length + 1);
        stream->Write(request);
        break;
      case Ending::kSecondOptions:
        request.mutable_options()->set_keep_good(true);
        stream->Write(request);
        break;
      case Ending::kGone:
        context.TryCancel();
        break;
      case Ending::kWhole:
        request.mutable_end()->set_bytes(length);
        stream->Write(request);
        break;
    }
    stream->WritesDone();
    ImportReply reply;
    int submitted = 0;
    while (stream->Read(&reply)) submitted += reply.has_response() ? 1 : 0;
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(submitted, ending == Ending::kWhole ? 1 : 0);
    return status.error_code();
  };
  EXPECT_EQ(import(Ending::kNothingMore), grpc::StatusCode::INVALID_ARGUMENT);
  expect_nothing_of("MDG");
  EXPECT_EQ(import(Ending::kWrongLength), grpc::StatusCode::INVALID_ARGUMENT);
  expect_nothing_of("MDG");
  EXPECT_EQ(import(Ending::kSecondOptions), grpc::StatusCode::INVALID_ARGUMENT);
  expect_nothing_of("MDG");
  EXPECT_EQ(import(Ending::kGone), grpc::StatusCode::CANCELLED);
  expect_nothing_of("MDG");
  EXPECT_EQ(import(Ending::kWhole), grpc::StatusCode::OK);
}

TEST_P(Refusals, TooLarge) {
  const auto stub = ChecklistIntake::NewStub(system().channel());
  const auto submit = [&](int answers, std::size_t characters) {
    grpc::ClientContext context;
    system().authorize(context, "focal-point-SYC");
    checklist::v1::SubmitRequest request;
    request.mutable_key()->set_state("SYC");
    request.mutable_key()->set_checklist("uncac-comprehensive");
    request.mutable_key()->set_round(2015);
    request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
    for (int i = 1; i <= answers; ++i) {
      checklist::v1::Answer& one = *request.add_answers();
      one.set_provision("uncac/46." + std::to_string(i));
      one.set_compliance(checklist::v1::COMPLIANCE_YES);
      one.set_measures(std::string(characters, 'x'));
      // Three bytes a character: few enough characters, too many bytes for one event.
      std::string wide;
      for (std::size_t k = 0; k < characters; ++k) wide += "\xE2\x82\xAC";
      one.mutable_received()->add_from(wide);
      one.set_challenges_text(wide);
    }
    checklist::v1::SubmitReply reply;
    return stub->Submit(&context, request, &reply).error_code();
  };
  EXPECT_EQ(submit(30, 10'000), grpc::StatusCode::RESOURCE_EXHAUSTED) << "one event of 2.1 MB";
  expect_nothing_of("SYC");

  // A message above what the server takes at all.
  grpc::ClientContext context;
  system().authorize(context, "focal-point-SYC");
  const auto stream = stub->ImportResponses(&context);
  ImportRequest request;
  request.mutable_options()->set_file_name("SYC.csv");
  stream->Write(request);
  request.set_chunk(std::string(5 << 20, 'x'));
  stream->Write(request);
  stream->WritesDone();
  ImportReply reply;
  while (stream->Read(&reply)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  expect_nothing_of("SYC");
}

TEST_P(Refusals, QuestionsThatCannotBeAsked) {
  const auto refused = [&](const Lines& arguments, const std::string& word) {
    SCOPED_TRACE(::testing::PrintToString(arguments));
    expect_refused(system().uncac("secretariat", arguments), word);
  };
  refused({"matrix", "--rows", "colour"}, "rows: error: unknown-dimension: ");
  refused({"matrix", "--rows", "state", "--cols", "colour"}, "error: unknown-dimension: ");
  refused({"matrix", "--rows", "state", "--measure", "rank"}, "measure: error: unknown-measure: ");
  refused({"matrix", "--rows", "state", "--where", "state=XXX"}, "state: error: unknown-value: ");
  refused({"matrix", "--rows", "state", "--where", "colour=blue"}, "error: unknown-dimension: ");
  refused({"matrix", "--rows", "state", "--as-of", "yesterday"}, "INVALID_INPUT");
  refused({"needs", "list", "--where", "type=GOLD"}, "type: error: unknown-value: ");
  // Seen without asking the server: wrong usage.
  EXPECT_EQ(system().uncac("secretariat", {"needs", "list", "--where", "type"}).code, 2);
  refused({"needs", "list", "--after", "KEN@3"}, "version token");
  refused({"needs", "list", "--after", "KEN/uncac-2007/2007@v0"}, "version token");
  refused({"needs", "follow", "--until-caught-up", "--where", "round=2007"},
          "error: dimension-not-in-feed: ");
}

TEST_P(Refusals, PositionsThatWereNotGivenOut) {
  const std::string genuine = follow(system(), "secretariat", "", "start").position;
  const auto refused = [&](const std::string& position) {
    SCOPED_TRACE(position);
    const Ended ended =
        system().uncac("secretariat", {"needs", "follow", "--until-caught-up", "--from", position});
    expect_refused(ended, "INVALID_INPUT");
    EXPECT_EQ(ended.out, "");
  };
  refused("p1.x");
  refused("A" + genuine);
  refused(genuine.substr(0, genuine.size() - 1));
  std::string changed = genuine;
  changed[10] = changed[10] == 'A' ? 'B' : 'A';
  refused(changed);
  refused(genuine + ".2099-01-01");
}

TEST_P(Refusals, ExitCodesOfTheCommandLine) {
  for (const Lines& wrong :
       {Lines{}, Lines{"frobnicate"}, Lines{"matrix"}, Lines{"response"},
        Lines{"needs", "list", "--colour"}, Lines{"needs", "list", "--format", "xml"},
        Lines{"response", "submit"}}) {
    EXPECT_EQ(system().uncac("secretariat", wrong).code, 2) << ::testing::PrintToString(wrong);
  }
  EXPECT_EQ(system().uncac("", {"--help"}).code, 0);
  const std::string nobody = "127.0.0.1:" + std::to_string(free_port());
  const std::string file = good_file("COM");
  for (const Lines& verb :
       {Lines{"needs", "list"}, Lines{"matrix", "--rows", "state"}, Lines{"needs", "follow"},
        Lines{"response", "list"}, Lines{"response", "submit", file},
        Lines{"share", "list", "--state", "COM"}, Lines{"admin", "rebuild", "--check"}}) {
    Lines words{program("uncac"), "--server", nobody};
    words.insert(words.end(), verb.begin(), verb.end());
    EXPECT_EQ(run_to_end(words).code, 3) << ::testing::PrintToString(verb);
  }
}

INSTANTIATE_TEST_SUITE_P(, Refusals, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

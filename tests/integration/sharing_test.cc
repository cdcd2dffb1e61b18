// A State says who sees its answers, and sees itself what each reader sees.
#include <set>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/stores.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using needs::v1::NeedsMatrix;
using Lines = std::vector<std::string>;

class SharingTest : public BothProfiles {
 protected:
  std::string submit(const std::vector<Row>& rows) {
    const std::string file = system().file("sharing.csv", checklist_csv(rows));
    return answer(system(), focal_point(rows[0].state), {"response", "submit", file});
  }
  static std::string focal_point(const std::string& state) { return "focal-point-" + state; }
  static Lines words(const std::string& verb, const std::string& state, const Lines& more) {
    Lines all{"share", verb, "--state", state};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  // By the State's own focal point.
  std::string share(const std::string& verb, const std::string& state, const Lines& more) {
    return answer(system(), focal_point(state), words(verb, state, more));
  }
  // "provision,audience,named" of each line of `share list --format csv` and the like.
  static Lines decisions_in(const std::string& csv) {
    Lines found;
    for (const std::string& line : lines_of(csv)) {
      std::size_t end = 0;
      for (int commas = 0; commas < 3; ++commas) end = line.find(',', end) + 1;
      found.push_back(line.substr(0, end - 1));
    }
    if (!found.empty()) found.erase(found.begin());  // the header
    return found;
  }
  std::set<std::string> keys(const std::string& reader, const std::string& state) {
    std::set<std::string> found;
    for (const auto& [key, need] : needs_of(system(), reader, state)) found.insert(key);
    return found;
  }
  std::size_t audit_rows(const std::string& state) {
    return stored(system(), "checklist_intake",
                  "SELECT action FROM audit WHERE action LIKE 'sharing.%' AND object LIKE '" +
                      state + "@%'")
        .size();
  }
};

TEST_P(SharingTest, ActsOnEverythingBelowAnsweredOrNotAndPrintsIt) {
  const std::string own = focal_point("LKA");
  submit(
      {{.state = "LKA", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "RESTRICTED"},
       {.state = "LKA", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "RESTRICTED"}});
  submit({{.state = "LKA",
           .provision = "uncac/5.3",
           .type = "MODEL_TREATY",
           .audience = "RESTRICTED",
           .checklist = "uncac-comprehensive",
           .round = "2010"}});
  const std::set<std::string> under_five{"LKA:uncac/5.3:MODEL_TREATY"};
  EXPECT_EQ(keys("provider-EX1", "LKA"), std::set<std::string>());
  const Lines before = lines_of(share("list", "LKA", {"--format", "csv"}));

  const Lines set{"--provision", "uncac/5", "--audience", "PROVIDERS",
                  "--reason",    "agreed",  "--format",   "csv"};
  Lines dry = set;
  dry.emplace_back("--dry-run");
  const Lines expected{"uncac/5,PROVIDERS,", "uncac/5.1,PROVIDERS,", "uncac/5.2,PROVIDERS,",
                       "uncac/5.3,PROVIDERS,", "uncac/5.4,PROVIDERS,"};
  EXPECT_EQ(decisions_in(share("set", "LKA", dry)), expected);
  EXPECT_EQ(lines_of(share("list", "LKA", {"--format", "csv"})), before) << "a dry run";
  EXPECT_EQ(audit_rows("LKA"), 0u);

  const std::string out = share("set", "LKA", set);
  EXPECT_EQ(decisions_in(out), expected);
  EXPECT_EQ(lines_of(out)[0], "provision,audience,named,until,recorded_at");
  // The very next question sees it. Article 5 as a whole was answered in the older round.
  EXPECT_EQ(keys("provider-EX1", "LKA"), under_five);
  EXPECT_EQ(keys("", "LKA"), std::set<std::string>());
  EXPECT_EQ(audit_rows("LKA"), 1u);
  const Lines record = stored(system(), "checklist_intake",
                              "SELECT actor || ', ' || role || ', ' || reason FROM audit WHERE "
                              "action = 'sharing.set' AND object LIKE 'LKA@%'");
  ASSERT_EQ(record.size(), 1u);
  EXPECT_EQ(record[0], "exercise-focal-point-LKA, focal_point, agreed");

  // Again, in another order and spelt out: nothing is new.
  const json again = json::parse(share("set", "LKA",
                                       {"--provision", "uncac/5.4,uncac/5,uncac/5.4", "--audience",
                                        "PROVIDERS", "--format", "json"}));
  EXPECT_EQ(again.at("changed"), 0);
  EXPECT_EQ(again.at("version_token"), "");
  EXPECT_EQ(again.at("decisions").size(), 5u);
  EXPECT_EQ(audit_rows("LKA"), 1u);

  // For named ones; outsiders see the kind alone.
  share("set", "LKA",
        {"--provision", "uncac/5", "--audience", "NAMED:EX2", "--until", "2090-01-01"});
  EXPECT_EQ(keys("provider-EX1", "LKA"), std::set<std::string>());
  EXPECT_EQ(keys("provider-EX2", "LKA"), under_five);
  const std::string list = share("list", "LKA", {"--format", "csv"});
  EXPECT_NE(list.find("uncac/5.4,NAMED,EX2,2090-01-01,"), std::string::npos) << list;

  EXPECT_EQ(decisions_in(share("revoke", "LKA", {"--provision", "uncac/5", "--format", "csv"})),
            (Lines{"uncac/5,RESTRICTED,", "uncac/5.1,RESTRICTED,", "uncac/5.2,RESTRICTED,",
                   "uncac/5.3,RESTRICTED,", "uncac/5.4,RESTRICTED,"}));
  EXPECT_EQ(keys("provider-EX2", "LKA"), std::set<std::string>());
  EXPECT_EQ(keys(own, "LKA").size(), 2u) << "the State's own view is as it was";
  // The responses are what they were.
  EXPECT_EQ(lines_of(answer(system(), own,
                            {"response", "history", "--state", "LKA", "--checklist", "uncac-2007",
                             "--format", "csv"}))
                .size(),
            2u);

  // All of the treaty.
  const json all = json::parse(
      share("set", "LKA", {"--provision", "uncac", "--audience", "PUBLIC", "--format", "json"}));
  EXPECT_EQ(all.at("decisions").size(), all.at("changed"));
  EXPECT_GT(all.at("decisions").size(), 188u);
  EXPECT_EQ(keys("", "LKA").size(), 2u);
  EXPECT_EQ(audit_rows("LKA"), 4u);
}

TEST_P(SharingTest, OnlyTheStatesOwnFocalPoint) {
  submit(
      {{.state = "NPL", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PROVIDERS"}});
  const std::string before = share("list", "NPL", {"--format", "csv"});
  for (const std::string verb : {"set", "revoke"}) {
    Lines asked = words(verb, "NPL", {"--provision", "uncac"});
    if (verb == "set") asked.insert(asked.end(), {"--audience", "PUBLIC"});
    for (const std::string reader :
         {"focal-point-MDV", "secretariat", "auditor", "operator", "provider-EX1", ""}) {
      SCOPED_TRACE(verb + " by \"" + reader + "\"");
      const Ended ended = system().uncac(reader, asked);
      EXPECT_EQ(ended.code, 1);
      EXPECT_EQ(ended.out, "");
      EXPECT_NE(ended.err.find(reader.empty() ? "UNAUTHENTICATED" : "FORBIDDEN"), std::string::npos)
          << ended.err;
    }
  }
  EXPECT_EQ(share("list", "NPL", {"--format", "csv"}), before);
  EXPECT_EQ(keys("", "NPL"), std::set<std::string>());
  EXPECT_EQ(audit_rows("NPL"), 0u);
}

TEST_P(SharingTest, BadInputIsRefusedByRuleAndWrongWordsAreWrongUsage) {
  const auto problem = [&](const std::string& verb, const Lines& more) {
    const Ended ended = system().uncac(focal_point("MDV"), words(verb, "MDV", more));
    EXPECT_EQ(ended.code, 1) << ended.out;
    EXPECT_EQ(ended.out, "");
    return ended.err;
  };
  const auto expect_rule = [&](const Lines& more, const std::string& expected) {
    const std::string err = problem("set", more);
    EXPECT_NE(err.find(expected), std::string::npos) << err;
  };
  expect_rule({"--provision", "5", "--audience", "PUBLIC"},
              "provision: error: provision-without-treaty: ");
  expect_rule({"--provision", "uncac/99", "--audience", "PUBLIC"},
              "provision: error: unknown-provision: \"uncac/99\"");
  expect_rule({"--provision", "uncac/15.a", "--audience", "PUBLIC"},
              "provision: error: not-an-item: \"uncac/15.a\"");
  expect_rule({"--provision", "uncac/5", "--audience", "PUBLIC", "--until", "2007-01-01"},
              "audience_until: error: audience-until-past: ");
  expect_rule({"--provision", "uncac/5", "--audience", "NAMED:ex1"},
              "audience: error: bad-provider: ");
  EXPECT_NE(problem("revoke", {"--provision", "44"}).find("provision-without-treaty"),
            std::string::npos);
  EXPECT_EQ(lines_of(share("list", "MDV", {"--format", "csv"})).size(), 1u);

  for (const Lines& wrong :
       {Lines{"--provision", "uncac/5"}, Lines{"--audience", "PUBLIC"},
        Lines{"--provision", "uncac/5", "--audience", "FOO"},
        Lines{"--provision", "uncac/5", "--audience", "NAMED:"},
        Lines{"--provision", "uncac/5", "--until", "2090-01-01", "--reinstate"},
        Lines{"--provision", "uncac/5", "--audience", "PUBLIC", "--reinstate"}}) {
    const Ended ended = system().uncac(focal_point("MDV"), words("set", "MDV", wrong));
    EXPECT_EQ(ended.code, 2) << ::testing::PrintToString(wrong) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
  // With nothing suspended there is nothing to reinstate.
  const json none =
      json::parse(share("set", "MDV", {"--provision", "uncac", "--reinstate", "--format", "json"}));
  EXPECT_EQ(none.at("changed"), 0);
  EXPECT_EQ(none.at("decisions").size(), 0u);
}

// "KEN@s17": the State's own way to see its own decision, and nobody else's to learn of it.
TEST_P(SharingTest, TheTokenIsWaitedForByWhoReadsTheState) {
  submit({{.state = "BRN", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  const json reply =
      json::parse(share("revoke", "BRN", {"--provision", "uncac/5", "--format", "json"}));
  const std::string token = reply.at("version_token");
  EXPECT_EQ(token, "BRN@s6") << "one from the submission, five here";
  for (const std::string reader : {"focal-point-BRN", "secretariat"}) {
    EXPECT_EQ(system().uncac(reader, {"needs", "list", "--after", token}).code, 0);
  }
  for (const std::string reader : {"", "provider-EX1", "focal-point-MDV"}) {
    for (const std::string& asked : {token, std::string("BRN@s9999")}) {
      const Ended ended = system().uncac(reader, {"needs", "list", "--after", asked});
      EXPECT_EQ(ended.code, 1) << ended.out;
      EXPECT_NE(ended.err.find("FORBIDDEN"), std::string::npos) << ended.err;
    }
  }
  grpc::ClientContext context;
  system().authorize(context, "focal-point-BRN");
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  needs::v1::ListNeedsRequest request;
  request.mutable_freshness()->add_version_tokens("BRN@s7");
  needs::v1::ListNeedsReply needs;
  const grpc::Status status =
      NeedsMatrix::NewStub(system().channel())->ListNeeds(&context, request, &needs);
  EXPECT_FALSE(status.ok()) << "no such decision was made";
}

TEST_P(SharingTest, AnyVersionIsExportedByItsNumber) {
  submit({{.state = "LAO", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  submit({{.state = "LAO", .provision = "uncac/5", .type = "ACTION_PLAN", .audience = "PUBLIC"}});
  Lines name{"response", "export", "--state", "LAO", "--checklist", "uncac-2007"};
  const auto exported = [&](const std::string& version) {
    Lines asked = name;
    if (!version.empty()) asked.insert(asked.end(), {"--version", version});
    return system().uncac(focal_point("LAO"), asked);
  };
  const std::string second = exported("").out;
  EXPECT_NE(second.find(",ACTION_PLAN,"), std::string::npos) << second;
  EXPECT_EQ(exported("2").out, second);
  const Ended first = exported("1");
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find(",LEGAL_ADVICE,"), std::string::npos) << first.out;
  // A version is a version when it is no longer in force.
  answer(system(), focal_point("LAO"),
         {"response", "withdraw", "--state", "LAO", "--checklist", "uncac-2007", "--reason", "x"});
  EXPECT_EQ(exported("").code, 1);
  EXPECT_EQ(exported("2").out, second);
  const Ended missing = exported("3");
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("NOT_FOUND"), std::string::npos) << missing.err;
  EXPECT_EQ(exported("0").code, 2);
  // Filed again it is the same answers, as the next version.
  const std::string file = system().file("first.csv", first.out);
  EXPECT_NE(answer(system(), focal_point("LAO"), {"response", "submit", file}).find("version 3"),
            std::string::npos);
}

// What the preview says of a reader is what that reader gets.
TEST_P(SharingTest, ThePreviewShowsWhatTheReaderSees) {
  submit({{.state = "KHM", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "KHM", .provision = "uncac/5", .type = "ACTION_PLAN", .audience = "PUBLIC"},
          {.state = "KHM", .provision = "uncac/6", .type = "LEGAL_ADVICE", .audience = "PROVIDERS"},
          {.state = "KHM", .provision = "uncac/9", .type = "MODEL_TREATY", .audience = "NAMED:EX1"},
          {.state = "KHM", .provision = "uncac/15", .audience = "PUBLIC", .compliance = "YES"},
          {.state = "KHM",
           .provision = "uncac/16",
           .audience = "PUBLIC",
           .compliance = "NOT_ANSWERED",
           .challenges = ""},
          {.state = "KHM",
           .provision = "uncac/17",
           .type = "OTHER",
           .audience = "RESTRICTED",
           .type_text = "a study"}});
  share("set", "KHM", {"--provision", "uncac/5.1", "--audience", "PUBLIC"});
  const std::map<std::string, std::string> tokens{{"public", ""},
                                                  {"provider:EX1", "provider-EX1"},
                                                  {"provider:EX2", "provider-EX2"},
                                                  {"state:UGA", "focal-point-UGA"},
                                                  {"state:KHM", "focal-point-KHM"}};
  const auto need_state_of = [&](const std::string& reader, const std::string& provision) {
    for (const std::string& line :
         lines_of(share("preview", "KHM", {"--reader", reader, "--format", "csv"}))) {
      if (line.rfind(provision + ",", 0) == 0) return line.substr(provision.size() + 1);
    }
    return std::string();
  };
  EXPECT_EQ(need_state_of("public", "uncac/5"), "PUBLIC,STATED,LEGAL_ADVICE|ACTION_PLAN");
  EXPECT_EQ(need_state_of("public", "uncac/5.1"), "PUBLIC,NOT_ASKED,");
  EXPECT_EQ(need_state_of("public", "uncac/5.2"), ",WITHHELD,") << "no decision was ever made";
  EXPECT_EQ(need_state_of("public", "uncac/6"), "PROVIDERS,WITHHELD,");
  EXPECT_EQ(need_state_of("provider:EX2", "uncac/6"), "PROVIDERS,STATED,LEGAL_ADVICE");
  EXPECT_EQ(need_state_of("provider:EX1", "uncac/9"), "NAMED,STATED,MODEL_TREATY");
  EXPECT_EQ(need_state_of("provider:EX2", "uncac/9"), "NAMED,WITHHELD,");
  EXPECT_EQ(need_state_of("state:UGA", "uncac/15"), "PUBLIC,NONE_STATED,");
  EXPECT_EQ(need_state_of("public", "uncac/16"), "PUBLIC,NOT_ANSWERED,");
  EXPECT_EQ(need_state_of("public", "uncac/17"), "RESTRICTED,WITHHELD,");
  EXPECT_EQ(need_state_of("state:KHM", "uncac/17"), "RESTRICTED,STATED,OTHER");

  for (const auto& [reader, token] : tokens) {
    SCOPED_TRACE(reader);
    std::map<std::string, std::set<std::string>> needs;
    for (const auto& [key, need] : needs_of(system(), token, "KHM")) {
      needs[need.at("provision")].insert(need.at("type"));
    }
    const json preview =
        json::parse(share("preview", "KHM", {"--reader", reader, "--format", "json"}));
    EXPECT_EQ(preview.at("state"), "KHM");
    EXPECT_EQ(preview.at("reader"), reader);
    EXPECT_EQ(
        preview.at("provisions").size(),
        lines_of(answer(system(), token, {"matrix", "--rows", "provision", "--format", "csv"}))
                .size() -
            2)
        << "a line for each item of any checklist";
    for (const json& line : preview.at("provisions")) {
      const std::set<std::string> types = line.at("types");
      EXPECT_EQ(types, needs[line.at("provision")]) << line;
      EXPECT_EQ(line.at("need_state") == "STATED", !types.empty()) << line;
    }
  }
  // Of one's own State only, and not of a reader that there is not.
  for (const std::string other : {"focal-point-UGA", "provider-EX1", ""}) {
    EXPECT_EQ(system().uncac(other, words("preview", "KHM", {"--reader", "public"})).code, 1);
  }
  const Ended unknown =
      system().uncac("focal-point-KHM", words("preview", "KHM", {"--reader", "everybody"}));
  EXPECT_EQ(unknown.code, 1);
  EXPECT_NE(unknown.err.find("unknown-reader"), std::string::npos) << unknown.err;
  EXPECT_EQ(unknown.out, "");
}

INSTANTIATE_TEST_SUITE_P(, SharingTest, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

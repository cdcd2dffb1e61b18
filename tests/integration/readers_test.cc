// Rule 2: each reader sees what the State shares with him, in matrix, list and feed alike, while
// audiences widen and narrow.
#include <algorithm>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using Keys = std::set<std::string>;
using Lines = std::vector<std::string>;

const std::string k5 = "UGA:uncac/5:LEGAL_ADVICE";
const std::string k6 = "UGA:uncac/6:ACTION_PLAN";
const std::string k9 = "UGA:uncac/9:MODEL_LEGISLATION";
const std::string k15 = "UGA:uncac/15:OTHER";
const std::string k16 = "UGA:uncac/16:OTHER";

class Readers : public BothProfiles {
 protected:
  const Lines readers{"",        "provider-EX1",   "provider-EX2", "focal-point-TZA", "secretariat",
                      "auditor", "focal-point-UGA"};
  static bool reads_all(const std::string& reader) {
    return reader == "secretariat" || reader == "auditor" || reader == "focal-point-UGA";
  }

  static std::vector<Row> rows(const std::string& for5, const std::string& for6,
                               const std::string& for9, const std::string& for15) {
    return {{.state = "UGA", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = for5},
            {.state = "UGA", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = for6},
            {.state = "UGA", .provision = "uncac/9", .type = "MODEL_LEGISLATION", .audience = for9},
            {.state = "UGA",
             .provision = "uncac/15",
             .type = "OTHER",
             .audience = for15,
             .type_text = "secret words"},
            {.state = "UGA",
             .provision = "uncac/16",
             .type = "OTHER",
             .audience = "PUBLIC",
             .type_text = "open need with words"}};
  }
  Filed submit(const std::vector<Row>& filed_rows) {
    const std::string file = system().file("readers.csv", checklist_csv(filed_rows));
    const auto filed = filed_in(
        answer(system(), "focal-point-UGA", {"response", "submit", file, "--format", "csv"}));
    EXPECT_EQ(filed.size(), 1u);
    return filed.empty() ? Filed{} : filed[0];
  }

  // The list, the matrix and the feed from its start show these needs and no others.
  void expect_sees(const std::string& reader, const Keys& keys) {
    SCOPED_TRACE("reader \"" + reader + "\"");
    Keys listed;
    for (const auto& [key, need] : needs_of(system(), reader, "UGA")) {
      listed.insert(key);
      EXPECT_EQ(!need.at("type_text").get<std::string>().empty(),
                reads_all(reader) && need.at("type") == "OTHER")
          << need;
      EXPECT_FALSE(need.contains("named")) << need;
    }
    EXPECT_EQ(listed, keys);

    const Feed feed = follow(system(), reader, "UGA", "start");
    Keys followed;
    for (const json& event : feed.events) {
      EXPECT_EQ(event.at("type"), "uncac.needs.v1.Need") << event;
      EXPECT_TRUE(followed.insert(event.at("data").at("need")).second) << event;
      EXPECT_EQ(!event.at("data").at("type_text").get<std::string>().empty(),
                reads_all(reader) && event.at("data").at("type") == "OTHER")
          << event;
    }
    EXPECT_EQ(followed, keys);

    Keys articles;
    for (const std::string& key : keys) {
      articles.insert(key.substr(4, key.rfind(':') - 4));
    }
    auto figure = figures(system(), reader, {"--rows", "article", "--where", "state=UGA"});
    for (const std::string article :
         {"uncac/5", "uncac/6", "uncac/9", "uncac/15", "uncac/16", "uncac/17"}) {
      EXPECT_EQ(figure[article], articles.contains(article) ? "1"
                                 : reads_all(reader)        ? "0"
                                                            : "withheld")
          << article;
    }
    EXPECT_EQ(figure["total"], keys.empty() ? (reads_all(reader) ? "0" : "withheld") : "1");
  }

  std::map<std::string, std::string> positions() {
    std::map<std::string, std::string> all;
    for (const std::string& reader : readers) {
      all[reader] = follow(system(), reader, "UGA", "start").position;
    }
    return all;
  }
  // The feed from a position, in any order (needs of one State come in the order of their keys).
  Lines changes(const std::string& reader, const std::string& from) {
    Lines lines = changes_in(follow(system(), reader, "UGA", from));
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

TEST_P(Readers, SeeWhatIsSharedWithThemWhileItWidensAndNarrows) {
  submit(rows("PUBLIC", "PROVIDERS", "NAMED:EX1", "RESTRICTED"));
  std::map<std::string, Keys> sees{{"", {k5, k16}},
                                   {"focal-point-TZA", {k5, k16}},
                                   {"provider-EX1", {k5, k6, k9, k16}},
                                   {"provider-EX2", {k5, k6, k16}},
                                   {"secretariat", {k5, k6, k9, k15, k16}},
                                   {"auditor", {k5, k6, k9, k15, k16}},
                                   {"focal-point-UGA", {k5, k6, k9, k15, k16}}};
  for (const std::string& reader : readers) expect_sees(reader, sees[reader]);
  const auto before = positions();

  // uncac/9 and uncac/15 reach further, uncac/5 and uncac/6 less far; no answer changes.
  const Filed filed = submit(rows("RESTRICTED", "NAMED:EX1", "PROVIDERS", "NAMED:EX2"));
  EXPECT_EQ(filed.outcome, "sharing changed");
  EXPECT_EQ(filed.version, "1");
  sees = {{"", {k16}},
          {"focal-point-TZA", {k16}},
          {"provider-EX1", {k6, k9, k16}},
          {"provider-EX2", {k9, k15, k16}},
          {"secretariat", {k5, k6, k9, k15, k16}},
          {"auditor", {k5, k6, k9, k15, k16}},
          {"focal-point-UGA", {k5, k6, k9, k15, k16}}};
  for (const std::string& reader : readers) expect_sees(reader, sees[reader]);
  const Lines all_four{"stated " + k15, "stated " + k5, "stated " + k6, "stated " + k9};
  EXPECT_EQ(changes("", before.at("")), Lines{"removed " + k5 + " not shared"});
  EXPECT_EQ(changes("focal-point-TZA", before.at("focal-point-TZA")),
            Lines{"removed " + k5 + " not shared"});
  EXPECT_EQ(changes("provider-EX1", before.at("provider-EX1")),
            (Lines{"removed " + k5 + " not shared", "stated " + k6, "stated " + k9}));
  EXPECT_EQ(changes("provider-EX2", before.at("provider-EX2")),
            (Lines{"removed " + k5 + " not shared", "removed " + k6 + " not shared",
                   "stated " + k15, "stated " + k9}));
  for (const std::string reader : {"secretariat", "auditor", "focal-point-UGA"}) {
    EXPECT_EQ(changes(reader, before.at(reader)), all_four) << reader;
  }
  const auto between = positions();

  // Gone: each hears it of what he could see, and nobody of anything else.
  answer(system(), "focal-point-UGA",
         {"response", "withdraw", "--state", "UGA", "--checklist", "uncac-2007", "--reason", "x"});
  for (const std::string& reader : readers) {
    Lines removals;
    for (const std::string& key : sees[reader]) removals.push_back("removed " + key + " changed");
    std::sort(removals.begin(), removals.end());
    EXPECT_EQ(changes(reader, between.at(reader)), removals) << reader;
    EXPECT_EQ(needs_of(system(), reader, "UGA").size(), 0u) << reader;
    EXPECT_EQ(changes(reader, "start"), Lines{}) << reader;
  }
  // A copy kept since the first position ends empty too, and hears of no need it could never see.
  const std::map<std::string, Keys> ever{{"", {k5, k16}},
                                         {"focal-point-TZA", {k5, k16}},
                                         {"provider-EX1", {k5, k6, k9, k16}},
                                         {"provider-EX2", {k5, k6, k9, k15, k16}}};
  for (const auto& [reader, keys] : ever) {
    Keys copy = reader == "provider-EX1"   ? Keys{k5, k6, k9, k16}
                : reader == "provider-EX2" ? Keys{k5, k6, k16}
                                           : Keys{k5, k16};
    for (const json& event : follow(system(), reader, "UGA", before.at(reader)).events) {
      const std::string key = event.at("data").at("need");
      EXPECT_TRUE(keys.contains(key)) << reader << ": " << event;
      if (event.at("type") == "uncac.needs.v1.Need") {
        copy.insert(key);
      } else {
        copy.erase(key);
      }
    }
    EXPECT_EQ(copy, Keys{}) << reader;
  }
}

TEST_P(Readers, NamesInNamedStayWithTheStateAndTheSecretariat) {
  const std::string file =
      system().file("named.csv", checklist_csv({{.state = "RWA",
                                                 .provision = "uncac/5",
                                                 .type = "LEGAL_ADVICE",
                                                 .audience = "NAMED:EX1|EX3"}}));
  answer(system(), "focal-point-RWA", {"response", "submit", file});
  const auto stub = needs::v1::NeedsMatrix::NewStub(system().channel());
  const auto named_in = [&](const std::string& reader) {
    const auto names = [](const needs::v1::Need& need) {
      return Lines(need.named().begin(), need.named().end());
    };
    grpc::ClientContext list_context;
    system().authorize(list_context, reader);
    needs::v1::ListNeedsRequest request;
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values("RWA");
    needs::v1::ListNeedsReply reply;
    EXPECT_TRUE(stub->ListNeeds(&list_context, request, &reply).ok());
    EXPECT_EQ(reply.needs_size(), 1) << reader;
    if (reply.needs_size() != 1) return Lines{"?"};
    EXPECT_EQ(reply.needs(0).audience(), common::v1::AUDIENCE_NAMED);

    grpc::ClientContext follow_context;
    system().authorize(follow_context, reader);
    needs::v1::FollowRequest from_start;
    from_start.set_from("start");
    from_start.set_until_caught_up(true);
    *from_start.add_where() = where;
    const auto stream = stub->Follow(&follow_context, from_start);
    needs::v1::FollowReply change;
    int stated = 0;
    while (stream->Read(&change)) {
      if (change.kind() != needs::v1::CHANGE_KIND_STATED) continue;
      ++stated;
      EXPECT_EQ(names(change.state_after()), names(reply.needs(0))) << reader;
    }
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(stated, 1) << reader;
    return names(reply.needs(0));
  };
  EXPECT_EQ(named_in("provider-EX1"), Lines{});
  EXPECT_EQ(named_in("secretariat"), (Lines{"EX1", "EX3"}));
  EXPECT_EQ(named_in("focal-point-RWA"), (Lines{"EX1", "EX3"}));
}

TEST_P(Readers, TheOperatorReadsNoAnswers) {
  for (const Lines& arguments :
       {Lines{"needs", "list"}, Lines{"matrix", "--rows", "state"},
        Lines{"needs", "follow", "--from", "start", "--until-caught-up"}, Lines{"response", "list"},
        Lines{"share", "list", "--state", "UGA"}}) {
    const Ended ended = system().uncac("operator", arguments);
    EXPECT_EQ(ended.code, 1) << ended.out;
    EXPECT_EQ(ended.out, "");
    EXPECT_NE(ended.err.find("FORBIDDEN"), std::string::npos) << ended.err;
  }
  answer(system(), "operator", {"admin", "rebuild", "--check"});
}

// Responses, history, export and sharing decisions are the State's and the secretariat's.
TEST_P(Readers, ResponsesAreReadByTheirStateAndTheSecretariat) {
  const std::string file = system().file("own.csv", checklist_csv({{.state = "BDI",
                                                                    .provision = "uncac/5",
                                                                    .type = "LEGAL_ADVICE",
                                                                    .audience = "PUBLIC"}}));
  answer(system(), "focal-point-BDI", {"response", "submit", file});
  const std::vector<Lines> questions{
      {"response", "list", "--state", "BDI"},
      {"response", "history", "--state", "BDI", "--checklist", "uncac-2007"},
      {"response", "export", "--state", "BDI", "--checklist", "uncac-2007"},
      {"share", "list", "--state", "BDI"}};
  for (const Lines& question : questions) {
    for (const std::string reader : {"focal-point-BDI", "secretariat", "auditor"}) {
      answer(system(), reader, question);
    }
    for (const std::string reader : {"focal-point-TZA", "provider-EX1", "operator", ""}) {
      const Ended ended = system().uncac(reader, question);
      EXPECT_EQ(ended.code, 1) << reader << ": " << ended.out;
      EXPECT_EQ(ended.out, "") << reader;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, Readers, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

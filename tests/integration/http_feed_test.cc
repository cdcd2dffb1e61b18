// The feed as server-sent events and what is on record as files: what the command line says, over
// HTTP, for as many as come.
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "platform/runtime/http_library.h"
#include "support/event_streams.h"
#include "support/suite.h"

namespace uncac::testing {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLimit{20'000};

class HttpFeed : public BothProfiles {
 protected:
  std::vector<std::string> as(const std::string& reader) {
    if (reader.empty()) return {};
    return {"Authorization: Bearer " + system().token(reader)};
  }
  httplib::Result get(const std::string& path, const std::string& reader) {
    httplib::Client client("http://" + system().http_address());
    client.set_read_timeout(30, 0);
    httplib::Headers headers;
    if (!reader.empty()) headers.emplace("Authorization", "Bearer " + system().token(reader));
    return client.Get(path, headers);
  }
  void submit(const std::vector<Row>& rows) {
    const std::string file = system().file("http_feed.csv", checklist_csv(rows));
    answer(system(), "focal-point-" + rows[0].state, {"response", "submit", file});
  }
  // The process that holds the streams of HTTP.
  int threads() {
    const std::string name = GetParam() == "embedded" ? "uncac-suite" : "uncac-gateway";
    std::ifstream status("/proc/" + std::to_string(system().service(name).pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
    }
    return 0;
  }
  static std::string without_returns(std::string text) {
    std::erase(text, '\r');
    return text;
  }
};

TEST_P(HttpFeed, ChangesArriveOnAnOpenStreamAndGoOnFromWhereItBroke) {
  EventStreams streams(system().http_address());
  const std::size_t own = streams.open("/events/needs?state=MLT", as("focal-point-MLT"));
  const std::size_t anybody = streams.open("/events/needs?state=MLT");
  const std::size_t other = streams.open("/events/needs?state=CYP", as("secretariat"));
  const auto caught_up = [&] {
    return streams.count(own, "caught-up") == 1 && streams.count(anybody, "caught-up") == 1 &&
           streams.count(other, "caught-up") == 1;
  };
  ASSERT_TRUE(streams.read_until(kLimit, caught_up)) << streams.rest(own);
  submit(
      {{.state = "MLT", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
       {.state = "MLT", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "RESTRICTED"}});
  ASSERT_TRUE(streams.read_until(kLimit, [&] {
    return streams.count(own, "need.stated") == 2 && streams.count(anybody, "need.stated") == 1;
  }));
  EXPECT_EQ(streams.count(other, "need.stated"), 0u) << "of a State that was not asked for";
  const std::vector<ServerEvent>& seen = streams.events(anybody);
  ASSERT_GE(seen.size(), 2u);
  const ServerEvent stated = seen[1];
  const json event = json::parse(stated.data);
  EXPECT_EQ(event.at("specversion"), "1.0");
  EXPECT_EQ(event.at("type"), "uncac.needs.v1.Need");
  EXPECT_EQ(event.at("subject"), "MLT:uncac/5:LEGAL_ADVICE");
  EXPECT_EQ(event.at("position"), stated.id);
  EXPECT_EQ(event.at("data").at("type_text"), "");

  // Broken off, and something happens meanwhile.
  streams.close(anybody);
  answer(system(), "focal-point-MLT",
         {"share", "set", "--state", "MLT", "--provision", "uncac/5", "--audience", "RESTRICTED"});
  answer(system(), "focal-point-MLT",
         {"share", "set", "--state", "MLT", "--provision", "uncac/6", "--audience", "PUBLIC"});
  const std::size_t again =
      streams.open("/events/needs?state=MLT&from=start", {"Last-Event-ID: " + stated.id});
  ASSERT_TRUE(streams.read_until(kLimit, [&] {
    return streams.count(again, "caught-up") == 1 && streams.count(again, "need.removed") == 1 &&
           streams.count(again, "need.stated") == 1;
  }));
  EXPECT_EQ(streams.count(again, "restarted"), 0u);
  for (const ServerEvent& one : streams.events(again)) {
    if (one.name != "need.removed") continue;
    EXPECT_EQ(json::parse(one.data).at("data").at("removed_because"), "not shared");
  }
}

TEST_P(HttpFeed, RefusalsAreProblems) {
  EventStreams streams(system().http_address());
  struct Case {
    std::string path;
    std::vector<std::string> headers;
    int status;
    std::string word;
  };
  const std::vector<Case> cases{
      {"/events/needs?planet=MARS", {}, 400, "planet"},
      {"/events/needs?state=NOWHERE", {}, 400, "NOWHERE"},
      {"/events/needs?compliance=NO", {}, 400, "dimension-not-in-feed"},
      {"/events/needs?from=nonsense", {}, 400, "position"},
      {"/events/needs", {"Last-Event-ID: nonsense"}, 400, "position"},
      {"/events/needs", {"Authorization: Bearer nonsense"}, 401, "UNAUTHENTICATED"},
  };
  for (const Case& one : cases) {
    const std::size_t stream = streams.open(one.path, one.headers);
    EXPECT_TRUE(streams.read_until(kLimit, [&] {
      return streams.rest(stream).find('}') != std::string::npos || streams.ended(stream);
    })) << one.path;
    EXPECT_EQ(streams.status(stream), one.status) << one.path << streams.rest(stream);
    EXPECT_NE(streams.rest(stream).find(one.word), std::string::npos)
        << one.path << streams.rest(stream);
  }
}

// Two threads serve them all, and each is told.
TEST_P(HttpFeed, ThousandsOfStreamsHoldNoThread) {
  constexpr std::size_t kStreams = 2'000;
  EventStreams streams(system().http_address());
  streams.open("/events/needs?state=CYP");
  ASSERT_TRUE(streams.read_until(kLimit, [&] { return streams.count(0, "caught-up") == 1; }));
  const int before = threads();
  for (std::size_t i = 1; i < kStreams; ++i) streams.open("/events/needs?state=CYP");
  const auto all_have = [&](const std::string& name) {
    return [&streams, name] {
      for (std::size_t i = 0; i < streams.size(); ++i) {
        if (streams.count(i, name) == 0) return false;
      }
      return true;
    };
  };
  ASSERT_TRUE(streams.read_until(seconds(60), all_have("caught-up")));
  // gRPC's own pool may have grown by a few while so many calls began.
  EXPECT_LE(threads(), before + 16);
  const auto told = std::chrono::steady_clock::now();
  submit({{.state = "CYP", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  ASSERT_TRUE(streams.read_until(seconds(60), all_have("need.stated")));
  const auto took = std::chrono::steady_clock::now() - told;
  std::printf("%s: %zu streams told within %.1f s, %d threads before, %d after\n",
              GetParam().c_str(), streams.size(), std::chrono::duration<double>(took).count(),
              before, threads());
  // Questions are answered beside them.
  EXPECT_EQ(get("/export/needs.csv?state=CYP", "")->status, 200);
}

TEST_P(HttpFeed, ExportsSayWhatTheCommandLineSays) {
  for (const std::string reader : {"", "provider-EX1", "secretariat"}) {
    SCOPED_TRACE(reader);
    const auto needs = get("/export/needs.csv?regional_group=GRULAC", reader);
    ASSERT_TRUE(needs);
    EXPECT_EQ(needs->status, 200) << needs->body;
    EXPECT_EQ(needs->get_header_value("Content-Type"), "text/csv; charset=utf-8; header=present");
    EXPECT_EQ(without_returns(needs->body),
              answer(system(), reader,
                     {"needs", "list", "--where", "regional_group=GRULAC", "--format", "csv"}));
    const auto lines = get("/export/needs.jsonl?regional_group=GRULAC", reader);
    ASSERT_TRUE(lines);
    json all = json::array();
    for (const std::string& line : lines_of(lines->body)) all.push_back(json::parse(line));
    EXPECT_EQ(all, json::parse(answer(
                       system(), reader,
                       {"needs", "list", "--where", "regional_group=GRULAC", "--format", "json"})));
    const auto matrix =
        get("/export/matrix.csv?rows=article&columns=regional_group&measure=share_of_respondents",
            reader);
    ASSERT_TRUE(matrix);
    EXPECT_EQ(matrix->status, 200) << matrix->body;
    EXPECT_EQ(without_returns(matrix->body),
              answer(system(), reader,
                     {"matrix", "--rows", "article", "--cols", "regional_group", "--measure",
                      "share_of_respondents", "--format", "csv"}));
  }
  const auto book = get("/export/matrix.xlsx?rows=chapter&columns=regional_group", "secretariat");
  ASSERT_TRUE(book);
  EXPECT_EQ(book->status, 200);
  EXPECT_EQ(book->body.substr(0, 4), std::string("PK\x03\x04"));

  EXPECT_EQ(get("/export/matrix.csv", "")->status, 400) << "without rows";
  EXPECT_EQ(get("/export/matrix.csv?rows=planet", "")->status, 400);
  EXPECT_EQ(get("/export/needs.csv?state=NOWHERE", "")->status, 400);
  EXPECT_EQ(get("/export/needs.csv?since=", "")->status, 400);
  EXPECT_EQ(get("/export/needs.csv?since=nonsense", "")->status, 400);
  EXPECT_EQ(get("/export/needs.xlsx", "")->status, 404);
}

TEST_P(HttpFeed, AnExportGoesOnFromThePositionOfTheLast) {
  submit({{.state = "LUX", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "LUX", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"}});
  const auto whole = get("/export/needs.csv?state=LUX", "");
  ASSERT_TRUE(whole);
  const std::string position = whole->get_header_value("Uncac-Position");
  ASSERT_FALSE(position.empty());
  const std::string since = "/export/needs.csv?state=LUX&since=" + position;
  EXPECT_EQ(lines_of(get(since, "")->body).size(), 1u) << "nothing has changed";
  answer(system(), "focal-point-LUX",
         {"share", "set", "--state", "LUX", "--provision", "uncac/6", "--audience", "RESTRICTED"});
  const auto changes = get(since, "");
  ASSERT_TRUE(changes);
  EXPECT_EQ(without_returns(changes->body),
            "change,need,state,provision,type,state_priority,coverage,audience,stated_on,"
            "removed_because\n"
            "REMOVED,LUX:uncac/6:ACTION_PLAN,LUX,uncac/6,ACTION_PLAN,,,,,not shared\n");
  const std::string next = changes->get_header_value("Uncac-Position");
  EXPECT_NE(next, position);
  EXPECT_EQ(lines_of(get("/export/needs.csv?state=LUX&since=" + next, "")->body).size(), 1u);
  // Nobody else's token has changed what is theirs.
  EXPECT_EQ(lines_of(get("/export/needs.csv?state=LUX&since=" + position, "focal-point-LUX")->body)
                .size(),
            2u);
}

INSTANTIATE_TEST_SUITE_P(Profiles, HttpFeed, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

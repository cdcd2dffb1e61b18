// What version 1 left behind: opened by today's program it gives the answers of its own time.
#include <sqlite3.h>

#include "integration/own_suite.h"

namespace uncac::testing {
namespace {

namespace fs = std::filesystem;

// See tests/data/README.md.
std::string of_its_time(const std::string& name) {
  const std::string file = std::string(UNCAC_SOURCE_DIR) + "/tests/data/version-1/" + name;
  const std::string text = read_text(file);
  if (text.empty()) throw std::runtime_error(file + " is missing");
  return text;
}

void make_database(const std::string& file, const std::string& sql) {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open(file.c_str(), &raw);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, sqlite3_close);
  if (opened != SQLITE_OK ||
      sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(file + ": " + sqlite3_errmsg(raw));
  }
}

class Version1Data : public OwnSuite {
 protected:
  Version1Data() {
    lose_the_store();
    fs::create_directory(store());
    for (const std::string name : {"checklist_intake", "needs_matrix"}) {
      make_database(store() + "/" + name + ".db", of_its_time(name + ".sql"));
    }
    system_->launch_all();
  }
  void expect_answers_of_its_time() {
    const std::vector<std::pair<std::string, std::string>> readers{
        {"secretariat", "secretariat"}, {"provider-EX1", "provider-EX1"}, {"public", ""}};
    for (const auto& [name, reader] : readers) {
      SCOPED_TRACE(name);
      EXPECT_EQ(answer(*system_, reader, {"needs", "list", "--format", "csv"}),
                of_its_time("needs-" + name + ".csv"));
      EXPECT_EQ(answer(*system_, reader,
                       {"matrix", "--rows", "state", "--cols", "chapter", "--where",
                        "state=KEN,PER,TUR,UGA", "--format", "csv"}),
                of_its_time("matrix-" + name + ".csv"));
    }
    digests(*system_);
  }
};

TEST_F(Version1Data, GivesTheAnswersOfItsTimeAndGoesOn) {
  expect_answers_of_its_time();
  const json history = json::parse(answer(
      *system_, "focal-point-KEN",
      {"response", "history", "--state", "KEN", "--checklist", "uncac-2007", "--format", "json"}));
  ASSERT_EQ(history.at("entries").size(), 2U);
  EXPECT_EQ(history.at("entries")[1].at("day"), "2008-02-01");
  // A second start finds tables of today.
  EXPECT_EQ(suite().stop(), 0);
  system_->launch_all();
  expect_answers_of_its_time();

  // An amendment: what it names of sharing is decided, the rest holds as it did.
  submit("focal-point-KEN", checklist_csv({{.state = "KEN",
                                            .provision = "uncac/5",
                                            .type = "LEGAL_ADVICE",
                                            .audience = "PROVIDERS",
                                            .round = "2007"},
                                           {.state = "KEN",
                                            .provision = "uncac/57",
                                            .type = "OTHER",
                                            .type_text = "an exercise",
                                            .round = "2007"}}));
  const auto keys = [&](const std::string& reader) {
    std::set<std::string> found;
    for (const auto& [key, need] : needs_of(*system_, reader, "KEN")) found.insert(key);
    return found;
  };
  EXPECT_EQ(keys("secretariat"),
            (std::set<std::string>{"KEN:uncac/5:LEGAL_ADVICE", "KEN:uncac/57:OTHER"}));
  EXPECT_EQ(keys("provider-EX2"), keys("secretariat"));
  EXPECT_EQ(keys(""), std::set<std::string>{"KEN:uncac/57:OTHER"});
  digests(*system_);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

// Restored by today's program, nothing of it stays shared that its time shared.
TEST_F(Version1Data, CanBeBackedUpAndRestored) {
  const std::string all = answer(*system_, "secretariat", {"needs", "list", "--format", "csv"});
  back_up("old");
  ASSERT_NO_FATAL_FAILURE(lose_and_restore("old"));
  EXPECT_EQ(lines_of(answer(*system_, "secretariat", {"needs", "list", "--format", "csv"})).size(),
            lines_of(all).size());
  EXPECT_EQ(lines_of(answer(*system_, "", {"needs", "list", "--format", "csv"})).size(), 1U);
  answer(*system_, "focal-point-UGA",
         {"share", "set", "--state", "UGA", "--provision", "uncac", "--reinstate"});
  EXPECT_EQ(needs_of(*system_, "provider-EX2", "UGA").size(), 3U);
  EXPECT_EQ(needs_of(*system_, "", "UGA").size(), 1U);
  digests(*system_);
  system_->expect_no_complaints();
  system_->expect_ordered_end();
}

}  // namespace
}  // namespace uncac::testing

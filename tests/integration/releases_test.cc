// Published totals, and the response rate of 2007: figures over answers that readers do not see one
// by one. Each profile has a system of its own here, since every response is in the figures.
#include <sstream>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

class Releases : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { system_ = System::start(GetParam()); }
  void TearDown() override {
    system_->expect_no_complaints();
    system_->expect_ordered_end();
  }
  System& system() { return *system_; }
  void file(const std::vector<Row>& rows) {
    answer(system(), "secretariat",
           {"response", "submit", system().file("rows.csv", checklist_csv(rows))});
  }
  // "value", "value of base", or why it is left out, by measure|columns|group|code.
  static std::map<std::string, std::string> figures_of(const std::string& csv) {
    std::map<std::string, std::string> figures;
    for (const std::string& line : lines_of(csv)) {
      Lines cells;
      std::stringstream in(line + ",");
      for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
      EXPECT_EQ(cells.size(), 7u) << line;
      if (cells.size() != 7) continue;
      figures[cells[0] + "|" + cells[1] + "|" + cells[2] + "|" + cells[3]] =
          !cells[6].empty() ? cells[6] : cells[4] + (cells[5].empty() ? "" : " of " + cells[5]);
    }
    return figures;
  }
  std::map<std::string, std::string> get(const std::string& reader, Lines arguments = {}) {
    arguments.insert(arguments.begin(), {"release", "get", "--format", "csv"});
    return figures_of(answer(system(), reader, arguments));
  }

 private:
  std::unique_ptr<System> system_;
};

const Lines kAfrican{"AGO", "BEN", "BWA", "BFA", "BDI"};
const Lines kAsian{"BGD", "BTN"};

std::vector<Row> rows_of(const Lines& states, const std::string& provision, const std::string& type,
                         const std::string& audience) {
  std::vector<Row> rows;
  for (const std::string& state : states) {
    rows.push_back({.state = state, .provision = provision, .type = type, .audience = audience});
  }
  return rows;
}

TEST_P(Releases, TheResponseRateOf2007IsThePublishedOne) {
  answer(system(), "secretariat",
         {"response", "submit", std::string(UNCAC_SOURCE_DIR) + "/tests/data/responses-2007.csv"});
  const auto rate =
      figures(system(), "secretariat",
              {"--rows", "regional_group", "--measure", "response_rate", "--as-of", "2007-11-30"});
  EXPECT_EQ(rate.at("total"), "0.4190");  // 44 of the 105 that had deposited by then
  const json matrix =
      json::parse(answer(system(), "secretariat",
                         {"matrix", "--rows", "regional_group", "--measure", "response_rate",
                          "--as-of", "2007-11-30", "--format", "json"}));
  EXPECT_EQ(matrix.at("total").at("base"), 105);
  EXPECT_TRUE(matrix.at("exercise"));
  const json list =
      json::parse(answer(system(), "secretariat", {"response", "list", "--format", "json"}));
  EXPECT_EQ(list.at("responses").size(), 51u);
  // Nobody shared anything, so to the public there is nothing that it is the rate of.
  EXPECT_EQ(
      figures(system(), "",
              {"--rows", "regional_group", "--measure", "response_rate", "--as-of", "2007-11-30"})
          .at("total"),
      "withheld");
}

TEST_P(Releases, GiveTotalsOverWithheldAnswersAndLeaveOutWhatWouldTellOfOneState) {
  const Ended none = system().uncac("", {"release", "get"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("no release was made yet"), std::string::npos) << none.err;
  file(rows_of(kAfrican, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  file(rows_of(kAsian, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  std::vector<Row> content = rows_of({"COD", "COG", "CIV"}, "uncac/5", "", "RESTRICTED");
  for (Row& row : content) row.compliance = "YES";
  file(content);

  // To everybody else the answers are withheld, the totals too.
  EXPECT_EQ(figures(system(), "", {"--rows", "regional_group"}).at("AFR"), "withheld");

  const Ended dry = system().uncac(
      "secretariat", {"release", "make", "--title", "First", "--dry-run", "--format", "csv"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_EQ(system().uncac("", {"release", "get"}).code, 1);
  const auto made = figures_of(
      answer(system(), "secretariat", {"release", "make", "--title", "First", "--format", "csv"}));
  EXPECT_EQ(made, figures_of(dry.out));
  EXPECT_EQ(made.at("states_stating|article|AFR|uncac/5"), "5");
  EXPECT_EQ(made.at("states_stating|article|APG|uncac/5"), "too-few-states");
  EXPECT_EQ(made.at("states_stating|article|total|uncac/5"), "gives-others-away");
  EXPECT_EQ(made.at("states_stating|article|AFR|uncac/6"), "too-few-states");
  EXPECT_EQ(made.at("states_stating|type|AFR|LEGAL_ADVICE"), "5");
  EXPECT_EQ(made.at("response_rate||AFR|"), "8 of 53");
  EXPECT_EQ(made.at("response_rate||total|"), "gives-others-away");
  EXPECT_EQ(made.count("states_stating|article|NONE|uncac/5"), 0u);

  // Everybody reads the same; but for the operator, who reads no answers at all.
  for (const std::string reader :
       {"", "provider-EX1", "focal-point-KEN", "auditor", "secretariat"}) {
    EXPECT_EQ(get(reader), made) << reader;
  }
  EXPECT_EQ(system().uncac("operator", {"release", "get"}).code, 1);
  for (const std::string reader : {"", "provider-EX1", "focal-point-AGO", "auditor", "operator"}) {
    EXPECT_EQ(system().uncac(reader, {"release", "make", "--title", "Mine"}).code, 1) << reader;
  }
  EXPECT_EQ(system().uncac("secretariat", {"release", "make", "--title", ""}).code, 1);
  EXPECT_EQ(system().uncac("", {"release", "get", "2"}).code, 1);

  // Made again, nothing may be given: nothing is published.
  const Ended again = system().uncac("secretariat", {"release", "make", "--title", "Second"});
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("fewer than three States changed"), std::string::npos) << again.err;

  // One State more: its article 5 would be the difference of two releases.
  file(rows_of({"CMR"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(system().uncac("secretariat", {"release", "make", "--title", "Second"}).code, 1);
  // With five more, nobody's is.
  file(rows_of({"CPV", "CAF", "TCD", "COM", "DJI"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  const auto second = figures_of(
      answer(system(), "secretariat", {"release", "make", "--title", "Second", "--format", "csv"}));
  EXPECT_EQ(second.at("states_stating|article|AFR|uncac/5"), "11");
  EXPECT_EQ(second.at("response_rate||AFR|"), "14 of 53");
  // The first stays as it was made.
  EXPECT_EQ(get("", {"1"}), made);
  EXPECT_EQ(get("", {"2"}), second);
  EXPECT_EQ(get(""), second);
  const Lines list = lines_of(answer(system(), "", {"release", "list", "--format", "csv"}));
  ASSERT_EQ(list.size(), 3u);
  EXPECT_TRUE(list[1].starts_with("2,")) << list[1];
  EXPECT_TRUE(list[2].ends_with(",First")) << list[2];
  EXPECT_NE(answer(system(), "", {"release", "get", "--language", "es"}).find("Extradición"),
            std::string::npos);
}

// "Fewer than three changed" is held against every release in which a figure was given.
TEST_P(Releases, AFigureIsHeldAgainstAllThatWereGivenBefore) {
  const auto make = [&](const std::string& title) {
    return system().uncac("secretariat", {"release", "make", "--title", title, "--format", "csv"});
  };
  file(rows_of(kAfrican, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(figures_of(make("One").out).at("states_stating|article|AFR|uncac/5"), "5");
  file(rows_of({"GAB", "GMB", "GHA"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(figures_of(make("Two").out).at("states_stating|article|AFR|uncac/5"), "8");
  for (const std::string state : {"GAB", "GMB", "GHA"}) {
    answer(system(), "secretariat",
           {"response", "void", "--state", state, "--checklist", "uncac-2007", "--round", "2009",
            "--reason", "an exercise"});
  }
  file(rows_of({"KEN"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  // Four changed since the second; since the first, Kenya alone.
  EXPECT_EQ(make("Three").code, 1);
}

// Where all that answered state a need, whoever is seen to answer states it; also in two releases.
TEST_P(Releases, TheRateAndTheNeedsAreKeptApartOverTime) {
  const auto make = [&](const std::string& title) {
    return figures_of(
        system()
            .uncac("secretariat", {"release", "make", "--title", title, "--format", "csv"})
            .out);
  };
  file(rows_of(kAfrican, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  auto one = make("One");
  EXPECT_EQ(one.at("states_stating|article|AFR|uncac/5"), "5");
  EXPECT_EQ(one.at("response_rate||AFR|"), "gives-others-away");
  // Now the figure stands as it was given, and the rate still must not come beside it.
  file(rows_of({"KEN"}, "uncac/6", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(system().uncac("secretariat", {"release", "make", "--title", "Two"}).code, 1);

  std::vector<Row> content = rows_of({"COD", "COG", "CIV", "GAB"}, "uncac/5", "", "RESTRICTED");
  for (Row& row : content) row.compliance = "YES";
  file(content);
  EXPECT_EQ(make("Three").at("response_rate||AFR|"), "10 of 53");
  // Four of these state a need too: nine of the ten that were told to have answered.
  file(rows_of({"COD", "COG", "CIV", "GAB"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(system().uncac("secretariat", {"release", "make", "--title", "Four"}).code, 1);
}

// Who saw an answer yesterday can still subtract it today.
TEST_P(Releases, ANarrowedAudienceDoesNotMakeOthersForget) {
  file(rows_of({"FRA", "DEU", "ESP"}, "uncac/15", "LEGAL_ADVICE", "PUBLIC"));
  file(rows_of({"ITA"}, "uncac/15", "LEGAL_ADVICE", "RESTRICTED"));
  file(rows_of({"FRA", "DEU", "ESP"}, "uncac/15", "LEGAL_ADVICE", "RESTRICTED"));
  EXPECT_EQ(figures(system(), "", {"--rows", "regional_group"}).at("WEOG"), "withheld");
  const auto made =
      figures_of(answer(system(), "secretariat",
                        {"release", "make", "--title", "One", "--format", "csv", "--dry-run"}));
  EXPECT_EQ(made.at("states_stating|article|WEOG|uncac/15"), "too-few-states");
}

TEST_P(Releases, AFigureDoesNotTellTheLastWithheldStateOfAGroup) {
  // Of eight States, all but one share; the eighth's answer would be what is left.
  Lines eight = kAfrican;
  eight.insert(eight.end(), {"CMR", "CPV"});
  file(rows_of(eight, "uncac/5", "LEGAL_ADVICE", "PUBLIC"));
  file(rows_of({"CAF"}, "uncac/5", "LEGAL_ADVICE", "RESTRICTED"));
  const auto made =
      figures_of(answer(system(), "secretariat",
                        {"release", "make", "--title", "One", "--format", "csv", "--dry-run"}));
  EXPECT_EQ(made.at("states_stating|article|AFR|uncac/5"), "too-few-states");
}

INSTANTIATE_TEST_SUITE_P(Profiles, Releases, ::testing::Values("embedded", "distributed"),
                         profile_name);

}  // namespace
}  // namespace uncac::testing

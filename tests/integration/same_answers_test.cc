// Both profiles give the same answers to the same questions, byte for byte.
#include "integration/exercise_data.h"

namespace uncac::testing {
namespace {

// Sealed under each system's own key, so never the same.
std::string without_position(const std::string& text) {
  std::string out;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with("position: ")) out += line + "\n";
  }
  return out;
}

TEST(SameAnswers, OnOneMachineAndDistributed) {
  const std::unique_ptr<System> embedded = System::embedded();
  const std::unique_ptr<System> distributed = System::distributed();
  const std::string csv = exercise_csv(*embedded, 197);
  const auto import = [&](System& system) {
    return answer(
        system, "secretariat",
        {"response", "submit", system.file("exercise.csv", csv), "--exercise", "--format", "csv"});
  };
  EXPECT_EQ(import(*embedded), import(*distributed));
  // Processes of their own take their time to have it all.
  const auto digests_of = [](System& system) { return lines_of(digests(system)); };
  const auto all_needs = [](System& system) {
    return system.uncac("secretariat", {"needs", "list", "--format", "csv"}).out;
  };
  const std::string all = all_needs(*embedded);
  EXPECT_TRUE(
      eventually([&] { return all_needs(*distributed) == all; }, std::chrono::seconds(180)));
  // The folds are one and the same. What was published is, too, apart from the time of events.
  EXPECT_EQ(digests_of(*embedded), digests_of(*distributed));

  const std::vector<std::vector<std::string>> questions{
      {"matrix", "--rows", "article"},
      {"matrix", "--rows", "article", "--cols", "type", "--measure", "needs_stated"},
      {"matrix", "--rows", "regional_group", "--cols", "need_state"},
      {"matrix", "--rows", "state", "--cols", "chapter", "--where", "regional_group=AFR"},
      {"matrix", "--rows", "provision", "--cols", "regional_group", "--where", "article=uncac/46",
       "--as-of", "2012-06-30"},
      {"matrix", "--rows", "round", "--cols", "compliance"},
      {"matrix", "--rows", "subregion", "--cols", "obligation", "--where", "type=LEGAL_ADVICE"},
      {"matrix", "--rows", "challenge", "--cols", "state_set"},
      {"matrix", "--rows", "type", "--measure", "share_of_respondents"},
      {"matrix", "--rows", "round", "--measure", "response_rate"},
      {"needs", "list"},
      {"needs", "list", "--where", "regional_group=GRULAC", "--where", "chapter=V"},
      {"needs", "list", "--where", "state=KEN,UGA", "--as-of", "2009-12-31"}};
  for (const std::string reader :
       {"", "provider-EX1", "provider-EX2", "focal-point-KEN", "secretariat"}) {
    for (std::vector<std::string> question : questions) {
      SCOPED_TRACE(::testing::PrintToString(question) + " by \"" + reader + "\"");
      question.insert(question.end(), {"--format", "csv"});
      const Ended one = embedded->uncac(reader, question);
      const Ended other = distributed->uncac(reader, question);
      EXPECT_EQ(one.code, 0) << one.err;
      EXPECT_EQ(one.code, other.code) << other.err;
      EXPECT_TRUE(one.out == other.out) << "differ:\n"
                                        << one.out.substr(0, 2000) << "\nand\n"
                                        << other.out.substr(0, 2000);
      EXPECT_EQ(without_position(one.err), without_position(other.err));
    }
  }
  for (const auto& system : {embedded.get(), distributed.get()}) {
    system->expect_ordered_end();
    system->expect_no_complaints();
  }
}

}  // namespace
}  // namespace uncac::testing

// A need's history: when it was stated, when no longer, and what of that nobody learns.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "needs_matrix/domain/need_history.h"
#include "unit/matrix_random.h"

namespace uncac::needs_matrix::testing {
namespace {

class MatrixNeedHistory : public ::testing::Test {
 protected:
  // "2007-10-01 LEGAL… HIGH uncac-2007/2007/v1", one line a step.
  std::vector<std::string> history(std::string_view key = "KEN:uncac/44:LEGAL_ADVICE") {
    const auto need = parse_need_key(*the_items(), key);
    EXPECT_TRUE(need.ok()) << key;
    std::vector<std::string> lines;
    for (const NeedStep& step : need_history(*world.fold.snapshot(), *need, world.today)) {
      std::string line = platform::format_day(step.day) + (step.stated ? " stated" : " not");
      if (step.stated) line += " " + std::to_string(static_cast<int>(step.state_priority));
      if (step.source) {
        line += " " + the_reference().checklists()[step.source->checklist].code + "/" +
                std::to_string(step.source->round) + "/v" + std::to_string(step.source->version);
      }
      lines.push_back(line);
    }
    return lines;
  }
  static std::vector<Answer> needing(Priority priority) {
    Answer answer = an_answer("uncac/44", Compliance::kNo);
    answer.need(type("LEGAL_ADVICE"), priority);
    return {answer};
  }
  static std::vector<Answer> none() { return {an_answer("uncac/44", Compliance::kYes)}; }
  using Lines = std::vector<std::string>;
  World world;
};

TEST_F(MatrixNeedHistory, TellsWhenItWasStatedAndWhenNoLonger) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", needing(Priority::kLow));
  world.file("KEN", "uncac-2007", 2009, 1, "2009-10-01", none());
  world.file("KEN", "uncac-2007", 2012, 1, "2012-10-01", needing(Priority::kHigh));
  EXPECT_EQ(history(),
            (Lines{"2007-10-01 stated 3 uncac-2007/2007/v1", "2009-10-01 not uncac-2007/2009/v1",
                   "2012-10-01 stated 1 uncac-2007/2012/v1"}));
  EXPECT_EQ(history("KEN:uncac/44:OTHER"), Lines()) << "never stated";
  EXPECT_EQ(history("UGA:uncac/44:LEGAL_ADVICE"), Lines()) << "another State";
}

TEST_F(MatrixNeedHistory, AnotherRoundThatSaysTheSameIsToldAnAmendmentElsewhereIsNot) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", needing(Priority::kLow));
  auto amended = needing(Priority::kLow);
  amended.push_back(an_answer("uncac/15", Compliance::kNo, {"MODEL_TREATY"}));
  world.file("KEN", "uncac-2007", 2007, 2, "2008-10-01", amended);
  EXPECT_EQ(history(), Lines{"2007-10-01 stated 3 uncac-2007/2007/v1"})
      << "what was amended may be shared with nobody";
  world.file("KEN", "uncac-2007", 2007, 3, "2009-10-01", needing(Priority::kHigh));
  world.file("KEN", "uncac-2007", 2012, 1, "2012-10-01", needing(Priority::kHigh));
  EXPECT_EQ(history(), (Lines{"2007-10-01 stated 3 uncac-2007/2007/v1",
                              "2009-10-01 stated 1 uncac-2007/2007/v3",
                              "2012-10-01 stated 1 uncac-2007/2012/v1"}));
}

TEST_F(MatrixNeedHistory, AWithdrawalGivesBackWhatStoodBefore) {
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", needing(Priority::kLow));
  const auto later =
      world.file("KEN", "uncac-2007", 2012, 1, "2012-10-01", needing(Priority::kHigh));
  world.withdraw(later, "2013-05-01");
  EXPECT_EQ(history(), (Lines{"2007-10-01 stated 3 uncac-2007/2007/v1",
                              "2012-10-01 stated 1 uncac-2007/2012/v1",
                              "2013-05-01 stated 3 uncac-2007/2007/v1"}));
  world.withdraw({state("KEN"), checklist("uncac-2007"), 2007, 1}, "2014-05-01");
  EXPECT_EQ(history().back(), "2014-05-01 not") << "no answer stands any more";
}

TEST_F(MatrixNeedHistory, OfAVoidResponseNothingIsLeftAndOfDaysToComeNothingIsTold) {
  const auto wrong =
      world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01", needing(Priority::kLow));
  world.file("KEN", "uncac-2007", 2012, 1, "2012-10-01", needing(Priority::kHigh));
  world.make_void(wrong);
  EXPECT_EQ(history(), Lines{"2012-10-01 stated 1 uncac-2007/2012/v1"});
  world.today = day("2012-09-30");
  EXPECT_EQ(history(), Lines());
}

// Random days are multiples of 100 from the first one on.
TEST(MatrixNeedHistoryProperty, IsWhatTheListsOfAllDaysShow) {
  struct Shown {
    bool stated = false;
    Priority priority = Priority::kNone;
    ChecklistIndex checklist = 0;
    std::uint16_t round = 0;
    bool operator==(const Shown&) const = default;
  };
  int steps = 0, ended = 0;
  EXPECT_TRUE(rc::check("history and lists agree", [&](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) RC_ASSERT(tell(world.fold, fact));
    // Needs that were stated at some time.
    const Day some_day = day("2007-01-01") + std::chrono::days(100 * random.below(35));
    const auto page = world.list({}, secretariat(), platform::format_day(some_day));
    for (int i = 0; i < 3 && !page.needs.empty(); ++i) {
      const NeedKey key = random.of(page.needs).key;
      const std::vector<Filter> where{
          {"state", {the_reference().states()[key.state].iso3}},
          {"provision", {the_reference().provisions()[key.provision].id}},
          {"type", {the_reference().types()[key.type].code}}};
      std::vector<std::pair<Day, Shown>> expected;
      Shown before;
      for (Day on = day("2007-01-01"); on <= world.today; on += std::chrono::days(100)) {
        Shown now;
        for (const Need& need : world.list(where, secretariat(), platform::format_day(on)).needs) {
          if (need.key == key) {
            now = {true, need.state_priority, need.source.checklist, need.source.round};
          }
        }
        if (now == before) continue;
        expected.emplace_back(on, now);
        before = now;
      }
      std::vector<std::pair<Day, Shown>> got;
      for (const NeedStep& step : need_history(*world.fold.snapshot(), key, world.today)) {
        got.emplace_back(step.day, step.stated ? Shown{true, step.state_priority,
                                                       step.source->checklist, step.source->round}
                                               : Shown{});
        ++steps;
        ended += step.stated ? 0 : 1;
      }
      RC_LOG() << format_need_key(the_reference(), key) << "\n";
      RC_ASSERT(got == expected);
    }
  }));
  EXPECT_GT(steps, 300);
  EXPECT_GT(ended, 30);
}

}  // namespace
}  // namespace uncac::needs_matrix::testing

// A release as a whole: rates and needs kept apart, in one release and over several.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "needs_matrix/domain/release_tables.h"

namespace uncac::needs_matrix {
namespace {

constexpr std::size_t kStates = 12;  // all in the first group; of none the reader knows anything

StateBits first(std::size_t count) {
  StateBits out(kStates);
  for (std::size_t state = 0; state < count; ++state) out[state] = true;
  return out;
}

ReleaseMaterial material(std::size_t answered, const std::vector<StateBits>& stating) {
  const std::vector<StateBits> unknown{StateBits(kStates, true)};
  ReleaseMaterial out;
  out.tables.push_back({{Measure::kResponseRate, std::nullopt}, {{"", first(answered), unknown}}});
  ReleaseTable articles{{Measure::kStatesStating, Dimension::kArticle}, {}};
  for (std::size_t column = 0; column < stating.size(); ++column) {
    articles.columns.push_back({"uncac/" + std::to_string(column + 5), stating[column], unknown});
  }
  out.tables.push_back(articles);
  return out;
}

// As a release is kept for the next one.
void keep(const ReleaseMaterial& made, const ReleaseLines& lines, EarlierColumns& earlier) {
  for (std::size_t table = 0; table < lines.size(); ++table) {
    for (std::size_t column = 0; column < lines[table].size(); ++column) {
      const ReleaseColumn& from = made.tables[table].columns[column];
      EarlierColumn kept{from.counted, {}};
      for (const auto& line : lines[table][column]) {
        kept.given.push_back(line.left_out == LeftOut::kNo);
      }
      auto& all = earlier[name_of(made.tables[table], from)];
      all.insert(all.begin(), std::move(kept));
    }
  }
}

const std::vector<std::uint8_t> kOneGroup(kStates, 0);

TEST(ReleaseTables, ARateBesideNearlyAsManyThatStateANeedIsLeftOut) {
  const auto apart = decide_release(material(8, {first(5)}), kOneGroup, {});
  EXPECT_EQ(apart[0][0][0], (ReleasedLine{8, LeftOut::kNo}));
  EXPECT_EQ(apart[1][0][0], (ReleasedLine{5, LeftOut::kNo}));
  const auto near = decide_release(material(8, {first(3), first(6)}), kOneGroup, {});
  EXPECT_EQ(near[0][0][0], (ReleasedLine{0, LeftOut::kGivesOthersAway}));
  EXPECT_EQ(near[1][1][0], (ReleasedLine{6, LeftOut::kNo}));
  // What is not given cannot be held beside it.
  const auto alone = decide_release(material(8, {first(2)}), kOneGroup, {});
  EXPECT_EQ(alone[0][0][0], (ReleasedLine{8, LeftOut::kNo}));
}

TEST(ReleaseTables, AFigureOfBeforeStillStandsBesideARateOfToday) {
  EarlierColumns earlier;
  const auto before = material(8, {first(8)});
  keep(before, decide_release(before, kOneGroup, {}), earlier);
  // The same today: the needs are not given again, and the rate still must not come beside them.
  const auto again = decide_release(before, kOneGroup, earlier);
  EXPECT_EQ(again[1][0][0].left_out, LeftOut::kTooFewChanged);
  EXPECT_EQ(again[0][0][0].left_out, LeftOut::kGivesOthersAway);
}

TEST(ReleaseTables, ARateOfBeforeStillStandsBesideTheNeedsOfToday) {
  EarlierColumns earlier;
  const auto before = material(8, {first(4)});
  keep(before, decide_release(before, kOneGroup, {}), earlier);
  const auto today = decide_release(material(8, {first(8)}), kOneGroup, earlier);
  EXPECT_EQ(today[0][0][0].left_out, LeftOut::kTooFewChanged);
  EXPECT_EQ(today[1][0][0].left_out, LeftOut::kGivesOthersAway);
}

TEST(ReleaseTables, ATotalGoesWithItsGroups) {
  std::vector<std::uint8_t> two_groups(kStates, 0);
  for (std::size_t state = 6; state < kStates; ++state) two_groups[state] = 1;
  const auto lines = decide_release(material(9, {first(3)}), two_groups, {});
  // Six and three answered; the second group has three of six, the first none that did not.
  EXPECT_EQ(lines[0][0][0].left_out, LeftOut::kTooFewStates);
  EXPECT_EQ(lines[0][0].back().left_out, LeftOut::kGivesOthersAway);
}

// Over any run of releases: of no line were a rate and a figure of needs ever given that are nearly
// the same number, and no column was given twice with fewer than three changes between.
RC_GTEST_PROP(ReleaseTablesProperty, NothingGivenIsEverNearWhatWasGiven, ()) {
  EarlierColumns earlier;
  std::vector<std::int64_t> rates, needs;
  for (int release = *rc::gen::inRange(1, 6); release > 0; --release) {
    StateBits answered(kStates), some(kStates), others(kStates);
    for (std::size_t state = 0; state < kStates; ++state) {
      answered[state] = *rc::gen::inRange(0, 4) != 0;
      some[state] = answered[state] && *rc::gen::arbitrary<bool>();
      others[state] = answered[state] && *rc::gen::arbitrary<bool>();
    }
    ReleaseMaterial made = material(0, {some, others});
    made.tables[0].columns[0].counted = answered;
    const ReleaseLines lines = decide_release(made, kOneGroup, earlier);
    if (lines[0][0][0].left_out == LeftOut::kNo) rates.push_back(lines[0][0][0].value);
    for (const auto& column : lines[1]) {
      if (column[0].left_out == LeftOut::kNo) needs.push_back(column[0].value);
    }
    for (std::size_t column = 0; column < 2; ++column) {
      const ReleaseColumn& now = made.tables[1].columns[column];
      if (lines[1][column][0].left_out != LeftOut::kNo) continue;
      for (const EarlierColumn& before : earlier[name_of(made.tables[1], now)]) {
        if (!before.given[0]) continue;
        int changed = 0;
        for (std::size_t state = 0; state < kStates; ++state) {
          changed += now.counted[state] != before.counted[state];
        }
        RC_ASSERT(changed >= 3);
      }
    }
    keep(made, lines, earlier);
  }
  for (const std::int64_t rate : rates) {
    for (const std::int64_t stating : needs) RC_ASSERT(!tells_beside(rate, stating));
  }
}

}  // namespace
}  // namespace uncac::needs_matrix

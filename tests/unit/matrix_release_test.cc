// Which totals a release may give: the rule by hand, and a reader who knows the rule and every
// output, and tries to learn one State's answer from them.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "needs_matrix/domain/release.h"

namespace uncac::needs_matrix {
namespace {

StateBits bits(const std::string& text) {
  StateBits out;
  for (const char c : text) out.push_back(c == 'x');
  return out;
}
StateBits bits(std::uint32_t world, std::size_t states) {
  StateBits out(states);
  for (std::size_t state = 0; state < states; ++state) out[state] = (world >> state & 1) != 0;
  return out;
}

std::vector<ReleasedLine> lines_of(const std::string& counted, const std::string& unknown,
                                   const std::vector<EarlierColumn>& earlier = {},
                                   const std::string& groups = "") {
  std::vector<std::uint8_t> group_of(counted.size(), 0);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    group_of[i] = static_cast<std::uint8_t>(groups[i] - '0');
  }
  const std::size_t count = groups.find('1') == std::string::npos ? 1 : 2;
  const std::vector<StateBits> readers{bits(unknown)};
  return release_lines(bits(counted), group_of, count, readers, earlier);
}
LeftOut one_line(const std::string& counted, const std::string& unknown,
                 const std::vector<EarlierColumn>& earlier = {}) {
  return lines_of(counted, unknown, earlier)[0].left_out;
}

TEST(Release, AFigureOfThreeStatesAmongManyIsGiven) {
  const auto lines = lines_of("xxx-------", "xxxxxxxxxx");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], (ReleasedLine{3, LeftOut::kNo}));
  EXPECT_EQ(lines[1], (ReleasedLine{3, LeftOut::kNo}));
}

TEST(Release, AFigureOfFewerIsLeftOutAndItsNumberIsGone) {
  for (const char* counted : {"----------", "x---------", "xx--------"}) {
    const auto lines = lines_of(counted, "xxxxxxxxxx");
    EXPECT_EQ(lines[0], (ReleasedLine{0, LeftOut::kTooFewStates})) << counted;
    EXPECT_EQ(lines[1], (ReleasedLine{0, LeftOut::kTooFewStates})) << counted;
  }
}

// Ten of ten says it of each; with two that are not, each of the two knows about the other.
TEST(Release, AFigureOfAllButFewIsLeftOutToo) {
  EXPECT_EQ(one_line("xxxxxxxxxx", "xxxxxxxxxx"), LeftOut::kTooFewStates);
  EXPECT_EQ(one_line("xxxxxxxx--", "xxxxxxxxxx"), LeftOut::kTooFewStates);
  EXPECT_EQ(one_line("xxxxxxx---", "xxxxxxxxxx"), LeftOut::kNo);
}

TEST(Release, WhatAReaderSeesAnywayDoesNotHideWhatHeDoesNot) {
  // Five are counted, but four of them are shared with him: the fifth would be known.
  EXPECT_EQ(one_line("xxxxx-----", "----xxxxxx"), LeftOut::kTooFewStates);
  // Everything is shared with him: the figure tells him nothing new.
  EXPECT_EQ(one_line("xxxxx-----", "----------"), LeftOut::kNo);
}

TEST(Release, ATotalWouldGiveALeftOutGroupAway) {
  const auto lines = lines_of("xxx-------x-----", "xxxxxxxxxxxxxxxx", {}, "0000000000111111");
  EXPECT_EQ(lines[0].left_out, LeftOut::kNo);
  EXPECT_EQ(lines[1].left_out, LeftOut::kTooFewStates);
  EXPECT_EQ(lines[2], (ReleasedLine{0, LeftOut::kGivesOthersAway}));
}

TEST(Release, AStateInNoGroupIsInNoLine) {
  const std::vector<std::uint8_t> group_of{0, 0, 0, 0, 0, 0, 0, 5, 5};
  const std::vector<StateBits> unknown{StateBits(9, true)};
  const auto lines = release_lines(bits("xxx----xx"), group_of, 1, unknown, {});
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1], (ReleasedLine{3, LeftOut::kNo}));
}

TEST(Release, AGivenFigureIsGivenAgainOnlyWhenThreeStatesChanged) {
  const std::string all = "xxxxxxxxxx";
  const EarlierColumn given{bits("xxx-------"), {true, true}};
  const EarlierColumn left_out{bits("xxx-------"), {false, false}};
  EXPECT_EQ(one_line("xxx-------", all, {given}), LeftOut::kTooFewChanged);  // none
  EXPECT_EQ(one_line("xxxx------", all, {given}), LeftOut::kTooFewChanged);  // one
  EXPECT_EQ(one_line("xx-x------", all, {given}), LeftOut::kTooFewChanged);  // two
  EXPECT_EQ(one_line("x--xx-----", all, {given}), LeftOut::kNo);             // four
  EXPECT_EQ(one_line("xxxx------", all, {left_out}), LeftOut::kNo);
  // Beside every release in which it was given, not only the newest.
  const EarlierColumn between{bits("xxxxxx----"), {true, true}};
  EXPECT_EQ(one_line("xxxx------", all, {between, given}), LeftOut::kTooFewChanged);
}

TEST(Release, ChangesThatAReaderSeesDoNotHideOneThatHeDoesNot) {
  // Three changed; two of them in sight.
  const EarlierColumn given{bits("xxx---------"), {true, true}};
  EXPECT_EQ(one_line("xxxxxx------", "xxx--xxxxxxx", {given}), LeftOut::kTooFewChanged);
}

TEST(Release, ARateIsKeptApartFromThoseThatStateANeed) {
  for (const int stating : {6, 7, 8, 9, 10}) EXPECT_TRUE(tells_beside(8, stating)) << stating;
  for (const int stating : {0, 3, 5, 11, 20}) EXPECT_FALSE(tells_beside(8, stating)) << stating;
}

// What a reader can conclude: over every world there can be, put into buckets of equal output, a
// fact that is the same in a whole bucket is certain.
class Reader {
 public:
  void look(const std::vector<std::int64_t>& output, std::uint32_t facts) {
    Bucket& bucket = buckets_[output];
    bucket.always &= facts;
    bucket.ever |= facts;
  }
  void expect_nothing_certain(std::size_t facts) const {
    ASSERT_GT(buckets_.size(), 1u);
    const std::uint32_t all = static_cast<std::uint32_t>((std::uint64_t{1} << facts) - 1);
    for (const auto& [output, bucket] : buckets_) {
      EXPECT_EQ(bucket.always & all, 0u) << "true for certain";
      EXPECT_EQ(bucket.ever & all, all) << "false for certain";
    }
  }

 private:
  struct Bucket {
    std::uint32_t always = ~0U, ever = 0;
  };
  std::map<std::vector<std::int64_t>, Bucket> buckets_;
};

void append(const std::vector<ReleasedLine>& lines, std::vector<std::int64_t>& output) {
  for (const ReleasedLine& line : lines) {
    output.push_back(line.value);
    output.push_back(static_cast<std::int64_t>(line.left_out));
  }
}
EarlierColumn kept(const StateBits& counted, const std::vector<ReleasedLine>& lines) {
  EarlierColumn column{counted, {}};
  for (const auto& line : lines) column.given.push_back(line.left_out == LeftOut::kNo);
  return column;
}

TEST(Release, NoOutputTellsOneStatesAnswer) {
  constexpr std::size_t kStates = 13;  // a group of seven and one of six
  const std::vector<std::uint8_t> group_of{0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const std::vector<StateBits> unknown{StateBits(kStates, true)};
  Reader reader;
  for (std::uint32_t world = 0; world < (1U << kStates); ++world) {
    std::vector<std::int64_t> output;
    append(release_lines(bits(world, kStates), group_of, 2, unknown, {}), output);
    reader.look(output, world);
  }
  reader.expect_nothing_certain(kStates);
}

// Two States are in his sight: their answers stand in the output, those of the others stay open.
TEST(Release, NoOutputTellsOneStatesAnswerToAReaderOfOthers) {
  constexpr std::size_t kStates = 9, kHidden = 7;
  const std::vector<std::uint8_t> group_of(kStates, 0);
  const std::vector<StateBits> unknown{bits("xxxxxxx--")};
  Reader reader;
  for (std::uint32_t world = 0; world < (1U << kStates); ++world) {
    std::vector<std::int64_t> output{world >> kHidden};
    append(release_lines(bits(world, kStates), group_of, 1, unknown, {}), output);
    reader.look(output, world);
  }
  reader.expect_nothing_certain(kHidden);
}

// Three releases in a row, each State changing or not: neither an answer, nor that a State changed
// its answer between any two, may be certain.
TEST(Release, ReleasesInARowTellNoStatesAnswerAndNoStatesChange) {
  constexpr std::size_t kStates = 6;
  const std::vector<std::uint8_t> group_of(kStates, 0);
  const std::vector<StateBits> unknown{StateBits(kStates, true)};
  constexpr std::uint32_t kWorlds = 1U << kStates;
  Reader reader;
  std::size_t third_given = 0;
  for (std::uint32_t one = 0; one < kWorlds; ++one) {
    const auto first = release_lines(bits(one, kStates), group_of, 1, unknown, {});
    std::vector<EarlierColumn> earlier{kept(bits(one, kStates), first)};
    for (std::uint32_t two = 0; two < kWorlds; ++two) {
      const auto second = release_lines(bits(two, kStates), group_of, 1, unknown, earlier);
      earlier.insert(earlier.begin(), kept(bits(two, kStates), second));
      for (std::uint32_t three = 0; three < kWorlds; ++three) {
        const auto third = release_lines(bits(three, kStates), group_of, 1, unknown, earlier);
        std::vector<std::int64_t> output;
        for (const auto* lines : {&first, &second, &third}) append({lines->front()}, output);
        third_given +=
            earlier[0].given[0] && earlier[1].given[0] && third.front().left_out == LeftOut::kNo;
        reader.look(output, one | two << 6 | three << 12 | (one ^ two) << 18 | (one ^ three) << 24);
      }
      earlier.erase(earlier.begin());
    }
  }
  EXPECT_GT(third_given, 0u);
  reader.expect_nothing_certain(5 * kStates);
}

// Whatever the world: what is given satisfies the letter of the rule, and a total is the sum.
RC_GTEST_PROP(ReleaseProperty, WhatIsGivenCountsThreeAndAddsUp, ()) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 40);
  const auto some = [&] {
    StateBits out;
    for (std::size_t i = 0; i < size; ++i) out.push_back(*rc::gen::arbitrary<bool>());
    return out;
  };
  std::vector<std::uint8_t> group_of;
  for (std::size_t i = 0; i < size; ++i) group_of.push_back(*rc::gen::inRange<std::uint8_t>(0, 3));
  const StateBits counted = some();
  const std::vector<StateBits> unknown{some(), some()};
  const auto lines = release_lines(counted, group_of, 2, unknown, {});
  RC_ASSERT(lines.size() == 3u);
  std::int64_t sum = 0;
  bool all = true;
  for (std::size_t group = 0; group < 2; ++group) {
    const ReleasedLine& line = lines[group];
    all = all && line.left_out == LeftOut::kNo;
    sum += line.value;
    RC_ASSERT((line.left_out == LeftOut::kNo ? line.value >= 3 : line.value == 0));
  }
  if (lines[2].left_out == LeftOut::kNo) {
    RC_ASSERT(all);
    RC_ASSERT(lines[2].value == sum);
  }
}

}  // namespace
}  // namespace uncac::needs_matrix

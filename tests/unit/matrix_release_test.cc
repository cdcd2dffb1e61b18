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

struct Small {
  std::string counted;
  std::string based;
  std::string unknown_counted;
  std::string unknown_based;
};

std::vector<ReleasedLine> lines_of(const Small& now, const std::string& groups, std::size_t count,
                                   const std::vector<EarlierColumn>& earlier = {}) {
  std::vector<std::uint8_t> group_of;
  for (const char c : groups) group_of.push_back(static_cast<std::uint8_t>(c - '0'));
  const std::vector<Unknown> unknown{{bits(now.unknown_counted), bits(now.unknown_based)}};
  return release_lines(Counts::kStating, {bits(now.counted), bits(now.based)}, group_of, count,
                       unknown, earlier);
}

TEST(Release, AFigureOfThreeStatesAmongManyIsGiven) {
  const auto lines =
      lines_of({"xxx-------", "xxxx------", "xxxxxxxxxx", "xxxxxxxxxx"}, "0000000000", 1);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], (ReleasedLine{3, 4, LeftOut::kNo}));
  EXPECT_EQ(lines[1], (ReleasedLine{3, 4, LeftOut::kNo}));
}

TEST(Release, AFigureOfFewerIsLeftOutAndItsNumbersAreGone) {
  for (const char* counted : {"----------", "x---------", "xx--------"}) {
    const auto lines =
        lines_of({counted, "xxxx------", "xxxxxxxxxx", "xxxxxxxxxx"}, "0000000000", 1);
    EXPECT_EQ(lines[0], (ReleasedLine{0, 0, LeftOut::kTooFewStates})) << counted;
    EXPECT_EQ(lines[1], (ReleasedLine{0, 0, LeftOut::kTooFewStates})) << counted;
  }
}

// Eight of ten would say of each of ten: "very likely"; ten of ten says it for certain, and with
// two that are not, each of the two knows about the other.
TEST(Release, AFigureOfAllButFewIsLeftOutToo) {
  EXPECT_EQ(lines_of({"xxxxxxxx--", "xxxxxxxx--", "xxxxxxxxxx", "xxxxxxxxxx"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kTooFewStates);
  EXPECT_EQ(lines_of({"xxxxxxx---", "xxxxxxx---", "xxxxxxxxxx", "xxxxxxxxxx"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kNo);
}

TEST(Release, WhatAReaderSeesAnywayDoesNotHideWhatHeDoesNot) {
  // Five are counted, but four of them are shared with him: the fifth would be known.
  EXPECT_EQ(lines_of({"xxxxx-----", "xxxxxxx---", "----xxxxxx", "----xxxxxx"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kTooFewStates);
  // Everything is shared with him: the figure tells him nothing new.
  EXPECT_EQ(lines_of({"xxxxx-----", "xxxxxxx---", "----------", "----------"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kNo);
}

TEST(Release, TheBaseMustHideWhoAnsweredToo) {
  // He sees the answers of eight; of the two that he does not see, the base would tell.
  EXPECT_EQ(lines_of({"xxxx------", "xxxxxxxxx-", "----------", "--------xx"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kTooFewStates);
  // That all of a group answered is told.
  EXPECT_EQ(lines_of({"xxxx------", "xxxxxxxxxx", "xxxxxxxxxx", "xxxxxxxxxx"}, "0000000000", 1)[0]
                .left_out,
            LeftOut::kNo);
}

TEST(Release, ARateOfAllIsGivenAndOneOfFewIsNot) {
  const std::vector<std::uint8_t> group_of(10, 0);
  const auto rate = [&](const char* answered, const char* unknown) {
    const std::vector<Unknown> readers{{bits(unknown), StateBits(10)}};
    return release_lines(Counts::kAnswered, {bits(answered), bits("xxxxxxxxxx")}, group_of, 1,
                         readers, {})[0];
  };
  EXPECT_EQ(rate("xxxxxxxxxx", "xxxxxxxxxx"), (ReleasedLine{10, 10, LeftOut::kNo}));
  EXPECT_EQ(rate("xx--------", "xxxxxxxxxx").left_out, LeftOut::kTooFewStates);
  EXPECT_EQ(rate("xxxxxxxx--", "-------xxx").left_out, LeftOut::kTooFewStates);
}

TEST(Release, ATotalWouldGiveALeftOutGroupAway) {
  const auto lines = lines_of({"xxx-------"
                               "x-----",
                               "xxxx------"
                               "xxx---",
                               "xxxxxxxxxx"
                               "xxxxxx",
                               "xxxxxxxxxx"
                               "xxxxxx"},
                              "0000000000111111", 2);
  EXPECT_EQ(lines[0].left_out, LeftOut::kNo);
  EXPECT_EQ(lines[1].left_out, LeftOut::kTooFewStates);
  EXPECT_EQ(lines[2].left_out, LeftOut::kGivesOthersAway);
  EXPECT_EQ(lines[2].value, 0);
}

TEST(Release, AStateInNoGroupIsInNoLine) {
  const auto lines = lines_of({"xxx-------"
                               "xx",
                               "xxxx------"
                               "xx",
                               "xxxxxxxxxx"
                               "xx",
                               "xxxxxxxxxx"
                               "xx"},
                              "0000000000"
                              "11",
                              1);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1], (ReleasedLine{3, 4, LeftOut::kNo}));
}

TEST(Release, AGivenFigureIsGivenAgainOnlyWhenThreeStatesChanged) {
  const std::string all = "xxxxxxxxxx", groups = "0000000000";
  const EarlierColumn given{{bits("xxx-------"), bits("xxxxxx----")}, {true, true}};
  const EarlierColumn left_out{{bits("xxx-------"), bits("xxxxxx----")}, {false, false}};
  const auto now = [&](const std::string& counted, const EarlierColumn& before) {
    return lines_of({counted, "xxxxxx----", all, all}, groups, 1, {before})[0].left_out;
  };
  EXPECT_EQ(now("xxx-------", given), LeftOut::kTooFewChanged);  // none
  EXPECT_EQ(now("xxxx------", given), LeftOut::kTooFewChanged);  // one
  EXPECT_EQ(now("xx-x------", given), LeftOut::kTooFewChanged);  // two, the same number
  EXPECT_EQ(now("x--xx-----", given), LeftOut::kNo);             // four
  EXPECT_EQ(now("xxxx------", left_out), LeftOut::kNo);
  // Held against the release in which it was given, not against the newest.
  EXPECT_EQ(
      lines_of({"xxxx------", "xxxxxx----", all, all}, groups, 1, {left_out, given})[0].left_out,
      LeftOut::kTooFewChanged);
}

TEST(Release, ChangesThatAReaderSeesDoNotHideOneThatHeDoesNot) {
  // Three changed; two of them in sight.
  const EarlierColumn given{{bits("xxx---------"), bits("xxxxxxxxx---")}, {true, true}};
  const auto lines = lines_of({"xxxxxx------", "xxxxxxxxx---", "xxx--xxxxxxx", "xxx--xxxxxxx"},
                              "000000000000", 1, {given});
  EXPECT_EQ(lines[0].left_out, LeftOut::kTooFewChanged);
}

// The reader knows the rule, all numbers given and all reasons. Over every world there can be, put
// into buckets of equal output, no State's answer may be the same in a whole bucket.
TEST(Release, NoOutputTellsOneStatesAnswer) {
  constexpr std::size_t kStates = 13;  // a group of seven and one of six
  const std::vector<std::uint8_t> group_of{0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const StateBits all(kStates, true);
  const std::vector<Unknown> unknown{{all, StateBits(kStates, false)}};
  struct Bucket {
    std::uint32_t always = ~0U, ever = 0;
  };
  std::map<std::vector<std::int64_t>, Bucket> buckets;
  std::size_t given = 0;
  for (std::uint32_t world = 0; world < (1U << kStates); ++world) {
    Contribution now{StateBits(kStates), all};
    for (std::size_t state = 0; state < kStates; ++state) now.counted[state] = world >> state & 1;
    std::vector<std::int64_t> output;
    for (const ReleasedLine& line :
         release_lines(Counts::kStating, now, group_of, 2, unknown, {})) {
      output.push_back(line.value);
      output.push_back(static_cast<std::int64_t>(line.left_out));
      given += line.left_out == LeftOut::kNo;
    }
    Bucket& bucket = buckets[output];
    bucket.always &= world;
    bucket.ever |= world;
  }
  EXPECT_GT(given, 0u);
  for (const auto& [output, bucket] : buckets) {
    EXPECT_EQ(bucket.always, 0u) << "some State is counted for certain";
    EXPECT_EQ(bucket.ever, (1U << kStates) - 1) << "some State is not counted for certain";
  }
}

// The same over two releases in a row, each State changing or not: neither an answer, nor that a
// State changed its answer, may be certain.
TEST(Release, TwoReleasesTellNoStatesAnswerAndNoStatesChange) {
  constexpr std::size_t kStates = 8;
  const std::vector<std::uint8_t> group_of(kStates, 0);
  const StateBits all(kStates, true);
  const std::vector<Unknown> unknown{{all, StateBits(kStates, false)}};
  const auto contribution = [&](std::uint32_t world) {
    Contribution now{StateBits(kStates), all};
    for (std::size_t state = 0; state < kStates; ++state) now.counted[state] = world >> state & 1;
    return now;
  };
  struct Bucket {
    std::uint32_t always = ~0U, ever = 0;
  };
  std::map<std::vector<std::int64_t>, Bucket> buckets;
  constexpr std::uint32_t kWorlds = 1U << kStates;
  std::size_t second_given = 0;
  for (std::uint32_t first = 0; first < kWorlds; ++first) {
    const auto lines =
        release_lines(Counts::kStating, contribution(first), group_of, 1, unknown, {});
    const EarlierColumn earlier{
        contribution(first),
        {lines[0].left_out == LeftOut::kNo, lines[1].left_out == LeftOut::kNo}};
    for (std::uint32_t second = 0; second < kWorlds; ++second) {
      std::vector<std::int64_t> output;
      const auto next =
          release_lines(Counts::kStating, contribution(second), group_of, 1, unknown, {{earlier}});
      for (const auto& line : {lines[0], next[0]}) {
        output.push_back(line.value);
        output.push_back(static_cast<std::int64_t>(line.left_out));
      }
      second_given += lines[0].left_out == LeftOut::kNo && next[0].left_out == LeftOut::kNo;
      const std::uint32_t facts = first | second << kStates | (first ^ second) << 2 * kStates;
      Bucket& bucket = buckets[output];
      bucket.always &= facts;
      bucket.ever |= facts;
    }
  }
  EXPECT_GT(second_given, 0u);
  for (const auto& [output, bucket] : buckets) {
    EXPECT_EQ(bucket.always, 0u);
    EXPECT_EQ(bucket.ever, (1U << 3 * kStates) - 1);
  }
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
  Contribution now{some(), some()};
  const std::vector<Unknown> unknown{{some(), some()}, {some(), some()}};
  const auto lines = release_lines(Counts::kStating, now, group_of, 2, unknown, {});
  RC_ASSERT(lines.size() == 3u);
  std::int64_t sum = 0;
  bool all = true;
  for (std::size_t group = 0; group < 2; ++group) {
    const ReleasedLine& line = lines[group];
    all = all && line.left_out == LeftOut::kNo;
    sum += line.value;
    if (line.left_out == LeftOut::kNo) {
      RC_ASSERT(line.value >= 3);
    } else {
      RC_ASSERT(line.value == 0 && line.base == 0);
    }
  }
  if (lines[2].left_out == LeftOut::kNo) {
    RC_ASSERT(all);
    RC_ASSERT(lines[2].value == sum);
  }
}

}  // namespace
}  // namespace uncac::needs_matrix

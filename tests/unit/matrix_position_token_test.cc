// The position that outsiders hold: whole or refused, and the same place never written twice alike.
#include <gtest/gtest.h>

#include "needs_matrix/position_token.h"
#include "support/engines.h"

namespace uncac::needs_matrix {
namespace {

using testing::must;

PositionToken token_of(std::int64_t offset) {
  PositionToken token;
  token.folded = {"log-a", std::vector<std::int64_t>(platform::kPartitions, offset)};
  token.feed = {"log-b", std::vector<std::int64_t>(platform::kPartitions, offset + 1)};
  for (std::int64_t& number : token.numbers) number = offset * 3;
  token.issued = must(platform::parse_day("2026-03-01"));
  for (std::int64_t& offset_listed : token.listed) offset_listed = offset + 2;
  return token;
}

TEST(PositionToken, ComesBackWhole) {
  platform::SystemIds ids;
  const auto sealer = must(platform::Sealer::create(std::string(32, 'k'), ids));
  for (const std::int64_t offset : {0L, 7L, 1L << 40}) {
    EXPECT_EQ(must(decode_position_token(sealer, encode(sealer, token_of(offset)))),
              token_of(offset));
  }
  // Of no log: what a feed gives out before its first delivery is whole.
  PositionToken none = token_of(0);
  none.feed = {"", std::vector<std::int64_t>(platform::kPartitions, 0)};
  EXPECT_EQ(must(decode_position_token(sealer, encode(sealer, none))), none);
}

TEST(PositionToken, TellsStrangersNothing) {
  platform::SystemIds ids;
  const auto sealer = must(platform::Sealer::create(std::string(32, 'k'), ids));
  const std::string once = encode(sealer, token_of(7));
  EXPECT_NE(once, encode(sealer, token_of(7)));
  EXPECT_EQ(once.size(), encode(sealer, token_of(8)).size());
  EXPECT_EQ(once.find("log-a"), std::string::npos);
}

TEST(PositionToken, OfAnotherSystemIsRefused) {
  platform::SystemIds ids;
  const auto ours = must(platform::Sealer::create(std::string(32, 'k'), ids));
  const auto theirs = must(platform::Sealer::create(std::string(32, 'x'), ids));
  const auto read = decode_position_token(ours, encode(theirs, token_of(7)));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().reason, platform::Reason::kInvalidInput);
  EXPECT_FALSE(decode_position_token(ours, ours.seal("p3.x.y.1.2026-03-01.1")));
  const platform::Position place{"log", std::vector<std::int64_t>(platform::kPartitions, 1)};
  const std::string both = "p3." + platform::encode(place) + "." + platform::encode(place) + ".";
  for (const char* numbers : {"", "1", "1,2", "1,,2", "x", "-1", "1;2"}) {
    const std::string text = both + numbers + ".2026-03-01." + platform::encode(place);
    EXPECT_FALSE(decode_position_token(ours, ours.seal(text))) << numbers;
  }
}

TEST(PositionToken, OfAnotherVersionIsOfNoLog) {
  platform::SystemIds ids;
  const auto ours = must(platform::Sealer::create(std::string(32, 'k'), ids));
  for (const char* other : {"p1.x.y.2026-03-01", "p2.x.y.1.2026-03-01", "p4", "p4.x"}) {
    const PositionToken token = must(decode_position_token(ours, ours.seal(other)));
    EXPECT_EQ(token.feed.log_id, "") << other;
    EXPECT_EQ(token.folded.log_id, "") << other;
  }
}

}  // namespace
}  // namespace uncac::needs_matrix

// A version token says what an answer must know; only the forms that the intake gives out are read.
#include <gtest/gtest.h>

#include "needs_matrix/live_matrix.h"
#include "support/engines.h"

namespace uncac::needs_matrix {
namespace {

using testing::must;

TEST(VersionToken, EveryFormIsRead) {
  const auto reference = must(reference::Reference::load());
  const VersionToken plain = must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3"));
  EXPECT_EQ(plain.key.state, *reference->state("KEN"));
  EXPECT_EQ(plain.key.checklist, *reference->checklist("uncac-2007"));
  EXPECT_EQ(plain.key.round, 2007);
  EXPECT_EQ(plain.key.version, 3);
  EXPECT_FALSE(plain.ended);
  EXPECT_EQ(plain.sharing, 0);
  EXPECT_TRUE(must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3+end")).ended);
  EXPECT_EQ(must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3+s17")).sharing, 17);
  const VersionToken sharing = must(parse_version_token(*reference, "KEN@s17"));
  EXPECT_EQ(sharing.key, VersionKey{.state = *reference->state("KEN")}) << "no version";
  EXPECT_EQ(sharing.sharing, 17);
  EXPECT_FALSE(sharing.ended);
  EXPECT_EQ(plain.epoch, 1);
  EXPECT_EQ(must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3+e2")).epoch, 2);
  const VersionToken ended =
      must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3+end+e12"));
  EXPECT_TRUE(ended.ended);
  EXPECT_EQ(ended.epoch, 12);
  const VersionToken shared =
      must(parse_version_token(*reference, "KEN/uncac-2007/2007@v3+s17+e2"));
  EXPECT_EQ(shared.sharing, 17);
  EXPECT_EQ(shared.epoch, 2);
  EXPECT_EQ(must(parse_version_token(*reference, "KEN@s17+e2")).epoch, 2);
}

TEST(VersionToken, OthersAreRefused) {
  const auto reference = must(reference::Reference::load());
  for (const char* wrong : {"",
                            "KEN",
                            "KEN/uncac-2007/2007",
                            "KEN/uncac-2007/2007@v",
                            "KEN/uncac-2007/2007@v0",
                            "KEN/uncac-2007/2007@v03",
                            "KEN/uncac-2007/2007@v-1",
                            "KEN/uncac-2007/2007@v65536",
                            "KEN/uncac-2007/2007@v3 ",
                            "KEN/uncac-2007/2007@v3@v3",
                            "KEN/uncac-2007/@v3",
                            "KEN/uncac-2016/2007@v3",
                            "XXX/uncac-2007/2007@v3",
                            "EUU/uncac-2007/2007@v3",
                            "/KEN/uncac-2007/2007@v3",
                            "KEN/uncac-2007/2007/1@v3",
                            "KEN/uncac-2007/2007@v3+",
                            "KEN/uncac-2007/2007@v3+s",
                            "KEN/uncac-2007/2007@v3+s0",
                            "KEN/uncac-2007/2007@v3+s1x",
                            "KEN/uncac-2007/2007@v3+s01",
                            "KEN/uncac-2007/2007@v3+s99999999999999999999",
                            "KEN/uncac-2007/2007@v3+ends",
                            "KEN/uncac-2007/2007@v3+e1",
                            "KEN/uncac-2007/2007@v3+e0",
                            "KEN/uncac-2007/2007@v3+e02",
                            "KEN/uncac-2007/2007@v3+e",
                            "KEN/uncac-2007/2007@v3+e2+end",
                            "KEN/uncac-2007/2007@v3+e2+e2",
                            "KEN/uncac-2007/2007@v3+s17+end",
                            "KEN/uncac-2007/2007@v3+s17+s18",
                            "KEN@s17+s18",
                            "KEN@s17+",
                            "KEN@e2",
                            "KEN/uncac-2007/2007@s3",
                            "KEN@",
                            "KEN@s",
                            "KEN@s0",
                            "KEN@s017",
                            "KEN@s-1",
                            "KEN@s1 ",
                            "KEN@s17+end",
                            "KEN@s17@s17",
                            "KEN@v3",
                            "@s17",
                            "ken@s17",
                            "XXX@s17",
                            "EUU@s17",
                            "KEN/sharing/uncac/5@v3"}) {
    EXPECT_FALSE(parse_version_token(*reference, wrong)) << wrong;
  }
}

}  // namespace
}  // namespace uncac::needs_matrix

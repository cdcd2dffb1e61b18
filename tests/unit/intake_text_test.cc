#include <gtest/gtest.h>

#include "checklist_intake/domain/text.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

TEST(IntakeText, SplitsAtBars) {
  EXPECT_EQ(split_bar(""), std::vector<std::string_view>{});
  EXPECT_EQ(split_bar(" | |"), std::vector<std::string_view>{});
  EXPECT_EQ(split_bar("a"), std::vector<std::string_view>{"a"});
  EXPECT_EQ(split_bar(" a |b c|"), (std::vector<std::string_view>{"a", "b c"}));
}

TEST(IntakeText, QuotingGivesOneShortLineOfUtf8) {
  EXPECT_EQ(in_quotes("KEN"), "\"KEN\"");
  EXPECT_EQ(in_quotes("a\nb\tc"), "\"a b c\"");
  EXPECT_EQ(in_quotes("\x1b[2J\xC2\x9B"
                      "2J\u202Egpj\u00A0"),
            "\" [2J 2J gpj\u00A0\"");
  EXPECT_EQ(in_quotes("caf\xE9"), "\"caf�\"");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), "\"" + std::string(60, 'x') + "…\"");
  EXPECT_EQ(in_quotes(std::string(60, 'x')), "\"" + std::string(60, 'x') + "\"");
  const bool held = rc::check("whatever the bytes", [](const std::string& bytes) {
    const std::string text = in_quotes(bytes);
    RC_ASSERT(scan_text(text).fault == TextFault::kNone);
    RC_ASSERT(text.find('\n') == std::string::npos);
    RC_ASSERT(scan_text(text).characters <= 63u);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace uncac::checklist_intake

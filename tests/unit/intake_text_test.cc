#include <gtest/gtest.h>

#include "checklist_intake/domain/text.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

TEST(IntakeText, CountsCodePoints) {
  EXPECT_EQ(scan_text("").characters, 0u);
  EXPECT_EQ(scan_text("aé漢😀").characters, 4u);
  EXPECT_EQ(scan_text("\t\n\r \x7e\xC2\x80\xF4\x8F\xBF\xBF").fault, TextFault::kNone);
}

TEST(IntakeText, RefusesWhatIsNoUtf8) {
  for (const char* wrong : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE0\x9F\xBF",
                            "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "ok\xC3(", "caf\xE9"}) {
    EXPECT_EQ(scan_text(wrong).fault, TextFault::kInvalidUtf8) << wrong;
  }
}

TEST(IntakeText, RefusesControlCharacters) {
  for (const char control : {'\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f', '\0'}) {
    EXPECT_EQ(scan_text(std::string("a") + control).fault, TextFault::kControlCharacter)
        << static_cast<int>(control);
  }
}

TEST(IntakeText, SplitsAndTrims) {
  EXPECT_EQ(split_bar(""), std::vector<std::string_view>{});
  EXPECT_EQ(split_bar(" | |"), std::vector<std::string_view>{});
  EXPECT_EQ(split_bar("a"), std::vector<std::string_view>{"a"});
  EXPECT_EQ(split_bar(" a |b c|"), (std::vector<std::string_view>{"a", "b c"}));
  EXPECT_TRUE(blank(" \t\r\n"));
  EXPECT_FALSE(blank(" . "));
}

TEST(IntakeText, QuotingGivesOneShortLineOfUtf8) {
  EXPECT_EQ(in_quotes("KEN"), "\"KEN\"");
  EXPECT_EQ(in_quotes("a\nb\tc"), "\"a b c\"");
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

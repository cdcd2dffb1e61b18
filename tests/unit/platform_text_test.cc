#include <gtest/gtest.h>

#include <string>

#include "platform/text.h"

namespace uncac::platform {
namespace {

TEST(Text, CountsCodePoints) {
  EXPECT_EQ(scan_text("").characters, 0u);
  EXPECT_EQ(scan_text("aé漢😀").characters, 4u);
  EXPECT_EQ(scan_text("\t\n\r \x7e\xC2\xA0\xF4\x8F\xBF\xBF").fault, TextFault::kNone);
}

TEST(Text, RefusesWhatIsNoUtf8) {
  for (const char* wrong : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x80\x80", "\xE0\x9F\xBF",
                            "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF",
                            "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "ok\xC3(", "caf\xE9"}) {
    EXPECT_EQ(scan_text(wrong).fault, TextFault::kInvalidUtf8) << wrong;
  }
}

TEST(Text, RefusesControlCharacters) {
  for (const char control : {'\x01', '\x08', '\x0b', '\x0c', '\x1b', '\x1f', '\x7f', '\0'}) {
    EXPECT_EQ(scan_text(std::string("a") + control).fault, TextFault::kControlCharacter)
        << static_cast<int>(control);
  }
  for (const char* control : {"\xC2\x80", "\xC2\x85", "\xC2\x9B", "\xC2\x9F"}) {
    EXPECT_EQ(scan_text(control).fault, TextFault::kControlCharacter) << control;
  }
}

// They show "exe.fdp" as "pdf.exe"; what Arabic needs is no fault, nor is what lies beside.
TEST(Text, RefusesWhatReordersTheTextAroundIt) {
  for (const char* wrong : {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "a\u202Eb"}) {
    EXPECT_EQ(scan_text(wrong).fault, TextFault::kControlCharacter) << wrong;
  }
  for (const char* right :
       {"\u200E", "\u200F", "\u2066", "\u2067", "\u2068", "\u2069", "\u2029", "\u202F", "\u00A0",
        "\u00AA", "\u20AA", "\u21AA", "مكتب \u2068UNODC\u2069"}) {
    EXPECT_EQ(scan_text(right).fault, TextFault::kNone) << right;
  }
}

TEST(Text, TellsTheFirstFault) {
  EXPECT_EQ(scan_text("\x01\xFF").fault, TextFault::kControlCharacter);
  EXPECT_EQ(scan_text("\xFF\x01").fault, TextFault::kInvalidUtf8);
  EXPECT_EQ(scan_text("a\u202Eb").characters, 3u);
}

TEST(Text, Trims) {
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_TRUE(blank(" \t\r\n"));
  EXPECT_FALSE(blank(" . "));
}

}  // namespace
}  // namespace uncac::platform

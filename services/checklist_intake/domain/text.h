// Small questions about text that came from outside: it may hold any bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace uncac::checklist_intake {

enum class TextFault { kNone, kInvalidUtf8, kControlCharacter };

struct TextScan {
  TextFault fault = TextFault::kNone;  // the first one found
  std::size_t characters = 0;          // code points; not meaningful after kInvalidUtf8
};

// UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Control characters
// are U+0000 to U+001F without tab, line feed and carriage return, and U+007F: they cannot travel
// in XML (XLSX) and hide what a person reads.
TextScan scan_text(std::string_view text);

// Without space, tab, line feed and carriage return at both ends.
std::string_view trimmed(std::string_view text);
inline bool blank(std::string_view text) { return trimmed(text).empty(); }

// The trimmed parts between `|` that are not empty.
std::vector<std::string_view> split_bar(std::string_view text);

// `"KEN"`: fit for a message of one line in valid UTF-8 whatever was read; long text is cut.
std::string in_quotes(std::string_view text);

}  // namespace uncac::checklist_intake

// Small questions about text that came from outside: it may hold any bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace uncac::platform {

enum class TextFault { kNone, kInvalidUtf8, kControlCharacter };

struct TextScan {
  TextFault fault = TextFault::kNone;  // the first one found
  std::size_t characters = 0;          // code points; not meaningful after kInvalidUtf8
};

// UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. Control characters
// as is_control() has them.
TextScan scan_text(std::string_view text);

// Bytes of the character that `text` starts with; 0 if that is not valid UTF-8. `text` must not be
// empty.
std::size_t character_length(std::string_view text);

// Of one character of valid UTF-8: whether it hides or reorders what a person reads.
// - U+0000 to U+001F without tab, line feed and carriage return, U+007F, and U+0080 to U+009F: the
//   first cannot travel in XML (XLSX), the last steer a terminal as an escape does.
// - U+202A to U+202E, the embeddings and overrides of writing direction: they show a text in
//   another order than it is stored in, past its end too. The isolates (U+2066 to U+2069) and the
//   marks (U+200E, U+200F) are allowed: Arabic with Latin names in it needs them.
bool is_control(std::string_view character);

// Without space, tab, line feed and carriage return at both ends.
std::string_view trimmed(std::string_view text);
inline bool blank(std::string_view text) { return trimmed(text).empty(); }

}  // namespace uncac::platform

#include "platform/runtime/utf8.h"

namespace uncac::platform {
namespace {

bool continues(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// Length of the well-formed character at the start of `text`, 0 if there is none: table 3-7 of the
// Unicode Standard, which leaves out overlong forms, surrogates and what lies above U+10FFFF.
std::size_t character_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) least = 0xA0;
    if (first == 0xED) most = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) least = 0x90;
    if (first == 0xF4) most = 0x8F;
  }
  if (length == 0 || text.size() < length || at(1) < least || at(1) > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!continues(at(i))) return 0;
  }
  return length;
}

}  // namespace

std::string safe_utf8(std::string_view text, std::size_t limit) {
  constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  constexpr std::string_view kCut = "\xE2\x80\xA6";
  std::string safe;
  std::size_t room_for_cut = 0;  // length of `safe` that leaves room for the mark
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view piece = length == 0 ? kReplacement : text.substr(0, length);
    if (safe.size() + piece.size() > limit) {
      safe.resize(room_for_cut);
      if (limit >= kCut.size()) safe += kCut;
      return safe;
    }
    safe += piece;
    if (safe.size() + kCut.size() <= limit) room_for_cut = safe.size();
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return safe;
}

}  // namespace uncac::platform

#include "platform/text.h"

namespace uncac::platform {

TextScan scan_text(std::string_view text) {
  TextScan scan;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      if (scan.fault == TextFault::kNone) scan.fault = TextFault::kInvalidUtf8;
      return scan;
    }
    if (scan.fault == TextFault::kNone && is_control(text.substr(0, length))) {
      scan.fault = TextFault::kControlCharacter;
    }
    ++scan.characters;
    text.remove_prefix(length);
  }
  return scan;
}

// Table 3-7 of the Unicode Standard.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned char lowest = 0x80, highest = 0xbf;  // of the second byte
  if (first >= 0xc2 && first <= 0xdf) {
    length = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    length = 3;
    if (first == 0xe0) lowest = 0xa0;
    if (first == 0xed) highest = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    length = 4;
    if (first == 0xf0) lowest = 0x90;
    if (first == 0xf4) highest = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < lowest || byte(1) > highest) return 0;
  for (std::size_t at = 2; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  return length;
}

bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  if (character.size() == 1) {
    const unsigned char only = byte(0);
    return only == 0x7f || (only < 0x20 && only != '\t' && only != '\n' && only != '\r');
  }
  if (character.size() == 2) return byte(0) == 0xc2 && byte(1) <= 0x9f;
  return character.size() == 3 && byte(0) == 0xe2 && byte(1) == 0x80 && byte(2) >= 0xaa &&
         byte(2) <= 0xae;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace uncac::platform

#include "checklist_intake/domain/text.h"

#include <algorithm>

namespace uncac::checklist_intake {
namespace {

// Bytes of the character that starts at `text[0]`; 0 if it is not valid UTF-8.
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

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x7f || (byte < 0x20 && c != '\t' && c != '\n' && c != '\r');
}

}  // namespace

TextScan scan_text(std::string_view text) {
  TextScan scan;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      if (scan.fault == TextFault::kNone) scan.fault = TextFault::kInvalidUtf8;
      return scan;
    }
    if (scan.fault == TextFault::kNone && is_control(text.front())) {
      scan.fault = TextFault::kControlCharacter;
    }
    ++scan.characters;
    text.remove_prefix(length);
  }
  return scan;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::vector<std::string_view> split_bar(std::string_view text) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    const std::string_view part = trimmed(text.substr(0, end));
    if (!part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMostCharacters = 60;
  std::string out = "\"";
  for (std::size_t characters = 0; !text.empty(); ++characters) {
    if (characters == kMostCharacters) {
      out += "…";
      break;
    }
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += "�";
    } else if (length == 1 && (is_control(text.front()) || trimmed(text.substr(0, 1)).empty())) {
      out += ' ';  // a line break here would make two lines of one problem
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

}  // namespace uncac::checklist_intake

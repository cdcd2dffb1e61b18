#include "reference/collation.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/sortkey.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdio>
#include <utility>

namespace uncac::reference {
namespace {

using platform::Reason;
using platform::Result;

icu::UnicodeString wide(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string in_hex(UChar32 character) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(character));
  return text;
}

}  // namespace

Result<Collation> Collation::of(Language language) {
  const std::string name(code(language));
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::Collator> collator(
      icu::Collator::createInstance(icu::Locale(name.c_str()), status));
  const bool opened = U_SUCCESS(status) != 0 && collator != nullptr;
  UErrorCode asked = U_ZERO_ERROR;
  if (!opened || name != collator->getLocale(ULOC_VALID_LOCALE, asked).getLanguage()) {
    return platform::make_error(
        Reason::kInternal, "ICU has no order of names for " + name + ": " + u_errorName(status));
  }
  return Collation(std::move(collator));
}

std::string Collation::key(std::string_view text) const {
  UErrorCode status = U_ZERO_ERROR;
  icu::CollationKey key;
  collator_->getCollationKey(wide(text), key, status);
  std::int32_t size = 0;
  const std::uint8_t* bytes = key.getByteArray(size);
  return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

std::optional<NameFault> fault_of_name(std::string_view text) {
  const icu::UnicodeString name = wide(text);
  bool after_blank = true;  // so that a blank at the start counts as one too many
  for (std::int32_t i = 0; i < name.length(); i = name.moveIndex32(i, 1)) {
    const UChar32 character = name.char32At(i);
    // The direction of a text comes from its language alone; a mark in it would turn what follows.
    if (u_hasBinaryProperty(character, UCHAR_BIDI_CONTROL) != 0) {
      return NameFault{"bidi-control", in_hex(character) + " turns the direction of the text"};
    }
    const bool blank = u_isUWhiteSpace(character) != 0;
    if (blank && (character != ' ' || after_blank)) {
      return NameFault{"stray-blank", in_hex(character) + " is no single blank between words"};
    }
    if (!blank && (u_iscntrl(character) != 0 || u_charType(character) == U_FORMAT_CHAR)) {
      return NameFault{"control-character", in_hex(character) + " is nothing to read"};
    }
    after_blank = blank;
  }
  if (after_blank && !name.isEmpty()) return NameFault{"stray-blank", "the text ends in a blank"};
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  const bool normal = U_SUCCESS(status) != 0 && nfc->isNormalized(name, status) != 0;
  if (!normal || U_FAILURE(status) != 0) {
    return NameFault{"not-nfc", "the text is not in the composed form of Unicode (NFC)"};
  }
  return std::nullopt;
}

}  // namespace uncac::reference

// The order of names in a language, and what a name may hold: the two things asked of ICU.
//
// Private to the room. Where ICU lacks the rules of a language it takes those of the root without a
// word; Collation fails instead, since names in a wrong order look right to whoever wrote the code.
#pragma once

#include <unicode/coll.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/result.h"
#include "reference/reference.h"

namespace uncac::reference {

// Safe for concurrent use.
class Collation {
 public:
  // Fails only where ICU is installed without its data for the language.
  static platform::Result<Collation> of(Language language);
  // Bytes that stand to each other as the texts do; equal where the language sees no difference.
  std::string key(std::string_view text) const;

 private:
  explicit Collation(std::unique_ptr<icu::Collator> collator) : collator_(std::move(collator)) {}
  std::unique_ptr<icu::Collator> collator_;
};

// What is wrong with a name; nothing if it may stand. The text must be UTF-8.
struct NameFault {
  std::string_view rule;
  std::string message;
};
std::optional<NameFault> fault_of_name(std::string_view text);

}  // namespace uncac::reference

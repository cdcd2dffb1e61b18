// What both engines' adapters need; not for services.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "platform/store/store.h"

namespace uncac::platform {

// UTF-8 without a NUL.
bool is_storable_text(std::string_view text);

// Text that one engine would refuse or cut is refused by both, before it goes anywhere.
// kInvalidInput for text that is not UTF-8 or holds a NUL.
Status check_parameters(std::span<const Value> parameters);

// `sql` with {{identity}} and {{bytes}} replaced.
std::string replace_dialect_words(std::string_view sql, std::string_view identity,
                                  std::string_view bytes);

// After an error a transaction answers every further call with this.
inline Error after_error() {
  return make_error(Reason::kInternal,
                    "this transaction has failed; nothing more can be done in it");
}

}  // namespace uncac::platform

// The facts that the matrix is folded from, as the two logs tell them, in indices and small
// numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "access/caller.h"
#include "needs_matrix/domain/items.h"
#include "platform/result.h"

namespace uncac::needs_matrix {

// Orders the states of one key. The same pair as on the wire; its own type, so that this folder
// needs no header of the event log.
struct Revision {
  std::int64_t epoch = 0;
  std::int64_t counter = 0;
  auto operator<=>(const Revision&) const = default;
};

enum class Compliance : std::uint8_t { kYes, kInPart, kNo, kNotAnswered };
enum class Priority : std::uint8_t { kNone, kHigh, kMedium, kLow };
enum class ResponseStatus : std::uint8_t { kSubmitted, kWithdrawn, kVoid };

// Of a type, from two bits each.
inline Priority priority_in(std::uint64_t priorities, TypeIndex type) {
  return static_cast<Priority>((priorities >> (2 * type)) & 3);
}

// One answer: 24 bytes, whatever it needs. Texts lie apart (TypeText).
struct Answer {
  std::uint64_t priorities = 0;  // two bits a type
  std::uint32_t needed = 0;      // bit per type, NO_ASSISTANCE_REQUIRED as filed
  ProvisionIndex provision = 0;
  std::uint16_t challenges = 0;  // bit per challenge
  Compliance compliance = Compliance::kNotAnswered;

  bool answered() const { return compliance != Compliance::kNotAnswered; }
  void need(TypeIndex type, Priority priority) {
    needed |= std::uint32_t{1} << type;
    priorities &= ~(std::uint64_t{3} << (2 * type));
    priorities |= static_cast<std::uint64_t>(priority) << (2 * type);
  }
  Priority priority(TypeIndex type) const { return priority_in(priorities, type); }
  bool operator==(const Answer&) const = default;
};

// The State's own words beside a type.
struct TypeText {
  ProvisionIndex provision = 0;
  TypeIndex type = 0;
  std::string text;
  auto operator<=>(const TypeText&) const = default;
};

struct VersionKey {
  StateIndex state = 0;
  ChecklistIndex checklist = 0;
  std::uint16_t round = 0;
  std::uint16_t version = 0;  // from 1
  auto operator<=>(const VersionKey&) const = default;
};

// One version of a response.
struct Version {
  VersionKey key;
  ResponseStatus status = ResponseStatus::kSubmitted;
  bool exercise = false;
  Day submitted_on;
  Day withdrawn_on;             // only when withdrawn
  std::vector<Answer> answers;  // in treaty order once held
  std::vector<TypeText> texts;  // likewise; empty ones left out
  bool operator==(const Version&) const = default;

  // Empty if none.
  std::string_view text(ProvisionIndex provision, TypeIndex type) const;
};

struct VersionFact {
  Version version;
  Revision revision;
};

struct SharingKey {
  StateIndex state = 0;
  ProvisionIndex provision = 0;
  auto operator<=>(const SharingKey&) const = default;
};

// Who may read from now on. An end is no field: when it comes, checklist_intake writes the next
// fact.
struct SharingFact {
  SharingKey key;
  access::Audience audience = access::Audience::kRestricted;
  std::vector<std::string> named;
  std::int64_t sequence = 0;
  Revision revision;
};

// Keys as on the topic: "KEN/uncac-2007/2007/v3", "KEN/sharing/uncac/44.4".
using FactKey = std::variant<VersionKey, SharingKey>;
std::string format_key(const reference::Reference& reference, const VersionKey& key);
std::string format_key(const reference::Reference& reference, const SharingKey& key);
// kInvalidInput for anything that the two functions above do not write.
platform::Result<FactKey> parse_key(const reference::Reference& reference, std::string_view text);

}  // namespace uncac::needs_matrix

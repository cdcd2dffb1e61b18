// What a State answered, as plain values. The words are those of the checklist.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/caller.h"
#include "platform/time.h"
#include "reference/reference.h"

namespace uncac::checklist_intake {

using access::Audience;
using platform::Day;
using reference::ChallengeIndex;
using reference::ChecklistIndex;
using reference::ProvisionIndex;
using reference::Reference;
using reference::StateIndex;
using reference::TypeIndex;

enum class Compliance : std::uint8_t { kYes, kInPart, kNo, kNotAnswered };
std::string_view code(Compliance compliance);  // "IN_PART"
std::optional<Compliance> parse_compliance(std::string_view code);

// The State's own priority of a need.
enum class Priority : std::uint8_t { kNone, kHigh, kMedium, kLow };
std::string_view code(Priority priority);  // "HIGH"; kNone is the empty text
std::optional<Priority> parse_priority(std::string_view code);

enum class Choice : std::uint8_t { kNotSaid, kYes, kNo };
std::string_view code(Choice choice);  // "YES"; kNotSaid is the empty text
std::optional<Choice> parse_choice(std::string_view code);

// The six languages of the United Nations: ar en es fr ru zh.
bool is_language(std::string_view code);

struct NeededAssistance {
  TypeIndex type = 0;
  std::string text;
  Priority priority = Priority::kNone;
  bool operator==(const NeededAssistance&) const = default;
};

// Assistance already received. The lists keep the order in which the State wrote them.
struct Received {
  std::vector<std::string> from;
  std::vector<std::string> types;  // in the State's own words or codes
  Choice would_extend = Choice::kNotSaid;
  bool operator==(const Received&) const = default;
};

struct Answer {
  ProvisionIndex provision = 0;
  Compliance compliance = Compliance::kNotAnswered;
  std::string measures;
  std::vector<ChallengeIndex> challenges;  // ascending, each once
  std::string challenges_text;
  std::vector<NeededAssistance> needed;  // by type, each once; empty: none stated
  Received received;
  std::string language;  // of the texts; may be empty
  bool operator==(const Answer&) const = default;
};

// Brings answers into the one order in which equal means equal: treaty order, types and challenges
// in definition order. The order of rows in a file, or of messages in a request, says nothing.
void put_in_order(std::vector<Answer>& answers);

struct ResponseKey {
  StateIndex state = 0;
  ChecklistIndex checklist = 0;
  int round = 0;
  auto operator<=>(const ResponseKey&) const = default;  // NOLINT(modernize-use-nullptr): not one
};
// "KEN/uncac-2007/2007"
std::string to_text(const Reference& reference, const ResponseKey& key);

struct Response {
  ResponseKey key;
  std::optional<Day> submitted_on;  // not said: the day on which it is filed
  std::vector<Answer> answers;      // in the order of put_in_order
  bool operator==(const Response&) const = default;
};

// How far a State lets its answers to a provision go.
struct SharingChoice {
  Audience audience = Audience::kRestricted;
  std::vector<std::string> named;  // provider codes, sorted, each once; only for kNamed
  std::optional<Day> until;        // the last day on which it holds; then kRestricted
  bool operator==(const SharingChoice&) const = default;
};

using SharingChoices = std::map<ProvisionIndex, SharingChoice>;

// Sharing asked for with a response: one choice for all its provisions, and exceptions.
struct Sharing {
  std::optional<SharingChoice> choice;
  SharingChoices exceptions;
  // Null when nothing was chosen for it here.
  const SharingChoice* of(ProvisionIndex provision) const;
  bool operator==(const Sharing&) const = default;
};

}  // namespace uncac::checklist_intake

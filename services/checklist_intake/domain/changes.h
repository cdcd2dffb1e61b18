// What filing, withdrawing or voiding a response changes: decided here, carried out by the actions.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "checklist_intake/domain/response.h"
#include "checklist_intake/domain/rules.h"
#include "checklist_intake/domain/validate.h"
#include "platform/result.h"

namespace uncac::checklist_intake {

enum class VersionStatus : std::uint8_t {
  kSubmitted,
  kWithdrawn,  // out of force from its own day on
  kVoid,       // a wrong historical import: out of force on all days
};

struct Version {
  int number = 0;  // from 1
  Day submitted_on{};
  std::vector<Answer> answers;  // in the order of put_in_order
  bool exercise = false;
  VersionStatus status = VersionStatus::kSubmitted;
  std::optional<Day> withdrawn_on;  // only for kWithdrawn
};

// What the store knows before a filing.
struct Known {
  const Version* newest = nullptr;  // of this response, whatever its status; null: none yet
  // The day of the newest version that is not void; nothing is filed before it. A void version does
  // not count: else one import with a wrong year could never be put right.
  std::optional<Day> not_before;
  SharingChoices in_force;  // of the State today, see choice_on(); provisions without one left out
  SharingChoices filed;     // the choice last filed with this response, by provision
  // Where a restore narrowed what held, and the State has not said since what shall hold.
  std::set<ProvisionIndex> suspended;
};

struct Filing {
  const CheckedResponse& checked;
  bool exercise = false;
  bool by_secretariat = false;
  Day today{};
};

enum class ChangeKind : std::uint8_t { kSubmitted, kAmended, kUnchanged, kSharingChanged };

struct Change {
  ChangeKind kind = ChangeKind::kUnchanged;
  int version = 0;           // the new one, or the newest if nothing was filed
  Day submitted_on{};        // of that version
  SharingChoices decisions;  // to record, in treaty order
  SharingChoices filed;      // to remember as last filed with this response
};

// The rules ("Same file", "Sharing"):
// - Equal to the newest version that is in force (order aside; the day only if one is given)
// changes
//   no version. Everything else is the next version; so is whatever follows a withdrawal or a void.
// - With a new version every choice made is a decision. With an equal one a choice is a decision
//   only if it is another one than was last filed and than is in force. What was suspended is in
//   force by no word of the State: there it is enough to be another one than was last filed, else a
//   State that files RESTRICTED would be told "unchanged" and could still be widened by a later
//   reinstatement. The same file again says nothing new, there too.
// - Every provision answered needs a choice here or a decision in force.
// - A State files on today's day; the secretariat may give an earlier one, never before the version
//   before.
// Nothing when a rule is broken; the problems say which.
std::optional<Change> decide_change(const Reference& reference, const Known& known,
                                    const Filing& filing, ProblemSink& problems);

// The choice as it holds on a day: after its end it is RESTRICTED.
SharingChoice choice_on(const SharingChoice& choice, Day day);

// A version whose status changes.
struct StatusChange {
  int version = 0;
  VersionStatus status = VersionStatus::kVoid;
  std::optional<Day> withdrawn_on;
};

// Withdraws the response from `today` on: its newest version, which stands for the response from
// its own day on. Without a version in force: kFailedPrecondition.
platform::Result<StatusChange> withdraw(const Version* newest, Day today);

// Removes the response from all days: every version not void yet. If there is none:
// kFailedPrecondition. `versions` ascending by number; their answers may be left out.
platform::Result<std::vector<StatusChange>> make_void(std::span<const Version> versions);

// The version that stands for the response on a day, nullptr if none does. `versions` ascending by
// number.
const Version* standing_on(std::span<const Version> versions, Day day);

}  // namespace uncac::checklist_intake

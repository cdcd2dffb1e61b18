#include "checklist_intake/domain/changes.h"

#include <algorithm>
#include <string>

namespace uncac::checklist_intake {
namespace {

bool is_equal(const Version& newest, const Filing& filing) {
  const Response& response = filing.checked.response;
  return newest.status == VersionStatus::kSubmitted && newest.exercise == filing.exercise &&
         (!response.submitted_on || *response.submitted_on == newest.submitted_on) &&
         response.answers == newest.answers;
}

bool holds(const SharingChoices& choices, ProvisionIndex provision, const SharingChoice& choice) {
  const auto found = choices.find(provision);
  return found != choices.end() && found->second == choice;
}

void check_chosen(const Reference& reference, const Known& known, const CheckedResponse& checked,
                  ProblemSink& problems) {
  std::size_t missing = 0;
  std::size_t first = 0;
  for (std::size_t at = 0; at < checked.response.answers.size(); ++at) {
    const ProvisionIndex provision = checked.response.answers[at].provision;
    if (checked.sharing.of(provision) != nullptr || known.in_force.contains(provision)) continue;
    if (missing++ == 0) first = at;
  }
  if (missing == 0) return;
  const std::string& id = reference.provisions()[checked.response.answers[first].provision].id;
  problems.add(Rule::kSharingNotChosen, checked.rows[first], "audience",
               "who may read \"" + id + "\"" +
                   (missing > 1 ? " and " + std::to_string(missing - 1) + " more" : "") +
                   " is not said, and no decision is in force");
}

void check_day(const Known& known, const Filing& filing, Day day, ProblemSink& problems) {
  const std::int64_t row = filing.checked.first_row;
  if (known.not_before && day < *known.not_before) {
    problems.add(Rule::kSubmittedOnDecreases, row, "submitted_on",
                 platform::format_day(day) + " is before the day of the newest version, " +
                     platform::format_day(*known.not_before));
  }
  if (day != filing.today && !filing.by_secretariat) {
    problems.add(Rule::kHistoricalDayOnlySecretariat, row, "submitted_on",
                 "only the secretariat files for another day than today; leave the field empty");
  }
}

}  // namespace

std::optional<Change> decide_change(const Reference& reference, const Known& known,
                                    const Filing& filing, ProblemSink& problems) {
  const std::int64_t errors_before = problems.errors();
  const CheckedResponse& checked = filing.checked;
  check_chosen(reference, known, checked, problems);
  const bool equal = known.newest != nullptr && is_equal(*known.newest, filing);
  Change change;
  if (equal) {
    change.version = known.newest->number;
    change.submitted_on = known.newest->submitted_on;
  } else {
    change.kind = known.newest == nullptr ? ChangeKind::kSubmitted : ChangeKind::kAmended;
    change.version = known.newest == nullptr ? 1 : known.newest->number + 1;
    change.submitted_on = checked.response.submitted_on.value_or(filing.today);
    check_day(known, filing, change.submitted_on, problems);
  }
  if (problems.errors() != errors_before) return std::nullopt;

  for (const Answer& answer : checked.response.answers) {
    const SharingChoice* choice = checked.sharing.of(answer.provision);
    if (choice == nullptr) continue;
    const bool filed_before = holds(known.filed, answer.provision, *choice);
    if (!filed_before) change.filed.emplace(answer.provision, *choice);
    // An export carries the decision in force, which may be another one than was last filed;
    // sending it back must change nothing. But what a restore put in force is no decision yet.
    const bool decided_before = !known.suspended.contains(answer.provision) &&
                                holds(known.in_force, answer.provision, *choice);
    if (!equal || (!filed_before && !decided_before)) {
      change.decisions.emplace(answer.provision, *choice);
    }
  }
  if (equal && !change.decisions.empty()) change.kind = ChangeKind::kSharingChanged;
  return change;
}

SharingChoice choice_on(const SharingChoice& choice, Day day) {
  if (choice.until && *choice.until < day) return SharingChoice{};
  return choice;
}

platform::Result<StatusChange> withdraw(const Version* newest, Day today) {
  if (newest == nullptr || newest->status != VersionStatus::kSubmitted) {
    return platform::make_error(platform::Reason::kFailedPrecondition,
                                "the response has no version in force to withdraw");
  }
  return StatusChange{newest->number, VersionStatus::kWithdrawn, today};
}

platform::Result<std::vector<StatusChange>> make_void(std::span<const Version> versions) {
  std::vector<StatusChange> changes;
  for (const Version& version : versions) {
    if (version.status == VersionStatus::kVoid) continue;
    changes.push_back(StatusChange{version.number, VersionStatus::kVoid, std::nullopt});
  }
  if (changes.empty()) {
    return platform::make_error(platform::Reason::kFailedPrecondition,
                                "the response has no version to declare void");
  }
  return changes;
}

const Version* standing_on(std::span<const Version> versions, Day day) {
  for (std::size_t at = versions.size(); at > 0; --at) {
    const Version& version = versions[at - 1];
    if (version.status == VersionStatus::kVoid || version.submitted_on > day) continue;
    const bool withdrawn =
        version.status == VersionStatus::kWithdrawn && *version.withdrawn_on <= day;
    return withdrawn ? nullptr : &version;
  }
  return nullptr;
}

}  // namespace uncac::checklist_intake

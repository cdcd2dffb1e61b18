#include "checklist_intake/domain/rules.h"

#include <algorithm>
#include <array>
#include <utility>

namespace uncac::checklist_intake {
namespace {

using platform::Severity;
using enum Rule;
constexpr Severity kError = Severity::kError;
constexpr Severity kWarning = Severity::kWarning;

constexpr std::array kRules = {
    RuleRow{kNotUtf8, "not-utf8", kError, "the file is in another encoding than UTF-8"},
    RuleRow{kNulByte, "nul-byte", kError, "no text holds a NUL"},
    RuleRow{kFieldTooLong, "field-too-long", kError, "a field has at most 64 KiB"},
    RuleRow{kLineTooLong, "line-too-long", kError, "a record has at most 256 KiB"},
    RuleRow{kFileTooLarge, "file-too-large", kError, "a file has at most 64 MiB"},
    RuleRow{kTooManyRows, "too-many-rows", kError, "a file has at most 200,000 rows"},
    RuleRow{kUnclosedQuote, "unclosed-quote", kError, "a quoted field ends with a quote"},
    RuleRow{kStrayQuote, "stray-quote", kError, "a quote stands only in a quoted field, doubled"},
    RuleRow{kEmptyFile, "empty-file", kError, "a file has a header"},
    RuleRow{kNoRows, "no-rows", kError, "a file has a row below its header"},
    RuleRow{kUnknownColumn, "unknown-column", kError, "the header has only known columns"},
    RuleRow{kMissingColumn, "missing-column", kError, "the header has every column"},
    RuleRow{kDuplicateColumn, "duplicate-column", kError, "the header has each column once"},
    RuleRow{kFieldCount, "field-count", kError, "a row has as many fields as the header"},
    RuleRow{kRowsDisagree, "rows-disagree", kError, "what belongs to one answer repeats the same"},
    RuleRow{kDuplicateRow, "duplicate-row", kError, "no row stands twice"},
    RuleRow{kUnknownState, "unknown-state", kError, "a State is known by its ISO 3166-1 code"},
    RuleRow{kNotAState, "not-a-state", kError, "only States respond, not the European Union"},
    RuleRow{kUnknownChecklist, "unknown-checklist", kError, "a checklist is known by its code"},
    RuleRow{kBadRound, "bad-round", kError, "a round is a year from 2003 to the current one"},
    RuleRow{kNoAnswers, "no-answers", kError, "a response has an answer"},
    RuleRow{kTooManyAnswers, "too-many-answers", kError, "a response has at most 2,000 answers"},
    RuleRow{kBadDay, "bad-day", kError, "a day is written YYYY-MM-DD"},
    RuleRow{kSubmittedOnInFuture, "submitted-on-in-future", kError,
            "nothing is filed for tomorrow"},
    RuleRow{kSubmittedOnDecreases, "submitted-on-decreases", kError,
            "no version has an earlier day than the one before"},
    RuleRow{kHistoricalDayOnlySecretariat, "historical-day-only-secretariat", kError,
            "a State files today; the secretariat may record an earlier day"},
    RuleRow{kUnknownProvision, "unknown-provision", kError, "a provision is known by its code"},
    RuleRow{kProvisionWithoutTreaty, "provision-without-treaty", kError,
            "a provision names its treaty: spreadsheets turn 44.10 into 44.1"},
    RuleRow{kNotAnItem, "not-an-item", kError, "an answer names an item of its checklist"},
    RuleRow{kProvisionNotInChecklist, "provision-not-in-checklist", kError,
            "the checklist asks about the provision"},
    RuleRow{kDuplicateAnswer, "duplicate-answer", kError, "a response answers a provision once"},
    RuleRow{kUnknownCompliance, "unknown-compliance", kError, "YES, IN_PART, NO or NOT_ANSWERED"},
    RuleRow{kUnknownChallenge, "unknown-challenge", kError, "a challenge is known by its code"},
    RuleRow{kChallengeMissing, "challenge-missing", kWarning,
            "IN_PART or NO comes with a challenge"},
    RuleRow{kChallengeWithoutText, "challenge-without-text", kWarning,
            "a challenge that asks to specify comes with a text"},
    RuleRow{kUnknownType, "unknown-type", kError, "a type of assistance is known by its code"},
    RuleRow{kTypeMissing, "type-missing", kError, "a text or priority of a need comes with a type"},
    RuleRow{kTypeNotInChecklist, "type-not-in-checklist", kError, "the checklist knows the type"},
    RuleRow{kTypeExcludesRest, "type-excludes-rest", kError, "NO_ASSISTANCE_REQUIRED stands alone"},
    RuleRow{kDuplicateType, "duplicate-type", kError, "an answer names a type once"},
    RuleRow{kOtherWithoutText, "other-without-text", kError, "OTHER says what"},
    RuleRow{kNotAnsweredWithType, "not-answered-with-type", kError,
            "NOT_ANSWERED states no assistance"},
    RuleRow{kBadPriority, "bad-priority", kError, "HIGH, MEDIUM, LOW or empty"},
    RuleRow{kBadLanguage, "bad-language", kError, "ar, en, es, fr, ru, zh or empty"},
    RuleRow{kBadChoice, "bad-choice", kError, "YES, NO or empty"},
    RuleRow{kBarInValue, "bar-in-value", kError, "`|` separates values and stands in none"},
    RuleRow{kTextTooLong, "text-too-long", kError, "a text has at most 10,000 characters"},
    RuleRow{kInvalidUtf8, "invalid-utf8", kError, "text is UTF-8"},
    RuleRow{kControlCharacter, "control-character", kError, "text has no control characters"},
    RuleRow{kUnknownAudience, "unknown-audience", kError,
            "RESTRICTED, NAMED:<provider>|…, PROVIDERS or PUBLIC"},
    RuleRow{kNamedWithoutProvider, "named-without-provider", kError, "NAMED names a provider"},
    RuleRow{kNamesNotExpected, "names-not-expected", kError, "only NAMED names providers"},
    RuleRow{kBadProvider, "bad-provider", kError,
            "a provider's code is 1 to 32 of A-Z, 0-9 and hyphen"},
    RuleRow{kTooManyNamed, "too-many-named", kError, "NAMED names at most 50 providers"},
    RuleRow{kAudienceUntilPast, "audience-until-past", kError, "an audience ends today or later"},
    RuleRow{kUntilWithoutAudience, "until-without-audience", kError,
            "an end comes with an audience"},
    RuleRow{kExceptionWithoutAnswer, "exception-without-answer", kError,
            "an exception is for a provision of the response"},
    RuleRow{kSharingNotChosen, "sharing-not-chosen", kError,
            "sharing is a choice, made here or in force"},
    RuleRow{kReinstateWithChoice, "reinstate-with-choice", kError,
            "what held before holds again, or something else is chosen"},
};

constexpr bool in_order() {
  for (std::size_t at = 0; at < kRules.size(); ++at) {
    if (static_cast<std::size_t>(kRules[at].rule) != at) return false;
  }
  return static_cast<std::size_t>(kReinstateWithChoice) + 1 == kRules.size();
}
static_assert(in_order(), "row_of() finds a rule by its position");

}  // namespace

std::span<const RuleRow> rule_table() { return kRules; }
const RuleRow& row_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

void ProblemSink::add(Rule rule, std::int64_t row, std::string_view column, std::string message) {
  const RuleRow& found = row_of(rule);
  const bool error = found.severity == Severity::kError;
  if (error) ++errors_;
  std::int64_t& left = error ? budget_.errors : budget_.warnings;
  if (left == 0) {
    ++left_out_;
    return;
  }
  --left;
  problems_.push_back(platform::Problem{.file = file_,
                                        .row = row,
                                        .column = std::string(column),
                                        .severity = found.severity,
                                        .rule = std::string(found.name),
                                        .message = std::move(message)});
}

std::vector<platform::Problem> ProblemSink::take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const auto& left, const auto& right) { return left.row < right.row; });
  return std::exchange(problems_, {});
}

}  // namespace uncac::checklist_intake

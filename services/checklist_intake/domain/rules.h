// Every rule that checklist intake holds input against: its stable name and how serious it is.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/error.h"

namespace uncac::checklist_intake {

enum class Rule : std::uint8_t {
  // of a file
  kNotUtf8,
  kNulByte,
  kFieldTooLong,
  kLineTooLong,
  kFileTooLarge,
  kTooManyRows,
  kUnclosedQuote,
  kStrayQuote,
  kEmptyFile,
  kNoRows,
  kUnknownColumn,
  kMissingColumn,
  kDuplicateColumn,
  kFieldCount,
  kRowsDisagree,
  kDuplicateRow,
  // of a response
  kUnknownState,
  kNotAState,
  kUnknownChecklist,
  kBadRound,
  kNoAnswers,
  kTooManyAnswers,
  kBadDay,
  kSubmittedOnInFuture,
  kSubmittedOnDecreases,
  kHistoricalDayOnlySecretariat,
  // of an answer
  kUnknownProvision,
  kProvisionWithoutTreaty,
  kNotAnItem,
  kProvisionNotInChecklist,
  kDuplicateAnswer,
  kUnknownCompliance,
  kUnknownChallenge,
  kChallengeMissing,
  kChallengeWithoutText,
  kUnknownType,
  kTypeMissing,
  kTypeNotInChecklist,
  kTypeExcludesRest,
  kDuplicateType,
  kOtherWithoutText,
  kNotAnsweredWithType,
  kBadPriority,
  kBadLanguage,
  kBadChoice,
  kBarInValue,
  kTextTooLong,
  kInvalidUtf8,
  kControlCharacter,
  // of sharing
  kUnknownAudience,
  kNamedWithoutProvider,
  kNamesNotExpected,
  kBadProvider,
  kTooManyNamed,
  kAudienceUntilPast,
  kUntilWithoutAudience,
  kExceptionWithoutAnswer,
  kSharingNotChosen,
  kReinstateWithChoice,
};

struct RuleRow {
  Rule rule;
  std::string_view name;  // "unknown-type"
  platform::Severity severity;
  std::string_view meaning;
};

// Every rule once, in the order of the enum.
std::span<const RuleRow> rule_table();
const RuleRow& row_of(Rule rule);

// How many problems are still kept, errors and warnings apart so that many warnings cannot hide an
// error. What comes after is counted only: a file of 200,000 wrong rows must not fill the memory.
struct ProblemBudget {
  std::int64_t errors = 10'000;
  std::int64_t warnings = 10'000;
};

// Collects the problems of one file, response or request. Used by one thread.
class ProblemSink {
 public:
  // `file` may be empty. `budget` may be shared by several sinks and must outlive them.
  ProblemSink(std::string file, ProblemBudget& budget) : file_(std::move(file)), budget_(budget) {}

  // `row` is the line of the file, 0 without one.
  void add(Rule rule, std::int64_t row, std::string_view column, std::string message);

  std::int64_t errors() const { return errors_; }
  std::int64_t left_out() const { return left_out_; }
  // In the order of rows; those of one row in the order found.
  std::vector<platform::Problem> take();

 private:
  std::string file_;
  ProblemBudget& budget_;
  std::vector<platform::Problem> problems_;
  std::int64_t errors_ = 0;
  std::int64_t left_out_ = 0;
};

}  // namespace uncac::checklist_intake

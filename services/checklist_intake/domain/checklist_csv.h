// The checklist CSV: the file in which States and the secretariat send answers. Pieces of the file
// in, responses and problems out. The format is described in the project's documentation of the
// command line; its columns are kChecklistColumns.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checklist_intake/domain/csv.h"
#include "checklist_intake/domain/response.h"
#include "checklist_intake/domain/validate.h"

namespace uncac::checklist_intake {

inline constexpr std::size_t kMostRows = 200'000;  // of one file

// In the order in which they are written; read in any order. All are required but the last, which
// only files of exercise data have.
enum class Column : std::uint8_t {
  kState,
  kChecklist,
  kRound,
  kSubmittedOn,
  kLanguage,
  kProvision,
  kCompliance,
  kMeasures,
  kChallenges,
  kChallengesText,
  kType,
  kTypeText,
  kStatePriority,
  kReceivedFrom,
  kReceivedType,
  kWouldExtend,
  kAudience,
  kAudienceUntil,
  kExercise,
};
inline constexpr std::array<std::string_view, 19> kChecklistColumns = {
    "state",        "checklist",  "round",          "submitted_on",  "language",
    "provision",    "compliance", "measures",       "challenges",    "challenges_text",
    "type",         "type_text",  "state_priority", "received_from", "received_type",
    "would_extend", "audience",   "audience_until", "exercise"};
inline constexpr std::size_t kColumnCount = kChecklistColumns.size();
constexpr std::string_view name(Column column) {
  return kChecklistColumns[static_cast<std::size_t>(column)];
}

// A spreadsheet runs a cell that begins with = + - @ tab or CR as a formula, so such a cell is
// written with `'` before it. A cell that has such `'` of its own gets one more; reading takes one
// away. Hence read(write(x)) = x for every text.
bool needs_neutralising(std::string_view cell);
std::string_view unneutralised(std::string_view cell);

// The rows of one State, checklist and round.
struct ParsedResponse {
  ResponseKey key;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  bool exercise = false;
  // Absent when a row or the response breaks a rule of severity error.
  std::optional<CheckedResponse> checked;
  std::vector<platform::Problem> problems;
};

struct ParsedFile {
  std::vector<ParsedResponse> responses;  // in the order of their first rows
  // Of the file, and of rows that cannot be given to a response.
  std::vector<platform::Problem> problems;
  // The file could not be read to its end or has a wrong header: nothing of it may be submitted,
  // also where good responses are to be kept, since a response in it may lack rows.
  bool unreadable = false;
  // No error anywhere.
  bool good = false;
  std::int64_t rows = 0;               // below the header, empty ones left out
  std::int64_t problems_left_out = 0;  // beyond ProblemBudget, counted only
};

// Holds the cells of the whole file, bounded by the limits of CsvLimits and kMostRows. Used by one
// thread; `reference` must outlive it.
class ChecklistCsvParser final : private CsvRecords {
 public:
  // `file_name` stands in every problem; `today` is the day in UTC.
  ChecklistCsvParser(const Reference& reference, std::string file_name, Day today,
                     CsvLimits limits = {});

  // False when the rest of the file need not be pushed.
  bool push(std::string_view bytes) { return reader_.push(bytes); }
  // Once, at the end of the file.
  ParsedFile finish();

 private:
  struct Row {
    std::int64_t line = 0;
    std::string cells;
    std::array<std::uint32_t, kColumnCount> ends{};
    std::string_view operator[](Column column) const;
  };
  struct Group {
    ParsedResponse response;
    std::vector<Row> rows;
    std::unique_ptr<ProblemSink> problems;
  };

  std::optional<CsvFault> record(std::int64_t line, std::span<const std::string_view> fields,
                                 bool stray_quote) override;
  std::optional<CsvFault> header(std::int64_t line, std::span<const std::string_view> fields);
  std::string_view cell(std::span<const std::string_view> fields, Column column) const;
  Group* group_of(std::int64_t line, std::span<const std::string_view> fields);
  void finish_group(Group& group);
  void check_response_cells(Group& group);
  AnswerText answer_of(Group& group, const std::vector<const Row*>& rows);
  void check_agreement(Group& group, const std::vector<const Row*>& rows);
  void disagree(Group& group, const Row& row, const Row& first, Column column);

  const Reference& reference_;
  const std::string file_name_;
  const Day today_;
  ProblemBudget budget_;
  ProblemSink problems_;
  CsvReader reader_;
  bool has_header_ = false;
  bool wrong_header_ = false;
  std::int64_t rows_ = 0;
  std::size_t field_count_ = 0;                       // of the header
  std::array<std::size_t, kColumnCount> position_{};  // of each column in the file
  std::vector<Group> groups_;
  std::map<ResponseKey, std::size_t> group_by_key_;
  std::string last_key_cells_;  // of the row before: most rows follow one of the same response
  std::size_t last_group_ = 0;
};

}  // namespace uncac::checklist_intake

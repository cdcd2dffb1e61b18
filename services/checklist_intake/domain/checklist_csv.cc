#include "checklist_intake/domain/checklist_csv.h"

#include <algorithm>
#include <utility>

#include "checklist_intake/domain/text.h"

namespace uncac::checklist_intake {
namespace {

constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

constexpr std::size_t index(Column column) { return static_cast<std::size_t>(column); }

// What is kept as written; all other cells are codes, days and lists, read without outer spaces.
constexpr bool is_free_text(Column column) {
  return column == Column::kMeasures || column == Column::kChallengesText ||
         column == Column::kTypeText;
}

// What belongs to the answer and so repeats in each of its rows.
constexpr std::array kAnswerColumns = {
    Column::kLanguage,       Column::kCompliance,   Column::kMeasures,     Column::kChallenges,
    Column::kChallengesText, Column::kReceivedFrom, Column::kReceivedType, Column::kWouldExtend,
    Column::kAudience,       Column::kAudienceUntil};
// What belongs to the response.
constexpr std::array kResponseColumns = {Column::kSubmittedOn, Column::kExercise};

bool same_answer(const auto& row, const auto& other) {
  return std::all_of(kAnswerColumns.begin(), kAnswerColumns.end(),
                     [&](Column column) { return row[column] == other[column]; });
}

// "NAMED:EX1|EX2" as its parts.
SharingText sharing_of(std::string_view audience, std::string_view until, std::int64_t row) {
  SharingText sharing{.audience = audience, .named = {}, .until = until, .row = row};
  constexpr std::string_view kNamed = "NAMED:";
  if (audience.starts_with(kNamed)) {
    sharing.audience = audience.substr(0, kNamed.size() - 1);
    sharing.named = split_bar(audience.substr(kNamed.size()));
  }
  return sharing;
}

}  // namespace

bool needs_neutralising(std::string_view cell) {
  const std::size_t at = cell.find_first_not_of('\'');
  return at != std::string_view::npos &&
         std::string_view("=+-@\t\r").find(cell[at]) != std::string_view::npos;
}

std::string_view unneutralised(std::string_view cell) {
  if (cell.starts_with('\'') && needs_neutralising(cell)) cell.remove_prefix(1);
  return cell;
}

std::string_view ChecklistCsvParser::Row::operator[](Column column) const {
  const std::size_t at = index(column);
  const std::size_t begin = at == 0 ? 0 : ends[at - 1];
  return std::string_view(cells).substr(begin, ends[at] - begin);
}

ChecklistCsvParser::ChecklistCsvParser(const Reference& reference, std::string file_name, Day today,
                                       CsvLimits limits)
    : reference_(reference),
      file_name_(std::move(file_name)),
      today_(today),
      problems_(file_name_, budget_),
      reader_(*this, limits) {
  position_.fill(kAbsent);
}

std::optional<CsvFault> ChecklistCsvParser::record(std::int64_t line,
                                                   std::span<const std::string_view> fields,
                                                   bool stray_quote) {
  if (!has_header_) {
    has_header_ = true;
    return header(line, fields);
  }
  if (wrong_header_) return std::nullopt;
  // Spreadsheets leave rows of empty cells behind.
  if (std::all_of(fields.begin(), fields.end(), [](auto field) { return field.empty(); })) {
    return std::nullopt;
  }
  if (++rows_ > static_cast<std::int64_t>(kMostRows)) {
    return CsvFault{line, Rule::kTooManyRows,
                    "the file has more than " + std::to_string(kMostRows) + " rows"};
  }
  Group* group = group_of(line, fields);
  ProblemSink& problems = group == nullptr ? problems_ : *group->problems;
  bool guess = false;  // nothing more is said about cells that are a guess
  if (stray_quote) {
    guess = true;
    problems.add(Rule::kStrayQuote, line, "",
                 "a quote in a field that does not begin with one, or text after its end");
  }
  if (fields.size() != field_count_) {
    guess = true;
    problems.add(
        Rule::kFieldCount, line, "",
        std::to_string(fields.size()) + " fields, the header has " + std::to_string(field_count_));
  }
  if (group == nullptr) return std::nullopt;
  ++group->response.rows;
  if (guess) return std::nullopt;
  Row row{.line = line, .cells = {}, .ends = {}};
  std::size_t bytes = 0;
  for (const std::string_view field : fields) bytes += field.size();
  row.cells.reserve(bytes);
  for (std::size_t at = 0; at < kColumnCount; ++at) {
    row.cells += cell(fields, static_cast<Column>(at));
    row.ends[at] = static_cast<std::uint32_t>(row.cells.size());
  }
  group->rows.push_back(std::move(row));
  return std::nullopt;
}

std::optional<CsvFault> ChecklistCsvParser::header(std::int64_t line,
                                                   std::span<const std::string_view> fields) {
  field_count_ = fields.size();
  for (std::size_t field = 0; field < fields.size(); ++field) {
    const std::string_view text = trimmed(fields[field]);
    const auto found = std::find(kChecklistColumns.begin(), kChecklistColumns.end(), text);
    if (found == kChecklistColumns.end()) {
      problems_.add(Rule::kUnknownColumn, line, "", in_quotes(text) + " is not a column");
      continue;
    }
    std::size_t& position = position_[static_cast<std::size_t>(found - kChecklistColumns.begin())];
    if (position != kAbsent) {
      problems_.add(Rule::kDuplicateColumn, line, text, in_quotes(text) + " stands twice");
    } else {
      position = field;
    }
  }
  for (std::size_t at = 0; at < kColumnCount; ++at) {
    if (position_[at] != kAbsent || at == index(Column::kExercise)) continue;
    problems_.add(Rule::kMissingColumn, line, kChecklistColumns[at],
                  in_quotes(kChecklistColumns[at]) + " is missing");
  }
  wrong_header_ = problems_.errors() > 0;
  return std::nullopt;
}

std::string_view ChecklistCsvParser::cell(std::span<const std::string_view> fields,
                                          Column column) const {
  const std::size_t position = position_[index(column)];
  if (position >= fields.size()) return {};  // kAbsent too
  const std::string_view text = unneutralised(fields[position]);
  return is_free_text(column) ? text : trimmed(text);
}

// The response that the row belongs to; nullptr, with the reason reported, if that cannot be read.
ChecklistCsvParser::Group* ChecklistCsvParser::group_of(std::int64_t line,
                                                        std::span<const std::string_view> fields) {
  const std::string_view state = cell(fields, Column::kState);
  const std::string_view checklist = cell(fields, Column::kChecklist);
  const std::string_view round = cell(fields, Column::kRound);
  std::string key_cells;
  for (const std::string_view text : {state, checklist, round}) {
    key_cells += text;
    key_cells += '\0';  // no cell holds one
  }
  if (!groups_.empty() && key_cells == last_key_cells_) return &groups_[last_group_];
  const auto key = check_key(reference_, state, checklist, round, today_, line, problems_);
  if (!key) return nullptr;
  const auto [found, added] = group_by_key_.try_emplace(*key, groups_.size());
  if (added) {
    Group group;
    group.response.key = *key;
    group.response.first_row = line;
    group.problems = std::make_unique<ProblemSink>(file_name_, budget_);
    groups_.push_back(std::move(group));
  }
  last_key_cells_ = std::move(key_cells);
  last_group_ = found->second;
  return &groups_[last_group_];
}

ParsedFile ChecklistCsvParser::finish() {
  ParsedFile file;
  file.rows = rows_;
  const bool read = reader_.finish();
  if (!read) {
    const CsvFault& fault = *reader_.fault();
    problems_.add(fault.rule, fault.line, "", fault.message);
  } else if (!has_header_) {
    problems_.add(Rule::kEmptyFile, 0, "", "the file is empty");
  } else if (!wrong_header_ && rows_ == 0) {
    problems_.add(Rule::kNoRows, 0, "", "the file has no row below its header");
  }
  file.unreadable = !read || !has_header_ || wrong_header_;
  file.good = problems_.errors() == 0;
  file.responses.reserve(groups_.size());
  for (Group& group : groups_) {
    if (!file.unreadable) finish_group(group);
    file.good = file.good && group.problems->errors() == 0;
    file.problems_left_out += group.problems->left_out();
    group.response.problems = group.problems->take();
    file.responses.push_back(std::move(group.response));
    group.rows = {};
  }
  file.problems_left_out += problems_.left_out();
  file.problems = problems_.take();
  return file;
}

void ChecklistCsvParser::finish_group(Group& group) {
  if (group.rows.empty()) return;  // each of them was reported
  std::vector<const Row*> rows;
  rows.reserve(group.rows.size());
  for (const Row& row : group.rows) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [](const Row* left, const Row* right) {
    return (*left)[Column::kProvision] < (*right)[Column::kProvision];
  });
  check_response_cells(group);
  const Row& first = group.rows.front();
  ResponseText text{.state = first[Column::kState],
                    .checklist = first[Column::kChecklist],
                    .round = first[Column::kRound],
                    .submitted_on = first[Column::kSubmittedOn],
                    .answers = {},
                    .sharing = {},
                    .exceptions = {},
                    .row = first.line};
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end = std::find_if(begin, rows.end(), [&](const Row* row) {
      return (*row)[Column::kProvision] != (**begin)[Column::kProvision];
    });
    const std::vector<const Row*> of_answer(begin, end);
    check_agreement(group, of_answer);
    text.answers.push_back(answer_of(group, of_answer));
    const Row& row = **begin;
    if (!row[Column::kAudience].empty() || !row[Column::kAudienceUntil].empty()) {
      text.exceptions.emplace_back(
          row[Column::kProvision],
          sharing_of(row[Column::kAudience], row[Column::kAudienceUntil], row.line));
    }
    begin = end;
  }
  auto checked = check_response(reference_, text, today_, *group.problems);
  if (group.problems->errors() == 0) group.response.checked = std::move(checked);
}

void ChecklistCsvParser::check_response_cells(Group& group) {
  const Row& first = group.rows.front();
  for (const Row& row : group.rows) {
    for (const Column column : kResponseColumns) {
      if (row[column] != first[column]) disagree(group, row, first, column);
    }
  }
  if (const auto exercise = parse_choice(first[Column::kExercise])) {
    group.response.exercise = *exercise == Choice::kYes;
  } else {
    group.problems->add(Rule::kBadChoice, first.line, name(Column::kExercise),
                        in_quotes(first[Column::kExercise]) + " is not YES, NO or empty");
  }
}

// `rows` are those of one provision, in the order of the file.
void ChecklistCsvParser::check_agreement(Group& group, const std::vector<const Row*>& rows) {
  const Row& first = *rows.front();
  for (const Row* row : rows) {
    for (const Column column : kAnswerColumns) {
      if ((*row)[column] != first[column]) disagree(group, *row, first, column);
    }
    if ((*row)[Column::kType].empty() != first[Column::kType].empty()) {
      disagree(group, *row, first, Column::kType);
    }
  }
}

void ChecklistCsvParser::disagree(Group& group, const Row& row, const Row& first, Column column) {
  group.problems->add(Rule::kRowsDisagree, row.line, name(column),
                      in_quotes(row[column]) + " here, " + in_quotes(first[column]) + " on line " +
                          std::to_string(first.line));
}

AnswerText ChecklistCsvParser::answer_of(Group& group, const std::vector<const Row*>& rows) {
  const Row& first = *rows.front();
  AnswerText answer{.provision = first[Column::kProvision],
                    .compliance = first[Column::kCompliance],
                    .measures = first[Column::kMeasures],
                    .challenges = split_bar(first[Column::kChallenges]),
                    .challenges_text = first[Column::kChallengesText],
                    .needed = {},
                    .received_from = split_bar(first[Column::kReceivedFrom]),
                    .received_types = split_bar(first[Column::kReceivedType]),
                    .would_extend = first[Column::kWouldExtend],
                    .language = first[Column::kLanguage],
                    .row = first.line};
  // By what tells the rows of one answer apart. A map, since a hostile file has 200,000 of them.
  std::map<std::array<std::string_view, 3>, const Row*> seen;
  for (const Row* row : rows) {
    const Row& here = *row;
    const auto [twin, added] = seen.try_emplace(
        {here[Column::kType], here[Column::kTypeText], here[Column::kStatePriority]}, row);
    if (!added && same_answer(here, *twin->second)) {
      group.problems->add(Rule::kDuplicateRow, here.line, "",
                          "the same as line " + std::to_string(twin->second->line));
      continue;
    }
    if (here[Column::kType].empty() && here[Column::kTypeText].empty() &&
        here[Column::kStatePriority].empty()) {
      continue;  // none stated
    }
    answer.needed.push_back(NeededText{.type = here[Column::kType],
                                       .text = here[Column::kTypeText],
                                       .priority = here[Column::kStatePriority],
                                       .row = here.line});
  }
  return answer;
}

}  // namespace uncac::checklist_intake

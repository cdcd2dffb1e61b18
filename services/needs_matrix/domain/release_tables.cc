#include "needs_matrix/domain/release_tables.h"

#include <algorithm>

namespace uncac::needs_matrix {
namespace {

// What was given of one line by earlier releases: how many answered, and how many state a need.
struct GivenBefore {
  std::vector<std::int64_t> answered, stating;
};
std::vector<GivenBefore> given_before(const std::vector<std::uint8_t>& group_of,
                                      const EarlierColumns& earlier) {
  std::vector<GivenBefore> lines(kReleasedLines);
  for (const auto& [name, columns] : earlier) {
    const bool rate = name.measure == code(Measure::kResponseRate);
    for (const EarlierColumn& column : columns) {
      for (std::size_t line = 0; line < kReleasedLines; ++line) {
        if (!column.given[line]) continue;
        std::int64_t states = 0;
        for (std::size_t state = 0; state < group_of.size(); ++state) {
          const bool in =
              line == kReleasedGroups ? group_of[state] < kReleasedGroups : group_of[state] == line;
          states += in && column.counted[state];
        }
        (rate ? lines[line].answered : lines[line].stating).push_back(states);
      }
    }
  }
  return lines;
}

void leave_out(ReleasedLine& line) { line = {0, LeftOut::kGivesOthersAway}; }

// See tells_beside(). First what states a need, beside rates of before; then the rate, beside what
// is left and what was given before.
void keep_apart(const ReleaseMaterial& material, const std::vector<std::uint8_t>& group_of,
                const EarlierColumns& earlier, ReleaseLines& lines) {
  const auto beside_any = [](const std::vector<std::int64_t>& answered,
                             const std::vector<std::int64_t>& stating) {
    for (const std::int64_t one : answered) {
      for (const std::int64_t other : stating) {
        if (tells_beside(one, other)) return true;
      }
    }
    return false;
  };
  // A total beside all groups but one would give that one.
  const auto with_its_groups = [](std::vector<ReleasedLine>& column) {
    const bool all = std::all_of(column.begin(), column.end() - 1, [](const ReleasedLine& line) {
      return line.left_out == LeftOut::kNo;
    });
    if (!all && column.back().left_out == LeftOut::kNo) leave_out(column.back());
  };
  std::vector<GivenBefore> known = given_before(group_of, earlier);
  for (const bool rates : {false, true}) {
    for (std::size_t table = 0; table < lines.size(); ++table) {
      if ((material.tables[table].question.measure == Measure::kResponseRate) != rates) continue;
      for (auto& column : lines[table]) {
        for (std::size_t line = 0; line < column.size(); ++line) {
          if (column[line].left_out != LeftOut::kNo) continue;
          const std::vector<std::int64_t> value{column[line].value};
          const bool tells = rates ? beside_any(value, known[line].stating)
                                   : beside_any(known[line].answered, value);
          if (tells) leave_out(column[line]);
        }
        with_its_groups(column);
        for (std::size_t line = 0; line < column.size(); ++line) {
          if (column[line].left_out != LeftOut::kNo) continue;
          (rates ? known[line].answered : known[line].stating).push_back(column[line].value);
        }
      }
    }
  }
}

}  // namespace

ColumnName name_of(const ReleaseTable& table, const ReleaseColumn& column) {
  return {std::string(code(table.question.measure)),
          table.question.columns ? std::string(code(*table.question.columns)) : std::string(),
          column.code};
}

ReleaseLines decide_release(const ReleaseMaterial& material,
                            const std::vector<std::uint8_t>& group_of,
                            const EarlierColumns& earlier) {
  ReleaseLines lines;
  for (const ReleaseTable& table : material.tables) {
    auto& of_table = lines.emplace_back();
    for (const ReleaseColumn& column : table.columns) {
      const auto before = earlier.find(name_of(table, column));
      of_table.push_back(release_lines(
          column.counted, group_of, kReleasedGroups, column.unknown,
          before == earlier.end() ? std::span<const EarlierColumn>() : before->second));
    }
  }
  keep_apart(material, group_of, earlier, lines);
  return lines;
}

}  // namespace uncac::needs_matrix

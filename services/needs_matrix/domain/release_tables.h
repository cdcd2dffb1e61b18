// The tables of a release: every line decided beside all others, of this release and of those
// before.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "needs_matrix/domain/release_columns.h"

namespace uncac::needs_matrix {

// The regional groups; "in no group" comes last among them and is none. A column has a line for
// each and one for their total.
inline constexpr std::size_t kReleasedGroups = reference::kGroupCount - 1;
inline constexpr std::size_t kReleasedLines = kReleasedGroups + 1;
static_assert(static_cast<std::size_t>(reference::Group::kNone) == kReleasedGroups);

// What a column is called from release to release.
struct ColumnName {
  std::string measure, columns, code;
  auto operator<=>(const ColumnName&) const = default;
};
ColumnName name_of(const ReleaseTable& table, const ReleaseColumn& column);

using EarlierColumns = std::map<ColumnName, std::vector<EarlierColumn>>;

// By table and column of the material: its lines. `group_of` holds each State's group.
using ReleaseLines = std::vector<std::vector<std::vector<ReleasedLine>>>;
ReleaseLines decide_release(const ReleaseMaterial& material,
                            const std::vector<std::uint8_t>& group_of,
                            const EarlierColumns& earlier);

}  // namespace uncac::needs_matrix

// Which totals over withheld answers may be published: the arithmetic of a release.
//
// Domain rule 2: "whole regional groups, at least three States in each figure, and at least three
// States changed since the release before". Read so that no figure, nor the difference of two,
// gives one State's answer away to a reader who takes off what he sees, or ever saw:
// - a figure counts at least three States;
// - of the States of which a reader does not know whether they are counted, at least three are and
//   at least three are not: else he knows of each of them;
// - a line that was given before is given again only when, beside each time it was given, at least
//   three States changed in it (fewer, none included, look alike); of those unknown to a reader
//   none or at least three;
// - the total over the groups is given only when every group is: else subtraction gives one away.
// A focal point knows one State more, its own: two others are left, which is why it is three.
// States in no regional group are in no release: they are too few to be a figure, and a total with
// them would give them away. A State that widens later may still tell something of an old release:
// that is its own act.
//
// Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace uncac::needs_matrix {

// "At least three States."
inline constexpr std::int64_t kLeastStates = 3;

// One bit per State.
using StateBits = std::vector<bool>;

// A column of an earlier release: who was counted, and which of its lines were given.
struct EarlierColumn {
  StateBits counted;
  std::vector<bool> given;  // the groups, then the total
};

enum class LeftOut : std::uint8_t { kNo, kTooFewStates, kTooFewChanged, kGivesOthersAway };
std::string_view code(LeftOut why);  // "" "too-few-states" "too-few-changed" "gives-others-away"

struct ReleasedLine {
  std::int64_t value = 0;  // 0 when left out
  LeftOut left_out = LeftOut::kNo;
  bool operator==(const ReleasedLine&) const = default;
};

// The lines of one column: one for each group, then their total. `group_of` holds each State's
// group; those of `groups` and above are in no line. `unknown` holds, for each kind of reader, the
// States of which he cannot work out whether they are counted; `earlier` every column of this name
// in earlier releases. All sets range over the same States.
std::vector<ReleasedLine> release_lines(const StateBits& counted,
                                        std::span<const std::uint8_t> group_of, std::size_t groups,
                                        std::span<const StateBits> unknown,
                                        std::span<const EarlierColumn> earlier);

// States that answered, beside those of them that state a need: where nearly all do, a reader knows
// it of each that he saw answer. So of two such numbers of one line, in one release or in two, the
// difference is of at least three States, or the later one is left out.
bool tells_beside(std::int64_t answered, std::int64_t stating);

}  // namespace uncac::needs_matrix

// Which totals over withheld answers may be published: the arithmetic of a release.
//
// Domain rule 2: "whole regional groups, at least three States in each figure, and at least three
// States changed since the release before". Read so that no figure, nor the difference of two,
// gives one State's answer away to a reader who takes off what he sees already:
// - a figure counts at least three States;
// - of the States of which a reader does not see enough to know whether they state a need, at least
//   three do and at least three do not: else he knows of each of them;
// - likewise of those of which he does not know whether they answered at least three did. That all
// of
//   a group did is told: it is what a response rate is for, and says nothing of any answer;
// - a figure that was given before is given again only when at least three States changed in it
//   (fewer, none included, look alike), of those unknown to a reader none or at least three;
// - the total over the groups is given only when every group is: else subtraction gives one away.
// States in no regional group are in no release: they are too few to be a figure, and a total with
// them would give them away.
//
// Pure. A later widening by a State may still tell something of an old release: that is its act.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace uncac::needs_matrix {

// One bit per State.
using StateBits = std::vector<bool>;

// Who is in the figures of one column.
struct Contribution {
  StateBits counted;  // in the value
  StateBits based;    // in the base
  bool operator==(const Contribution&) const = default;
};

// What one reader cannot work out from the answers he sees.
struct Unknown {
  StateBits counted;
  StateBits based;
};

// A column of an earlier release: who was in it, and which of its lines were given.
struct EarlierColumn {
  Contribution contribution;
  std::vector<bool> given;  // the groups, then the total
};

enum class LeftOut : std::uint8_t { kNo, kTooFewStates, kTooFewChanged, kGivesOthersAway };
std::string_view code(LeftOut why);  // "" "too-few-states" "too-few-changed" "gives-others-away"

struct ReleasedLine {
  std::int64_t value = 0, base = 0;  // meaningless when left out
  LeftOut left_out = LeftOut::kNo;
  bool operator==(const ReleasedLine&) const = default;
};

// What being counted means: stating a need, or having answered.
enum class Counts : std::uint8_t { kStating, kAnswered };

// The lines of one column: one for each group, then their total. `group_of` holds each State's
// group; those of `groups` and above are in no line. `unknown` is of every kind of reader,
// `earlier` the newest release first. All sets range over the same States.
std::vector<ReleasedLine> release_lines(Counts counts, const Contribution& now,
                                        std::span<const std::uint8_t> group_of, std::size_t groups,
                                        std::span<const Unknown> unknown,
                                        std::span<const EarlierColumn> earlier);

}  // namespace uncac::needs_matrix

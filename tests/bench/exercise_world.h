// The exercise data folded in this process, for any number of times as many States.
//
// The matrix at its real size has 197 States × 199 items. For more cells there are more States:
// the generator of the exercise data runs once for each copy, with another seed, and its answers
// are given to States that are in the same regional group and subregion as those they were drawn
// for. Parsing, Fold, standing answers and the pivot are those of the service; only the list of
// States is longer than any data file may make it.
#pragma once

#include <cstdint>
#include <memory>

#include "needs_matrix/domain/fold.h"
#include "needs_matrix/domain/pivot.h"

namespace uncac::bench {

struct WorldSize {
  int copies = 1;    // × 197 States
  int versions = 1;  // of each response, a day apart, each with other answers
};

// Of what `scripts/run` loads too: copy 0, version 1 are its very answers.
inline constexpr std::uint64_t kSeed = 2009;

struct ExerciseWorld {
  std::shared_ptr<const needs_matrix::Items> items;
  std::shared_ptr<const needs_matrix::Snapshot> snapshot;
  needs_matrix::Day today;
};

// Ends the program with a reason when the generator breaks a rule of intake: then there is nothing
// to measure.
ExerciseWorld make_world(const WorldSize& size);

}  // namespace uncac::bench

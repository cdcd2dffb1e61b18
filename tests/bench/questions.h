// The questions that are asked in this process.
#pragma once

#include <string>

#include "bench/exercise_world.h"

namespace uncac::bench {

struct AskedAs {
  needs_matrix::RawQuestion question;
  access::Scope reader;
};

inline access::Scope provider_ex1() {
  return access::Scope::of({access::Role::kProvider, "", "", "EX1"});
}

// As the service does for each call that no cached answer serves: check the question, answer it.
inline needs_matrix::MatrixAnswer compute(const ExerciseWorld& world, const AskedAs& asked,
                                          needs_matrix::StandingTables& tables) {
  const auto question = needs_matrix::parse_question(*world.items, asked.question, world.today);
  return needs_matrix::answer(*question, asked.reader, *world.snapshot, tables);
}

}  // namespace uncac::bench

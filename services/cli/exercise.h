// Invented responses of all States, to exercise the system with: never a real State's answers.
#pragma once

#include <cstdint>
#include <string>

#include "reference/reference.h"

namespace uncac::cli {

// A checklist CSV with the column `exercise` set: every State's answers to both checklists in two
// rounds each (uncac-2007: 2007 and 2009; uncac-comprehensive: 2010 and 2015), about one in ten of
// them NOT_ANSWERED, ordered by State, checklist, round and provision. Breaks no rule of intake on
// any day from 2016 on. The shares are plausible inventions, no statistics of anything.
//
// The bytes depend on the reference data and the seed alone: all draws come from a counter-based
// generator written out in exercise.cc, none from the standard library.
std::string exercise_responses_csv(const reference::Reference& reference, std::uint64_t seed);

}  // namespace uncac::cli

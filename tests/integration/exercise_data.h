// The exercise responses of the first States of the list.
#pragma once

#include <set>
#include <string>

#include "integration/questions.h"

namespace uncac::testing {

// A checklist file with all responses of the first `states` States: four for each.
inline std::string exercise_csv(System& system, std::size_t states) {
  std::string csv;
  std::set<std::string> taken;
  for (const std::string& line :
       lines_of(answer(system, "", {"exercise", "responses", "--seed", "2009", "--out", "-"}))) {
    if (!csv.empty()) {
      const std::string state = line.substr(0, 3);
      if (!taken.contains(state) && taken.size() == states) break;
      taken.insert(state);
    }
    csv += line + "\n";
  }
  return csv;
}

}  // namespace uncac::testing

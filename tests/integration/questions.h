// What readers ask through the command line, as values that tests compare.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "support/suite.h"

namespace uncac::testing {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& text);

// Runs the command line and expects exit code 0.
std::string answer(System& system, const std::string& reader,
                   const std::vector<std::string>& arguments);

// `needs list` of one State, as JSON by key of the need.
std::map<std::string, json> needs_of(System& system, const std::string& reader,
                                     const std::string& state);

// `needs follow --until-caught-up`, of one State or (state empty) of all.
struct Feed {
  std::vector<json> events;  // without the last, which says that the end was reached
  std::string position;      // of the end
};
Feed follow(System& system, const std::string& reader, const std::string& state,
            const std::string& from);

// "stated KEY" and "removed KEY because", in the order sent.
std::vector<std::string> changes_in(const Feed& feed);

// Figures of a matrix without columns: row code → figure as printed.
std::map<std::string, std::string> figures(System& system, const std::string& reader,
                                           const std::vector<std::string>& arguments);

// Live and published digests of the whole matrix, as `admin rebuild --check` prints them.
std::string digests(System& system);

// The outcome, version and token of each response, as `response submit --format csv` prints them.
struct Filed {
  std::string state, checklist, round, outcome, version, token;
};
std::vector<Filed> filed_in(const std::string& csv);

}  // namespace uncac::testing

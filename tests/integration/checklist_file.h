// Checklist files as tests write them.
#pragma once

#include <string>
#include <vector>

namespace uncac::testing {

// One row of a checklist CSV. Only the fields that a test is about need a value.
struct Row {
  std::string state;
  std::string provision;
  std::string type = {};
  std::string audience = {};
  std::string type_text = {};
  std::string state_priority = {};
  std::string checklist = "uncac-2007";
  std::string round = "2009";
  std::string compliance = "NO";
  std::string challenges = "INTERAGENCY";
  std::string language = "en";
};

inline constexpr const char* kChecklistHeader =
    "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
    "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
    "audience,audience_until\n";

inline std::string checklist_csv(const std::vector<Row>& rows) {
  std::string text = kChecklistHeader;
  for (const Row& row : rows) {
    text += row.state + "," + row.checklist + "," + row.round + ",," + row.language + "," +
            row.provision + "," + row.compliance + ",," + row.challenges + ",," + row.type + "," +
            row.type_text + "," + row.state_priority + ",,,," + row.audience + ",\n";
  }
  return text;
}

}  // namespace uncac::testing

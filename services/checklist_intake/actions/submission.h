// One submission, from when its text is checked until what became of it is known. It lives on the
// stack of its call.
#pragma once

#include <optional>
#include <vector>

#include "checklist_intake/actions/file_response.h"

namespace uncac::checklist_intake {

struct Submission {
  const platform::Call& call;
  const FilingRequest filing;
  const Idempotency idempotency;                  // without a key: none
  const std::vector<platform::Problem> warnings;  // of the text itself
  const ProblemBudget budget;                     // left by them

  std::string state;  // whose it is, ISO 3166-1 alpha-3
  std::optional<platform::Result<checklist::v1::SubmitReply>> outcome = {};
};

}  // namespace uncac::checklist_intake

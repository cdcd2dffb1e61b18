// Files one response: the step that Submit and ImportResponses share.
#pragma once

#include <optional>

#include "checklist_intake/domain/changes.h"
#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

struct FilingRequest {
  const CheckedResponse& checked;
  bool exercise = false;
  bool dry_run = false;
  std::optional<int> expected_version;  // kConflict when the newest is another; 0: there is none
};

// Decides and carries out what the filing changes, in the caller's transaction: version, sharing
// decisions, audit row, events. No reply when a rule is broken: `problems` says which, and nothing
// was written. With dry_run nothing is written in any case.
platform::Result<std::optional<checklist::v1::SubmitReply>> file_response(
    platform::Transaction& transaction, const IntakeParts& parts, const platform::Call& call,
    const FilingRequest& request, ProblemSink& problems);

}  // namespace uncac::checklist_intake

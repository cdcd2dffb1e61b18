// Files responses: the step that Submit and ImportResponses share.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "checklist_intake/domain/changes.h"
#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

struct FilingRequest {
  const CheckedResponse& checked;
  bool exercise = false;
  bool dry_run = false;
  std::optional<int> expected_version;  // kConflict when the newest is another; 0: there is none
};

// No reply when a rule is broken: the problems say which, and nothing was written.
using Filed = platform::Result<std::optional<checklist::v1::SubmitReply>>;

// One of several that are filed together.
struct FilingJob {
  const platform::Call& call;
  const FilingRequest& request;
  ProblemSink& problems;
};

// Decides and carries out what each filing changes, in the caller's transaction: version, sharing
// decisions, audit row, events. Each is of another State, whose lock is held; the events of a State
// lie in the outbox in the order of its decisions and versions. What is refused has written
// nothing, so the others go on without it; an error of the whole is the transaction's end. With
// dry_run nothing is written in any case, and no lock is needed.
platform::Result<std::vector<Filed>> file_responses(platform::Transaction& transaction,
                                                    const IntakeParts& parts,
                                                    std::span<const FilingJob> jobs);
// The same of one; takes the State's lock.
Filed file_response(platform::Transaction& transaction, const IntakeParts& parts,
                    const platform::Call& call, const FilingRequest& request,
                    ProblemSink& problems);

}  // namespace uncac::checklist_intake

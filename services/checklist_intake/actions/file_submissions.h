// How the queue files submissions: see FilingQueue::Work.
#pragma once

#include <span>

#include "checklist_intake/actions/submission.h"

namespace uncac::checklist_intake {

// In one transaction. What breaks a rule, or that nobody waits for any more, gets its own outcome
// and leaves the others alone. No outcome, and nothing written, for one whose State is locked
// elsewhere, and for all when the transaction failed by what one of them may have brought.
void file_together(const IntakeParts& parts, std::span<Submission* const> group);
// Waits for the State's lock.
void file_alone(const IntakeParts& parts, Submission& submission);
// What filing it would do, without doing it: of a dry run.
platform::Result<checklist::v1::SubmitReply> check_only(const IntakeParts& parts,
                                                        const Submission& submission);

// What a submission that breaks rules is answered with; takes the problems out.
platform::Error refused(ProblemSink& problems);

}  // namespace uncac::checklist_intake

// Submits one response, given as a message.
#pragma once

#include "checklist_intake/actions/filing_queue.h"

namespace uncac::checklist_intake {

// Checked here, then filed through `queue`, together with others that wait. A dry run goes past it.
platform::Result<checklist::v1::SubmitReply> submit(const IntakeParts& parts, FilingQueue& queue,
                                                    const platform::Call& call,
                                                    const checklist::v1::SubmitRequest& request);

}  // namespace uncac::checklist_intake

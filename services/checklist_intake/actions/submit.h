// Submits one response, given as a message.
#pragma once

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

platform::Result<checklist::v1::SubmitReply> submit(const IntakeParts& parts,
                                                    const platform::Call& call,
                                                    const checklist::v1::SubmitRequest& request);

}  // namespace uncac::checklist_intake

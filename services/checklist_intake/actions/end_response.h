// Withdraws a response (from today on) or voids it (from all days).
#pragma once

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

platform::Result<checklist::v1::EndReply> withdraw_response(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::WithdrawRequest& request);
platform::Result<checklist::v1::EndReply> void_response(const IntakeParts& parts,
                                                        const platform::Call& call,
                                                        const checklist::v1::VoidRequest& request);

}  // namespace uncac::checklist_intake

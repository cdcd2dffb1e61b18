// A State says who may read its answers, apart from filing any.
#pragma once

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

// Only the State's own focal point: kForbidden to everybody else. Decisions, audit row and events
// commit together; with dry_run, or when nothing is new, nothing is written.
platform::Result<checklist::v1::SetSharingReply> set_sharing(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::SetSharingRequest& request);

}  // namespace uncac::checklist_intake

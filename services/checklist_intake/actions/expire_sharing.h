// Ends audiences whose last day has passed. An end is an event like any decision, so that whoever
// folds the log needs no clock.
#pragma once

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

// Writes RESTRICTED for every State × provision whose decision ended before today. Doing it twice,
// or in two processes at once, writes nothing more. Decisions ended.
platform::Result<std::int64_t> expire_sharing(const IntakeParts& parts);

}  // namespace uncac::checklist_intake

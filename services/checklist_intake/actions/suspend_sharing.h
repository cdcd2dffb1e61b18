// What a restored store must not do: widen again what a State narrowed after the backup.
#pragma once

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

// A decision to narrow may be lost with the store that was replaced. So every decision in force
// that is wider than RESTRICTED becomes RESTRICTED, with an event and an audit row, and keeps what
// held before as suspended, for its State to reinstate. Doing it twice changes nothing more.
platform::Status suspend_sharing(platform::Transaction& transaction,
                                 const platform::AfterRestore& restore);

}  // namespace uncac::checklist_intake

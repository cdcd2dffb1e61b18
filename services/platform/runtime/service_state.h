// Where a service stands, for its operators.
#pragma once

#include "platform/runtime/settle.h"
#include "uncac/operations/v1/operations.pb.h"

namespace uncac::platform {

// Without what is of the program alone. `relayed`: a relay empties the outbox into the log. A log
// that does not answer leaves out what it would have said.
Result<operations::v1::ServiceState> read_service_state(const SettledStore& settled, EventLog& log,
                                                        bool relayed, Moment now);

}  // namespace uncac::platform

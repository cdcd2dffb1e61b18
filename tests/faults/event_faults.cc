#include "faults/fault.h"

namespace uncac::testing {

std::vector<Fault> event_faults() { return {}; }

}  // namespace uncac::testing

#include "faults/fault.h"

namespace uncac::testing {

std::vector<Fault> machine_faults() { return {}; }

}  // namespace uncac::testing

// Puts the parts of the needs matrix together, for its own program and for the suite.
#pragma once

#include <memory>

#include "platform/runtime/service.h"
#include "reference/reference.h"

namespace uncac::needs_matrix {

platform::ServiceDescription describe(std::shared_ptr<const reference::Reference> reference);

}  // namespace uncac::needs_matrix

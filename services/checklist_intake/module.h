// Puts the parts of checklist intake together, for its own program and for the suite.
#pragma once

#include <memory>

#include "platform/runtime/service.h"
#include "reference/reference.h"

namespace uncac::checklist_intake {

platform::ServiceDescription describe(std::shared_ptr<const reference::Reference> reference);

}  // namespace uncac::checklist_intake

// Reading an event's headers from where they lie; not for services.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "platform/events/event.h"

namespace uncac::platform {

// As from_headers(), without a copy of each name and value first: a replica reads its whole log at
// start, and spent half of that time on copies.
Status from_header_views(std::span<const std::pair<std::string_view, std::string_view>> headers,
                         Event& event);

}  // namespace uncac::platform

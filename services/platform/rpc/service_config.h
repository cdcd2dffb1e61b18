// What a channel does about servers that are away, in gRPC's own words. Private to the room.
#pragma once

#include <string>
#include <vector>

namespace uncac::platform {

// A service config in JSON: health checks, a budget for retries, and a retry policy for those
// methods of the services that have an idempotency_level in their proto.
std::string service_config(const std::vector<std::string>& services);

}  // namespace uncac::platform

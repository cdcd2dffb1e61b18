// The OpenAPI 3.1 document of all that the gateway answers over HTTP.
#pragma once

#include <string>

namespace uncac::gateway::openapi {

// JSON, made by the build: see generate.cc.
const std::string& document();

}  // namespace uncac::gateway::openapi

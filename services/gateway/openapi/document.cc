#include "gateway/openapi/document.h"

#include "embedded/kOpenApi.h"

namespace uncac::gateway::openapi {

const std::string& document() {
  static const std::string text(kOpenApi.front().second);
  return text;
}

}  // namespace uncac::gateway::openapi

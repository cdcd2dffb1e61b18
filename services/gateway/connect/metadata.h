// Headers of HTTP as metadata of gRPC, and back.
#pragma once

#include <grpcpp/grpcpp.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/backends.h"
#include "gateway/http/exchange.h"
#include "platform/result.h"

namespace uncac::gateway::connect {

using Metadata = std::vector<std::pair<std::string, std::string>>;
using Received = std::multimap<grpc::string_ref, grpc::string_ref>;

// What of a request's headers goes to the service: all that is neither HTTP's own nor the
// protocol's. kInvalidInput for a binary header that is no base64, and for a value that gRPC cannot
// carry.
platform::Result<Metadata> to_metadata(const http::Headers& headers);
// The same of a request, with its trace where the caller has begun none.
platform::Result<Metadata> to_metadata(const http::Exchange& exchange);
// How a request's call reaches its service: as whom, and by which stub.
struct Way {
  Metadata metadata;
  grpc::GenericStub* stub = nullptr;
};
// Of "/package.Service/Method". kUnavailable where that service is not here.
platform::Result<Way> way_to(const Backends& backends, const http::Exchange& exchange,
                             const char* method);
// `prefix` is "trailer-" for what came after the answer.
void add_headers(const Received& metadata, std::string_view prefix, http::Headers& headers);

}  // namespace uncac::gateway::connect

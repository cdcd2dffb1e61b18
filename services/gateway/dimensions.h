// A query string whose parameters are fields of a question, and else dimensions of the needs with
// the values wanted: `?rows=chapter&state=KEN,UGA`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/http/message.h"
#include "platform/result.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::gateway {

// The name of a parameter and what takes its value.
using Field = std::pair<std::string_view, std::function<void(std::string)>>;

// kTooLarge for more than 50 parameters. Whether a dimension exists is the service's to say.
platform::Status read_question(const http::Request& request, const std::vector<Field>& fields,
                               google::protobuf::RepeatedPtrField<needs::v1::Filter>& where);

}  // namespace uncac::gateway

// Problems as the contract carries them.
#pragma once

#include "platform/error.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::platform {

Problem from_proto(const common::v1::Problem& problem);

}  // namespace uncac::platform

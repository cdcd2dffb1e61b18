// An audience as people and files write it: RESTRICTED, NAMED:<provider>|…, PROVIDERS, PUBLIC.
#pragma once

#include <string_view>

#include "platform/result.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::formats {

// Of no text nothing is filled in. The error names `parameter`, which is where the text came from.
platform::Status fill_audience(std::string_view text, std::string_view parameter,
                               checklist::v1::SharingChoice& choice);

}  // namespace uncac::formats

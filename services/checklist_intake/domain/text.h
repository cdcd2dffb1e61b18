// What the checklist's files and the messages about them need of text; the rest is the platform's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/text.h"

namespace uncac::checklist_intake {

using platform::blank;
using platform::scan_text;
using platform::TextFault;
using platform::TextScan;
using platform::trimmed;

// The trimmed parts between `|` that are not empty.
std::vector<std::string_view> split_bar(std::string_view text);

// `"KEN"`: fit for a message of one line in valid UTF-8 without control characters, whatever was
// read; long text is cut.
std::string in_quotes(std::string_view text);

}  // namespace uncac::checklist_intake

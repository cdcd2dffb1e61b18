// Submits the responses of a checklist file: the one place where such files are parsed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "checklist_intake/intake_parts.h"

namespace uncac::checklist_intake {

// Reads pieces from `next_piece` until it gives none (an error: the file is not whole), then files
// what it found and sends problems, responses and one summary through `send`. Without keep_good the
// file is one transaction: all of it or nothing. With keep_good each response stands for itself,
// and is sent as soon as it is on disk. A broken rule is no error of the call: the summary and the
// problems tell.
platform::Status import_responses(
    const IntakeParts& parts, const platform::Call& call,
    const checklist::v1::ImportOptions& options,
    const std::function<platform::Result<std::optional<std::string>>()>& next_piece,
    const std::function<bool(const checklist::v1::ImportReply&)>& send);

}  // namespace uncac::checklist_intake

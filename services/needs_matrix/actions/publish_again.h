// Every need to the topics again: for a log that lost something, or that is ahead of a restored
// store.
#pragma once

#include "platform/runtime/service.h"

namespace uncac::needs_matrix {

// Marks the rows and sends the writer back to the start of its topic: it says each need again, and
// that those which the topics hold and nothing states any more are gone. Rows marked.
platform::Result<std::int64_t> publish_again(platform::Transaction& transaction,
                                             const platform::PublishAgain& again);

}  // namespace uncac::needs_matrix

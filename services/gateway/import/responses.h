// POST /import/responses: a checklist file over HTTP, to the call that the command line uses too.
#pragma once

#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/connect/codec.h"
#include "gateway/http/exchange.h"

namespace uncac::gateway::import {

// More than any file is; the service has its own limits and says what breaks them.
inline constexpr std::size_t kLargestFile = 256u << 20;

// Safe for concurrent use; outlives the server whose handler it is.
class Responses {
 public:
  Responses(const Backends& backends, Calls& calls) : backends_(backends), calls_(calls) {}
  // The file is the body. Parameters: `dry_run=1`, `keep_good=1`, `exercise=1`, `file` (its name,
  // for problems), `audience` and `audience_until` for rows that name none. 200 with `summary` and
  // `responses` when nothing was refused; else a problem with the same and `problems`, of which
  // each names row, column and rule.
  http::Task<> handle(http::Exchange& exchange) const;

 private:
  const Backends& backends_;
  Calls& calls_;
  const connect::Transcoder transcoder_;
};

}  // namespace uncac::gateway::import

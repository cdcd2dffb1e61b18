// GET /export/…: what is on record, as files.
#pragma once

#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/http/exchange.h"

namespace uncac::gateway::exports {

// The header Uncac-Position says where the feed goes on from what was exported. A parameter that an
// export does not have is a dimension with the values wanted: `?state=KEN,UGA`.
class Exports {
 public:
  Exports(const Backends& backends, Calls& calls) : backends_(backends), calls_(calls) {}

  // /export/matrix.csv and .xlsx: `rows`, `columns`, `measure`, `as_of`, `language`, `order_by`,
  // `reader` as in QueryMatrixRequest.
  http::Task<> matrix(http::Exchange& exchange) const;
  // /export/needs.csv and .jsonl: `as_of`, `language`, `reader`; or `since=<position>`, for what
  // changed after it, the last change of each need, removals with their reason. An export that
  // breaks off is no whole answer of HTTP either.
  http::Task<> needs(http::Exchange& exchange) const;

 private:
  http::Task<> changes(http::Exchange& exchange, const std::string& since) const;

  const Backends& backends_;
  Calls& calls_;
};

}  // namespace uncac::gateway::exports

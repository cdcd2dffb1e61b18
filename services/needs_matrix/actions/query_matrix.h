// The pivot, through the cache.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

// The bytes of a QueryMatrixReply: what the cache knows is not read to be written again.
platform::Result<std::string> query_matrix(const MatrixParts& parts, const platform::Call& call,
                                           const access::Scope& scope,
                                           const needs::v1::QueryMatrixRequest& request);

}  // namespace uncac::needs_matrix

// The pivot, through the cache.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::QueryMatrixReply> query_matrix(
    const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
    const needs::v1::QueryMatrixRequest& request);

}  // namespace uncac::needs_matrix

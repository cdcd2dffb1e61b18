// The needs one by one, as the reader may see them.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::ListNeedsReply> list_needs(const MatrixParts& parts,
                                                       const platform::Call& call,
                                                       const access::Scope& scope,
                                                       const needs::v1::ListNeedsRequest& request);

}  // namespace uncac::needs_matrix

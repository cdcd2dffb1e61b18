// How one need came to be, as the reader may see it.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::GetNeedHistoryReply> get_need_history(
    const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
    const needs::v1::GetNeedHistoryRequest& request);

}  // namespace uncac::needs_matrix

// Folds the whole log again and compares with the live fold, and the needs with what is published.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::CheckRebuildReply> check_rebuild(const MatrixParts& parts,
                                                             const platform::Call& call);

}  // namespace uncac::needs_matrix

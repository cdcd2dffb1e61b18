// Publishes totals over answers that nobody else may see one by one.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

// kFailedPrecondition when no figure at all could be given, or after a restore: nothing is kept
// then.
platform::Result<needs::v1::Release> make_release(const MatrixParts& parts,
                                                  const platform::Call& call,
                                                  const needs::v1::MakeReleaseRequest& request);

}  // namespace uncac::needs_matrix

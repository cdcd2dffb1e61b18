// Published totals: making a release, and reading those that were made.
#pragma once

#include "access/caller.h"
#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

// kFailedPrecondition when no figure at all could be given: nothing is kept then.
platform::Result<needs::v1::Release> make_release(const MatrixParts& parts,
                                                  const platform::Call& call,
                                                  const needs::v1::MakeReleaseRequest& request);
platform::Result<needs::v1::Release> get_release(const MatrixParts& parts,
                                                 const needs::v1::GetReleaseRequest& request);
platform::Result<needs::v1::ListReleasesReply> list_releases(
    const MatrixParts& parts, const needs::v1::ListReleasesRequest& request);

}  // namespace uncac::needs_matrix

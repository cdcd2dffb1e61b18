// Published totals as everybody reads them.
#pragma once

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

platform::Result<needs::v1::Release> get_release(const MatrixParts& parts,
                                                 const needs::v1::GetReleaseRequest& request);
platform::Result<needs::v1::ListReleasesReply> list_releases(
    const MatrixParts& parts, const needs::v1::ListReleasesRequest& request);

// Releases are kept without names: they are looked up in the reader's language. A code that the
// reference data no longer know stands for itself.
void name_headers(const Items& items, Language language, needs::v1::Release& release);
// Empty is English; kInvalidInput for what is none of the six.
platform::Result<Language> release_language(const std::string& text);

}  // namespace uncac::needs_matrix

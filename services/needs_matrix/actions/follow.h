// The needs feed for one reader.
#pragma once

#include <functional>

#include "needs_matrix/matrix_parts.h"

namespace uncac::needs_matrix {

// Sends changes through `send` until it returns false (the reader is gone), the streams are ended,
// or everything asked for was sent. Every event is held against today's audience and against the
// one it was written under; a removal is told only to those who could see what is removed.
platform::Status follow(const MatrixParts& parts, const platform::Call& call,
                        const access::Scope& scope, const needs::v1::FollowRequest& request,
                        const std::function<bool(const needs::v1::FollowReply&)>& send);

}  // namespace uncac::needs_matrix

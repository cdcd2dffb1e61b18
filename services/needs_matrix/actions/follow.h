// The needs feed for one reader.
#pragma once

#include <memory>

#include "needs_matrix/matrix_parts.h"
#include "platform/rpc/turns.h"

namespace uncac::needs_matrix {

// Gives changes until the streams are ended, or everything asked for was given. Every event is held
// against today's audience and against the one it was written under; a removal is told only to
// those who could see what is removed. `parts` and `call` outlive it.
platform::Result<std::unique_ptr<platform::TurnSource<needs::v1::FollowReply>>> follow(
    const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
    const needs::v1::FollowRequest& request);

}  // namespace uncac::needs_matrix

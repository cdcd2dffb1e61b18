// What the actions of the needs matrix share. Lent to each; owned by the module.
#pragma once

#include <atomic>
#include <memory>

#include "needs_matrix/domain/question.h"
#include "needs_matrix/domain/standing.h"
#include "needs_matrix/feed.h"
#include "needs_matrix/live_matrix.h"
#include "needs_matrix/position_token.h"
#include "platform/cache/cache.h"
#include "platform/runtime/service.h"

namespace uncac::needs_matrix {

struct MatrixParts {
  const platform::ServiceContext context;  // references, and a few words
  LiveMatrix& live;
  StandingTables& tables;
  Feed& feed;
  platform::CachedAnswers& answers;
  const std::atomic<bool>& streams_ended;  // the server is about to stop

  const reference::Reference& reference() const { return live.items().reference(); }
  platform::Day today() const { return platform::day_of(context.clock.now()); }
};

// The name of the group that writes the needs topics.
inline constexpr const char* kWriterName = "needs_matrix.writer";

// Freshness as asked for, checked.
platform::Result<Freshness> read_freshness(const MatrixParts& parts,
                                           const needs::v1::Freshness& message);
std::vector<Filter> read_filters(
    const google::protobuf::RepeatedPtrField<needs::v1::Filter>& messages);

// A view no older than asked, and the token that names it. The feed's part of the token is taken
// first and the fold then waited for, so that no change lies between the answer and the feed.
struct FreshView {
  LiveMatrix::View view;
  PositionToken token;
};
platform::Result<FreshView> fresh_view(const MatrixParts& parts,
                                       const needs::v1::Freshness& freshness,
                                       const platform::Call& call);

// Until everything that the checklist topic holds now has been folded, compared and published, and
// this replica's feed has it. kUnavailable when `limit` passed first.
platform::Status wait_until_published(const MatrixParts& parts, const platform::Call& call,
                                      std::chrono::milliseconds limit);

}  // namespace uncac::needs_matrix

// What the actions of the needs matrix share. Lent to each; owned by the module.
#pragma once

#include <atomic>
#include <functional>
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
  std::atomic<int>& log_readers;           // streams that read the log just now
  const platform::Sealer& sealer;          // of positions
  const std::string made_by;               // what else answers come of: this build and its data
  // Both logs were read to the end that they had at the start. Before that the fold holds decisions
  // that were narrowed later, so nobody is answered and nothing is published.
  std::function<bool()> caught_up;
  // Everything that checklist intake had committed by then is in the fold.
  std::function<platform::Instant()> known_until;

  const reference::Reference& reference() const { return live.items().reference(); }
  platform::Day today() const { return platform::day_of(context.clock.now()); }
};

// The name of the group that writes the needs topics.
inline constexpr const char* kWriterName = "needs_matrix.writer";

// kUnavailable while this replica still reads the logs.
platform::Status must_be_caught_up(const MatrixParts& parts);

// kUnavailable, too, when this replica cannot tell that it knows all that States had decided 5 s
// ago: one may have narrowed an audience. Who reads all of every State asked about is answered all
// the same.
platform::Status must_know_audiences(const MatrixParts& parts, const access::Scope& scope,
                                     const Selection& selection);

// Freshness as asked for, checked. A version token says that a State has filed, so only who reads
// all of that State may wait for one: kForbidden to others, whether the version exists or not.
platform::Result<Freshness> read_freshness(const MatrixParts& parts, const access::Scope& scope,
                                           const needs::v1::Freshness& message);
// kTooLarge for more than 50 filters, or 1,000 values in one.
platform::Result<std::vector<Filter>> read_filters(
    const google::protobuf::RepeatedPtrField<needs::v1::Filter>& messages);

// kInvalidInput with this one problem.
platform::Error refused(const std::string& what, const std::string& field, const std::string& rule,
                        const std::string& message);

// Whose sight a question is answered with: the caller's own, or that of the reader he names, for
// who reads all of every State asked about (a State sees what a provider sees of it). kForbidden to
// others, kInvalidInput for no reader.
platform::Result<access::Scope> reading_as(const MatrixParts& parts, const access::Scope& scope,
                                           const Selection& selection, const std::string& reader);

// A view no older than asked, and the token that names it. The feed's part of the token is taken
// first and the fold then waited for, so that no change lies between the answer and the feed.
struct FreshView {
  LiveMatrix::View view;
  PositionToken token;
};
platform::Result<FreshView> fresh_view(const MatrixParts& parts, const access::Scope& scope,
                                       const Selection& selection,
                                       const needs::v1::Freshness& freshness,
                                       const platform::Call& call);

// Until this replica has folded the partition of the checklist topic up to `next`, or as far as it
// goes: it may have lost its end since `next` was written down. kUnavailable when it is behind.
platform::Status wait_until_folded(const MatrixParts& parts, int partition, std::int64_t next);

// Whether everything that the checklist topic held at begin() has been folded, compared and
// published, and this replica's feed has it.
class PublishedSoFar {
 public:
  static platform::Result<PublishedSoFar> begin(const MatrixParts& parts);
  platform::Result<bool> reached(const MatrixParts& parts);

 private:
  explicit PublishedSoFar(platform::Position end) : end_(std::move(end)) {}
  platform::Position end_;
  std::optional<std::vector<std::int64_t>> numbers_;  // once it was written: of the feed's last
};
// How often to ask: the writer may be another process, and its progress is seen in the store alone.
inline constexpr std::chrono::milliseconds kAskAgain{5};
platform::Error feed_is_behind();

// Waits for that. kUnavailable when `limit` passed first.
platform::Status wait_until_published(const MatrixParts& parts, const platform::Call& call,
                                      std::chrono::milliseconds limit);

}  // namespace uncac::needs_matrix

// The fold as it lives in a running replica: fed by the log, read by questions, waited for by those
// who must see their own write.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "needs_matrix/domain/fold.h"
#include "needs_matrix/translate.h"
#include "platform/events/consumer.h"
#include "platform/rpc/call.h"
#include "platform/runtime/metrics.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::needs_matrix {

// A version token, read: see SubmitReply.version_token and SetSharingReply.version_token.
struct VersionToken {
  VersionKey key;            // version 0 in "KEN@s17": no version, only the State
  bool ended = false;        // "+end": and it was withdrawn or voided
  std::int64_t sharing = 0;  // "s17": and the State's sharing decisions up to this number
  std::int64_t epoch = 1;  // "+e2": of this epoch; numbers of before a restore are given out again
};
platform::Result<VersionToken> parse_version_token(const reference::Reference& reference,
                                                   const std::string& text);

// What an answer must know before it is given.
struct Freshness {
  std::vector<VersionToken> tokens;
  std::optional<platform::Position> at_least;
};

// Safe for concurrent use.
class LiveMatrix final : public platform::Projection {
 public:
  LiveMatrix(std::shared_ptr<const Items> items, platform::Metrics& metrics);

  void start_over(const platform::Position& start) override;
  void apply(std::span<const platform::Record> batch, const platform::Position& position) override;
  void caught_up() override;

  struct View {
    std::shared_ptr<const Snapshot> snapshot;
    platform::Position position;  // of the checklist topic
  };
  View view();
  // Waits for it, at most until the call's deadline: then kUnavailable, nothing is half answered.
  // kPositionExpired for what a restore has taken back, and for a position of another log.
  platform::Result<View> view(const Freshness& freshness, const platform::Call& call);
  // Until the fold reached `next` in this partition. False when `limit` passed first.
  bool wait_for(int partition, std::int64_t next, std::chrono::milliseconds limit);

  struct Digests {
    std::string digest;
    platform::Position position;
    std::size_t versions = 0;
  };
  Digests digests();
  const Items& items() const { return *items_; }

 private:
  // What was folded of one log, from its start.
  struct Folded {
    explicit Folded(const std::shared_ptr<const Items>& items);
    platform::Result<std::optional<StateIndex>> apply(Fact fact);
    Fold fold;
    platform::Position position;
    // By State: highest epoch and, in it, sequence number of a sharing decision.
    std::vector<std::pair<std::int64_t, std::int64_t>> sharing_seen;
  };

  platform::Result<bool> knows(const VersionToken& token);
  platform::Result<bool> knows(const Freshness& freshness);
  View locked_view();

  const std::shared_ptr<const Items> items_;
  platform::Metrics::Counter& unreadable_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Folded folded_;  // what questions see
  // While the log is read again: takes the place of `folded_` once it has caught up. Until then
  // questions see what was known before, and nobody who waits for something newer goes on.
  std::optional<Folded> next_;
};

}  // namespace uncac::needs_matrix

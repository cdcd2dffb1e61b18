// The one position that outsiders see. It holds two: how far the checklist topic is folded in an
// answer ("at least this"), and from where the feed goes on after it ("changes since").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/events/event.h"
#include "platform/sealer.h"
#include "platform/time.h"

namespace uncac::needs_matrix {

struct PositionToken {
  platform::Position folded;  // of the checklist topic
  platform::Position feed;    // of the restricted needs topic
  // By partition: the highest feed number at or before that place. What comes again behind it after
  // a failure is known by its number.
  std::vector<std::int64_t> numbers = std::vector<std::int64_t>(platform::kPartitions, 0);
  platform::Day issued;  // the feed keeps every change for kFeedWindow from then
  // By partition of the checklist topic: how far the list or matrix was folded that the holder
  // began with; 0 without one. It may be ahead of the feed, and changes that were computed from no
  // more than this are in it already.
  std::vector<std::int64_t> listed = std::vector<std::int64_t>(platform::kPartitions, 0);
  bool operator==(const PositionToken&) const = default;
};

// A consumer that was away longer starts over: tombstones live 30 days on the topics, and a margin
// is left for clocks and slow readers.
inline constexpr std::chrono::days kFeedWindow{25};

// Of no log: whoever goes on from there starts over.
platform::Position nowhere();

// Sealed: how far a log has grown would tell strangers when somebody files what they may not see.
std::string encode(const platform::Sealer& sealer, const PositionToken& token);
// kInvalidInput for what encode() did not write.
platform::Result<PositionToken> decode_position_token(const platform::Sealer& sealer,
                                                      std::string_view text);

}  // namespace uncac::needs_matrix

// The needs feed as a running replica holds it: the newest state of every need, the latest changes
// in memory, and for older positions the log itself. Rule 2 is asked for every event that leaves.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/caller.h"
#include "needs_matrix/live_matrix.h"
#include "platform/events/consumer.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::needs_matrix {

// Headers of the restricted topic beside those of CloudEvents; no outsider reads that topic.
inline constexpr const char* kAudienceBefore = "audiencebefore";  // "" when it was not published
inline constexpr const char* kFeedNumber = "feednumber";          // of the partition, from 1
inline constexpr const char* kFoldedNext =
    "foldednext";  // checklist offset the writer had folded to

// The number in one of these headers; kInvalidInput when it is not there or no number.
platform::Result<std::int64_t> number_in(const platform::Event& event, const char* header);

// One record of the restricted topic, read once and shared by all followers.
struct FeedEntry {
  std::string need;
  std::string id, time;
  StateIndex state = 0;
  ProvisionIndex provision = 0;
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t number = 0;       // kFeedNumber
  std::int64_t folded_next = 0;  // kFoldedNext
  std::string audience_before;   // as its writer says
  // What stood before on this very log; null: nothing, or it is not known. After a loss the log has
  // more than its writer knows.
  std::shared_ptr<const needs::v1::Need> need_before;
  std::shared_ptr<const needs::v1::Need> need_after;  // null: gone
};

// "PROVIDERS", "NAMED:EX1|EX2" and so on: how an event and a published row say an audience.
std::string audience_text(access::Audience audience, const std::vector<std::string>& named);
struct AudienceValue {
  access::Audience audience = access::Audience::kRestricted;
  std::vector<std::string> named;
};
std::optional<AudienceValue> parse_audience_text(const std::string& text);

// Safe for concurrent use.
class Feed final : public platform::Projection {
 public:
  Feed(const reference::Reference& reference, platform::Metrics& metrics,
       std::size_t recent = 50'000);

  void start_over(const platform::Position& start) override;
  void apply(std::span<const platform::Record> batch, const platform::Position& position) override;
  void caught_up() override;

  struct Head {
    platform::Position position;
    std::vector<std::int64_t> folded_next;  // by partition: highest kFoldedNext
    std::vector<std::int64_t> numbers;      // by partition: highest kFeedNumber
  };
  Head head();

  // The newest state of every need, and where changes go on after it.
  struct Whole {
    std::vector<std::shared_ptr<const FeedEntry>> needs;  // by key
    platform::Position position;
    std::vector<std::int64_t> numbers;  // by partition: highest kFeedNumber
    std::uint64_t next = 0;             // index of the first change after it
  };
  Whole whole();

  // Changes from index `next` on. Moves `next` past them.
  // `lost` when they are no longer in memory: read the log from your position instead.
  struct Changes {
    std::vector<std::shared_ptr<const FeedEntry>> entries;
    platform::Position position;  // after them
    bool lost = false;
    bool started_over = false;  // `next` is of another log, or of before this one lost its end
  };
  Changes changes(std::uint64_t& next, std::size_t most);

  // The index from which on memory holds every change after `position`; nullopt when it does not
  // reach back so far. Then the log is read until it does.
  std::optional<std::uint64_t> index_of(const platform::Position& position);

  // Whether a change lies before `position` with a number above those that were passed there: the
  // log has lost its end since, and has grown past it again. What is told after it would lack that
  // change.
  bool grew_past(const platform::Position& position, const std::vector<std::int64_t>& passed);

  // Until records with these numbers were applied, one of each partition.
  bool wait_for_numbers(const std::vector<std::int64_t>& numbers, std::chrono::milliseconds limit);

  // A record as an entry; an error for one that this system did not write.
  platform::Result<std::shared_ptr<FeedEntry>> read(const platform::Record& record) const;
  // Who is told after every change of what followers see. Set before there are any.
  void on_change(std::function<void()> told) { told_ = std::move(told); }

 private:
  using Entry = std::shared_ptr<const FeedEntry>;
  // What was read of one log, from its start.
  struct Contents {
    Contents();
    void take(std::shared_ptr<FeedEntry> entry);
    // Forgets the oldest changes beyond `most`; how many those are.
    std::size_t shorten(std::size_t most);

    std::map<std::string, Entry> newest;
    // Of every need that was ever stated. After a failure the last records come again.
    std::unordered_map<std::string, std::int64_t> number_of;
    std::deque<Entry> recent;
    // Each by partition.
    std::vector<std::int64_t> forgotten_next;  // offsets below are not in `recent`
    std::vector<std::int64_t> numbers;
    std::vector<std::int64_t> folded_next;
    platform::Position position;
  };

  void tell();

  const reference::Reference& reference_;
  platform::Metrics::Counter& unreadable_;
  const std::size_t most_recent_;
  std::function<void()> told_ = [] {};
  std::mutex mutex_;
  std::condition_variable changed_;
  Contents contents_;  // what followers see
  // While the log is read again: takes the place of `contents_` once it has caught up.
  std::optional<Contents> next_;
  std::uint64_t first_index_ = 0;        // of contents_.recent.front()
  std::uint64_t first_of_contents_ = 0;  // what it was when `contents_` took its place
};

}  // namespace uncac::needs_matrix

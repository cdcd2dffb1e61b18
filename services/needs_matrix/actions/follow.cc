#include "needs_matrix/actions/follow.h"

#include <atomic>

#include "access/token.h"
#include "needs_matrix/domain/question.h"
#include "needs_matrix/domain/telling.h"
#include "needs_matrix/translate.h"

namespace uncac::needs_matrix {
namespace {

using platform::Position;
using platform::Reason;
using platform::Result;
using platform::Status;
using platform::Turn;
using std::chrono::milliseconds;

// How soon an identity that has ended is noticed, or that decisions may be unknown.
constexpr auto kPause = milliseconds(250);
constexpr auto kPublishLimit = milliseconds(10'000);
constexpr auto kLogLimit = milliseconds(50);  // to wait for the log's next records
constexpr std::size_t kBatch = 500;
// A reader of the log has threads and memory of its own.
constexpr int kMostLogReaders = 32;

class Session final : public platform::TurnSource<needs::v1::FollowReply> {
 public:
  Session(const MatrixParts& parts, const platform::Call& call, access::Scope scope,
          Selection selection, const needs::v1::FollowRequest& request)
      : parts_(parts),
        call_(call),
        scope_(std::move(scope)),
        selection_(std::move(selection)),
        from_(request.from()),
        until_caught_up_(request.until_caught_up()),
        tell_caught_up_(until_caught_up_ || request.tell_caught_up()),
        give_up_(parts.context.clock.steady_now() + kPublishLimit) {}

  Result<Turn> turn(std::vector<needs::v1::FollowReply>& out) override {
    out_ = &out;
    UNCAC_TRY(may_go_on());
    if (!begun_) {
      UNCAC_ASSIGN(const bool published, published_so_far());
      if (!published) return Turn{false, kAskAgain};
      target_ = parts_.feed.head().position;
      UNCAC_TRY(begin());
      begun_ = true;
      return Turn{};
    }
    if (given_ < whole_.size()) {
      UNCAC_TRY(give_whole());
      return Turn{};
    }
    if (tell_caught_up_ && at_.covers(target_)) {
      needs::v1::FollowReply reply;
      reply.set_kind(needs::v1::CHANGE_KIND_CAUGHT_UP);
      deliver(reply);
      tell_caught_up_ = false;
      return Turn{until_caught_up_, {}};
    }
    return next_ ? step() : catch_up();
  }

 private:
  Status may_go_on() {
    const std::optional<platform::Moment>& ends = access::caller_of(call_).ends;
    if (ends && parts_.context.clock.now() >= *ends) {
      return platform::make_error(Reason::kUnauthenticated, "your token has ended");
    }
    UNCAC_TRY(must_know_audiences(parts_, scope_, selection_));
    if (parts_.streams_ended) {
      return platform::make_error(Reason::kUnavailable, "going away; go on from your position");
    }
    return {};
  }

  // For who wants an end: that it is not before what was on record when he asked.
  Result<bool> published_so_far() {
    if (!until_caught_up_) return true;
    if (!published_) {
      UNCAC_ASSIGN(published_, PublishedSoFar::begin(parts_));
    }
    UNCAC_ASSIGN(const bool reached, published_->reached(parts_));
    if (!reached && parts_.context.clock.steady_now() >= give_up_) return feed_is_behind();
    return reached;
  }

  Status begin() {
    if (from_ == "start") {
      begin_whole();
      return {};
    }
    if (from_.empty()) {
      Feed::Head head = parts_.feed.head();
      at_ = std::move(head.position);
      telling_ = Telling(std::move(head.numbers));
    } else {
      UNCAC_ASSIGN(PositionToken token, decode_position_token(parts_.sealer, from_));
      UNCAC_ASSIGN(const bool lost, lies_nowhere(token.feed, token.numbers));
      if (lost || parts_.today() - token.issued > kFeedWindow) {
        restart();
        return {};
      }
      // Another replica's clock may have begun the day before this one's.
      if (token.issued > parts_.today() + std::chrono::days(1)) {
        return platform::make_error(Reason::kInvalidInput, "a position of a day to come");
      }
      at_ = std::move(token.feed);
      telling_ = Telling(std::move(token.numbers));
      if (token.folded.log_id == parts_.live.view().position.log_id) {
        listed_ = std::move(token.listed);
      }
    }
    next_ = parts_.feed.index_of(at_);
    return {};
  }

  // A position of another log, or of what this one has lost since with its end.
  Result<bool> lies_nowhere(const Position& position, const std::vector<std::int64_t>& passed) {
    const Position head = parts_.feed.head().position;
    if (position.log_id != head.log_id) return true;
    if (parts_.feed.grew_past(position, passed)) return true;
    if (head.covers(position)) return false;
    UNCAC_ASSIGN(const Position end, parts_.context.log.end(kRestrictedTopic));
    return !end.covers(position);
  }

  void restart() {
    needs::v1::FollowReply reply;
    reply.set_kind(needs::v1::CHANGE_KIND_RESTARTED);
    at_ = nowhere();
    deliver(reply);
    begin_whole();
  }

  // The newest state of every need, and then the changes after it. Until the last one is out, the
  // position given is that of no log: whoever breaks off before starts over.
  void begin_whole() {
    Feed::Whole whole = parts_.feed.whole();
    telling_ = Telling(whole.numbers);
    listed_.assign(platform::kPartitions, 0);
    whole_ = std::move(whole.needs);
    std::erase_if(whole_, [this](const auto& entry) { return !selected(*entry); });
    given_ = 0;
    after_whole_ = std::move(whole.position);
    at_ = whole_.empty() ? after_whole_ : nowhere();
    next_ = whole.next;
    log_.reset();
  }

  Status give_whole() {
    const std::size_t end = std::min(given_ + kBatch, whole_.size());
    for (; given_ < end; ++given_) {
      const FeedEntry& entry = *whole_[given_];
      UNCAC_ASSIGN(const bool visible, visible_now(entry));
      if (visible) {
        // One behind: which is the last one is not known before all have been looked at.
        if (held_back_) deliver_stated(*held_back_);
        held_back_ = whole_[given_];
      } else {
        // Its audience narrowed a moment ago and the event is under way.
        telling_.keep(entry.need);
      }
    }
    if (given_ < whole_.size()) return {};
    at_ = std::move(after_whole_);
    if (held_back_) deliver_stated(*held_back_);
    held_back_.reset();
    whole_.clear();
    given_ = 0;
    return {};
  }

  Result<Turn> step() {
    std::uint64_t next = *next_;
    const Feed::Changes changes = parts_.feed.changes(next, kBatch);
    if (changes.started_over) {
      restart();
      return Turn{};
    }
    if (changes.lost) {
      next_.reset();
      return Turn{};
    }
    for (const auto& entry : changes.entries) UNCAC_TRY(pass(*entry));
    next_ = next;
    if (!changes.entries.empty()) return Turn{};
    // Offsets grow with gaps: with nothing left to read, the position is the log's own.
    if (!changes.position.covers(at_) || at_.covers(changes.position)) return Turn{false, kPause};
    at_ = changes.position;
    return Turn{};
  }

  // From the log itself, until memory reaches back far enough.
  Result<Turn> catch_up() {
    if (!log_) {
      if (readers_ == nullptr) {
        readers_ = std::shared_ptr<void>(nullptr, [&open = parts_.log_readers](void*) { --open; });
        if (++parts_.log_readers > kMostLogReaders) {
          return platform::make_error(Reason::kOverloaded,
                                      "too many read the log from an old position; ask again");
        }
      }
      UNCAC_ASSIGN(log_, parts_.context.log.read(kRestrictedTopic, at_));
    }
    auto records = log_->poll(kBatch, kLogLimit, {});
    if (!records) return std::move(records).error();
    for (const platform::Record& record : *records) {
      const auto entry = parts_.feed.read(record);
      if (entry) UNCAC_TRY(pass(**entry));
    }
    next_ = parts_.feed.index_of(at_);
    if (next_) {
      log_.reset();
      readers_.reset();
    }
    return Turn{};
  }

  Status pass(const FeedEntry& entry) {
    std::int64_t& seen = at_.next[static_cast<std::size_t>(entry.partition)];
    if (entry.offset < seen) return {};
    seen = entry.offset + 1;
    if (!selected(entry) ||
        entry.folded_next <= listed_[static_cast<std::size_t>(entry.partition)]) {
      telling_.skip(entry.partition, entry.number);
      return {};
    }
    UNCAC_ASSIGN(const bool visible, visible_now(entry));
    switch (telling_.tell(
        {entry.need, entry.partition, entry.number, visible, visible_before(entry)})) {
      case Told::kNothing:
        return {};
      case Told::kStated:
        deliver_stated(entry);
        return {};
      case Told::kRemoved:
        return deliver_removed(entry);
    }
    return {};
  }

  Status deliver_removed(const FeedEntry& entry) {
    needs::v1::FollowReply reply;
    reply.set_kind(needs::v1::CHANGE_KIND_REMOVED);
    reply.set_need(entry.need);
    // That the answer changed is itself an answer: only for whom the provision is still shared
    // with.
    UNCAC_ASSIGN(const bool shared, shared_today(entry));
    reply.set_removed_because(shared && !entry.need_after ? "changed" : "not shared");
    reply.set_id(entry.id);
    reply.set_time(entry.time);
    deliver(reply);
    return {};
  }

  // Stated, under an audience that reached the reader when it was written and reaches it today.
  Result<bool> visible_now(const FeedEntry& entry) {
    if (!reached(entry, entry.need_after.get())) return false;
    return shared_today(entry);
  }

  // By what the writer knew, or by what this log said: what was told from either must be taken
  // back.
  bool visible_before(const FeedEntry& entry) const {
    if (reached(entry, entry.need_before.get())) return true;
    const auto before = parse_audience_text(entry.audience_before);
    return before && scope_.sees(iso3(entry), before->audience, before->named);
  }

  bool reached(const FeedEntry& entry, const needs::v1::Need* need) const {
    if (need == nullptr) return false;
    const auto written = from_proto(need->audience());
    const std::vector<std::string> named(need->named().begin(), need->named().end());
    return written && scope_.sees(iso3(entry), *written, named);
  }

  // Does today's decision on the provision reach the reader.
  Result<bool> shared_today(const FeedEntry& entry) {
    // The decision that an event was written under must be folded before it is asked for.
    UNCAC_TRY(wait_until_folded(parts_, entry.partition, entry.folded_next));
    if (scope_.reads_all_of(iso3(entry))) return true;
    const auto snapshot = parts_.live.view().snapshot;
    const ItemIndex item = parts_.live.items().item_of(entry.provision);
    if (item == kNoItem) return false;
    const StateSharing::Group* today = snapshot->sharing[entry.state]->decision(item);
    return today != nullptr && scope_.reads_shared(today->audience, today->named);
  }

  bool selected(const FeedEntry& entry) const {
    const ItemIndex item = parts_.live.items().item_of(entry.provision);
    if (item == kNoItem || !selection_.states[entry.state] || !selection_.items.test(item)) {
      return false;
    }
    if (!selection_.types) return true;
    const auto type = parts_.reference().type(entry.need.substr(entry.need.rfind(':') + 1));
    return type && ((*selection_.types >> *type) & 1) != 0;
  }

  void deliver_stated(const FeedEntry& entry) {
    needs::v1::FollowReply reply;
    reply.set_kind(needs::v1::CHANGE_KIND_STATED);
    reply.set_need(entry.need);
    needs::v1::Need& need = *reply.mutable_state_after();
    need = *entry.need_after;
    if (!scope_.sees_names(iso3(entry))) need.clear_named();
    // The wider topics carry no free text; the feed gives a reader what the topics would.
    if (!scope_.reads_all_of(iso3(entry))) need.clear_type_text();
    reply.set_id(entry.id);
    reply.set_time(entry.time);
    deliver(reply);
  }

  void deliver(needs::v1::FollowReply& reply) {
    reply.set_position(
        encode(parts_.sealer, PositionToken{parts_.live.view().position, at_, telling_.passed(),
                                            parts_.today(), listed_}));
    out_->push_back(std::move(reply));
  }

  std::string_view iso3(const FeedEntry& entry) const {
    return parts_.reference().states()[entry.state].iso3;
  }

  const MatrixParts& parts_;
  const platform::Call& call_;
  const access::Scope scope_;
  const Selection selection_;
  const std::string from_;
  const bool until_caught_up_;
  bool tell_caught_up_;                                 // still to be done
  const platform::Instant give_up_;                     // waiting for published_
  std::vector<needs::v1::FollowReply>* out_ = nullptr;  // of this turn

  std::optional<PublishedSoFar> published_;
  bool begun_ = false;
  Position target_;  // of tell_caught_up_
  Position at_;      // everything before it was passed
  // What he began with, by partition: see PositionToken.
  std::vector<std::int64_t> listed_ = std::vector<std::int64_t>(platform::kPartitions, 0);
  std::optional<std::uint64_t> next_;  // in the feed's memory; nullopt: the log must be read
  Telling telling_{std::vector<std::int64_t>(platform::kPartitions, 0)};
  // What there was when it began from the start: given up to `given_`, and the last of them.
  std::vector<std::shared_ptr<const FeedEntry>> whole_;
  std::size_t given_ = 0;
  std::shared_ptr<const FeedEntry> held_back_;
  Position after_whole_;
  std::unique_ptr<platform::LogReader> log_;
  std::shared_ptr<void> readers_;  // its place among the readers of the log
};

// What stands at a provision may change without the key changing, so the feed filters by the key.
Status only_key_dimensions(const std::vector<Filter>& filters) {
  for (const Filter& filter : filters) {
    for (const char* not_in_key : {"compliance", "challenge", "round", "need_state", "coverage"}) {
      if (filter.dimension != not_in_key) continue;
      platform::Error error =
          platform::make_error(Reason::kInvalidInput, "the feed cannot be filtered by that");
      error.problems.push_back({"", 0, filter.dimension, platform::Severity::kError,
                                "dimension-not-in-feed",
                                "a feed is filtered by State, provision and type"});
      return error;
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<platform::TurnSource<needs::v1::FollowReply>>> follow(
    const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
    const needs::v1::FollowRequest& request) {
  UNCAC_ASSIGN(const std::vector<Filter> filters, read_filters(request.where()));
  UNCAC_TRY(only_key_dimensions(filters));
  UNCAC_ASSIGN(NeedsQuestion question,
               parse_needs_question(parts.live.items(), filters, "", "", parts.today()));
  return std::unique_ptr<platform::TurnSource<needs::v1::FollowReply>>(
      std::make_unique<Session>(parts, call, scope, std::move(question.selection), request));
}

}  // namespace uncac::needs_matrix

#include "needs_matrix/actions/follow.h"

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
using std::chrono::milliseconds;

constexpr auto kPoll = milliseconds(250);  // how soon an ended or left stream is noticed
constexpr auto kPublishLimit = milliseconds(10'000);
constexpr std::size_t kBatch = 500;

class Session {
 public:
  Session(const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
          Selection selection, const std::function<bool(const needs::v1::FollowReply&)>& send)
      : parts_(parts), call_(call), scope_(scope), selection_(std::move(selection)), send_(send) {}

  Status run(const std::string& from, bool until_caught_up) {
    UNCAC_TRY(must_know_audiences(parts_, scope_, selection_));
    if (until_caught_up) UNCAC_TRY(wait_until_published(parts_, call_, kPublishLimit));
    const Position target = parts_.feed.head().position;
    UNCAC_TRY(begin(from));
    while (open_) {
      if (until_caught_up && at_.covers(target)) {
        needs::v1::FollowReply reply;
        reply.set_kind(needs::v1::CHANGE_KIND_CAUGHT_UP);
        deliver(reply);
        return {};
      }
      if (call_.cancelled()) return {};
      if (access::caller_of(call_).ends &&
          parts_.context.clock.now() >= *access::caller_of(call_).ends) {
        return platform::make_error(Reason::kUnauthenticated, "your token has ended");
      }
      UNCAC_TRY(must_know_audiences(parts_, scope_, selection_));
      if (parts_.streams_ended) {
        return platform::make_error(Reason::kUnavailable, "going away; go on from your position");
      }
      UNCAC_TRY(step());
    }
    return {};
  }

 private:
  Status begin(const std::string& from) {
    if (from == "start") return send_whole();
    if (from.empty()) {
      Feed::Head head = parts_.feed.head();
      at_ = std::move(head.position);
      telling_ = Telling(std::move(head.numbers));
    } else {
      UNCAC_ASSIGN(PositionToken token, decode_position_token(parts_.sealer, from));
      UNCAC_ASSIGN(const bool lost, lies_nowhere(token.feed, token.numbers));
      if (lost || parts_.today() - token.issued > kFeedWindow) return restart();
      // Another replica's clock may have begun the day before this one's.
      if (token.issued > parts_.today() + std::chrono::days(1)) {
        return platform::make_error(Reason::kInvalidInput, "a position of a day to come");
      }
      at_ = std::move(token.feed);
      telling_ = Telling(std::move(token.numbers));
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

  Status restart() {
    needs::v1::FollowReply reply;
    reply.set_kind(needs::v1::CHANGE_KIND_RESTARTED);
    at_ = nowhere();
    deliver(reply);
    return send_whole();
  }

  // The newest state of every need that the reader may see, and then the changes after it. Until
  // the last one is out, the position given is that of no log: whoever breaks off before starts
  // over.
  Status send_whole() {
    const Feed::Whole whole = parts_.feed.whole();
    telling_ = Telling(whole.numbers);
    std::vector<const FeedEntry*> visible;
    for (const auto& entry : whole.needs) {
      if (!selected(*entry)) continue;
      UNCAC_ASSIGN(const bool seen, visible_now(*entry));
      if (seen) {
        visible.push_back(entry.get());
      } else {
        // Its audience narrowed a moment ago and the event is under way.
        telling_.keep(entry->need);
      }
    }
    at_ = nowhere();
    for (std::size_t i = 0; i < visible.size() && open_; ++i) {
      if (i + 1 == visible.size()) at_ = whole.position;
      deliver_stated(*visible[i]);
    }
    at_ = whole.position;
    next_ = whole.next;
    return {};
  }

  Status step() {
    if (!next_) return catch_up();
    std::uint64_t next = *next_;
    const Feed::Changes changes = parts_.feed.changes(next, kBatch, kPoll);
    if (changes.started_over) return restart();
    if (changes.lost) {
      next_.reset();
      return {};
    }
    for (const auto& entry : changes.entries) UNCAC_TRY(pass(*entry));
    next_ = next;
    // Offsets grow with gaps: with nothing left to read, the position is the log's own.
    if (changes.entries.empty() && changes.position.covers(at_)) at_ = changes.position;
    return {};
  }

  // From the log itself, until memory reaches back far enough.
  Status catch_up() {
    UNCAC_ASSIGN(const auto reader, parts_.context.log.read(kRestrictedTopic, at_));
    while (open_ && !call_.cancelled() && !parts_.streams_ended) {
      auto records = reader->poll(kBatch, kPoll, {});
      if (!records) return std::move(records).error();
      for (const platform::Record& record : *records) {
        const auto entry = parts_.feed.read(record);
        if (entry) UNCAC_TRY(pass(**entry));
      }
      next_ = parts_.feed.index_of(at_);
      if (next_) return {};
    }
    return {};
  }

  Status pass(const FeedEntry& entry) {
    std::int64_t& seen = at_.next[static_cast<std::size_t>(entry.partition)];
    if (entry.offset < seen) return {};
    seen = entry.offset + 1;
    if (!open_) return {};
    if (!selected(entry)) {
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
    reply.set_position(encode(parts_.sealer, PositionToken{parts_.live.view().position, at_,
                                                           telling_.passed(), parts_.today()}));
    if (open_ && !send_(reply)) open_ = false;
  }

  std::string_view iso3(const FeedEntry& entry) const {
    return parts_.reference().states()[entry.state].iso3;
  }

  const MatrixParts& parts_;
  const platform::Call& call_;
  const access::Scope& scope_;
  const Selection selection_;
  const std::function<bool(const needs::v1::FollowReply&)>& send_;
  bool open_ = true;
  Position at_;                        // everything before it was passed
  std::optional<std::uint64_t> next_;  // in the feed's memory; nullopt: the log must be read
  Telling telling_{std::vector<std::int64_t>(platform::kPartitions, 0)};
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

Status follow(const MatrixParts& parts, const platform::Call& call, const access::Scope& scope,
              const needs::v1::FollowRequest& request,
              const std::function<bool(const needs::v1::FollowReply&)>& send) {
  UNCAC_ASSIGN(const std::vector<Filter> filters, read_filters(request.where()));
  UNCAC_TRY(only_key_dimensions(filters));
  UNCAC_ASSIGN(NeedsQuestion question,
               parse_needs_question(parts.live.items(), filters, "", "", parts.today()));
  return Session(parts, call, scope, std::move(question.selection), send)
      .run(request.from(), request.until_caught_up());
}

}  // namespace uncac::needs_matrix

#include "platform/events/consumer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "platform/events/dead_letters.h"
#include "platform/events/overlap.h"
#include "platform/events/pause.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kWait{500};
constexpr auto kLagEvery = seconds(1);
// A store that one member cannot reach may be there for another: after so long it lets go.
constexpr auto kLongestTrying = seconds(15);
constexpr std::size_t kLongestReason = 1'000;

enum class Outcome {
  kDone,
  kFenced,   // another member moved a position of ours: nothing of this batch was done
  kLost,     // the group took partitions away while we tried
  kGivenUp,  // what it does cannot be stored from here, for a long time now
  kStopped,
};

// At most kLongestReason bytes, no character cut in two.
std::string shortened(const std::string& text) {
  std::size_t end = std::min(text.size(), kLongestReason);
  while (end > 0 && end < text.size() && (text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

// What a handler is not asked about: a record that did not come from us.
Status check_readable(std::span<const Record> batch) {
  for (const Record& record : batch) {
    if (is_malformed(record.event)) {
      return make_error(Reason::kInvalidInput,
                        "malformed: " + record.event.extensions.at("malformed"));
    }
  }
  return {};
}

// The event as it came, on the dead-letter topic, with where it lay and why it could not be
// handled.
Event dead_letter(const Record& record, const std::string& reason, const std::string& consumer,
                  const Clock& clock) {
  Event letter = record.event;
  letter.topic = dead_letter_topic(record.event.topic);
  letter.extensions["dlq-reason"] = shortened(reason);
  letter.extensions["dlq-topic"] = record.event.topic;
  letter.extensions["dlq-partition"] = std::to_string(record.event.partition);
  letter.extensions["dlq-offset"] = std::to_string(record.offset);
  letter.extensions["dlq-consumer"] = consumer;
  if (!is_malformed(record.event)) return letter;
  // It has no revision; its place is one, so that no two of one key are taken for the same.
  letter.extensions.erase("malformed");
  letter.revision = {0, record.offset};
  letter.type = "uncac.platform.v1.Malformed";
  letter.source = "/uncac/platform";
  letter.time = format_moment(clock.now());
  if (letter.key.empty()) {
    letter.key =
        "malformed/" + std::to_string(letter.partition) + "/" + std::to_string(record.offset);
  }
  return letter;
}

}  // namespace

// Where each partition of ours stands: in the store as we last saw it, and in the log.
class Consumer::Positions final : public Assignment {
 public:
  Positions(Store& store, const ConsumerOptions& options, Metrics::Counter& rebalances)
      : store_(store), options_(options), rebalances_(rebalances) {}

  void reset(std::string log_id) {
    log_id_ = std::move(log_id);
    places_.clear();
    overlap_.clear();
    assigned_ = false;
    ++generation_;
  }

  Result<std::vector<std::int64_t>> begin(const std::vector<int>& partitions) override {
    UNCAC_ASSIGN(auto stored, read_stored());
    assigned_ = true;
    ++generation_;
    rebalances_.add();
    std::vector<std::int64_t> offsets;
    bool other_log = false;
    for (const int partition : partitions) {
      const Place& place = places_[partition] = stored[partition];
      const bool same_log = place.log_id == log_id_;
      other_log = other_log || (place.stored && !same_log);
      overlap_.forget(partition);
      if (!place.stored || !same_log) {
        offsets.push_back(0);
      } else if (place.last_event.empty()) {
        offsets.push_back(place.next);
      } else {
        overlap_.expect(partition, place.next - 1, place.last_event);
        offsets.push_back(place.next - 1);
      }
    }
    if (other_log) {
      log::warning("consumer starts over: its position is of another log",
                   {{"consumer", options_.name}, {"topic", options_.topic}});
    }
    return offsets;
  }

  void lost(const std::vector<int>& partitions) override {
    ++generation_;
    for (const int partition : partitions) {
      places_.erase(partition);
      overlap_.forget(partition);
    }
    assigned_ = !places_.empty();
  }

  // A partition is read from the last event that was handled on. That one is taken out of the batch
  // here. Another event in its place: the log lost its end and grew again, and what lies below the
  // position is new. Then the position is given up and kPositionExpired returned.
  Status drop_overlap(std::vector<Record>& batch) {
    const std::vector<int> cut = overlap_.take_out(batch);
    if (cut.empty()) return {};
    const Status forgotten = store_.write([&](Transaction& transaction) -> Status {
      for (const int partition : cut) {
        UNCAC_TRY(transaction.execute(
            "UPDATE consumer_position SET log_id = '' WHERE consumer = $1 AND topic = $2 AND "
            "partition_number = $3 AND next_offset = $4",
            {options_.name, options_.topic, std::int64_t{partition}, places_[partition].next}));
      }
      return {};
    });
    if (!forgotten) return forgotten;
    return make_error(Reason::kPositionExpired,
                      "the log lost events that were handled already, and has grown again");
  }

  // Whether the store still has what we saw last. An operator, or a store that was put back, may
  // have had all handled again.
  Result<bool> still_stored() const {
    UNCAC_ASSIGN(const auto stored, read_stored());
    return std::all_of(places_.begin(), places_.end(), [&](const auto& ours) {
      const auto found = stored.find(ours.first);
      if (found == stored.end()) return !ours.second.stored;
      return ours.second.stored && found->second.log_id == ours.second.log_id &&
             found->second.next == ours.second.next;
    });
  }

  // Records between what is stored and `end`, in our partitions. Not known while the group has yet
  // to say which those are: a member that joins again and again is not at the log's end each time.
  std::optional<std::int64_t> behind(const Position& end) const {
    if (!assigned_) return std::nullopt;
    std::int64_t sum = 0;
    for (const auto& [partition, place] : places_) {
      const std::int64_t next = place.log_id == log_id_ ? place.next : 0;
      sum += std::max<std::int64_t>(0, end.next[static_cast<std::size_t>(partition)] - next);
    }
    return sum;
  }

  // Changes whenever partitions came or went.
  std::uint64_t generation() const { return generation_; }
  bool owns(int partition) const { return places_.contains(partition); }

  // Moves the stored positions behind the batch; false when one is not where we last saw it.
  Result<bool> move(Transaction& transaction, std::span<const Record> batch) const {
    for (const auto& [partition, last] : ends_of(batch)) {
      const std::int64_t next = last->offset + 1;
      const auto found = places_.find(partition);
      if (found == places_.end()) return false;
      const Place& old = found->second;
      Result<std::int64_t> changed =
          old.stored
              ? transaction.execute(
                    "UPDATE consumer_position SET log_id = $1, next_offset = $2, last_event = $8 "
                    "WHERE consumer = $3 AND topic = $4 AND partition_number = $5 AND log_id = $6 "
                    "AND next_offset = $7",
                    {log_id_, next, options_.name, options_.topic,
                     static_cast<std::int64_t>(partition), old.log_id, old.next, last->event.id()})
              : transaction.execute(
                    "INSERT INTO consumer_position (consumer, topic, partition_number, log_id, "
                    "next_offset, last_event) VALUES ($1, $2, $3, $4, $5, $6) "
                    "ON CONFLICT DO NOTHING",
                    {options_.name, options_.topic, static_cast<std::int64_t>(partition), log_id_,
                     next, last->event.id()});
      if (!changed) return std::move(changed).error();
      if (*changed != 1) return false;
    }
    return true;
  }

  // After move() was committed.
  void moved(std::span<const Record> batch) {
    for (const auto& [partition, last] : ends_of(batch)) {
      places_[partition] = {true, log_id_, last->offset + 1, last->event.id()};
    }
  }

 private:
  struct Place {
    bool stored = false;  // a row exists
    std::string log_id;
    std::int64_t next = 0;
    std::string last_event;  // the id of the one before `next`; may be unknown
  };
  Result<std::map<int, Place>> read_stored() const {
    UNCAC_ASSIGN(const Rows rows, store_.read([&](Transaction& transaction) {
      return transaction.query(
          "SELECT partition_number, log_id, next_offset, last_event FROM consumer_position WHERE "
          "consumer = $1 AND topic = $2",
          {options_.name, options_.topic});
    }));
    std::map<int, Place> stored;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      stored[static_cast<int>(rows.integer(i, 0))] = {true, rows.text(i, 1), rows.integer(i, 2),
                                                      rows.text(i, 3)};
    }
    return stored;
  }

  // In the order of the partitions, so that two members cannot lock each other out.
  static std::map<int, const Record*> ends_of(std::span<const Record> batch) {
    std::map<int, const Record*> ends;
    for (const Record& record : batch) ends[record.event.partition] = &record;
    return ends;
  }

  Store& store_;
  const ConsumerOptions& options_;
  Metrics::Counter& rebalances_;
  std::string log_id_;
  std::map<int, Place> places_;
  Overlap overlap_;
  bool assigned_ = false;
  std::uint64_t generation_ = 0;
};

// One run() of a consumer.
class Consumer::Run {
 public:
  Run(Consumer& consumer, std::stop_token stop)
      : log_(consumer.log_),
        store_(consumer.store_),
        outbox_(consumer.outbox_),
        clock_(consumer.clock_),
        handler_(consumer.handler_),
        options_(consumer.options_),
        stop_(std::move(stop)),
        labels_{{"consumer", options_.name}, {"topic", options_.topic}},
        lag_(consumer.metrics_.gauge("uncac_consumer_lag", "Records not handled yet.", labels_)),
        handler_seconds_(consumer.metrics_.histogram("uncac_handler_seconds",
                                                     "Time a handler takes for a batch.", labels_)),
        dead_letters_(consumer.metrics_.counter("uncac_dead_letters_total",
                                                "Records that could not be handled.", labels_)),
        waiting_letters_(consumer.metrics_.gauge(
            "uncac_dead_letters_waiting", "Dead letters that are not handled yet.", labels_)),
        positions_(store_, options_,
                   consumer.metrics_.counter("uncac_consumer_rebalances_total",
                                             "Times that a member got partitions.", labels_)),
        backoff_(options_.first_backoff, options_.longest_backoff) {}

  void until_stopped() {
    while (!stop_.stop_requested()) {
      const Status left = member();
      // A former member's reader is gone before the next joins; what it held is read again.
      reader_.reset();
      if (!left) failed("consumer joins again", left.error());
    }
  }

 private:
  // From joining to leaving the group. An error is why it must join again.
  Status member() {
    UNCAC_ASSIGN(std::string log_id, log_.log_id(options_.topic));
    positions_.reset(std::move(log_id));
    UNCAC_ASSIGN(reader_, log_.join(options_.topic, options_.name, positions_));
    while (!stop_.stop_requested()) {
      Result<std::vector<Record>> batch = reader_->poll(options_.batch, kWait, stop_);
      if (!batch) {
        if (batch.error().reason == Reason::kPositionExpired) return batch.error();
        failed("consumer cannot read", batch.error());
        continue;
      }
      UNCAC_TRY(positions_.drop_overlap(*batch));
      const Outcome outcome = batch->empty() ? Outcome::kDone : handle(*batch);
      if (outcome == Outcome::kFenced) {
        return make_error(Reason::kConflict, "another member has moved the position");
      }
      if (outcome == Outcome::kGivenUp) {
        return make_error(Reason::kUnavailable, "its partitions are left to other members");
      }
      backoff_.reset();
      UNCAC_TRY(now_and_then());
    }
    return {};
  }

  // All of the batch: at once, or in ever smaller parts around what fails.
  Outcome handle(std::span<const Record> batch) {
    Backoff backoff(options_.first_backoff, options_.longest_backoff);
    int attempts = 0;
    const Instant give_up = clock_.steady_now() + kLongestTrying;
    while (true) {
      bool fenced = false;
      const Status done = attempt(batch, fenced);
      if (done) return Outcome::kDone;
      if (fenced) return Outcome::kFenced;
      if (!row_of(done.error().reason).retryable) {
        if (batch.size() > 1) return split(batch);
        ++attempts;
        if (attempts >= options_.attempts || is_malformed(batch.front().event)) {
          return bury(batch.front(), done.error());
        }
      } else {
        warn("a batch is tried again", done.error());
        if (clock_.steady_now() >= give_up) return Outcome::kGivenUp;
      }
      const Outcome waited = wait(backoff);
      if (waited != Outcome::kDone) return waited;
    }
  }

  Outcome split(std::span<const Record> batch) {
    const std::size_t half = batch.size() / 2;
    const Outcome first = handle(batch.first(half));
    return first == Outcome::kDone ? handle(batch.subspan(half)) : first;
  }

  Status attempt(std::span<const Record> batch, bool& fenced) {
    UNCAC_TRY(check_readable(batch));
    return moving(batch, fenced, [&](Transaction& transaction) {
      const Instant before = clock_.steady_now();
      const Status handled = handler_.handle(transaction, batch);
      handler_seconds_.observe(std::chrono::duration<double>(clock_.steady_now() - before).count());
      return handled;
    });
  }

  // `work` and the move of the positions, in one transaction.
  template <class Work>
  Status moving(std::span<const Record> batch, bool& fenced, const Work& work) {
    const Status done = store_.write([&](Transaction& transaction) -> Status {
      UNCAC_ASSIGN(const bool ours, positions_.move(transaction, batch));
      fenced = !ours;
      if (fenced) return make_error(Reason::kConflict, "the position was moved");
      return work(transaction);
    });
    if (done) positions_.moved(batch);
    return done;
  }

  // One record to the dead letters. Whatever hinders that is tried again for ever: skipping the
  // record instead would lose it.
  Outcome bury(const Record& record, const Error& reason) {
    const Event letter = dead_letter(record, to_text(reason), options_.name, clock_);
    Backoff backoff(options_.first_backoff, options_.longest_backoff);
    while (true) {
      bool fenced = false;
      const Status buried = moving({&record, 1}, fenced, [&](Transaction& transaction) -> Status {
        UNCAC_TRY(transaction.lock(letter.topic + "/" + letter.key));
        Record kept = record;
        kept.event.key = letter.key;
        kept.event.revision = letter.revision;
        UNCAC_TRY(keep_dead_letter(transaction, options_.name, kept,
                                   letter.extensions.at("dlq-reason"), clock_.now()));
        UNCAC_TRY(handler_.buried(transaction, record));
        return outbox_.append(transaction, {&letter, 1});
      });
      if (buried) break;
      if (fenced) return Outcome::kFenced;
      warn("a dead letter is tried again", buried.error());
      const Outcome waited = wait(backoff);
      if (waited != Outcome::kDone) return waited;
    }
    dead_letters_.add();
    log::warning("dead letter", {{"consumer", options_.name},
                                 {"topic", letter.topic},
                                 {"event", letter.id()},
                                 {"reason", std::string(row_of(reason.reason).name)}});
    return Outcome::kDone;
  }

  // Between two tries: shows the group that this member is alive, and learns whether it still is
  // one.
  Outcome wait(Backoff& backoff) {
    backoff.wait(stop_);
    if (stop_.stop_requested()) return Outcome::kStopped;
    const std::uint64_t generation = positions_.generation();
    const auto shown = reader_->poll(0, milliseconds(0), stop_);
    static_cast<void>(shown);  // an error of the log shows in the next poll
    const Instant now = clock_.steady_now();
    if (now - measured_at_ >= kLagEvery) {
      measured_at_ = now;
      measure_lag();
    }
    return positions_.generation() == generation ? Outcome::kDone : Outcome::kLost;
  }

  // An error is why this member must join again.
  Status now_and_then() {
    const Instant now = clock_.steady_now();
    if (now - measured_at_ < kLagEvery) return {};
    // A store that does not answer takes its time for each question: who is to stop asks none.
    if (stop_.stop_requested()) return {};
    measured_at_ = now;
    const Status looked = look_at_dead_letters();
    if (!looked) warn("dead letters not looked at", looked.error());
    measure_lag();
    if (!looked || stop_.stop_requested()) return {};
    if (const Result<bool> same = positions_.still_stored(); same && !*same) {
      return make_error(Reason::kConflict, "the stored position is another one now");
    }
    return {};
  }

  // Those of our partitions that an operator sent again, and how many there are.
  Status look_at_dead_letters() {
    std::vector<DeadLetter> sent;
    UNCAC_TRY(store_.read([&](Transaction& transaction) -> Status {
      UNCAC_ASSIGN(const std::int64_t waiting,
                   count_dead_letters(transaction, options_.name, options_.topic));
      waiting_letters_.set(static_cast<double>(waiting));
      if (waiting == 0) return {};
      UNCAC_ASSIGN(sent, sent_again(transaction, options_.name, options_.topic));
      return {};
    }));
    for (const DeadLetter& letter : sent) {
      if (positions_.owns(letter.record.event.partition)) UNCAC_TRY(handle_again(letter));
    }
    return {};
  }

  // Outside of the log's order, as a handler must bear anyway: it drops what is not newer.
  Status handle_again(const DeadLetter& letter) {
    Record record = letter.record;
    record.offset = -1;  // its place is behind us, perhaps in another log
    const Status done = store_.write([&](Transaction& transaction) -> Status {
      UNCAC_ASSIGN(const bool ours, mark_handled(transaction, letter.id));
      if (!ours) return {};
      UNCAC_TRY(check_readable({&record, 1}));
      return handler_.handle(transaction, {&record, 1});
    });
    if (done) {
      log::info("dead letter handled", {{"consumer", options_.name}, {"event", record.event.id()}});
      return {};
    }
    if (row_of(done.error().reason).retryable) return done;  // it stays sent
    warn("dead letter failed again", done.error());
    return store_.write([&](Transaction& transaction) {
      return mark_failed_again(transaction, letter.id, shortened(to_text(done.error())));
    });
  }

  void measure_lag() {
    const Result<Position> end = log_.end(options_.topic);
    if (!end) return;
    if (const auto behind = positions_.behind(*end)) lag_.set(static_cast<double>(*behind));
  }

  void failed(std::string_view event, const Error& error) {
    warn(event, error);
    backoff_.wait(stop_);
  }
  void warn(std::string_view event, const Error& error) const {
    log::warning(
        event, {{"consumer", options_.name}, {"topic", options_.topic}, {"error", to_text(error)}});
  }

  EventLog& log_;
  Store& store_;
  Outbox& outbox_;
  const Clock& clock_;
  Handler& handler_;
  const ConsumerOptions& options_;
  std::stop_token stop_;
  Labels labels_;
  Metrics::Gauge& lag_;
  Metrics::Histogram& handler_seconds_;
  Metrics::Counter& dead_letters_;
  Metrics::Gauge& waiting_letters_;
  Positions positions_;
  std::unique_ptr<LogReader> reader_;  // goes before the positions it tells
  Backoff backoff_;
  Instant measured_at_{};
};

Consumer::Consumer(EventLog& log, Store& store, Outbox& outbox, const Clock& clock,
                   Metrics& metrics, Handler& handler, ConsumerOptions options)
    : log_(log),
      store_(store),
      outbox_(outbox),
      clock_(clock),
      metrics_(metrics),
      handler_(handler),
      options_(std::move(options)) {}

Consumer::~Consumer() = default;

void Consumer::run(std::stop_token stop) { Run(*this, std::move(stop)).until_stopped(); }

}  // namespace uncac::platform

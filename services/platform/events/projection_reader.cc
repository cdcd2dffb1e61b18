#include <algorithm>
#include <array>
#include <utility>

#include "platform/events/consumer.h"
#include "platform/events/overlap.h"
#include "platform/events/pause.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatch = 5'000;
constexpr milliseconds kWait{500};
// An end that was asked for longer ago than this is asked for again.
constexpr auto kAskEvery = milliseconds(500);
constexpr milliseconds kFirstBackoff{50};
constexpr milliseconds kLongestBackoff{5'000};

// The log's end at a moment. Once it is covered, nothing is missing that was committed by
// `complete`.
struct Goal {
  Position end;
  Instant complete{};
};

}  // namespace

ProjectionReader::ProjectionReader(EventLog& log, Metrics& metrics, Projection& projection,
                                   std::string topic)
    : log_(log), metrics_(metrics), projection_(projection), topic_(std::move(topic)) {}

bool ProjectionReader::wait_caught_up(milliseconds limit) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return caught_up(); });
}

Instant ProjectionReader::complete_until() const {
  return Instant(Instant::duration(complete_until_.load(std::memory_order_acquire)));
}

void ProjectionReader::run(std::stop_token stop) {
  Metrics::Gauge& lag = metrics_.gauge("uncac_consumer_lag", "Records not handled yet.",
                                       {{"consumer", "projection"}, {"topic", topic_}});
  Metrics::Counter& malformed =
      metrics_.counter("uncac_malformed_records_total",
                       "Records on a topic that did not come from us.", {{"topic", topic_}});
  Position applied;   // given to the projection; without a log id: begin at the start
  Position position;  // where the reader stands: behind that, when it was opened again
  std::vector<Record> last(
      kPartitions);  // of each partition, what was applied last; without a body
  Overlap overlap;
  std::unique_ptr<LogReader> reader;
  Goal goal;           // of caught_up() first, then of complete_until() only
  bool whole = false;  // the first goal since the log was started over is reached
  Backoff backoff(kFirstBackoff, kLongestBackoff);

  Instant looked_at{};
  const auto look = [&]() -> Result<Position> {
    looked_at = std::chrono::steady_clock::now();
    UNCAC_ASSIGN(Position end, log_.end(topic_));
    if (applied.log_id.empty()) return end;
    if (end.log_id != applied.log_id) {
      return make_error(Reason::kPositionExpired, "the log is another one now");
    }
    if (!end.covers(applied)) {
      return make_error(Reason::kPositionExpired, "the log lost its end");
    }
    return end;
  };
  const auto ask = [&]() -> Status {
    const Completion completion = log_.completion(topic_);
    UNCAC_ASSIGN(Position end, look());
    const Instant complete = completion.holds(end) ? completion.until : Instant{};
    goal = {std::move(end), complete};
    return {};
  };
  const auto remember = [&](const std::vector<Record>& batch) {
    std::array<bool, kPartitions> seen{};
    for (auto record = batch.rbegin(); record != batch.rend(); ++record) {
      const auto partition = static_cast<std::size_t>(record->event.partition);
      if (std::exchange(seen[partition], true)) continue;
      last[partition] = *record;
      last[partition].event.body.reset();
    }
  };
  const auto open = [&]() -> Status {
    if (goal.end.log_id.empty()) UNCAC_TRY(ask());
    overlap.clear();
    if (applied.log_id.empty()) {
      UNCAC_ASSIGN(Position start, log_.start(topic_));
      UNCAC_ASSIGN(reader, log_.read(topic_, start));
      position = applied = std::move(start);
      last.assign(kPartitions, {});
      projection_.start_over(applied);
      return {};
    }
    position = applied;
    for (const Record& record : last) {
      if (record.event.key.empty()) continue;
      position.next[static_cast<std::size_t>(record.event.partition)] = record.offset;
      overlap.expect(record.event.partition, record.offset, record.event.id());
    }
    UNCAC_ASSIGN(reader, log_.read(topic_, position));
    return {};
  };
  const auto confirm = [&] {
    if (!overlap.empty() || !position.covers(goal.end)) return;
    if (!whole) projection_.caught_up();
    whole = true;
    complete_until_.store(goal.complete.time_since_epoch().count(), std::memory_order_release);
    if (caught_up()) return;
    {
      const std::lock_guard guard(mutex_);
      caught_up_.store(true, std::memory_order_release);
    }
    changed_.notify_all();
  };
  const auto turn = [&]() -> Status {
    if (reader == nullptr) UNCAC_TRY(open());
    UNCAC_ASSIGN(std::vector<Record> batch, reader->poll(kBatch, kWait, stop));
    const Position reached = reader->position();
    if (!reached.covers(position)) {
      return make_error(Reason::kPositionExpired, "the log went back");
    }
    if (!overlap.take_out(batch).empty()) {
      return make_error(Reason::kPositionExpired, "the log lost its end, and has grown again");
    }
    overlap.pass(reached);
    if (!batch.empty() || reached != position) {
      position = reached;
      for (std::size_t p = 0; p < kPartitions; ++p) {
        applied.next[p] = std::max(applied.next[p], position.next[p]);
      }
      for (const Record& record : batch) {
        if (record.event.type.empty()) malformed.add();
      }
      remember(batch);
      projection_.apply(batch, applied);
    }
    confirm();
    lag.set(static_cast<double>(position.behind(goal.end)));
    if (std::chrono::steady_clock::now() - looked_at < kAskEvery) return {};
    if (!overlap.empty()) {
      // What is read once more may be what is lost, and then it never comes.
      UNCAC_TRY(look());
    } else if (position.covers(goal.end)) {
      // The first goal stands until it is reached; a later one would move caught_up() away for ever
      // while events keep coming.
      UNCAC_TRY(ask());
      confirm();
    }
    return {};
  };

  caught_up_.store(false, std::memory_order_release);
  while (!stop.stop_requested()) {
    const Status done = turn();
    if (done) {
      backoff.reset();
      continue;
    }
    reader.reset();
    if (done.error().reason == Reason::kPositionExpired) {
      applied = position = {};
      goal = {};
      whole = false;
    }
    log::warning("projection reads again", {{"topic", topic_}, {"error", to_text(done.error())}});
    backoff.wait(stop);
  }
}

}  // namespace uncac::platform

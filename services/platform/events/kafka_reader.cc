#include <algorithm>
#include <optional>
#include <utility>

#include "platform/events/kafka_client.h"
#include "platform/runtime/log.h"

namespace uncac::platform::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What poll() gives at once at most.
constexpr std::size_t kBytesPerPoll = 8u << 20;
// A stop wakes the wait; this is the net below it, should that call be missed.
constexpr milliseconds kLongestSlice{250};
constexpr auto kCommitEvery = seconds(5);
constexpr auto kClusterEvery = seconds(1);

// Both kinds of reader: alone over all partitions, or a group's member when it has an assignment.
class Reader final : public LogReader {
 public:
  Reader(std::string topic, std::string log_id, Assignment* assignment)
      : topic_(std::move(topic)), assignment_(assignment), eof_(kPartitions, 0) {
    position_.log_id = std::move(log_id);
    position_.next.assign(kPartitions, 0);
  }

  ~Reader() override {
    if (client_ == nullptr) return;
    // The client's last call-backs may come when this is gone. A member leaves its group then. No
    // commit here: leaving waits for one that is under way.
    attached(rd_kafka_opaque(client_.get())).user = nullptr;
    queue_.reset();
  }

  Status open(const KafkaOptions& options, const std::string& group) {
    Settings settings{
        {"group.id", group},
        // The positions lie in the consumer's own store. The group's are written for information.
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        // An offset that the log no longer has goes on at the oldest it has. Without this the
        // default, "largest", silently skips everything in between.
        {"auto.offset.reset", "earliest"},
        // Tells where the end of a partition is even if its newest records were compacted away.
        {"enable.partition.eof", "true"},
        // Cooperative assignors lose their place in librdkafka 2.0.
        {"partition.assignment.strategy", "range"},
        {"session.timeout.ms", "10000"},
        // A member polls between its batches and between its retries, and the heartbeat has a
        // thread of its own; so this only limits one batch, and long is right: a member put out in
        // the middle of its work would do it again elsewhere, and again. A process that died is
        // noticed by the session's time-out.
        {"max.poll.interval.ms", "600000"},
        // Bounds what is fetched ahead.
        {"queued.max.messages.kbytes", "16384"},
        {"fetch.error.backoff.ms", "100"},
    };
    UNCAC_ASSIGN(client_, make_client(RD_KAFKA_CONSUMER, options, settings, this,
                                      [this](rd_kafka_conf_t* conf) {
                                        rd_kafka_conf_set_error_cb(conf, on_error);
                                        rd_kafka_conf_set_offset_commit_cb(conf, on_committed);
                                        if (assignment_ != nullptr)
                                          rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
                                      }));
    rd_kafka_poll_set_consumer(client_.get());
    queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
    return {};
  }

  Status read_from(const Position& from) {
    position_ = from;
    const auto list = partition_list(topic_, from.next);
    return check(rd_kafka_assign(client_.get(), list.get()), "read " + topic_);
  }

  Status subscribe() {
    const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
    return check(rd_kafka_subscribe(client_.get(), list.get()), "subscribe to " + topic_);
  }

  Result<std::vector<Record>> poll(std::size_t max, milliseconds wait,
                                   std::stop_token stop) override {
    if (!unbegun_.empty()) UNCAC_TRY(begin());
    if (max == 0) {
      pause(true);
      static_cast<void>(pull(milliseconds(0)));
      return std::vector<Record>{};
    }
    pause(false);
    const Instant now = std::chrono::steady_clock::now();
    UNCAC_TRY(check_cluster(now));
    if (assignment_ != nullptr && !committing_ && now - committed_at_ >= kCommitEvery) {
      committed_at_ = now;
      commit_for_information();
    }
    const std::stop_callback wake(stop, [this] { rd_kafka_queue_yield(queue_.get()); });
    UNCAC_TRY(wait_for_first(now + wait, stop));
    while (!kept_.empty() && kept_.size() < max && kept_bytes_ < kBytesPerPoll) {
      if (pull(milliseconds(0)) == Pulled::kNothing) break;
    }
    if (disconnected_) return begin_again();
    return take(max);
  }

  Position position() const override { return position_; }

 private:
  enum class Pulled { kNothing, kRecord, kEnd };

  static Status check(rd_kafka_resp_err_t code, const std::string& doing) {
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return to_error(code, doing);
  }

  // Back-pressure: nothing is fetched for a member that cannot go on. What the library had fetched
  // it drops then, and fetches again from the first record that it did not give us.
  void pause(bool paused) {
    if (paused_ == paused) return;
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    if (rd_kafka_assignment(client_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
    const Owned<rd_kafka_topic_partition_list_t> list(assigned);
    const rd_kafka_resp_err_t done = paused ? rd_kafka_pause_partitions(client_.get(), list.get())
                                            : rd_kafka_resume_partitions(client_.get(), list.get());
    if (done == RD_KAFKA_RESP_ERR_NO_ERROR) paused_ = paused;
  }

  // One message: the library's batch calls can skip offsets around a rebalance.
  Pulled pull(milliseconds limit) {
    const Owned<rd_kafka_message_t> message(
        rd_kafka_consumer_poll(client_.get(), static_cast<int>(limit.count())));
    if (message == nullptr) return Pulled::kNothing;
    const bool ours = message->partition >= 0 && message->partition < kPartitions;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      heard_ = true;
      if (ours) eof_[static_cast<std::size_t>(message->partition)] = message->offset;
      return Pulled::kEnd;
    }
    if (message->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      log::warning("put out of the group: one batch took too long", {{"topic", topic_}});
      return Pulled::kNothing;  // the rebalance that follows says which partitions are lost
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      error_ = to_error(message->err, "read " + topic_);
      return Pulled::kNothing;
    }
    if (!ours) {
      error_ = make_error(Reason::kFailedPrecondition,
                          "topic " + topic_ + " has more partitions than it should");
      return Pulled::kNothing;
    }
    error_.reset();
    heard_ = true;
    // An end that was met before this record is none any more.
    eof_[static_cast<std::size_t>(message->partition)] = 0;
    kept_.push_back(record_of_message(*message, topic_));
    kept_bytes_ += message->len;
    return Pulled::kRecord;
  }

  // Ends early with nothing when a partition's end was found: whoever waits to have read all of a
  // quiet topic learns it at once.
  Status wait_for_first(Instant deadline, const std::stop_token& stop) {
    while (kept_.empty() && !stop.stop_requested()) {
      const auto left =
          std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
      const milliseconds slice = std::clamp(left, milliseconds(0), kLongestSlice);
      const Pulled pulled = pull(slice);
      if (begin_failed_) return *std::exchange(begin_failed_, std::nullopt);
      if (disconnected_) break;
      if (error_ && kept_.empty()) return *std::exchange(error_, std::nullopt);
      if (pulled == Pulled::kEnd || left <= milliseconds(0)) break;
    }
    return {};
  }

  std::vector<Record> take(std::size_t max) {
    std::vector<Record> records;
    if (kept_.size() <= max) {
      records = std::exchange(kept_, {});
      kept_bytes_ = 0;
    } else {
      const auto middle = kept_.begin() + static_cast<std::ptrdiff_t>(max);
      records.assign(std::make_move_iterator(kept_.begin()), std::make_move_iterator(middle));
      kept_.erase(kept_.begin(), middle);
    }
    for (const Record& record : records) {
      position_.next[static_cast<std::size_t>(record.event.partition)] = record.offset + 1;
    }
    if (kept_.empty()) {
      for (std::size_t p = 0; p < eof_.size(); ++p) {
        position_.next[p] = std::max(position_.next[p], eof_[p]);
      }
    }
    return records;
  }

  // A broker that was replaced by another cluster has other records at the same offsets.
  Status check_cluster(Instant now) {
    if (now - checked_at_ < kClusterEvery) return {};
    checked_at_ = now;
    const std::string cluster = cluster_id(client_.get(), milliseconds(0));
    if (cluster.empty() || log_id_of(cluster, topic_) == position_.log_id) return {};
    return make_error(Reason::kPositionExpired, "another Kafka cluster answers for " + topic_);
  }

  // What a call-back belongs to; null once that is gone.
  static Reader* of(void* self) { return static_cast<Reader*>(attached(self).user); }

  // Told in the order of what is read: before anything that comes by a new connection.
  static void on_error(rd_kafka_t* /*client*/, int code, const char* reason, void* self) {
    note_error(self, code, reason);
    if (of(self) == nullptr) return;
    Reader& reader = *of(self);
    const bool none_left = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
    // Before the first answer there is nothing that a broker could have lost since.
    if (!none_left && !(code == RD_KAFKA_RESP_ERR__TRANSPORT && reader.heard_)) return;
    reader.disconnected_ = make_error(
        Reason::kUnavailable,
        std::string(none_left ? "no Kafka broker answers: " : "a Kafka broker went away: ") +
            reason);
  }

  // A broker that went away may come back without the end of its log, and that may have grown again
  // before we hear of it. So nothing is read on: a member begins where its positions say, which
  // check the first record there, and who reads alone must open a new reader.
  Error begin_again() {
    Error why = *disconnected_;
    forget();
    error_.reset();
    if (assignment_ == nullptr) return why;
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    if (rd_kafka_assignment(client_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return why;
    const Owned<rd_kafka_topic_partition_list_t> list(assigned);
    std::vector<int> numbers;
    for (int i = 0; i < list->cnt; ++i) numbers.push_back(list->elems[i].partition);
    std::sort(numbers.begin(), numbers.end());
    if (unbegun_.empty()) unbegun_ = std::move(numbers);
    heard_ = false;
    disconnected_.reset();
    return why;
  }

  static void on_committed(rd_kafka_t* /*client*/, rd_kafka_resp_err_t /*code*/,
                           rd_kafka_topic_partition_list_t* /*offsets*/, void* self) {
    if (of(self) != nullptr) of(self)->committing_ = false;
  }

  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* self) {
    if (of(self) == nullptr) {  // it leaves the group
      rd_kafka_assign(client, nullptr);
      return;
    }
    Reader& reader = *of(self);
    std::vector<int> numbers;
    for (int i = 0; i < partitions->cnt; ++i) numbers.push_back(partitions->elems[i].partition);
    std::sort(numbers.begin(), numbers.end());
    // Records of before are of partitions that may have gone on elsewhere.
    reader.forget();
    // Before they go: the library keeps it for when the partition comes back.
    reader.pause(false);
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      reader.unbegun_ = std::move(numbers);
      if (reader.unbegun_.empty()) {
        rd_kafka_assign(client, partitions);
        return;
      }
      if (const Status begun = reader.begin(); !begun) {
        // The group must get its answer now; the partitions are taken when the store answers again.
        reader.begin_failed_ = begun.error();
        rd_kafka_assign(client, nullptr);
      }
      return;
    }
    reader.unbegun_.clear();
    if (!numbers.empty()) reader.assignment_->lost(numbers);
    rd_kafka_assign(client, nullptr);
  }

  void forget() {
    kept_.clear();
    kept_bytes_ = 0;
    std::fill(eof_.begin(), eof_.end(), 0);
    std::fill(position_.next.begin(), position_.next.end(), 0);
    committed_.clear();
  }

  Status begin() {
    UNCAC_ASSIGN(const std::vector<std::int64_t> offsets, assignment_->begin(unbegun_));
    const Owned<rd_kafka_topic_partition_list_t> list(
        rd_kafka_topic_partition_list_new(static_cast<int>(unbegun_.size())));
    for (std::size_t i = 0; i < unbegun_.size(); ++i) {
      rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), unbegun_[i])->offset =
          offsets[i];
      position_.next[static_cast<std::size_t>(unbegun_[i])] = offsets[i];
    }
    unbegun_.clear();
    return check(rd_kafka_assign(client_.get(), list.get()), "begin to read " + topic_);
  }

  // Tools that show how far a group is read these; we never do. A failure is of no consequence.
  void commit_for_information() {
    if (position_.next == committed_) return;
    committed_ = position_.next;
    const Owned<rd_kafka_topic_partition_list_t> list(
        rd_kafka_topic_partition_list_new(kPartitions));
    for (int p = 0; p < kPartitions; ++p) {
      const std::int64_t next = position_.next[static_cast<std::size_t>(p)];
      if (next > 0) {
        rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), p)->offset = next;
      }
    }
    if (list->cnt == 0) return;
    committing_ = rd_kafka_commit(client_.get(), list.get(), 1) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }

  std::string topic_;
  Assignment* assignment_;
  Owned<rd_kafka_t> client_;
  Owned<rd_kafka_queue_t> queue_;  // the client's, to wake a poll; goes before it
  Position position_;
  std::vector<Record> kept_;  // pulled and not yet returned
  std::size_t kept_bytes_ = 0;
  std::vector<std::int64_t> eof_;        // where each partition's end was met
  std::vector<int> unbegun_;             // given by the group, their offsets not read yet
  std::vector<std::int64_t> committed_;  // last told to the group
  bool committing_ = false;
  bool paused_ = false;
  bool heard_ = false;  // since it began: a record, or that there is none
  Instant committed_at_{};
  Instant checked_at_{};
  std::optional<Error> error_, begin_failed_, disconnected_;
};

}  // namespace

Result<std::unique_ptr<LogReader>> open_reader(const KafkaOptions& options, const Position& from,
                                               const std::string& topic) {
  auto reader = std::make_unique<Reader>(topic, from.log_id, nullptr);
  // The library wants a group's name even from who joins none.
  UNCAC_TRY(reader->open(options, options.client_id + ".alone"));
  UNCAC_TRY(reader->read_from(from));
  return std::unique_ptr<LogReader>(std::move(reader));
}

Result<std::unique_ptr<LogReader>> join_group(const KafkaOptions& options,
                                              const std::string& log_id, const std::string& topic,
                                              const std::string& group, Assignment& assignment) {
  auto reader = std::make_unique<Reader>(topic, log_id, &assignment);
  UNCAC_TRY(reader->open(options, group));
  UNCAC_TRY(reader->subscribe());
  return std::unique_ptr<LogReader>(std::move(reader));
}

}  // namespace uncac::platform::kafka

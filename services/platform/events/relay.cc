#include "platform/events/relay.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "platform/events/kafka_client.h"
#include "platform/events/log_tail.h"
#include "platform/events/outbox_rows.h"
#include "platform/events/pause.h"
#include "platform/events/relay_marks.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kRowsAtOnce = 250;
constexpr std::size_t kBytesPerBatch = 8u << 20;
// For one batch, from its first row handed over to its last delivery report.
constexpr auto kDelivery = seconds(5);
// The lease lasts ten seconds, is renewed when it is older than the first of these, and nothing is
// handed to the producer when it is older than the second. So whatever was handed over is delivered
// or given up before another process can take the lease, also when this one was stopped in between:
// kHandOver + kMessageTimeoutMs < 10 s.
constexpr auto kLeaseFresh = milliseconds(1'500);
constexpr auto kHandOver = milliseconds(2'500);
constexpr int kMessageTimeoutMs = 7'000;
constexpr auto kConnect = milliseconds(2'000);
constexpr auto kMeasureEvery = seconds(1);
// The net below the wake-up: commits of other processes do not wake this one.
constexpr milliseconds kLongestWait{1'000};
// Who waits for the lease: while nobody holds it nothing is published, and readers soon count as
// behind.
constexpr milliseconds kLookForLease{250};
// A holder that cannot publish gives the lease to whoever can, and looks for it again after a time
// in which every other has looked.
constexpr milliseconds kGiveUpLease{3'000};
constexpr milliseconds kStayOut{1'000};
constexpr milliseconds kFirstBackoff{100};
// Short: as soon as the broker is back, readers count as up to date again, and a narrowing that
// waits here is not yet known to them.
constexpr milliseconds kLongestBackoff{500};

using Key = std::pair<std::string, std::string>;  // topic, key

Key key_of(const Event& event) { return {event.topic, event.key}; }

struct Batch {
  std::string store_id;  // as it was when the rows were read
  std::vector<Record> rows;
};

// The lowest rows, as many as one batch may hold. Rows that commit later with lower ids are not
// missed: the next batch starts at the lowest again.
Result<Batch> lowest_rows(Store& store, std::size_t most) {
  static const std::string sql =
      std::string("SELECT ") + kOutboxColumns + " FROM outbox WHERE id > $1 ORDER BY id LIMIT $2";
  return store.read([&](Transaction& transaction) -> Result<Batch> {
    Batch batch;
    std::vector<Record>& records = batch.rows;
    std::size_t bytes = 0;
    while (records.size() < most && bytes < kBytesPerBatch) {
      const std::size_t limit = std::min(kRowsAtOnce, most - records.size());
      const std::int64_t after = records.empty() ? 0 : records.back().offset;
      UNCAC_ASSIGN(const Rows rows,
                   transaction.query(sql, {after, static_cast<std::int64_t>(limit)}));
      for (std::size_t row = 0; row < rows.size(); ++row) {
        UNCAC_ASSIGN(Record record, record_of_row(rows, row));
        if (record.event.body) bytes += record.event.body->size();
        records.push_back(std::move(record));
      }
      if (rows.size() < limit) break;
    }
    if (records.empty()) return batch;
    UNCAC_ASSIGN(const Rows identity, transaction.query("SELECT store_id FROM store_identity"));
    batch.store_id = identity.text(0, 0);
    return batch;
  });
}

Metrics::Counter& delivery_errors(Metrics& metrics) {
  return metrics.counter("uncac_kafka_delivery_errors_total",
                         "Batches of which Kafka did not confirm a part.");
}

// Deletes every row of these keys whose revision is not above the one given. At least `rows` of
// them were read before; nobody but the lease's holder deletes, so fewer mean that the store was
// put back since.
Status delete_published(Store& store, Lease& lease, const std::map<Key, Revision>& published,
                        std::int64_t rows, const RelayMarks& marks) {
  if (published.empty() && marks.empty()) return {};
  std::vector<Value> cells;
  for (const auto& [key, revision] : published) {
    cells.insert(cells.end(), {key.first, key.second, revision.epoch, revision.counter});
  }
  return store.write([&](Transaction& transaction) -> Status {
    UNCAC_TRY(lease.fence(transaction));
    UNCAC_TRY(transaction.plan_anew());
    // Key by key: what is waiting cannot be walked through once for each of them.
    UNCAC_ASSIGN(const std::vector<Rows> gone,
                 transaction.query_each(
                     "DELETE FROM outbox WHERE topic = $1 AND event_key = $2 AND (epoch < $3 OR "
                     "(epoch = $3 AND counter <= $4)) RETURNING id",
                     4, cells));
    std::int64_t deleted = 0;
    for (const Rows& of_key : gone) deleted += static_cast<std::int64_t>(of_key.size());
    if (deleted < rows) {
      return make_error(Reason::kUnavailable,
                        "rows that were read are gone: the store may have been put back");
    }
    return raise_relay_marks(transaction, marks);
  });
}

}  // namespace

// One life of a producer, from its first row to its first failure.
class Relay::Session {
 public:
  Session(Lease& lease, const Sealer& sealer) : lease_(lease), sealer_(sealer) {}

  Status open(const KafkaOptions& options) {
    const kafka::Settings settings{
        {"enable.idempotence", "true"},
        {"acks", "all"},
        // After a failed batch nothing later of its partition may pass it.
        {"enable.gapless.guarantee", "true"},
        {"linger.ms", "5"},
        {"message.timeout.ms", std::to_string(kMessageTimeoutMs)},
        {"request.timeout.ms", "5000"},
        // Below the broker's limit for a batch whatever its overhead; one large body goes alone.
        {"batch.size", "500000"},
        {"queue.buffering.max.messages", "100000"},
        {"queue.buffering.max.kbytes", "65536"},
    };
    UNCAC_ASSIGN(producer_, kafka::make_client(RD_KAFKA_PRODUCER, options, settings, this,
                                               [](rd_kafka_conf_t* conf) {
                                                 rd_kafka_conf_set_dr_msg_cb(conf, on_report);
                                                 rd_kafka_conf_set_error_cb(conf, on_error);
                                                 rd_kafka_conf_set_socket_cb(conf, open_socket);
                                               }));
    UNCAC_TRY(kafka::wait_for_brokers(producer_.get(), options, kConnect));
    disconnected_ = false;  // addresses that did not answer before another one did
    return {};
  }

  Lease& lease() { return lease_; }

  // Hands all rows over and waits for their reports, kDelivery at most. What was not handed over by
  // `until` is not; what was not delivered then never will be by this producer. Row by row.
  struct Report {
    bool delivered = false;
    std::int64_t offset = -1;  // may be unknown also of what was delivered
  };
  const std::vector<Report>& deliver(Batch& batch, const Clock& clock, Instant until) {
    std::vector<Record>& rows = batch.rows;
    const Instant end = clock.steady_now() + kDelivery;
    reports_.assign(rows.size(), {});
    waiting_ = 0;
    handed_over_ = 0;
    for (std::size_t i = 0; i < rows.size() && !error_; ++i) {
      if (clock.steady_now() >= until) {
        error_ = make_error(Reason::kUnavailable, "the lease is too old to publish under it");
        break;
      }
      rows[i].event.origin = seal_origin(sealer_, batch.store_id, rows[i].offset);
      const Result<bool> handed = hand_over(rows[i].event, i);
      if (!handed) error_ = handed.error();
      if (!handed || !*handed) break;
    }
    while (waiting_ > 0 && !error_ && clock.steady_now() < end) {
      rd_kafka_flush(producer_.get(), 100);  // sends at once, whatever linger.ms says
    }
    if (waiting_ > 0 || error_) {
      // Later messages of a partition go first, so what is delivered stays without a gap.
      rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      rd_kafka_flush(producer_.get(), 100);  // the reports of the purged
      if (!error_) error_ = make_error(Reason::kUnavailable, "no delivery report in time");
    }
    return reports_;
  }

  const std::optional<Error>& error() const { return error_; }
  // Whether any row of the last batch may have reached the broker.
  bool handed_over() const { return handed_over_ > 0; }
  // A broker that went away may have come back without what it had confirmed.
  bool was_disconnected() {
    rd_kafka_poll(producer_.get(), 0);  // serves on_error
    return disconnected_;
  }

 private:
  // False when the producer holds as much as it may: the rest is for the next batch.
  Result<bool> hand_over(const Event& event, std::size_t index) {
    kafka::Owned<rd_kafka_headers_t> headers(rd_kafka_headers_new(8));
    for (const auto& [name, value] : to_headers(event)) {
      const rd_kafka_resp_err_t added =
          rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                              value.data(), static_cast<ssize_t>(value.size()));
      if (added != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::to_error(added, "add a header");
    }
    // A null value is a tombstone, an empty one is not.
    const char* body = event.body ? event.body->data() : nullptr;
    const std::size_t size = event.body ? event.body->size() : 0;
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        producer_.get(), RD_KAFKA_V_TOPIC(event.topic.c_str()),
        RD_KAFKA_V_PARTITION(event.partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(event.key.data(), event.key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(body), size), RD_KAFKA_V_HEADERS(headers.get()),
        // A number that comes back with the report; it is never followed.
        RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(index)),  // NOLINT(performance-no-int-to-ptr)
        RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return kafka::to_error(code, "publish " + event.id() + " to " + event.topic);
    }
    static_cast<void>(headers.release());  // the message's now
    ++waiting_;
    ++handed_over_;
    return true;
  }

  static void on_report(rd_kafka_t* /*producer*/, const rd_kafka_message_t* message, void* self) {
    auto& session = *static_cast<Session*>(kafka::attached(self).user);
    --session.waiting_;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      session.reports_[reinterpret_cast<std::size_t>(message->_private)] = {true, message->offset};
    } else if (!session.error_) {
      session.error_ = kafka::to_error(
          message->err, std::string("publish to ") + rd_kafka_topic_name(message->rkt));
    }
  }

  static void on_error(rd_kafka_t* /*producer*/, int code, const char* reason, void* self) {
    kafka::note_error(self, code, reason);
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      static_cast<Session*>(kafka::attached(self).user)->disconnected_ = true;
    }
  }

  // One that drops what it still holds when it is closed, or when nobody confirmed it for as long
  // as a message lives. The kernel would go on sending it for a while, and a batch that was given
  // up could arrive behind newer records of the same keys.
  static int open_socket(int domain, int type, int protocol, void* /*self*/) {
    const int fd = socket(domain, type | SOCK_CLOEXEC, protocol);
    const linger at_once{1, 0};
    const unsigned int unconfirmed_ms = kMessageTimeoutMs;
    if (fd >= 0) {
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unconfirmed_ms, sizeof unconfirmed_ms);
    }
    return fd;
  }

  Lease& lease_;
  const Sealer& sealer_;
  bool disconnected_ = false;
  std::vector<Report> reports_;
  std::size_t waiting_ = 0, handed_over_ = 0;
  std::optional<Error> error_;
  kafka::Owned<rd_kafka_t> producer_;  // its end may still report, so it goes first
};

Relay::Relay(Store& store, std::shared_ptr<Wakeup> wakeup, const Clock& clock, Metrics& metrics,
             const Sealer& sealer, RelayOptions options)
    : store_(store),
      wakeup_(std::move(wakeup)),
      clock_(clock),
      metrics_(metrics),
      sealer_(sealer),
      options_(std::move(options)) {}

Relay::~Relay() = default;

Result<std::size_t> Relay::publish_batch(Session& session, const Hold& hold) {
  const std::int64_t token = session.lease().token();
  UNCAC_ASSIGN(Batch batch, lowest_rows(store_, options_.batch));
  const std::vector<Record>& rows = batch.rows;
  if (rows.empty()) return std::size_t{0};
  // That may have taken long. Whoever held the lease meanwhile may have published these rows, and
  // later ones of the same keys.
  UNCAC_ASSIGN(const std::optional<Instant> renewed, hold());
  if (!renewed || session.lease().token() != token) return std::size_t{0};
  const auto& reports = session.deliver(batch, clock_, *renewed + kHandOver);
  // Whether it was still ours to send: a process that stood still in between does not know.
  const auto in_time = [&](Status done) {
    sent_late_ =
        sent_late_ || (!done && done.error().reason == Reason::kConflict && session.handed_over());
    return done;
  };
  if (session.was_disconnected()) {
    // What the broker confirmed before may be lost, and marks set by what it confirmed after would
    // hide that. Sending it all again is harmless.
    delivery_errors(metrics_).add();
    UNCAC_TRY(in_time(store_.write(
        [&](Transaction& transaction) { return session.lease().fence(transaction); })));
    return make_error(Reason::kUnavailable, "the broker went away while it took a batch");
  }
  std::set<Key> failed;
  std::size_t count = 0;
  RelayMarks marks;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (reports[i].delivered) {
      ++count;
      RelayMark& mark = marks[{rows[i].event.topic, rows[i].event.partition}];
      mark.highest = std::max(mark.highest, rows[i].offset);
      if (reports[i].offset > mark.place_offset) {
        mark.place_offset = reports[i].offset;
        mark.place_id = rows[i].offset;
      }
    } else {
      failed.insert(key_of(rows[i].event));
    }
  }
  std::map<Key, Revision> published;
  std::int64_t gone = 0;
  for (const Record& row : rows) {
    if (failed.contains(key_of(row.event))) continue;
    ++gone;
    Revision& highest = published.try_emplace(key_of(row.event), row.event.revision).first->second;
    highest = std::max(highest, row.event.revision);
  }
  UNCAC_TRY(in_time(delete_published(store_, session.lease(), published, gone, marks)));
  metrics_.counter("uncac_relay_published_total", "Events that Kafka has confirmed.")
      .add(static_cast<double>(count));
  if (session.error()) {
    delivery_errors(metrics_).add();
    return *session.error();
  }
  return count;
}

// What was sent late is put behind what is true now. By whoever sent it, since nobody else knows;
// the lease's holder publishes it.
Status Relay::repair() {
  if (!sent_late_ || !options_.after_late_send) return {};
  UNCAC_TRY(options_.after_late_send());
  sent_late_ = false;
  return {};
}

void Relay::run(std::stop_token stop) {
  Lease lease(store_, clock_, "relay", options_.holder);
  Metrics::Counter& failures = metrics_.counter(
      "uncac_relay_failures_total", "Times that the relay had to begin again at the lowest row.");
  Metrics::Gauge& depth =
      metrics_.gauge("uncac_outbox_depth", "Events that wait for the relay, counted to 100,000.");
  Metrics::Gauge& age = metrics_.gauge("uncac_outbox_age_seconds", "Age of the first that waits.");
  delivery_errors(metrics_);  // there from the start: an alert sees a rise, not that it appears
  Backoff backoff(kFirstBackoff, kLongestBackoff);
  std::unique_ptr<Session> session;
  bool held = false;
  Instant held_at{};
  Instant measured_at{};
  bool failing = false;
  Instant failing_since{};

  const auto measure = [&] {
    if (clock_.steady_now() - measured_at < kMeasureEvery) return;
    measured_at = clock_.steady_now();
    const Result<OutboxDepth> measured = store_.read(
        [&](Transaction& transaction) { return measure_outbox(transaction, clock_.now()); });
    if (!measured) return;  // the store's failure shows in the next batch
    depth.set(static_cast<double>(measured->waiting));
    age.set(measured->oldest.count());
  };
  // When it was renewed last, now if it is no longer fresh; nothing while another holds it.
  const Hold hold = [&]() -> Result<std::optional<Instant>> {
    if (held && clock_.steady_now() - held_at < kLeaseFresh) return std::optional(held_at);
    const Instant before = clock_.steady_now();
    held = false;
    UNCAC_ASSIGN(held, lease.hold());
    held_at = before;
    return held ? std::optional(held_at) : std::nullopt;
  };
  const auto turn = [&]() -> Status {
    UNCAC_TRY(repair());
    UNCAC_ASSIGN(const std::optional<Instant> renewed, hold());
    if (!renewed) {
      session.reset();
      // The holder measures; two processes must not both report the same rows.
      depth.set(0);
      age.set(0);
      pause(stop, kLookForLease);
      return {};
    }
    measure();
    if (session == nullptr) {
      // First connected, then compared: a broker that goes away in between is noticed.
      auto fresh = std::make_unique<Session>(lease, sealer_);
      UNCAC_TRY(fresh->open(options_.kafka));
      if (options_.before_sending) UNCAC_TRY(options_.before_sending());
      session = std::move(fresh);
      return {};  // that may have taken longer than the lease is fresh
    }
    if (session->was_disconnected()) {
      session.reset();
      return {};
    }
    const std::uint64_t seen = wakeup_->count();
    UNCAC_ASSIGN(const std::size_t published, publish_batch(*session, hold));
    failing = false;
    if (published == 0) wakeup_->wait(seen, kLongestWait, stop);
    return {};
  };

  const auto give_back = [&] {
    held = false;
    if (const Status released = lease.release(); !released) {
      log::warning("relay could not give its lease back", {{"error", to_text(released.error())}});
    }
  };

  while (!stop.stop_requested()) {
    const Instant began = clock_.steady_now();
    if (const Status done = turn(); done) {
      backoff.reset();
    } else {
      session.reset();
      held = held && done.error().reason != Reason::kConflict;
      failures.add();
      log::warning("relay begins again", {{"error", to_text(done.error())}});
      if (!std::exchange(failing, true)) failing_since = began;
      // A store that does not answer takes its time for each question: who is to stop asks none.
      if (stop.stop_requested()) break;
      measure();  // nobody publishes while the lease cannot be taken or kept: what waits must show
      if (stop.stop_requested()) break;
      if (held && clock_.steady_now() - failing_since > kGiveUpLease) {
        give_back();
        failing = false;
        pause(stop, kStayOut);
      } else {
        backoff.wait(stop);
      }
    }
  }
  session.reset();
  if (held && !failing) give_back();  // else the lease ends by itself
}

}  // namespace uncac::platform

// What tests of consumers and projections stand on.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/events/consumer.h"
#include "platform/events/outbox.h"
#include "support/engines.h"
#include "support/plain_event.h"

namespace uncac::platform {

using std::chrono::milliseconds;
using testing::eventually;
using testing::must;

// One store, its outbox, and an embedded log over one topic and its dead letters.
class Workbench {
 public:
  Workbench() {
    must(store_->write([&](Transaction& t) {
      return t.execute("CREATE TABLE effect (id " + store_->dialect("{{identity}}") +
                       ", topic TEXT NOT NULL, partition_number BIGINT NOT NULL, "
                       "event_offset BIGINT NOT NULL, event_key TEXT NOT NULL)");
    }));
    next_topic();
  }

  void next_topic() {
    topic_ = testing::unique_name("t");
    log_ = new_log("log-1");
  }
  std::unique_ptr<EventLog> new_log(const std::string& log_id) {
    return make_embedded_log({{Topic{topic_}, &*store_, wakeup_, log_id},
                              {Topic{dead_letter_topic(topic_)}, &*store_, wakeup_, log_id}});
  }

  Event event(const std::string& key, int partition, std::optional<std::string> body) const {
    Event event = testing::plain_event(topic_, key);
    event.partition = partition;
    event.body = std::move(body);
    return event;
  }
  // `count` events on partitions in turn; those whose number is in `poison` cannot be handled.
  void append(int count, const std::set<int>& poison = {}, const std::string& stem = "e") {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      events.push_back(event(stem + std::to_string(i), (i * 3) % kPartitions,
                             poison.contains(i) ? "poison" : "good"));
    }
    append(events);
  }
  void append(const std::vector<Event>& events) {
    must(store_->write([&](Transaction& t) { return outbox_.append(t, events); }));
  }

  std::vector<Record> read_all(const std::string& topic) {
    auto reader = must(log_->read(topic, must(log_->start(topic))));
    return must(reader->poll(10'000, milliseconds(0), {}));
  }
  std::vector<std::string> effects() {
    const Rows rows = must(store_->read([&](Transaction& t) {
      return t.query("SELECT event_key FROM effect WHERE topic = $1 ORDER BY id", {topic_});
    }));
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < rows.size(); ++i) keys.push_back(rows.text(i, 0));
    return keys;
  }
  bool effects_in_order() {
    const Rows rows = must(store_->read([&](Transaction& t) {
      return t.query(
          "SELECT partition_number, event_offset FROM effect WHERE topic = $1 ORDER BY id",
          {topic_});
    }));
    std::map<std::int64_t, std::int64_t> last;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::int64_t& before = last.try_emplace(rows.integer(i, 0), -1).first->second;
      if (rows.integer(i, 1) <= before) return false;
      before = rows.integer(i, 1);
    }
    return true;
  }
  ConsumerOptions options(std::size_t batch = 500) const {
    ConsumerOptions options;
    options.name = "group";
    options.topic = topic_;
    options.batch = batch;
    options.attempts = 3;
    options.first_backoff = milliseconds(1);
    options.longest_backoff = milliseconds(4);
    return options;
  }

  testing::FreshStore store_{"sqlite"};
  SystemClock clock_;
  Metrics metrics_;
  std::shared_ptr<Wakeup> wakeup_ = std::make_shared<Wakeup>();
  Outbox outbox_{wakeup_};
  std::string topic_;
  std::unique_ptr<EventLog> log_;
};

}  // namespace uncac::platform

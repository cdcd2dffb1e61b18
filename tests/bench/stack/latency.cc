// How long after a submission was due a subscriber outside has the need that it states: 50 a
// second, each sent at its time whether or not those before have arrived. Beside the same chain
// without any work in it: echo, commit, Kafka, commit, Kafka.

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "bench/echo.h"
#include "bench/stack/load.h"
#include "bench/stack/plain_stack.h"
#include "bench/stack/rows.h"
#include "bench/stack/sql.h"
#include "bench/stack/submissions.h"
#include "needs_matrix/translate.h"
#include "platform/events/kafka_client.h"

namespace uncac::bench {
namespace {

using std::chrono::steady_clock;
using testing::must;

constexpr int kEvents = 500;
constexpr auto kBetween = std::chrono::milliseconds(20);  // 50 a second
// So many may be late at once before one is sent late.
constexpr int kSenders = 16;
constexpr std::size_t kNeedBytes = 100;  // about what the event of a need has

// When each event was due, until it arrives.
class Arrivals {
 public:
  void due(const std::string& key, steady_clock::time_point at) {
    const std::lock_guard guard(mutex_);
    due_[key] = at;
  }
  void arrived(const std::string& key) {
    const auto now = steady_clock::now();
    const std::lock_guard guard(mutex_);
    const auto found = due_.find(key);
    if (found == due_.end()) return;
    times_.push_back(std::chrono::duration<double, std::micro>(now - found->second).count());
    due_.erase(found);
  }
  bool all() {
    const std::lock_guard guard(mutex_);
    return due_.empty();
  }
  std::vector<double> take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(times_, {});
  }

 private:
  std::mutex mutex_;
  std::map<std::string, steady_clock::time_point> due_;
  std::vector<double> times_;
};

// A consumer of the library and nothing else, from the topic's end on.
class Subscriber {
 public:
  Subscriber(const platform::KafkaOptions& options, const std::string& topic,
             std::function<void(const rd_kafka_message_t&)> take)
      : consumer_(must(platform::kafka::make_client(RD_KAFKA_CONSUMER, options,
                                                    {{"group.id", "outside"},
                                                     {"enable.auto.commit", "false"},
                                                     {"enable.partition.eof", "true"}}))) {
    rd_kafka_poll_set_consumer(consumer_.get());
    const auto all = platform::kafka::partition_list(
        topic, std::vector<std::int64_t>(platform::kPartitions, RD_KAFKA_OFFSET_END));
    rd_kafka_assign(consumer_.get(), all.get());
    thread_ = std::jthread([this, take = std::move(take)](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        const platform::kafka::Owned<rd_kafka_message_t> message(
            rd_kafka_consumer_poll(consumer_.get(), 100));
        if (!message) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) ++ends_;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) take(*message);
      }
    });
    // What is published before it stands at the ends would not arrive.
    wait_until("a subscription", [&] { return ends_ >= platform::kPartitions; });
  }
  ~Subscriber() {
    thread_.request_stop();
    thread_.join();
  }

 private:
  platform::kafka::Owned<rd_kafka_t> consumer_;
  std::atomic<int> ends_ = 0;
  std::jthread thread_;
};

std::string key_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.key), message.key_len};
}

// kEvents at their times, each by one of several senders that wait for their own answers.
void open_loop(
    const std::function<void(int sender, int event, steady_clock::time_point due)>& send) {
  const auto start = steady_clock::now() + std::chrono::milliseconds(100);
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < kSenders; ++sender) {
    senders.emplace_back([&, sender] {
      for (int event = sender; event < kEvents; event += kSenders) {
        const auto due = start + event * kBetween;
        std::this_thread::sleep_until(due);
        send(sender, event, due);
      }
    });
  }
}

// Ours: intake, Kafka, matrix, Kafka.
class Services {
 public:
  Services(PlainStack& stack, const platform::KafkaOptions& options)
      : intake_(stack.start("checklist-intake", stack.database("intake"))),
        matrix_(stack.start("needs-matrix", stack.database("matrix"))),
        submissions_(must(reference::Reference::load()), Submissions::Sharing::kOnce),
        subscriber_(options, needs_matrix::kPublicTopic, [this](const rd_kafka_message_t& message) {
          if (message.payload != nullptr) arrivals_.arrived(key_of(message));
        }) {
    for (int i = 0; i < kSenders; ++i) {
      callers_.push_back(std::make_unique<Caller>(intake_.address));
    }
    for (std::size_t state = 0; state < submissions_.states(); ++state) {
      tokens_.push_back(stack.token("focal-point-" + submissions_.state(state)));
      submit(0, state, steady_clock::now());
    }
    wait_until("every State's first need", [&] { return arrivals_.all(); });
    arrivals_.take();
  }
  std::vector<double> run() {
    open_loop([&](int sender, int event, steady_clock::time_point due) {
      const std::size_t state = (first_ + static_cast<std::size_t>(event)) % submissions_.states();
      submit(sender, state, due);
    });
    first_ += kEvents;
    wait_until("the last need's arrival", [&] { return arrivals_.all(); });
    return arrivals_.take();
  }
  const std::string& last_request() const { return last_request_; }
  const std::string& last_answer() const { return last_answer_; }

 private:
  void submit(int sender, std::size_t state, steady_clock::time_point due) {
    std::string request = submissions_.next(state);
    arrivals_.due(submissions_.newest_need(state), due);
    std::string answer =
        callers_[static_cast<std::size_t>(sender)]->call(kSubmit, {request, tokens_[state]});
    if (sender != 0) return;
    last_request_ = std::move(request);
    last_answer_ = std::move(answer);
  }

  PlainStack::Running intake_, matrix_;
  Submissions submissions_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::vector<std::string> tokens_;
  std::size_t first_ = 0;
  std::string last_request_, last_answer_;
  Arrivals arrivals_;
  Subscriber subscriber_;
};

// The same way without any work: echo, commit, topic, commit, topic.
class BareChain {
 public:
  BareChain(PlainStack& stack, const platform::KafkaOptions& options, const std::string& address,
            std::string request)
      : request_(std::move(request)),
        producer_(must(platform::kafka::make_client(RD_KAFKA_PRODUCER, options,
                                                    {{"acks", "all"}, {"linger.ms", "0"}}))),
        last_(options, "second",
              [this](const rd_kafka_message_t& message) { arrivals_.arrived(key_of(message)); }),
        middle_commit_(stack.database("bare")),
        middle_(options, "first", [this](const rd_kafka_message_t& message) {
          commit(middle_commit_, std::string(kNeedBytes, 'n'));
          produce("second", key_of(message), std::string(kNeedBytes, 'n'));
        }) {
    Sql sql(stack.postgres().conninfo("bare"));
    sql.run("CREATE TABLE bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT)");
    for (int i = 0; i < kSenders; ++i) {
      callers_.push_back(std::make_unique<Caller>(address));
      commits_.push_back(std::make_unique<Sql>(stack.postgres().conninfo("bare")));
    }
  }
  std::vector<double> run() {
    open_loop([&](int sender, int event, steady_clock::time_point due) {
      const auto of = static_cast<std::size_t>(sender);
      const std::string key = std::to_string(event);
      arrivals_.due(key, due);
      callers_[of]->call(kSubmit, {request_, ""});
      commit(*commits_[of], request_);
      produce("first", key, request_);
    });
    wait_until("the last event's arrival", [&] { return arrivals_.all(); });
    return arrivals_.take();
  }

 private:
  static void commit(Sql& sql, const std::string& body) {
    const char* values[] = {body.data()};
    const int lengths[] = {static_cast<int>(body.size())};
    const int formats[] = {1};
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexecParams(sql.raw(), "INSERT INTO bare (body) VALUES (encode($1::bytea, 'escape'))", 1,
                     nullptr, values, lengths, formats, 1),
        &PQclear);
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      throw std::runtime_error(PQerrorMessage(sql.raw()));
    }
  }
  void produce(const char* topic, const std::string& key, const std::string& body) {
    const auto code = rd_kafka_producev(
        producer_.get(), RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(body.data()), body.size()), RD_KAFKA_V_END);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(code));
    rd_kafka_poll(producer_.get(), 0);
  }

  const std::string request_;
  platform::kafka::Owned<rd_kafka_t> producer_;
  Arrivals arrivals_;
  Subscriber last_;
  Sql middle_commit_;
  Subscriber middle_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::vector<std::unique_ptr<Sql>> commits_;
};

double at(std::vector<double> times, double share) {
  std::sort(times.begin(), times.end());
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

}  // namespace

void measure_latency(Table& table) {
  Echo echo;  // before anything of gRPC is used here
  PlainStack stack;
  platform::KafkaOptions options;
  options.bootstrap = stack.kafka().bootstrap();
  options.client_id = "bench";
  for (const char* topic : {"first", "second"}) testing::make_topic(options, topic);
  Services services(stack, options);
  BareChain bare(stack, options, echo.serve(services.last_answer()), services.last_request());

  const std::string what = "submitted until an outside subscriber has it, 50 a second, ";
  Pairs half{.what = what + "p50", .unit = Pairs::Unit::kMicroseconds, .at_most = 1.5};
  Pairs most{.what = what + "p99", .unit = Pairs::Unit::kMicroseconds, .at_most = 3};
  for (int pair = -1; pair < kPairs; ++pair) {
    const std::vector<double> ours = services.run();
    const std::vector<double> chain = bare.run();
    if (ours.size() != kEvents || chain.size() != kEvents) {
      return table.differs("latency", std::to_string(ours.size()) + " and " +
                                          std::to_string(chain.size()) + " of " +
                                          std::to_string(kEvents) + " arrived");
    }
    if (pair < 0) continue;  // the first makes every connection
    half.ours.push_back(at(ours, 0.5));
    half.baseline.push_back(at(chain, 0.5));
    most.ours.push_back(at(ours, 0.99));
    most.baseline.push_back(at(chain, 0.99));
  }
  table.add(half);
  table.add(most);
}

}  // namespace uncac::bench

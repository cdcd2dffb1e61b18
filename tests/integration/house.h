// Both services in the test's own process, on the stores and logs of either profile, with a clock
// that the test sets: nobody can make real programs wait for midnight, or for a month to pass.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "access/token.h"
#include "checklist_intake/module.h"
#include "needs_matrix/module.h"
#include "platform/events/relay.h"
#include "platform/rpc/server.h"
#include "support/suite.h"

namespace uncac::testing {

using platform::Moment;

// Runs as any clock does, from where it is put. Safe for concurrent use.
class MovedClock final : public platform::Clock {
 public:
  explicit MovedClock(Moment moment) { put_at(moment); }
  Moment now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(system_.now()) +
           std::chrono::microseconds(ahead_.load());
  }
  void put_at(Moment moment) { ahead_ = (moment - system_.now()).count(); }

 private:
  platform::SystemClock system_;
  std::atomic<std::int64_t> ahead_ = 0;
};

// Both services as their hosts run them.
class House {
 public:
  House(const std::string& profile, Moment moment)
      : clock_(moment),
        keys_(must(access::make_key_pair())),
        gatekeeper_(must(access::TokenGatekeeper::create(keys_.public_pem, clock_))),
        calls_(*gatekeeper_, ids_, metrics_, {}) {
    const auto reference = must(reference::Reference::load());
    const std::string engine = profile == "embedded" ? "sqlite" : "postgresql";
    const std::vector<platform::ServiceDescription> services{checklist_intake::describe(reference),
                                                             needs_matrix::describe(reference)};
    platform::KafkaOptions kafka_options;
    if (profile == "distributed") {
      kafka_ = must(KafkaServer::start());
      redis_ = must(RedisServer::start());
      kafka_options.bootstrap = kafka_->bootstrap();
      kafka_options.client_id = "house";
      set_up_kafka(*kafka_);
    }
    std::vector<platform::EmbeddedTopic> topics;
    for (const platform::ServiceDescription& service : services) {
      Room& room = *rooms_.emplace_back(std::make_unique<Room>(engine));
      must(room.store->migrate(service.name, service.migrations));
      room.identity = must(platform::read_identity(*room.store, ids_));
      if (kafka_) {
        must(platform::check_kafka_topics(kafka_options, service.topics));
        room.relay = std::make_unique<platform::Relay>(
            *room.store, room.wakeup, clock_, metrics_, sealer_,
            platform::RelayOptions{kafka_options, "house-" + service.name});
        continue;
      }
      const auto add = [&](const platform::Topic& topic) {
        topics.push_back({topic, &*room.store, room.wakeup, room.identity.store_id});
      };
      for (const platform::Topic& topic : service.topics) add(topic);
      for (const platform::ConsumedTopic& topic : service.consumes) {
        add({platform::dead_letter_topic(topic.name), platform::Retention::kForever});
      }
    }
    log_ = kafka_ ? must(platform::make_kafka_log(kafka_options))
                  : platform::make_embedded_log(std::move(topics));
    platform::RedisOptions redis_options;
    if (redis_) {
      redis_options.host = "127.0.0.1";
      redis_options.port = redis_->port();
    }
    cache_ = redis_ ? platform::make_redis_cache(redis_options, clock_, metrics_)
                    : platform::make_memory_cache(64 << 20, clock_);
    std::vector<grpc::Service*> rpc;
    for (std::size_t i = 0; i < services.size(); ++i) {
      Room& room = *rooms_[i];
      room.module = must(services[i].create(
          {clock_, ids_, metrics_, calls_, *room.store, room.outbox, *log_, *cache_, "house"}));
      rpc.push_back(&room.module->rpc());
    }
    must(server_.start({"127.0.0.1", 0}, {}, {}, rpc));
    for (const auto& room : rooms_) {
      if (room->relay) {
        relaying_.emplace_back(
            [relay = room->relay.get()](std::stop_token stop) { relay->run(stop); });
      }
      room->module->start();
    }
    channel_ = server_.in_process_channel();
    if (!eventually([&] { return rooms_[0]->module->ready() && rooms_[1]->module->ready(); },
                    std::chrono::seconds(60))) {
      throw std::runtime_error("the modules never got ready");
    }
  }
  // In the order of the host.
  ~House() {
    for (const auto& room : rooms_) room->module->end_streams();
    server_.stop(std::chrono::seconds(5));
    for (const auto& room : rooms_) room->module->stop();
    for (std::jthread& worker : relaying_) worker.request_stop();
    for (const auto& room : rooms_) room->wakeup->notify();
    relaying_.clear();
  }

  void authorize(grpc::ClientContext& context, const access::Caller& caller) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    if (caller.role == access::Role::kAnonymous) return;
    std::string& token = tokens_[std::string(access::code(caller.role)) + caller.subject];
    if (token.empty()) {
      token = must(access::mint_token(keys_.private_pem, caller, std::chrono::hours(12),
                                      clock_.now(), ids_));
    }
    context.AddMetadata("authorization", "Bearer " + token);
  }
  MovedClock& clock() { return clock_; }
  platform::EventLog& log() { return *log_; }
  platform::Store& intake_store() { return *rooms_[0]->store; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  struct Room {
    explicit Room(const std::string& engine) : store(engine) {}
    FreshStore store;
    platform::StoreIdentity identity;
    std::shared_ptr<platform::Wakeup> wakeup = std::make_shared<platform::Wakeup>();
    platform::Outbox outbox{wakeup};
    std::unique_ptr<platform::Relay> relay;  // distributed only
    std::unique_ptr<platform::ServiceModule> module;
  };

  MovedClock clock_;
  platform::SystemIds ids_;
  const platform::Sealer sealer_ =
      must(platform::Sealer::create(std::string(platform::Sealer::kKeyBytes, 'k'), ids_));
  platform::Metrics metrics_;
  access::KeyPair keys_;
  std::unique_ptr<access::TokenGatekeeper> gatekeeper_;
  platform::Calls calls_;
  std::unique_ptr<KafkaServer> kafka_;
  std::unique_ptr<RedisServer> redis_;
  std::unique_ptr<platform::EventLog> log_;
  std::unique_ptr<platform::Cache> cache_;
  std::vector<std::unique_ptr<Room>> rooms_;  // intake, matrix
  platform::RpcServer server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::vector<std::jthread> relaying_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace uncac::testing

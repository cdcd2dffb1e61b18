#include "needs_matrix/module.h"

#include <thread>

#include "needs_matrix/actions/publish_again.h"
#include "needs_matrix/api.h"
#include "needs_matrix/handlers.h"
#include "needs_matrix/store.h"
#include "needs_matrix/translate.h"
#include "platform/runtime/process.h"

namespace uncac::needs_matrix {
namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

class Module final : public platform::ServiceModule {
 public:
  Module(const platform::ServiceContext& context, platform::Sealer sealer,
         std::shared_ptr<const Items> items, std::shared_ptr<const reference::Reference> reference)
      : reference_(std::move(reference)),
        live_(std::move(items), context.metrics),
        feed_(*reference_, context.metrics),
        sealer_(std::move(sealer)),
        answers_(context.cache, context.metrics, "matrix"),
        parts_{context,
               live_,
               tables_,
               feed_,
               answers_,
               streams_ended_,
               log_readers_,
               sealer_,
               made_by(*reference_),
               [this] { return ready(); },
               [this] { return fold_reader_.complete_until(); }},
        writer_(parts_),
        api_(parts_),
        fold_reader_(context.log, context.metrics, live_, kChecklistTopic),
        feed_reader_(context.log, context.metrics, feed_, kRestrictedTopic),
        consumer_(context.log, context.store, context.outbox, context.clock, context.metrics,
                  writer_, consumer_options()) {}

  grpc::Service& rpc() override { return api_; }
  void start() override {
    workers_.emplace_back([this](std::stop_token stop) { fold_reader_.run(stop); });
    workers_.emplace_back([this](std::stop_token stop) { feed_reader_.run(stop); });
    // Not before the fold is whole: a decision of before its narrowing would be published again.
    workers_.emplace_back([this](std::stop_token stop) {
      while (!stop.stop_requested() && !fold_reader_.wait_caught_up(kLook)) continue;
      if (!stop.stop_requested()) consumer_.run(stop);
    });
  }
  bool ready() const override { return fold_reader_.caught_up() && feed_reader_.caught_up(); }
  void end_streams() override {
    streams_ended_ = true;
    api_.end_streams();
  }
  void stop() override {
    for (std::jthread& worker : workers_) worker.request_stop();
    workers_.clear();
  }

 private:
  // Replicas of two builds share a cache while one replaces the other.
  static std::string made_by(const reference::Reference& reference) {
    return platform::to_hex(platform::program_digest()) + "/" +
           std::to_string(reference.fingerprint());
  }
  static platform::ConsumerOptions consumer_options() {
    platform::ConsumerOptions options;
    options.name = kWriterName;
    options.topic = kChecklistTopic;
    return options;
  }

  std::shared_ptr<const reference::Reference> reference_;
  LiveMatrix live_;
  StandingTables tables_;
  Feed feed_;
  platform::Sealer sealer_;
  platform::CachedAnswers answers_;
  std::atomic<bool> streams_ended_ = false;
  std::atomic<int> log_readers_ = 0;
  MatrixParts parts_;
  NeedsWriter writer_;
  Api api_;
  platform::ProjectionReader fold_reader_;
  platform::ProjectionReader feed_reader_;
  platform::Consumer consumer_;
  std::vector<std::jthread> workers_;
};

}  // namespace

platform::ServiceDescription describe(std::shared_ptr<const reference::Reference> reference) {
  using platform::Retention;
  return {"needs_matrix",
          {{kRestrictedTopic, Retention::kCompactedLate},
           {kProvidersTopic, Retention::kCompacted},
           {kPublicTopic, Retention::kCompacted}},
          {{kChecklistTopic, "checklist_intake"}},
          migrations(),
          [reference = std::move(reference)](const platform::ServiceContext& context)
              -> platform::Result<std::unique_ptr<platform::ServiceModule>> {
            UNCAC_ASSIGN(auto items, Items::create(reference));
            UNCAC_ASSIGN(std::string key,
                         platform::store_secret(context.store, context.ids, "positions",
                                                platform::Sealer::kKeyBytes));
            UNCAC_ASSIGN(platform::Sealer sealer,
                         platform::Sealer::create(std::move(key), context.ids));
            return std::unique_ptr<platform::ServiceModule>(
                std::make_unique<Module>(context, std::move(sealer), std::move(items), reference));
          },
          [](platform::Transaction& transaction, const platform::AfterRestore& restore) {
            return hold_releases(transaction, restore.taken_at);
          },
          publish_again,
          true};
}

}  // namespace uncac::needs_matrix

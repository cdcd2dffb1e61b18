#include "checklist_intake/module.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "checklist_intake/actions/expire_sharing.h"
#include "checklist_intake/actions/publish_again.h"
#include "checklist_intake/actions/suspend_sharing.h"
#include "checklist_intake/api.h"
#include "platform/runtime/log.h"

namespace uncac::checklist_intake {
namespace {

// An audience ends with its day: this is how late that may be noticed.
constexpr auto kLookForEnds = std::chrono::seconds(1);

class Module final : public platform::ServiceModule {
 public:
  explicit Module(const IntakeParts& parts) : parts_(parts), api_(parts) {}
  grpc::Service& rpc() override { return api_; }
  void start() override {
    scheduler_ = std::jthread([this](const std::stop_token& stop) { end_audiences(stop); });
  }
  bool ready() const override { return true; }  // its store answered when it was created
  void stop() override {
    scheduler_.request_stop();
    if (scheduler_.joinable()) scheduler_.join();
  }

 private:
  void end_audiences(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any woken;
    while (!stop.stop_requested()) {
      const platform::Result<std::int64_t> ended = expire_sharing(parts_);
      if (!ended) {
        platform::log::warning("ended audiences not looked for",
                               {{"error", ended.error().message}});
      } else if (*ended > 0) {
        platform::log::info("audiences ended", {{"decisions", std::to_string(*ended)}});
      }
      std::unique_lock lock(mutex);
      woken.wait_for(lock, stop, kLookForEnds, [] { return false; });
    }
  }

  const IntakeParts parts_;
  Api api_;
  std::jthread scheduler_;
};

}  // namespace

platform::ServiceDescription describe(std::shared_ptr<const Reference> reference) {
  return {"checklist_intake",
          {{kTopic, platform::Retention::kForever}},
          {},
          migrations(),
          [reference = std::move(reference)](const platform::ServiceContext& context)
              -> platform::Result<std::unique_ptr<platform::ServiceModule>> {
            return std::unique_ptr<platform::ServiceModule>(
                std::make_unique<Module>(IntakeParts{context, reference}));
          },
          suspend_sharing,
          publish_again};
}

}  // namespace uncac::checklist_intake

#include "checklist_intake/module.h"

#include "checklist_intake/api.h"

namespace uncac::checklist_intake {
namespace {

class Module final : public platform::ServiceModule {
 public:
  explicit Module(IntakeParts parts) : api_(std::move(parts)) {}
  grpc::Service& rpc() override { return api_; }
  void start() override {}
  bool ready() const override { return true; }  // its store answered when it was created
  void stop() override {}

 private:
  Api api_;
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
          }};
}

}  // namespace uncac::checklist_intake

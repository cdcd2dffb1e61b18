#include "platform/rpc/service_config.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace uncac::platform {
namespace {

using google::protobuf::MethodOptions;

// What one attempt after the other may cost together stays below a second. A server that ends
// cancels calls that it has received and not begun; who cancels his own call gets no second
// attempt.
constexpr const char* kRetryPolicy =
    R"("retryPolicy":{"maxAttempts":4,"initialBackoff":"0.05s","maxBackoff":"0.5s",)"
    R"("backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE","CANCELLED"]})";
// Each failure takes a token, each success gives a tenth of one; below half there are no retries.
constexpr const char* kBudget = R"("retryThrottling":{"maxTokens":100,"tokenRatio":0.1})";
// A server that is starting or about to leave gets no calls.
constexpr const char* kHealth = R"("healthCheckConfig":{"serviceName":""})";

}  // namespace

std::string service_config(const std::vector<std::string>& services) {
  std::string names;
  for (const std::string& name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) continue;
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      if (method->options().idempotency_level() == MethodOptions::IDEMPOTENCY_UNKNOWN) continue;
      if (!names.empty()) names += ',';
      names += R"({"service":")" + name + R"(","method":")" + method->name() + R"("})";
    }
  }
  std::string config = std::string("{") + kHealth + "," + kBudget;
  if (!names.empty())
    config += R"(,"methodConfig":[{"name":[)" + names + "]," + kRetryPolicy + "}]";
  return config + "}";
}

}  // namespace uncac::platform

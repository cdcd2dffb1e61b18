// uncac.gateway.v1.Gateway/Ask: several unary methods that change nothing, in one request.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/connect/metadata.h"
#include "platform/result.h"

namespace uncac::gateway::connect {

// Safe for concurrent use.
class Together {
 public:
  static constexpr std::string_view kMethod = "/uncac.gateway.v1.Gateway/Ask";
  static constexpr int kMostQuestions = 32;
  static constexpr std::size_t kLargestReply = 16 << 20;  // bytes of all answers together

  Together(const Backends& backends, Calls& calls) : backends_(backends), calls_(calls) {}

  // From the bytes of an AskRequest those of an AskReply. Each question goes to its service with
  // the caller's metadata and deadline. kInvalidInput, and nothing is asked, when one of them
  // cannot be asked here.
  http::Task<platform::Result<std::string>> answer(
      std::string request, Metadata metadata,
      std::optional<std::chrono::system_clock::time_point> deadline) const;

 private:
  platform::Result<std::vector<Calls::Planned>> plan(
      const std::string& request, const Metadata& metadata,
      std::optional<std::chrono::system_clock::time_point> deadline) const;

  const Backends& backends_;
  Calls& calls_;
};

}  // namespace uncac::gateway::connect

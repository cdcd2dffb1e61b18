#include "gateway/backends.h"

namespace uncac::gateway {

Backends::Backends(const std::map<std::string, std::shared_ptr<grpc::Channel>>& channels) {
  for (const auto& [service, channel] : channels) {
    stubs_.emplace(service, std::make_unique<grpc::GenericStub>(channel));
  }
}

grpc::GenericStub* Backends::find(std::string_view method, std::string_view meant) const {
  const std::size_t slash = method.find('/', 1);
  if (method.empty() || method[0] != '/' || slash == std::string_view::npos) return nullptr;
  const std::string service(method.substr(1, slash - 1));
  auto found = stubs_.find(service);
  if (!meant.empty()) {
    const auto exact = stubs_.find(service + "/" + std::string(meant));
    if (exact != stubs_.end()) found = exact;
  }
  return found == stubs_.end() ? nullptr : found->second.get();
}

}  // namespace uncac::gateway

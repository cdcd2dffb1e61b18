#include "gateway/connect/codec.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>

namespace uncac::gateway::connect {
namespace {

namespace pb = google::protobuf;
using platform::Reason;
using platform::Result;

constexpr const char* kTypes = "type.googleapis.com";

std::string url_of(const pb::Descriptor& message) {
  return std::string(kTypes) + "/" + message.full_name();
}

}  // namespace

Transcoder::Transcoder()
    : types_(pb::util::NewTypeResolverForDescriptorPool(kTypes,
                                                        pb::DescriptorPool::generated_pool())) {}

Transcoder::~Transcoder() = default;

const pb::MethodDescriptor* Transcoder::unary_method(std::string_view path) {
  if (path.size() < 2 || path[0] != '/') return nullptr;
  std::string name(path.substr(1));
  if (std::count(name.begin(), name.end(), '/') != 1) return nullptr;
  std::replace(name.begin(), name.end(), '/', '.');
  const pb::MethodDescriptor* method = pb::DescriptorPool::generated_pool()->FindMethodByName(name);
  const bool unary =
      method != nullptr && !method->client_streaming() && !method->server_streaming();
  return unary ? method : nullptr;
}

Result<std::string> Transcoder::to_bytes(const pb::Descriptor& message,
                                         const std::string& json) const {
  std::string bytes;
  const pb::util::Status read =
      pb::util::JsonToBinaryString(types_.get(), url_of(message), json, &bytes);
  if (read.ok()) return bytes;
  return platform::make_error(
      Reason::kInvalidInput,
      "the body is no " + message.full_name() + " in JSON: " + std::string(read.message()));
}

Result<std::string> Transcoder::to_json(const pb::Descriptor& message,
                                        const std::string& bytes) const {
  std::string json;
  const pb::util::Status written =
      pb::util::BinaryToJsonString(types_.get(), url_of(message), bytes, &json);
  if (written.ok()) return json;
  return platform::make_error(
      Reason::kInternal,
      "the service's answer is no " + message.full_name() + ": " + std::string(written.message()));
}

}  // namespace uncac::gateway::connect

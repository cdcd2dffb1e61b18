// Bodies of the Connect protocol to bytes of protobuf and back, by the descriptors of the linked
// protos: no code per method.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/type_resolver.h>

#include <memory>
#include <string>
#include <string_view>

#include "platform/result.h"

namespace uncac::gateway::connect {

enum class Codec { kJson, kProto };

// Safe for concurrent use.
class Transcoder {
 public:
  Transcoder();
  ~Transcoder();

  // The unary method of "/package.Service/Method"; null when there is none in the linked protos.
  static const google::protobuf::MethodDescriptor* unary_method(std::string_view path);

  // kInvalidInput names the field. A field that the message does not have is an error: left out
  // silently, a filter with a slip in its name would answer for everything.
  platform::Result<std::string> to_bytes(const google::protobuf::Descriptor& message,
                                         const std::string& json) const;
  platform::Result<std::string> to_json(const google::protobuf::Descriptor& message,
                                        const std::string& bytes) const;

 private:
  std::unique_ptr<google::protobuf::util::TypeResolver> types_;
};

}  // namespace uncac::gateway::connect

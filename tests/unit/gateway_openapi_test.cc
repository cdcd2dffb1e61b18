// The OpenAPI document says every unary method, no other, and nothing that it does not explain.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "gateway/openapi/document.h"
#include "uncac/checklist/v1/checklist.pb.h"
#include "uncac/gateway/v1/gateway.pb.h"
#include "uncac/needs/v1/needs.pb.h"
#include "uncac/operations/v1/operations.pb.h"

namespace uncac::gateway {
namespace {

using nlohmann::json;

class OpenApi : public ::testing::Test {
 protected:
  void references_in(const json& part, std::set<std::string>& found) {
    if (part.is_object() && part.contains("$ref")) found.insert(part.at("$ref"));
    if (part.is_structured()) {
      for (const json& one : part) references_in(one, found);
    }
  }
  const json document_ = json::parse(openapi::document());
};

TEST_F(OpenApi, HasEveryUnaryMethodAndNoOther) {
  std::set<std::string> methods, documented;
  for (const google::protobuf::FileDescriptor* file :
       {checklist::v1::ResponseKey::descriptor()->file(), needs::v1::Need::descriptor()->file(),
        operations::v1::BackupRequest::descriptor()->file(),
        gateway::v1::AskRequest::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const auto& method = *file->service(s)->method(m);
        if (method.client_streaming() || method.server_streaming()) continue;
        if (method.service()->name() == "Publishing") continue;  // between services
        methods.insert("/" + file->service(s)->full_name() + "/" + method.name());
      }
    }
  }
  for (const auto& [path, item] : document_.at("paths").items()) {
    if (path.starts_with("/uncac.")) documented.insert(path);
  }
  EXPECT_EQ(documented, methods);
}

TEST_F(OpenApi, EveryReferenceLeadsSomewhere) {
  std::set<std::string> references;
  references_in(document_, references);
  EXPECT_GT(references.size(), 20u);
  for (const std::string& reference : references) {
    ASSERT_TRUE(reference.starts_with("#/")) << reference;
    EXPECT_TRUE(document_.contains(json::json_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(OpenApi, SaysWhatTheProtosSay) {
  const json& need = document_.at("components").at("schemas").at("needs.v1.Need");
  const json& properties = need.at("properties");
  EXPECT_EQ(static_cast<int>(properties.size()), needs::v1::Need::descriptor()->field_count());
  EXPECT_EQ(properties.at("statePriority").at("type"), "string");
  EXPECT_EQ(properties.at("audience").at("$ref"), "#/components/schemas/common.v1.Audience");
  EXPECT_EQ(need.at("additionalProperties"), false);
  EXPECT_NE(need.at("description").get<std::string>().find("one State, one provision"),
            std::string::npos);
  const json& versions = document_.at("components").at("schemas").at("needs.v1.CheckRebuildReply");
  EXPECT_EQ(versions.at("properties").at("versions").at("type"), "string") << "an int64";
}

}  // namespace
}  // namespace uncac::gateway

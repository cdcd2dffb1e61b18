// Writes the OpenAPI document of the gateway: every unary method from the protos and their
// comments, beside what is written by hand in paths.json. Run by the build:
//   uncac-openapi DESCRIPTORS PATHS.json VERSION > openapi.json
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace uncac::gateway::openapi {
namespace {

namespace pb = google::protobuf;
using Json = nlohmann::ordered_json;

// Of a comment, its lines as one text without the blank that each begins with.
std::string prose(const std::string& comment) {
  std::string text;
  std::size_t at = 0;
  while (at < comment.size()) {
    const std::size_t end = std::min(comment.find('\n', at), comment.size());
    std::string line = comment.substr(at, end - at);
    line.erase(0, line.find_first_not_of(' '));
    if (!line.empty()) text += (text.empty() ? "" : " ") + line;
    at = end + 1;
  }
  return text;
}

template <class Descriptor>
std::string comment_of(const Descriptor& descriptor) {
  pb::SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) return {};
  const std::string before = prose(location.leading_comments);
  const std::string behind = prose(location.trailing_comments);
  return before.empty() || behind.empty() ? before + behind : before + " " + behind;
}

// "needs.v1.Need"
std::string schema_name(const std::string& full_name) {
  const std::string prefix = "uncac.";
  return full_name.starts_with(prefix) ? full_name.substr(prefix.size()) : full_name;
}

Json reference_to(const std::string& full_name) {
  return {{"$ref", "#/components/schemas/" + schema_name(full_name)}};
}

// Proto3's JSON mapping.
Json type_of(const pb::FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return {{"type", "boolean"}};
    case pb::FieldDescriptor::CPPTYPE_INT32:
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return {{"type", "integer"}, {"format", "int32"}};
    case pb::FieldDescriptor::CPPTYPE_INT64:
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return {{"type", "string"}, {"format", "int64"}, {"pattern", "^-?[0-9]+$"}};
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return {{"type", "number"}, {"format", "double"}};
    case pb::FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == pb::FieldDescriptor::TYPE_BYTES) {
        return {{"type", "string"}, {"contentEncoding", "base64"}};
      }
      return {{"type", "string"}};
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return reference_to(field.enum_type()->full_name());
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Any") return {{"type", "object"}};
      return reference_to(field.message_type()->full_name());
  }
  return {};
}

class Document {
 public:
  explicit Document(Json& document) : document_(document) {}

  void add(const pb::MethodDescriptor& method) {
    const std::string service = method.service()->full_name();
    const auto body = [](const std::string& name) {
      return Json{{"application/json", {{"schema", reference_to(name)}}},
                  {"application/proto",
                   {{"schema", {{"type", "string"}, {"contentMediaType", "application/proto"}}}}}};
    };
    Json operation{{"operationId", service + "." + method.name()},
                   {"tags", {service}},
                   {"summary", method.name()}};
    std::string text = comment_of(method);
    if (method.options().idempotency_level() == pb::MethodOptions::NO_SIDE_EFFECTS) {
      text += (text.empty() ? "" : " ") + std::string("Changes nothing.");
    }
    if (!text.empty()) operation["description"] = text;
    operation["parameters"] = {{{"$ref", "#/components/parameters/ConnectProtocolVersion"}},
                               {{"$ref", "#/components/parameters/ConnectTimeoutMs"}},
                               {{"$ref", "#/components/parameters/UncacCsrf"}}};
    operation["requestBody"] = {{"required", true},
                                {"content", body(method.input_type()->full_name())}};
    operation["responses"] = {
        {"200",
         {{"description", "The answer."}, {"content", body(method.output_type()->full_name())}}},
        {"default", {{"$ref", "#/components/responses/ConnectError"}}}};
    document_["paths"]["/" + service + "/" + method.name()]["post"] = std::move(operation);
    add(*method.input_type());
    add(*method.output_type());
  }

  void add(const pb::Descriptor& message) {
    if (!known_.insert(message.full_name()).second) return;
    Json properties = Json::object();
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      Json type = type_of(field);
      if (field.is_repeated()) type = {{"type", "array"}, {"items", std::move(type)}};
      if (const std::string text = comment_of(field); !text.empty()) type["description"] = text;
      properties[field.json_name()] = std::move(type);
      if (field.message_type() != nullptr &&
          field.message_type()->full_name() != "google.protobuf.Any") {
        add(*field.message_type());
      }
      if (field.enum_type() != nullptr) add(*field.enum_type());
    }
    Json schema{
        {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
    if (const std::string text = comment_of(message); !text.empty()) schema["description"] = text;
    document_["components"]["schemas"][schema_name(message.full_name())] = std::move(schema);
  }

 private:
  void add(const pb::EnumDescriptor& words) {
    if (!known_.insert(words.full_name()).second) return;
    Json schema{{"type", "string"}};
    std::string text = comment_of(words);
    for (int i = 0; i < words.value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *words.value(i);
      schema["enum"].push_back(value.name());
      if (const std::string meaning = comment_of(value); !meaning.empty()) {
        text += (text.empty() ? "" : " ") + value.name() + ": " + meaning + ".";
      }
    }
    if (!text.empty()) schema["description"] = text;
    document_["components"]["schemas"][schema_name(words.full_name())] = std::move(schema);
  }

  Json& document_;
  std::set<std::string> known_;
};

// What services ask each other: the gateway does not answer it.
constexpr std::string_view kInside = "uncac.operations.v1.Publishing";

int generate(const char* descriptors, const char* paths, const char* version) {
  pb::FileDescriptorSet files;
  std::ifstream in(descriptors, std::ios::binary);
  if (!in || !files.ParseFromIstream(&in)) {
    std::fprintf(stderr, "uncac-openapi: %s holds no descriptors\n", descriptors);
    return 1;
  }
  std::ifstream by_hand(paths);
  Json document = Json::parse(by_hand, nullptr, false);
  if (document.is_discarded()) {
    std::fprintf(stderr, "uncac-openapi: %s is no JSON\n", paths);
    return 1;
  }
  document["info"]["version"] = version;
  pb::DescriptorPool pool;
  Document out(document);
  for (const pb::FileDescriptorProto& file : files.file()) {
    const pb::FileDescriptor* const built = pool.BuildFile(file);
    if (built == nullptr) return 1;
    for (int s = 0; s < built->service_count(); ++s) {
      const pb::ServiceDescriptor& service = *built->service(s);
      if (service.full_name() == kInside) continue;
      document["tags"].push_back(
          {{"name", service.full_name()}, {"description", comment_of(service)}});
      for (int m = 0; m < service.method_count(); ++m) {
        const pb::MethodDescriptor& method = *service.method(m);
        if (!method.client_streaming() && !method.server_streaming()) out.add(method);
      }
    }
  }
  // What an error's details hold, and what paths.json tells of a file.
  for (const char* const name :
       {"uncac.common.v1.ErrorDetail", "uncac.common.v1.Problem",
        "uncac.checklist.v1.ImportSummary", "uncac.checklist.v1.ImportedResponse"}) {
    if (const pb::Descriptor* const message = pool.FindMessageTypeByName(name)) out.add(*message);
  }
  std::cout << document.dump(1) << "\n";
  return std::cout ? 0 : 1;
}

}  // namespace
}  // namespace uncac::gateway::openapi

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "uncac-openapi DESCRIPTORS PATHS.json VERSION\n");
    return 2;
  }
  return uncac::gateway::openapi::generate(argv[1], argv[2], argv[3]);
} catch (const std::exception& wrong) {
  std::fprintf(stderr, "uncac-openapi: %s\n", wrong.what());
  return 1;
}

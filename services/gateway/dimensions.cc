#include "gateway/dimensions.h"

#include <algorithm>

#include "formats/needs.h"

namespace uncac::gateway {
namespace {

constexpr std::size_t kMostParameters = 50;

}  // namespace

platform::Status read_question(const http::Request& request, const std::vector<Field>& fields,
                               google::protobuf::RepeatedPtrField<needs::v1::Filter>& where) {
  const auto parameters = request.parameters();
  if (parameters.size() > kMostParameters) {
    return platform::make_error(platform::Reason::kTooLarge, "at most 50 parameters");
  }
  for (const auto& [name, value] : parameters) {
    if (name.empty()) continue;
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&name = name](const Field& one) { return one.first == name; });
    if (field != fields.end()) {
      field->second(value);
    } else {
      formats::add_values(value, formats::filter_of(name, where));
    }
  }
  return {};
}

}  // namespace uncac::gateway

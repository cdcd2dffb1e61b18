#include "formats/audience.h"

#include <algorithm>

namespace uncac::formats {

platform::Status fill_audience(std::string_view text, std::string_view parameter,
                               checklist::v1::SharingChoice& choice) {
  constexpr std::string_view kNamed = "NAMED:";
  if (text.empty()) return {};
  if (text == "RESTRICTED") {
    choice.set_audience(common::v1::AUDIENCE_RESTRICTED);
  } else if (text == "PROVIDERS") {
    choice.set_audience(common::v1::AUDIENCE_PROVIDERS);
  } else if (text == "PUBLIC") {
    choice.set_audience(common::v1::AUDIENCE_PUBLIC);
  } else if (text.starts_with(kNamed) && text.size() > kNamed.size()) {
    choice.set_audience(common::v1::AUDIENCE_NAMED);
    std::size_t at = kNamed.size();
    while (at <= text.size()) {
      const std::size_t end = std::min(text.find('|', at), text.size());
      choice.add_named(std::string(text.substr(at, end - at)));
      at = end + 1;
    }
  } else {
    return platform::make_error(platform::Reason::kInvalidInput,
                                std::string(parameter) + " \"" + std::string(text.substr(0, 80)) +
                                    "\": RESTRICTED, NAMED:<provider>|…, PROVIDERS or PUBLIC");
  }
  return {};
}

}  // namespace uncac::formats

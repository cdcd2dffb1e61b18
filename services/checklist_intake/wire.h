// Between the messages of proto/ and the values of domain/.
#pragma once

#include <deque>
#include <string>

#include "checklist_intake/domain/response.h"
#include "checklist_intake/domain/validate.h"
#include "platform/error.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::checklist_intake {

// A request as text to be checked, by the same rules as a file. Points into the request and into
// this object, which must both outlive the use of text().
class RequestText {
 public:
  explicit RequestText(const checklist::v1::SubmitRequest& request);
  const ResponseText& text() const { return text_; }

 private:
  std::deque<std::string> words_;  // codes of enums and numbers, written out
  ResponseText text_;
};

// The choice in an import's options; its text must be kept as long as the result is used.
SharingText sharing_text(const checklist::v1::SharingChoice& choice);

checklist::v1::ResponseVersion to_proto(const Reference& reference, const ResponseKey& key,
                                        const std::vector<Answer>& answers);
checklist::v1::ResponseKey to_proto(const Reference& reference, const ResponseKey& key);
// Of a message that this service wrote itself; an unknown code means a damaged store (kInternal).
platform::Result<std::vector<Answer>> answers_from(const Reference& reference,
                                                   const checklist::v1::ResponseVersion& message);

common::v1::Audience to_proto(Audience audience);
common::v1::Problem to_proto(const platform::Problem& problem);
// "EX1|EX2", and back.
std::string join_names(const std::vector<std::string>& named);
std::vector<std::string> split_names(const std::string& named);

}  // namespace uncac::checklist_intake

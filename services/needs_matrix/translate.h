// From the messages of the topics to the facts of the domain, and from needs to messages. Unknown
// codes are errors: a fact half understood would be a wrong figure.
#pragma once

#include "needs_matrix/domain/facts.h"
#include "platform/events/event.h"
#include "platform/result.h"
#include "reference/reference.h"
#include "uncac/checklist/v1/checklist.pb.h"
#include "uncac/common/v1/common.pb.h"

namespace uncac::needs_matrix {

inline constexpr const char* kChecklistTopic = "uncac.checklist.v1";
inline constexpr const char* kRestrictedTopic = "uncac.needs.restricted.v1";
inline constexpr const char* kProvidersTopic = "uncac.needs.providers.v1";
inline constexpr const char* kPublicTopic = "uncac.needs.public.v1";

inline constexpr const char* kVersionType = "uncac.checklist.v1.ResponseVersion";
inline constexpr const char* kSharingType = "uncac.checklist.v1.SharingDecision";
inline constexpr const char* kNeedType = "uncac.needs.v1.Need";

// A tombstone: the key is gone, its revision stays.
struct Removal {
  FactKey key;
  Revision revision;
};
using Fact = std::variant<VersionFact, SharingFact, Removal>;
StateIndex state_of(const Fact& fact);

// The fact that a record of the checklist topic carries.
platform::Result<Fact> to_fact(const reference::Reference& reference, const platform::Event& event);

// The same for many records one after another: a message that is parsed again keeps its memory.
class FactReader {
 public:
  explicit FactReader(const reference::Reference& reference) : reference_(reference) {}
  platform::Result<Fact> read(const platform::Event& event);
  // Of a decision on sharing that read() refuses: that nobody else may see it. A program of the
  // next version may have written it, and what stood before may be wider than what the State says
  // now. Nothing for any other record.
  std::optional<SharingFact> closed(const platform::Event& event) const;

 private:
  const reference::Reference& reference_;
  checklist::v1::ResponseVersion version_;
  checklist::v1::SharingDecision sharing_;
};

// HIGH, MEDIUM, LOW or empty.
std::string_view code_of(Priority priority);
common::v1::Audience to_proto(access::Audience audience);
std::optional<access::Audience> from_proto(common::v1::Audience audience);

}  // namespace uncac::needs_matrix

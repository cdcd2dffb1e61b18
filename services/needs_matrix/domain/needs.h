// The list of needs: one State, one provision, one type each, from the standing answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/caller.h"
#include "needs_matrix/domain/question.h"
#include "needs_matrix/domain/standing.h"
#include "platform/result.h"

namespace uncac::needs_matrix {

// In the order of lists: State by name, treaty order, type.
struct NeedKey {
  StateIndex state = 0;
  ProvisionIndex provision = 0;
  TypeIndex type = 0;
  auto operator<=>(const NeedKey&) const = default;
};
// "KEN:uncac/44.4:LEGAL_ADVICE"
std::string format_need_key(const reference::Reference& reference, const NeedKey& key);
// kInvalidInput for anything that format_need_key does not write, an item of no checklist and
// NO_ASSISTANCE_REQUIRED included.
platform::Result<NeedKey> parse_need_key(const Items& items, std::string_view text);

struct Need {
  NeedKey key;
  Priority state_priority = Priority::kNone;
  std::string text;  // the State's own words
  // Today's. RESTRICTED also where no decision is in force. `named` only for the State itself, the
  // secretariat and the writer of the feed: "outsiders see the kind of audience, never the names".
  access::Audience audience = access::Audience::kRestricted;
  std::vector<std::string> named;
  Day stated_on;      // submitted_on of the version it stands in
  VersionKey source;  // that version
  bool exercise = false;
  bool operator==(const Need&) const = default;
};

struct NeedsPage {
  std::vector<Need> needs;
  std::optional<NeedKey> next;  // ask for what comes after it; nothing at the end
  bool exercise = false;        // one on this page was invented for an exercise
};

// At most `limit` (at least 1) needs that the reader may see, after `after` where given. The key
// need not exist any more.
NeedsPage list_needs(const NeedsQuestion& question, const access::Scope& scope,
                     const Snapshot& snapshot, StandingTables& tables,
                     const std::optional<NeedKey>& after, std::size_t limit);

// Every standing need of one State on a day, whoever may read it: what the feed ought to have said.
std::vector<Need> standing_needs(const Snapshot& snapshot, StandingTables& tables, StateIndex state,
                                 Day today);

}  // namespace uncac::needs_matrix

// In which order a response's versions were filed and ended, by what happened and not by clocks:
// several replicas write, and a clock may be put back.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace uncac::checklist_intake {

struct EndedVersion {
  int version = 1;
  std::string_view recorded_at;  // the same for all that were ended by one act
};

// One line of a history: a version was filed, or the ending with this index was recorded.
struct HistoryLine {
  int version = 1;
  std::optional<std::size_t> ending;
  bool operator==(const HistoryLine&) const = default;
};

// Of versions 1 to `versions`; the endings in the order they were recorded in. An act ends the
// newest version of its time, and maybe older ones too: so it stands behind the highest that it
// ended.
std::vector<HistoryLine> order_history(int versions, std::span<const EndedVersion> endings);

}  // namespace uncac::checklist_intake

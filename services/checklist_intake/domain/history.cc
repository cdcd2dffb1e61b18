#include "checklist_intake/domain/history.h"

#include <algorithm>

namespace uncac::checklist_intake {

std::vector<HistoryLine> order_history(int versions, std::span<const EndedVersion> endings) {
  std::vector<HistoryLine> lines;
  int filed = 0;
  const auto file_up_to = [&](int version) {
    while (filed < version) lines.push_back({++filed, std::nullopt});
  };
  for (std::size_t at = 0; at < endings.size();) {
    std::size_t end = at;
    int newest = 0;
    for (; end < endings.size() && endings[end].recorded_at == endings[at].recorded_at; ++end) {
      newest = std::max(newest, endings[end].version);
    }
    file_up_to(newest);
    for (; at < end; ++at) lines.push_back({endings[at].version, at});
  }
  file_up_to(versions);
  return lines;
}

}  // namespace uncac::checklist_intake

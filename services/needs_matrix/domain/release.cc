#include "needs_matrix/domain/release.h"

#include <algorithm>
#include <array>

namespace uncac::needs_matrix {
namespace {

class Column {
 public:
  Column(const StateBits& counted, std::span<const StateBits> unknown)
      : counted_(counted), unknown_(unknown) {}

  std::int64_t value(const StateBits& in) const {
    std::int64_t states = 0;
    for (std::size_t state = 0; state < in.size(); ++state) states += in[state] && counted_[state];
    return states;
  }

  // Tells nobody of one State.
  bool is_wide(const StateBits& in) const {
    if (value(in) < kLeastStates) return false;
    return std::all_of(unknown_.begin(), unknown_.end(), [&](const StateBits& unknown) {
      std::int64_t inside = 0, outside = 0;
      for (std::size_t state = 0; state < in.size(); ++state) {
        if (in[state] && unknown[state]) ++(counted_[state] ? inside : outside);
      }
      return inside + outside == 0 || (inside >= kLeastStates && outside >= kLeastStates);
    });
  }

  // Tells nobody what one State changed since.
  bool is_changed(const StateBits& in, const StateBits& before) const {
    StateBits changed(in.size());
    std::int64_t all = 0;
    for (std::size_t state = 0; state < in.size(); ++state) {
      changed[state] = in[state] && counted_[state] != before[state];
      all += changed[state];
    }
    if (all < kLeastStates) return false;
    return std::all_of(unknown_.begin(), unknown_.end(), [&](const StateBits& unknown) {
      std::int64_t hidden = 0;
      for (std::size_t state = 0; state < in.size(); ++state) {
        hidden += changed[state] && unknown[state];
      }
      return hidden == 0 || hidden >= kLeastStates;
    });
  }

 private:
  const StateBits& counted_;
  const std::span<const StateBits> unknown_;
};

}  // namespace

std::string_view code(LeftOut why) {
  constexpr std::array<std::string_view, 4> kCodes{"", "too-few-states", "too-few-changed",
                                                   "gives-others-away"};
  return kCodes[static_cast<std::size_t>(why)];
}

std::vector<ReleasedLine> release_lines(const StateBits& counted,
                                        std::span<const std::uint8_t> group_of, std::size_t groups,
                                        std::span<const StateBits> unknown,
                                        std::span<const EarlierColumn> earlier) {
  const Column column(counted, unknown);
  std::vector<ReleasedLine> lines;
  const auto decide = [&](const StateBits& in) {
    const std::size_t line = lines.size();
    if (!column.is_wide(in)) return ReleasedLine{0, LeftOut::kTooFewStates};
    const bool fresh = std::all_of(earlier.begin(), earlier.end(), [&](const auto& before) {
      const bool given = line < before.given.size() && before.given[line];
      return !given || column.is_changed(in, before.counted);
    });
    if (!fresh) return ReleasedLine{0, LeftOut::kTooFewChanged};
    return ReleasedLine{column.value(in), LeftOut::kNo};
  };
  StateBits in_any(group_of.size());
  bool all_given = true;
  for (std::size_t group = 0; group < groups; ++group) {
    StateBits in(group_of.size());
    for (std::size_t state = 0; state < in.size(); ++state) {
      if (group_of[state] == group) in[state] = in_any[state] = true;
    }
    lines.push_back(decide(in));
    all_given = all_given && lines.back().left_out == LeftOut::kNo;
  }
  ReleasedLine total = decide(in_any);
  if (total.left_out == LeftOut::kNo && !all_given) total = {0, LeftOut::kGivesOthersAway};
  lines.push_back(total);
  return lines;
}

bool tells_beside(std::int64_t answered, std::int64_t stating) {
  const std::int64_t apart = answered - stating;
  // Stating more than had answered before: others have come.
  return apart < kLeastStates && apart > -kLeastStates;
}

}  // namespace uncac::needs_matrix

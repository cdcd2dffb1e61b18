#include "needs_matrix/domain/release.h"

#include <algorithm>
#include <array>

namespace uncac::needs_matrix {
namespace {

// "At least three States."
constexpr std::int64_t kLeast = 3;

class Column {
 public:
  Column(Counts counts, const Contribution& now, std::span<const Unknown> unknown)
      : counts_(counts), now_(now), unknown_(unknown) {}

  // Tells nobody of one State.
  bool is_wide(const StateBits& in) const {
    if (count(in, now_.counted) < kLeast) return false;
    return std::all_of(unknown_.begin(), unknown_.end(), [&](const Unknown& reader) {
      return hides(in, reader.counted, now_.counted, counts_ == Counts::kStating) &&
             hides(in, reader.based, now_.based, false);
    });
  }

  // Tells nobody what one State changed since.
  bool is_changed(const StateBits& in, const Contribution& before) const {
    StateBits changed(in.size());
    for (std::size_t state = 0; state < in.size(); ++state) {
      changed[state] = in[state] && (now_.counted[state] != before.counted[state] ||
                                     now_.based[state] != before.based[state]);
    }
    if (std::count(changed.begin(), changed.end(), true) < kLeast) return false;
    return std::all_of(unknown_.begin(), unknown_.end(), [&](const Unknown& reader) {
      std::int64_t hidden = 0;
      for (std::size_t state = 0; state < in.size(); ++state) {
        hidden += changed[state] && (reader.counted[state] || reader.based[state]);
      }
      return hidden == 0 || hidden >= kLeast;
    });
  }

  ReleasedLine line(const StateBits& in) const {
    return {count(in, now_.counted), count(in, now_.based), LeftOut::kNo};
  }

 private:
  static std::int64_t count(const StateBits& in, const StateBits& what) {
    std::int64_t both = 0;
    for (std::size_t state = 0; state < in.size(); ++state) both += in[state] && what[state];
    return both;
  }

  // Of the States in `in` of which a reader does not know, enough are in `set` and, if both sides
  // are asked for, enough are not.
  static bool hides(const StateBits& in, const StateBits& unknown, const StateBits& set,
                    bool both_sides) {
    std::int64_t inside = 0, outside = 0;
    for (std::size_t state = 0; state < in.size(); ++state) {
      if (!in[state] || !unknown[state]) continue;
      ++(set[state] ? inside : outside);
    }
    return inside + outside == 0 || (inside >= kLeast && (!both_sides || outside >= kLeast));
  }

  const Counts counts_;
  const Contribution& now_;
  const std::span<const Unknown> unknown_;
};

// Who was in the line when it was last given; null if it never was.
const Contribution* last_given(std::span<const EarlierColumn> earlier, std::size_t line) {
  const auto found = std::find_if(earlier.begin(), earlier.end(), [&](const EarlierColumn& column) {
    return line < column.given.size() && column.given[line];
  });
  return found == earlier.end() ? nullptr : &found->contribution;
}

}  // namespace

std::string_view code(LeftOut why) {
  constexpr std::array<std::string_view, 4> kCodes{"", "too-few-states", "too-few-changed",
                                                   "gives-others-away"};
  return kCodes[static_cast<std::size_t>(why)];
}

std::vector<ReleasedLine> release_lines(Counts counts, const Contribution& now,
                                        std::span<const std::uint8_t> group_of, std::size_t groups,
                                        std::span<const Unknown> unknown,
                                        std::span<const EarlierColumn> earlier) {
  const Column column(counts, now, unknown);
  std::vector<ReleasedLine> lines;
  StateBits in_any(group_of.size());
  const auto decide = [&](const StateBits& in) {
    const Contribution* before = last_given(earlier, lines.size());
    ReleasedLine line = column.line(in);
    if (!column.is_wide(in)) {
      line.left_out = LeftOut::kTooFewStates;
    } else if (before != nullptr && !column.is_changed(in, *before)) {
      line.left_out = LeftOut::kTooFewChanged;
    }
    return line;
  };
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
  if (total.left_out == LeftOut::kNo && !all_given) total.left_out = LeftOut::kGivesOthersAway;
  lines.push_back(total);
  for (ReleasedLine& line : lines) {
    if (line.left_out != LeftOut::kNo) line.value = line.base = 0;
  }
  return lines;
}

}  // namespace uncac::needs_matrix

// The order of a history does not come from clocks.
#include <gtest/gtest.h>

#include "checklist_intake/domain/history.h"

namespace uncac::checklist_intake {
namespace {

using Lines = std::vector<HistoryLine>;

TEST(HistoryOrder, VersionsAloneByNumber) {
  EXPECT_EQ(order_history(3, {}), (Lines{{1, {}}, {2, {}}, {3, {}}}));
  EXPECT_EQ(order_history(0, {}), Lines{});
}

TEST(HistoryOrder, AWithdrawalStandsBehindItsVersionWhateverTheClockSaid) {
  const std::vector<EndedVersion> endings{{1, "2026-03-10T12:00:00.000000Z"},
                                          {2, "2026-03-10T09:00:00.000000Z"}};
  EXPECT_EQ(order_history(3, endings), (Lines{{1, {}}, {1, 0}, {2, {}}, {2, 1}, {3, {}}}));
}

TEST(HistoryOrder, AVoidOfSeveralStandsBehindTheLastOfThem) {
  const std::vector<EndedVersion> endings{{2, "2026-03-10T12:00:00.000000Z"},
                                          {1, "2026-03-10T10:00:00.000000Z"},
                                          {2, "2026-03-10T10:00:00.000000Z"},
                                          {3, "2026-03-10T10:00:00.000000Z"}};
  EXPECT_EQ(order_history(4, endings),
            (Lines{{1, {}}, {2, {}}, {2, 0}, {3, {}}, {1, 1}, {2, 2}, {3, 3}, {4, {}}}));
}

}  // namespace
}  // namespace uncac::checklist_intake

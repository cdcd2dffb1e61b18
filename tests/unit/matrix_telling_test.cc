// What a follower is told, over any order of acts, repetitions of the log and broken streams.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "needs_matrix/domain/telling.h"

namespace uncac::needs_matrix {
namespace {

const std::string kNeed = "KEN:uncac/13:LEGAL_ADVICE";

Change change(std::int64_t number, bool visible, bool visible_before) {
  return {kNeed, 0, number, visible, visible_before};
}

TEST(Telling, ARemovalIsToldOnceAndNotToWhomItWasKeptFrom) {
  Telling told({0});
  EXPECT_EQ(told.tell(change(1, true, false)), Told::kStated);
  EXPECT_EQ(told.tell(change(2, false, true)), Told::kRemoved);
  EXPECT_EQ(told.tell(change(3, false, true)), Told::kNothing);
  EXPECT_EQ(told.tell(change(4, true, false)), Told::kStated);

  Telling kept({4});
  kept.keep(kNeed);
  EXPECT_EQ(kept.tell(change(5, false, true)), Told::kNothing);
}

// The fault that this was found by: stated to a follower, narrowed, and the record of before sent
// again ahead of the one that ends it.
TEST(Telling, ARecordThatComesAgainKeepsNoEndFromAFollower) {
  Telling told({0});
  EXPECT_EQ(told.tell(change(1, true, false)), Told::kStated);
  EXPECT_EQ(told.tell(change(1, false, false)), Told::kNothing) << "again, narrowed meanwhile";
  EXPECT_EQ(told.tell(change(2, false, true)), Told::kRemoved);
  EXPECT_EQ(told.passed(), std::vector<std::int64_t>{2});
}

// ---- a small world ---------------------------------------------------------------------------

// A State states a need, or not, and shares it, or not.
struct Act {
  int need = 0;
  bool stated = false, shared = false;
};

struct Logged {
  int need = 0;
  std::int64_t number = 0;
  std::size_t act = 0;
  bool shown = false, shown_before = false;
};

// The log of these acts: one record each, and now and then the last ones again.
std::vector<Logged> log_of(const std::vector<Act>& acts, int needs) {
  std::vector<Logged> log;
  std::vector<bool> shown(static_cast<std::size_t>(needs), false);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const auto need = static_cast<std::size_t>(acts[i].need);
    const bool now = acts[i].stated && acts[i].shared;
    log.push_back({acts[i].need, static_cast<std::int64_t>(i) + 1, i, now, shown[need]});
    shown[need] = now;
    // In their order and up to the newest, at times of some needs alone.
    const auto again = *rc::gen::inRange<std::size_t>(0, 4);
    const auto some = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, needs));
    if (!*rc::gen::weightedElement<bool>({{3, false}, {1, true}})) continue;
    const std::size_t end = log.size();
    for (std::size_t at = end - std::min(end, again); at < end; ++at) {
      if (some.empty() || std::find(some.begin(), some.end(), log[at].need) != some.end())
        log.push_back(log[at]);
    }
  }
  return log;
}

RC_GTEST_PROP(Telling, AFollowerEndsWithWhatItMaySee, ()) {
  constexpr int kNeeds = 3;
  const auto acts = *rc::gen::container<std::vector<Act>>(
      rc::gen::build<Act>(rc::gen::set(&Act::need, rc::gen::inRange(0, kNeeds)),
                          rc::gen::set(&Act::stated, rc::gen::arbitrary<bool>()),
                          rc::gen::set(&Act::shared, rc::gen::arbitrary<bool>())));
  const std::vector<Logged> log = log_of(acts, kNeeds);
  // Whether today's decision, as of so many acts, shares a need.
  const auto shared = [&](int need, std::size_t acts_done) {
    for (std::size_t i = acts_done; i > 0; --i) {
      if (acts[i - 1].need == need) return acts[i - 1].shared;
    }
    return false;
  };

  Telling telling({0});
  std::set<int> copy;
  std::set<int> ever_shown;
  std::size_t today = 0;  // acts that the follower's replica knows of; only ever more
  struct Place {
    std::size_t at = 0;
    std::vector<std::int64_t> passed{0};
  } place;  // as it came with the last message
  int breaks = *rc::gen::inRange(0, 5);
  for (std::size_t at = 0; at < log.size();) {
    if (breaks > 0 && *rc::gen::weightedElement<bool>({{6, false}, {1, true}})) {
      --breaks;
      at = place.at;
      telling = Telling(place.passed);
    }
    const Logged& record = log[at++];
    today = std::max(today, record.act + 1);
    today = *rc::gen::inRange(today, acts.size() + 1);
    if (record.shown) ever_shown.insert(record.need);
    const std::string name = std::to_string(record.need);
    const Told told = telling.tell(
        {name, 0, record.number, record.shown && shared(record.need, today), record.shown_before});
    if (told == Told::kStated) copy.insert(record.need);
    if (told == Told::kRemoved) {
      copy.erase(record.need);
      RC_ASSERT(ever_shown.contains(record.need));
    }
    if (told != Told::kNothing) place = {at, telling.passed()};
  }
  std::set<int> right;
  std::map<int, bool> last;
  for (const Act& act : acts) last[act.need] = act.stated && act.shared;
  for (const auto& [need, shown] : last) {
    if (shown) right.insert(need);
  }
  RC_ASSERT(copy == right);
}

}  // namespace
}  // namespace uncac::needs_matrix

// What a State's sharing decision covers and what it changes, whatever way it is asked for.
#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "checklist_intake/domain/sharing.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

using test::day;
using ::testing::ElementsAre;

const SharingChoice kPublic{Audience::kPublic, {}, {}};
const SharingChoice kProviders{Audience::kProviders, {}, {}};
const SharingChoice kRestricted{};
using Held = std::map<ProvisionIndex, HeldDecision>;
using Ids = std::vector<std::string>;

// Every item of some checklist, in treaty order.
std::vector<ProvisionIndex> all_items() {
  std::set<ProvisionIndex> items;
  for (const auto& checklist : test::data().checklists()) {
    items.insert(checklist.items.begin(), checklist.items.end());
  }
  return {items.begin(), items.end()};
}

std::optional<std::vector<ProvisionIndex>> named(const Ids& names,
                                                 std::vector<std::string>* problems = nullptr) {
  ProblemBudget budget;
  ProblemSink sink("", budget);
  const std::vector<std::string_view> views(names.begin(), names.end());
  auto items = items_named(test::data(), views, sink);
  const auto lines = test::lines(sink.take());
  EXPECT_EQ(items.has_value(), lines.empty());
  if (problems != nullptr) *problems = lines;
  return items;
}

Ids ids_of(const std::vector<ProvisionIndex>& provisions) {
  Ids ids;
  for (const ProvisionIndex p : provisions) ids.push_back(test::data().provisions()[p].id);
  return ids;
}

// Names that stand for something: "uncac", articles and paragraphs.
rc::Gen<Ids> any_names() {
  Ids names{"uncac"};
  for (const auto& provision : test::data().provisions()) {
    ProblemBudget budget;
    ProblemSink sink("", budget);
    if (items_named(test::data(), std::vector<std::string_view>{provision.id}, sink)) {
      names.push_back(provision.id);
    }
  }
  return rc::gen::resize(8, rc::gen::nonEmpty(rc::gen::container<Ids>(rc::gen::elementOf(names))));
}

rc::Gen<Held> any_held() {
  return rc::gen::exec([] {
    Held held;
    const std::vector<ProvisionIndex> items = all_items();
    for (const int at : *rc::gen::resize(60, test::any_of(items.size()))) {
      HeldDecision decision{*test::any_choice(), {}};
      // Some have ended: the scheduler looks each second only.
      if (decision.choice.until && *rc::gen::inRange(0, 3) == 0) {
        decision.choice.until = test::today() - std::chrono::days(*rc::gen::inRange(1, 9));
      }
      if (*rc::gen::inRange(0, 4) == 0) {
        decision.choice = kRestricted;
        decision.suspended = *test::any_choice();
        if (decision.suspended->until && *rc::gen::arbitrary<bool>()) {
          decision.suspended->until = test::today() - std::chrono::days(1);
        }
      }
      held.emplace(items[static_cast<std::size_t>(at)], decision);
    }
    return held;
  });
}

// What the store holds after the change was recorded.
Held after(Held held, const SharingChange& change) {
  for (const auto& [item, choice] : change.decisions) {
    held.insert_or_assign(item, HeldDecision{choice, {}});
  }
  return held;
}

TEST(IntakeSharing, AnArticleIsItselfAndEverythingBelowItOfAnyChecklist) {
  const auto items = named({"uncac/5"});
  ASSERT_TRUE(items);
  EXPECT_THAT(ids_of(*items),
              ElementsAre("uncac/5", "uncac/5.1", "uncac/5.2", "uncac/5.3", "uncac/5.4"));
  EXPECT_THAT(ids_of(*named({"uncac/5.3"})), ElementsAre("uncac/5.3"));
  // An article that only the comprehensive checklist asks about, and that by paragraphs.
  const auto below = named({"uncac/12"});
  ASSERT_TRUE(below);
  for (const std::string& id : ids_of(*below)) EXPECT_EQ(id.rfind("uncac/12.", 0), 0u) << id;
  EXPECT_GT(below->size(), 1u);
  EXPECT_EQ(*named({"uncac"}), all_items());
}

TEST(IntakeSharing, WhatIsNamedWronglyIsRefusedWithRuleAndField) {
  const auto refused = [](const Ids& names) {
    std::vector<std::string> problems;
    EXPECT_FALSE(named(names, &problems));
    std::string text;
    for (const std::string& line : problems) text += line + "\n";
    return text;
  };
  EXPECT_EQ(refused({}), "provision: error: unknown-provision: no provision is named\n");
  EXPECT_EQ(refused({" "}), "provision: error: unknown-provision: no provision is named\n");
  EXPECT_EQ(refused({"44.10"}),
            "provision: error: provision-without-treaty: \"44.10\" does not name its treaty; write "
            "\"uncac/44.10\"\n");
  EXPECT_EQ(refused({"uncac/99"}),
            "provision: error: unknown-provision: \"uncac/99\" is not a provision\n");
  EXPECT_EQ(refused({"uncac/15.a"}),
            "provision: error: not-an-item: \"uncac/15.a\" is not an item; its item is "
            "\"uncac/15\"\n");
  EXPECT_EQ(refused({"uncac/46.9.b"}),
            "provision: error: not-an-item: \"uncac/46.9.b\" is not an item; its item is "
            "\"uncac/46.9\"\n");
  EXPECT_EQ(refused({"uncac/2"}),
            "provision: error: provision-not-in-checklist: no checklist asks about \"uncac/2\"\n");
  EXPECT_EQ(refused({"untoc/16"}),
            "provision: error: provision-not-in-checklist: no checklist asks about \"untoc/16\"\n");
  for (const char* wrong : {"untoc", "UNCAC", "uncac/", "uncac/44.", "uncac/44.04", "II"}) {
    EXPECT_NE(refused({wrong}).find("unknown-provision"), std::string::npos) << wrong;
  }
  // One wrong name refuses all, and each wrong one is told.
  const std::string both = refused({"uncac/5", "44", "uncac/99"});
  EXPECT_NE(both.find("\"44\""), std::string::npos) << both;
  EXPECT_NE(both.find("\"uncac/99\""), std::string::npos) << both;
}

TEST(IntakeSharing, OnlyWhatHoldsAlreadyIsNoNewDecision) {
  const ProvisionIndex a = test::provision("uncac/5"), b = test::provision("uncac/6"),
                       c = test::provision("uncac/9");
  const SharingChoice ended{Audience::kPublic, {}, day("2026-03-30")};
  const Held held{{a, {kProviders, {}}}, {b, {ended, {}}}};
  const std::vector<ProvisionIndex> items{a, b, c};

  SharingChange change = set_choice(held, items, kProviders, test::today());
  EXPECT_EQ(change.decisions, (SharingChoices{{b, kProviders}, {c, kProviders}}));
  EXPECT_EQ(change.holds, (SharingChoices{{a, kProviders}, {b, kProviders}, {c, kProviders}}));

  // An ended one counts as RESTRICTED; where nothing was ever said, RESTRICTED is a decision.
  change = set_choice(held, items, kRestricted, test::today());
  EXPECT_EQ(change.decisions, (SharingChoices{{a, kRestricted}, {c, kRestricted}}));

  // Another end is another choice.
  const SharingChoice until{Audience::kProviders, {}, test::today()};
  change = set_choice(held, items, until, test::today());
  EXPECT_EQ(change.decisions.size(), 3u);
}

TEST(IntakeSharing, WhatWasSuspendedHoldsAgainAsItHoldsToday) {
  const ProvisionIndex a = test::provision("uncac/5"), b = test::provision("uncac/6"),
                       c = test::provision("uncac/9"), d = test::provision("uncac/15");
  const SharingChoice named{Audience::kNamed, {"EX1"}, test::today()};
  const SharingChoice ended{Audience::kPublic, {}, day("2026-03-30")};
  const Held held{{a, {kRestricted, named}}, {b, {kRestricted, ended}}, {c, {kProviders, {}}}};
  const std::vector<ProvisionIndex> items{a, b, c, d};

  SharingChange change = reinstate(held, items, test::today());
  EXPECT_EQ(change.decisions, (SharingChoices{{a, named}, {b, kRestricted}}))
      << "an end that has passed meanwhile stays RESTRICTED, and the question is answered";
  EXPECT_EQ(change.holds, (SharingChoices{{a, named}, {b, kRestricted}, {c, kProviders}}))
      << "nothing holds where nothing was decided";

  // Any choice is the State's answer too, also the one that holds.
  change = set_choice(held, items, kRestricted, test::today());
  EXPECT_EQ(
      change.decisions,
      (SharingChoices{{a, kRestricted}, {b, kRestricted}, {c, kRestricted}, {d, kRestricted}}));
}

RC_GTEST_PROP(IntakeSharingProperty, OrderAndRepetitionOfProvisionsSayNothing, ()) {
  Ids names = *any_names();
  const auto items = named(names);
  RC_ASSERT(items.has_value());
  const Ids again = *rc::gen::container<Ids>(rc::gen::elementOf(names));
  names.insert(names.end(), again.begin(), again.end());
  for (std::size_t i = names.size(); i > 1; --i) {
    std::swap(names[i - 1],
              names[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(i)))]);
  }
  RC_ASSERT(named(names) == items);
  RC_ASSERT(std::is_sorted(items->begin(), items->end()));
  RC_ASSERT(std::adjacent_find(items->begin(), items->end()) == items->end());
}

RC_GTEST_PROP(IntakeSharingProperty, SeveralTogetherAreUnited, ()) {
  const Ids names = *any_names();
  std::set<ProvisionIndex> united;
  for (const std::string& name : names) {
    const auto one = named({name});
    RC_ASSERT(one.has_value());
    united.insert(one->begin(), one->end());
  }
  RC_ASSERT(named(names) == std::vector<ProvisionIndex>(united.begin(), united.end()));
}

RC_GTEST_PROP(IntakeSharingProperty, ANameCoversExactlyTheItemsAtAndBelowIt, ()) {
  const std::string name = (*any_names())[0];
  const auto covered = named({name});
  RC_ASSERT(covered.has_value());
  for (const ProvisionIndex item : all_items()) {
    // By the text of the ids, which the function does not look at.
    const std::string& id = test::data().provisions()[item].id;
    const bool below = id == name || id.rfind(name + ".", 0) == 0 || id.rfind(name + "/", 0) == 0;
    RC_ASSERT(std::binary_search(covered->begin(), covered->end(), item) == below);
  }
}

RC_GTEST_PROP(IntakeSharingProperty, DoneTwiceChangesNothingAndOthersAreUntouched, ()) {
  const Held held = *any_held();
  const auto items = named(*any_names());
  RC_ASSERT(items.has_value());
  const bool again = *rc::gen::arbitrary<bool>();
  const SharingChoice choice = *test::any_choice();
  const auto act = [&](const Held& on) {
    return again ? reinstate(on, *items, test::today())
                 : set_choice(on, *items, choice, test::today());
  };
  const SharingChange first = act(held);
  const Held then = after(held, first);
  const SharingChange second = act(then);
  RC_ASSERT(second.decisions.empty());
  RC_ASSERT(second.holds == first.holds);
  for (const auto& [item, decision] : held) {
    if (std::binary_search(items->begin(), items->end(), item)) continue;
    RC_ASSERT(!first.decisions.contains(item) && !first.holds.contains(item));
  }
  for (const auto& [item, now] : first.holds) {
    RC_ASSERT(std::binary_search(items->begin(), items->end(), item));
    // What is said to hold does hold, and nothing there is suspended any more.
    const auto found = then.find(item);
    RC_ASSERT(found != then.end());
    RC_ASSERT(!found->second.suspended);
    const auto& held_now = found->second.choice;
    RC_ASSERT((held_now.until && *held_now.until < test::today() ? SharingChoice() : held_now) ==
              now);
    if (!again) RC_ASSERT(now == choice);
  }
  if (!again) RC_ASSERT(first.holds.size() == items->size());
}

}  // namespace
}  // namespace uncac::checklist_intake

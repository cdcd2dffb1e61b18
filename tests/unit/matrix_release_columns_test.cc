// What a release is computed from, on facts: who is in each figure, and what each reader knows.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "needs_matrix/domain/release_columns.h"
#include "unit/matrix_random.h"

namespace uncac::needs_matrix::testing {
namespace {

const ReleaseColumn& column(const ReleaseMaterial& material, std::size_t table,
                            const std::string& code) {
  const auto& columns = material.tables.at(table).columns;
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const auto& one) { return one.code == code; });
  EXPECT_NE(found, columns.end()) << code;
  return *found;
}

// Tables in the order of release_questions().
constexpr std::size_t kRate = 0, kArticles = 1, kTypes = 2;

ReleaseMaterial material_of(World& world) {
  auto material =
      release_material(*world.fold.snapshot(), world.tables, world.today, [] { return false; });
  EXPECT_TRUE(material.has_value());
  return *std::move(material);
}

TEST(ReleaseMaterial, CountsEveryAnswerAndKnowsWhatEachReaderSees) {
  World world;
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"}, {"INTERAGENCY"}),
              an_answer("uncac/15", Compliance::kYes)});
  world.file("UGA", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.share_all("UGA", Audience::kPublic);
  const auto material = material_of(world);
  ASSERT_EQ(material.tables.size(), release_questions().size());
  const StateIndex ken = state("KEN"), uga = state("UGA"), fra = state("FRA");

  const auto& extradition = column(material, kArticles, "uncac/44");
  EXPECT_TRUE(extradition.counted[ken]);
  EXPECT_TRUE(extradition.counted[uga]);
  EXPECT_FALSE(extradition.counted[fra]);
  ASSERT_EQ(extradition.unknown.size(), 2u) << "the public, and a provider that nobody names";
  for (const StateBits& unknown : extradition.unknown) {
    EXPECT_TRUE(unknown[ken]);
    EXPECT_TRUE(unknown[fra]) << "whether it answered is withheld too";
    EXPECT_FALSE(unknown[uga]);
  }
  EXPECT_FALSE(column(material, kArticles, "uncac/15").counted[ken]);
  EXPECT_TRUE(column(material, kTypes, "LEGAL_ADVICE").counted[ken]);

  const auto& rate = column(material, kRate, "");
  EXPECT_TRUE(rate.counted[ken]);
  EXPECT_FALSE(rate.counted[fra]);
  EXPECT_TRUE(rate.unknown[0][fra]);
  // One that has not deposited is in no rate, and everybody knows it.
  EXPECT_FALSE(rate.unknown[0][state("ERI")]);
}

TEST(ReleaseMaterial, EveryProviderThatAStateNamesIsAReaderUnlessAnotherSeesTheSame) {
  World world;
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.share("KEN", "uncac/44", Audience::kNamed, {"EX1", "EX2"});
  world.share("KEN", "uncac/15", Audience::kNamed, {"EX3"});
  const auto material = material_of(world);
  const auto& extradition = column(material, kArticles, "uncac/44");
  EXPECT_EQ(extradition.unknown.size(), 4u) << "the public, one unnamed, EX1 with EX2, EX3";
  int who_do_not_know = 0;
  for (const StateBits& unknown : extradition.unknown) who_do_not_know += unknown[state("KEN")];
  EXPECT_EQ(who_do_not_know, 3);
}

TEST(ReleaseMaterial, WhatWasSharedOnceIsRemembered) {
  World world;
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.share("KEN", "uncac/44", Audience::kNamed, {"EX1"});
  world.share("KEN", "uncac/44", Audience::kPublic);
  world.share("KEN", "uncac/44", Audience::kRestricted);
  const auto snapshot = world.fold.snapshot();
  EXPECT_FALSE(visible_items(*snapshot, state("KEN"), the_public()).any());
  const auto material = material_of(world);
  for (const StateBits& unknown : column(material, kArticles, "uncac/44").unknown) {
    // Its item of the other checklist, by paragraphs, was never shared.
    EXPECT_FALSE(unknown[state("KEN")]) << "a visible need was enough";
  }
}

TEST(ReleaseMaterial, StopsWhenNobodyWaitsAnyLonger) {
  World world;
  EXPECT_FALSE(release_material(*world.fold.snapshot(), world.tables, world.today, [] {
                 return true;
               }).has_value());
}

// The widest audience ever told does not depend on the order or repetition of what was told.
TEST(ReleaseMaterialProperty, WhatIsRememberedIsTheSameInAnyOrder) {
  EXPECT_TRUE(rc::check("any order", [](std::uint64_t seed) {
    Random random(seed);
    World one, two;
    auto facts = random_facts(random);
    for (const auto& fact : facts) RC_ASSERT(tell(one.fold, fact));
    std::shuffle(facts.begin(), facts.end(), random.engine());
    for (const auto& fact : facts) RC_ASSERT(tell(two.fold, fact));
    for (const auto& fact : facts) RC_ASSERT(tell(two.fold, fact));
    const auto a = one.fold.snapshot(), b = two.fold.snapshot();
    for (StateIndex s = 0; s < a->ever_shared.size(); ++s) {
      for (ItemIndex i = 0; i < the_items()->size(); ++i) {
        const auto* left = a->ever_shared[s]->decision(i);
        const auto* right = b->ever_shared[s]->decision(i);
        RC_ASSERT((left == nullptr) == (right == nullptr));
        if (left == nullptr) continue;
        RC_ASSERT(left->audience == right->audience);
        RC_ASSERT(left->named == right->named);
      }
      // Nobody sees today what he is not taken to remember.
      for (const auto& scope : {the_public(), provider("EX1"), provider("EX9")}) {
        Snapshot remembered = *a;
        remembered.sharing = a->ever_shared;
        RC_ASSERT(!visible_items(*a, s, scope).minus(visible_items(remembered, s, scope)).any());
      }
    }
  }));
}

// What is called known to a reader is no more than what he could ask for, once or now.
TEST(ReleaseMaterialProperty, NobodyIsTakenToKnowWhatHeNeverSaw) {
  EXPECT_TRUE(rc::check("known is visible", [](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) RC_ASSERT(tell(world.fold, fact));
    Snapshot remembered = *world.fold.snapshot();
    remembered.sharing = remembered.ever_shared;
    const auto material = material_of(world);
    for (const auto& one : material.tables[kArticles].columns) {
      const ItemSet items = the_items()->below(provision(one.code));
      for (StateIndex s = 0; s < one.counted.size(); ++s) {
        if (one.unknown[0][s]) continue;
        const ItemSet visible = visible_items(remembered, s, the_public());
        RC_ASSERT(!items.minus(visible).any() || ((items & visible).any() && one.counted[s]));
      }
    }
  }));
}

}  // namespace
}  // namespace uncac::needs_matrix::testing

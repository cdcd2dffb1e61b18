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

TEST(ReleaseMaterial, CountsEveryAnswerAndKnowsWhatEachReaderSees) {
  World world;
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"}, {"INTERAGENCY"}),
              an_answer("uncac/15", Compliance::kYes)});
  world.file("UGA", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  world.share_all("UGA", Audience::kPublic);
  const auto material = release_material(*world.fold.snapshot(), world.tables, world.today);
  ASSERT_EQ(material.tables.size(), release_questions().size());
  const StateIndex ken = state("KEN"), uga = state("UGA"), fra = state("FRA");

  const auto& extradition = column(material, kArticles, "uncac/44");
  EXPECT_TRUE(extradition.now.counted[ken] && extradition.now.based[ken]);
  EXPECT_TRUE(extradition.now.counted[uga] && extradition.now.based[uga]);
  EXPECT_FALSE(extradition.now.counted[fra] || extradition.now.based[fra]);
  ASSERT_EQ(extradition.unknown.size(), 2u) << "the public, and a provider that nobody names";
  for (const Unknown& reader : extradition.unknown) {
    EXPECT_TRUE(reader.counted[ken] && reader.based[ken]);
    EXPECT_TRUE(reader.counted[fra] && reader.based[fra]) << "whether it answered is withheld too";
    EXPECT_FALSE(reader.counted[uga] || reader.based[uga]);
  }
  const auto& fifteen = column(material, kArticles, "uncac/15");
  EXPECT_FALSE(fifteen.now.counted[ken]);
  EXPECT_TRUE(fifteen.now.based[ken]);
  EXPECT_TRUE(column(material, kTypes, "LEGAL_ADVICE").now.counted[ken]);
  EXPECT_TRUE(column(material, kTypes, "").now.counted[ken]);

  const auto& rate = column(material, kRate, "");
  EXPECT_TRUE(rate.now.counted[ken] && rate.now.based[ken]);
  EXPECT_FALSE(rate.now.counted[fra]);
  EXPECT_TRUE(rate.now.based[fra]) << "it deposited";
  EXPECT_FALSE(rate.unknown[0].based[fra]) << "which is public";
  EXPECT_TRUE(rate.unknown[0].counted[fra]);
}

TEST(ReleaseMaterial, EveryProviderThatAStateNamesIsAReaderOfItsOwn) {
  World world;
  world.file("KEN", "uncac-2007", 2007, 1, "2007-10-01",
             {an_answer("uncac/44", Compliance::kNo, {"LEGAL_ADVICE"})});
  SharingFact named;
  named.key = {state("KEN"), provision("uncac/44")};
  named.audience = Audience::kNamed;
  named.named = {"EX1", "EX2"};
  named.sequence = 1;
  named.revision = {1, 1000};
  ASSERT_TRUE(world.fold.apply(named).ok());
  const auto material = release_material(*world.fold.snapshot(), world.tables, world.today);
  const auto& extradition = column(material, kArticles, "uncac/44");
  ASSERT_EQ(extradition.unknown.size(), 4u);
  int who_do_not_know = 0;
  for (const Unknown& reader : extradition.unknown) {
    who_do_not_know += reader.counted[state("KEN")] ? 1 : 0;
  }
  EXPECT_EQ(who_do_not_know, 2) << "the public and the unnamed";
}

// What is called known to a reader is no more than what he can ask for.
TEST(ReleaseMaterialProperty, NobodyIsTakenToKnowWhatHeCannotSee) {
  EXPECT_TRUE(rc::check("known is visible", [](std::uint64_t seed) {
    Random random(seed);
    World world;
    for (const auto& fact : random_facts(random)) RC_ASSERT(tell(world.fold, fact));
    const auto snapshot = world.fold.snapshot();
    const auto material = release_material(*snapshot, world.tables, world.today);
    for (const auto& one : material.tables[kArticles].columns) {
      if (one.code.empty()) continue;
      const ItemSet items = the_items()->below(provision(one.code));
      for (StateIndex s = 0; s < one.now.counted.size(); ++s) {
        const bool all_seen = items.minus(visible_items(*snapshot, s, the_public())).any() == false;
        const bool some_seen = (items & visible_items(*snapshot, s, the_public())).any();
        if (!one.unknown[0].counted[s]) RC_ASSERT(all_seen || (some_seen && one.now.counted[s]));
        if (!one.unknown[0].based[s]) RC_ASSERT(all_seen || (some_seen && one.now.based[s]));
        if (one.now.counted[s]) RC_ASSERT(one.now.based[s]);
      }
    }
  }));
}

}  // namespace
}  // namespace uncac::needs_matrix::testing

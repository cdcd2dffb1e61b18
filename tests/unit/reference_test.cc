// The reference data as it is compiled into the program.
#include "reference/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace uncac::reference {
namespace {

Day day(std::string_view text) { return *platform::parse_day(text); }

class ReferenceData : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto loaded = Reference::load();
    ASSERT_TRUE(loaded) << platform::to_text(loaded.error());
    shared() = *loaded;
  }
  void SetUp() override { ASSERT_NE(shared(), nullptr) << "the embedded data did not load"; }
  static std::shared_ptr<const Reference>& shared() {
    static std::shared_ptr<const Reference> data;
    return data;
  }
  const Reference& data() const { return *shared(); }
  const State& state(std::string_view iso3) const { return data().states()[*data().state(iso3)]; }
  const Provision& provision(std::string_view id) const {
    return data().provisions()[*data().provision(id)];
  }
  std::size_t deposited_by(std::string_view text) const {
    return static_cast<std::size_t>(
        std::count_if(data().states().begin(), data().states().end(),
                      [&](const State& state) { return state.deposited_by(day(text)); }));
  }
};

TEST_F(ReferenceData, FindsByCodeAndOnlyByCode) {
  EXPECT_EQ(state("KEN").name, "Kenya");
  EXPECT_EQ(state("KEN").iso2, "KE");
  EXPECT_EQ(state("KEN").numeric, "404");
  EXPECT_EQ(provision("uncac/44.4").title, "Extradition");
  EXPECT_EQ(data().types()[*data().type("LEGAL_ADVICE")].label, "Legal advice");
  EXPECT_EQ(data().challenges()[*data().challenge("INTERAGENCY")].label,
            "Inter-agency co-ordination");
  EXPECT_EQ(data().checklists()[*data().checklist("uncac-2007")].code, "uncac-2007");
  EXPECT_EQ(data().state_sets()[*data().state_set("SADC")].name,
            "Southern African Development Community");
  EXPECT_FALSE(data().state("Kenya"));
  EXPECT_FALSE(data().state("ken"));
  EXPECT_FALSE(data().provision("44.4"));
  EXPECT_FALSE(data().provision("uncac/44.19"));
  EXPECT_FALSE(data().provision("uncac/15.c"));
  EXPECT_FALSE(data().provision("untoc/16.1"));
  EXPECT_FALSE(data().type("NONE"));
  EXPECT_FALSE(data().challenge(""));
  EXPECT_FALSE(data().checklist("uncac-2016"));
  EXPECT_FALSE(data().state_set("NATO"));
}

TEST_F(ReferenceData, EveryCodeLeadsBackToItsIndex) {
  for (std::size_t i = 0; i < data().states().size(); ++i) {
    EXPECT_EQ(data().state(data().states()[i].iso3), i);
  }
  for (std::size_t i = 0; i < data().provisions().size(); ++i) {
    EXPECT_EQ(data().provision(data().provisions()[i].id), i);
  }
  for (std::size_t i = 0; i < data().types().size(); ++i) {
    EXPECT_EQ(data().type(data().types()[i].code), i);
  }
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    EXPECT_EQ(parse_group(code(static_cast<Group>(i))), static_cast<Group>(i));
  }
  for (std::size_t i = 0; i < kObligationCount; ++i) {
    EXPECT_EQ(parse_obligation(code(static_cast<Obligation>(i))), static_cast<Obligation>(i));
  }
  EXPECT_FALSE(parse_group("afr"));
  EXPECT_FALSE(parse_obligation(""));
}

TEST_F(ReferenceData, ChaptersCoverTheArticlesInOrder) {
  std::vector<std::string> codes;
  for (const Chapter& chapter : data().chapters()) codes.push_back(chapter.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"I", "II", "III", "IV", "V", "VI", "VII", "VIII"}));
  const std::map<int, std::string> first_of{{1, "I"},  {5, "II"},  {15, "III"}, {43, "IV"},
                                            {51, "V"}, {60, "VI"}, {63, "VII"}, {65, "VIII"}};
  for (const Provision& provision : data().provisions()) {
    const bool uncac = provision.id.starts_with("uncac/");
    const auto expected = std::prev(first_of.upper_bound(provision.article));
    EXPECT_EQ(provision.chapter, uncac ? expected->second : "") << provision.id;
  }
}

TEST_F(ReferenceData, ProvisionsStandInTreatyOrder) {
  const auto provisions = data().provisions();
  EXPECT_EQ(provisions.size(), 445U + 41U);
  EXPECT_EQ(*data().provision("uncac/1"), 0);
  EXPECT_EQ(*data().provision("untoc/1"), 445);
  EXPECT_EQ(*data().provision("untoc/41"), 485);
  // An article, its paragraph, the letters of it, the next paragraph; letters straight below.
  const std::size_t six = *data().provision("uncac/44.6");
  EXPECT_EQ(provisions[six + 1].id, "uncac/44.6.a");
  EXPECT_EQ(provisions[six + 2].id, "uncac/44.6.b");
  EXPECT_EQ(provisions[six + 3].id, "uncac/44.7");
  const std::size_t fifteen = *data().provision("uncac/15");
  EXPECT_EQ(provisions[fifteen + 1].id, "uncac/15.a");
  EXPECT_EQ(provisions[fifteen + 2].id, "uncac/15.b");
  EXPECT_EQ(provisions[fifteen + 3].id, "uncac/16");
}

TEST_F(ReferenceData, SubtreesNestAndKnowTheirParents) {
  const auto provisions = data().provisions();
  for (std::size_t i = 0; i < provisions.size(); ++i) {
    const Provision& provision = provisions[i];
    ASSERT_GT(provision.end, i) << provision.id;
    for (std::size_t below = i + 1; below < provision.end; ++below) {
      EXPECT_TRUE(provisions[below].id.starts_with(provision.id + ".")) << provisions[below].id;
    }
    if (provision.end < provisions.size()) {
      EXPECT_FALSE(provisions[provision.end].id.starts_with(provision.id + ".")) << provision.id;
    }
    const std::string article = provision.id.substr(0, provision.id.find('.'));
    EXPECT_EQ(provisions[provision.article_index].id, article);
    if (provision.parent) {
      EXPECT_EQ(provisions[*provision.parent].id, provision.id.substr(0, provision.id.rfind('.')));
    } else {
      EXPECT_EQ(provision.id, article);
    }
  }
  EXPECT_EQ(provision("uncac/44").end - *data().provision("uncac/44"), 1 + 18 + 2);
  EXPECT_EQ(provision("uncac/46.9").end - *data().provision("uncac/46.9"), 1 + 3);
}

TEST_F(ReferenceData, PartsOfAnIdMatchIt) {
  const Provision& letter = provision("uncac/46.9.b");
  EXPECT_EQ(letter.article, 46);
  EXPECT_EQ(letter.paragraph, 9);
  EXPECT_EQ(letter.letter, 'b');
  const Provision& straight_below = provision("uncac/15.a");
  EXPECT_EQ(straight_below.paragraph, 0);
  EXPECT_EQ(straight_below.letter, 'a');
  EXPECT_EQ(provision("untoc/16").title, "Extradition");
}

TEST_F(ReferenceData, ObligationsComeFromTheNearestLevelGiven) {
  EXPECT_EQ(provision("uncac/15").obligation, Obligation::kMandatory);
  EXPECT_EQ(provision("uncac/20").obligation, Obligation::kConsider);
  EXPECT_EQ(provision("uncac/14.4").obligation, Obligation::kEncouraged);
  EXPECT_EQ(provision("uncac/46.8").obligation, Obligation::kProhibition);
  EXPECT_EQ(provision("uncac/44.18").obligation, Obligation::kEndeavour);
  EXPECT_EQ(provision("uncac/1").obligation, Obligation::kNone);
  // An article of one level, and one whose paragraphs differ.
  EXPECT_EQ(provision("uncac/61").obligation, Obligation::kConsider);
  EXPECT_EQ(provision("uncac/16.1").obligation, Obligation::kMandatory);
  EXPECT_EQ(provision("uncac/16.2").obligation, Obligation::kConsider);
  EXPECT_EQ(provision("uncac/16").obligation, Obligation::kMixed);
  // Letters with levels of their own, and without.
  EXPECT_EQ(provision("uncac/10").obligation, Obligation::kMandatory);
  EXPECT_EQ(provision("uncac/10.c").obligation, Obligation::kOptional);
  EXPECT_EQ(provision("uncac/46.9.a").obligation, Obligation::kMandatory);
  EXPECT_EQ(provision("uncac/46.9.c").obligation, Obligation::kOptional);
  EXPECT_EQ(provision("uncac/21.b").obligation, Obligation::kConsider);
}

TEST_F(ReferenceData, FifteenItemsOfArticles5To59AreMixed) {
  const auto& items = data().checklists()[*data().checklist("uncac-comprehensive")].items;
  EXPECT_EQ(std::count_if(items.begin(), items.end(),
                          [&](ProvisionIndex item) {
                            return data().provisions()[item].obligation == Obligation::kMixed;
                          }),
            15);
}

TEST_F(ReferenceData, RegionalGroupsHaveTheirSizes) {
  std::map<Group, int> members, primaries;
  for (const State& state : data().states()) {
    for (const Group group : state.groups) ++members[group];
    ++primaries[state.primary_group];
  }
  EXPECT_EQ(members, (std::map<Group, int>{{Group::kAfr, 54},
                                           {Group::kApg, 55},
                                           {Group::kEeg, 23},
                                           {Group::kGrulac, 33},
                                           {Group::kWeog, 29}}));
  EXPECT_EQ(primaries[Group::kApg], 54);
  EXPECT_EQ(primaries[Group::kNone], 4);
  EXPECT_EQ(state("TUR").groups, (std::vector<Group>{Group::kWeog, Group::kApg}));
  EXPECT_EQ(state("TUR").primary_group, Group::kWeog);
  EXPECT_EQ(state("VAT").primary_group, Group::kNone);
  EXPECT_TRUE(state("VAT").groups.empty());
}

TEST_F(ReferenceData, DepositsByDateGiveThePublishedFigures) {
  EXPECT_EQ(deposited_by("2003-12-08"), 0U);
  EXPECT_EQ(deposited_by("2005-09-14"), 29U);
  EXPECT_EQ(deposited_by("2005-09-15"), 30U);   // article 68 (1)
  EXPECT_EQ(deposited_by("2007-11-30"), 105U);  // CAC/COSP/2008/2/Add.1: 44 of 105 = 42 %
  EXPECT_EQ(deposited_by("2014-08-31"), 170U);  // the snapshot of the depositary
  EXPECT_EQ(deposited_by("2021-12-31"), 188U);  // 18 more, from memory
  EXPECT_TRUE(state("ETH").deposited_by(day("2007-11-26")));  // the day itself included
  EXPECT_FALSE(state("ETH").deposited_by(day("2007-11-25")));
  EXPECT_FALSE(state("SYR").deposited_by(day("2026-01-01")));
}

TEST_F(ReferenceData, TheConventionIsInForceByArticle68) {
  EXPECT_EQ(state("KEN").uncac_entry_into_force, day("2005-12-14"));
  EXPECT_EQ(state("SEN").uncac_entry_into_force, day("2005-12-16"));
  EXPECT_EQ(state("MNE").uncac_entry_into_force, day("2006-11-22"));
  EXPECT_EQ(state("SYR").uncac_signature, day("2003-12-09"));
  EXPECT_FALSE(state("SYR").uncac_entry_into_force);
  std::set<std::string> not_yet;
  for (const State& state : data().states()) {
    if (state.deposited_by(day("2007-11-30")) &&
        *state.uncac_entry_into_force > day("2007-11-30")) {
      not_yet.insert(state.iso3);
    }
  }
  EXPECT_EQ(not_yet, (std::set<std::string>{"ETH", "LUX"}));
}

TEST_F(ReferenceData, StatesStandByEnglishNameWithoutRegardToAccents) {
  EXPECT_EQ(data().states().size(), 197U);
  EXPECT_EQ(data().states().front().iso3, "AFG");
  EXPECT_EQ(data().states().back().iso3, "ZWE");
  EXPECT_EQ(*data().state("CIV"), *data().state("CRI") + 1);
  EXPECT_EQ(*data().state("HRV"), *data().state("CIV") + 1);
  EXPECT_EQ(*data().state("TUR"), *data().state("TUN") + 1);
  EXPECT_EQ(*data().state("TKM"), *data().state("TUR") + 1);
}

TEST_F(ReferenceData, TheEuropeanUnionIsAPartyAndNoState) {
  EXPECT_FALSE(data().state("EUU"));
  EXPECT_TRUE(data().is_other_party("EUU"));
  EXPECT_FALSE(data().is_other_party("KEN"));
}

TEST_F(ReferenceData, SubregionsAreTheFinestOfM49) {
  EXPECT_EQ(state("KEN").subregion, "Eastern Africa");
  EXPECT_EQ(state("BRA").subregion, "South America");
  EXPECT_EQ(state("EGY").subregion, "Northern Africa");
  EXPECT_EQ(data().subregions().size(), 22U);
  EXPECT_TRUE(std::is_sorted(data().subregions().begin(), data().subregions().end()));
  std::set<std::string> used;
  for (const State& state : data().states()) used.insert(state.subregion);
  EXPECT_EQ(used, std::set<std::string>(data().subregions().begin(), data().subregions().end()));
}

TEST_F(ReferenceData, StateSetsHaveTheirSizesAndYears) {
  std::map<std::string, std::size_t> sizes;
  for (const StateSet& set : data().state_sets()) {
    sizes[set.code] = set.members.size();
    EXPECT_TRUE(std::is_sorted(set.members.begin(), set.members.end())) << set.code;
    const bool un_list = set.code == "LDC" || set.code == "LLDC" || set.code == "SIDS";
    EXPECT_EQ(set.as_of_year, un_list ? 2024 : 2025) << set.code;
  }
  // The OECD committee has 33 members, one of them the European Union.
  EXPECT_EQ(sizes, (std::map<std::string, std::size_t>{{"ECOWAS", 12},
                                                       {"EAC", 8},
                                                       {"SADC", 16},
                                                       {"IGAD", 8},
                                                       {"ECCAS", 11},
                                                       {"AU", 54},
                                                       {"ASEAN", 11},
                                                       {"PIF", 16},
                                                       {"CARICOM", 14},
                                                       {"SICA", 8},
                                                       {"MERCOSUR", 6},
                                                       {"LAS", 22},
                                                       {"GCC", 6},
                                                       {"CIS", 9},
                                                       {"OECD_DAC", 32},
                                                       {"EU", 27},
                                                       {"LDC", 44},
                                                       {"LLDC", 32},
                                                       {"SIDS", 37}}));
  const auto& ecowas = data().state_sets()[*data().state_set("ECOWAS")].members;
  EXPECT_TRUE(std::binary_search(ecowas.begin(), ecowas.end(), *data().state("GHA")));
  EXPECT_FALSE(std::binary_search(ecowas.begin(), ecowas.end(), *data().state("MLI")));
  EXPECT_TRUE(state("COK").sids);  // in the list, not in the set of Members of the United Nations
}

TEST_F(ReferenceData, TypesAndChallengesKnowWhatNeedsText) {
  std::vector<std::string> types, required, exclusive;
  for (const AssistanceType& type : data().types()) {
    types.push_back(type.code);
    if (type.text_required) required.push_back(type.code);
    if (type.excludes_rest) exclusive.push_back(type.code);
  }
  EXPECT_EQ(types, (std::vector<std::string>{
                       "GOOD_PRACTICES", "MODEL_LEGISLATION", "LEGISLATIVE_DRAFTING",
                       "LEGAL_ADVICE", "ONSITE_EXPERT", "ACTION_PLAN", "CAPACITY_BUILDING",
                       "MODEL_TREATY", "TECHNOLOGICAL", "OTHER", "NO_ASSISTANCE_REQUIRED"}));
  EXPECT_EQ(required, std::vector<std::string>{"OTHER"});
  EXPECT_EQ(exclusive, std::vector<std::string>{"NO_ASSISTANCE_REQUIRED"});
  EXPECT_EQ(data().types()[*data().type("NO_ASSISTANCE_REQUIRED")].category_2016, "none");
  required.clear();
  for (const Challenge& challenge : data().challenges()) {
    if (challenge.text_required) required.push_back(challenge.code);
  }
  EXPECT_EQ(data().challenges().size(), 8U);
  EXPECT_EQ(required, (std::vector<std::string>{"LIMITED_CAPACITY", "LIMITED_RESOURCES", "OTHER"}));
}

TEST_F(ReferenceData, ChecklistsAskAboutTheirItems) {
  const Checklist& first = data().checklists()[*data().checklist("uncac-2007")];
  std::vector<std::string> items;
  for (const ProvisionIndex item : first.items) items.push_back(data().provisions()[item].id);
  EXPECT_EQ(items,
            (std::vector<std::string>{"uncac/5", "uncac/6", "uncac/9", "uncac/15", "uncac/16",
                                      "uncac/17", "uncac/23", "uncac/25", "uncac/44", "uncac/46",
                                      "uncac/52", "uncac/53", "uncac/54", "uncac/55", "uncac/57"}));
  EXPECT_FALSE(first.has(*data().provision("uncac/44.4")));

  const Checklist& full = data().checklists()[*data().checklist("uncac-comprehensive")];
  EXPECT_EQ(full.items.size(), 188U);
  EXPECT_EQ(std::count_if(full.items.begin(), full.items.end(),
                          [&](ProvisionIndex item) { return !data().provisions()[item].parent; }),
            27);
  EXPECT_TRUE(full.has(*data().provision("uncac/44.4")));
  EXPECT_TRUE(full.has(*data().provision("uncac/15")));
  EXPECT_FALSE(full.has(*data().provision("uncac/44")));
  EXPECT_FALSE(full.has(*data().provision("uncac/15.a")));
  EXPECT_FALSE(full.has(*data().provision("uncac/4.1")));
  EXPECT_FALSE(full.has(*data().provision("uncac/60.1")));
  for (const Checklist& checklist : data().checklists()) {
    for (std::size_t i = 0; i < checklist.items.size(); ++i) {
      EXPECT_EQ(checklist.item_of[checklist.items[i]], i);
    }
    std::vector<TypeIndex> all(11);
    std::iota(all.begin(), all.end(), TypeIndex{0});
    EXPECT_EQ(checklist.types, all);
    EXPECT_EQ(checklist.knows_type, std::vector<bool>(11, true));
  }
}

TEST_F(ReferenceData, TheCrosswalkPairsArticles) {
  std::map<Relation, int> relations;
  std::map<std::string, std::set<std::string>> partners;
  for (const CrosswalkPair& pair : data().crosswalk()) {
    ++relations[pair.relation];
    partners[data().provisions()[pair.uncac].id].insert(data().provisions()[pair.untoc].id);
  }
  EXPECT_EQ(relations, (std::map<Relation, int>{{Relation::kEquivalent, 29},
                                                {Relation::kOverlapping, 21},
                                                {Relation::kRelated, 16}}));
  EXPECT_EQ(partners["uncac/44"], std::set<std::string>{"untoc/16"});
  EXPECT_EQ(partners["uncac/27"], (std::set<std::string>{"untoc/6", "untoc/8"}));
  const auto extradition = std::find_if(
      data().crosswalk().begin(), data().crosswalk().end(),
      [&](const auto& pair) { return data().provisions()[pair.uncac].id == "uncac/44"; });
  ASSERT_NE(extradition, data().crosswalk().end());
  EXPECT_EQ(extradition->relation, Relation::kEquivalent);
  EXPECT_EQ(extradition->confidence, "high");
}

}  // namespace
}  // namespace uncac::reference

// Names in the six languages, and the order of the States by them.
#include <gtest/gtest.h>
#include <unicode/coll.h>
#include <unicode/locid.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "reference/collation.h"
#include "reference/reference.h"

namespace uncac::reference {
namespace {

constexpr std::array<Language, kLanguageCount> kLanguages{Language::kArabic,  Language::kEnglish,
                                                          Language::kSpanish, Language::kFrench,
                                                          Language::kRussian, Language::kChinese};

class ReferenceNames : public testing::Test {
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
  const Names& state(std::string_view iso3) const {
    return data().states()[*data().state(iso3)].names;
  }
  const Names& provision(std::string_view id) const {
    return data().provisions()[*data().provision(id)].names;
  }
  std::vector<std::string> in_order(Language language) const {
    std::vector<std::string> names;
    for (const StateIndex index : data().states_in_order(language)) {
      names.push_back(data().states()[index].names.in(language));
    }
    return names;
  }
  // Every name there is, by its kind and code.
  std::map<std::string, std::map<std::string, Names>> all() const {
    std::map<std::string, std::map<std::string, Names>> names;
    for (const State& one : data().states()) names["state"][one.iso3] = one.names;
    for (const StateSet& one : data().state_sets()) names["state_set"][one.code] = one.names;
    for (const Provision& one : data().provisions()) {
      if (!one.parent) names["article of " + one.id.substr(0, 5)][one.id] = one.names;
    }
    for (const Chapter& one : data().chapters()) names["chapter"][one.code] = one.names;
    for (const AssistanceType& one : data().types()) names["type"][one.code] = one.names;
    for (const Challenge& one : data().challenges()) names["challenge"][one.code] = one.names;
    for (const Checklist& one : data().checklists()) names["checklist"][one.code] = one.names;
    for (std::size_t i = 0; i < data().subregions().size(); ++i) {
      names["subregion"][data().subregions()[i]] = data().subregion_names(i);
    }
    for (std::size_t i = 0; i < kGroupCount; ++i) {
      const auto group = static_cast<Group>(i);
      names["group"][std::string(code(group))] = data().names(group);
    }
    for (std::size_t i = 0; i < kObligationCount; ++i) {
      const auto obligation = static_cast<Obligation>(i);
      names["obligation"][std::string(code(obligation))] = data().names(obligation);
    }
    for (const std::string_view key : label_keys()) {
      names[std::string(key.substr(0, key.find('.')))][std::string(key)] = data().label(key);
    }
    return names;
  }
};

TEST(Languages, HaveExactCodes) {
  std::vector<std::string_view> codes;
  for (const Language language : kLanguages) {
    codes.push_back(code(language));
    EXPECT_EQ(parse_language(code(language)), language);
  }
  EXPECT_EQ(codes, (std::vector<std::string_view>{"ar", "en", "es", "fr", "ru", "zh"}));
  for (const std::string_view text : {"", "EN", "de", "en-GB", "zh_CN", " fr", "french"}) {
    EXPECT_FALSE(parse_language(text)) << text;
  }
}

TEST_F(ReferenceNames, StatesHaveTheNamesOfTheUnitedNations) {
  const auto expect = [&](std::string_view iso3, const std::array<std::string, 6>& names) {
    EXPECT_EQ(state(iso3).by_language, names) << iso3;
  };
  expect("KEN", {"كينيا", "Kenya", "Kenya", "Kenya", "Кения", "肯尼亚"});
  expect("PSE", {"دولة فلسطين", "State of Palestine", "Estado de Palestina", "État de Palestine",
                 "Государство Палестина", "巴勒斯坦国"});
  // Not the name in everyday use: Ivory Coast, North Korea, Turkey.
  expect("CIV", {"كوت ديفوار", "Côte d'Ivoire", "Côte d'Ivoire", "Côte d’Ivoire", "Кот-д'Ивуар",
                 "科特迪瓦"});
  expect("PRK",
         {"جمهورية كوريا الشعبية الديمقراطية", "Democratic People's Republic of Korea",
          "República Popular Democrática de Corea", "République populaire démocratique de Corée",
          "Корейская Народно-Демократическая Республика", "朝鲜民主主义人民共和国"});
  expect("TUR", {"تركيا", "Türkiye", "Türkiye", "Türkiye", "Турция", "土耳其"});
}

TEST_F(ReferenceNames, ProvisionsHaveTheTitleOfTheirArticle) {
  const std::array<std::string, 6> extradition{"تسليم المجرمين", "Extradition", "Extradición",
                                               "Extradition",    "Выдача",      "引渡"};
  for (const std::string_view id : {"uncac/44", "uncac/44.4", "uncac/44.6.a", "untoc/16"}) {
    EXPECT_EQ(provision(id).by_language, extradition) << id;
  }
  EXPECT_EQ(provision("uncac/15.a").in(Language::kRussian),
            "Подкуп национальных публичных должностных лиц");
}

TEST_F(ReferenceNames, CodesHaveNames) {
  EXPECT_EQ(data().types()[*data().type("LEGAL_ADVICE")].names.in(Language::kFrench),
            "Conseils juridiques");
  EXPECT_EQ(data().challenges()[*data().challenge("INTERAGENCY")].names.in(Language::kSpanish),
            "Coordinación interinstitucional");
  EXPECT_EQ(data().state_sets()[*data().state_set("AU")].names.in(Language::kArabic),
            "الاتحاد الأفريقي");
  EXPECT_EQ(data().chapters()[4].names.in(Language::kChinese), "资产的追回");
  EXPECT_EQ(data().names(Group::kAfr).in(Language::kFrench), "États d’Afrique");
  EXPECT_EQ(data().names(Obligation::kProhibition).in(Language::kSpanish), "Prohibición");
  EXPECT_EQ(data().label("compliance.IN_PART").in(Language::kRussian), "Да, частично");
  EXPECT_EQ(data().label("need_state.WITHHELD").in(Language::kEnglish), "Withheld");
  EXPECT_EQ(data().label("audience.PUBLIC").in(Language::kChinese), "公开");
  EXPECT_EQ(data().label("paragraph").in(Language::kEnglish), ", paragraph {}");
  EXPECT_EQ(label_keys().size(), 4U + 4U + 6U + 5U + 1U);
}

TEST_F(ReferenceNames, EnglishIsTheNameOfTheOtherFiles) {
  constexpr Language kEnglish = Language::kEnglish;
  for (const State& one : data().states()) EXPECT_EQ(one.names.in(kEnglish), one.name);
  for (const StateSet& one : data().state_sets()) EXPECT_EQ(one.names.in(kEnglish), one.name);
  for (const Provision& one : data().provisions()) EXPECT_EQ(one.names.in(kEnglish), one.title);
  for (const Chapter& one : data().chapters()) EXPECT_EQ(one.names.in(kEnglish), one.title);
  for (const AssistanceType& one : data().types()) EXPECT_EQ(one.names.in(kEnglish), one.label);
  for (const Challenge& one : data().challenges()) EXPECT_EQ(one.names.in(kEnglish), one.label);
  for (const Checklist& one : data().checklists()) EXPECT_EQ(one.names.in(kEnglish), one.title);
  for (std::size_t i = 0; i < data().subregions().size(); ++i) {
    EXPECT_EQ(data().subregion_names(i).in(kEnglish), data().subregions()[i]);
  }
}

TEST_F(ReferenceNames, OfOneKindAreAllDifferentAndNoneIsEmpty) {
  std::map<std::string, std::size_t> sizes;
  for (const auto& [kind, names] : all()) {
    sizes[kind] = names.size();
    for (const Language language : kLanguages) {
      std::set<std::string> seen;
      for (const auto& [key, name] : names) {
        EXPECT_FALSE(name.in(language).empty()) << key << " in " << code(language);
        EXPECT_TRUE(seen.insert(name.in(language)).second)
            << "another " << kind << " is called " << name.in(language);
      }
    }
  }
  EXPECT_EQ(sizes, (std::map<std::string, std::size_t>{{"article of uncac", 71},
                                                       {"article of untoc", 41},
                                                       {"audience", 4},
                                                       {"challenge", 8},
                                                       {"chapter", 8},
                                                       {"checklist", 2},
                                                       {"compliance", 4},
                                                       {"coverage", 6},
                                                       {"group", 6},
                                                       {"need_state", 5},
                                                       {"obligation", 8},
                                                       {"paragraph", 1},
                                                       {"state", 197},
                                                       {"state_set", 19},
                                                       {"subregion", 22},
                                                       {"type", 11}}));
}

// A slip of a column would put a name into the wrong language without breaking any rule.
TEST_F(ReferenceNames, AreWrittenInTheScriptOfTheirLanguage) {
  const auto script_of = [](Language language) {
    switch (language) {
      case Language::kArabic:
        return USCRIPT_ARABIC;
      case Language::kRussian:
        return USCRIPT_CYRILLIC;
      case Language::kChinese:
        return USCRIPT_HAN;
      default:
        return USCRIPT_LATIN;
    }
  };
  for (const auto& [kind, names] : all()) {
    for (const auto& [key, name] : names) {
      for (const Language language : kLanguages) {
        const std::string& text = name.in(language);
        EXPECT_FALSE(fault_of_name(text)) << key << ": " << text;
        const auto wide = icu::UnicodeString::fromUTF8(text);
        std::set<UScriptCode> scripts;
        for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
          UErrorCode status = U_ZERO_ERROR;
          const UScriptCode script = uscript_getScript(wide.char32At(i), &status);
          if (script != USCRIPT_COMMON) scripts.insert(script);
        }
        EXPECT_EQ(scripts, std::set<UScriptCode>{script_of(language)})
            << key << " in " << code(language) << ": " << text;
      }
    }
  }
}

TEST_F(ReferenceNames, ALabelThatIsNoneIsAMistakeOfTheProgram) {
  EXPECT_DEATH(data().label("compliance.PERHAPS"), "");
  EXPECT_DEATH(data().label(""), "");
}

// ---- orders -------------------------------------------------------------------------------------

TEST_F(ReferenceNames, EveryOrderHasEachStateOnce) {
  std::vector<StateIndex> index(data().states().size());
  std::iota(index.begin(), index.end(), StateIndex{0});
  for (const Language language : kLanguages) {
    const auto order = data().states_in_order(language);
    std::vector<StateIndex> sorted(order.begin(), order.end());
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, index) << code(language);
  }
  const auto english = data().states_in_order(Language::kEnglish);
  EXPECT_TRUE(std::equal(english.begin(), english.end(), index.begin(), index.end()));
}

TEST_F(ReferenceNames, EveryOrderIsThatOfIcu) {
  for (const Language language : kLanguages) {
    UErrorCode status = U_ZERO_ERROR;
    const std::string name(code(language));
    const std::unique_ptr<icu::Collator> collator(
        icu::Collator::createInstance(icu::Locale(name.c_str()), status));
    ASSERT_TRUE(U_SUCCESS(status)) << name;
    const auto order = data().states_in_order(language);
    for (std::size_t i = 1; i < order.size(); ++i) {
      const State& before = data().states()[order[i - 1]];
      const State& after = data().states()[order[i]];
      const int compared =
          collator->compareUTF8(before.names.in(language), after.names.in(language), status);
      EXPECT_TRUE(compared < 0 || (compared == 0 && before.iso3 < after.iso3))
          << name << ": " << before.names.in(language) << ", " << after.names.in(language);
    }
    EXPECT_TRUE(U_SUCCESS(status)) << name;
  }
}

// Known without ICU, so that a change of its rules or a lost data file is seen.
TEST_F(ReferenceNames, OrdersAreThoseAReaderExpects) {
  const auto stand_together = [&](Language language, const std::vector<std::string>& names) {
    const auto order = in_order(language);
    EXPECT_NE(std::search(order.begin(), order.end(), names.begin(), names.end()), order.end())
        << code(language) << ": " << names.front() << " …";
  };
  stand_together(Language::kEnglish, {"Costa Rica", "Côte d'Ivoire", "Croatia"});
  stand_together(Language::kEnglish, {"Guinea", "Guinea-Bissau", "Guyana"});
  stand_together(Language::kSpanish, {"Eslovenia", "España", "Estado de Palestina"});
  stand_together(Language::kSpanish, {"Irán (República Islámica del)", "Iraq", "Irlanda"});
  stand_together(Language::kFrench, {"Dominique", "Égypte", "El Salvador", "Émirats arabes unis"});
  stand_together(Language::kFrench, {"Niger", "Nigéria", "Nioué", "Norvège"});
  stand_together(Language::kRussian, {"Кипр", "Кирибати", "Китай", "Колумбия"});
  // By pinyin: zan, zha, zhi, zhong fei, zhong guo.
  stand_together(Language::kChinese, {"赞比亚", "乍得", "智利", "中非共和国", "中国"});
  EXPECT_EQ(in_order(Language::kRussian).front(), "Австралия");
  EXPECT_EQ(in_order(Language::kRussian).back(), "Япония");
  EXPECT_EQ(in_order(Language::kChinese).back(), "中国");
  // A hamza above or below the alif makes no difference before the letters after it do.
  stand_together(Language::kArabic, {"إسبانيا", "أستراليا", "إستونيا", "إسرائيل"});
  // The article counts as letters, with a hamza after it or without.
  stand_together(Language::kArabic, {"إكوادور", "الاتحاد الروسي", "الأرجنتين", "الأردن"});
  EXPECT_EQ(in_order(Language::kArabic).back(), "هولندا (مملكة -)");
}

TEST(Collations, FollowTheRulesOfTheLanguage) {
  const auto key = [](Language language, std::string_view text) {
    auto collation = Collation::of(language);
    EXPECT_TRUE(collation) << code(language);
    return collation->key(text);
  };
  // ñ is a letter of its own in Spanish, an n with a mark elsewhere.
  EXPECT_LT(key(Language::kSpanish, "Nz"), key(Language::kSpanish, "Ña"));
  EXPECT_LT(key(Language::kSpanish, "Ñz"), key(Language::kSpanish, "Oa"));
  EXPECT_LT(key(Language::kFrench, "Ña"), key(Language::kFrench, "Nz"));
  // ё stands with е, й is a letter after и.
  EXPECT_LT(key(Language::kRussian, "Ёж"), key(Language::kRussian, "Ель"));
  EXPECT_LT(key(Language::kRussian, "Ия"), key(Language::kRussian, "Йа"));
  // Cyrillic stands before Latin in Russian, after it in English.
  EXPECT_LT(key(Language::kRussian, "Я"), key(Language::kRussian, "A"));
  EXPECT_LT(key(Language::kEnglish, "Z"), key(Language::kEnglish, "А"));
  // By pinyin and not by code point: 阿 (a, U+963F) before 中 (zhong, U+4E2D).
  EXPECT_LT(key(Language::kChinese, "阿"), key(Language::kChinese, "中"));
  EXPECT_LT(key(Language::kEnglish, "中"), key(Language::kEnglish, "阿"));
  EXPECT_EQ(key(Language::kFrench, "Pérou"), key(Language::kFrench, "Pe\u0301rou"));
}

TEST(NamesThatMayStand, HoldWordsAndSingleBlanks) {
  for (const std::string_view text : {"Kenya", "Côte d’Ivoire", "إيران (جمهورية - الإسلامية)",
                                      "Папуа — Новая Гвинея", "，第{}款", "محجوب", "статьи 5–59"}) {
    EXPECT_FALSE(fault_of_name(text)) << text;
  }
  const auto rule = [](std::string_view text) {
    const auto fault = fault_of_name(text);
    return fault ? fault->rule : "";
  };
  EXPECT_EQ(rule("\tKenya"), "stray-blank");
  EXPECT_EQ(rule("Kenya\n"), "stray-blank");
  EXPECT_EQ(rule("肯尼亚\u3000"), "stray-blank");
  for (const std::string_view mark : {"\u061C", "\u200E", "\u200F", "\u202A", "\u202B", "\u202C",
                                      "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
    EXPECT_EQ(rule("a" + std::string(mark) + "b"), "bidi-control");
  }
  EXPECT_EQ(rule("a\u200Bb"), "control-character");
  EXPECT_EQ(rule("a\uFEFFb"), "control-character");
  EXPECT_EQ(rule("e\u0301"), "not-nfc");
}

}  // namespace
}  // namespace uncac::reference

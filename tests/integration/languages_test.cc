// Names and the order of States in the reader's language, the refusal to rank, the matrix as
// another reader sees it, and the list of what changed since a position.
#include <algorithm>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

using Lines = std::vector<std::string>;

class Languages : public BothProfiles {
 protected:
  json matrix(const std::string& reader, Lines arguments) {
    arguments.insert(arguments.begin(), "matrix");
    arguments.insert(arguments.end(), {"--format", "json"});
    return json::parse(answer(system(), reader, arguments));
  }
  static Lines codes(const json& matrix) {
    Lines all;
    for (const json& row : matrix.at("matrix")) all.push_back(row.at("header").at("code"));
    return all;
  }
  static Lines names(const json& matrix) {
    Lines all;
    for (const json& row : matrix.at("matrix")) all.push_back(row.at("header").at("name"));
    return all;
  }
  // The problem's rule, of a question that is refused.
  std::string rule_of(const std::string& reader, Lines arguments) {
    arguments.insert(arguments.end(), {"--format", "json"});
    const Ended ended = system().uncac(reader, arguments);
    EXPECT_EQ(ended.code, 1) << ended.out << ended.err;
    const json problems = json::parse(ended.out, nullptr, false);
    if (!problems.is_array() || problems.empty()) return ended.err;
    return problems[0].at("rule");
  }
  void submit(const Lines& rows_by, const std::vector<Row>& rows) {
    const std::string file = system().file("languages.csv", checklist_csv(rows));
    answer(system(), rows_by[0], {"response", "submit", file});
  }
};

TEST_P(Languages, StatesComeByTheirNamesInTheReadersLanguage) {
  const Lines few{"--where", "state=CHE,ZAF,DEU,AUT,ESP,CIV", "--rows", "state", "--language"};
  const auto order = [&](const std::string& language) {
    Lines arguments = few;
    arguments.push_back(language);
    return codes(matrix("secretariat", arguments));
  };
  EXPECT_EQ(order("en"), (Lines{"AUT", "CIV", "DEU", "ZAF", "ESP", "CHE"}));
  EXPECT_EQ(order("fr"), (Lines{"ZAF", "DEU", "AUT", "CIV", "ESP", "CHE"}));
  EXPECT_EQ(order("es"), (Lines{"DEU", "AUT", "CIV", "ESP", "ZAF", "CHE"}));
  EXPECT_EQ(order("ru"), (Lines{"AUT", "DEU", "ESP", "CIV", "CHE", "ZAF"}));
}

TEST_P(Languages, EveryDimensionHasNamesInEveryLanguage) {
  for (const std::string dimension :
       {"state", "regional_group", "subregion", "state_set", "chapter", "article", "provision",
        "obligation", "untoc_article", "type", "compliance", "challenge", "need_state"}) {
    const Lines english = names(matrix("", {"--rows", dimension, "--language", "en"}));
    for (const std::string language : {"ar", "es", "fr", "ru", "zh"}) {
      const Lines other = names(matrix("", {"--rows", dimension, "--language", language}));
      ASSERT_EQ(other.size(), english.size());
      EXPECT_EQ(std::count(other.begin(), other.end(), ""), 0) << dimension << " " << language;
      EXPECT_NE(other, english) << dimension << " " << language;
    }
  }
  const json french =
      matrix("", {"--rows", "article", "--language", "fr", "--where", "article=uncac/44"});
  EXPECT_EQ(names(french), Lines{"Extradition"});
  EXPECT_EQ(names(matrix("", {"--rows", "provision", "--language", "zh", "--where",
                              "provision=uncac/44.4"})),
            Lines{"引渡，第4款"});
}

TEST_P(Languages, ALanguageThatIsNoneOfTheSixIsRefused) {
  for (const std::string language : {"de", "EN", "fr-FR", "x"}) {
    EXPECT_EQ(rule_of("", {"matrix", "--rows", "state", "--language", language}),
              "unknown-language");
    EXPECT_EQ(rule_of("", {"needs", "list", "--language", language}), "unknown-language");
    EXPECT_EQ(rule_of("", {"release", "get", "--language", language}), "unknown-language");
  }
}

TEST_P(Languages, NothingRanksStates) {
  for (const std::string rows : {"state", "regional_group", "subregion", "state_set"}) {
    EXPECT_EQ(rule_of("secretariat", {"matrix", "--rows", rows, "--order-by", "figure"}),
              "no-ranking");
    // Ordered by name it is what it is without a word.
    EXPECT_EQ(codes(matrix("", {"--rows", rows, "--order-by", "name"})),
              codes(matrix("", {"--rows", rows})));
  }
  EXPECT_EQ(rule_of("", {"matrix", "--rows", "type", "--order-by", "needs"}), "unknown-order");
}

TEST_P(Languages, TypesMayBeOrderedByNumber) {
  submit({"focal-point-MLI"},
         {{.state = "MLI", .provision = "uncac/5", .type = "TECHNOLOGICAL", .audience = "PUBLIC"},
          {.state = "MLI", .provision = "uncac/6", .type = "TECHNOLOGICAL", .audience = "PUBLIC"},
          {.state = "MLI", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"}});
  const json ordered = matrix("focal-point-MLI", {"--rows", "type", "--measure", "needs_stated",
                                                  "--where", "state=MLI", "--order-by", "figure"});
  const Lines by_figure = codes(ordered);
  ASSERT_GE(by_figure.size(), 3u);
  EXPECT_EQ(by_figure[0], "TECHNOLOGICAL");
  EXPECT_EQ(by_figure[1], "ACTION_PLAN");
  // Equal ones stay in definition order, and none is lost.
  Lines plain = codes(matrix("focal-point-MLI", {"--rows", "type", "--where", "state=MLI"}));
  std::erase(plain, "TECHNOLOGICAL");
  std::erase(plain, "ACTION_PLAN");
  EXPECT_EQ(Lines(by_figure.begin() + 2, by_figure.end()), plain);
}

TEST_P(Languages, AStateSeesWhatAnotherReaderSeesOfItAndNothingElse) {
  submit({"focal-point-NER"},
         {{.state = "NER", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "NER", .provision = "uncac/6", .type = "LEGAL_ADVICE", .audience = "PROVIDERS"},
          {.state = "NER", .provision = "uncac/9", .type = "LEGAL_ADVICE", .audience = "NAMED:EX1"},
          {.state = "NER",
           .provision = "uncac/15",
           .type = "LEGAL_ADVICE",
           .audience = "RESTRICTED"}});
  for (const auto& [name, as] :
       std::map<std::string, std::string>{{"", "public"},
                                          {"provider-EX1", "provider:EX1"},
                                          {"provider-EX2", "provider:EX2"},
                                          {"focal-point-GHA", "state:GHA"},
                                          {"focal-point-NER", "state:NER"}}) {
    const Lines question{"--rows", "article", "--cols", "need_state", "--where", "state=NER"};
    Lines preview = question;
    preview.insert(preview.end(), {"--reader", as});
    json his = matrix(name, question), shown = matrix("focal-point-NER", preview);
    his.erase("position");
    shown.erase("position");
    EXPECT_EQ(his, shown) << as;
    EXPECT_EQ(answer(system(), name, {"needs", "list", "--where", "state=NER"}),
              answer(system(), "focal-point-NER",
                     {"needs", "list", "--where", "state=NER", "--reader", as}))
        << as;
  }
  // Of another State, or of all of them, only the secretariat.
  for (const std::string where : {"state=GHA", "state=NER,GHA", "regional_group=AFR"}) {
    for (const std::string reader : {"focal-point-NER", "provider-EX1", ""}) {
      const Ended ended = system().uncac(
          reader, {"matrix", "--rows", "article", "--where", where, "--reader", "public"});
      EXPECT_EQ(ended.code, 1) << reader << where;
      EXPECT_NE(ended.err.find("your own State only"), std::string::npos) << ended.err;
    }
    matrix("secretariat", {"--rows", "article", "--where", where, "--reader", "public"});
  }
  for (const std::string nobody : {"everything", "nothing", "provider:", "provider:ex1",
                                   "provider:EX1|state:NER", "state:XXX", "EX1", "state:"}) {
    const std::string rule = rule_of("focal-point-NER", {"matrix", "--rows", "article", "--where",
                                                         "state=NER", "--reader", nobody});
    EXPECT_TRUE(rule == "unknown-reader" || rule == "unknown-state") << nobody << ": " << rule;
  }
}

TEST_P(Languages, TheListSinceAPositionTellsWhatChangedAndWhyItIsGone) {
  const Lines where{"--where", "state=SEN"};
  const auto list = [&](const std::string& reader, Lines arguments) {
    arguments.insert(arguments.begin(), {"needs", "list", "--format", "csv"});
    arguments.insert(arguments.end(), where.begin(), where.end());
    const Ended ended = system().uncac(reader, arguments);
    EXPECT_EQ(ended.code, 0) << ended.err;
    const std::size_t at = ended.err.find("position: ");
    EXPECT_NE(at, std::string::npos) << ended.err;
    const std::string position = ended.err.substr(at + 10, ended.err.find('\n', at) - at - 10);
    return std::pair(lines_of(ended.out), position);
  };
  submit({"focal-point-SEN"},
         {{.state = "SEN", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "SEN", .provision = "uncac/6", .type = "LEGAL_ADVICE", .audience = "PUBLIC"},
          {.state = "SEN", .provision = "uncac/9", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  const auto [listed, position] = list("", {});
  EXPECT_EQ(listed.size(), 4u);
  EXPECT_EQ(list("", {"--since", position}).first.size(), 1u);  // the header alone
  submit(
      {"focal-point-SEN"},
      {{.state = "SEN", .provision = "uncac/5", .type = "LEGAL_ADVICE", .audience = "RESTRICTED"},
       {.state = "SEN", .provision = "uncac/6", .type = "ACTION_PLAN", .audience = "PUBLIC"},
       {.state = "SEN", .provision = "uncac/9", .type = "LEGAL_ADVICE", .audience = "PUBLIC"}});
  Lines changes = list("", {"--since", position}).first;
  ASSERT_EQ(changes.size(), 4u);
  EXPECT_EQ(changes[0],
            "change,need,state,provision,type,state_priority,coverage,audience,stated_on,"
            "removed_because");
  std::sort(changes.begin(), changes.end());
  EXPECT_EQ(changes[0], "REMOVED,SEN:uncac/5:LEGAL_ADVICE,SEN,uncac/5,LEGAL_ADVICE,,,,,not shared");
  EXPECT_EQ(changes[1], "REMOVED,SEN:uncac/6:LEGAL_ADVICE,SEN,uncac/6,LEGAL_ADVICE,,,,,changed");
  EXPECT_EQ(changes[2].rfind("STATED,SEN:uncac/6:ACTION_PLAN,SEN,uncac/6,ACTION_PLAN,,", 0), 0u)
      << changes[2];
  const Ended both =
      system().uncac("", {"needs", "list", "--since", position, "--as-of", "2020-01-01"});
  EXPECT_EQ(both.code, 2);
  const Ended forged = system().uncac("", {"needs", "list", "--since", "no-position"});
  EXPECT_EQ(forged.code, 1) << forged.err;
}

INSTANTIATE_TEST_SUITE_P(Profiles, Languages, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

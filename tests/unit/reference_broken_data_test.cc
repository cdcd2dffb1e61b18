// What the reference room says when somebody breaks one of its data files: each test takes the
// files compiled into the program and changes one thing.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "reference/loader.h"
#include "reference/reference.h"

namespace uncac::reference {
namespace {

using platform::Problem;
using platform::Reason;
using Texts = std::map<std::string, std::string>;

Texts embedded_texts() {
  Texts texts;
  for (const auto& [name, text] : embedded_files()) texts.emplace(name, text);
  return texts;
}

platform::Result<std::shared_ptr<const Reference>> load(const Texts& texts) {
  const std::vector<DataFile> files(texts.begin(), texts.end());
  return Reference::load(files);
}

std::vector<Problem> problems_of(const Texts& texts) {
  auto loaded = load(texts);
  if (loaded) return {};
  EXPECT_EQ(loaded.error().reason, Reason::kInvalidInput);
  EXPECT_FALSE(loaded.error().problems.empty());
  return loaded.error().problems;
}

std::string listed(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += platform::to_line(problem) + "\n";
  return text;
}

bool has(const std::vector<Problem>& problems, std::string_view file, std::int64_t row,
         std::string_view column, std::string_view rule) {
  return std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
    return problem.file == file && problem.row == row && problem.column == column &&
           problem.rule == rule && !problem.message.empty();
  });
}

enum class Where { kThatLine, kNextLine, kFirstLine, kWholeFile };
using enum Where;

// One change to one file, and the problem that it must bring.
struct Break {
  std::string name, file;
  std::string from,
      to;  // `from` stands once in the file; a line break before it says: a row's start
  std::string column, rule;
  Where where = kThatLine;
  std::size_t problems = 1;  // in all; more than 1 where the change breaks further rules
  std::string in = {};       // the file that gets the blame, if another
};

void PrintTo(const Break& change, std::ostream* out) { *out << change.name; }

class BrokenData : public testing::TestWithParam<Break> {};

TEST_P(BrokenData, IsReportedWithFileLineAndRule) {
  const Break& change = GetParam();
  Texts texts = embedded_texts();
  ASSERT_TRUE(texts.contains(change.file));
  std::string& text = texts[change.file];
  const std::size_t at = text.find(change.from);
  ASSERT_NE(at, std::string::npos) << "the text to break is not in the file";
  ASSERT_EQ(text.find(change.from, at + 1), std::string::npos) << "it stands there twice";
  const std::size_t start = at + (change.from.starts_with('\n') ? 1 : 0);
  std::int64_t line = std::count(text.begin(), text.begin() + static_cast<long>(start), '\n') + 1;
  if (change.where == kNextLine) ++line;
  if (change.where == kFirstLine) line = 1;
  if (change.where == kWholeFile) line = 0;
  text.replace(at, change.from.size(), change.to);

  const auto problems = problems_of(texts);
  const std::string blamed = change.in.empty() ? change.file : change.in;
  EXPECT_TRUE(has(problems, blamed, line, change.column, change.rule))
      << "no " << change.rule << " at " << blamed << ":" << line << " among\n"
      << listed(problems);
  EXPECT_EQ(problems.size(), change.problems) << listed(problems);
}

std::string name_of(const testing::TestParamInfo<Break>& info) { return info.param.name; }

const Break kSyntax[] = {
    {"NoHolds", "chapters.csv", "# Holds:", "# About:", "", "bad-head"},
    {"NoSource", "states.csv", "# Source:", "# From:", "", "bad-head", kFirstLine},
    {"NoSure", "crosswalk.csv", "# Sure:", "# Perhaps:", "", "bad-head", kFirstLine},
    {"UnknownColumn", "chapters.csv", "code,title", "code,title,name", "name", "unknown-column"},
    {"MissingColumn", "crosswalk.csv", "uncac,untoc,relation,confidence,note",
     "uncac,untoc,relation,confidence", "note", "missing-column"},
    {"DuplicateColumn", "chapters.csv", "code,title", "code,title,code", "code",
     "duplicate-column"},
    {"TooFewFields", "challenges.csv", "INTERAGENCY,Inter-agency co-ordination,NO,high",
     "INTERAGENCY,Inter-agency co-ordination,NO", "", "wrong-field-count"},
    {"TooManyFields", "untoc_articles.csv", "16,17,Extradition", "16,17,Extradition,x", "",
     "wrong-field-count"},
    {"BlankLine", "subregions.csv", "\nCaribbean,", "\n\nCaribbean,", "", "wrong-field-count"},
    {"OpenQuote", "chapters.csv", "IV,International", "IV,\"International", "", "bad-quoting"},
    {"StrayQuote", "chapters.csv", "IV,International c", "IV,International \"c", "", "bad-quoting"},
    {"TextAfterQuote", "chapters.csv", "IV,International c", "IV,\"International\" c", "",
     "bad-quoting"},
    {"NotUtf8", "states.csv", "Türkiye", "T\xFCrkiye", "", "not-utf-8", kWholeFile},
};
INSTANTIATE_TEST_SUITE_P(Syntax, BrokenData, testing::ValuesIn(kSyntax), name_of);

const Break kProvisions[] = {
    {"ChapterCode", "chapters.csv", "\nIV,", "\nIV4,", "code", "bad-code"},
    {"ChapterLost", "chapters.csv", "\nI,General provisions", "", "", "wrong-count", kWholeFile},
    {"ChapterUntitled", "chapters.csv", "Asset recovery", "", "title", "empty-field"},
    {"ArticleOfNoChapter", "uncac_articles.csv", "\n44,IV,", "\n44,XI,", "chapter", "unknown-code"},
    {"ArticleNumber", "untoc_articles.csv", "\n16,17,", "\n016,17,", "number", "bad-number",
     kThatLine},
    {"ArticleTwice", "untoc_articles.csv", "\n41,2,", "\n40,2,", "number", "duplicate-key",
     kThatLine},
    {"ArticleLost", "untoc_articles.csv", "\n37,4,Relation with protocols", "", "", "wrong-count",
     kWholeFile, 2},
    {"ArticleGap", "untoc_articles.csv", "\n37,4,Relation with protocols", "", "number",
     "wrong-order", kThatLine, 2},
    {"ParagraphCount", "uncac_articles.csv", "\n5,II,4,", "\n5,II,four,", "paragraphs",
     "bad-number"},
    {"ArticleUntitled", "uncac_articles.csv", ",Extradition", ",", "title", "empty-field"},
    {"ItemForm", "uncac_paragraphs.csv", "\nuncac/44.18,", "\n44.18,", "item", "bad-code",
     kThatLine},
    {"ItemLetter", "uncac_paragraphs.csv", "\nuncac/15,", "\nuncac/15.a,", "item", "bad-code",
     kThatLine},
    {"ItemUnknown", "uncac_paragraphs.csv", "\nuncac/71.2,", "\nuncac/71.3,", "item",
     "unknown-code"},
    {"ItemOfNoArticle", "uncac_paragraphs.csv", "\nuncac/71.2,", "\nuncac/72.2,", "item",
     "unknown-code"},
    {"ItemTwice", "uncac_paragraphs.csv", "\nuncac/71.2,", "\nuncac/71.1,", "item", "duplicate-key",
     kThatLine},
    {"ItemMissing", "uncac_articles.csv", "\n5,II,4,", "\n5,II,5,", "item", "missing-row",
     kWholeFile, 1, "uncac_paragraphs.csv"},
    {"ItemLost", "uncac_paragraphs.csv", "\nuncac/66.4,,OPTIONAL,,", "", "item", "missing-row",
     kWholeFile, 2},
    {"ItemOrder", "uncac_paragraphs.csv", "\nuncac/8.1,,MANDATORY,,\nuncac/8.2,,ENDEAVOUR,,",
     "\nuncac/8.2,,ENDEAVOUR,,\nuncac/8.1,,MANDATORY,,", "item", "wrong-order", kNextLine},
    {"LastLetter", "uncac_paragraphs.csv", "\nuncac/15,b,", "\nuncac/15,ab,", "last_letter",
     "bad-code"},
    {"Level", "uncac_paragraphs.csv", "\nuncac/5.1,,MANDATORY", "\nuncac/5.1,,SHALL", "obligation",
     "unknown-code"},
    {"MixedWithoutNote", "uncac_paragraphs.csv", "\nuncac/5.1,,MANDATORY", "\nuncac/5.1,,MIXED",
     "note", "mixed-without-note"},
    {"LetterBeyondTheLast", "uncac_paragraphs.csv", "a=MANDATORY|b=ENDEAVOUR",
     "a=MANDATORY|c=ENDEAVOUR", "letter_obligations", "unknown-letter"},
    {"LetterTwice", "uncac_paragraphs.csv", "a=MANDATORY|b=ENDEAVOUR", "a=MANDATORY|a=ENDEAVOUR",
     "letter_obligations", "duplicate-key"},
    {"LetterLevel", "uncac_paragraphs.csv", "a=MANDATORY|b=ENDEAVOUR", "a=MANDATORY|b=SEEK",
     "letter_obligations", "unknown-code"},
    {"LettersSayNothing", "uncac_paragraphs.csv", "\nuncac/6.1,b,MANDATORY,",
     "\nuncac/6.1,b,MANDATORY,a=MANDATORY", "letter_obligations", "says-nothing"},
};
INSTANTIATE_TEST_SUITE_P(Provisions, BrokenData, testing::ValuesIn(kProvisions), name_of);

const Break kCrosswalk[] = {
    {"Relation", "crosswalk.csv", "\nuncac/44,untoc/16,EQUIVALENT", "\nuncac/44,untoc/16,SAME",
     "relation", "unknown-code"},
    {"Confidence", "crosswalk.csv", "\nuncac/44,untoc/16,EQUIVALENT,high",
     "\nuncac/44,untoc/16,EQUIVALENT,sure", "confidence", "unknown-code"},
    {"UnknownArticle", "crosswalk.csv", "\nuncac/7,", "\nuncac/72,", "uncac", "unknown-code"},
    {"ParagraphForArticle", "crosswalk.csv", "\nuncac/7,", "\nuncac/7.1,", "uncac",
     "not-an-article"},
    {"WrongTreaty", "crosswalk.csv", "\nuncac/7,untoc/31", "\nuncac/7,uncac/31", "untoc",
     "not-an-article"},
    {"PairTwice", "crosswalk.csv", "\nuncac/7,untoc/31", "\nuncac/6,untoc/31", "untoc",
     "duplicate-key"},
    {"PairOrder", "crosswalk.csv", "\nuncac/7,untoc/31", "\nuncac/5,untoc/30", "uncac",
     "wrong-order"},
    {"PairUnexplained", "crosswalk.csv", "two treaties, two lists of purposes", "", "note",
     "empty-field"},
    {"PairLost", "crosswalk.csv", "\nuncac/7,untoc/31,RELATED,low,\"the subject, not the duty\"",
     "", "", "wrong-count", kWholeFile},
    {"TwinUnknown", "crosswalk_paragraphs.csv", "uncac/30.1,", "uncac/30.11,", "uncac",
     "unknown-code"},
    {"TwinUnknownInUntoc", "crosswalk_paragraphs.csv", "untoc/31.3", "untoc/31.8", "untoc",
     "unknown-code"},
    {"TwinTwice", "crosswalk_paragraphs.csv", "uncac/30.3,untoc/11.2", "uncac/30.1,untoc/11.1",
     "untoc", "duplicate-key"},
    {"TwinOutsideThePairs", "crosswalk_paragraphs.csv", "uncac/30.10,untoc/31.3",
     "uncac/30.10,untoc/30.3", "uncac", "not-in-crosswalk"},
    {"TwinOfRelatedPair", "crosswalk_paragraphs.csv", "uncac/30.10,untoc/31.3",
     "uncac/43.2,untoc/16.3", "uncac", "not-in-crosswalk"},
    {"TooFewTwins", "crosswalk.csv", "\nuncac/5,untoc/9,OVERLAPPING",
     "\nuncac/5,untoc/9,EQUIVALENT", "relation", "too-few-twins"},
};
INSTANTIATE_TEST_SUITE_P(Crosswalk, BrokenData, testing::ValuesIn(kCrosswalk), name_of);

const Break kLists[] = {
    {"TypeCode", "assistance_types.csv", "\nMODEL_TREATY,", "\nModel treaty,", "code", "bad-code",
     kThatLine},
    {"TypeTwice", "assistance_types.csv", "\nMODEL_TREATY,", "\nLEGAL_ADVICE,", "code",
     "duplicate-key"},
    {"TypeText", "assistance_types.csv", "REQUIRED,NO", "YES,NO", "text", "unknown-code"},
    {"TypeExcludes", "assistance_types.csv", "REQUIRED,NO", "REQUIRED,no", "excludes_rest",
     "unknown-code"},
    {"TypeUnlabelled", "assistance_types.csv", ",Legal advice,", ",,", "label", "empty-field"},
    {"TypeConfidence", "assistance_types.csv", "legislative-assistance,high,medium",
     "legislative-assistance,certain,medium", "label_confidence", "unknown-code"},
    {"TypeLost", "checklist_types.csv", "uncac-2007,OTHER,YES\n", "", "type", "wrong-count",
     kWholeFile},
    {"ChallengeTwice", "challenges.csv", "\nLIMITED_CAPACITY,", "\nINTERAGENCY,", "code",
     "duplicate-key"},
    {"ChallengeText", "challenges.csv", "co-ordination,NO", "co-ordination,MAYBE", "text_required",
     "unknown-code"},
    {"ChallengeLost", "challenges.csv", "\nCOMPETING_PRIORITIES,Competing priorities,NO,high", "",
     "", "wrong-count", kWholeFile},
    {"ChecklistTwice", "checklists.csv", "\nuncac-comprehensive,", "\nuncac-2007,", "code",
     "duplicate-key"},
    {"ChecklistLost", "checklists.csv",
     "\nuncac-2007,First self-assessment checklist: fifteen articles", "", "code", "missing-row",
     kWholeFile},
    {"ItemOfNoChecklist", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2008,uncac/57,",
     "checklist", "unknown-code"},
    {"ItemUnknown", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2007,uncac/75,", "item",
     "unknown-code"},
    {"ItemIsLetter", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2007,uncac/57.3.a,",
     "item", "not-an-item"},
    {"ItemOfUntoc", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2007,untoc/14,", "item",
     "not-an-item"},
    {"ItemTwice", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2007,uncac/55,", "item",
     "duplicate-key"},
    {"ItemOrder", "checklist_items.csv", "uncac-2007,uncac/57,", "uncac-2007,uncac/7,", "item",
     "wrong-order"},
    {"FirstChecklistShort", "checklist_items.csv", "uncac-2007,uncac/57,high\n", "", "item",
     "wrong-count", kWholeFile},
    {"ComprehensiveShort", "checklist_items.csv", "uncac-comprehensive,uncac/44.4,high\n", "",
     "item", "missing-row", kWholeFile, 2},
    {"ComprehensiveBeyond", "checklist_items.csv", "uncac-comprehensive,uncac/59,high",
     "uncac-comprehensive,uncac/60.1,high", "item", "not-an-item", kWholeFile, 2},
    {"TypeOfNoChecklist", "checklist_types.csv", "uncac-2007,OTHER", "uncac-2008,OTHER",
     "checklist", "unknown-code"},
    {"TypeUnknown", "checklist_types.csv", "uncac-2007,OTHER", "uncac-2007,OTHERS", "type",
     "unknown-code"},
    {"TypeTwiceInChecklist", "checklist_types.csv", "uncac-2007,OTHER", "uncac-2007,LEGAL_ADVICE",
     "type", "duplicate-key"},
    {"TypePrinted", "checklist_types.csv", "uncac-2007,OTHER,YES", "uncac-2007,OTHER,PERHAPS",
     "printed", "unknown-code"},
};
INSTANTIATE_TEST_SUITE_P(Lists, BrokenData, testing::ValuesIn(kLists), name_of);

const std::string kKenya =
    "KEN,KE,404,Kenya,MEMBER,AFR,Eastern Africa,,2003-12-09,2003-12-09,RATIFICATION,DEPOSITARY,"
    "2005-12-14";
const std::string kMontenegro =
    "MNE,ME,499,Montenegro,MEMBER,EEG,Southern Europe,,,2006-10-23,SUCCESSION,DEPOSITARY,"
    "2006-11-22";
const std::string kSyria =
    "SYR,SY,760,Syrian Arab Republic,MEMBER,APG,Western Asia,,2003-12-09,,,,";

// kKenya with one part of it changed.
Break kenya(const char* name, const std::string& from, const char* to, const char* column,
            const char* rule) {
  std::string changed = kKenya;
  changed.replace(changed.find(from), from.size(), to);
  return {name, "states.csv", kKenya, changed, column, rule};
}

const Break kStates[] = {
    kenya("Iso3", "KEN", "Ken", "iso3", "bad-code"),
    kenya("Iso3Twice", "KEN", "JOR", "iso3", "duplicate-key"),
    kenya("Iso2", "KE,", "KEN,", "iso2", "bad-code"),
    kenya("Iso2Twice", ",KE,", ",JO,", "iso2", "duplicate-key"),
    kenya("Numeric", "404", "44", "numeric", "bad-code"),
    kenya("NumericTwice", "404", "400", "numeric", "duplicate-key"),
    kenya("NameTwice", "Kenya", "Kazakhstan", "name", "duplicate-key"),
    kenya("NameEmpty", "Kenya", "", "name", "empty-field"),
    kenya("NameOrder", "Kenya", "Benya", "name", "wrong-order"),
    kenya("Kind", "MEMBER", "PARTY", "kind", "unknown-code"),
    kenya("KindAndGroup", "MEMBER", "OBSERVER", "kind", "group-differs-from-kind"),
    kenya("Group", "AFR", "AFRICA", "groups", "unknown-code"),
    kenya("GroupNoneBesideOthers", "AFR", "AFR|NONE", "groups", "unknown-code"),
    kenya("GroupTwice", "AFR", "AFR|AFR", "groups", "duplicate-key"),
    kenya("GroupEmpty", "AFR", "", "groups", "empty-field"),
    kenya("Subregion", "Eastern Africa", "East Africa", "subregion", "unknown-code"),
    kenya("List", ",,2003", ",LCD,2003", "lists", "unknown-code"),
    kenya("ListDiffers", ",,2003", ",LDC,2003", "lists", "list-differs-from-set"),
    kenya("BadDate", "2003-12-09,2003-12-09", "2003-12-09,2003-12-32", "uncac_deposited",
          "bad-date"),
    kenya("SignedTooEarly", "2003-12-09,2003", "2003-12-08,2003", "uncac_signed",
          "not-open-for-signature"),
    kenya("SignedAfterDeposit", "2003-12-09,2003", "2003-12-10,2003", "uncac_deposited",
          "deposit-before-signature"),
    kenya("Act", "RATIFICATION", "r", "uncac_act", "unknown-code"),
    kenya("ActDiffers", "RATIFICATION", "ACCESSION", "uncac_act", "act-differs"),
    kenya("ActFromMemory", "DEPOSITARY", "MEMORY", "uncac_act", "act-differs"),
    kenya("Source", "DEPOSITARY", "BOOK", "uncac_deposit_source", "unknown-code"),
    kenya("InForceBefore2005", "2005-12-14", "2004-01-08", "uncac_in_force", "entry-into-force"),
    kenya("InForceEmpty", "2005-12-14", "", "uncac_in_force", "entry-into-force"),
    {"InForceOfASuccessor", "states.csv", kMontenegro,
     kMontenegro.substr(0, kMontenegro.size() - 10) + "2006-06-03", "uncac_in_force",
     "entry-into-force"},
    {"InForceWithoutDeposit", "states.csv", kSyria, kSyria + "2005-12-14", "uncac_in_force",
     "entry-into-force"},
    {"SourceWithoutDeposit", "states.csv", kSyria,
     kSyria.substr(0, kSyria.size() - 1) + "DEPOSITARY,", "uncac_deposit_source",
     "source-without-deposit"},
    {"DepositsByTheFirstCount", "states.csv", "2007-11-06,RATIFICATION,DEPOSITARY,2007-12-06",
     "2007-12-06,RATIFICATION,DEPOSITARY,2008-01-05", "uncac_deposited", "wrong-count", kWholeFile},
    {"GroupSizes", "states.csv", "Türkiye,MEMBER,WEOG|APG", "Türkiye,MEMBER,WEOG", "groups",
     "wrong-count", kWholeFile},
    {"SubregionTwice", "subregions.csv", "\nMelanesia,", "\nMelanesia,\nMelanesia,", "name",
     "duplicate-key", kNextLine},
    {"SubregionOrder", "subregions.csv", "\nMelanesia,", "\nZealandia,\nMelanesia,", "name",
     "wrong-order", kNextLine, 3},
    {"SubregionUnused", "subregions.csv", "\nMelanesia,", "\nLemuria,\nMelanesia,", "name",
     "unused-code", kWholeFile, 2},
    {"SubregionUnnamed", "subregions.csv", "\nMelanesia,", "\nLemuria,\nMelanesia,", "key",
     "missing-row", kWholeFile, 2, "labels.csv"},
    {"OtherPartyIsAState", "other_parties.csv", "\nEUU,", "\nKEN,", "code", "duplicate-key",
     kThatLine},
    {"OtherPartyInForce", "other_parties.csv", "2008-12-12", "2008-12-11", "uncac_in_force",
     "entry-into-force"},
};
INSTANTIATE_TEST_SUITE_P(States, BrokenData, testing::ValuesIn(kStates), name_of);

const Break kSets[] = {
    {"SetCode", "state_sets.csv", "\nEAC,", "\nEac,", "code", "bad-code"},
    {"SetYear", "state_sets.csv", "East African Community,2025", "East African Community,25",
     "as_of_year", "bad-number"},
    {"SetSize", "state_sets.csv", "\nEAC,East African Community,2025,8",
     "\nEAC,East African Community,2025,9", "members", "wrong-count"},
    {"SetLost", "state_sets.csv", "\nGCC,Gulf Cooperation Council,2025,6", "", "", "wrong-count",
     kWholeFile},
    {"ListWithoutSet", "state_sets.csv", "\nLLDC,", "\nLLDX,", "code", "missing-row", kWholeFile},
    {"MemberUnknown", "state_set_members.csv", "EAC,KEN,high", "EAC,KNY,high", "member",
     "unknown-code"},
    {"MemberOfNoSet", "state_set_members.csv", "EAC,KEN,high", "EAX,KEN,high", "set",
     "unknown-code"},
    {"MemberTwice", "state_set_members.csv", "EAC,KEN,high", "EAC,COD,high", "member",
     "duplicate-key"},
    {"MemberOrder", "state_set_members.csv", "EAC,KEN,high", "EAC,AGO,high", "member",
     "wrong-order"},
    {"MemberUnsureWithoutNote", "state_set_members.csv", "EAC,KEN,high", "EAC,KEN,low", "note",
     "empty-field"},
    {"MemberConfidence", "state_set_members.csv", "EAC,KEN,high", "EAC,KEN,sure", "confidence",
     "unknown-code"},
    {"MemberNotInTheList", "states.csv", "Zimbabwe,MEMBER,AFR,Eastern Africa,LLDC",
     "Zimbabwe,MEMBER,AFR,Eastern Africa,", "lists", "list-differs-from-set"},
};
INSTANTIATE_TEST_SUITE_P(Sets, BrokenData, testing::ValuesIn(kSets), name_of);

const Break kNames[] = {
    {"State", "state_names.csv", "\nKEN,", "\nKNY,", "iso3", "unknown-code"},
    {"StateTwice", "state_names.csv", "\nKEN,", "\nJOR,", "iso3", "duplicate-key"},
    {"StateLost", "state_names.csv", "\nKEN,كينيا,Kenya,Kenya,Кения,肯尼亚,HIGH", "", "iso3",
     "missing-row", kWholeFile},
    {"NoArabic", "state_names.csv", "كينيا", "", "ar", "empty-field"},
    {"NoSpanish", "state_names.csv", "Polonia", "", "es", "empty-field"},
    {"NoFrench", "state_names.csv", "Pologne", "", "fr", "empty-field"},
    {"NoRussian", "state_names.csv", "Кения", "", "ru", "empty-field"},
    {"NoChinese", "state_names.csv", "肯尼亚", "", "zh", "empty-field"},
    {"Decomposed", "state_names.csv", "Perú", "Peru\u0301", "es", "not-nfc"},
    {"BlankBefore", "state_names.csv", "Кения", " Кения", "ru", "stray-blank"},
    {"BlankAfter", "state_names.csv", "Кения", "Кения ", "ru", "stray-blank"},
    {"BlankAlone", "state_names.csv", "Кения", " ", "ru", "stray-blank"},
    {"BlankTwice", "state_names.csv", "Новая Зеландия", "Новая  Зеландия", "ru", "stray-blank"},
    {"BlankThatHoldsTogether", "state_names.csv", "Новая Зеландия", "Новая\u00A0Зеландия", "ru",
     "stray-blank"},
    {"BidiMark", "state_names.csv", "دولة فلسطين", "دولة فلسطين\u200F", "ar", "bidi-control"},
    {"BidiIsolate", "state_names.csv", "肯尼亚", "\u2066肯尼亚\u2069", "zh", "bidi-control"},
    {"SoftHyphen", "state_names.csv", "Кения", "Ке\u00ADния", "ru", "control-character"},
    {"Bell", "state_names.csv", "Кения", "Кения\a", "ru", "control-character"},
    {"Sure", "state_names.csv", "阿富汗,HIGH", "阿富汗,SURE", "sure", "unknown-code"},
    {"StatesAlike", "state_names.csv", ",Катар,", ",Кения,", "ru", "duplicate-name"},
    {"Article", "article_names.csv", "\nuncac/44,", "\nuncac/72,", "article", "unknown-code"},
    {"ArticleParagraph", "article_names.csv", "\nuncac/44,", "\nuncac/44.4,", "article",
     "unknown-code"},
    {"ArticleTwice", "article_names.csv", "\nuntoc/16,", "\nuntoc/15,", "article", "duplicate-key"},
    {"ArticleLost", "article_names.csv",
     "\nuntoc/16,تسليم المجرمين,Extradición,Extradition,Выдача,引渡,MEDIUM", "", "article",
     "missing-row", kWholeFile},
    {"ArticlesAlike", "article_names.csv", "滥用职权", "影响力交易", "zh", "duplicate-name"},
    {"LabelOfNothing", "labels.csv", "\ntype.LEGAL_ADVICE,", "\ntype.LEGAL_HELP,", "key",
     "unknown-code"},
    {"LabelTwice", "labels.csv", "\ntype.LEGAL_ADVICE,", "\ntype.LEGISLATIVE_DRAFTING,", "key",
     "duplicate-key"},
    {"LabelLost", "labels.csv",
     "\nsubregion.Melanesia,ميلانيزيا,Melanesia,Mélanésie,Меланезия,美拉尼西亚,HIGH", "", "key",
     "missing-row", kWholeFile},
    {"LabelEmpty", "labels.csv", "法律咨询", "", "zh", "empty-field"},
    {"LabelsAlike", "labels.csv", "法律咨询", "法律起草", "zh", "duplicate-name"},
    {"Word", "words.csv", "\ncompliance.YES,", "\ncompliance.PERHAPS,", "key", "unknown-code"},
    {"WordTwice", "words.csv", "\naudience.PUBLIC,", "\naudience.NAMED,", "key", "duplicate-key"},
    {"WordLost", "words.csv", "\ncompliance.NO,No,لا,No,Non,Нет,否,MEDIUM", "", "key",
     "missing-row", kWholeFile},
    {"WordEnglish", "words.csv", "\ncompliance.YES,Yes,", "\ncompliance.YES,,", "en",
     "empty-field"},
    {"WordsAlike", "words.csv", "\ncompliance.NO,No,", "\ncompliance.NO,Yes,", "en",
     "duplicate-name"},
    {"ParagraphWithoutPlace", "words.csv", "paragraphe {}", "paragraphe", "fr", "no-place"},
    {"ParagraphOfTwoPlaces", "words.csv", "第{}款", "第{}款{}", "zh", "no-place"},
};
INSTANTIATE_TEST_SUITE_P(Names, BrokenData, testing::ValuesIn(kNames), name_of);

// ---- whole files --------------------------------------------------------------------------------

TEST(BrokenFiles, EachMissingFileIsNamedAndNothingElse) {
  for (const auto& [name, text] : embedded_files()) {
    Texts texts = embedded_texts();
    texts.erase(std::string(name));
    const auto problems = problems_of(texts);
    EXPECT_EQ(problems.size(), 1U) << name << "\n" << listed(problems);
    EXPECT_TRUE(has(problems, name, 0, "", "missing-file")) << name << "\n" << listed(problems);
  }
}

TEST(BrokenFiles, UnknownAndRepeatedFilesAreRefused) {
  Texts texts = embedded_texts();
  texts["chapter.csv"] = "# Holds: a file with a slip in its name";
  const auto unknown = problems_of(texts);
  EXPECT_TRUE(has(unknown, "chapter.csv", 0, "", "unknown-file")) << listed(unknown);

  std::vector<DataFile> files(embedded_files().begin(), embedded_files().end());
  files.push_back(files.front());
  const auto twice = Reference::load(files);
  ASSERT_FALSE(twice);
  EXPECT_TRUE(has(twice.error().problems, files.front().first, 0, "", "duplicate-file"));
}

TEST(BrokenFiles, EmptyFilesHaveNoHead) {
  Texts texts = embedded_texts();
  texts["chapters.csv"] = "";
  EXPECT_TRUE(has(problems_of(texts), "chapters.csv", 1, "", "bad-head"));
  texts["chapters.csv"] = "# Holds: x\n# Source: x\n# Sure: x\n";
  EXPECT_TRUE(has(problems_of(texts), "chapters.csv", 1, "", "bad-head"));
}

TEST(BrokenFiles, OneErrorCarriesTheProblemsOfAllFiles) {
  Texts texts = embedded_texts();
  for (const std::string file : {"challenges.csv", "state_set_members.csv"}) {
    std::string& text = texts[file];
    text.replace(text.find(",high"), 5, ",sure");
  }
  texts.erase("other_parties.csv");
  const auto loaded = load(texts);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "the reference data is broken: 2 problems");
  // The members are not checked while the parties that they refer to are missing.
  EXPECT_TRUE(has(loaded.error().problems, "other_parties.csv", 0, "", "missing-file"));
  EXPECT_EQ(std::count_if(loaded.error().problems.begin(), loaded.error().problems.end(),
                          [](const Problem& problem) { return problem.file == "challenges.csv"; }),
            1);
}

// ---- forms of the same file ---------------------------------------------------------------------

TEST(DataFiles, MayComeFromASpreadsheet) {
  Texts texts = embedded_texts();
  std::string& chapters = texts["chapters.csv"];
  std::string changed = "\xEF\xBB\xBF";
  for (const char c : chapters) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
  changed.pop_back();
  changed.pop_back();  // no line break at the end
  chapters = changed;
  const auto loaded = load(texts);
  ASSERT_TRUE(loaded) << platform::to_text(loaded.error());
  EXPECT_EQ((*loaded)->chapters().back().title, "Final provisions");
}

TEST(DataFiles, MayHaveTheirColumnsInAnyOrderAndQuotesInQuotes) {
  Texts texts = embedded_texts();
  texts["chapters.csv"] =
      "# Holds: x\n# Source: x\n# Sure: x\ntitle,code\n\"a "
      "\"\"b\"\",\nc\",I\n\"\",II\nx,III\nx,IV\n"
      "x,V\nx,VI\nx,VII\nx,VIII\n";
  const auto problems = problems_of(texts);
  ASSERT_EQ(problems.size(), 1U) << listed(problems);
  // The row after a field of two lines still has its own line.
  EXPECT_TRUE(has(problems, "chapters.csv", 7, "title", "empty-field")) << listed(problems);

  texts["chapters.csv"].replace(texts["chapters.csv"].find("\"\",II"), 2, "y");
  const auto loaded = load(texts);
  ASSERT_TRUE(loaded) << platform::to_text(loaded.error());
  EXPECT_EQ((*loaded)->chapters()[0].title, "a \"b\",\nc");
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            (std::string("reference_") + test->name() + "_" + std::to_string(::getpid()));
    std::filesystem::create_directories(path_);
    for (const auto& [name, text] : embedded_files()) write(std::string(name), std::string(text));
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::filesystem::path path_;
};

TEST_F(Folder, GivesTheSameAsTheEmbeddedFiles) {
  write("README.md", "not a data file");
  const auto loaded = Reference::load(path_.string());
  ASSERT_TRUE(loaded) << platform::to_text(loaded.error());
  EXPECT_EQ((*loaded)->states().size(), 197U);
  EXPECT_EQ((*loaded)->provisions().size(), 486U);
}

TEST_F(Folder, NamesTheFileAndLineThatIsWrong) {
  write("challenges.csv",
        "# Holds: x\n# Source: x\n# Sure: x\ncode,label,text_required,confidence\nA,a,NO\n");
  const auto loaded = Reference::load(path_.string());
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(has(loaded.error().problems, "challenges.csv", 5, "", "wrong-field-count"))
      << platform::to_text(loaded.error());
}

TEST_F(Folder, ThatIsNotThereIsAnError) {
  const auto loaded = Reference::load((path_ / "nowhere").string());
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(has(loaded.error().problems, (path_ / "nowhere").string(), 0, "", "unreadable-file"));
}

TEST_F(Folder, MustHoldFilesUnderTheirNames) {
  std::filesystem::remove(path_ / "chapters.csv");
  std::filesystem::create_directory(path_ / "chapters.csv");
  const auto loaded = Reference::load(path_.string());
  ASSERT_FALSE(loaded);
  EXPECT_TRUE(
      has(loaded.error().problems, (path_ / "chapters.csv").string(), 0, "", "unreadable-file"));
}

}  // namespace
}  // namespace uncac::reference

#include <gtest/gtest.h>

#include <algorithm>

#include "checklist_intake/domain/checklist_csv.h"
#include "checklist_intake/domain/text.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

using test::kHeader;
using test::parse;

// Rows without a problem.
const std::string kKen5 =
    "KEN,uncac-2007,2007,2007-11-30,en,uncac/5,YES,Act 3,,,,,,,,,PROVIDERS,\n";
const std::string kKen44 =
    "KEN,uncac-2007,2007,2007-11-30,en,uncac/44,IN_PART,Act 3,INTERAGENCY|OTHER,staff,"
    "LEGAL_ADVICE,extradition,HIGH,EX1|EX2,GOOD_PRACTICES,YES,NAMED:EX1|EX2,2026-12-31\n";
const std::string kKen44Also =
    "KEN,uncac-2007,2007,2007-11-30,en,uncac/44,IN_PART,Act 3,INTERAGENCY|OTHER,staff,"
    "ACTION_PLAN,,,EX1|EX2,GOOD_PRACTICES,YES,NAMED:EX1|EX2,2026-12-31\n";
const std::string kUga5 = "UGA,uncac-2007,2007,,,uncac/5,NO,,COMPETING_PRIORITIES,,,,,,,,,\n";

TEST(IntakeChecklistCsv, ReadsAFile) {
  const ParsedFile file = parse(kHeader + kKen44 + kKen5 + kKen44Also + kUga5);
  EXPECT_EQ(test::all_lines(file), "");
  EXPECT_TRUE(file.good);
  EXPECT_FALSE(file.unreadable);
  EXPECT_EQ(file.rows, 4);
  ASSERT_EQ(file.responses.size(), 2u);
  const ParsedResponse& ken = file.responses[0];
  EXPECT_EQ(ken.key, test::key("KEN", "uncac-2007", 2007));
  EXPECT_EQ(ken.first_row, 2);
  EXPECT_EQ(ken.rows, 3);
  EXPECT_FALSE(ken.exercise);
  ASSERT_TRUE(ken.checked);
  EXPECT_EQ(ken.checked->rows, (std::vector<std::int64_t>{3, 2}));
  EXPECT_EQ(ken.checked->response.submitted_on, test::day("2007-11-30"));
  ASSERT_EQ(ken.checked->response.answers.size(), 2u);
  const Answer& answer = ken.checked->response.answers[1];
  EXPECT_EQ(answer.provision, test::provision("uncac/44"));
  EXPECT_EQ(answer.compliance, Compliance::kInPart);
  EXPECT_EQ(answer.measures, "Act 3");
  EXPECT_EQ(answer.challenges.size(), 2u);
  EXPECT_EQ(answer.challenges_text, "staff");
  EXPECT_EQ(answer.needed, (std::vector<NeededAssistance>{
                               {test::type("LEGAL_ADVICE"), "extradition", Priority::kHigh},
                               {test::type("ACTION_PLAN"), "", Priority::kNone}}));
  EXPECT_EQ(answer.received.from, (std::vector<std::string>{"EX1", "EX2"}));
  EXPECT_EQ(answer.received.types, std::vector<std::string>{"GOOD_PRACTICES"});
  EXPECT_EQ(answer.received.would_extend, Choice::kYes);
  EXPECT_EQ(answer.language, "en");
  const SharingChoice named{Audience::kNamed, {"EX1", "EX2"}, test::day("2026-12-31")};
  const SharingChoice providers{Audience::kProviders, {}, {}};
  EXPECT_EQ(ken.checked->sharing.exceptions,
            (SharingChoices{{test::provision("uncac/5"), providers},
                            {test::provision("uncac/44"), named}}));
  EXPECT_FALSE(ken.checked->sharing.choice);
  const ParsedResponse& uga = file.responses[1];
  ASSERT_TRUE(uga.checked);
  EXPECT_FALSE(uga.checked->response.submitted_on);
  EXPECT_TRUE(uga.checked->sharing.exceptions.empty());
}

TEST(IntakeChecklistCsv, ColumnsInAnyOrderSemicolonsMarkAndCrLf) {
  std::string header = kHeader.substr(0, kHeader.size() - 1) + ",exercise";
  std::string row = kKen5.substr(0, kKen5.size() - 1) + ",YES";
  for (std::string* line : {&header, &row}) {  // the first column last, `;` between
    std::replace(line->begin(), line->end(), ',', ';');
    const std::size_t first = line->find(';');
    *line = line->substr(first + 1) + ";" + line->substr(0, first) + "\r\n";
  }
  const ParsedFile file = parse("\xEF\xBB\xBF" + header + row + "\r\n;;;;;;;;;;;;;;;;;;\r\n");
  EXPECT_EQ(test::all_lines(file), "");
  EXPECT_EQ(file.rows, 1);
  ASSERT_EQ(file.responses.size(), 1u);
  EXPECT_TRUE(file.responses[0].exercise);
  ASSERT_TRUE(file.responses[0].checked);
  EXPECT_EQ(file.responses[0].checked->response.answers[0].measures, "Act 3");
}

struct Case {
  std::string file;
  std::string problems;  // as the command line prints them
};

TEST(IntakeChecklistCsv, ProblemsHaveLineColumnAndRule) {
  const std::string twice = kKen44;
  const std::vector<Case> cases = {
      {"", "answers.csv: error: empty-file: the file is empty\n"},
      {kHeader, "answers.csv: error: no-rows: the file has no row below its header\n"},
      {kHeader + "KEN,uncac-comprehensive,2010,,,uncac/44.4,NO,,OTHER,x,LEGALADVICE,,,,,,PUBLIC,\n",
       "answers.csv:2: type: error: unknown-type: \"LEGALADVICE\" is not a type of "
       "uncac-comprehensive\n"},
      {kHeader + "EUU,uncac-2007,2007,,,uncac/5,YES,,,,,,,,,,PUBLIC,\n",
       "answers.csv:2: state: error: not-a-state: \"EUU\" is a party to the Convention and not a "
       "State\n"},
      {kHeader + kKen5 + "KEN,uncac-2007,2007,2007-11-30,,44.10,YES,,,,,,,,,,PUBLIC,\n",
       "answers.csv:3: provision: error: provision-without-treaty: \"44.10\" does not name its "
       "treaty; write \"uncac/44.10\"\n"},
      // the rows of one answer
      {kHeader + kKen44 + "\n" + twice,
       "answers.csv:4: error: duplicate-row: the same as line 2\n"},
      {kHeader + kKen44 +
           "KEN,uncac-2007,2007,2007-11-30,en,uncac/44,NO,Act 3,INTERAGENCY|OTHER,staff,"
           "ACTION_PLAN,,,EX1|EX2,GOOD_PRACTICES,YES,PUBLIC,2026-12-31\n",
       "answers.csv:3: compliance: error: rows-disagree: \"NO\" here, \"IN_PART\" on line 2\n"
       "answers.csv:3: audience: error: rows-disagree: \"PUBLIC\" here, \"NAMED:EX1|EX2\" on line "
       "2\n"},
      {kHeader + kKen44 +
           "KEN,uncac-2007,2007,2007-11-30,en,uncac/44,IN_PART,Act 3,INTERAGENCY|OTHER,staff,"
           "LEGAL_ADVICE,other text,,EX1|EX2,GOOD_PRACTICES,YES,NAMED:EX1|EX2,2026-12-31\n",
       "answers.csv:3: type: error: duplicate-type: LEGAL_ADVICE stands twice in this answer\n"},
      {kHeader + kKen44 +
           "KEN,uncac-2007,2007,2007-11-30,en,uncac/44,IN_PART,Act 3,INTERAGENCY|OTHER,staff,"
           ",,,EX1|EX2,GOOD_PRACTICES,YES,NAMED:EX1|EX2,2026-12-31\n",
       "answers.csv:3: type: error: rows-disagree: \"\" here, \"LEGAL_ADVICE\" on line 2\n"},
      {kHeader + kKen5 + "KEN,uncac-2007,2007,2007-12-01,,uncac/6,YES,,,,,,,,,,PUBLIC,\n",
       "answers.csv:3: submitted_on: error: rows-disagree: \"2007-12-01\" here, \"2007-11-30\" on "
       "line 2\n"},
      // structure of a row
      {kHeader + kKen5 + "KEN,uncac-2007,2007\n",
       "answers.csv:3: error: field-count: 3 fields, the header has 18\n"},
      {kHeader + "KEN,uncac-2007,2007,,,uncac/5,YES,a \"b\" c,,,,,,,,,PUBLIC,\n",
       "answers.csv:2: error: stray-quote: a quote in a field that does not begin with one, or "
       "text "
       "after its end\n"},
      {kHeader + "KEN,uncac-2007,2007,,,uncac/5,YES,caf\xE9,,,,,,,,,PUBLIC,\n",
       "answers.csv:2: measures: error: invalid-utf8: the text is not UTF-8\n"},
      // a row after a text of three lines
      {kHeader + "KEN,uncac-2007,2007,,,uncac/5,YES,\"a\r\nb\nc\",,,,,,,,,PUBLIC,\n" +
           "KEN,uncac-2007,2007,,,uncac/6,MAYBE,,,,,,,,,,PUBLIC,\n",
       "answers.csv:5: compliance: error: unknown-compliance: \"MAYBE\" is not YES, IN_PART, NO or "
       "NOT_ANSWERED\n"},
      // the whole file
      {kHeader + kKen5 + std::string("KEN,\0", 5),
       "answers.csv:3: error: nul-byte: a NUL byte; is "
       "this a text file in UTF-8?\n"},
      {kHeader + kKen5 + "KEN,\"uncac-2007\n" + kKen5,
       "answers.csv:3: error: unclosed-quote: a quoted field of the record that begins here does "
       "not end\n"},
      {"state,checklist\nKEN,uncac-2007\n",
       [] {
         std::string lines;
         for (std::size_t at = 2; at + 1 < kColumnCount; ++at) {
           const std::string column(kChecklistColumns[at]);
           lines += "answers.csv:1: ";
           lines += column;
           lines += ": error: missing-column: \"";
           lines += column;
           lines += "\" is missing\n";
         }
         return lines;
       }()},
      {"Provision,type," + kHeader + "x,x," + kKen5,
       "answers.csv:1: error: unknown-column: \"Provision\" is not a column\n"
       "answers.csv:1: type: error: duplicate-column: \"type\" stands twice\n"},
  };
  for (const Case& one : cases) {
    const ParsedFile file = parse(one.file);
    EXPECT_EQ(test::all_lines(file), one.problems) << one.file;
    EXPECT_FALSE(file.good) << one.file;
  }
}

TEST(IntakeChecklistCsv, AProblemStopsItsResponseAndNoOther) {
  const ParsedFile file =
      parse(kHeader + kKen5 + "XXX,uncac-2007,2007,,,uncac/5,YES,,,,,,,,,,PUBLIC,\n" +
            "UGA,uncac-2007,2007,,,uncac/5,PARTLY,,,,,,,,,,PUBLIC,\n" + "TZA,uncac-2007,2007\n");
  EXPECT_FALSE(file.good);
  EXPECT_FALSE(file.unreadable);
  ASSERT_EQ(file.problems.size(), 1u);
  EXPECT_EQ(file.problems[0].rule, "unknown-state");
  EXPECT_EQ(file.problems[0].row, 3);
  ASSERT_EQ(file.responses.size(), 3u);
  EXPECT_TRUE(file.responses[0].checked);
  EXPECT_FALSE(file.responses[1].checked);
  EXPECT_EQ(file.responses[1].problems[0].rule, "unknown-compliance");
  EXPECT_FALSE(file.responses[2].checked);
  EXPECT_EQ(file.responses[2].problems[0].rule, "field-count");
  EXPECT_EQ(file.responses[2].first_row, 5);
}

TEST(IntakeChecklistCsv, AWarningStopsNothing) {
  const ParsedFile file = parse(kHeader + "KEN,uncac-2007,2007,,,uncac/5,NO,,,,,,,,,,PUBLIC,\n");
  EXPECT_EQ(test::all_lines(file),
            "answers.csv:2: challenges: warning: challenge-missing: NO without a challenge\n");
  EXPECT_TRUE(file.good);
  ASSERT_EQ(file.responses.size(), 1u);
  EXPECT_TRUE(file.responses[0].checked);
}

// Of a file that cannot be read to its end nothing may be kept: a response may lack rows.
TEST(IntakeChecklistCsv, NothingOfAnUnreadableFileIsGood) {
  for (const std::string& bytes : {kHeader + kKen5 + std::string(1, '\0'),
                                   kHeader + kKen5 + "UGA,\"", "state\n" + kKen5, std::string()}) {
    const ParsedFile file = parse(bytes);
    EXPECT_TRUE(file.unreadable);
    EXPECT_FALSE(file.good);
    for (const auto& response : file.responses) EXPECT_FALSE(response.checked);
  }
}

TEST(IntakeChecklistCsv, TooManyRowsAreRefused) {
  std::string bytes = kHeader;
  for (std::size_t at = 0; at < kMostRows; ++at) bytes += kUga5;
  const ParsedFile full = parse(bytes);
  EXPECT_FALSE(full.unreadable);
  EXPECT_EQ(full.rows, static_cast<std::int64_t>(kMostRows));
  // The same row 200,000 times: every repetition is a problem, 10,000 of them are kept.
  ASSERT_EQ(full.responses.size(), 1u);
  EXPECT_EQ(full.responses[0].problems.size(), 10'000u);
  EXPECT_EQ(full.problems_left_out, static_cast<std::int64_t>(kMostRows) - 1 - 10'000);
  const ParsedFile over = parse(bytes + kUga5);
  EXPECT_TRUE(over.unreadable);
  ASSERT_EQ(over.problems.size(), 1u);
  EXPECT_EQ(over.problems[0].rule, "too-many-rows");
  EXPECT_EQ(over.problems[0].row, static_cast<std::int64_t>(kMostRows) + 2);
}

TEST(IntakeChecklistCsv, NeutralisedCellsAreReadAsTheyWereMeant) {
  for (const auto& [cell, text] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"'=1+1", "=1+1"},
                                                                  {"'+1", "+1"},
                                                                  {"'-x", "-x"},
                                                                  {"'@x", "@x"},
                                                                  {"'\tx", "\tx"},
                                                                  {"'\rx", "\rx"},
                                                                  {"''=x", "'=x"},
                                                                  {"'x", "'x"},
                                                                  {"'", "'"},
                                                                  {"''", "''"},
                                                                  {"=1+1", "=1+1"},
                                                                  {"- none", "- none"},
                                                                  {"", ""},
                                                                  {"'l'état =", "'l'état ="}}) {
    EXPECT_EQ(unneutralised(cell), text) << cell;
  }
  const bool held = rc::check("reading takes away what writing adds", [] {
    const std::string text = *test::any_text();
    const std::string written = (needs_neutralising(text) ? "'" : "") + text;
    RC_ASSERT(unneutralised(written) == text);
    RC_ASSERT(written.empty() ||
              std::string_view("=+-@\t\r").find(written.front()) == std::string_view::npos);
  });
  EXPECT_TRUE(held);
}

// Everything a parse gives, as text.
std::string told(const ParsedFile& file) {
  std::string text = test::all_lines(file) + (file.unreadable ? "unreadable " : "") +
                     std::to_string(file.rows) + "\n";
  for (const auto& response : file.responses) {
    text += to_text(test::data(), response.key) + " " + std::to_string(response.first_row) + " " +
            std::to_string(response.rows) + " ";
    if (response.checked) {
      for (std::size_t at = 0; at < response.checked->rows.size(); ++at) {
        const Answer& answer = response.checked->response.answers[at];
        text += std::to_string(response.checked->rows[at]) + ":" +
                std::to_string(answer.provision) + answer.measures + answer.challenges_text + ";";
      }
    }
    text += "\n";
  }
  return text;
}

rc::Gen<std::vector<std::string>> any_rows() {
  return rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
      kKen5, kKen44, kKen44Also, kUga5, "\n", "XXX,uncac-2007,2007,,,uncac/5,YES,,,,,,,,,,,\n",
      "KEN,uncac-2007,2007,2007-11-30,en,uncac/6,NO,\"a\n\"\"b\"\"\r\n\",,,,,,,,,,\n",
      "KEN,uncac-2007,20", "KEN,uncac-2007,2007,\"", "caf\xE9", ",", "\r\n"}));
}

TEST(IntakeChecklistCsv, AnyPiecesGiveTheSame) {
  const bool held = rc::check([] {
    std::string bytes = *rc::gen::element<std::string>("", "\xEF\xBB\xBF") + kHeader;
    for (const auto& row : *any_rows()) bytes += row;
    const std::string whole = told(parse(bytes));
    ChecklistCsvParser parser(test::data(), "answers.csv", test::today());
    std::string_view rest = bytes;
    while (!rest.empty()) {
      const auto piece = *rc::gen::inRange<std::size_t>(1, 40);
      if (!parser.push(rest.substr(0, piece))) break;
      rest.remove_prefix(std::min(piece, rest.size()));
    }
    RC_ASSERT(told(parser.finish()) == whole);
  });
  EXPECT_TRUE(held);
}

TEST(IntakeChecklistCsv, AnyBytesGiveProblemsInUtf8OrResponses) {
  const bool held = rc::check([](const std::string& bytes, bool header) {
    const ParsedFile file = parse(header ? kHeader + bytes : bytes);
    RC_ASSERT(scan_text(test::all_lines(file)).fault == TextFault::kNone);
    bool all = !file.unreadable && file.problems.empty();
    for (const auto& response : file.responses) all = all && response.checked.has_value();
    RC_ASSERT(file.good == all);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace uncac::checklist_intake

// Bad input, a row for each: how it is refused, at which place, and that nothing changed. Rows that
// other tests have already are not here:
//
// clang-format off
// | bad input                                                     | test                            |
// |---------------------------------------------------------------|---------------------------------|
// | unknown type, provision, compliance, priority, language,      | Mistakes.TenProblemsAtTheir-    |
// | audience; a bare number; a provision not in the checklist;    | PlacesAndNothingChanged         |
// | OTHER without a text; NOT_ANSWERED with a type                |                                 |
// | a focal point, provider, auditor or operator for a State that | Refusals.NobodyFilesForAnother- |
// | is not theirs; nobody                                         | State                           |
// | tokens: expired, unsigned, `alg: none`, another algorithm,    | Refusals.TokensThatAreNot       |
// | wrongly signed, for another audience, cut, from the future    |                                 |
// | no audience chosen                                            | Refusals.SharingIsAChoice       |
// | a file cut off, or longer or shorter than it says             | Refusals.AFileThatDidNotArrive- |
// |                                                               | Whole                           |
// | an event over 1 MB; a message over 4 MiB in a stream          | Refusals.TooLarge               |
// | forged positions in `--from`                                  | Refusals.PositionsThatWereNot-  |
// |                                                               | GivenOut                        |
// | a version token of somebody else, or of no version            | VersionTokens                   |
// | an idempotency key for another body; an old expected version  | Submit                          |
// | `share` verbs: provisions, audiences, readers                 | SharingTest                     |
// | a line of 2 GB, a file of 1 GB                                | HugeInput                       |
// | filters, limits, deadlines, page tokens, positions, bytes     | BadQuestion                     |
// | that are no message                                           |                                 |
// | folders and stores at the start                               | StartRefused                    |
// clang-format on
#include "integration/bad_input.h"

#include <sstream>

#include "platform/time.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using Lines = std::vector<std::string>;
using Cells = std::map<std::string, std::string>;

platform::Day today() { return platform::day_of(platform::SystemClock().now()); }
std::string day_from_now(int days) {
  return platform::format_day(today() + std::chrono::days(days));
}

// A row without a mistake but for the cells named here.
std::string row(const Cells& changed = {}) {
  Cells cells{{"state", "COL"},         {"checklist", "uncac-2007"}, {"round", "2009"},
              {"provision", "uncac/5"}, {"compliance", "NO"},        {"challenges", "INTERAGENCY"},
              {"type", "LEGAL_ADVICE"}, {"audience", "PUBLIC"},      {"language", "en"}};
  for (const auto& [column, cell] : changed) cells[column] = cell;
  std::stringstream header(kChecklistHeader);
  std::string line;
  for (std::string column; std::getline(header, column, ',');) {
    if (column.back() == '\n') column.pop_back();
    line += (line.empty() ? "" : ",") + cells[column];
  }
  return line + "\n";
}
std::string file_of(const Lines& rows) {
  std::string text = kChecklistHeader;
  for (const std::string& line : rows) text += line;
  return text;
}
std::string utf16(const std::string& ascii, bool big_endian) {
  std::string text;
  for (const char c : ascii) text += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
  return text;
}
std::string with_header(const std::string& from, const std::string& to) {
  std::string header = kChecklistHeader;
  header.replace(header.find(from), from.size(), to);
  return header;
}

struct BadFile {
  std::string what;
  std::string text;
  Lines problems;  // what stands after the file's name, up to the message
  std::string reader = "focal-point-COL";
};

const Cells kSecond{{"provision", "uncac/6"}};
Cells second(Cells changed) {
  changed.emplace("provision", "uncac/6");
  return changed;
}

// The first row is good in most of them: it must not be kept either.
std::vector<BadFile> bad_files() {
  const auto bad = [](const std::string& what, const Cells& cells, const std::string& problem) {
    return BadFile{what, file_of({row(), row(second(cells))}), {":3: " + problem}};
  };
  const std::string secretariat = "secretariat";
  return {
      // of a response
      bad("unknown State", {{"state", "XXX"}}, "state: error: unknown-state: "),
      bad("a State's name", {{"state", "Colombia"}}, "state: error: unknown-state: "),
      {"the European Union's",
       file_of({row({{"state", "EUU"}})}),
       {":2: state: error: not-a-state: "},
       secretariat},
      bad("unknown checklist", {{"checklist", "uncac-2016"}},
          "checklist: error: unknown-checklist: "),
      bad("a round before the first", {{"round", "2002"}}, "round: error: bad-round: "),
      bad("a round to come", {{"round", "2999"}}, "round: error: bad-round: "),
      // of an answer
      bad("unknown challenge", {{"challenges", "INTERAGENCY|MONEY"}},
          "challenges: error: unknown-challenge: "),
      bad("a letter", {{"provision", "uncac/15.a"}}, "provision: error: not-an-item: "),
      bad("a paragraph where articles are asked", {{"provision", "uncac/44.10"}},
          "provision: error: not-an-item: "),
      bad("the other treaty", {{"provision", "untoc/16"}},
          "provision: error: provision-not-in-checklist: "),
      {"NO_ASSISTANCE_REQUIRED with another type",
       file_of({row(), row({{"type", "NO_ASSISTANCE_REQUIRED"}})}),
       {":3: type: error: type-excludes-rest: "}},
      bad("a priority of no type", {{"type", ""}, {"state_priority", "HIGH"}},
          "type: error: type-missing: "),
      bad("a choice that is none", {{"would_extend", "MAYBE"}},
          "would_extend: error: bad-choice: "),
      bad("a text too long", {{"measures", std::string(10'001, 'x')}},
          "measures: error: text-too-long: "),
      bad("a control character", {{"measures", "a\x1b[31mb"}},
          "measures: error: control-character: "),
      // rows of one answer
      {"rows that disagree",
       file_of({row(), row({{"type", "ACTION_PLAN"}, {"compliance", "YES"}})}),
       {":3: compliance: error: rows-disagree: "}},
      {"rows that disagree on the audience",
       file_of({row(), row({{"type", "ACTION_PLAN"}, {"audience", "RESTRICTED"}})}),
       {":3: audience: error: rows-disagree: "}},
      {"a row twice", file_of({row(), row(kSecond), row()}), {":4: error: duplicate-row: "}},
      {"a type twice",
       file_of({row(), row({{"type_text", "other words"}})}),
       {":3: type: error: duplicate-type: "}},
      // days
      {"filed for tomorrow",
       file_of({row({{"submitted_on", day_from_now(2)}})}),
       {":2: submitted_on: error: submitted-on-in-future: "},
       secretariat},
      {"a day before the newest version's",
       file_of({row({{"state", "ECU"}, {"submitted_on", "2009-04-30"}})}),
       {":2: submitted_on: error: submitted-on-decreases: "},
       secretariat},
      {"a day of the past by the State",
       file_of({row({{"submitted_on", "2009-06-01"}})}),
       {":2: submitted_on: error: historical-day-only-secretariat: "}},
      {"a day of a spreadsheet",
       file_of({row({{"submitted_on", "1/6/2009"}})}),
       {":2: submitted_on: error: bad-day: "}},
      // sharing
      bad("an audience that ended", {{"audience_until", day_from_now(-2)}},
          "audience_until: error: audience-until-past: "),
      bad("NAMED without a provider", {{"audience", "NAMED:"}},
          "audience: error: named-without-provider: "),
      bad("NAMED, and no code of a provider", {{"audience", "NAMED:the donors"}},
          "audience: error: bad-provider: "),
      bad("an end of no audience", {{"audience", ""}, {"audience_until", day_from_now(9)}},
          "audience_until: error: until-without-audience: "),
      // columns
      {"a column missing",
       with_header(",state_priority", "") + row(),
       {":1: state_priority: error: missing-column: "}},
      {"an unknown column",
       with_header("\n", ",ranking\n") + row(),
       {":1: error: unknown-column: \"ranking\""}},
      {"a column twice",
       with_header("\n", ",type\n") + row(),
       {":1: type: error: duplicate-column: "}},
      {"a row too short", file_of({row(), "COL,uncac-2007,2009\n"}), {":3: error: field-count: "}},
      {"a row too long",
       file_of({row(), row(kSecond).insert(0, ",")}),
       {":3: state: error: unknown-state: ", ":3: checklist: error: unknown-checklist: ",
        ":3: round: error: bad-round: ", ":3: error: field-count: "}},
      {"nothing", "", {": error: empty-file: "}},
      {"a header alone", kChecklistHeader, {": error: no-rows: "}},
      {"a quote that does not end",
       file_of({row(), row(second({{"measures", "\"Act"}}))}),
       {":3: error: unclosed-quote: "}},
      {"a quote in the middle",
       file_of({row(), row(second({{"measures", "the \"Act"}}))}),
       {":3: error: stray-quote: "}},
      // encodings
      {"Latin-1",
       file_of({row(), row(second({{"measures", "ley org\xE1nica"}}))}),
       {":3: measures: error: invalid-utf8: "}},
      {"UTF-16", "\xFF\xFE" + utf16(file_of({row()}), false), {":1: error: not-utf8: "}},
      {"UTF-16, big end first",
       "\xFE\xFF" + utf16(file_of({row()}), true),
       {":1: error: not-utf8: "}},
      {"UTF-16 without a mark", utf16(file_of({row()}), false), {":1: error: nul-byte: "}},
      {"a NUL",
       file_of({row(), row(second({{"measures", std::string("a\0b", 3)}}))}),
       {":3: error: nul-byte: "}},
      {"a NUL after the end", file_of({row()}) + std::string(1, '\0'), {":3: error: nul-byte: "}},
      {"bytes of a workbook",
       "PK\x03\x04\x14" + std::string(5000, '\0'),
       {":1: error: nul-byte: "}},
      // sizes
      {"a field over 64 KiB",
       file_of({row(), row(second({{"measures", std::string(65'537, 'x')}}))}),
       {":3: error: field-too-long: "}},
      {"a record over 256 KiB",
       file_of({row(), std::string(262'145, ',') + "\n"}),
       {":3: error: line-too-long: "}},
  };
}

class BadInput : public BothProfiles {
 protected:
  std::map<std::string, std::string> everything_now() { return everything(system(), asked_); }

  Asked asked_{system()};
};

TEST_P(BadInput, FilesAreRefusedAtTheirPlaces) {
  answer(system(), "secretariat",
         {"response", "submit",
          system().file("ECU.csv",
                        file_of({row({{"state", "ECU"}, {"submitted_on", "2009-05-01"}})}))});
  const auto before = everything_now();
  for (const BadFile& bad : bad_files()) {
    SCOPED_TRACE(bad.what);
    const std::string file = system().file("bad.csv", bad.text);
    for (const Lines& more : {Lines{}, Lines{"--dry-run"}}) {
      Lines words{"response", "submit", file};
      words.insert(words.end(), more.begin(), more.end());
      const Ended ended = system().uncac(bad.reader, words);
      EXPECT_EQ(ended.code, 1) << ended.out;
      const Lines lines = lines_of(ended.err);
      EXPECT_EQ(lines.size(), bad.problems.size()) << ended.err;
      for (std::size_t i = 0; i < std::min(lines.size(), bad.problems.size()); ++i) {
        EXPECT_TRUE(lines[i].starts_with(file + bad.problems[i])) << lines[i];
      }
    }
    // Who asks to keep what is good keeps nothing of a file that cannot be read to its end; where
    // it can, Mistakes says what is kept.
    EXPECT_EQ(everything_now(), before);
  }
}

TEST_P(BadInput, KeepGoodKeepsNothingOfAFileThatCannotBeRead) {
  const auto before = everything_now();
  for (const BadFile& bad : bad_files()) {
    for (const std::string rule :
         {"nul-byte", "unclosed-quote", "not-utf8", "-column", "field-too-long", "line-too-long"}) {
      if (bad.problems[0].find("error: ") == std::string::npos ||
          bad.problems[0].find(rule) == std::string::npos) {
        continue;
      }
      SCOPED_TRACE(bad.what);
      const std::string file = system().file("bad.csv", bad.text);
      EXPECT_EQ(system().uncac(bad.reader, {"response", "submit", file, "--keep-good"}).code, 1);
    }
  }
  EXPECT_EQ(everything_now(), before);
}

checklist::v1::SubmitRequest good_request() {
  checklist::v1::SubmitRequest request;
  request.mutable_key()->set_state("COL");
  request.mutable_key()->set_checklist("uncac-2007");
  request.mutable_key()->set_round(2009);
  request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
  for (const std::string provision : {"uncac/5", "uncac/6"}) {
    checklist::v1::Answer& one = *request.add_answers();
    one.set_provision(provision);
    one.set_compliance(checklist::v1::COMPLIANCE_NO);
    one.add_challenges("INTERAGENCY");
    one.add_needed()->set_type("LEGAL_ADVICE");
  }
  return request;
}

struct BadRequest {
  std::string what;
  std::function<void(checklist::v1::SubmitRequest&)> spoil;
  std::string refusal;
  std::string reader = "focal-point-COL";
};

std::vector<BadRequest> bad_requests() {
  using Request = checklist::v1::SubmitRequest;
  const auto second_of = [](Request& r) { return r.mutable_answers(1); };
  return {
      // Whom a State may act for is asked first, so who it is says nothing of what there is.
      {"unknown State", [](Request& r) { r.mutable_key()->set_state("XXX"); }, "FORBIDDEN"},
      {"unknown State", [](Request& r) { r.mutable_key()->set_state("XXX"); },
       "INVALID_INPUT state: unknown-state", "secretariat"},
      {"the European Union", [](Request& r) { r.mutable_key()->set_state("EUU"); },
       "INVALID_INPUT state: not-a-state", "secretariat"},
      {"unknown checklist", [](Request& r) { r.mutable_key()->set_checklist("uncac-2016"); },
       "INVALID_INPUT checklist: unknown-checklist"},
      {"a round to come", [](Request& r) { r.mutable_key()->set_round(2999); },
       "INVALID_INPUT round: bad-round"},
      {"a round below zero", [](Request& r) { r.mutable_key()->set_round(-2009); },
       "INVALID_INPUT round: bad-round"},
      {"no answers", [](Request& r) { r.clear_answers(); }, "INVALID_INPUT provision: no-answers"},
      {"two answers to one provision", [=](Request& r) { second_of(r)->set_provision("uncac/5"); },
       "INVALID_INPUT provision: duplicate-answer"},
      {"a bare number", [=](Request& r) { second_of(r)->set_provision("44.10"); },
       "INVALID_INPUT provision: provision-without-treaty"},
      {"unknown provision", [=](Request& r) { second_of(r)->set_provision("uncac/99"); },
       "INVALID_INPUT provision: unknown-provision"},
      {"unknown challenge", [=](Request& r) { second_of(r)->add_challenges("MONEY"); },
       "INVALID_INPUT challenges: unknown-challenge"},
      {"unknown type", [=](Request& r) { second_of(r)->add_needed()->set_type("GOLD"); },
       "INVALID_INPUT type: unknown-type"},
      {"NO_ASSISTANCE_REQUIRED with another type",
       [=](Request& r) { second_of(r)->add_needed()->set_type("NO_ASSISTANCE_REQUIRED"); },
       "INVALID_INPUT type: type-excludes-rest"},
      {"OTHER without a text", [=](Request& r) { second_of(r)->add_needed()->set_type("OTHER"); },
       "INVALID_INPUT type_text: other-without-text"},
      {"a compliance that is none",
       [=](Request& r) {
         second_of(r)->set_compliance(static_cast<checklist::v1::Compliance>(77));
       },
       "INVALID_INPUT compliance: unknown-compliance"},
      {"a day to come", [](Request& r) { r.set_submitted_on(day_from_now(2)); },
       "INVALID_INPUT submitted_on: submitted-on-in-future"},
      {"a day of the past by the State", [](Request& r) { r.set_submitted_on("2009-06-01"); },
       "INVALID_INPUT submitted_on: historical-day-only-secretariat"},
      {"an audience that is none",
       [](Request& r) { r.mutable_sharing()->set_audience(static_cast<common::v1::Audience>(77)); },
       "INVALID_INPUT audience: unknown-audience"},
      {"an exception for what is not answered",
       [](Request& r) {
         checklist::v1::SharingException& one = *r.add_exceptions();
         one.set_provision("uncac/9");
         one.mutable_choice()->set_audience(common::v1::AUDIENCE_PUBLIC);
       },
       "INVALID_INPUT provision: exception-without-answer"},
      {"an expected version that is not there", [](Request& r) { r.set_expected_version(7); },
       "CONFLICT"},
      {"an idempotency key too long",
       [](Request& r) { r.set_idempotency_key(std::string(129, 'k')); }, "INVALID_INPUT"},
      {"an idempotency key that goes on after a NUL",
       [](Request& r) { r.set_idempotency_key(std::string("key\0more", 8)); }, "INVALID_INPUT"},
      {"a message over 4 MiB",
       [=](Request& r) { second_of(r)->set_measures(std::string(5 << 20, 'x')); }, "TOO_LARGE"},
  };
}

TEST_P(BadInput, MessagesAreRefusedByRule) {
  const auto before = everything_now();
  for (const BadRequest& bad : bad_requests()) {
    SCOPED_TRACE(bad.what);
    for (const bool dry_run : {false, true}) {
      checklist::v1::SubmitRequest request = good_request();
      request.set_dry_run(dry_run);
      bad.spoil(request);
      checklist::v1::SubmitReply reply;
      const grpc::Status status =
          asked_(bad.reader, &ChecklistIntake::Stub::Submit, request, reply);
      const std::string refusal = refusal_of(status);
      // What the transport itself refuses comes without the service's words.
      EXPECT_EQ(refusal == "OVERLOADED" ? "TOO_LARGE" : refusal, bad.refusal)
          << status.error_message();
    }
    EXPECT_EQ(everything_now(), before);
  }
  // Without the mistakes it is good, and then something is another.
  checklist::v1::SubmitReply reply;
  EXPECT_EQ(
      refusal_of(asked_("focal-point-COL", &ChecklistIntake::Stub::Submit, good_request(), reply)),
      "OK");
  EXPECT_NE(everything_now(), before);
}

// What a spreadsheet would run is written with a quote before it and read without it.
TEST_P(BadInput, FormulasComeBackAsTheTextTheyWere) {
  const Lines formulas{"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1"};
  checklist::v1::SubmitRequest request;
  *request.mutable_key() = good_request().key();
  request.mutable_key()->set_state("BOL");
  *request.mutable_sharing() = good_request().sharing();
  const Lines provisions{"uncac/5",  "uncac/6",  "uncac/9", "uncac/15",
                         "uncac/16", "uncac/17", "uncac/23"};
  for (std::size_t i = 0; i < formulas.size(); ++i) {
    checklist::v1::Answer& one = *request.add_answers();
    one.set_provision(provisions[i]);
    one.set_compliance(checklist::v1::COMPLIANCE_NO);
    one.add_challenges("OTHER");
    one.set_measures(formulas[i]);
    one.set_challenges_text(formulas[i]);
    one.add_needed()->set_type("OTHER");
    one.mutable_needed(0)->set_text(formulas[i]);
    one.mutable_received()->add_from("=cmd|' /C calc'!A0");
    one.mutable_received()->mutable_from(0)->erase(4, 1);  // a list's own separator stands in none
  }
  checklist::v1::SubmitReply reply;
  ASSERT_EQ(refusal_of(asked_("focal-point-BOL", &ChecklistIntake::Stub::Submit, request, reply)),
            "OK");

  const Lines name{"response", "export", "--state", "BOL", "--checklist", "uncac-2007"};
  const std::string exported = answer(system(), "focal-point-BOL", name);
  int neutralised = 0;
  char before = '\n';
  for (std::size_t at = 0; at < exported.size(); ++at) {
    // At the start of a field, in quotes or not.
    if (before == '\n' || before == ',' || (before == '"' && exported[at - 2] == ',')) {
      EXPECT_EQ(std::string("=+-@\t\r").find(exported[at]), std::string::npos)
          << exported.substr(at, 20);
      neutralised += exported[at] == '\'' ? 1 : 0;
    }
    before = exported[at];
  }
  EXPECT_EQ(neutralised, 4 * static_cast<int>(formulas.size())) << exported;
  const auto filed = filed_in(
      answer(system(), "focal-point-BOL",
             {"response", "submit", system().file("again.csv", exported), "--format", "csv"}));
  ASSERT_EQ(filed.size(), 1u);
  EXPECT_EQ(filed[0].outcome, "unchanged");
  checklist::v1::GetResponseRequest get;
  *get.mutable_key() = request.key();
  checklist::v1::GetResponseReply kept;
  ASSERT_EQ(refusal_of(asked_("focal-point-BOL", &ChecklistIntake::Stub::GetResponse, get, kept)),
            "OK");
  ASSERT_EQ(kept.response().answers_size(), request.answers_size());
  for (int i = 0; i < request.answers_size(); ++i) {
    EXPECT_EQ(kept.response().answers(i).SerializeAsString(),
              request.answers(i).SerializeAsString())
        << kept.response().answers(i).ShortDebugString();
  }
  // A reason is free text too.
  answer(
      system(), "focal-point-BOL",
      {"response", "withdraw", "--state", "BOL", "--checklist", "uncac-2007", "--reason", "=1+1"});
  const std::string history = answer(
      system(), "focal-point-BOL",
      {"response", "history", "--state", "BOL", "--checklist", "uncac-2007", "--format", "csv"});
  EXPECT_NE(history.find(",'=1+1\n"), std::string::npos) << history;
}

INSTANTIATE_TEST_SUITE_P(, BadInput, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

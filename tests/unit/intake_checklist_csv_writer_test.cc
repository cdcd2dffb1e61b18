#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "checklist_intake/domain/changes.h"
#include "checklist_intake/domain/checklist_csv.h"
#include "checklist_intake/domain/checklist_csv_writer.h"
#include "unit/intake_values.h"

namespace uncac::checklist_intake {
namespace {

TEST(IntakeChecklistCsvWriter, WritesTheFormatOfTheImport) {
  Answer answer = test::answer("uncac/5", Compliance::kInPart);
  answer.measures = "=1+1, and \"more\"";
  answer.challenges = {*test::data().challenge("INTERAGENCY"), *test::data().challenge("OTHER")};
  answer.challenges_text = "two\nlines";
  answer.needed = {{test::type("LEGAL_ADVICE"), "", Priority::kLow},
                   {test::type("OTHER"), "'=x", Priority::kNone}};
  answer.received = {{"EX1", "a bank"}, {"LEGAL_ADVICE"}, Choice::kNo};
  answer.language = "en";
  const std::vector<Answer> answers{answer, test::answer("uncac/6", Compliance::kYes)};
  const SharingChoices in_force{
      {test::provision("uncac/5"), {Audience::kNamed, {"EX1", "EX2"}, test::day("2026-12-31")}},
      {test::provision("uncac/9"), {Audience::kPublic, {}, {}}}};
  ExportedResponse response{.key = test::key("KEN", "uncac-2007", 2007),
                            .submitted_on = test::day("2007-11-30"),
                            .answers = answers,
                            .in_force = in_force};
  const std::string start =
      "KEN,uncac-2007,2007,2007-11-30,en,uncac/5,IN_PART,"
      "\"'=1+1, and \"\"more\"\"\",INTERAGENCY|OTHER,\"two\nlines\",";
  const std::string end = "EX1|a bank,LEGAL_ADVICE,NO,NAMED:EX1|EX2,2026-12-31\n";
  EXPECT_EQ(write_checklist_csv(test::data(), response),
            test::kHeader + start + "LEGAL_ADVICE,,LOW," + end + start + "OTHER,''=x,," + end +
                "KEN,uncac-2007,2007,2007-11-30,,uncac/6,YES,,,,,,,,,,,\n");
  response.exercise = true;
  const std::string exercise = write_checklist_csv(test::data(), response);
  EXPECT_EQ(exercise.substr(0, exercise.find('\n')),
            test::kHeader.substr(0, test::kHeader.size() - 1) + ",exercise");
  EXPECT_TRUE(exercise.ends_with(",YES\n"));
}

// A response with a sharing decision for each answer, as it is stored.
struct Stored {
  Response response;
  SharingChoices in_force;
  bool exercise = false;
};
rc::Gen<Stored> any_stored() {
  return rc::gen::exec([] {
    Stored stored{*test::any_response(), {}, *rc::gen::arbitrary<bool>()};
    for (const Answer& answer : stored.response.answers) {
      stored.in_force.emplace(answer.provision, *test::any_choice());
    }
    return stored;
  });
}

std::string exported(const Stored& stored) {
  return write_checklist_csv(test::data(),
                             ExportedResponse{.key = stored.response.key,
                                              .submitted_on = stored.response.submitted_on,
                                              .answers = stored.response.answers,
                                              .in_force = stored.in_force,
                                              .exercise = stored.exercise});
}

TEST(IntakeChecklistCsvWriter, WhatIsWrittenIsReadAsItWas) {
  const bool held = rc::check([] {
    const Stored stored = *any_stored();
    const ParsedFile file = test::parse(exported(stored));
    if (!file.good) RC_FAIL(test::all_lines(file));
    RC_ASSERT(file.responses.size() == 1u);
    const ParsedResponse& read = file.responses[0];
    RC_ASSERT(read.exercise == stored.exercise);
    RC_ASSERT(read.checked->response == stored.response);
    RC_ASSERT(read.checked->sharing.exceptions == stored.in_force);
  });
  EXPECT_TRUE(held);
}

TEST(IntakeChecklistCsvWriter, AnExportSentBackChangesNothing) {
  const bool held = rc::check([] {
    Stored stored = *any_stored();
    stored.response.submitted_on = test::day("2020-01-31");
    const Version newest{.number = 4,
                         .submitted_on = *stored.response.submitted_on,
                         .answers = stored.response.answers,
                         .exercise = stored.exercise,
                         .status = VersionStatus::kSubmitted,
                         .withdrawn_on = {}};
    // What was last filed may be anything: the State may have shared otherwise since.
    SharingChoices filed;
    for (const Answer& answer : stored.response.answers) {
      filed.emplace(answer.provision, *test::any_choice());
    }
    const Known known{&newest, newest.submitted_on, stored.in_force, filed, {}};
    const ParsedFile file = test::parse(exported(stored));
    RC_ASSERT(file.good);
    ProblemBudget budget;
    ProblemSink sink("", budget);
    const auto change = decide_change(
        test::data(), known,
        Filing{*file.responses[0].checked, file.responses[0].exercise, false, test::today()}, sink);
    RC_ASSERT(change.has_value());
    RC_ASSERT(change->kind == ChangeKind::kUnchanged);
    RC_ASSERT(change->version == 4);
    RC_ASSERT(change->decisions.empty());
  });
  EXPECT_TRUE(held);
}

TEST(IntakeChecklistCsvWriter, TheOrderOfRowsSaysNothing) {
  const bool held = rc::check([] {
    Stored stored = *any_stored();
    for (Answer& answer : stored.response.answers) {  // so that a line is a row
      answer.measures = answer.challenges_text = "";
      answer.received = {};
      for (auto& need : answer.needed) need.text = "text";
    }
    std::istringstream lines(exported(stored));
    std::string header, line;
    std::getline(lines, header);
    std::vector<std::string> rows;
    while (std::getline(lines, line)) rows.push_back(line);
    for (std::size_t at = rows.size(); at > 1; --at) {
      std::swap(rows[at - 1], rows[*rc::gen::inRange<std::size_t>(0, at)]);
    }
    std::string shuffled = header + "\n";
    for (const auto& row : rows) shuffled += row + "\n";
    const ParsedFile file = test::parse(shuffled);
    RC_ASSERT(file.good);
    RC_ASSERT(file.responses[0].checked->response == stored.response);
    RC_ASSERT(file.responses[0].checked->sharing.exceptions == stored.in_force);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace uncac::checklist_intake

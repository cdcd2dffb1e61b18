// Rule 2, held against somebody who tries: what is withheld changes no answer that an outsider
// gets.
//
// Left out of the acts, since domain.md itself lets them be seen: the first answer to another
// checklist turns visible cells of it from not answered to not asked; an article's visible answer
// leaves when a hidden paragraph of it is answered later; an amendment on a later day moves
// `stated_on` of every need in its response.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "integration/adversary_questions.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using common::v1::Audience;
using Strings = std::vector<std::string>;

constexpr std::size_t kQuestions = 200;  // made up for each outsider, beside those forbidden
constexpr auto kNobody = common::v1::AUDIENCE_RESTRICTED;
const Strings kTypes{"LEGAL_ADVICE", "ACTION_PLAN", "MODEL_TREATY", "ONSITE_EXPERT"};
const Strings kProvisions{"uncac/5",  "uncac/6",  "uncac/9",  "uncac/15", "uncac/16", "uncac/17",
                          "uncac/23", "uncac/25", "uncac/44", "uncac/46", "uncac/52", "uncac/53"};

checklist::v1::SharingChoice choice(Audience audience, const Strings& named = {}) {
  checklist::v1::SharingChoice made;
  made.set_audience(audience);
  for (const std::string& provider : named) made.add_named(provider);
  return made;
}

checklist::v1::Answer answer_to(const std::string& provision, const Strings& types,
                                checklist::v1::Compliance compliance) {
  checklist::v1::Answer one;
  one.set_provision(provision);
  one.set_compliance(compliance);
  if (compliance == checklist::v1::COMPLIANCE_NO) one.add_challenges("INTERAGENCY");
  for (const std::string& type : types) one.add_needed()->set_type(type);
  return one;
}

std::uint64_t seed() {
  const char* given = std::getenv("UNCAC_ADVERSARY_SEED");
  return given == nullptr ? 2009 : std::strtoull(given, nullptr, 10);
}

class Adversary : public ::testing::TestWithParam<std::string> {
 protected:
  using Request = checklist::v1::SubmitRequest;

  void TearDown() override {
    system_->expect_no_complaints();
    asked_.reset();
    outsiders_.clear();
    system_->expect_ordered_end();
  }

  static Request request_of(const std::string& state, int round,
                            const std::string& checklist = "uncac-2007") {
    Request request;
    request.mutable_key()->set_state(state);
    request.mutable_key()->set_checklist(checklist);
    request.mutable_key()->set_round(round);
    return request;
  }
  static void add(Request& request, const checklist::v1::Answer& one,
                  const checklist::v1::SharingChoice& sharing) {
    *request.add_answers() = one;
    checklist::v1::SharingException& exception = *request.add_exceptions();
    exception.set_provision(one.provision());
    *exception.mutable_choice() = sharing;
  }

  // Acts, each of which must go through and change something.
  void submit(const Request& request, const std::string& by = "") {
    checklist::v1::SubmitReply reply;
    const std::string reader = by.empty() ? "focal-point-" + request.key().state() : by;
    const grpc::Status status = (*asked_)(reader, &ChecklistIntake::Stub::Submit, request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message() << request.ShortDebugString();
    EXPECT_NE(reply.outcome(), checklist::v1::OUTCOME_UNCHANGED) << request.ShortDebugString();
    awaited_.push_back(reply.version_token());
  }
  void share(const std::string& state, const Strings& provisions,
             const checklist::v1::SharingChoice& sharing) {
    checklist::v1::SetSharingRequest request;
    request.set_state(state);
    for (const std::string& provision : provisions) request.add_provisions(provision);
    *request.mutable_choice() = sharing;
    checklist::v1::SetSharingReply reply;
    const grpc::Status status =
        (*asked_)("focal-point-" + state, &ChecklistIntake::Stub::SetSharing, request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_GT(reply.changed(), 0);
    awaited_.push_back(reply.version_token());
  }
  void withdraw(const std::string& state, int round) {
    checklist::v1::WithdrawRequest request;
    *request.mutable_key() = request_of(state, round).key();
    request.set_reason("exercise");
    checklist::v1::EndReply reply;
    const grpc::Status status =
        (*asked_)("focal-point-" + state, &ChecklistIntake::Stub::WithdrawResponse, request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    awaited_.push_back(reply.version_token());
  }
  void make_void(const std::string& state, int round) {
    checklist::v1::VoidRequest request;
    *request.mutable_key() = request_of(state, round).key();
    request.set_reason("exercise");
    checklist::v1::EndReply reply;
    const grpc::Status status =
        (*asked_)("secretariat", &ChecklistIntake::Stub::VoidResponse, request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    awaited_.push_back(reply.version_token());
  }
  // Until matrix and feed have everything that was done.
  std::string settle() {
    needs::v1::ListNeedsRequest request;
    for (const std::string& token : awaited_) {
      request.mutable_freshness()->add_version_tokens(token);
    }
    awaited_.clear();
    needs::v1::ListNeedsReply reply;
    const grpc::Status status =
        (*asked_)("secretariat", &needs::v1::NeedsMatrix::Stub::ListNeeds, request, reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return follow(*system_, "secretariat", "", "start").position;
  }

  // Some States with answers of every audience, known from before.
  void fill() {
    std::mt19937_64 random(seed());
    const auto below = [&](std::size_t limit) {
      return static_cast<std::size_t>(random() % limit);
    };
    const std::vector<checklist::v1::SharingChoice> choices{
        choice(kNobody), choice(common::v1::AUDIENCE_NAMED, {"EX1"}),
        choice(common::v1::AUDIENCE_NAMED, {"EX2"}), choice(common::v1::AUDIENCE_PROVIDERS),
        choice(common::v1::AUDIENCE_PUBLIC)};
    for (const std::string state : {"GHA", "NGA", "BRA", "FRA", "JPN", "POL", "TUR"}) {
      for (const int round : {2007, 2009}) {
        Request request = request_of(state, round);
        if (round == 2007) request.set_submitted_on("2007-11-20");
        for (const std::string& provision : kProvisions) {
          if (below(4) == 0) continue;
          Strings types;
          const bool answered = below(5) > 0;
          for (const std::string& type : kTypes) {
            if (answered && below(3) == 0) types.push_back(type);
          }
          add(request,
              answer_to(provision, types,
                        !answered       ? checklist::v1::COMPLIANCE_NOT_ANSWERED
                        : below(2) == 0 ? checklist::v1::COMPLIANCE_NO
                                        : checklist::v1::COMPLIANCE_YES),
              choices[below(choices.size())]);
        }
        submit(request, "secretariat");
      }
    }
    submit(kenya({"LEGAL_ADVICE"}, {"ACTION_PLAN"}));
    submit(wholly_withheld("BDI", {"MODEL_TREATY"}));
    submit(wholly_withheld("CPV", {"ONSITE_EXPERT"}));
  }
  // Kenya shares some answers with everybody, some with providers, some with EX1 and some with
  // nobody. `hidden`: what it needs where only EX1 or nobody sees it.
  static Request kenya(const Strings& hidden, const Strings& to_providers) {
    Request request = request_of("KEN", 2009);
    const auto no = checklist::v1::COMPLIANCE_NO;
    add(request, answer_to("uncac/5", {"LEGAL_ADVICE", "ACTION_PLAN"}, no),
        choice(common::v1::AUDIENCE_PUBLIC));
    add(request, answer_to("uncac/6", to_providers, no), choice(common::v1::AUDIENCE_PROVIDERS));
    add(request, answer_to("uncac/9", hidden, no), choice(common::v1::AUDIENCE_NAMED, {"EX1"}));
    add(request, answer_to("uncac/15", hidden, no), choice(kNobody));
    return request;
  }
  static Request wholly_withheld(const std::string& state, const Strings& types, int round = 2009) {
    Request request = request_of(state, round);
    for (const std::string provision : {"uncac/5", "uncac/6", "uncac/44"}) {
      add(request, answer_to(provision, types, checklist::v1::COMPLIANCE_NO), choice(kNobody));
    }
    return request;
  }
  // All 188 items: so many events that the numbers in a position grow by a digit.
  static Request comprehensive(const std::string& state) {
    Request request = request_of(state, 2012, "uncac-comprehensive");
    std::ifstream items(std::string(UNCAC_SOURCE_DIR) +
                        "/services/reference/data/checklist_items.csv");
    const std::string start = "uncac-comprehensive,";
    for (std::string line; std::getline(items, line);) {
      if (!line.starts_with(start)) continue;
      const std::string item = line.substr(start.size(), line.rfind(',') - start.size());
      *request.add_answers() = answer_to(item, kTypes, checklist::v1::COMPLIANCE_NO);
    }
    EXPECT_EQ(request.answers_size(), 188);
    *request.mutable_sharing() = choice(kNobody);
    return request;
  }
  // A historical file of several States, exercise data too, where the others' are not.
  void import() {
    std::vector<Row> rows;
    for (const std::string state : {"AGO", "BDI", "NER", "PER"}) {
      for (const std::string provision : {"uncac/5", "uncac/44"}) {
        for (const std::string type : {"LEGAL_ADVICE", "CAPACITY_BUILDING"}) {
          rows.push_back({.state = state,
                          .provision = provision,
                          .type = type,
                          .audience = "RESTRICTED",
                          .round = "2011"});
        }
      }
    }
    std::string csv = checklist_csv(rows);
    for (std::size_t at = csv.find(",2011,,"); at != std::string::npos;
         at = csv.find(",2011,,", at)) {
      csv.replace(at, 7, ",2011,2010-03-01,");
    }
    answer(*system_, "secretariat",
           {"response", "submit", system_->file("import.csv", csv), "--exercise"});
  }

  struct Act {
    std::string what;
    std::function<void()> perform;
    bool to_public_alone = false;  // providers see it
  };
  std::vector<Act> withheld_acts() {
    const Strings named{"EX1"};
    const auto to_ex1 = choice(common::v1::AUDIENCE_NAMED, named);
    const auto to_ex1_and_3 = choice(common::v1::AUDIENCE_NAMED, {"EX1", "EX3"});
    return {
        {"a State that never answered does, as an exercise",
         [this] {
           Request request = wholly_withheld("AGO", kTypes);
           request.set_exercise(true);
           submit(request);
         }},
        {"another answers all of the comprehensive checklist",
         [this] { submit(comprehensive("BEN")); }},
        {"answers that nobody else sees are amended",
         [this] { submit(wholly_withheld("BDI", {"ACTION_PLAN"})); }},
        {"hidden answers beside visible ones are amended",
         [this] {
           submit(kenya({"ACTION_PLAN", "MODEL_TREATY"}, {"ACTION_PLAN"}));
         }},
        {"one that was never answered is, beside visible ones",
         [this] {
           Request request = kenya({"ONSITE_EXPERT"}, {"ACTION_PLAN"});
           add(request, answer_to("uncac/23", kTypes, checklist::v1::COMPLIANCE_NO),
               choice(kNobody));
           submit(request);
         }},
        {"hidden answers are shared with another provider",
         [=, this] {
           share("BDI", {"uncac/5", "uncac/44"}, to_ex1);
           share("KEN", {"uncac/15", "uncac/23"}, to_ex1);
         }},
        {"and with one more",
         [=, this] {
           share("KEN", {"uncac/9", "uncac/15"}, to_ex1_and_3);
         }},
        {"and with nobody again",
         [=, this] {
           share("KEN", {"uncac/9", "uncac/15", "uncac/23"}, choice(kNobody));
           share("BDI", {"uncac/5", "uncac/44"}, choice(kNobody));
         }},
        {"what was never answered is shared with another provider",
         [=, this] {
           share("CPV", {"uncac/52", "uncac/16"}, to_ex1);
         }},
        {"a response that nobody else sees is withdrawn", [this] { withdraw("BDI", 2009); }},
        {"and filed again", [this] { submit(wholly_withheld("BDI", {"MODEL_TREATY"})); }},
        {"the secretariat imports", [this] { import(); }},
        {"and declares some of it void", [this] { make_void("PER", 2011); }},
        {"providers are shown more",
         [=, this] {
           share("KEN", {"uncac/15"}, choice(common::v1::AUDIENCE_PROVIDERS));
           share("CPV", {"uncac"}, choice(common::v1::AUDIENCE_PROVIDERS));
         },
         true},
        {"what providers see is amended",
         [this] { submit(kenya({"ONSITE_EXPERT"}, {"MODEL_TREATY"})); }, true},
        {"providers are shown less",
         [=, this] {
           share("KEN", {"uncac/6"}, choice(kNobody));
           share("CPV", {"uncac"}, choice(kNobody));
         },
         true},
    };
  }

  Strings positions_;  // of the outsiders from different moments, and of others
  Strings awaited_;    // version tokens of what was done
  std::unique_ptr<System> system_ = System::start(GetParam());
  std::unique_ptr<Asked> asked_ = std::make_unique<Asked>(*system_);
  std::vector<std::unique_ptr<Outsider>> outsiders_;
};

// What differs, short enough to read.
std::string difference(const std::string& before, const std::string& after) {
  const auto at = static_cast<std::size_t>(
      std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first -
      before.begin());
  const std::size_t from = at < 200 ? 0 : at - 200;
  return "\n--- before\n" + before.substr(from, 500) + "\n--- after\n" + after.substr(from, 500);
}

TEST_P(Adversary, NothingWithheldChangesAnAnswer) {
  for (const std::string reader : {"provider-EX2", ""}) {
    outsiders_.push_back(std::make_unique<Outsider>(*system_, reader));
  }
  positions_.push_back(settle());
  for (const auto& outsider : outsiders_) positions_.push_back(outsider->position());
  fill();
  positions_.push_back(settle());
  for (const auto& outsider : outsiders_) positions_.push_back(outsider->position());

  Questioner questioner(
      {{"KEN", "AGO", "BDI", "BEN", "CPV", "PER", "GHA", "NGA", "BRA", "FRA", "JPN", "TUR"},
       {"uncac/5", "uncac/6", "uncac/9", "uncac/15", "uncac/23", "uncac/44", "uncac/46.9",
        "uncac/44.4", "uncac/10"},
       {"AGO:uncac/5:LEGAL_ADVICE", "BDI:uncac/5:MODEL_TREATY", "BEN:uncac/5.1:ACTION_PLAN",
        "KEN:uncac/15:LEGAL_ADVICE", "KEN:uncac/23:ACTION_PLAN", "PER:uncac/44:LEGAL_ADVICE"},
       {"KEN/uncac-2007/2009@v1", "KEN/uncac-2007/2009@v2", "AGO/uncac-2007/2009@v1",
        "BDI/uncac-2007/2009@v2", "BDI/uncac-2007/2009@v2+end", "KEN@s4", "KEN@s9", "BDI@s5"},
       positions_},
      seed());
  struct Told {
    Question question;
    std::string answer;
  };
  std::map<std::string, std::vector<Told>> told;  // by reader
  std::size_t questions = 0, answered = 0, figures = 0;
  for (const auto& outsider : outsiders_) {
    for (Question& question : questioner.questions(kQuestions)) {
      std::string answer = question.ask(*outsider);
      answered += answer.find("0 \n") != std::string::npos ? 1 : 0;
      figures += answer.find("value: ") != std::string::npos ? 1 : 0;
      told[outsider->reader()].push_back({std::move(question), std::move(answer)});
      ++questions;
    }
  }
  EXPECT_GE(questions, 300u);
  EXPECT_GT(answered, questions / 3) << "most of the questions were refused";
  EXPECT_GT(figures, 30u) << "hardly a figure was given";

  // Asked again without any act, so that what differs anyhow is not blamed on one.
  std::vector<Act> acts{{"nothing happens", [] {}}};
  for (Act& act : withheld_acts()) acts.push_back(std::move(act));
  std::size_t compared = 0;
  for (const Act& act : acts) {
    SCOPED_TRACE(act.what);
    act.perform();
    settle();
    for (const auto& outsider : outsiders_) {
      if (act.to_public_alone && !outsider->reader().empty()) continue;
      SCOPED_TRACE("reader \"" + outsider->reader() + "\"");
      int shown = 0;
      for (const Told& before : told[outsider->reader()]) {
        const std::string after = before.question.ask(*outsider);
        ++compared;
        if (after == before.answer || ++shown > 3) continue;
        ADD_FAILURE() << before.question.text << difference(before.answer, after);
      }
      EXPECT_LE(shown, 3) << "answers changed";
    }
  }

  // The control: what is shared with them does change their answers.
  share("KEN", {"uncac/15", "uncac/23"}, choice(common::v1::AUDIENCE_PUBLIC));
  settle();
  for (const auto& outsider : outsiders_) {
    std::size_t changed = 0;
    for (const Told& before : told[outsider->reader()]) {
      changed += before.question.ask(*outsider) == before.answer ? 0 : 1;
    }
    std::printf("%s, reader \"%s\": one answer made public changed %zu of %zu answers\n",
                GetParam().c_str(), outsider->reader().c_str(), changed,
                told[outsider->reader()].size());
    EXPECT_GT(changed, 10u);
  }
  std::printf("%s: %zu questions, %zu acts, %zu answers compared, seed %llu\n", GetParam().c_str(),
              questions, acts.size() - 1, compared, static_cast<unsigned long long>(seed()));
}

// Two releases with one withheld State between them that changed: no figure gives it away.
TEST_P(Adversary, ReleasesDoNotTellOfOneState) {
  const Strings states{"AGO", "BEN", "BWA", "BFA", "BDI", "CMR", "CPV", "CAF"};
  const auto file = [&](const std::string& state, const Strings& to_5, const Strings& to_6) {
    Request request = request_of(state, 2009);
    add(request, answer_to("uncac/5", to_5, checklist::v1::COMPLIANCE_NO), choice(kNobody));
    add(request, answer_to("uncac/6", to_6, checklist::v1::COMPLIANCE_NO), choice(kNobody));
    submit(request);
  };
  // What the public is given, by measure, columns, line and column; nothing of what is left out.
  using Figures = std::map<std::string, std::string>;
  const auto release = [&] {
    settle();
    answer(*system_, "secretariat", {"release", "make", "--title", "exercise"});
    Figures given;
    for (const std::string& line :
         lines_of(answer(*system_, "", {"release", "get", "--format", "csv"}))) {
      Strings cells;
      std::stringstream in(line + ",");
      for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
      EXPECT_EQ(cells.size(), 7u) << line;
      if (cells.size() != 7 || !cells[6].empty()) continue;
      given[cells[0] + "|" + cells[1] + "|" + cells[2] + "|" + cells[3]] =
          cells[4] + " of " + cells[5];
    }
    return given;
  };

  for (const std::string& state : states) file(state, {"LEGAL_ADVICE"}, {});
  for (const std::string content : {"COD", "COG", "CIV"}) file(content, {}, {});
  const Figures first = release();
  ASSERT_TRUE(first.contains("states_stating|article|AFR|uncac/5"));
  EXPECT_TRUE(first.at("states_stating|article|AFR|uncac/5").starts_with("8 of"));

  // One State needs no more legal advice. Beside it three others state something new.
  file("AGO", {}, {});
  for (const std::string state : {"BEN", "BWA", "BFA"}) {
    file(state, {"LEGAL_ADVICE"}, {"ACTION_PLAN"});
  }
  const Figures second = release();
  ASSERT_TRUE(second.contains("states_stating|type|AFR|ACTION_PLAN"));
  EXPECT_TRUE(second.at("states_stating|type|AFR|ACTION_PLAN").starts_with("3 of"));
  EXPECT_EQ(second.count("states_stating|article|AFR|uncac/5"), 0u)
      << "AGO would be the difference";
  EXPECT_EQ(second.count("states_stating|type|AFR|LEGAL_ADVICE"), 0u);
  for (const auto& [name, figure] : second) {
    const auto before = first.find(name);
    if (before == first.end()) continue;
    EXPECT_EQ(figure, before->second) << name << " is the answer of one State";
  }
}

INSTANTIATE_TEST_SUITE_P(, Adversary, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

#include "bench/stack/submissions.h"

#include <array>

#include "platform/time.h"

namespace uncac::bench {
namespace {

constexpr const char* kChecklist = "uncac-comprehensive";
constexpr int kRound = 2015;
// Of the first answer, in turn.
constexpr std::array kTypes{"LEGAL_ADVICE", "CAPACITY_BUILDING"};

// Bytes of a message may follow one another: protobuf reads them as one.
std::string with_key(const std::string& bytes, const std::string& key) {
  checklist::v1::SubmitRequest rest;
  rest.set_idempotency_key(key);
  return bytes + rest.SerializeAsString();
}

}  // namespace

Submissions::Submissions(std::shared_ptr<const reference::Reference> reference, Sharing sharing)
    : reference_(std::move(reference)) {
  platform::SystemIds ids;
  series_ = ids.next().substr(0, 12);
  for (const reference::State& state : reference_->states()) {
    OfState of{state.iso3, {}, {}, 0};
    for (int turn = 0; turn < 2; ++turn) {
      of.bytes[turn] = request(state.iso3, turn, sharing == Sharing::kEachTime).SerializeAsString();
    }
    of.first = request(state.iso3, 0, true).SerializeAsString();
    states_.push_back(std::move(of));
  }
}

checklist::v1::SubmitRequest Submissions::request(const std::string& iso3, int turn,
                                                  bool shared) const {
  checklist::v1::SubmitRequest request;
  request.mutable_key()->set_state(iso3);
  request.mutable_key()->set_checklist(kChecklist);
  request.mutable_key()->set_round(kRound);
  request.set_exercise(true);
  if (shared) {
    request.mutable_sharing()->set_audience(turn == 0 ? common::v1::AUDIENCE_PUBLIC
                                                      : common::v1::AUDIENCE_PROVIDERS);
  }
  const auto checklist = reference_->checklist(kChecklist);
  const auto& items = reference_->checklists()[*checklist].items;
  for (std::size_t i = 0; i < kAnswers; ++i) {
    checklist::v1::Answer& answer = *request.add_answers();
    answer.set_provision(reference_->provisions()[items[i]].id);
    answer.set_compliance(checklist::v1::COMPLIANCE_IN_PART);
    answer.set_measures("Measures of " + iso3 + " under item " + std::to_string(i) + ", as the " +
                        (turn == 0 ? "first" : "second") + " draft of the working group has them.");
    answer.set_language("en");
    answer.add_challenges("INTERAGENCY");
    answer.add_needed()->set_type(i == 0 ? kTypes[static_cast<std::size_t>(turn)] : "MODEL_TREATY");
  }
  return request;
}

std::string Submissions::next(std::size_t state) {
  OfState& of = states_[state];
  const std::int64_t number = of.sent++;
  return with_key(number == 0 ? of.first : of.bytes[number % 2],
                  series_ + "-" + of.iso3 + "-" + std::to_string(number));
}

std::string Submissions::newest_need(std::size_t state) const {
  const OfState& of = states_[state];
  const auto checklist = reference_->checklist(kChecklist);
  const auto& items = reference_->checklists()[*checklist].items;
  return of.iso3 + ":" + reference_->provisions()[items[0]].id + ":" +
         kTypes[static_cast<std::size_t>((of.sent - 1) % 2)];
}

}  // namespace uncac::bench

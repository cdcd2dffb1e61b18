// Responses of 40 answers to submit, one after another for each State.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reference/reference.h"
#include "uncac/checklist/v1/checklist.pb.h"

namespace uncac::bench {

inline constexpr const char* kSubmit = "/uncac.checklist.v1.ChecklistIntake/Submit";
inline constexpr int kAnswers = 40;

// Each request differs from the one before it of the same State in the answers' text and in one
// need, so each makes a version and one public need that was not there before.
class Submissions {
 public:
  // With a choice, every request says who may read its answers, and another audience than the one
  // before: 40 decisions. Without, those in force stand; the first request of a State still says
  // it.
  enum class Sharing { kEachTime, kOnce };
  Submissions(std::shared_ptr<const reference::Reference> reference, Sharing sharing);

  std::size_t states() const { return states_.size(); }
  const std::string& state(std::size_t index) const { return states_[index].iso3; }
  // Serialized. One State is used by one thread at a time.
  std::string next(std::size_t state);
  // The key of the need that only the newest request of this State stated.
  std::string newest_need(std::size_t state) const;

 private:
  struct OfState {
    std::string iso3;
    std::string bytes[2];  // everything but the idempotency key, in turn
    std::string first;
    std::int64_t sent = 0;
  };
  checklist::v1::SubmitRequest request(const std::string& iso3, int turn, bool shared) const;

  std::shared_ptr<const reference::Reference> reference_;
  std::vector<OfState> states_;
  std::string series_;  // of the idempotency keys
};

}  // namespace uncac::bench

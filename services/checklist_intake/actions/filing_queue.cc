#include "checklist_intake/actions/filing_queue.h"

#include <algorithm>
#include <utility>

#include "platform/runtime/log.h"

namespace uncac::checklist_intake {

using platform::Reason;

void FilingQueue::file(Submission& submission) {
  Place place(submission);
  std::unique_lock lock(mutex_);
  waiting_.push_back(&place);
  start_groups();
  while (place.stage != Stage::kDone) {
    if (place.stage == Stage::kLeads) {
      const std::vector<Place*> group = std::exchange(place.group, {});
      lock.unlock();
      lead(group);
      lock.lock();
      end_group(group);
    } else if (place.stage == Stage::kTaken) {
      // The outcome is known soon, and giving up would leave it unknown.
      place.moved.wait(lock);
    } else if (place.moved.wait_until(lock, submission.call.deadline) == std::cv_status::timeout &&
               place.stage == Stage::kWaits) {
      std::erase(waiting_, &place);
      submission.outcome = platform::make_error(Reason::kDeadlineExceeded,
                                                "the time given was over before this was filed");
      return;
    }
  }
}

std::size_t FilingQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void FilingQueue::start_groups() {
  for (;;) {
    std::vector<Place*> group = take_group();
    if (group.empty()) return;
    Place& leader = *group.front();
    if (!leader.alone) ++groups_;
    for (Place* place : group) {
      place->stage = Stage::kTaken;
      busy_.insert(place->submission.state);
      std::erase(waiting_, place);
    }
    leader.stage = Stage::kLeads;
    leader.group = std::move(group);
    leader.moved.notify_one();
  }
}

// The next that may be filed now; none when nobody may.
std::vector<FilingQueue::Place*> FilingQueue::take_group() {
  std::vector<Place*> group;
  std::set<std::string> passed;  // States of which an earlier one must go first
  for (Place* place : waiting_) {
    const std::string& state = place->submission.state;
    if (busy_.contains(state) || passed.contains(state)) continue;
    if (place->alone && group.empty()) return {place};
    if (place->alone || groups_ >= limits_.groups) {
      passed.insert(state);
      continue;
    }
    group.push_back(place);
    if (group.size() == limits_.group) break;
  }
  return group;
}

void FilingQueue::lead(const std::vector<Place*>& group) {
  std::string thrown;
  try {
    if (group.front()->alone) {
      work_.alone(group.front()->submission);
    } else {
      std::vector<Submission*> submissions;
      for (Place* place : group) submissions.push_back(&place->submission);
      work_.together(submissions);
    }
    return;
  } catch (const std::exception& wrong) {
    thrown = wrong.what();
  } catch (...) {
    thrown = "something that is no std::exception";
  }
  // Those who wait for this thread would do so for ever.
  platform::log::error("filing threw", {{"why", thrown}});
  for (Place* place : group) {
    if (place->submission.outcome) continue;
    place->submission.outcome =
        platform::make_error(Reason::kInternal, "the service failed on this submission");
  }
}

void FilingQueue::end_group(const std::vector<Place*>& group) {
  if (!group.front()->alone) --groups_;
  std::vector<Place*> again;
  for (Place* place : group) {
    busy_.erase(place->submission.state);
    if (place->submission.outcome) {
      place->stage = Stage::kDone;
    } else {
      place->alone = true;
      place->stage = Stage::kWaits;
      again.push_back(place);
    }
    // Under the mutex: the place is gone as soon as its thread sees the stage.
    place->moved.notify_one();
  }
  // Before all that came later.
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
  start_groups();
}

}  // namespace uncac::checklist_intake

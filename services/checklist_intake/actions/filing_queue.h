// Submissions that wait at the same time are filed together, so that one commit serves them all.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <vector>

#include "checklist_intake/actions/submission.h"

namespace uncac::checklist_intake {

// Needs no threads: the first of those who wait leads, and files a group with its own thread while
// the next ones queue behind it. Safe for concurrent use.
//
// A State's submissions are filed in the order in which they came, and a State is in one group at a
// time, so no group waits for another.
class FilingQueue {
 public:
  // How submissions are filed; each returns when all outcomes that it gives are durable.
  struct Work {
    // At most Limits::group of them, in the order in which they came. Those that get no outcome
    // are filed alone afterwards.
    std::function<void(std::span<Submission* const>)> together;
    std::function<void(Submission&)> alone;
  };
  struct Limits {
    std::size_t group = 32;
    std::size_t groups = 2;  // under way at once: while one commits, the next is worked out
  };
  explicit FilingQueue(Work work) : FilingQueue(std::move(work), Limits()) {}
  FilingQueue(Work work, Limits limits) : work_(std::move(work)), limits_(limits) {}

  // Blocks until the outcome is there. One that still waits when its call's deadline passes gets
  // kDeadlineExceeded, and is not filed.
  void file(Submission& submission);
  std::size_t waiting() const;

 private:
  enum class Stage { kWaits, kLeads, kTaken, kDone };
  // Guarded by mutex_.
  struct Place {
    explicit Place(Submission& of) : submission(of) {}
    Submission& submission;
    Stage stage = Stage::kWaits;
    bool alone = false;           // its group could not file it
    std::vector<Place*> group{};  // of a leader
    std::condition_variable moved;
  };

  void start_groups();
  std::vector<Place*> take_group();
  void lead(const std::vector<Place*>& group);
  void end_group(const std::vector<Place*>& group);

  const Work work_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Place*> waiting_;
  std::set<std::string> busy_;  // States in a group under way
  std::size_t groups_ = 0;      // without those that are filed alone, which may wait for a lock
};

}  // namespace uncac::checklist_intake

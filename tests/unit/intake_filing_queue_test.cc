// Who is filed with whom, and who is not filed at all: the queue alone, with work of the test's
// own.
#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "checklist_intake/actions/filing_queue.h"

namespace uncac::checklist_intake {
namespace {

using platform::Reason;

// What `together` did, as the test lets it: it is entered, and goes on when it is told to.
class FilingQueueTest : public ::testing::Test {
 protected:
  struct Waiting {
    explicit Waiting(const std::string& state)
        : submission{call, {checked, false, false, {}}, {}, {}, {}, state} {
      call.deadline = platform::Instant::max();
    }
    CheckedResponse checked;
    platform::Call call;
    Submission submission;
    std::jthread thread;
  };

  // One that comes now, after all that came before.
  Waiting& come(const std::string& state) { return come(std::make_unique<Waiting>(state)); }
  Waiting& come(std::unique_ptr<Waiting> one) {
    Waiting& waiting = *all_.emplace_back(std::move(one));
    waiting.thread = std::jthread([this, &waiting] { queue_.file(waiting.submission); });
    return waiting;
  }
  void wait_until_waiting(std::size_t count) {
    while (queue_.waiting() != count) std::this_thread::yield();
  }
  // One that comes and finds another at work.
  Waiting& queue_up(const std::string& state) {
    const std::size_t before = queue_.waiting();
    Waiting& waiting = come(state);
    wait_until_waiting(before + 1);
    return waiting;
  }
  void let_go() { go_.release(); }
  void wait_until_entered() { entered_.acquire(); }
  // Of all submissions so far.
  void join() {
    for (const auto& waiting : all_) {
      if (waiting->thread.joinable()) waiting->thread.join();
    }
  }

  std::function<void(std::span<Submission* const>)> outcome_of =
      [](std::span<Submission* const> group) {
        for (Submission* submission : group) {
          submission->outcome = checklist::v1::SubmitReply();
        }
      };
  std::vector<std::string> filed_;  // "KEN UGA" for a group, "alone KEN"
  std::counting_semaphore<> entered_{0}, go_{0};
  FilingQueue queue_{{[this](std::span<Submission* const> group) {
                        entered_.release();
                        go_.acquire();
                        std::string& states = filed_.emplace_back();
                        for (const Submission* submission : group) {
                          states += (states.empty() ? "" : " ") + submission->state;
                        }
                        outcome_of(group);
                      },
                      [this](Submission& submission) {
                        filed_.push_back("alone " + submission.state);
                        submission.outcome = checklist::v1::SubmitReply();
                      }},
                     {.group = 3, .groups = 1}};
  std::vector<std::unique_ptr<Waiting>> all_;
};

TEST_F(FilingQueueTest, WhoComesMeanwhileIsFiledTogetherInTheOrderOfComing) {
  come("AAA");
  wait_until_entered();
  for (const char* state : {"CCC", "BBB", "CCC", "DDD"}) queue_up(state);
  go_.release(3);
  join();
  EXPECT_EQ(filed_, (std::vector<std::string>{"AAA", "CCC BBB CCC", "DDD"}));
}

TEST_F(FilingQueueTest, WhoseTimeIsOverWhileItWaitsIsNotFiled) {
  come("AAA");
  wait_until_entered();
  auto late = std::make_unique<Waiting>("BBB");
  late->call.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  Waiting& gone = come(std::move(late));
  gone.thread.join();
  ASSERT_TRUE(gone.submission.outcome);
  EXPECT_EQ(gone.submission.outcome->error().reason, Reason::kDeadlineExceeded);
  let_go();
  join();
  EXPECT_EQ(filed_, (std::vector<std::string>{"AAA"}));
}

TEST_F(FilingQueueTest, WhatAGroupCouldNotFileIsFiledAloneBeforeWhatCameLater) {
  outcome_of = [](std::span<Submission* const> group) {
    for (Submission* submission : group) {
      if (submission->state != "BBB") submission->outcome = checklist::v1::SubmitReply();
    }
  };
  come("AAA");
  wait_until_entered();
  for (const char* state : {"BBB", "CCC", "BBB"}) queue_up(state);
  let_go();
  wait_until_entered();
  queue_up("BBB");
  let_go();
  // The last one leads a group of its own after them, and that one fails to file it too.
  wait_until_entered();
  let_go();
  join();
  EXPECT_EQ(filed_, (std::vector<std::string>{"AAA", "BBB CCC BBB", "alone BBB", "alone BBB", "BBB",
                                              "alone BBB"}));
}

TEST_F(FilingQueueTest, WorkThatThrowsIsAnErrorAndTheQueueGoesOn) {
  outcome_of = [](std::span<Submission* const>) { throw std::runtime_error("a defect"); };
  Waiting& failed = come("AAA");
  wait_until_entered();
  let_go();
  join();
  ASSERT_TRUE(failed.submission.outcome);
  EXPECT_EQ(failed.submission.outcome->error().reason, Reason::kInternal);
  outcome_of = [](std::span<Submission* const> group) {
    group.front()->outcome = checklist::v1::SubmitReply();
  };
  Waiting& next = come("AAA");
  let_go();
  join();
  EXPECT_TRUE(next.submission.outcome->ok());
}

TEST(FilingQueueOfTwo, AStateIsInOneGroupAtATime) {
  std::counting_semaphore<> entered{0}, go{0};
  std::mutex mutex;
  std::multiset<std::string> under_way;
  bool twice = false;
  FilingQueue queue({[&](std::span<Submission* const> group) {
                       {
                         const std::lock_guard guard(mutex);
                         std::set<std::string> states;
                         for (const Submission* one : group) states.insert(one->state);
                         for (const std::string& state : states) {
                           twice = twice || under_way.contains(state);
                           under_way.insert(state);
                         }
                       }
                       entered.release();
                       go.acquire();
                       const std::lock_guard guard(mutex);
                       for (Submission* one : group) {
                         under_way.erase(one->state);
                         one->outcome = checklist::v1::SubmitReply();
                       }
                     },
                     [](Submission&) {}},
                    {.group = 32, .groups = 2});
  const CheckedResponse checked;
  platform::Call call;
  call.deadline = platform::Instant::max();
  std::vector<std::jthread> threads;
  const auto come = [&](const std::string& state) {
    threads.emplace_back([&, state] {
      Submission submission{call, {checked, false, false, {}}, {}, {}, {}, state};
      queue.file(submission);
    });
  };
  come("AAA");
  entered.acquire();
  come("AAA");  // must wait, although another group could start
  while (queue.waiting() != 1) std::this_thread::yield();
  come("BBB");
  entered.acquire();
  EXPECT_EQ(queue.waiting(), 1U);
  go.release(3);
  threads.clear();
  EXPECT_FALSE(twice);
}

}  // namespace
}  // namespace uncac::checklist_intake

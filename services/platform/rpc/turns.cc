#include "platform/rpc/turns.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace uncac::platform {

struct Turns::State {
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      const Instant now = std::chrono::steady_clock::now();
      while (!waiting.empty() && waiting.begin()->first <= now) hurry(*waiting.begin()->second);
      if (!ready.empty()) {
        Job& job = *ready.front();
        ready.pop_front();
        job.woken_ = false;
        job.wakes_ = wakes;
        lock.unlock();
        job.work();  // which may have ended it: not looked at again
        lock.lock();
      } else if (waiting.empty()) {
        changed.wait(lock);
      } else {
        // A copy: who hurries that job meanwhile erases it from the set.
        const Instant next = waiting.begin()->first;
        changed.wait_until(lock, next);
      }
    }
  }

  // One that waits is taken to work next.
  void hurry(Job& job) {
    waiting.erase({job.due_, &job});
    job.waits_ = false;
    ready.push_back(&job);
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job*> ready;
  std::set<std::pair<Instant, Job*>> waiting;
  std::uint64_t wakes = 0;
  std::vector<std::jthread> threads;
};

Turns::Turns(int threads) : state_(std::make_unique<State>()) {
  for (int i = 0; i < threads; ++i) {
    state_->threads.emplace_back([this](const std::stop_token& stop) { state_->work(stop); });
  }
}

Turns::~Turns() {
  for (std::jthread& thread : state_->threads) thread.request_stop();
  {
    // A thread that has just looked at its stop token waits by now.
    const std::lock_guard guard(state_->mutex);
  }
  state_->changed.notify_all();
  state_->threads.clear();
}

void Turns::soon(Job& job) {
  {
    const std::lock_guard guard(state_->mutex);
    state_->ready.push_back(&job);
  }
  state_->changed.notify_one();
}

void Turns::later(Job& job, std::chrono::milliseconds pause) {
  {
    const std::lock_guard guard(state_->mutex);
    if (job.woken_ || job.wakes_ != state_->wakes) {
      state_->ready.push_back(&job);
    } else {
      job.due_ = std::chrono::steady_clock::now() + pause;
      job.waits_ = true;
      state_->waiting.emplace(job.due_, &job);
    }
  }
  // It may be due before what a thread waits for.
  state_->changed.notify_one();
}

void Turns::wake() {
  {
    const std::lock_guard guard(state_->mutex);
    ++state_->wakes;
    while (!state_->waiting.empty()) state_->hurry(*state_->waiting.begin()->second);
  }
  state_->changed.notify_all();
}

void Turns::wake(Job& job) {
  {
    const std::lock_guard guard(state_->mutex);
    job.woken_ = true;
    if (job.waits_) state_->hurry(job);
  }
  state_->changed.notify_one();
}

}  // namespace uncac::platform

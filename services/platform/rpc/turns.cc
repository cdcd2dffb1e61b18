#include "platform/rpc/turns.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>
#include <unordered_map>

namespace uncac::platform {

struct Turns::State {
  void work(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      const Instant now = std::chrono::steady_clock::now();
      while (!waiting.empty() && waiting.begin()->first <= now) {
        Job* const job = waiting.begin()->second;
        waiting.erase(waiting.begin());
        due.erase(job);
        ready.push_back(job);
      }
      if (ready.empty()) {
        if (waiting.empty()) {
          changed.wait(lock);
        } else {
          changed.wait_until(lock, waiting.begin()->first);
        }
        continue;
      }
      Job* const job = ready.front();
      ready.pop_front();
      busy.insert(job);
      lock.unlock();
      job->work();  // which may have ended it: not looked at again
      lock.lock();
    }
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job*> ready;
  std::set<std::pair<Instant, Job*>> waiting;
  std::unordered_map<Job*, Instant> due;  // of those in `waiting`
  std::set<Job*> busy;                    // at work or sending
  std::set<Job*> woken;                   // meanwhile
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
    state_->busy.erase(&job);
    state_->woken.erase(&job);
    state_->ready.push_back(&job);
  }
  state_->changed.notify_one();
}

void Turns::later(Job& job, std::chrono::milliseconds pause) {
  {
    const std::lock_guard guard(state_->mutex);
    state_->busy.erase(&job);
    if (state_->woken.erase(&job) > 0) {
      state_->ready.push_back(&job);
    } else {
      const Instant at = std::chrono::steady_clock::now() + pause;
      state_->waiting.emplace(at, &job);
      state_->due.emplace(&job, at);
    }
  }
  // It may be due before what a thread waits for.
  state_->changed.notify_one();
}

void Turns::wake() {
  {
    const std::lock_guard guard(state_->mutex);
    for (const auto& [at, job] : state_->waiting) state_->ready.push_back(job);
    state_->waiting.clear();
    state_->due.clear();
    state_->woken.insert(state_->busy.begin(), state_->busy.end());
  }
  state_->changed.notify_all();
}

void Turns::wake(Job& job) {
  {
    const std::lock_guard guard(state_->mutex);
    const auto found = state_->due.find(&job);
    if (found != state_->due.end()) {
      state_->waiting.erase({found->second, &job});
      state_->due.erase(found);
      state_->ready.push_back(&job);
    } else if (state_->busy.contains(&job)) {
      state_->woken.insert(&job);
    }
  }
  state_->changed.notify_one();
}

void Turns::forget(Job& job) {
  const std::lock_guard guard(state_->mutex);
  state_->busy.erase(&job);
  state_->woken.erase(&job);
}

}  // namespace uncac::platform

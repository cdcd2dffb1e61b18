#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "platform/cache/cache.h"
#include "platform/runtime/log.h"

namespace uncac::platform {
namespace {

// One question being answered: the first asker leads, the others wait for what comes out.
struct Flight {
  std::mutex mutex;
  std::condition_variable landed;
  std::optional<Result<std::string>> answer;
  const std::thread::id leader = std::this_thread::get_id();
};

}  // namespace

struct CachedAnswers::State {
  State(Cache& below, Metrics& metrics, const std::string& name,
        std::chrono::milliseconds wait_limit)
      : cache(below),
        longest_wait(wait_limit),
        hits(metrics.counter("uncac_cache_hits_total", "answers found in the cache",
                             {{"cache", name}})),
        misses(metrics.counter("uncac_cache_misses_total", "answers that had to be computed",
                               {{"cache", name}})),
        shared(metrics.counter("uncac_cache_shared_total",
                               "answers taken from another who asked the same at once",
                               {{"cache", name}})) {}

  Result<std::string> lead(const std::string& key, std::chrono::milliseconds lasts,
                           const std::function<Result<std::string>()>& compute) {
    // Looked up by the leader and not before: who comes when a flight has just landed finds its
    // answer here and does not compute it again.
    if (std::optional<std::string> known = cache.get(key)) {
      hits.add();
      return *std::move(known);
    }
    misses.add();
    Result<std::string> answer = compute();
    if (answer) cache.put(key, *answer, lasts);
    return answer;
  }

  Cache& cache;
  const std::chrono::milliseconds longest_wait;
  Metrics::Counter& hits;
  Metrics::Counter& misses;
  Metrics::Counter& shared;
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<Flight>> flights;
};

CachedAnswers::CachedAnswers(Cache& cache, Metrics& metrics, std::string name,
                             std::chrono::milliseconds longest_wait)
    : state_(std::make_unique<State>(cache, metrics, name, longest_wait)) {}

CachedAnswers::~CachedAnswers() = default;

Result<std::string> CachedAnswers::get(const std::string& key, std::chrono::milliseconds lasts,
                                       const std::function<Result<std::string>()>& compute) {
  State& state = *state_;
  std::shared_ptr<Flight> flight;
  bool leads = false;
  {
    const std::lock_guard guard(state.mutex);
    std::shared_ptr<Flight>& slot = state.flights[key];
    if (!slot) {
      slot = std::make_shared<Flight>();
      leads = true;
    }
    flight = slot;
  }

  if (!leads) {
    if (flight->leader == std::this_thread::get_id()) {
      return make_error(Reason::kInternal, "an answer was asked for while computing itself");
    }
    std::unique_lock guard(flight->mutex);
    if (!flight->landed.wait_for(guard, state.longest_wait,
                                 [&] { return flight->answer.has_value(); })) {
      return make_error(Reason::kDeadlineExceeded,
                        "the same question is still being answered for another caller");
    }
    state.shared.add();
    return *flight->answer;
  }

  Result<std::string> answer = make_error(Reason::kInternal, "the answer could not be computed");
  try {
    answer = state.lead(key, lasts, compute);
  } catch (const std::exception& wrong) {
    log::error("computing an answer threw", {{"why", wrong.what()}});
  } catch (...) {
    log::error("computing an answer threw", {{"why", "something that is no std::exception"}});
  }
  {
    // First out of the table, then landed: who comes between starts anew and finds the stored
    // answer.
    const std::lock_guard guard(state.mutex);
    state.flights.erase(key);
  }
  {
    const std::lock_guard guard(flight->mutex);
    flight->answer = answer;
  }
  flight->landed.notify_all();
  return answer;
}

}  // namespace uncac::platform

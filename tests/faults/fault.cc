#include "faults/fault.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace uncac::testing {
namespace {

// Before a fault and after it, everybody must have got something done; at most so long.
constexpr std::chrono::seconds kGoesOn{90};
constexpr int kTurns = 8;  // how often everybody

}  // namespace

System::Wiring Gates::wiring() {
  return [this](const std::string& from, const std::string& to, int port) {
    const std::string way = from.empty() ? to : from + ">" + to;
    std::unique_ptr<Gate>& gate = gates_[way];
    if (!gate) gate = std::make_unique<Gate>();
    if (port != 0) gate->lead_to(port);
    return gate->port();
  };
}

std::vector<Gate*> Gates::on(const std::string& words) {
  std::vector<Gate*> found;
  for (const auto& [way, gate] : gates_) {
    if (way.find(words) != std::string::npos) found.push_back(gate.get());
  }
  if (found.empty()) throw std::runtime_error("no gate on " + words);
  return found;
}

Scene::Scene(House house)
    : house_(house),
      system_(house == House::kGated ? System::wired(2, gates_.wiring()) : System::distributed(2)),
      world_(std::make_unique<World>(*system_)) {}

void Scene::begin_load() { load_ = std::make_unique<Load>(*system_, *world_); }

void Scene::end_load() {
  if (!load_) return;
  load_->finish(kGoesOn);
  const Figures more = load_->figures();
  figures_.acknowledged += more.acknowledged;
  figures_.answered += more.answered;
  figures_.refused += more.refused;
  figures_.late += more.late;
  figures_.filing_pause = std::max(figures_.filing_pause, more.filing_pause);
  figures_.asking_pause = std::max(figures_.asking_pause, more.asking_pause);
  figures_.strangers_pause = std::max(figures_.strangers_pause, more.strangers_pause);
  wrong_.insert(wrong_.end(), load_->wrong().begin(), load_->wrong().end());
  for (const auto& [why, count] : load_->refusals()) refusals_[why] += count;
  load_.reset();
}

void Scene::await_work(const std::string& when) {
  for (int turn = 0; turn < kTurns; ++turn) {
    if (eventually([&] { return load_->all_went_on(); }, kGoesOn)) continue;
    ADD_FAILURE() << when << ": not everybody got on";
    return;
  }
}

Figures Scene::take_figures() { return std::exchange(figures_, {}); }
std::map<std::string, long> Scene::take_refusals() { return std::exchange(refusals_, {}); }
Strings Scene::take_wrong() { return std::exchange(wrong_, {}); }

void let_pass(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  eventually([&] { return std::chrono::steady_clock::now() >= until; }, 2 * time);
}

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> all = [] {
    std::vector<Fault> faults;
    for (auto part :
         {process_faults(), server_faults(), event_faults(), network_faults(), machine_faults()}) {
      std::move(part.begin(), part.end(), std::back_inserter(faults));
    }
    std::stable_sort(faults.begin(), faults.end(),
                     [](const Fault& a, const Fault& b) { return a.house < b.house; });
    return faults;
  }();
  return all;
}

}  // namespace uncac::testing

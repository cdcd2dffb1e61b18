// The table of faults: what is done, what in the world does it, and what must be true afterwards
// beyond what must be true after every one (checks.h).
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "faults/load.h"
#include "support/gate.h"

namespace uncac::testing {

// Which system a fault happens to. Faults of one house follow each other on the same one, as long
// as it is found healthy after each.
enum class House {
  kPlain,  // two replicas of each service
  kGated,  // the same, with a gate on every way
  kOwn     // a plain one for this fault alone
};

// Gates by the way that they stand on: "uncac-gateway>uncac-needs-matrix-2", "kafka".
class Gates {
 public:
  System::Wiring wiring();
  // Every gate whose way holds these words; fails the test when there is none.
  std::vector<Gate*> on(const std::string& words);

 private:
  std::map<std::string, std::unique_ptr<Gate>> gates_;
};

// A system and what it must know. Used by the main thread.
class Scene {
 public:
  explicit Scene(House house);

  House house() const { return house_; }
  System& system() { return *system_; }
  World& world() { return *world_; }
  Gates& gates() { return gates_; }
  // A load goes on while a fault is done; one that needs the house quiet ends it and begins
  // another.
  void begin_load();
  void end_load();
  // Until everybody has got something done, several times; expects that within a limit.
  void await_work(const std::string& when);
  // Of all loads since this was last asked, added up; pauses the longest.
  Figures take_figures();
  std::map<std::string, long> take_refusals();
  Strings take_wrong();

 private:
  const House house_;
  Figures figures_;
  std::map<std::string, long> refusals_;
  Strings wrong_;
  Gates gates_;
  std::unique_ptr<System> system_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Load> load_;  // goes first
};

// Lets the time pass that belongs to a fault: how long something is away.
void let_pass(std::chrono::milliseconds time);

constexpr long kAnyNumber = -1;

struct Fault {
  std::string name;
  const char* kind;
  const char* cause;     // in the world
  const char* recovery;  // asserted, beyond checks.h
  House house = House::kPlain;
  bool quick = false;  // one of the five minutes of scripts/test
  // Does it, under load, and takes it away again. Throws when it cannot.
  std::function<void(Scene&)> strike;
  // No longer may nobody's act be acknowledged, nobody's question be answered.
  std::chrono::milliseconds filing_pause, asking_pause;
  // Calls that may fail and be made again.
  long most_refused = kAnyNumber;
  // Texts of complaints in the logs that belong to this fault.
  std::vector<std::string> expected_complaints = {};
  // As asking_pause, for questions of who knows no State's confidences: he is answered only while
  // it is certain that nothing was narrowed. By default a lease and a new connection longer than
  // the others.
  std::chrono::milliseconds strangers_pause =
      std::max(filing_pause, asking_pause) + std::chrono::seconds(15);
};

std::vector<Fault> process_faults();
std::vector<Fault> server_faults();
std::vector<Fault> network_faults();
std::vector<Fault> event_faults();
std::vector<Fault> machine_faults();
// What GoogleTest says of a parameter.
inline void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.kind; }
// All, those of one house together.
const std::vector<Fault>& all_faults();

}  // namespace uncac::testing

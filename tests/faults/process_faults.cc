// A process of ours dies or hangs.
#include <signal.h>

#include <algorithm>

#include "faults/fault.h"

namespace uncac::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Longer than the relay's lease and the session of a consumer's group, ten seconds each.
constexpr seconds kHangs{14};

const std::vector<std::string> kServices{"checklist_intake", "checklist_intake_2", "needs_matrix",
                                         "needs_matrix_2", "gateway"};

std::string program_of(const std::string& service) {
  std::string name = "uncac-" + service;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace

std::vector<Fault> process_faults() {
  std::vector<Fault> faults;
  for (const std::string& service : kServices) {
    const std::string program = program_of(service);
    const bool is_gateway = service == "gateway";
    faults.push_back({"killed_" + service, "kill -9", "out of memory, loss of a node",
                      "the other replica goes on at once; started again, it knows all",
                      House::kPlain, service == "checklist_intake" || service == "needs_matrix",
                      [program](Scene& scene) {
                        Service& victim = scene.system().service(program);
                        victim.kill9();
                        let_pass(seconds(2));
                        victim.launch();
                        victim.wait_ready();
                      },
                      is_gateway ? seconds(8) : seconds(5), is_gateway ? seconds(8) : seconds(5)});
    faults.push_back({"hung_" + service, "SIGSTOP, then SIGCONT",
                      "a node out of memory that pages, a frozen virtual machine",
                      "the other replica takes lease and partitions over; the one that wakes "
                      "writes and publishes nothing of before",
                      House::kPlain, service == "checklist_intake_2",
                      [program](Scene& scene) {
                        const pid_t pid = scene.system().service(program).pid();
                        kill(pid, SIGSTOP);
                        let_pass(kHangs);
                        kill(pid, SIGCONT);
                      },
                      is_gateway ? seconds(20) : seconds(8),
                      is_gateway ? seconds(20) : seconds(8)});
  }
  return faults;
}

}  // namespace uncac::testing

// `uncac-needs-matrix`: the needs matrix as a process of its own.
#include "access/options.h"
#include "needs_matrix/module.h"
#include "platform/runtime/host.h"
#include "reference/options.h"

int main(int argc, char** argv) {
  uncac::access::TokenOptions tokens;
  uncac::reference::DataOptions data;
  uncac::platform::Program program{"uncac-needs-matrix",
                                   "who needs what, as of any day, for every reader",
                                   7402,
                                   7492,
                                   {"checklist_intake"},
                                   {},
                                   {},
                                   {}};
  program.declare = [&](uncac::platform::Options& options) {
    tokens.declare(options);
    data.declare(options);
  };
  program.gatekeeper = [&](const uncac::platform::Clock& clock) {
    return tokens.gatekeeper(clock);
  };
  program.services =
      [&]() -> uncac::platform::Result<std::vector<uncac::platform::ServiceDescription>> {
    UNCAC_ASSIGN(auto reference, data.load());
    return std::vector{uncac::needs_matrix::describe(reference)};
  };
  return uncac::platform::run_distributed(argc, argv, program);
}

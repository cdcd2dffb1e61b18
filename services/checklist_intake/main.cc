// `uncac-checklist-intake`: checklist intake as a process of its own.
#include "access/options.h"
#include "checklist_intake/module.h"
#include "platform/runtime/host.h"
#include "reference/options.h"

int main(int argc, char** argv) {
  uncac::access::TokenOptions tokens;
  uncac::reference::DataOptions data;
  uncac::platform::Program program{"uncac-checklist-intake",
                                   "what States answered, and who may read it",
                                   7401,
                                   7491,
                                   {},
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
    return std::vector{uncac::checklist_intake::describe(reference)};
  };
  return uncac::platform::run_distributed(argc, argv, program);
}

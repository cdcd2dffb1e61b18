// `uncac-suite`: every service in one process, on embedded stores.
#include "access/options.h"
#include "checklist_intake/module.h"
#include "gateway/gateway.h"
#include "needs_matrix/module.h"
#include "platform/runtime/host.h"
#include "reference/options.h"

int main(int argc, char** argv) {
  uncac::access::TokenOptions tokens;
  uncac::reference::DataOptions data;
  uncac::gateway::HttpOptions http;
  uncac::platform::Program program{
      "uncac-suite", "the whole suite in one process", 7400, 7490, {}, {}, {}, {}};
  program.declare = [&](uncac::platform::Options& options) {
    tokens.declare(options);
    data.declare(options);
    http.declare(options);
  };
  program.gatekeeper = [&](const uncac::platform::Clock& clock) {
    return tokens.gatekeeper(clock);
  };
  program.services =
      [&]() -> uncac::platform::Result<std::vector<uncac::platform::ServiceDescription>> {
    UNCAC_ASSIGN(auto reference, data.load());
    return std::vector{uncac::checklist_intake::describe(reference),
                       uncac::needs_matrix::describe(reference)};
  };
  program.front = [&](const uncac::platform::FrontContext& context)
      -> uncac::platform::Result<std::unique_ptr<uncac::platform::Front>> {
    return uncac::gateway::front_of(context, http);
  };
  return uncac::platform::run_embedded(argc, argv, program);
}

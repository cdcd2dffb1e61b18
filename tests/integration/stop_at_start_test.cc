// A service that is asked to stop while it still waits for what it needs: it leaves at once.
#include <gtest/gtest.h>

#include "support/engines.h"
#include "support/gate.h"
#include "support/processes.h"

namespace uncac::testing {
namespace {

TEST(StopAtStart, ABrokerThatDoesNotAnswerHoldsNobodyBack) {
  Gate silent;
  silent.lead_to(redis().port());  // anything that takes connections
  silent.hold();
  const TemporaryFolder folder;
  const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
  Process service(
      {program("uncac-checklist-intake"), "--listen", "127.0.0.1:0", "--health-listen",
       "127.0.0.1:0", "--postgres", "host=127.0.0.1 dbname=none", "--redis", nowhere, "--kafka",
       "127.0.0.1:" + std::to_string(silent.port()), "--token-verify-key", folder.file("none.pem")},
      folder.file("out"), folder.file("err"));
  ASSERT_TRUE(eventually([&] { return silent.connections() > 0; }))
      << read_text(folder.file("err"));
  service.ask_to_stop();
  const std::optional<int> code = service.wait(std::chrono::seconds(3));
  ASSERT_TRUE(code) << "still there";
  EXPECT_EQ(*code, 0) << read_text(folder.file("err"));
}

}  // namespace
}  // namespace uncac::testing

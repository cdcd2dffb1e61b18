// What a refusal is held against: how the caller hears of it, and that nothing changed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/stores.h"
#include "support/asked.h"

namespace uncac::testing {

// All that a submission could change, as the secretariat sees it: the digests of the fold, which
// hold every version and sharing decision; responses; needs; and the audit log of each store.
inline std::map<std::string, std::string> everything(System& system, Asked& asked) {
  using checklist::v1::ChecklistIntake;
  using needs::v1::NeedsMatrix;
  std::map<std::string, std::string> all;
  const auto expect_ok = [](const grpc::Status& status) {
    EXPECT_TRUE(status.ok()) << status.error_message();
  };
  needs::v1::CheckRebuildReply digests;
  expect_ok(asked("secretariat", &NeedsMatrix::Stub::CheckRebuild, needs::v1::CheckRebuildRequest(),
                  digests));
  EXPECT_TRUE(digests.equal());
  digests.clear_position();
  all["digests"] = digests.ShortDebugString();
  checklist::v1::ListResponsesRequest list;
  list.set_page_size(1000);
  checklist::v1::ListResponsesReply responses;
  expect_ok(asked("secretariat", &ChecklistIntake::Stub::ListResponses, list, responses));
  all["responses"] = responses.ShortDebugString();
  needs::v1::ListNeedsRequest question;
  question.set_page_size(10'000);
  needs::v1::ListNeedsReply needs;
  expect_ok(asked("secretariat", &NeedsMatrix::Stub::ListNeeds, question, needs));
  needs.clear_position();
  all["needs"] = needs.ShortDebugString();
  for (const std::string service : {"checklist_intake", "needs_matrix"}) {
    const auto rows = stored(system, service, "SELECT CAST(COUNT(*) AS TEXT) FROM audit");
    all["audit of " + service] = rows.empty() ? "?" : rows[0];
  }
  return all;
}

}  // namespace uncac::testing

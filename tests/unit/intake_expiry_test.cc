// An audience ends with its last day, once, by an event that says so.
#include "checklist_intake/actions/expire_sharing.h"
#include "unit/intake_on_store.h"

namespace uncac::checklist_intake {
namespace {

using testing::must;

class SharingExpiry : public test::IntakeOnStore {};

TEST_P(SharingExpiry, EndsAfterItsLastDayAndOnlyOnce) {
  submit(
      "KEN,uncac-2007,2026,,en,uncac/5,YES,,,,LEGAL_ADVICE,,,,,,PUBLIC,2026-03-12\n"
      "KEN,uncac-2007,2026,,en,uncac/6,YES,,,,LEGAL_ADVICE,,,,,,PROVIDERS,\n");
  ASSERT_EQ(decisions().size(), 2U);
  set_day("2026-03-12");
  EXPECT_EQ(must(expire_sharing(*parts_)), 0) << "the last day counts whole";
  set_day("2026-03-13");
  EXPECT_EQ(must(expire_sharing(*parts_)), 1);
  EXPECT_EQ(must(expire_sharing(*parts_)), 0);
  const StoredDecision ended = decision("uncac/5");
  EXPECT_EQ(ended.choice, SharingChoice()) << "RESTRICTED, without an end";
  EXPECT_EQ(ended.revision.counter, 2);
  EXPECT_EQ(ended.sequence, 3);
  EXPECT_EQ(decision("uncac/6").choice.audience, Audience::kProviders);
  EXPECT_EQ(decision("uncac/6").revision.counter, 1);
  const platform::Rows events =
      query("SELECT event_key, counter, body FROM outbox ORDER BY id DESC LIMIT 1");
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.text(0, 0), "KEN/sharing/uncac/5");
  EXPECT_EQ(events.integer(0, 1), 2);
  checklist::v1::SharingDecision event;
  ASSERT_TRUE(event.ParseFromString(events.bytes(0, 2)));
  EXPECT_EQ(event.audience(), common::v1::AUDIENCE_RESTRICTED);
  EXPECT_EQ(event.until(), "");
  const platform::Rows audit =
      query("SELECT action, object, reason FROM audit ORDER BY id DESC LIMIT 1");
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit.text(0, 0), "sharing.expire");
  EXPECT_EQ(audit.text(0, 1), "KEN/uncac/5");
  EXPECT_EQ(audit.text(0, 2), "its last day was 2026-03-12");
}

INSTANTIATE_TEST_SUITE_P(, SharingExpiry, test::kEngines, test::engine_name);

}  // namespace
}  // namespace uncac::checklist_intake

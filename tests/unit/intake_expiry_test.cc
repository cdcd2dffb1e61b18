// An audience ends with its last day, once, by an event that says so.
#include <gtest/gtest.h>

#include "access/token.h"
#include "checklist_intake/actions/expire_sharing.h"
#include "checklist_intake/actions/import_responses.h"
#include "support/engines.h"

namespace uncac::checklist_intake {
namespace {

using testing::must;

constexpr const char* kHeader =
    "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
    "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
    "audience,audience_until\n";

class SharingExpiry : public ::testing::TestWithParam<std::string> {
 protected:
  SharingExpiry()
      : store_(GetParam()),
        clock_(must(platform::parse_day("2026-03-10")) + std::chrono::hours(9)),
        keys_(must(access::make_key_pair())),
        gatekeeper_(must(access::TokenGatekeeper::create(keys_.public_pem, clock_))),
        calls_(*gatekeeper_, ids_, metrics_, {}),
        log_(platform::make_embedded_log({})),
        cache_(platform::make_memory_cache(1 << 20, clock_)) {
    must(store_->migrate("checklist_intake", migrations()));
    const platform::StoreIdentity identity = must(platform::read_identity(*store_, ids_));
    parts_.emplace(IntakeParts{
        {clock_, ids_, metrics_, calls_, *store_, outbox_, *log_, *cache_, identity, "test"},
        must(Reference::load())});
  }
  void submit(const std::string& rows) {
    access::Caller caller;
    caller.role = access::Role::kFocalPoint;
    caller.state = "KEN";
    caller.subject = "test";
    const std::string token = must(
        access::mint_token(keys_.private_pem, caller, std::chrono::hours(1), clock_.now(), ids_));
    platform::Call call;
    call.principal = must(gatekeeper_->admit("/uncac.checklist.v1.ChecklistIntake/ImportResponses",
                                             "Bearer " + token));
    checklist::v1::ImportOptions options;
    options.set_file_name("test.csv");
    bool given = false;
    int filed = 0;
    must(import_responses(
        *parts_, call, options,
        [&]() -> platform::Result<std::optional<std::string>> {
          if (std::exchange(given, true)) return std::optional<std::string>();
          return std::optional(kHeader + rows);
        },
        [&](const checklist::v1::ImportReply& reply) {
          EXPECT_FALSE(reply.has_problem()) << reply.problem().message();
          if (reply.has_response()) ++filed;
          return true;
        }));
    ASSERT_EQ(filed, 1);
  }
  void set_day(const char* day) {
    clock_.set(must(platform::parse_day(day)) + std::chrono::minutes(1));
  }
  std::vector<StoredDecision> decisions() {
    return must(store_->read(
        [](platform::Transaction& transaction) { return read_decisions(transaction, "KEN"); }));
  }

  testing::FreshStore store_;
  platform::FixedClock clock_;
  platform::SystemIds ids_;
  platform::Metrics metrics_;
  access::KeyPair keys_;
  std::unique_ptr<access::TokenGatekeeper> gatekeeper_;
  platform::Calls calls_;
  std::shared_ptr<platform::Wakeup> wakeup_ = std::make_shared<platform::Wakeup>();
  platform::Outbox outbox_{wakeup_};
  std::unique_ptr<platform::EventLog> log_;
  std::unique_ptr<platform::Cache> cache_;
  std::optional<IntakeParts> parts_;
};

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
  for (const StoredDecision& decision : decisions()) {
    if (decision.provision == "uncac/5") {
      EXPECT_EQ(decision.choice, SharingChoice()) << "RESTRICTED, without an end";
      EXPECT_EQ(decision.revision.counter, 2);
      EXPECT_EQ(decision.sequence, 3);
    } else {
      EXPECT_EQ(decision.choice.audience, Audience::kProviders);
      EXPECT_EQ(decision.revision.counter, 1);
    }
  }
  const platform::Rows events = must(store_->read([](platform::Transaction& transaction) {
    return transaction.query(
        "SELECT event_key, counter, body FROM outbox ORDER BY id DESC LIMIT 1");
  }));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.text(0, 0), "KEN/sharing/uncac/5");
  EXPECT_EQ(events.integer(0, 1), 2);
  checklist::v1::SharingDecision event;
  ASSERT_TRUE(event.ParseFromString(events.bytes(0, 2)));
  EXPECT_EQ(event.audience(), common::v1::AUDIENCE_RESTRICTED);
  EXPECT_EQ(event.until(), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, SharingExpiry, ::testing::Values("sqlite", "postgresql"),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace uncac::checklist_intake

// Checklist intake's actions on a real store, with a clock of the test's own and nobody else there.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "access/token.h"
#include "checklist_intake/actions/import_responses.h"
#include "support/engines.h"

namespace uncac::checklist_intake::test {

using testing::must;

// The parameter is the engine of the store.
class IntakeOnStore : public ::testing::TestWithParam<std::string> {
 protected:
  IntakeOnStore()
      : store_(GetParam()),
        clock_(must(platform::parse_day("2026-03-10")) + std::chrono::hours(9)),
        keys_(must(access::make_key_pair())),
        gatekeeper_(must(access::TokenGatekeeper::create(keys_.public_pem, clock_))),
        calls_(*gatekeeper_, ids_, metrics_, {}),
        log_(platform::make_embedded_log({})),
        cache_(platform::make_memory_cache(1 << 20, clock_)) {
    must(store_->migrate("checklist_intake", migrations()));
    must(platform::read_identity(*store_, ids_));  // makes it
    parts_.emplace(
        IntakeParts{{clock_, ids_, metrics_, calls_, *store_, outbox_, *log_, *cache_, "test"},
                    must(Reference::load())});
  }

  // A call by the focal point of KEN, or by another caller, admitted as the server admits it.
  platform::Call call(const std::string& method) {
    access::Caller caller;
    caller.role = access::Role::kFocalPoint;
    caller.state = "KEN";
    return call_by(caller, kIntake + method);
  }
  static constexpr const char* kIntake = "/uncac.checklist.v1.ChecklistIntake/";
  platform::Call call_by(access::Caller caller, const std::string& method) {
    caller.subject = "test";
    const std::string token = must(
        access::mint_token(keys_.private_pem, caller, std::chrono::hours(1), clock_.now(), ids_));
    platform::Call call;
    call.principal = must(gatekeeper_->admit(method, "Bearer " + token));
    call.trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"};
    return call;
  }

  // One response of KEN, from rows of a checklist CSV without its header.
  void submit(const std::string& rows) {
    constexpr const char* kHeader =
        "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
        "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
        "audience,audience_until\n";
    checklist::v1::ImportOptions options;
    options.set_file_name("test.csv");
    bool given = false;
    int filed = 0;
    must(import_responses(
        *parts_, call("ImportResponses"), options,
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
  StoredDecision decision(const std::string& provision) {
    for (const StoredDecision& found : decisions()) {
      if (found.provision == provision) return found;
    }
    throw std::runtime_error("no decision on " + provision);
  }
  platform::Rows query(const std::string& sql) {
    return must(
        store_->read([&](platform::Transaction& transaction) { return transaction.query(sql); }));
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

inline const auto kEngines = ::testing::Values("sqlite", "postgresql");
inline std::string engine_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace uncac::checklist_intake::test

// Submissions filed together on a real store: each as if it had been alone.
#include <rapidcheck.h>

#include <semaphore>
#include <thread>

#include "checklist_intake/actions/file_submissions.h"
#include "checklist_intake/actions/submit.h"
#include "unit/intake_on_store.h"

namespace uncac::checklist_intake {
namespace {

using checklist::v1::SubmitReply;
using checklist::v1::SubmitRequest;
using platform::Reason;
using platform::Result;
using testing::must;

// One submission, small enough to be drawn at random.
struct Drawn {
  std::string state = "KEN";
  int text = 0;      // of its measures: an equal one changes nothing
  int audience = 0;  // 0: none given
  std::string key = {};
  std::optional<int> expected_version = {};
  std::string type = "LEGAL_ADVICE";
  bool abandoned = false;  // its caller has left before it is filed
};

std::ostream& operator<<(std::ostream& out, const Drawn& drawn) {
  return out << drawn.state << " text " << drawn.text << " audience " << drawn.audience << " key '"
             << drawn.key << "' expected " << drawn.expected_version.value_or(-1) << " "
             << drawn.type << (drawn.abandoned ? " abandoned" : "");
}

SubmitRequest request_of(const Drawn& drawn) {
  SubmitRequest request;
  request.mutable_key()->set_state(drawn.state);
  request.mutable_key()->set_checklist("uncac-2007");
  request.mutable_key()->set_round(2026);
  request.set_idempotency_key(drawn.key);
  if (drawn.audience > 0) {
    request.mutable_sharing()->set_audience(drawn.audience == 1 ? common::v1::AUDIENCE_PUBLIC
                                                                : common::v1::AUDIENCE_PROVIDERS);
  }
  if (drawn.expected_version) request.set_expected_version(*drawn.expected_version);
  checklist::v1::Answer& answer = *request.add_answers();
  answer.set_provision("uncac/5");
  answer.set_compliance(checklist::v1::COMPLIANCE_IN_PART);
  answer.set_measures("draft " + std::to_string(drawn.text));
  answer.set_language("en");
  answer.add_needed()->set_type(drawn.type);
  return request;
}

class SubmitTogether : public test::IntakeOnStore {
 protected:
  Result<SubmitReply> submit_one(FilingQueue& queue, const Drawn& drawn) {
    access::Caller caller;
    caller.role = access::Role::kFocalPoint;
    caller.state = drawn.state;
    platform::Call made = call_by(caller, kIntake + std::string("Submit"));
    made.deadline = platform::Instant::max();
    made.cancelled = [&drawn] { return drawn.abandoned; };
    return checklist_intake::submit(*parts_, queue, made, request_of(drawn));
  }

  // In groups of the given sizes, all in the order given; the first is a group of its own.
  std::vector<Result<SubmitReply>> file_in_groups(const std::vector<Drawn>& all,
                                                  const std::vector<std::size_t>& sizes) {
    std::counting_semaphore<> entered{0}, go{0};
    FilingQueue queue({[&](std::span<Submission* const> group) {
                         entered.release();
                         go.acquire();
                         groups_.push_back(group.size());
                         file_together(*parts_, group);
                       },
                       [&](Submission& submission) {
                         ++alone_;
                         file_alone(*parts_, submission);
                       }},
                      {.group = 32, .groups = 1});
    std::vector<std::optional<Result<SubmitReply>>> replies(all.size());
    std::vector<std::jthread> threads;
    const auto come = [&] {
      const std::size_t at = threads.size();
      threads.emplace_back([&, at] { replies[at] = submit_one(queue, all[at]); });
    };
    come();
    entered.acquire();
    for (std::size_t size : sizes) {
      size = std::min(size, all.size() - threads.size());
      if (size == 0) break;
      for (std::size_t i = 0; i < size; ++i) {
        come();
        // Those that break a rule of the text never come so far.
        while (queue.waiting() != i + 1) std::this_thread::yield();
      }
      go.release();
      entered.acquire();
    }
    go.release();
    threads.clear();
    std::vector<Result<SubmitReply>> found;
    for (auto& reply : replies) {
      if (reply) found.push_back(*std::move(reply));
    }
    return found;
  }
  std::vector<Result<SubmitReply>> file_one_by_one(const std::vector<Drawn>& all) {
    FilingQueue queue({[](std::span<Submission* const>) {},  // gives no outcome
                       [&](Submission& submission) { file_alone(*parts_, submission); }});
    std::vector<Result<SubmitReply>> replies;
    for (const Drawn& drawn : all) replies.push_back(submit_one(queue, drawn));
    return replies;
  }

  // Every row that a submission writes, without what is drawn by chance or by the engine.
  std::string rows() {
    std::string text;
    for (const char* sql :
         {"SELECT state, checklist, round, newest_version FROM response ORDER BY state",
          "SELECT state, version, status, epoch, counter, body FROM response_version ORDER BY "
          "state, version",
          "SELECT state, provision, audience, named, until_day, recorded_at, sequence, epoch, "
          "counter, suspended FROM sharing_decision ORDER BY state, provision",
          "SELECT state, checklist, round, provision, audience FROM filed_choice ORDER BY state",
          "SELECT subject, event_key, epoch, counter, event_type, traceparent, body FROM outbox "
          "ORDER BY subject, id",
          "SELECT actor, role, action, object FROM audit ORDER BY object, action, id",
          "SELECT payload FROM audit_payload ORDER BY payload",
          "SELECT actor, idempotency_key, request_digest, reply FROM idempotency ORDER BY actor, "
          "idempotency_key"}) {
      const platform::Rows found = query(sql);
      text += std::string(sql) + "\n";
      for (std::size_t row = 0; row < found.size(); ++row) {
        for (std::size_t column = 0; column < columns_of(sql); ++column) {
          const platform::Value& cell = found.at(row, column);
          if (const auto* number = std::get_if<std::int64_t>(&cell)) {
            text += std::to_string(*number);
          } else if (const auto* word = std::get_if<std::string>(&cell)) {
            text += *word;
          } else if (const auto* bytes = std::get_if<platform::Bytes>(&cell)) {
            text += platform::to_hex(bytes->data);
          }
          text += '|';
        }
        text += '\n';
      }
    }
    return text;
  }
  static std::size_t columns_of(std::string_view sql) {
    const std::string_view list = sql.substr(0, sql.find(" FROM"));
    return 1 + static_cast<std::size_t>(std::count(list.begin(), list.end(), ','));
  }
  void empty() {
    must(store_->write([](platform::Transaction& transaction) -> platform::Status {
      for (const char* table : {"response", "response_version", "sharing_decision", "filed_choice",
                                "outbox", "audit", "audit_payload", "idempotency"}) {
        UNCAC_TRY(transaction.execute(std::string("DELETE FROM ") + table));
      }
      return {};
    }));
  }
  std::int64_t count(const std::string& table) {
    return query("SELECT count(*) FROM " + table).integer(0, 0);
  }

  std::vector<std::size_t> groups_;
  int alone_ = 0;
};

std::string text_of(const Result<SubmitReply>& reply) {
  return reply ? reply->ShortDebugString() : platform::to_text(reply.error());
}

TEST_P(SubmitTogether, OneThatIsRefusedLeavesTheOthersAlone) {
  const auto replies = file_in_groups({{.state = "AGO", .audience = 1},
                                       {.state = "KEN", .audience = 1},
                                       {.state = "UGA"},  // nobody has said who may read it
                                       {.state = "TZA", .audience = 1, .expected_version = 7},
                                       {.state = "ZMB", .audience = 2}},
                                      {4});
  EXPECT_EQ(groups_, (std::vector<std::size_t>{1, 4}));
  EXPECT_EQ(alone_, 0);
  ASSERT_EQ(replies.size(), 5U);
  EXPECT_TRUE(replies[0].ok());
  EXPECT_TRUE(replies[1].ok());
  ASSERT_FALSE(replies[2].ok());
  EXPECT_EQ(replies[2].error().reason, Reason::kInvalidInput);
  ASSERT_EQ(replies[2].error().problems.size(), 1U);
  EXPECT_EQ(replies[2].error().problems[0].rule, "sharing-not-chosen");
  ASSERT_FALSE(replies[3].ok());
  EXPECT_EQ(replies[3].error().reason, Reason::kConflict);
  EXPECT_TRUE(replies[4].ok());
  EXPECT_EQ(count("response_version"), 3);
  EXPECT_EQ(count("audit"), 3);
}

TEST_P(SubmitTogether, OfOneStateInTheOrderOfComing) {
  const auto replies = file_in_groups({{.state = "UGA", .audience = 1},
                                       {.text = 1, .audience = 1},
                                       {.text = 2, .audience = 2},
                                       {.text = 2, .audience = 2},
                                       {.text = 3, .expected_version = 2}},
                                      {4});
  EXPECT_EQ(groups_, (std::vector<std::size_t>{1, 4}));
  std::vector<std::string> tokens;
  for (const auto& reply : replies) tokens.push_back(must(reply).version_token());
  EXPECT_EQ(tokens, (std::vector<std::string>{"UGA/uncac-2007/2026@v1", "KEN/uncac-2007/2026@v1",
                                              "KEN/uncac-2007/2026@v2", "KEN/uncac-2007/2026@v2",
                                              "KEN/uncac-2007/2026@v3"}));
  EXPECT_EQ(replies[3]->outcome(), checklist::v1::OUTCOME_UNCHANGED);
}

TEST_P(SubmitTogether, AnIdempotencyKeyTwiceInOneGroupIsFiledOnce) {
  const auto replies = file_in_groups({{.state = "UGA", .audience = 1},
                                       {.audience = 1, .key = "k"},
                                       {.audience = 1, .key = "k"},
                                       {.text = 5, .audience = 1, .key = "k"}},
                                      {3});
  EXPECT_EQ(text_of(replies[1]), text_of(replies[2]));
  ASSERT_FALSE(replies[3].ok());
  EXPECT_EQ(replies[3].error().reason, Reason::kInvalidInput);
  EXPECT_EQ(count("response_version"), 2);
}

TEST_P(SubmitTogether, WhoseCallerLeftIsNotFiled) {
  const auto replies = file_in_groups({{.state = "UGA", .audience = 1},
                                       {.state = "KEN", .audience = 1, .abandoned = true},
                                       {.state = "TZA", .audience = 1}},
                                      {2});
  ASSERT_FALSE(replies[1].ok());
  EXPECT_EQ(replies[1].error().reason, Reason::kDeadlineExceeded);
  EXPECT_TRUE(replies[2].ok());
  EXPECT_EQ(count("response_version"), 2);
}

// A store's error ends the transaction of all. Whoever did not cause it is filed all the same.
TEST_P(SubmitTogether, OneThatTheStoreRefusesIsRefusedAlone) {
  must(store_->write([](platform::Transaction& transaction) -> platform::Status {
    UNCAC_TRY(transaction.execute(
        "CREATE UNIQUE INDEX only_one_of_ugandas ON response_version (status) WHERE state = "
        "'UGA'"));
    return {};
  }));
  const auto replies = file_in_groups({{.state = "UGA", .audience = 1},
                                       {.state = "KEN", .audience = 1},
                                       {.state = "UGA", .text = 1, .audience = 1},
                                       {.state = "TZA", .audience = 1}},
                                      {3});
  EXPECT_EQ(alone_, 3);
  EXPECT_TRUE(replies[1].ok());
  ASSERT_FALSE(replies[2].ok());
  EXPECT_EQ(replies[2].error().reason, Reason::kConflict);
  EXPECT_TRUE(replies[3].ok());
  EXPECT_EQ(count("response_version"), 3);
}

// Whatever comes, in whatever groups: replies and rows are those of one after another.
TEST_P(SubmitTogether, AnyGroupsGiveWhatOneAfterAnotherGives) {
  const bool held = rc::check([this] {
    std::vector<Drawn> all;
    const auto size = *rc::gen::inRange<std::size_t>(2, 8);
    for (std::size_t i = 0; i < size; ++i) {
      Drawn& drawn = all.emplace_back();
      drawn.state = *rc::gen::element<std::string>("KEN", "UGA", "TZA");
      drawn.text = *rc::gen::inRange(0, 3);
      drawn.audience = *rc::gen::inRange(0, 3);
      drawn.key = *rc::gen::element<std::string>("", "a", "b");
      if (*rc::gen::inRange(0, 4) == 0) drawn.expected_version = *rc::gen::inRange(0, 3);
      drawn.abandoned = *rc::gen::inRange(0, 8) == 0;
      RC_LOG() << drawn << "\n";
    }
    const auto sizes = *rc::gen::container<std::vector<std::size_t>>(
        size, rc::gen::inRange<std::size_t>(1, size + 1));
    empty();
    const auto together = file_in_groups(all, sizes);
    const std::string rows_together = rows();
    empty();
    const auto apart = file_one_by_one(all);
    RC_ASSERT(together.size() == apart.size());
    for (std::size_t i = 0; i < apart.size(); ++i) {
      RC_ASSERT(text_of(together[i]) == text_of(apart[i]));
    }
    RC_ASSERT(rows_together == rows());
  });
  EXPECT_TRUE(held);
}

INSTANTIATE_TEST_SUITE_P(Engines, SubmitTogether, test::kEngines, test::engine_name);

// Elsewhere somebody is at work on one State: it is waited for alone.
class SubmitBesideAnother : public SubmitTogether {};

TEST_P(SubmitBesideAnother, AStateLockedElsewhereHoldsUpNobodyElse) {
  std::optional<Result<SubmitReply>> of_uganda;
  FilingQueue queue({[this](std::span<Submission* const> group) { file_together(*parts_, group); },
                     [this](Submission& submission) { file_alone(*parts_, submission); }});
  std::jthread waits;
  must(store_->write([&](platform::Transaction& transaction) -> platform::Status {
    UNCAC_TRY(transaction.lock(lock_name("UGA")));
    waits = std::jthread([&] { of_uganda = submit_one(queue, {.state = "UGA", .audience = 1}); });
    for (const char* state : {"KEN", "TZA", "AGO"}) {
      EXPECT_TRUE(submit_one(queue, {.state = state, .audience = 1}).ok());
    }
    return {};
  }));
  waits.join();
  EXPECT_TRUE(of_uganda->ok());
  EXPECT_EQ(count("response_version"), 4);
}

INSTANTIATE_TEST_SUITE_P(Engines, SubmitBesideAnother, ::testing::Values("postgresql"),
                         test::engine_name);

}  // namespace
}  // namespace uncac::checklist_intake

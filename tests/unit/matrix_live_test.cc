// The matrix and the feed over one log, and over the same log read again after it lost its end.
#include <gtest/gtest.h>

#include "needs_matrix/feed.h"
#include "needs_matrix/live_matrix.h"
#include "support/engines.h"

namespace uncac::needs_matrix {
namespace {

using platform::Position;
using platform::Record;
using testing::must;

const std::shared_ptr<const reference::Reference>& known() {
  static const auto reference = must(reference::Reference::load());
  return reference;
}

Position at(std::int64_t next) {
  return {"log-1", std::vector<std::int64_t>(platform::kPartitions, next)};
}

platform::Event event(const std::string& topic, const std::string& key, platform::Revision revision,
                      const char* type) {
  platform::Event event;
  event.topic = topic;
  event.key = key;
  event.partition = platform::partition_of("KEN");
  event.revision = revision;
  event.type = type;
  event.source = "/uncac/checklist_intake";
  event.subject = "KEN";
  event.time = "2026-03-10T12:00:00.000000Z";
  return event;
}

Record version(int number, platform::Revision revision) {
  checklist::v1::ResponseVersion body;
  body.mutable_key()->set_state("KEN");
  body.mutable_key()->set_checklist("uncac-2007");
  body.mutable_key()->set_round(2009);
  body.set_version(number);
  body.set_submitted_on("2009-11-30");
  body.set_status(checklist::v1::RESPONSE_STATUS_SUBMITTED);
  Record record;
  record.event = event(kChecklistTopic, "KEN/uncac-2007/2009/v" + std::to_string(number), revision,
                       kVersionType);
  record.event.body = body.SerializeAsString();
  return record;
}

Record tombstone(int number, platform::Revision revision) {
  Record record = version(number, revision);
  record.event.body.reset();
  return record;
}

Record decision(std::int64_t sequence, platform::Revision revision,
                common::v1::Audience audience = common::v1::AUDIENCE_RESTRICTED) {
  checklist::v1::SharingDecision body;
  body.set_state("KEN");
  body.set_provision("uncac/13.1");
  body.set_audience(audience);
  body.set_sequence(sequence);
  Record record;
  record.event = event(kChecklistTopic, "KEN/sharing/uncac/13.1", revision, kSharingType);
  record.event.body = body.SerializeAsString();
  return record;
}

// As a program of the next version may write it: an audience that this one does not know.
Record unreadable_decision(platform::Revision revision) {
  Record record = decision(1, revision);
  checklist::v1::SharingDecision body;
  body.set_state("KEN");
  body.set_provision("uncac/13.1");
  body.set_audience(static_cast<common::v1::Audience>(99));
  record.event.body = body.SerializeAsString();
  return record;
}

class LiveMatrixTest : public ::testing::Test {
 protected:
  void apply(const std::vector<Record>& records, std::int64_t next) {
    live_.apply(records, at(next));
  }
  // What a caller gets who waits no longer.
  platform::Result<LiveMatrix::View> ask(const std::string& token) {
    platform::Call call;
    call.deadline = platform::Instant{};
    call.cancelled = [] { return false; };
    Freshness freshness;
    freshness.tokens.push_back(must(parse_version_token(*known(), token)));
    return live_.view(freshness, call);
  }
  std::string reason(const std::string& token) {
    const auto view = ask(token);
    return view ? "known" : std::string(platform::row_of(view.error().reason).name);
  }
  std::size_t versions() {
    return live_.view().snapshot->responses[*known()->state("KEN")]->versions.size();
  }
  bool reached(std::int64_t next) {
    return live_.wait_for(platform::partition_of("KEN"), next, std::chrono::milliseconds(0));
  }

  access::Audience audience() {
    const auto view = live_.view();
    const ItemIndex item = live_.items().item_of(*known()->provision("uncac/13.1"));
    const auto* decision = view.snapshot->sharing[*known()->state("KEN")]->decision(item);
    return decision == nullptr ? access::Audience::kRestricted : decision->audience;
  }

  platform::Metrics metrics_;
  LiveMatrix live_{must(Items::create(known())), metrics_};
};

TEST_F(LiveMatrixTest, ADecisionThatCannotBeReadSharesWithNobody) {
  apply({decision(1, {1, 1}, common::v1::AUDIENCE_PUBLIC)}, 1);
  EXPECT_EQ(audience(), access::Audience::kPublic);
  apply({unreadable_decision({1, 1})}, 2);
  EXPECT_EQ(audience(), access::Audience::kPublic) << "no newer than what is known";
  apply({unreadable_decision({1, 2})}, 3);
  EXPECT_EQ(audience(), access::Audience::kRestricted);
  apply({decision(3, {1, 3}, common::v1::AUDIENCE_PROVIDERS)}, 4);
  EXPECT_EQ(audience(), access::Audience::kProviders) << "until the State says it again";
}

TEST_F(LiveMatrixTest, WhatALogLostIsGoneOnceItWasReadAgainAndNotBefore) {
  live_.start_over(at(0));
  apply({version(1, {1, 1}), version(2, {1, 1}), version(3, {1, 1})}, 3);
  EXPECT_EQ(versions(), 0U) << "half of a log is no answer";
  live_.caught_up();
  EXPECT_EQ(versions(), 3U);
  EXPECT_TRUE(reached(3));
  const std::string whole = live_.digests().digest;

  live_.start_over(at(0));
  EXPECT_EQ(versions(), 3U) << "what was known before, until the log was read";
  EXPECT_EQ(live_.digests().digest, whole);
  EXPECT_FALSE(reached(1)) << "offsets of before stand for other records";
  apply({version(1, {1, 1})}, 1);
  EXPECT_EQ(versions(), 3U);
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v3"), "UNAVAILABLE");
  live_.caught_up();
  EXPECT_EQ(versions(), 1U);
  EXPECT_TRUE(reached(1));
  EXPECT_FALSE(reached(2));
  EXPECT_EQ(live_.view().position, at(1));
  apply({version(2, {2, 1})}, 2);
  EXPECT_EQ(versions(), 2U) << "and it goes on";
}

TEST_F(LiveMatrixTest, AVersionOfBeforeARestoreIsNotTakenForOneOfAfterIt) {
  apply({version(4, {1, 1}), version(5, {1, 1})}, 2);
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v5"), "known");
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v5+e7"), "UNAVAILABLE") << "that is another version 5";
  apply({tombstone(5, {7, 0})}, 3);
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v5"), "POSITION_EXPIRED") << "it never comes back";
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v5+e7"), "UNAVAILABLE");
  apply({version(5, {7, 1})}, 4);
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v5+e7"), "known");
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v4"), "known") << "kept, whether or not published again";
}

TEST_F(LiveMatrixTest, ADecisionOfBeforeARestoreIsNotTakenForOneOfAfterIt) {
  apply({version(1, {1, 1}), decision(17, {1, 1})}, 2);
  EXPECT_EQ(reason("KEN@s17"), "known");
  EXPECT_EQ(reason("KEN@s18"), "UNAVAILABLE");
  EXPECT_EQ(reason("KEN@s12+e7"), "UNAVAILABLE") << "17 is a number of before";
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v1+s12+e7"), "UNAVAILABLE");
  apply({decision(12, {7, 2})}, 3);
  EXPECT_EQ(reason("KEN@s12+e7"), "known");
  EXPECT_EQ(reason("KEN/uncac-2007/2009@v1+s12+e7"), "known") << "the version may be older";
  EXPECT_EQ(reason("KEN@s18"), "known") << "of before: whatever holds now has replaced it";
}

class FeedOverALog : public ::testing::Test {
 protected:
  static Record need(const std::string& provision, std::int64_t offset, std::int64_t number) {
    const std::string key = "KEN:" + provision + ":LEGAL_ADVICE";
    needs::v1::Need body;
    body.set_need(key);
    Record record;
    record.offset = offset;
    record.event = event(kRestrictedTopic, key, {1, number}, kNeedType);
    record.event.body = body.SerializeAsString();
    record.event.extensions = {{kFeedNumber, std::to_string(number)},
                               {kFoldedNext, std::to_string(offset)}};
    return record;
  }
  void apply(const std::vector<Record>& records, std::int64_t next) {
    feed_.apply(records, at(next));
  }
  Feed::Changes changes(std::uint64_t& next) { return feed_.changes(next, 100); }
  bool has_number(std::int64_t number) {
    std::vector<std::int64_t> numbers(platform::kPartitions, 0);
    numbers[static_cast<std::size_t>(platform::partition_of("KEN"))] = number;
    return feed_.wait_for_numbers(numbers, std::chrono::milliseconds(0));
  }

  platform::Metrics metrics_;
  Feed feed_{*known(), metrics_, 2};
};

TEST_F(FeedOverALog, AFollowerOfALogThatLostItsEndIsToldToStartOver) {
  feed_.start_over(at(0));
  apply({need("uncac/13", 0, 1)}, 1);
  EXPECT_TRUE(feed_.whole().needs.empty());
  feed_.caught_up();
  EXPECT_EQ(feed_.whole().needs.size(), 1U);
  std::uint64_t next = feed_.whole().next;
  std::uint64_t behind = next;
  apply({need("uncac/14", 1, 2)}, 2);
  EXPECT_EQ(changes(next).entries.size(), 1U);
  EXPECT_TRUE(has_number(2));

  feed_.start_over(at(0));
  EXPECT_FALSE(has_number(2));
  apply({need("uncac/13", 0, 1)}, 1);
  EXPECT_TRUE(changes(next).entries.empty());
  EXPECT_EQ(feed_.whole().needs.size(), 2U) << "as before, until the log was read again";
  feed_.caught_up();
  EXPECT_EQ(feed_.whole().needs.size(), 1U);
  for (std::uint64_t* index : {&next, &behind}) {
    const Feed::Changes told = changes(*index);
    EXPECT_TRUE(told.lost);
    EXPECT_TRUE(told.started_over);
    EXPECT_TRUE(told.entries.empty());
  }
  next = feed_.whole().next;
  apply({need("uncac/14", 1, 2)}, 2);
  EXPECT_EQ(changes(next).entries.size(), 1U);
}

// Who was away meanwhile holds a position that the log has again, with other changes before it.
TEST_F(FeedOverALog, APositionThatTheLogHasGrownPastAgainIsFound) {
  const auto passed = [](std::int64_t number) {
    std::vector<std::int64_t> numbers(platform::kPartitions, 0);
    numbers[static_cast<std::size_t>(platform::partition_of("KEN"))] = number;
    return numbers;
  };
  feed_.start_over(at(0));
  apply({need("uncac/13", 0, 1), need("uncac/14", 1, 2), need("uncac/15", 2, 3)}, 3);
  feed_.caught_up();
  for (std::int64_t n = 0; n <= 3; ++n) EXPECT_FALSE(feed_.grew_past(at(n), passed(n))) << n;

  feed_.start_over(at(0));
  // Of the three, one is left. What was lost is written again with numbers of its own.
  apply({need("uncac/13", 0, 1), need("uncac/15", 1, 4), need("uncac/16", 2, 5)}, 3);
  apply({need("uncac/13", 3, 6), need("uncac/16", 4, 7)}, 5);
  feed_.caught_up();
  EXPECT_FALSE(feed_.grew_past(at(1), passed(1))) << "of before that end";
  EXPECT_TRUE(feed_.grew_past(at(2), passed(2))) << "the need of 15 stands before it";
  EXPECT_TRUE(feed_.grew_past(at(3), passed(3)));
  EXPECT_FALSE(feed_.grew_past(at(5), passed(7)));
}

// What the writer knew to stand before may be what the log lost. A follower was told from the log.
TEST_F(FeedOverALog, WhatStoodBeforeIsReadFromTheLogItself) {
  const auto shared = [](common::v1::Audience audience, std::int64_t offset, std::int64_t number) {
    Record record = need("uncac/13", offset, number);
    needs::v1::Need body;
    EXPECT_TRUE(body.ParseFromString(*record.event.body));
    body.set_audience(audience);
    record.event.body = body.SerializeAsString();
    record.event.extensions[kAudienceBefore] = "RESTRICTED";
    return record;
  };
  feed_.start_over(at(0));
  apply({shared(common::v1::AUDIENCE_PUBLIC, 0, 1)}, 1);
  feed_.caught_up();
  std::uint64_t next = feed_.whole().next;
  apply({shared(common::v1::AUDIENCE_RESTRICTED, 1, 3), shared(common::v1::AUDIENCE_PUBLIC, 2, 4)},
        3);
  const auto told = changes(next).entries;
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0]->audience_before, "RESTRICTED");
  ASSERT_NE(told[0]->need_before, nullptr);
  EXPECT_EQ(told[0]->need_before->audience(), common::v1::AUDIENCE_PUBLIC);
  EXPECT_EQ(told[1]->need_before->audience(), common::v1::AUDIENCE_RESTRICTED);
  EXPECT_EQ(feed_.whole().needs[0]->need_before, told[1]->need_before);
}

TEST_F(FeedOverALog, AFollowerThatIsFarBehindHasNotLostItsLog) {
  feed_.start_over(at(0));
  feed_.caught_up();
  std::uint64_t next = feed_.whole().next;
  for (std::int64_t i = 0; i < 3; ++i) apply({need("uncac/13", i, i + 1)}, i + 1);
  const Feed::Changes told = changes(next);
  EXPECT_TRUE(told.lost);
  EXPECT_FALSE(told.started_over) << "it reads the log from where it was";
}

}  // namespace
}  // namespace uncac::needs_matrix

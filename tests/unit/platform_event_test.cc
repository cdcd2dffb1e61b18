// Events as they travel: partitions, revisions, headers, positions, what an outbox row holds.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "platform/events/event.h"
#include "platform/events/outbox.h"

namespace uncac::platform {
namespace {

// The values of Kafka's own UtilsTest.testMurmur2.
TEST(Partition, MurmurIsKafkas) {
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(murmur2("abc"), 479470107);
}

TEST(Partition, DropsTheSignBitAsKafkaDoes) {
  EXPECT_EQ(partition_of("21"), (-973932308 & 0x7fffffff) % kPartitions);
  EXPECT_EQ(partition_of("abc"), 479470107 % kPartitions);
  EXPECT_TRUE(rc::check([](const std::string& key) {
    RC_ASSERT(partition_of(key) >= 0);
    RC_ASSERT(partition_of(key) < kPartitions);
  }));
}

TEST(RevisionText, ComesBack) {
  EXPECT_EQ(to_text(Revision{2, 17}), "2.17");
  EXPECT_TRUE(rc::check([] {
    const auto number = rc::gen::suchThat(rc::gen::arbitrary<std::int64_t>(),
                                          [](std::int64_t n) { return n >= 0; });
    const Revision revision{*number, *number};
    const auto parsed = parse_revision(to_text(revision));
    RC_ASSERT(parsed.ok());
    RC_ASSERT(*parsed == revision);
  }));
}

TEST(RevisionText, HasOneForm) {
  for (const char* text : {"", ".", "1", "1.", ".1", "-1.2", "1.-2", "+1.2", "01.2", "1.02", "1.2 ",
                           " 1.2", "1.2.3", "1,2", "a.b", "1.9223372036854775808"}) {
    EXPECT_FALSE(parse_revision(text).ok()) << text;
  }
  EXPECT_TRUE(parse_revision("0.0").ok());
  EXPECT_TRUE(parse_revision("9223372036854775807.9223372036854775807").ok());
}

TEST(RevisionOrder, TheEpochCountsFirst) {
  EXPECT_LT((Revision{1, 900}), (Revision{2, 1}));
  EXPECT_LT((Revision{2, 1}), (Revision{2, 2}));
}

Event sample() {
  Event event;
  event.topic = "uncac.checklist.v1";
  event.key = "KEN/uncac-2007/2007/v3";
  event.partition = partition_of("KEN");
  event.revision = {2, 17};
  event.type = "uncac.checklist.v1.ResponseVersion";
  event.source = "/uncac/checklist_intake";
  event.subject = "KEN";
  event.time = "2007-11-30T09:05:00.000000Z";
  event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  event.extensions = {{"audience", "providers"}, {"state", "KEN"}};
  event.body = std::string("\x0a\x00\xff", 3);
  return event;
}

TEST(Headers, AreThoseOfCloudEventsInAFixedOrder) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ce_specversion", "1.0"},
      {"ce_id", "KEN/uncac-2007/2007/v3@2.17"},
      {"ce_type", "uncac.checklist.v1.ResponseVersion"},
      {"ce_source", "/uncac/checklist_intake"},
      {"ce_subject", "KEN"},
      {"ce_time", "2007-11-30T09:05:00.000000Z"},
      {"content-type", "application/protobuf"},
      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
      {"revision", "2.17"},
      {"audience", "providers"},
      {"state", "KEN"}};
  EXPECT_EQ(to_headers(sample()), expected);
}

TEST(Headers, LeaveOutWhatIsNotKnown) {
  Event event = sample();
  event.traceparent.clear();
  event.subject.clear();
  event.time.clear();
  event.extensions.clear();
  event.body.reset();
  const std::vector<std::pair<std::string, std::string>> expected{
      {"ce_specversion", "1.0"},
      {"ce_id", "KEN/uncac-2007/2007/v3@2.17"},
      {"ce_type", "uncac.checklist.v1.ResponseVersion"},
      {"ce_source", "/uncac/checklist_intake"},
      {"revision", "2.17"}};
  EXPECT_EQ(to_headers(event), expected);
}

TEST(Headers, ComeBackInAnyOrder) {
  const Event sent = sample();
  auto headers = to_headers(sent);
  std::reverse(headers.begin(), headers.end());
  Event received;
  received.traceparent = "of the record before";
  received.extensions["of"] = "the record before";
  ASSERT_TRUE(from_headers(headers, received).ok());
  EXPECT_EQ(received.key, sent.key);
  EXPECT_EQ(received.revision, sent.revision);
  EXPECT_EQ(received.type, sent.type);
  EXPECT_EQ(received.source, sent.source);
  EXPECT_EQ(received.subject, sent.subject);
  EXPECT_EQ(received.time, sent.time);
  EXPECT_EQ(received.traceparent, sent.traceparent);
  EXPECT_EQ(received.extensions, sent.extensions);
}

TEST(Headers, AKeyMayHoldAnAt) {
  Event sent = sample();
  sent.key = "a@1.2";
  Event received;
  received.key = sent.key;
  ASSERT_TRUE(from_headers(to_headers(sent), received).ok());
  EXPECT_EQ(received.key, "a@1.2");
}

TEST(Headers, WithoutRevisionIdOrTypeAreNotOurs) {
  for (const std::string missing : {"ce_specversion", "ce_id", "ce_type", "revision"}) {
    auto headers = to_headers(sample());
    std::erase_if(headers, [&](const auto& header) { return header.first == missing; });
    Event event;
    const Status status = from_headers(headers, event);
    ASSERT_FALSE(status.ok()) << missing;
    EXPECT_EQ(status.error().reason, Reason::kInvalidInput);
  }
}

TEST(Headers, ThatContradictAreNotOurs) {
  const auto refused = [](const std::string& name, const std::string& value) {
    auto headers = to_headers(sample());
    for (auto& header : headers) {
      if (header.first == name) header.second = value;
    }
    Event event;
    return !from_headers(headers, event).ok();
  };
  EXPECT_TRUE(refused("revision", "2.18"));
  EXPECT_TRUE(refused("revision", "two"));
  EXPECT_TRUE(refused("ce_id", "@2.17"));
  EXPECT_TRUE(refused("ce_specversion", "0.3"));
  EXPECT_FALSE(refused("ce_subject", "UGA"));

  auto twice = to_headers(sample());
  twice.emplace_back("revision", "2.17");
  Event event;
  EXPECT_FALSE(from_headers(twice, event).ok());

  Event of_another_key;
  of_another_key.key = "UGA/uncac-2007/2007/v1";
  EXPECT_FALSE(from_headers(to_headers(sample()), of_another_key).ok());
}

TEST(Extensions, ComeBack) {
  EXPECT_EQ(encode_extensions({}), "");
  EXPECT_TRUE(rc::check([](const std::map<std::string, std::string>& extensions) {
    const auto decoded = decode_extensions(encode_extensions(extensions));
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == extensions);
  }));
}

TEST(Extensions, CutOnesAreRefused) {
  const std::string whole = encode_extensions({{"audience", "providers"}});
  for (std::size_t length = 1; length < whole.size(); ++length) {
    EXPECT_FALSE(decode_extensions(whole.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(decode_extensions(whole + whole).ok()) << "a name twice";
  EXPECT_FALSE(decode_extensions("ffffffffa").ok());
  EXPECT_FALSE(decode_extensions("0000000gab").ok());
}

rc::Gen<Position> any_position() {
  return rc::gen::build<Position>(
      rc::gen::set(&Position::log_id, rc::gen::resize(60, rc::gen::arbitrary<std::string>())),
      rc::gen::set(&Position::next,
                   rc::gen::container<std::vector<std::int64_t>>(
                       kPartitions,
                       rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 300),
                                      rc::gen::inRange<std::int64_t>(
                                          0, std::numeric_limits<std::int64_t>::max()),
                                      rc::gen::just(std::numeric_limits<std::int64_t>::max())))));
}

TEST(PositionText, ComesBackAndIsSafeInAnAddress) {
  EXPECT_TRUE(rc::check([] {
    const Position position = *any_position();
    const std::string text = encode(position);
    RC_ASSERT(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_") == std::string::npos);
    const auto decoded = decode_position(text);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(*decoded == position);
  }));
}

TEST(PositionText, OneChangedCharacterIsRefused) {
  EXPECT_TRUE(rc::check([] {
    std::string text = encode(*any_position());
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    const char other =
        *rc::gen::suchThat(rc::gen::arbitrary<char>(), [&](char c) { return c != text[at]; });
    text[at] = other;
    RC_ASSERT(!decode_position(text).ok());
  }));
}

TEST(PositionText, CutAndLengthenedOnesAreRefused) {
  const std::string text = encode({"9f86d081884c7d65", {0, 1, 2, 3, 400, 5'000, 60'000, 7}});
  ASSERT_TRUE(decode_position(text).ok());
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(decode_position(text.substr(0, length)).ok()) << length;
    EXPECT_FALSE(decode_position(text.substr(length + 1)).ok()) << length;
  }
  for (const char* more : {"A", "=", "==", " ", "\n"}) {
    EXPECT_FALSE(decode_position(text + more).ok()) << more;
    EXPECT_FALSE(decode_position(more + text).ok()) << more;
  }
}

TEST(PositionText, GarbageIsRefused) {
  EXPECT_TRUE(rc::check([](const std::string& text) { RC_ASSERT(!decode_position(text).ok()); }));
  EXPECT_FALSE(decode_position(std::string(5'000'000, 'A')).ok());
}

// With a right checksum as well: what another version of this program might have written.
TEST(PositionText, WrongCountsAndNegativeOffsetsAreRefused) {
  std::vector<std::int64_t> next(kPartitions, 5);
  ASSERT_TRUE(decode_position(encode({"log", next})).ok());
  next[3] = -1;
  EXPECT_FALSE(decode_position(encode({"log", next})).ok());
  next[3] = std::numeric_limits<std::int64_t>::min();
  EXPECT_FALSE(decode_position(encode({"log", next})).ok());
  next[3] = 5;
  next.push_back(5);
  EXPECT_FALSE(decode_position(encode({"log", next})).ok());
  next.resize(kPartitions - 1);
  EXPECT_FALSE(decode_position(encode({"log", next})).ok());
  EXPECT_FALSE(decode_position(encode({"log", {}})).ok());
  EXPECT_FALSE(
      decode_position(encode({std::string(1'000, 'x'), std::vector<std::int64_t>(kPartitions, 5)}))
          .ok())
      << "longer than any position of ours";
}

TEST(PositionOrder, CoversInEveryPartitionAndOfTheSameLog) {
  const Position lower{"log", {1, 2, 3, 4, 5, 6, 7, 8}};
  Position higher = lower;
  EXPECT_TRUE(higher.covers(lower));
  higher.next[7] = 9;
  EXPECT_TRUE(higher.covers(lower));
  EXPECT_FALSE(lower.covers(higher));
  higher.next[0] = 0;
  EXPECT_FALSE(higher.covers(lower));
  Position other = lower;
  other.log_id = "another";
  EXPECT_FALSE(other.covers(lower));
  other = lower;
  other.next.pop_back();
  EXPECT_FALSE(lower.covers(other));
  EXPECT_FALSE(other.covers(lower));
}

TEST(WakeupTest, CountsAndDoesNotMissWhatCameBefore) {
  Wakeup wakeup;
  const std::uint64_t seen = wakeup.count();
  wakeup.notify();
  EXPECT_EQ(wakeup.wait(seen, std::chrono::hours(1), {}), seen + 1) << "it was notified already";
  EXPECT_EQ(wakeup.wait(seen + 1, std::chrono::milliseconds(1), {}), seen + 1);
}

TEST(WakeupTest, StopEndsTheWait) {
  Wakeup wakeup;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(wakeup.wait(0, std::chrono::hours(1), stop.get_token()), 0U);
}

}  // namespace
}  // namespace uncac::platform

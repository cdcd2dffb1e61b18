// An audience ends with its last day: five seconds after midnight no exit shows what it let see.
#include <map>
#include <set>

#include "integration/house.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using checklist::v1::ChecklistIntake;
using needs::v1::NeedsMatrix;
using std::chrono::milliseconds;

// One topic from its start on: whether the newest record of a key is a statement or a tombstone.
class Topic {
 public:
  Topic(platform::EventLog& log, const std::string& name)
      : reader_(must(log.read(name, must(log.start(name))))) {}
  bool shows(const std::string& key) {
    const auto batch = reader_->poll(1000, milliseconds(1), {});
    if (batch) {
      for (const platform::Record& record : *batch) {
        stated_[record.event.key] = record.event.body.has_value();
      }
    }
    const auto found = stated_.find(key);
    return found != stated_.end() && found->second;
  }
  bool has_tombstone(const std::string& key) const {
    const auto found = stated_.find(key);
    return found != stated_.end() && !found->second;
  }

 private:
  std::unique_ptr<platform::LogReader> reader_;
  std::map<std::string, bool> stated_;
};

class SharingExpiryInTime : public ::testing::TestWithParam<std::string> {
 protected:
  static constexpr const char* kNeed = "KEN:uncac/44:LEGAL_ADVICE";
  static access::Caller caller(access::Role role) {
    access::Caller caller;
    caller.role = role;
    caller.subject = "test";
    if (role == access::Role::kFocalPoint) caller.state = "KEN";
    if (role == access::Role::kProvider) caller.organization = "EX1";
    return caller;
  }

  template <class Request>
  static void of_kenya(Request& request) {
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    where.add_values("KEN");
  }
  static bool matrix_shows(House& house, const access::Caller& reader) {
    grpc::ClientContext context;
    house.authorize(context, reader);
    needs::v1::QueryMatrixRequest request;
    request.set_rows("provision");
    request.set_measure("needs_stated");
    of_kenya(request);
    needs::v1::QueryMatrixReply reply;
    const grpc::Status status =
        NeedsMatrix::NewStub(house.channel())->QueryMatrix(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const auto& row : reply.matrix()) {
      const auto& figure = row.figures(0);
      if (row.header().code() == "uncac/44") return !figure.withheld() && figure.value() > 0;
    }
    return false;
  }
  static bool list_shows(House& house, const access::Caller& reader) {
    grpc::ClientContext context;
    house.authorize(context, reader);
    needs::v1::ListNeedsRequest request;
    of_kenya(request);
    needs::v1::ListNeedsReply reply;
    const grpc::Status status =
        NeedsMatrix::NewStub(house.channel())->ListNeeds(&context, request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    for (const auto& need : reply.needs()) {
      if (need.need() == kNeed) return true;
    }
    return false;
  }
};

TEST_P(SharingExpiryInTime, FiveSecondsAfterMidnightNoExitShowsIt) {
  const platform::Day last_day = must(platform::parse_day("2027-03-10"));
  const Moment midnight = last_day + std::chrono::days(1);
  House house(GetParam(), midnight - std::chrono::minutes(10));
  const access::Caller kenya = caller(access::Role::kFocalPoint);
  {
    checklist::v1::SubmitRequest request;
    request.mutable_key()->set_state("KEN");
    request.mutable_key()->set_checklist("uncac-2007");
    request.mutable_key()->set_round(2027);
    checklist::v1::Answer& answer = *request.add_answers();
    answer.set_provision("uncac/44");
    answer.set_compliance(checklist::v1::COMPLIANCE_YES);
    answer.add_needed()->set_type("LEGAL_ADVICE");
    request.mutable_sharing()->set_audience(common::v1::AUDIENCE_PUBLIC);
    request.mutable_sharing()->set_until("2027-03-10");
    grpc::ClientContext context;
    house.authorize(context, kenya);
    checklist::v1::SubmitReply reply;
    const grpc::Status status =
        ChecklistIntake::NewStub(house.channel())->Submit(&context, request, &reply);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  struct Exit {
    std::string name;
    std::function<bool()> shows;
  };
  std::vector<Exit> exits;
  for (const auto& [who, role] :
       {std::pair<std::string, access::Role>{"provider", access::Role::kProvider},
        {"public", access::Role::kAnonymous}}) {
    const access::Caller reader = caller(role);
    exits.push_back(
        {who + " QueryMatrix", [&house, reader] { return matrix_shows(house, reader); }});
    exits.push_back({who + " ListNeeds", [&house, reader] { return list_shows(house, reader); }});
  }
  std::map<std::string, std::unique_ptr<Topic>> topics;
  for (const std::string audience : {"restricted", "providers", "public"}) {
    topics[audience] = std::make_unique<Topic>(house.log(), "uncac.needs." + audience + ".v1");
    if (audience == "restricted") continue;
    exits.push_back(
        {"topic " + audience, [topic = topics[audience].get()] { return topic->shows(kNeed); }});
  }
  for (const Exit& exit : exits) {
    ASSERT_TRUE(eventually(exit.shows, std::chrono::seconds(30))) << exit.name;
  }

  // Long enough before midnight that the scheduler looks at least once on the last day.
  house.clock().put_at(midnight - milliseconds(1500));
  int looked_before = 0;
  eventually([&] {
    for (const Exit& exit : exits) {
      const bool shows = exit.shows();
      // Asked and answered on the last day, which counts whole.
      EXPECT_TRUE(shows || house.clock().now() >= midnight) << exit.name << " too early";
    }
    ++looked_before;
    return house.clock().now() >= midnight;
  });
  EXPECT_GT(looked_before, 1);
  std::map<std::string, milliseconds> after;
  eventually([&] {
    for (const Exit& exit : exits) {
      if (after.contains(exit.name) || exit.shows()) continue;
      after[exit.name] = std::chrono::duration_cast<milliseconds>(house.clock().now() - midnight);
    }
    return after.size() == exits.size();
  });
  std::string figures;
  for (const Exit& exit : exits) {
    ASSERT_TRUE(after.contains(exit.name)) << exit.name << " shows it still";
    EXPECT_LE(after[exit.name], milliseconds(5000)) << exit.name;
    EXPECT_FALSE(exit.shows()) << exit.name << " shows it again";
    figures += (figures.empty() ? "" : ", ") + exit.name + " " +
               std::to_string(after[exit.name].count()) + " ms";
  }
  std::printf("[ 5 s rule ] %s, last day over: %s\n", GetParam().c_str(), figures.c_str());
  EXPECT_TRUE(topics["providers"]->has_tombstone(kNeed));
  EXPECT_TRUE(topics["public"]->has_tombstone(kNeed));
  EXPECT_TRUE(eventually([&] { return topics["restricted"]->shows(kNeed); }))
      << "its State and the secretariat see it";
  EXPECT_TRUE(list_shows(house, kenya));
  EXPECT_TRUE(matrix_shows(house, kenya));

  // One decision, by nobody but the calendar.
  const platform::Rows record =
      must(house.intake_store().read([](platform::Transaction& transaction) {
        return transaction.query(
            "SELECT actor, role, reason FROM audit WHERE action = "
            "'sharing.expire'");
      }));
  ASSERT_EQ(record.size(), 1u);
  EXPECT_EQ(record.text(0, 1), "system");
  EXPECT_EQ(record.text(0, 2), "its last day was 2027-03-10");
}

INSTANTIATE_TEST_SUITE_P(, SharingExpiryInTime, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

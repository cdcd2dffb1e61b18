// What a refusal is held against: how the caller hears of it, and that nothing changed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "integration/stores.h"
#include "platform/rpc/call.h"
#include "uncac/checklist/v1/checklist.grpc.pb.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {

// A connection that nobody else uses: what breaks it breaks no other.
inline std::shared_ptr<grpc::Channel> own_channel(System& system) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(system.address(), grpc::InsecureChannelCredentials(), arguments);
}

// Both services at one address, as one reader after the other asks them.
class Asked {
 public:
  explicit Asked(System& system) : Asked(system, system.channel()) {}
  Asked(System& system, const std::shared_ptr<grpc::Channel>& channel)
      : system_(system),
        intake_(checklist::v1::ChecklistIntake::NewStub(channel)),
        matrix_(needs::v1::NeedsMatrix::NewStub(channel)) {}

  template <class Request, class Reply>
  grpc::Status operator()(const std::string& reader,
                          grpc::Status (checklist::v1::ChecklistIntake::Stub::*method)(
                              grpc::ClientContext*, const Request&, Reply*),
                          const Request& request, Reply& reply) {
    grpc::ClientContext context;
    system_.authorize(context, reader);
    return ((*intake_).*method)(&context, request, &reply);
  }
  template <class Request, class Reply>
  grpc::Status operator()(const std::string& reader,
                          grpc::Status (needs::v1::NeedsMatrix::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Reply*),
                          const Request& request, Reply& reply) {
    grpc::ClientContext context;
    system_.authorize(context, reader);
    return ((*matrix_).*method)(&context, request, &reply);
  }
  checklist::v1::ChecklistIntake::Stub& intake() { return *intake_; }
  needs::v1::NeedsMatrix::Stub& matrix() { return *matrix_; }

 private:
  System& system_;
  std::unique_ptr<checklist::v1::ChecklistIntake::Stub> intake_;
  std::unique_ptr<needs::v1::NeedsMatrix::Stub> matrix_;
};

// "INVALID_INPUT type: unknown-type, state: …": the stable words of a refusal, "OK" of none.
inline std::string refusal_of(const grpc::Status& status) {
  if (status.ok()) return "OK";
  const platform::Error error = platform::from_grpc_status(status);
  std::string words(platform::row_of(error.reason).name);
  for (const platform::Problem& problem : error.problems) {
    words += " " + problem.column + ": " + problem.rule + ",";
  }
  if (words.back() == ',') words.pop_back();
  return words;
}

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

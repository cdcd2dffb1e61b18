// Calls over gRPC as one reader after the other makes them, and the stable words of a refusal.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/rpc/call.h"
#include "support/suite.h"
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
  // `limit`: how long each call may take.
  Asked(System& system, const std::shared_ptr<grpc::Channel>& channel,
        std::chrono::milliseconds limit = std::chrono::seconds(30))
      : system_(system),
        limit_(limit),
        intake_(checklist::v1::ChecklistIntake::NewStub(channel)),
        matrix_(needs::v1::NeedsMatrix::NewStub(channel)) {}

  template <class Request, class Reply>
  grpc::Status operator()(const std::string& reader,
                          grpc::Status (checklist::v1::ChecklistIntake::Stub::*method)(
                              grpc::ClientContext*, const Request&, Reply*),
                          const Request& request, Reply& reply) {
    grpc::ClientContext context;
    authorize(context, reader);
    return ((*intake_).*method)(&context, request, &reply);
  }
  template <class Request, class Reply>
  grpc::Status operator()(const std::string& reader,
                          grpc::Status (needs::v1::NeedsMatrix::Stub::*method)(grpc::ClientContext*,
                                                                               const Request&,
                                                                               Reply*),
                          const Request& request, Reply& reply) {
    grpc::ClientContext context;
    authorize(context, reader);
    return ((*matrix_).*method)(&context, request, &reply);
  }
  void authorize(grpc::ClientContext& context, const std::string& reader) const {
    system_.authorize(context, reader);
    context.set_deadline(std::chrono::system_clock::now() + limit_);
  }
  checklist::v1::ChecklistIntake::Stub& intake() { return *intake_; }
  needs::v1::NeedsMatrix::Stub& matrix() { return *matrix_; }

 private:
  System& system_;
  const std::chrono::milliseconds limit_;
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

}  // namespace uncac::testing

// A version token says that a State has filed. Only who reads all of the State may wait for one,
// and nobody else learns from the attempt whether the version exists.
#include "integration/checklist_file.h"
#include "integration/questions.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::testing {
namespace {

using needs::v1::NeedsMatrix;

class VersionTokens : public BothProfiles {
 protected:
  // Of ListNeeds and of QueryMatrix, in this order.
  std::vector<grpc::Status> ask(const std::string& reader, const std::string& token,
                                std::chrono::milliseconds limit) {
    const auto prepare = [&](grpc::ClientContext& context) {
      system().authorize(context, reader);
      context.set_deadline(std::chrono::system_clock::now() + limit);
    };
    grpc::ClientContext list_context, matrix_context;
    prepare(list_context);
    needs::v1::ListNeedsRequest list;
    list.mutable_freshness()->add_version_tokens(token);
    needs::v1::ListNeedsReply needs;
    std::vector<grpc::Status> statuses{stub_->ListNeeds(&list_context, list, &needs)};
    prepare(matrix_context);
    needs::v1::QueryMatrixRequest query;
    query.set_rows("article");
    query.mutable_freshness()->add_version_tokens(token);
    needs::v1::QueryMatrixReply matrix;
    statuses.push_back(stub_->QueryMatrix(&matrix_context, query, &matrix));
    return statuses;
  }

  std::unique_ptr<NeedsMatrix::Stub> stub_ = NeedsMatrix::NewStub(system().channel());
};

TEST_P(VersionTokens, AreForTheStateAndTheSecretariat) {
  const std::string file = system().file("tokens.csv", checklist_csv({{.state = "ETH",
                                                                       .provision = "uncac/5",
                                                                       .type = "LEGAL_ADVICE",
                                                                       .audience = "PUBLIC"}}));
  const auto filed = filed_in(
      answer(system(), "focal-point-ETH", {"response", "submit", file, "--format", "csv"}));
  ASSERT_EQ(filed.size(), 1u);
  const std::string exists = filed[0].token;
  ASSERT_EQ(exists, "ETH/uncac-2007/2009@v1");
  const std::vector<std::string> missing{"ETH/uncac-2007/2009@v2", "ETH/uncac-2007/2008@v1",
                                         "ETH/uncac-2007/2009@v1+end"};
  const auto half_a_minute = std::chrono::seconds(30);

  // Even though the need itself is public.
  for (const std::string reader : {"", "provider-EX1", "focal-point-DJI"}) {
    SCOPED_TRACE("reader \"" + reader + "\"");
    const auto before = std::chrono::steady_clock::now();
    const auto to_existing = ask(reader, exists, half_a_minute);
    for (const std::string& token : missing) {
      const auto to_missing = ask(reader, token, half_a_minute);
      for (std::size_t i = 0; i < to_missing.size(); ++i) {
        EXPECT_EQ(to_missing[i].error_code(), grpc::StatusCode::PERMISSION_DENIED) << token;
        EXPECT_EQ(to_existing[i].error_code(), grpc::StatusCode::PERMISSION_DENIED);
        EXPECT_EQ(to_missing[i].error_message(), to_existing[i].error_message());
        EXPECT_EQ(to_missing[i].error_details(), to_existing[i].error_details());
      }
    }
    // At once: who waits for a version that does not come waits until his deadline.
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
    for (const std::string& token : {exists, missing[0]}) {
      const Ended ended = system().uncac(reader, {"needs", "list", "--after", token});
      EXPECT_EQ(ended.code, 1) << ended.out;
      EXPECT_EQ(ended.out, "");
      EXPECT_NE(ended.err.find("FORBIDDEN"), std::string::npos) << ended.err;
    }
  }
  for (const std::string reader : {"focal-point-ETH", "secretariat", "auditor"}) {
    SCOPED_TRACE(reader);
    for (const grpc::Status& status : ask(reader, exists, half_a_minute)) {
      EXPECT_TRUE(status.ok()) << status.error_message();
    }
    for (const grpc::Status& status : ask(reader, missing[0], std::chrono::milliseconds(500))) {
      EXPECT_TRUE(status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                  status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED)
          << status.error_code() << " " << status.error_message();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, VersionTokens, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

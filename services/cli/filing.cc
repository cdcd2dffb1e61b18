#include "cli/filing.h"

#include <cstdio>
#include <set>

#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::cli {
namespace {

using needs::v1::NeedsMatrix;
using platform::Status;

// For one act, and for a file: a large one on a busy machine takes its time.
constexpr int kActSeconds = 10;
constexpr int kFileSeconds = 30;
// Tokens asked for at once: a question carries at most this many.
constexpr std::size_t kTokens = 1000;

Status wait_until_folded(const Session& session, const std::vector<std::string>& tokens) {
  UNCAC_ASSIGN(const auto channel, session.channel());
  const auto matrix = NeedsMatrix::NewStub(channel);
  for (std::size_t at = 0; at < tokens.size(); at += kTokens) {
    needs::v1::ListNeedsRequest request;
    request.set_page_size(1);
    // Only of the States that were filed for: of another one a State may be told to ask again.
    std::set<std::string> states;
    for (std::size_t i = at; i < std::min(tokens.size(), at + kTokens); ++i) {
      request.mutable_freshness()->add_version_tokens(tokens[i]);
      // "KEN/uncac-2007/2007@v3" or "KEN@s17"
      states.insert(tokens[i].substr(0, tokens[i].find_first_of("/@")));
    }
    needs::v1::Filter& where = *request.add_where();
    where.set_dimension("state");
    for (const std::string& state : states) where.add_values(state);
    grpc::ClientContext context;
    UNCAC_TRY(session.prepare(context, tokens.size() == 1 ? kActSeconds : kFileSeconds));
    needs::v1::ListNeedsReply reply;
    const grpc::Status status = matrix->ListNeeds(&context, request, &reply);
    if (!status.ok()) return platform::from_grpc_status(status);
  }
  return {};
}

}  // namespace

void await_matrix(const Session& session, const std::vector<std::string>& tokens) {
  const Status folded = wait_until_folded(session, tokens);
  if (folded) return;
  std::fprintf(stderr, "note: on record; the matrix does not show it yet (%s)\n",
               folded.error().message.c_str());
}

}  // namespace uncac::cli

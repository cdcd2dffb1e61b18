// `bench_queries calls ADDRESS TOKENS`: asks a running suite over one connection, one call after
// another. One line of JSON: for each question the summary of its times, in microseconds, and the
// bytes of an answer.
//
// Cached answers are kept by reader and question, so a question that no two of the calls share is
// computed each time: here by the focal points of all States, the providers, the secretariat and
// the public, in six languages each. All ask as of today, whose standing answers a running replica
// has at hand; "another_day" asks as of days for which it has none. "cached" is one question again
// and again, in turn with "echo": the same call to a server that answers the same bytes.

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "bench/commands.h"
#include "bench/echo.h"
#include "bench/stopwatch.h"
#include "uncac/needs/v1/needs.grpc.pb.h"

namespace uncac::bench {
namespace {

using needs::v1::NeedsMatrix;
using needs::v1::QueryMatrixReply;
using needs::v1::QueryMatrixRequest;

constexpr int kPairs = 2000;

struct Kind {
  std::string name, rows, columns, measure;
};
const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = {
      {"group_article", "regional_group", "article", "states_stating"},
      {"group_type", "regional_group", "type", "states_stating"},
      {"subregion_chapter", "subregion", "chapter", "share_of_respondents"},
      {"article_need_state", "article", "need_state", "states_stating"},
      {"state_chapter", "state", "chapter", "needs_stated"},
  };
  return all;
}

class Client {
 public:
  explicit Client(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = NeedsMatrix::NewStub(channel_);
  }

  // Microseconds; the answer stays in `reply`. A refused call ends the program: there is nothing to
  // measure then.
  double ask(const std::string& token, const QueryMatrixRequest& request, QueryMatrixReply& reply) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
    grpc::Status status;
    const double time =
        microseconds([&] { status = stub_->QueryMatrix(&context, request, &reply); });
    if (!status.ok()) {
      std::cerr << "bench_queries: " << status.error_message() << '\n';
      std::exit(1);
    }
    return time;
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<NeedsMatrix::Stub> stub_;
};

// The empty one is the public. The operator's may ask nothing here, the auditor reads what the
// secretariat reads and would be served its cached answers.
std::vector<std::string> read_tokens(const std::string& folder) {
  std::vector<std::string> tokens{""};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name != "operator.jwt" && name != "auditor.jwt") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in(file);
    std::string token{std::istreambuf_iterator<char>(in), {}};
    while (!token.empty() && token.back() == '\n') token.pop_back();
    tokens.push_back(std::move(token));
  }
  return tokens;
}

QueryMatrixRequest request_of(const Kind& kind) {
  QueryMatrixRequest request;
  request.set_rows(kind.rows);
  request.set_columns(kind.columns);
  request.set_measure(kind.measure);
  return request;
}

}  // namespace

int calls(const std::string& address, const std::string& tokens_folder) {
  Echo echo;
  const std::vector<std::string> tokens = read_tokens(tokens_folder);
  Client client(address);
  QueryMatrixReply reply;
  // A token's signature is verified once and then remembered, as in any longer session.
  for (const auto& token : tokens) {
    QueryMatrixRequest request;
    request.set_rows("regional_group");
    client.ask(token, request, reply);
  }

  struct Call {
    const Kind* kind;
    const std::string* token;
    std::string_view language;
  };
  std::vector<Call> all;
  for (const Kind& kind : kinds()) {
    for (const auto& token : tokens) {
      for (const auto* language : {"ar", "en", "es", "fr", "ru", "zh"}) {
        all.push_back({&kind, &token, language});
      }
    }
  }
  // So that a slow moment of the machine falls on all kinds alike.
  std::shuffle(all.begin(), all.end(), std::mt19937_64(2009));
  std::map<std::string, std::vector<double>> times;
  std::map<std::string, std::size_t> bytes;
  for (const Call& call : all) {
    QueryMatrixRequest request = request_of(*call.kind);
    request.set_language(std::string(call.language));
    times[call.kind->name].push_back(client.ask(*call.token, request, reply));
    bytes[call.kind->name] = std::max(bytes[call.kind->name], reply.ByteSizeLong());
  }

  const Kind& first = kinds().front();
  client.ask(tokens.front(), request_of(first), reply);
  Client bare(echo.serve(reply.SerializeAsString()));
  for (int i = 0; i < kPairs; ++i) {
    times["cached"].push_back(client.ask(tokens.front(), request_of(first), reply));
    bytes["cached"] = reply.ByteSizeLong();
    times["echo"].push_back(bare.ask(tokens.front(), request_of(first), reply));
    bytes["echo"] = reply.ByteSizeLong();
  }
  for (int month = 1; month <= 12; ++month) {
    for (int day = 1; day <= 5; ++day) {
      QueryMatrixRequest request = request_of(first);
      request.set_as_of("2016-" + std::string(month < 10 ? "0" : "") + std::to_string(month) +
                        "-0" + std::to_string(day));
      times["another_day"].push_back(client.ask(tokens.front(), request, reply));
    }
  }
  bytes["another_day"] = reply.ByteSizeLong();

  nlohmann::json out;
  for (auto& [name, list] : times) {
    out[name] = summary(std::move(list));
    out[name]["bytes"] = bytes[name];
  }
  std::cout << out << std::endl;
  return 0;
}

}  // namespace uncac::bench

// A dashboard's question that the cache knows, beside a bare echo of the same answer.

#include <algorithm>
#include <stdexcept>

#include "bench/echo.h"
#include "bench/stack/exercise_log.h"
#include "bench/stack/load.h"
#include "bench/stack/plain_stack.h"
#include "bench/stack/rows.h"
#include "bench/stopwatch.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::bench {
namespace {

using testing::must;

constexpr const char* kQuery = "/uncac.needs.v1.NeedsMatrix/QueryMatrix";
constexpr int kRounds = 11;
constexpr int kCalls = 300;  // of a round
constexpr int kClients = 16;
constexpr auto kMeasured = std::chrono::seconds(2);

std::string question() {
  needs::v1::QueryMatrixRequest request;
  request.set_rows("regional_group");
  request.set_columns("article");
  request.set_measure("states_stating");
  return request.SerializeAsString();
}

// Each answer has a position of its own, sealed anew.
std::string without_position(const std::string& bytes) {
  needs::v1::QueryMatrixReply reply;
  if (!reply.ParseFromString(bytes)) throw std::runtime_error("an answer cannot be read");
  reply.clear_position();
  return reply.SerializeAsString();
}

double median_of_calls(Caller& caller, const OneCall& call) {
  std::vector<double> times;
  for (int i = 0; i < kCalls; ++i) {
    times.push_back(microseconds([&] { keep(caller.call(kQuery, call)); }));
  }
  std::nth_element(times.begin(), times.begin() + kCalls / 2, times.end());
  return times[kCalls / 2];
}

void beside_echo(Table& table, Echo& echo, const std::string& address, const std::string& token,
                 const std::string& where, double at_least) {
  const OneCall call{question(), token};
  Caller ours(address);
  const std::string first = ours.call(kQuery, call);   // computed
  const std::string second = ours.call(kQuery, call);  // from the cache
  const std::string what = "cached " + where + ", " + std::to_string(first.size()) + " bytes";
  if (without_position(first) != without_position(second)) {
    return table.differs(what, "the cached answer is another one than the computed");
  }
  const std::string echo_address = echo.serve(second);
  Caller bare(echo_address);
  if (bare.call(kQuery, call) != second) return table.differs(what, "the echo's answer differs");

  Pairs one{.what = what + ": one call after another, beside a bare echo",
            .unit = Pairs::Unit::kMicroseconds,
            .at_least = at_least};
  for (int round = 0; round < kRounds; ++round) {
    one.ours.push_back(median_of_calls(ours, call));
    one.baseline.push_back(median_of_calls(bare, call));
  }
  table.add(one);
  Pairs many{.what = what + ": " + std::to_string(kClients) + " clients, beside a bare echo"};
  const auto next = [&](int) { return call; };
  for (int pair = 0; pair < kPairs; ++pair) {
    const LoadResult loaded = closed_loop(address, kQuery, kClients, kMeasured, next);
    if (loaded.refused > 0) return table.differs(what, loaded.first_refusal);
    many.ours.push_back(loaded.per_second);
    many.baseline.push_back(
        closed_loop(echo_address, kQuery, kClients, kMeasured, next).per_second);
  }
  table.add(many);
}

// Redis alone, asked for a value of that size by its own benchmark.
void redis_alone(Table& table, int port, std::size_t bytes) {
  Pairs pairs{.what = "redis-benchmark: GET of " + std::to_string(bytes) + " bytes, one client",
              .unit = Pairs::Unit::kMicroseconds};
  for (int i = 0; i < kPairs; ++i) {
    for (const std::string test : {"set", "get"}) {
      const testing::Ended ended = testing::run_to_end(
          {"/usr/bin/redis-benchmark", "-p", std::to_string(port), "-t", test, "-d",
           std::to_string(bytes), "-n", "20000", "-c", "1", "-q", "--csv"});
      // "GET","21052.63",…
      const std::size_t at = ended.out.find("\"GET\",\"");
      if (test == "set") continue;
      if (at == std::string::npos) throw std::runtime_error("redis-benchmark: " + ended.out);
      pairs.ours.push_back(1e6 / std::stod(ended.out.substr(at + 7)));
    }
  }
  table.add(pairs);
}

}  // namespace

void measure_cached(Table& table) {
  Echo first, second;  // before anything of gRPC is used here
  PlainStack stack;
  const auto reference = must(reference::Reference::load());
  const std::string provider = stack.token("provider-EX1");

  const PlainStack::Running intake = stack.start("checklist-intake", stack.database("intake"));
  publish(stack.kafka().bootstrap(), exercise_events(*reference, 1));
  {
    const PlainStack::Running matrix = stack.start("needs-matrix", stack.database("matrix"));
    beside_echo(table, first, matrix.address, provider, "in Redis", 0.5);
  }
  const PlainStack::Running suite = stack.start_suite();
  beside_echo(table, second, suite.address, provider, "in memory", 0.8);
  redis_alone(table, stack.redis().port(), 9'000);
}

}  // namespace uncac::bench

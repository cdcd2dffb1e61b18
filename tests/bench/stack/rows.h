// What bench_stack can be told to measure: contenders that need Kafka, PostgreSQL or Redis.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace uncac::bench {

// One line of the table: figures of pairs that were taken in turn.
struct Pairs {
  enum class Unit { kPerSecond, kMicroseconds };
  std::string what;
  Unit unit = Unit::kPerSecond;
  std::vector<double> ours = {},
                      baseline = {};  // one of each for every pair; no baseline: information
  double at_least = 0;                // of how good ours is beside the baseline; 0: no such budget
  double at_most = 0;                 // of ours ÷ baseline, for times
};

class Table {
 public:
  void add(const Pairs& pairs);
  // The contenders do not agree: no figure for them.
  void differs(const std::string& what, const std::string& why);
  const nlohmann::json& lines() const { return lines_; }

 private:
  nlohmann::json lines_ = nlohmann::json::array();
};

// At least five, so that a median says something.
inline constexpr int kPairs = 5;

void measure_submit(Table& table);
void measure_fold(Table& table);
void measure_write(Table& table);
void measure_cached(Table& table);
void measure_latency(Table& table);

}  // namespace uncac::bench

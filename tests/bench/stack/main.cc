// `bench_stack ROW`: measures one row on servers that it starts itself, and prints its lines as
// JSON. tests/bench/stack_rows.py calls it.

#include <exception>
#include <functional>
#include <iostream>
#include <map>

#include "bench/commands.h"
#include "bench/stack/rows.h"

namespace uncac::bench {

void Table::add(const Pairs& pairs) {
  lines_.push_back({{"what", pairs.what},
                    {"unit", pairs.unit == Pairs::Unit::kPerSecond ? "per second" : "microseconds"},
                    {"ours", pairs.ours},
                    {"baseline", pairs.baseline},
                    {"at_least", pairs.at_least},
                    {"at_most", pairs.at_most}});
}

void Table::differs(const std::string& what, const std::string& why) {
  lines_.push_back({{"what", what}, {"differs", why}});
}

}  // namespace uncac::bench

int main(int argc, char** argv) {
  using namespace uncac::bench;
  const std::map<std::string, std::function<void(Table&)>> rows = {{"submit", measure_submit},
                                                                   {"fold", measure_fold},
                                                                   {"write", measure_write},
                                                                   {"cached", measure_cached},
                                                                   {"latency", measure_latency}};
  const auto row = argc == 2 ? rows.find(argv[1]) : rows.end();
  if (row == rows.end()) {
    std::cerr << "usage: bench_stack submit | fold | write | cached | latency\n";
    return kWrongUsage;
  }
  try {
    Table table;
    row->second(table);
    std::cout << table.lines() << std::endl;
  } catch (const std::exception& wrong) {
    std::cerr << "bench_stack: " << row->first << ": " << wrong.what() << '\n';
    return 1;
  }
  return 0;
}

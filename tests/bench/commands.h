// What bench_queries can be told to do. Each prints JSON and returns an exit code.
#pragma once

#include <string>

namespace uncac::bench {

inline constexpr int kWrongUsage = 2;

int cells(int copies, const std::string& file);
int growth();
// `tokens`: the folder with the tokens of the exercise set-up.
int calls(const std::string& address, const std::string& tokens);

}  // namespace uncac::bench

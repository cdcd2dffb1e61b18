// The part of `scripts/bench` that must be quick itself; tests/bench/*.py call it.

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "bench/commands.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "cells" && std::atoi(words[1].c_str()) > 0) {
    return uncac::bench::cells(std::atoi(words[1].c_str()), words[2]);
  }
  if (words.size() == 1 && words[0] == "growth") return uncac::bench::growth();
  if (words.size() == 3 && words[0] == "calls") return uncac::bench::calls(words[1], words[2]);
  std::cerr << "usage: bench_queries cells COPIES FILE | growth | calls ADDRESS TOKENS\n";
  return uncac::bench::kWrongUsage;
}

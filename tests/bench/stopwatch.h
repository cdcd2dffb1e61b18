// Times, and what is said of many of them.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

namespace uncac::bench {

// Microseconds that `work` takes.
template <class Work>
double microseconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
      .count();
}

// Keeps the compiler from leaving out work whose result nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

// {"median", "p10", "p90", "count"}; `times` must not be empty.
nlohmann::json summary(std::vector<double> times);

}  // namespace uncac::bench

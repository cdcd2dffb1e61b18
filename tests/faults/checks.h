// What must hold after every fault, whatever it was.
#pragma once

#include <string>
#include <vector>

#include "faults/load.h"

namespace uncac::testing {

struct Found {
  long lost = 0;                      // acknowledged acts that are not on record
  long twice = 0;                     // acts on record that nobody did, or that stand twice
  std::vector<std::string> problems;  // all of it, in sentences
};

// The records of the intake against the acts that were acknowledged.
Found check_records(System& system, const World& world);
// The fold of every replica of the matrix, and what it tells the secretariat, providers and
// everybody; what the followers hold; what the topics hold. May need a moment to become right.
std::vector<std::string> check_matrix(System& system, const World& world);
std::vector<std::string> check_followers(World& world);
std::vector<std::string> check_topics(System& system, const World& world);

// HOST:PORT of the process itself, behind the gateway.
std::string address_of(Service& service);
std::shared_ptr<grpc::Channel> channel_to(const std::string& address);

}  // namespace uncac::testing

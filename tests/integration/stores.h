// What lies beneath a system, read past its programs: rows of their stores, records of the topics.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/suite.h"

namespace uncac::testing {

// The rows of a query for one text, on the store of a service ("checklist_intake", "needs_matrix").
std::vector<std::string> stored(System& system, const std::string& service, const std::string& sql);

// One statement, past the programs that write it otherwise.
void alter(System& system, const std::string& service, const std::string& sql);

// The topics of needs as an outside subscriber has them: Apache Kafka through kcat, or the embedded
// log that Follow reads. One for each test; used by one thread.
class NeedsTopics {
 public:
  explicit NeedsTopics(System& system);
  ~NeedsTopics();

  enum class Newest { kNone, kStated, kTombstone };
  // Of the newest record under this key. `audience`: "restricted", "providers" or "public".
  Newest newest(const std::string& audience, const std::string& need);

 private:
  struct Subscriber;
  System& system_;
  std::map<std::string, std::unique_ptr<Subscriber>> subscribers_;  // by audience
};

}  // namespace uncac::testing

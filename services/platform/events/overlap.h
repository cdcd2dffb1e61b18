// A log that is opened again is read from the last record on that was handled. Another record in
// its place means that the log lost its end and has grown again, so that what lies below is new.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/events/event.h"

namespace uncac::platform {

// Used by one thread.
class Overlap {
 public:
  void expect(int partition, std::int64_t offset, std::string event_id) {
    expected_[partition] = {offset, std::move(event_id)};
  }
  void forget(int partition) { expected_.erase(partition); }
  void clear() { expected_.clear(); }
  bool empty() const { return expected_.empty(); }

  // Takes the records that are read twice out of the batch. The partitions in which another one
  // lies in that place; none is reported of a place that was compacted away.
  std::vector<int> take_out(std::vector<Record>& batch) {
    std::vector<int> cut;
    if (expected_.empty()) return cut;
    std::erase_if(batch, [&](const Record& record) {
      const auto found = expected_.find(record.event.partition);
      if (found == expected_.end()) return false;
      const Last last = std::move(found->second);
      expected_.erase(found);
      if (record.offset != last.offset) return false;
      if (record.event.id() == last.event_id) return true;
      cut.push_back(record.event.partition);
      return false;
    });
    return cut;
  }

  // Where the log had nothing any more up to this place, it was compacted away.
  void pass(const Position& reached) {
    std::erase_if(expected_, [&](const auto& expected) {
      return reached.next[static_cast<std::size_t>(expected.first)] > expected.second.offset;
    });
  }

 private:
  struct Last {
    std::int64_t offset = 0;
    std::string event_id;
  };
  std::map<int, Last> expected_;  // by partition, until its first record is read
};

}  // namespace uncac::platform

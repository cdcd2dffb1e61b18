// Clients of a suite that is killed under them: each knows what it was told, what it does not know
// yet, and what its States must therefore have on record.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "support/acts.h"
#include "support/follower.h"

namespace uncac::testing {

struct Counts {
  std::atomic<int> acknowledged = 0, retried = 0, happened = 0, lost = 0;
};

// One client with States of its own. Acts one after the other until a call fails; what failed is
// kept, since nobody knows yet whether it happened.
class Client {
 public:
  Client(System& system, const Strings& states, std::uint64_t seed, bool imports, Counts& counts)
      : system_(system), acts_(seed), imports_(imports), counts_(counts) {
    for (const std::string& state : states) records_[state];
  }

  const std::map<std::string, Record>& records() const { return records_; }
  const std::optional<Act>& pending() const { return pending_; }

  // In a thread of its own. `killed` is set before the suite is.
  void run(const std::atomic<bool>& killed) {
    Asked asked(system_, own_channel(system_));
    while (!killed) {
      pending_ = imports_ ? acts_.next_import(records_) : acts_.next(records_);
      const grpc::Status status = perform(asked, *pending_, wrong_);
      if (!status.ok()) {
        if (!killed) wrong_.push_back(refusal_of(status) + " " + status.error_message());
        return;
      }
      accept();
    }
  }

  // After the restart: the record of each State is the one before or the one after, which of them
  // is found out, and the act is done again where its key makes that safe.
  void resolve(Asked& asked, const std::map<std::string, Record>& found) {
    std::size_t there = 0;
    for (const auto& [state, record] : found) {
      const Record& before = records_.at(state);
      const bool touched = pending_ && pending_->after.contains(state);
      const bool is_after = touched && record == pending_->after.at(state);
      EXPECT_TRUE(is_after || record == before)
          << state << "\nfound  " << text_of(record) << "\nbefore " << text_of(before)
          << (touched ? "\nafter  " + text_of(pending_->after.at(state)) : "");
      there += is_after ? 1 : 0;
      if (touched && pending_->acknowledged.contains(state)) {
        EXPECT_TRUE(is_after) << state << " was acknowledged and is lost";
      }
    }
    if (!pending_) return;
    const bool whole = pending_->kind != Act::Kind::kImport || !pending_->keep_good;
    EXPECT_TRUE(!whole || there == 0 || there == pending_->after.size()) << "half an act";
    (there > 0 ? counts_.happened : counts_.lost) += 1;
    if (pending_->kind == Act::Kind::kSubmit || pending_->kind == Act::Kind::kImport) {
      ++counts_.retried;
      const grpc::Status status = perform(asked, *pending_, wrong_);
      EXPECT_TRUE(status.ok()) << status.error_message();
      accept();
    } else if (there > 0) {
      accept();
    } else {
      pending_.reset();
    }
  }
  Strings take_wrong() { return std::exchange(wrong_, {}); }

 private:
  void accept() {
    for (const auto& [state, record] : pending_->after) records_[state] = record;
    pending_.reset();
    ++counts_.acknowledged;
  }

  System& system_;
  Acts acts_;
  const bool imports_;
  Counts& counts_;
  std::map<std::string, Record> records_;  // as acknowledged
  std::optional<Act> pending_;
  Strings wrong_;
};

}  // namespace uncac::testing

// What questions read: an immutable picture of everything folded, in two parts per State.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "access/caller.h"
#include "needs_matrix/domain/facts.h"

namespace uncac::needs_matrix {

// Every version kept of one State's responses, by checklist, round and version.
struct StateResponses {
  std::vector<std::shared_ptr<const Version>> versions;
};

// One State's decisions in force, grouped by what they say.
struct StateSharing {
  struct Group {
    access::Audience audience = access::Audience::kRestricted;
    std::vector<std::string> named;  // ascending
    ItemSet items;
  };
  static constexpr std::uint16_t kNoDecision = 0xffff;
  std::vector<Group> groups;
  std::vector<std::uint16_t> group_of;  // by item

  // Null without a decision in force.
  const Group* decision(ItemIndex item) const {
    return group_of[item] == kNoDecision ? nullptr : &groups[group_of[item]];
  }
};

// Shared by any number of readers on any threads.
struct Snapshot {
  std::shared_ptr<const Items> items;
  std::vector<std::shared_ptr<const StateResponses>> responses;  // by State, never null
  std::vector<std::shared_ptr<const StateSharing>> sharing;      // by State, never null
  // The widest audience that was ever decided, whatever holds now: what readers may remember. Only
  // releases ask; never who may see what.
  std::vector<std::shared_ptr<const StateSharing>> ever_shared;
};

// The items of one State that the reader may see. "A State × provision without a sharing decision
// in force is withheld from everyone but that State and the secretariat, whether or not there is an
// answer." Always today's decisions, also when the question is as of an earlier day.
ItemSet visible_items(const Snapshot& snapshot, StateIndex state, const access::Scope& scope);

// Every round in which some State filed, ascending.
std::vector<std::uint16_t> rounds_filed(const Snapshot& snapshot);

}  // namespace uncac::needs_matrix

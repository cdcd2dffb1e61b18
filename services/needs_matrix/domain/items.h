// What the matrix ranges over: the provisions that are items of some checklist, numbered densely.
//
// "A figure ranges over State × provision": read here as every State × every item of any checklist,
// that is the articles of uncac-2007 and the items of uncac-comprehensive. A provision that no
// checklist asks about has no cell. Immutable; safe for concurrent use.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "platform/result.h"
#include "reference/reference.h"

namespace uncac::needs_matrix {

using platform::Day;
using reference::ChallengeIndex;
using reference::ChecklistIndex;
using reference::ProvisionIndex;
using reference::StateIndex;
using reference::TypeIndex;
using ItemIndex = std::uint16_t;
inline constexpr ItemIndex kNoItem = 0xffff;

// 256 items: the two checklists have about 200. Items::create refuses data with more.
inline constexpr std::size_t kItemWords = 4;

// Ones in `word`. Written out: without a machine flag the library's popcount is a call per word.
inline unsigned count_ones(std::uint64_t word) {
  word -= (word >> 1) & 0x5555555555555555ULL;
  word = (word & 0x3333333333333333ULL) + ((word >> 2) & 0x3333333333333333ULL);
  word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
  return static_cast<unsigned>((word * 0x0101010101010101ULL) >> 56);
}

// A set of items.
struct ItemSet {
  std::array<std::uint64_t, kItemWords> words{};

  bool test(ItemIndex item) const { return (words[item / 64] >> (item % 64)) & 1; }
  void set(ItemIndex item) { words[item / 64] |= std::uint64_t{1} << (item % 64); }
  void reset(ItemIndex item) { words[item / 64] &= ~(std::uint64_t{1} << (item % 64)); }
  bool any() const {
    std::uint64_t all = 0;
    for (const auto word : words) all |= word;
    return all != 0;
  }
  unsigned count() const {
    unsigned ones = 0;
    for (const auto word : words) ones += count_ones(word);
    return ones;
  }
  ItemSet& operator&=(const ItemSet& other) {
    for (std::size_t i = 0; i < kItemWords; ++i) words[i] &= other.words[i];
    return *this;
  }
  ItemSet& operator|=(const ItemSet& other) {
    for (std::size_t i = 0; i < kItemWords; ++i) words[i] |= other.words[i];
    return *this;
  }
  // This one without `other`.
  ItemSet minus(const ItemSet& other) const {
    ItemSet out;
    for (std::size_t i = 0; i < kItemWords; ++i) out.words[i] = words[i] & ~other.words[i];
    return out;
  }
  friend ItemSet operator&(ItemSet left, const ItemSet& right) { return left &= right; }
  friend ItemSet operator|(ItemSet left, const ItemSet& right) { return left |= right; }
  bool operator==(const ItemSet&) const = default;

  // Calls visit(ItemIndex) in treaty order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < kItemWords; ++i) {
      for (std::uint64_t left = words[i]; left != 0; left &= left - 1) {
        visit(static_cast<ItemIndex>(i * 64 + static_cast<std::size_t>(std::countr_zero(left))));
      }
    }
  }
};

class Items {
 public:
  // Fails when the data outgrew the columns: items, types (32) or challenges (16).
  static platform::Result<std::shared_ptr<const Items>> create(
      std::shared_ptr<const reference::Reference> reference);

  const reference::Reference& reference() const { return *reference_; }
  std::size_t size() const { return provisions_.size(); }
  ProvisionIndex provision(ItemIndex item) const { return provisions_[item]; }
  // kNoItem when no checklist asks about the provision itself.
  ItemIndex item_of(ProvisionIndex provision) const { return item_of_[provision]; }
  // The items that are the provision or below it; none when no checklist asks about any.
  ItemSet below(ProvisionIndex provision) const;
  const ItemSet& all() const { return all_; }
  const ItemSet& asked_by(ChecklistIndex checklist) const { return asked_by_[checklist]; }
  ProvisionIndex article_of(ItemIndex item) const { return article_of_[item]; }
  // The item that is the whole article of this paragraph; kNoItem for an article or if none is.
  ItemIndex article_item(ItemIndex item) const { return article_item_[item]; }
  // Bit per type that is a need: all but NO_ASSISTANCE_REQUIRED.
  std::uint32_t need_types() const { return need_types_; }
  // "ties: later round, then the comprehensive checklist": the higher rank wins.
  int checklist_rank(ChecklistIndex checklist) const { return ranks_[checklist]; }

 private:
  Items() = default;
  std::shared_ptr<const reference::Reference> reference_;
  std::vector<ProvisionIndex> provisions_, article_of_;  // by item
  std::vector<ItemIndex> article_item_;                  // by item
  std::vector<ItemIndex> item_of_;                       // by provision
  std::vector<ItemSet> asked_by_;                        // by checklist
  std::vector<int> ranks_;
  ItemSet all_;
  std::uint32_t need_types_ = 0;
};

}  // namespace uncac::needs_matrix

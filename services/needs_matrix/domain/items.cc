#include "needs_matrix/domain/items.h"

#include <string>

namespace uncac::needs_matrix {

using platform::Reason;

platform::Result<std::shared_ptr<const Items>> Items::create(
    std::shared_ptr<const reference::Reference> reference) {
  std::shared_ptr<Items> items(new Items());
  const auto provisions = reference->provisions();
  const auto checklists = reference->checklists();
  items->item_of_.assign(provisions.size(), kNoItem);
  for (std::size_t p = 0; p < provisions.size(); ++p) {
    bool asked = false;
    for (const auto& checklist : checklists) {
      asked = asked || checklist.has(static_cast<ProvisionIndex>(p));
    }
    if (!asked) continue;
    items->item_of_[p] = static_cast<ItemIndex>(items->provisions_.size());
    items->provisions_.push_back(static_cast<ProvisionIndex>(p));
  }
  if (items->size() > kItemWords * 64) {
    return platform::make_error(Reason::kInternal, "the checklists have " +
                                                       std::to_string(items->size()) +
                                                       " items, the columns of the matrix hold " +
                                                       std::to_string(kItemWords * 64));
  }
  const auto types = reference->types();
  if (types.size() > 32 || reference->challenges().size() > 16) {
    return platform::make_error(Reason::kInternal,
                                "the columns of the matrix hold 32 types and 16 challenges");
  }
  for (std::size_t t = 0; t < types.size(); ++t) {
    if (!types[t].excludes_rest) items->need_types_ |= std::uint32_t{1} << t;
  }
  for (ItemIndex item = 0; item < items->size(); ++item) {
    const auto& provision = provisions[items->provisions_[item]];
    const ItemIndex article = items->item_of_[provision.article_index];
    items->all_.set(item);
    items->article_of_.push_back(provision.article_index);
    items->article_item_.push_back(article == item ? kNoItem : article);
  }
  for (std::size_t c = 0; c < checklists.size(); ++c) {
    ItemSet asked;
    for (const auto provision : checklists[c].items) asked.set(items->item_of_[provision]);
    items->asked_by_.push_back(asked);
    // Among others the later definition wins: no rule names them, and some order must hold.
    const bool comprehensive = checklists[c].code == "uncac-comprehensive";
    items->ranks_.push_back(comprehensive ? static_cast<int>(checklists.size())
                                          : static_cast<int>(c));
  }
  items->reference_ = std::move(reference);
  return std::shared_ptr<const Items>(std::move(items));
}

ItemSet Items::below(ProvisionIndex provision) const {
  ItemSet out;
  const ProvisionIndex end = reference_->provisions()[provision].end;
  for (ProvisionIndex p = provision; p < end; ++p) {
    if (item_of_[p] != kNoItem) out.set(item_of_[p]);
  }
  return out;
}

}  // namespace uncac::needs_matrix

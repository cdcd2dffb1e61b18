#include "checklist_intake/domain/sharing.h"

#include <algorithm>
#include <string>

#include "checklist_intake/domain/changes.h"
#include "checklist_intake/domain/text.h"

namespace uncac::checklist_intake {
namespace {

bool is_item(const Reference& reference, ProvisionIndex provision) {
  const auto checklists = reference.checklists();
  return std::any_of(checklists.begin(), checklists.end(),
                     [&](const auto& checklist) { return checklist.has(provision); });
}

// The nearest item that a provision lies below.
std::optional<ProvisionIndex> item_above(const Reference& reference, ProvisionIndex provision) {
  const auto provisions = reference.provisions();
  for (auto above = provisions[provision].parent; above; above = provisions[*above].parent) {
    if (is_item(reference, *above)) return above;
  }
  return std::nullopt;
}

class ItemsNamed {
 public:
  ItemsNamed(const Reference& reference, ProblemSink& problems)
      : reference_(reference), problems_(problems), named_(reference.provisions().size(), false) {}

  void add(std::string_view text) {
    const std::string_view name = trimmed(text);
    if (name == kWholeTreaty) {
      for (std::size_t p = 0; p < named_.size(); ++p) {
        if (reference_.provisions()[p].id.starts_with("uncac/")) {
          add_item(static_cast<ProvisionIndex>(p));
        }
      }
      return;
    }
    if (name.empty()) return refuse(Rule::kUnknownProvision, "no provision is named");
    if (name.front() >= '0' && name.front() <= '9') {
      return refuse(Rule::kProvisionWithoutTreaty, in_quotes(name) +
                                                       " does not name its treaty; write " +
                                                       in_quotes("uncac/" + std::string(name)));
    }
    const auto found = reference_.provision(name);
    if (!found) return refuse(Rule::kUnknownProvision, in_quotes(name) + " is not a provision");
    bool any = false;
    for (ProvisionIndex p = *found; p < reference_.provisions()[*found].end; ++p) {
      any = add_item(p) || any;
    }
    if (any) return;
    if (const auto above = item_above(reference_, *found)) {
      return refuse(Rule::kNotAnItem, in_quotes(name) + " is not an item; its item is \"" +
                                          reference_.provisions()[*above].id + "\"");
    }
    refuse(Rule::kProvisionNotInChecklist, "no checklist asks about " + in_quotes(name));
  }

  std::vector<ProvisionIndex> items() const {
    std::vector<ProvisionIndex> items;
    for (std::size_t p = 0; p < named_.size(); ++p) {
      if (named_[p]) items.push_back(static_cast<ProvisionIndex>(p));
    }
    return items;
  }

 private:
  bool add_item(ProvisionIndex provision) {
    if (!is_item(reference_, provision)) return false;
    named_[provision] = true;
    return true;
  }
  void refuse(Rule rule, std::string message) {
    problems_.add(rule, 0, "provision", std::move(message));
  }

  const Reference& reference_;
  ProblemSink& problems_;
  std::vector<bool> named_;  // by provision
};

}  // namespace

std::optional<std::vector<ProvisionIndex>> items_named(const Reference& reference,
                                                       std::span<const std::string_view> names,
                                                       ProblemSink& problems) {
  const std::int64_t errors_before = problems.errors();
  ItemsNamed named(reference, problems);
  for (const std::string_view name : names) named.add(name);
  if (names.empty()) named.add("");
  if (problems.errors() != errors_before) return std::nullopt;
  return named.items();
}

SharingChange set_choice(const std::map<ProvisionIndex, HeldDecision>& held,
                         std::span<const ProvisionIndex> items, const SharingChoice& choice,
                         Day today) {
  SharingChange change;
  for (const ProvisionIndex item : items) {
    change.holds.emplace(item, choice);
    const auto before = held.find(item);
    const bool holds_already = before != held.end() && !before->second.suspended &&
                               choice_on(before->second.choice, today) == choice;
    if (!holds_already) change.decisions.emplace(item, choice);
  }
  return change;
}

SharingChange reinstate(const std::map<ProvisionIndex, HeldDecision>& held,
                        std::span<const ProvisionIndex> items, Day today) {
  SharingChange change;
  for (const ProvisionIndex item : items) {
    const auto before = held.find(item);
    if (before == held.end()) continue;
    const auto& suspended = before->second.suspended;
    const SharingChoice holds = choice_on(suspended ? *suspended : before->second.choice, today);
    change.holds.emplace(item, holds);
    if (suspended) change.decisions.emplace(item, holds);
  }
  return change;
}

}  // namespace uncac::checklist_intake

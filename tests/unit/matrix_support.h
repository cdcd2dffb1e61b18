// A small world of facts for the tests of the matrix, written in the codes of the subject.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "needs_matrix/domain/fold.h"
#include "needs_matrix/domain/needs.h"
#include "needs_matrix/domain/pivot.h"

namespace uncac::needs_matrix::testing {

using access::Audience;
using access::Role;
using access::Scope;

inline Day day(std::string_view text) {
  const auto parsed = platform::parse_day(text);
  if (!parsed) ADD_FAILURE() << "no day: " << text;
  return *parsed;
}

inline const std::shared_ptr<const Items>& the_items() {
  static const std::shared_ptr<const Items> items = [] {
    const auto reference = reference::Reference::load();
    if (!reference) ADD_FAILURE() << platform::to_text(reference.error());
    return *Items::create(*reference);
  }();
  return items;
}
inline const reference::Reference& the_reference() { return the_items()->reference(); }

inline StateIndex state(std::string_view iso3) { return the_reference().state(iso3).value(); }
inline ProvisionIndex provision(std::string_view id) {
  return the_reference().provision(id).value();
}
inline ItemIndex item(std::string_view id) { return the_items()->item_of(provision(id)); }
inline TypeIndex type(std::string_view code) { return the_reference().type(code).value(); }
inline ChecklistIndex checklist(std::string_view code) {
  return the_reference().checklist(code).value();
}

inline Answer an_answer(std::string_view id, Compliance compliance,
                        const std::vector<std::string>& needs = {},
                        const std::vector<std::string>& challenges = {}) {
  Answer out;
  out.provision = provision(id);
  out.compliance = compliance;
  for (const auto& need : needs) out.need(type(need), Priority::kNone);
  for (const auto& challenge : challenges) {
    out.challenges |= static_cast<std::uint16_t>(1 << the_reference().challenge(challenge).value());
  }
  return out;
}

inline Scope secretariat() { return Scope::of({Role::kSecretariat, "", "", ""}); }
inline Scope the_public() { return Scope::of({Role::kAnonymous, "", "", ""}); }
inline Scope focal_point(std::string iso3) {
  return Scope::of({Role::kFocalPoint, "", std::move(iso3), ""});
}
inline Scope provider(std::string organization) {
  return Scope::of({Role::kProvider, "", "", std::move(organization)});
}

struct World {
  Fold fold{the_items()};
  StandingTables tables;
  std::int64_t counter = 0;
  Day today = day("2026-01-15");
  std::map<VersionKey, Version> filed;

  void put(Version version) {
    filed[version.key] = version;
    const auto applied = fold.apply(VersionFact{std::move(version), {1, ++counter}});
    ASSERT_TRUE(applied.ok()) << platform::to_text(applied.error());
  }
  VersionKey file(std::string_view iso3, std::string_view list, int round, int number,
                  std::string_view submitted_on, std::vector<Answer> answers) {
    Version version;
    version.key = {state(iso3), checklist(list), static_cast<std::uint16_t>(round),
                   static_cast<std::uint16_t>(number)};
    version.submitted_on = day(submitted_on);
    version.answers = std::move(answers);
    put(version);
    return version.key;
  }
  void withdraw(const VersionKey& key, std::string_view on) {
    Version version = filed.at(key);
    version.status = ResponseStatus::kWithdrawn;
    version.withdrawn_on = day(on);
    put(version);
  }
  void make_void(const VersionKey& key) {
    Version version = filed.at(key);
    version.status = ResponseStatus::kVoid;
    put(version);
  }
  void share(std::string_view iso3, std::string_view id, Audience audience,
             std::vector<std::string> named = {}) {
    SharingFact fact;
    fact.key = {state(iso3), provision(id)};
    fact.audience = audience;
    fact.named = std::move(named);
    fact.sequence = ++counter;
    fact.revision = {1, counter};
    const auto applied = fold.apply(fact);
    ASSERT_TRUE(applied.ok()) << platform::to_text(applied.error());
  }
  void share_all(std::string_view iso3, Audience audience) {
    for (ItemIndex i = 0; i < the_items()->size(); ++i) {
      share(iso3, the_reference().provisions()[the_items()->provision(i)].id, audience);
    }
  }

  MatrixAnswer ask(const RawQuestion& raw, const Scope& scope) {
    const auto question = parse_question(*the_items(), raw, today);
    if (!question) {
      ADD_FAILURE() << platform::to_text(question.error());
      return {};
    }
    return answer(*question, scope, *fold.snapshot(), tables);
  }
  NeedsPage list(const std::vector<Filter>& where, const Scope& scope, std::string as_of = "",
                 std::optional<NeedKey> after = std::nullopt, std::size_t limit = 1000) {
    const auto question = parse_needs_question(*the_items(), where, as_of, "", today);
    if (!question) {
      ADD_FAILURE() << platform::to_text(question.error());
      return {};
    }
    return list_needs(*question, scope, *fold.snapshot(), tables, after, limit);
  }
  std::vector<std::string> list_keys(const std::vector<Filter>& where, const Scope& scope,
                                     std::string as_of = "") {
    std::vector<std::string> keys;
    for (const auto& need : list(where, scope, std::move(as_of)).needs) {
      keys.push_back(format_need_key(the_reference(), need.key));
    }
    return keys;
  }
};

// A figure by its codes; the total's code is "total".
inline Figure at(const MatrixAnswer& matrix, std::string_view row, std::string_view column = "") {
  const auto find = [](const std::vector<Header>& headers, std::string_view code) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
      if (headers[i].code == code) return i;
    }
    ADD_FAILURE() << "no " << code << " in the answer";
    return headers.size();
  };
  if (row == "total" && (column.empty() || column == "total")) return matrix.total;
  if (row == "total") return matrix.column_totals.at(find(matrix.columns, column));
  const std::size_t r = find(matrix.rows, row);
  if (column == "total") return matrix.row_totals.at(r);
  return matrix.figures.at(r).at(column.empty() ? 0 : find(matrix.columns, column));
}

inline std::vector<std::string> codes(const std::vector<Header>& headers) {
  std::vector<std::string> out;
  for (const auto& header : headers) out.push_back(header.code);
  return out;
}

}  // namespace uncac::needs_matrix::testing

// States, what they did about the conventions, other parties, and named sets of States.
#include <algorithm>
#include <array>

#include "platform/time.h"
#include "reference/collation.h"
#include "reference/loader.h"

namespace uncac::reference {
namespace {

using platform::Day;
using platform::format_day;

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

constexpr Day day_of(int year, unsigned month, unsigned day) {
  return std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
}

// UNCAC article 68 (1): the ninetieth day after the thirtieth deposit, by a State.
constexpr Day kThirtiethDeposit = day_of(2005, 9, 15);
constexpr Day kInForce = day_of(2005, 12, 14);
static_assert(kThirtiethDeposit + std::chrono::days{90} == kInForce);

// When a treaty was open for signature: UNCAC article 67 (1), UNTOC article 36 (1).
struct Treaty {
  std::string_view signed_column, deposited_column;
  Day opened, closed;
  std::optional<Day> State::*signature;
  std::optional<Day> State::*deposit;
};
constexpr Treaty kUncac{"uncac_signed",      "uncac_deposited",       day_of(2003, 12, 9),
                        day_of(2005, 12, 9), &State::uncac_signature, &State::uncac_deposit};
constexpr Treaty kUntoc{"untoc_signed",       "untoc_deposited",       day_of(2000, 12, 12),
                        day_of(2002, 12, 12), &State::untoc_signature, &State::untoc_deposit};

// What the United Nations list of groups and the first response rate must come out as.
constexpr std::array<std::size_t, kGroupCount> kMembersOf{54, 55, 23, 33, 29, 4};
constexpr Day kFirstCount = day_of(2007, 11, 30);
constexpr std::size_t kDepositedByFirstCount = 105;

}  // namespace

void Loader::load_subregions() {
  const Table* rows = table("subregions.csv");
  if (rows == nullptr) return;
  Index seen;
  for (const Record& record : rows->records) {
    const At name{*rows, record, "name"};
    if (!filled(name) || !enter(name, seen.size(), seen)) continue;
    if (!out_->subregions_.empty() && name.text() < out_->subregions_.back()) {
      report(name, "wrong-order", "the row does not stand by name");
    }
    out_->subregions_.push_back(name.text());
  }
}

void Loader::load_states() {
  const Table* rows = table("states.csv");
  if (rows == nullptr) return;
  auto& states = out_->states_;
  Index iso2, numeric, names;
  std::set<std::string> subregions;
  const auto english = Collation::of(Language::kEnglish);
  if (!english) return report_file(rows->file, "name", "no-collation", english.error().message);
  std::pair<std::string, std::string> previous;  // what the row before stands by
  const std::size_t before = problems_.size();
  for (const Record& record : rows->records) {
    const At code{*rows, record, "iso3"};
    const At name{*rows, record, "name"};
    State state = read_state(*rows, record);
    enter({*rows, record, "iso2"}, states.size(), iso2);
    enter({*rows, record, "numeric"}, states.size(), numeric);
    if (filled(name)) enter(name, states.size(), names);
    if (!enter_code(code, kCapitals, 3, 3, states.size(), out_->state_by_code_)) continue;
    std::pair<std::string, std::string> key{english->key(name.text()), code.text()};
    if (key < previous && !name.text().empty()) {
      report(name, "wrong-order", quoted(name.text()) + " does not stand by name");
    }
    previous = std::move(key);
    subregions.insert(state.subregion);
    states.push_back(std::move(state));
    state_records_.push_back(&record);
  }
  if (problems_.size() != before) return;  // the figures would only repeat what is wrong
  for (const std::string& subregion : out_->subregions_) {
    if (!subregions.contains(subregion)) {
      report_file("subregions.csv", "name", "unused-code", "no State lies in " + subregion);
    }
  }
  check_state_figures();
}

State Loader::read_state(const Table& table, const Record& record) {
  State state{.iso3 = record["iso3"],
              .iso2 = record["iso2"],
              .numeric = record["numeric"],
              .name = record["name"],
              .groups = {},
              .subregion = record["subregion"],
              .uncac_signature = {},
              .uncac_deposit = {},
              .uncac_entry_into_force = {},
              .untoc_signature = {},
              .untoc_deposit = {}};
  shaped({table, record, "iso2"}, kCapitals, 2, 2);
  shaped({table, record, "numeric"}, kDigits, 3, 3);
  const At subregion{table, record, "subregion"};
  if (complete({"subregions.csv"}) && std::find(out_->subregions_.begin(), out_->subregions_.end(),
                                                subregion.text()) == out_->subregions_.end()) {
    report(subregion, "unknown-code",
           quoted(subregion.text()) + " is not a subregion of subregions.csv");
  }
  const At lists{table, record, "lists"};
  for (const std::string_view list : split(lists.text())) {
    if (list == "LDC") {
      state.ldc = true;
    } else if (list == "LLDC") {
      state.lldc = true;
    } else if (list == "SIDS") {
      state.sids = true;
    } else {
      report(lists, "unknown-code", quoted(list) + " is none of LDC, LLDC, SIDS");
    }
  }
  const At kind{table, record, "kind"};
  const std::size_t before = problems_.size();
  read_groups({table, record, "groups"}, state);
  if (one_of(kind, {"MEMBER", "OBSERVER", "OTHER"}) && problems_.size() == before &&
      (kind.text() == "MEMBER") != (state.primary_group != Group::kNone)) {
    report(kind, "group-differs-from-kind",
           "Members of the United Nations sit in a regional group, other States in none");
  }
  read_acts(table, record, state);
  return state;
}

void Loader::read_groups(const At& at, State& state) {
  if (at.text() == code(Group::kNone)) return;
  if (!filled(at)) return;
  for (const std::string_view part : split(at.text())) {
    const auto group = parse_group(part);
    if (!group || *group == Group::kNone) {
      report(at, "unknown-code", quoted(part) + " is not a regional group");
    } else if (std::find(state.groups.begin(), state.groups.end(), *group) != state.groups.end()) {
      report(at, "duplicate-key", quoted(part) + " stands twice");
    } else {
      state.groups.push_back(*group);
    }
  }
  if (!state.groups.empty()) state.primary_group = state.groups.front();
}

// Of states.csv and other_parties.csv: both have these columns, and the second no deposit from
// memory.
void Loader::read_acts(const Table& table, const Record& record, State& state) {
  const At in_force{table, record, "uncac_in_force"};
  const std::size_t before = problems_.size();
  state.uncac_entry_into_force = day(in_force);
  for (const Treaty& treaty : {kUncac, kUntoc}) {
    state.*treaty.signature = day({table, record, treaty.signed_column});
    state.*treaty.deposit = day({table, record, treaty.deposited_column});
  }
  if (problems_.size() != before) return;  // what follows compares days
  for (const Treaty& treaty : {kUncac, kUntoc}) {
    const At signed_at{table, record, treaty.signed_column};
    const At deposited_at{table, record, treaty.deposited_column};
    const auto& signature = state.*treaty.signature;
    const auto& deposit = state.*treaty.deposit;
    if (signature && (*signature < treaty.opened || *signature > treaty.closed)) {
      report(signed_at, "not-open-for-signature",
             "the treaty was open for signature from " + format_day(treaty.opened) + " to " +
                 format_day(treaty.closed));
    }
    if (signature && deposit && *deposit < *signature) {
      report(deposited_at, "deposit-before-signature",
             "deposited on " + deposited_at.text() + ", signed on " + signed_at.text());
    }
  }
  bool from_memory = false;
  if (table.file == "states.csv") {
    const At source{table, record, "uncac_deposit_source"};
    if (state.uncac_deposit) {
      one_of(source, {"DEPOSITARY", "MEMORY"});
    } else if (!source.text().empty()) {
      report(source, "source-without-deposit", "a source needs a deposit");
    }
    from_memory = source.text() == "MEMORY";
  }
  check_act({table, record, "uncac_act"}, state.uncac_signature, state.uncac_deposit, from_memory);
  check_act({table, record, "untoc_act"}, state.untoc_signature, state.untoc_deposit, false);
  check_entry_into_force(in_force, state);
}

// Ratification, acceptance and approval follow a signature; accession and succession have none.
void Loader::check_act(const At& at, const std::optional<Day>& signature,
                       const std::optional<Day>& deposit, bool from_memory) {
  if (!deposit || from_memory) {
    if (!at.text().empty()) {
      report(at, "act-differs", "an act needs a deposit that the depositary registered");
    }
    return;
  }
  if (!one_of(at, {"RATIFICATION", "ACCEPTANCE", "APPROVAL", "ACCESSION", "SUCCESSION"})) return;
  const bool needs_signature = at.text() != "ACCESSION" && at.text() != "SUCCESSION";
  if (needs_signature != signature.has_value()) {
    report(at, "act-differs",
           at.text() + (needs_signature ? " without a signature" : " after a signature"));
  }
}

// Article 68 (2), for every party alike: for Montenegro too, whose succession the note explains.
void Loader::check_entry_into_force(const At& at, const State& state) {
  std::string expected;
  if (state.uncac_deposit) {
    expected = format_day(std::max(kInForce, *state.uncac_deposit + std::chrono::days{30}));
  }
  const auto& found = state.uncac_entry_into_force;
  if ((found ? format_day(*found) : "") == expected) return;
  report(at, "entry-into-force",
         quoted(at.text()) + " is not the day by article 68, " +
             (expected.empty() ? "without a deposit none" : expected));
}

void Loader::check_state_figures() {
  const auto deposited_by = [&](Day day) {
    return static_cast<std::size_t>(
        std::count_if(out_->states_.begin(), out_->states_.end(),
                      [&](const State& state) { return state.deposited_by(day); }));
  };
  check_count("states.csv", "uncac_deposited", "deposits by " + format_day(kThirtiethDeposit),
              deposited_by(kThirtiethDeposit), 30);
  check_count("states.csv", "uncac_deposited", "deposits by " + format_day(kFirstCount),
              deposited_by(kFirstCount), kDepositedByFirstCount);
  std::array<std::size_t, kGroupCount> members{};
  for (const State& state : out_->states_) {
    for (const Group group : state.groups) ++members[static_cast<std::size_t>(group)];
    if (state.groups.empty()) ++members[static_cast<std::size_t>(Group::kNone)];
  }
  for (std::size_t i = 0; i < kGroupCount; ++i) {
    check_count("states.csv", "groups", "States in " + std::string(code(static_cast<Group>(i))),
                members[i], kMembersOf[i]);
  }
}

void Loader::load_other_parties() {
  const Table* rows = table("other_parties.csv");
  if (rows == nullptr) return;
  Index codes;
  for (const Record& record : rows->records) {
    const At code{*rows, record, "code"};
    filled({*rows, record, "name"});
    State party;
    read_acts(*rows, record, party);
    if (!enter_code(code, kCapitals, 3, 3, codes.size(), codes)) continue;
    if (complete({"states.csv"}) && out_->state(code.text())) {
      reject(code, "duplicate-key", quoted(code.text()) + " is the code of a State");
    }
    out_->other_parties_.push_back(code.text());
  }
}

void Loader::load_sets() {
  const Table* rows = table("state_sets.csv");
  if (rows == nullptr) return;
  for (const Record& record : rows->records) {
    const At code{*rows, record, "code"};
    filled({*rows, record, "name"});
    const auto year = number({*rows, record, "as_of_year"}, 1945, 2100);
    if (!enter_code(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 2, 40, out_->sets_.size(),
                    out_->set_by_code_)) {
      continue;
    }
    out_->sets_.push_back({.code = code.text(),
                           .name = record["name"],
                           .as_of_year = year.value_or(0),
                           .members = {}});
  }
  for (const std::string_view code : {"LDC", "LLDC", "SIDS"}) {
    if (!complete({"state_sets.csv"}) || out_->state_set(code)) continue;
    report_file("state_sets.csv", "code", "missing-row", "no row for " + std::string(code));
    incomplete_.emplace("state_sets.csv");
  }
  load_members();
}

void Loader::load_members() {
  const Table* sets = table("state_sets.csv");
  const Table* rows = table("state_set_members.csv");
  if (rows == nullptr || !complete({"states.csv", "other_parties.csv", "state_sets.csv"})) return;
  std::pair<std::size_t, std::string> previous{0, ""};
  std::vector<std::size_t> found(out_->sets_.size(), 0);
  std::set<std::pair<std::size_t, std::string>> seen;
  for (const Record& record : rows->records) {
    const At member{*rows, record, "member"};
    const bool sure = record["confidence"] == "high";
    if (one_of({*rows, record, "confidence"}, {"high", "medium", "low"}) && !sure) {
      filled({*rows, record, "note"});
    }
    const auto set = look_up({*rows, record, "set"}, out_->set_by_code_);
    const auto state = out_->state(member.text());
    if (!state && !out_->is_other_party(member.text())) {
      reject(member, "unknown-code", quoted(member.text()) + " is neither a State nor a party");
      continue;
    }
    if (!set) continue;
    const std::pair<std::size_t, std::string> key{*set, member.text()};
    if (!seen.insert(key).second) {
      reject(member, "duplicate-key", quoted(member.text()) + " stands in the set before");
      continue;
    }
    if (key < previous) report(member, "wrong-order", "the row is not by set, then by code");
    previous = key;
    ++found[*set];
    if (state) out_->sets_[*set].members.push_back(*state);
  }
  if (!complete({"state_set_members.csv"})) return;
  for (StateSet& set : out_->sets_) std::sort(set.members.begin(), set.members.end());
  for (const Record& record : sets->records) {
    const At at{*sets, record, "members"};
    const auto expected = number(at, 1, 300);
    const std::size_t count = found[out_->set_by_code_.at(record["code"])];
    if (expected && count != static_cast<std::size_t>(*expected)) {
      report(at, "wrong-count",
             record["code"] + " must have " + at.text() + " members, state_set_members.csv has " +
                 std::to_string(count));
    }
  }
  check_list("LDC", &State::ldc);
  check_list("LLDC", &State::lldc);
  check_list("SIDS", &State::sids);
}

// The column `lists` of Members of the United Nations and the set of that name say the same.
void Loader::check_list(std::string_view code, bool State::*flag) {
  const auto& members = out_->sets_[*out_->state_set(code)].members;
  for (std::size_t i = 0; i < out_->states_.size(); ++i) {
    const Record& record = *state_records_[i];
    const bool in_set =
        std::binary_search(members.begin(), members.end(), static_cast<StateIndex>(i));
    const bool flagged = out_->states_[i].*flag;
    if (in_set == flagged || (flagged && record["kind"] != "MEMBER")) continue;
    report({*table("states.csv"), record, "lists"}, "list-differs-from-set",
           out_->states_[i].iso3 +
               (flagged ? " is in the list but not in the set "
                        : " is in the set but not in the list ") +
               std::string(code));
  }
}

}  // namespace uncac::reference

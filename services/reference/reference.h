// The Convention, the States and the lists of the checklists: facts, read once at start.
//
// Everything has a dense index, so that the matrix can be arrays. An index is only good within one
// process: on the wire and in stores only codes travel ("KEN", "uncac/44.4", "LEGAL_ADVICE").
// Immutable after loading; safe for concurrent use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/result.h"
#include "platform/time.h"

namespace uncac::reference {

using platform::Day;
using StateIndex = std::uint16_t;      // 0 .. states().size()-1, by English name
using ProvisionIndex = std::uint16_t;  // 0 .. provisions().size()-1, in treaty order
using TypeIndex = std::uint8_t;        // 0 .. types().size()-1, in definition order
using ChallengeIndex = std::uint8_t;
using ChecklistIndex = std::uint8_t;  // 0 .. checklists().size()-1

// The six languages of the United Nations, in the order of their codes.
enum class Language : std::uint8_t { kArabic, kEnglish, kSpanish, kFrench, kRussian, kChinese };
inline constexpr std::size_t kLanguageCount = 6;
std::string_view code(Language language);                       // "ar" "en" "es" "fr" "ru" "zh"
std::optional<Language> parse_language(std::string_view code);  // exact codes only

// A name in each language; never empty.
struct Names {
  std::array<std::string, kLanguageCount> by_language;
  const std::string& in(Language language) const {
    return by_language[static_cast<std::size_t>(language)];
  }
};

// Regional groups for elections, in the order of their codes; kNone for a State in no group.
enum class Group : std::uint8_t { kAfr, kApg, kEeg, kGrulac, kWeog, kNone };
inline constexpr std::size_t kGroupCount = 6;
std::string_view code(Group group);  // "AFR" … "NONE"
std::optional<Group> parse_group(std::string_view code);

// How strongly the operative verb binds: a reading of the text, not an official grading.
enum class Obligation : std::uint8_t {
  kMandatory,
  kConsider,
  kEndeavour,
  kEncouraged,
  kOptional,
  kProhibition,
  kMixed,
  kNone
};
inline constexpr std::size_t kObligationCount = 8;
std::string_view code(Obligation obligation);  // "MANDATORY" …
std::optional<Obligation> parse_obligation(std::string_view code);

struct State {
  std::string iso3;  // "KEN"
  std::string iso2;
  std::string numeric;  // "404"
  std::string name;     // UN short name, English
  Names names = {};     // UN short names
  Group primary_group = Group::kNone;
  std::vector<Group> groups;  // all it sits in (Türkiye: two), the primary one first; empty if none
  std::string subregion;      // M49 intermediate region where there is one, else the subregion
  bool ldc = false, lldc = false, sids = false;
  std::optional<Day> uncac_signature;
  std::optional<Day> uncac_deposit;           // any act of consent
  std::optional<Day> uncac_entry_into_force;  // by article 68
  std::optional<Day> untoc_signature;
  std::optional<Day> untoc_deposit;

  bool deposited_by(Day day) const { return uncac_deposit && *uncac_deposit <= day; }
};

struct StateSet {
  std::string code;  // "ECOWAS"
  std::string name;
  Names names = {};
  int as_of_year = 0;               // membership at the end of that year
  std::vector<StateIndex> members;  // ascending
};

struct Provision {
  std::string id;     // "uncac/44", "uncac/44.4", "uncac/15.a", "uncac/46.9.b", "untoc/16"
  std::string title;  // of its article, English
  Names names = {};   // titles of its article
  int article = 0;
  int paragraph = 0;                     // 0 for an article itself or a letter straight below it
  char letter = '\0';                    // 0 if none
  std::string chapter;                   // "I" … "VIII"; empty for untoc
  ProvisionIndex article_index = 0;      // the article it belongs to (itself for an article)
  std::optional<ProvisionIndex> parent;  // next level up; none for an article
  ProvisionIndex end = 0;                // provisions [index, end) are this one and all below it
  // Of an article with paragraphs: kMixed when they differ. kNone in untoc, which nobody has read
  // for its levels.
  Obligation obligation = Obligation::kNone;
};

struct Chapter {
  std::string code;   // "II"
  std::string title;  // "Preventive measures"
  Names names = {};
};

struct AssistanceType {
  std::string code;   // "LEGAL_ADVICE"
  std::string label;  // English
  Names names = {};
  bool text_required = false;  // OTHER: a text must say what
  bool excludes_rest = false;  // NO_ASSISTANCE_REQUIRED; not a code of the dimension `type`
  std::string category_2016;   // broader category since 2016, "none" if none
};

struct Challenge {
  std::string code;
  std::string label;
  Names names = {};
  bool text_required = false;
};

struct Checklist {
  std::string code;  // "uncac-2007"
  std::string title;
  Names names = {};
  std::vector<ProvisionIndex> items;   // in checklist order
  std::vector<TypeIndex> types;        // the types it knows
  std::vector<std::uint16_t> item_of;  // by ProvisionIndex: position in items, or kNoItem
  std::vector<bool> knows_type;        // by TypeIndex
  static constexpr std::uint16_t kNoItem = 0xffff;
  bool has(ProvisionIndex provision) const { return item_of[provision] != kNoItem; }
};

enum class Relation : std::uint8_t { kEquivalent, kOverlapping, kRelated };
struct CrosswalkPair {
  ProvisionIndex uncac, untoc;  // articles
  Relation relation;
  std::string confidence;  // "high", "medium", "low": that the pair belongs together
};

// The keys of Reference::label(): audience, compliance, coverage, need_state, each with a dot and
// its code; and "paragraph", which follows the title of an article and has "{}" for the number.
std::span<const std::string_view> label_keys();

// A file of the data set: its name and its whole text.
using DataFile = std::pair<std::string_view, std::string_view>;

class Reference {
 public:
  // The data set compiled into the program. Fails only if somebody broke a data file; every file is
  // checked against the rules at its head, against the other files and against the known counts.
  static platform::Result<std::shared_ptr<const Reference>> load();
  // The same from a folder that holds files of the same names: one problem per broken rule, with
  // file, line, column and rule.
  static platform::Result<std::shared_ptr<const Reference>> load(const std::string& folder);
  static platform::Result<std::shared_ptr<const Reference>> load(std::span<const DataFile> files);

  // Of the names and texts of all files: the same for equal data, in programs of one build.
  std::uint64_t fingerprint() const { return fingerprint_; }

  std::span<const State> states() const { return states_; }
  std::span<const StateSet> state_sets() const { return sets_; }
  std::span<const Provision> provisions() const { return provisions_; }
  std::span<const Chapter> chapters() const { return chapters_; }
  std::span<const AssistanceType> types() const { return types_; }
  std::span<const Challenge> challenges() const { return challenges_; }
  std::span<const Checklist> checklists() const { return checklists_; }
  std::span<const CrosswalkPair> crosswalk() const { return crosswalk_; }
  std::span<const std::string> subregions() const { return subregions_; }  // by name

  // All States in the order of their names in that language, by the collation of ICU for it; equal
  // names by iso3. In English this is the order of the index.
  std::span<const StateIndex> states_in_order(Language language) const {
    return states_in_order_[static_cast<std::size_t>(language)];
  }

  const Names& names(Group group) const { return groups_[static_cast<std::size_t>(group)]; }
  const Names& names(Obligation obligation) const {
    return obligations_[static_cast<std::size_t>(obligation)];
  }
  // Of subregions()[index].
  const Names& subregion_names(std::size_t index) const { return subregion_names_[index]; }
  // A closed word of the other rooms, such as "compliance.YES" or "audience.PUBLIC"; the keys are
  // label_keys(). A key that is none of them is a mistake of the program, which ends it.
  const Names& label(std::string_view key) const;

  std::optional<StateIndex> state(std::string_view iso3) const;  // not the European Union
  std::optional<ProvisionIndex> provision(std::string_view id) const;
  std::optional<TypeIndex> type(std::string_view code) const;
  std::optional<ChallengeIndex> challenge(std::string_view code) const;
  std::optional<ChecklistIndex> checklist(std::string_view code) const;
  std::optional<std::size_t> state_set(std::string_view code) const;
  // A party to the Convention that is no State (the European Union, "EUU").
  bool is_other_party(std::string_view iso3) const;

 private:
  friend class Loader;
  std::uint64_t fingerprint_ = 0;
  std::vector<State> states_;
  std::vector<StateSet> sets_;
  std::vector<Provision> provisions_;
  std::vector<Chapter> chapters_;
  std::vector<AssistanceType> types_;
  std::vector<Challenge> challenges_;
  std::vector<Checklist> checklists_;
  std::vector<CrosswalkPair> crosswalk_;
  std::vector<std::string> subregions_;
  std::vector<std::string> other_parties_;
  std::array<std::vector<StateIndex>, kLanguageCount> states_in_order_;
  std::array<Names, kGroupCount> groups_;
  std::array<Names, kObligationCount> obligations_;
  std::vector<Names> subregion_names_;
  std::map<std::string, Names, std::less<>> labels_;  // by key
  std::unordered_map<std::string, std::uint16_t> state_by_code_, provision_by_id_, type_by_code_,
      challenge_by_code_, checklist_by_code_, set_by_code_;
};

}  // namespace uncac::reference

// Builds a Reference from the data files and holds them against each other.
//
// Private to the room and its tests. One Loader loads once, on one thread. It goes on after a
// broken rule, so that a person sees everything that is wrong in one go. But a file that did not
// parse or lost a row is not held against others: one slip in the code of a State would otherwise
// bring a complaint for every row that names it.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/data_table.h"
#include "platform/error.h"
#include "platform/result.h"
#include "reference/reference.h"

namespace uncac::reference {

using Record = platform::DataRecord;
using Table = platform::DataTable;

// The files compiled into the program.
std::span<const DataFile> embedded_files();

std::string quoted(std::string_view text);

// "a|b" → a, b; nothing for an empty text.
std::vector<std::string_view> split(std::string_view text);

// The parts of "uncac/46.9.b"; 0 where there is none.
struct ProvisionId {
  std::string_view treaty;  // "uncac" or "untoc"
  int article = 0;
  int paragraph = 0;
  char letter = '\0';
};
std::optional<ProvisionId> parse_provision_id(std::string_view id);

class Loader {
 public:
  // `files` and what they view must outlive run().
  explicit Loader(std::span<const DataFile> files) : files_(files) {}

  platform::Result<std::shared_ptr<const Reference>> run() &&;

 private:
  using Index = std::unordered_map<std::string, std::uint16_t>;
  // Where a field stands: what a problem names.
  struct At {
    const Table& table;
    const Record& record;
    std::string_view column;
    const std::string& text() const { return record[column]; }
  };
  struct Article {
    std::string chapter;
    std::string title;
    int paragraphs = 0;  // numbered ones; 0 if it has none
  };
  struct Item {  // a row of uncac_paragraphs.csv
    char last_letter = '\0';
    Obligation obligation = Obligation::kNone;
    std::map<char, Obligation> letter_obligations;
  };
  // A pair of articles in the crosswalk, and the items of the UNCAC one with a twin in the other.
  struct Pair {
    const Record* record = nullptr;
    Relation relation = Relation::kRelated;
    std::set<ProvisionIndex> twins;
  };

  // loader.cc: files, counts and what every file needs
  void read_files();
  const Table* table(std::string_view file) const;  // nullptr if it is missing or did not parse
  // Each parsed and lost no row, so others can be held against it.
  bool complete(std::initializer_list<std::string_view> files) const;
  void report(const At& at, std::string_view rule, std::string message);
  // The same, of a row that is not taken over.
  void reject(const At& at, std::string_view rule, std::string message);
  void report_file(std::string_view file, std::string_view column, std::string_view rule,
                   std::string message);
  bool check_count(std::string_view file, std::string_view column, std::string_view what,
                   std::size_t found, std::size_t expected);
  // Each reads one field and reports a broken rule; nothing, or false, comes back then.
  std::optional<int> number(const At& at, int lowest, int highest);
  std::optional<platform::Day> day(const At& at);  // an empty field is no problem
  bool yes(const At& at);                          // YES or NO
  bool one_of(const At& at, std::initializer_list<std::string_view> codes);
  bool filled(const At& at);
  bool shaped(const At& at, std::string_view letters, std::size_t shortest, std::size_t longest);
  // The row's key: enters it into `index` with the value `next`, or rejects the row.
  bool enter(const At& at, std::size_t next, Index& index);
  // The same for a key of so many of these letters.
  bool enter_code(const At& at, std::string_view letters, std::size_t shortest, std::size_t longest,
                  std::size_t next, Index& index);
  // The value of the field in `index`, or rejects the row.
  std::optional<std::uint16_t> look_up(const At& at, const Index& index);

  // loader_provisions.cc
  void load_chapters();
  void load_articles(std::string_view file, std::map<int, Article>& articles);
  void load_paragraphs();
  Item read_item(const Table& table, const Record& record);
  void build_provisions();
  ProvisionIndex add(const std::string& id, const Article& article,
                     std::optional<ProvisionIndex> parent, Obligation obligation);
  void add_letters(ProvisionIndex parent, const Item& item);
  void load_crosswalk();
  std::optional<ProvisionIndex> article(const At& at, std::string_view treaty);
  void load_crosswalk_paragraphs();
  bool exists_in_untoc(const ProvisionId& id) const;

  // loader_checklists.cc
  void load_types();
  void load_challenges();
  void load_checklists();
  void load_checklist_items();
  void load_checklist_types();
  void check_known_checklists();
  bool is_item(const Provision& provision) const;

  // loader_names.cc
  using NamesByKey = std::map<std::string, Names, std::less<>>;
  void load_names();
  void load_state_names();
  void load_article_names();
  void load_labels();
  void load_words();
  // Fills in the names that the file has, one row for each key of `names`; false if it broke a
  // rule.
  bool read_names(std::string_view file, std::string_view key_column, NamesByKey& names);
  bool name_stands(const At& at);
  void order_states();

  // loader_states.cc
  void load_subregions();
  void load_states();
  State read_state(const Table& table, const Record& record);
  void read_groups(const At& at, State& state);
  void read_acts(const Table& table, const Record& record, State& state);
  void check_act(const At& at, const std::optional<platform::Day>& signature,
                 const std::optional<platform::Day>& deposit, bool from_memory);
  void check_entry_into_force(const At& at, const State& state);
  void load_other_parties();
  void check_state_figures();
  void load_sets();
  void load_members();
  void check_list(std::string_view code, bool State::*flag);

  std::span<const DataFile> files_;
  std::vector<platform::Problem> problems_;
  std::map<std::string, Table, std::less<>> tables_;
  std::set<std::string, std::less<>> incomplete_;  // files that lost a row
  std::shared_ptr<Reference> out_ = std::make_shared<Reference>();

  std::map<int, Article> uncac_articles_, untoc_articles_;
  std::map<std::pair<int, int>, Item> items_;  // by article and paragraph
  std::map<std::pair<ProvisionIndex, ProvisionIndex>, Pair> pairs_;
  std::vector<const Record*> state_records_;  // by StateIndex
};

}  // namespace uncac::reference

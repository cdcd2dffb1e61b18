#include "reference/reference.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "reference/loader.h"

namespace uncac::reference {
namespace {

using platform::Error;
using platform::Reason;
using platform::Result;

constexpr std::array<std::string_view, kGroupCount> kGroupCodes{"AFR",    "APG",  "EEG",
                                                                "GRULAC", "WEOG", "NONE"};
constexpr std::array<std::string_view, kObligationCount> kObligationCodes{
    "MANDATORY", "CONSIDER", "ENDEAVOUR", "ENCOURAGED", "OPTIONAL", "PROHIBITION", "MIXED", "NONE"};

constexpr std::array<std::string_view, kLanguageCount> kLanguageCodes{"ar", "en", "es",
                                                                      "fr", "ru", "zh"};
constexpr std::array<std::string_view, 20> kLabelKeys{
    "audience.NAMED",          "audience.PROVIDERS",
    "audience.PUBLIC",         "audience.RESTRICTED",
    "compliance.IN_PART",      "compliance.NO",
    "compliance.NOT_ANSWERED", "compliance.YES",
    "coverage.DELIVERED",      "coverage.OFFERED",
    "coverage.ONGOING",        "coverage.PLANNED",
    "coverage.RESOLVED",       "coverage.UNADDRESSED",
    "need_state.NONE_STATED",  "need_state.NOT_ANSWERED",
    "need_state.NOT_ASKED",    "need_state.STATED",
    "need_state.WITHHELD",     "paragraph"};

template <class Enum, std::size_t N>
std::optional<Enum> parse(const std::array<std::string_view, N>& codes, std::string_view code) {
  const auto found = std::find(codes.begin(), codes.end(), code);
  if (found == codes.end()) return std::nullopt;
  return static_cast<Enum>(found - codes.begin());
}

template <class Index>
std::optional<Index> find_in(const std::unordered_map<std::string, std::uint16_t>& index,
                             std::string_view code) {
  const auto found = index.find(std::string(code));
  if (found == index.end()) return std::nullopt;
  return static_cast<Index>(found->second);
}

Error unreadable(const std::string& path, const std::string& why) {
  return Error{Reason::kInvalidInput,
               "the reference data cannot be read",
               {{.file = path, .column = {}, .rule = "unreadable-file", .message = why}}};
}

}  // namespace

std::string_view code(Language language) {
  return kLanguageCodes[static_cast<std::size_t>(language)];
}

std::optional<Language> parse_language(std::string_view code) {
  return parse<Language>(kLanguageCodes, code);
}

std::span<const std::string_view> label_keys() { return kLabelKeys; }

std::string_view code(Group group) { return kGroupCodes[static_cast<std::size_t>(group)]; }

std::optional<Group> parse_group(std::string_view code) { return parse<Group>(kGroupCodes, code); }

std::string_view code(Obligation obligation) {
  return kObligationCodes[static_cast<std::size_t>(obligation)];
}

std::optional<Obligation> parse_obligation(std::string_view code) {
  return parse<Obligation>(kObligationCodes, code);
}

Result<std::shared_ptr<const Reference>> Reference::load() { return load(embedded_files()); }

Result<std::shared_ptr<const Reference>> Reference::load(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<std::pair<std::string, std::string>> read;  // name, text
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() != ".csv") continue;
    // Without this a folder of such a name would read as an empty file.
    if (!entry->is_regular_file(error)) return unreadable(path.string(), "not a file");
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.is_open() || file.bad()) return unreadable(path.string(), "the file cannot be read");
    read.emplace_back(path.filename().string(), std::move(text));
  }
  if (error) return unreadable(folder, error.message());
  std::sort(read.begin(), read.end());  // so that problems come in the same order everywhere
  const std::vector<DataFile> files(read.begin(), read.end());
  return load(files);
}

Result<std::shared_ptr<const Reference>> Reference::load(std::span<const DataFile> files) {
  return Loader(files).run();
}

const Names& Reference::label(std::string_view key) const {
  const auto found = labels_.find(key);
  if (found == labels_.end()) std::abort();
  return found->second;
}

std::optional<StateIndex> Reference::state(std::string_view iso3) const {
  return find_in<StateIndex>(state_by_code_, iso3);
}

std::optional<ProvisionIndex> Reference::provision(std::string_view id) const {
  return find_in<ProvisionIndex>(provision_by_id_, id);
}

std::optional<TypeIndex> Reference::type(std::string_view code) const {
  return find_in<TypeIndex>(type_by_code_, code);
}

std::optional<ChallengeIndex> Reference::challenge(std::string_view code) const {
  return find_in<ChallengeIndex>(challenge_by_code_, code);
}

std::optional<ChecklistIndex> Reference::checklist(std::string_view code) const {
  return find_in<ChecklistIndex>(checklist_by_code_, code);
}

std::optional<std::size_t> Reference::state_set(std::string_view code) const {
  return find_in<std::size_t>(set_by_code_, code);
}

bool Reference::is_other_party(std::string_view iso3) const {
  return std::find(other_parties_.begin(), other_parties_.end(), iso3) != other_parties_.end();
}

}  // namespace uncac::reference

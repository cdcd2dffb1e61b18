#include "checklist_intake/domain/response.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace uncac::checklist_intake {
namespace {

constexpr std::array<std::string_view, 4> kCompliances = {"YES", "IN_PART", "NO", "NOT_ANSWERED"};
constexpr std::array<std::string_view, 4> kPriorities = {"", "HIGH", "MEDIUM", "LOW"};
constexpr std::array<std::string_view, 3> kChoices = {"", "YES", "NO"};
constexpr std::array<std::string_view, 6> kLanguages = {"ar", "en", "es", "fr", "ru", "zh"};

template <class Enum, std::size_t size>
std::optional<Enum> find_code(const std::array<std::string_view, size>& codes,
                              std::string_view code) {
  const auto found = std::find(codes.begin(), codes.end(), code);
  if (found == codes.end()) return std::nullopt;
  return static_cast<Enum>(found - codes.begin());
}

// A number from 1 on, without sign or leading zeros.
std::optional<int> parse_number(std::string_view text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Cuts `text` at the first `separator` and returns what came before; nullopt if there is none.
std::optional<std::string_view> cut(std::string_view& text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, at);
  text.remove_prefix(at + separator.size());
  return before;
}

}  // namespace

std::string_view code(Compliance compliance) {
  return kCompliances[static_cast<std::size_t>(compliance)];
}
std::optional<Compliance> parse_compliance(std::string_view code) {
  return find_code<Compliance>(kCompliances, code);
}

std::string_view code(Priority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }
std::optional<Priority> parse_priority(std::string_view code) {
  return find_code<Priority>(kPriorities, code);
}

std::string_view code(Choice choice) { return kChoices[static_cast<std::size_t>(choice)]; }
std::optional<Choice> parse_choice(std::string_view code) {
  return find_code<Choice>(kChoices, code);
}

bool is_language(std::string_view code) {
  return std::find(kLanguages.begin(), kLanguages.end(), code) != kLanguages.end();
}

void put_in_order(std::vector<Answer>& answers) {
  for (Answer& answer : answers) {
    auto& challenges = answer.challenges;
    std::sort(challenges.begin(), challenges.end());
    challenges.erase(std::unique(challenges.begin(), challenges.end()), challenges.end());
    std::sort(answer.needed.begin(), answer.needed.end(),
              [](const auto& left, const auto& right) { return left.type < right.type; });
  }
  std::sort(answers.begin(), answers.end(), [](const Answer& left, const Answer& right) {
    return left.provision < right.provision;
  });
}

std::string to_text(const Reference& reference, const ResponseKey& key) {
  return reference.states()[key.state].iso3 + "/" + reference.checklists()[key.checklist].code +
         "/" + std::to_string(key.round);
}

std::string to_text(const Reference& reference, const VersionToken& token) {
  return to_text(reference, token.key) + "@v" + std::to_string(token.version);
}

std::optional<VersionToken> parse_version_token(const Reference& reference, std::string_view text) {
  const auto state_code = cut(text, "/");
  const auto checklist_code = cut(text, "/");
  const auto round_text = cut(text, "@v");
  if (!state_code || !checklist_code || !round_text) return std::nullopt;
  const auto state = reference.state(*state_code);
  const auto checklist = reference.checklist(*checklist_code);
  const auto round = parse_number(*round_text);
  const auto version = parse_number(text);
  if (!state || !checklist || !round || !version) return std::nullopt;
  return VersionToken{{*state, *checklist, *round}, *version};
}

const SharingChoice* Sharing::of(ProvisionIndex provision) const {
  const auto exception = exceptions.find(provision);
  if (exception != exceptions.end()) return &exception->second;
  return choice ? &*choice : nullptr;
}

}  // namespace uncac::checklist_intake

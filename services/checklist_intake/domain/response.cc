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

const SharingChoice* Sharing::of(ProvisionIndex provision) const {
  const auto exception = exceptions.find(provision);
  if (exception != exceptions.end()) return &exception->second;
  return choice ? &*choice : nullptr;
}

}  // namespace uncac::checklist_intake

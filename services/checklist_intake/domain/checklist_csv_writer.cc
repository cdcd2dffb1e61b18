#include "checklist_intake/domain/checklist_csv_writer.h"

#include <string_view>
#include <utility>
#include <vector>

#include "checklist_intake/domain/checklist_csv.h"

namespace uncac::checklist_intake {
namespace {

class Writer {
 public:
  Writer(const Reference& reference, const ExportedResponse& response)
      : reference_(reference), response_(response) {}

  std::string write() {
    for (std::size_t at = 0; at < columns(); ++at) cell(kChecklistColumns[at]);
    end_row();
    for (const Answer& answer : response_.answers) {
      if (answer.needed.empty()) row(answer, nullptr);
      for (const NeededAssistance& need : answer.needed) row(answer, &need);
    }
    return std::move(out_);
  }

 private:
  std::size_t columns() const { return kColumnCount - (response_.exercise ? 0 : 1); }

  void row(const Answer& answer, const NeededAssistance* need) {
    cell(reference_.states()[response_.key.state].iso3);
    cell(reference_.checklists()[response_.key.checklist].code);
    cell(std::to_string(response_.key.round));
    cell(response_.submitted_on ? platform::format_day(*response_.submitted_on) : "");
    cell(answer.language);
    cell(reference_.provisions()[answer.provision].id);
    cell(code(answer.compliance));
    cell(answer.measures);
    std::vector<std::string> challenges;
    for (const ChallengeIndex challenge : answer.challenges) {
      challenges.push_back(reference_.challenges()[challenge].code);
    }
    list(challenges);
    cell(answer.challenges_text);
    cell(need == nullptr ? std::string_view{} : reference_.types()[need->type].code);
    cell(need == nullptr ? std::string_view{} : need->text);
    cell(need == nullptr ? std::string_view{} : code(need->priority));
    list(answer.received.from);
    list(answer.received.types);
    cell(code(answer.received.would_extend));
    const auto choice = response_.in_force.find(answer.provision);
    const bool chosen = choice != response_.in_force.end();
    cell(chosen ? audience_text(choice->second) : "");
    cell(chosen && choice->second.until ? platform::format_day(*choice->second.until) : "");
    if (response_.exercise) cell("YES");
    end_row();
  }

  void list(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) {
      if (!text.empty()) text += '|';
      text += value;
    }
    cell(text);
  }

  void cell(std::string_view text) {
    if (!row_empty_) out_ += ',';
    row_empty_ = false;
    std::string neutral;
    if (needs_neutralising(text)) {
      neutral = "'" + std::string(text);
      text = neutral;
    }
    // A space at an end is quoted too: some programs drop it otherwise.
    const bool outer_space = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    if (!outer_space && text.find_first_of(",;\"\r\n\t") == std::string_view::npos) {
      out_ += text;
      return;
    }
    out_ += '"';
    for (const char c : text) {
      if (c == '"') out_ += '"';
      out_ += c;
    }
    out_ += '"';
  }

  void end_row() {
    out_ += '\n';
    row_empty_ = true;
  }

  const Reference& reference_;
  const ExportedResponse& response_;
  std::string out_;
  bool row_empty_ = true;
};

}  // namespace

std::string write_checklist_csv(const Reference& reference, const ExportedResponse& response) {
  return Writer(reference, response).write();
}

std::string audience_text(const SharingChoice& choice) {
  std::string text(access::code(choice.audience));
  for (std::size_t at = 0; at < choice.named.size(); ++at) {
    text += (at == 0 ? ':' : '|') + choice.named[at];
  }
  return text;
}

}  // namespace uncac::checklist_intake

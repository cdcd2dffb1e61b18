#include "cli/exercise.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace uncac::cli {
namespace {

using reference::Reference;

constexpr std::string_view kHeader =
    "state,checklist,round,submitted_on,language,provision,compliance,measures,challenges,"
    "challenges_text,type,type_text,state_priority,received_from,received_type,would_extend,"
    "audience,audience_until,exercise\n";

// The finalizer of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators").
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Draws that depend only on what they are about, so that one more State or item in the reference
// data leaves the others' answers as they were.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : value_(mixed(seed)) {}
  Draw about(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return Draw(value_ ^ mixed(hash));
  }
  Draw about(std::uint64_t number) const { return Draw(value_ ^ mixed(number)); }
  unsigned below(unsigned bound) const { return static_cast<unsigned>(value_ % bound); }
  bool percent(unsigned share) const { return below(100) < share; }

 private:
  std::uint64_t value_;
};

struct Round {
  std::string_view checklist;
  int year;
};
constexpr std::array<Round, 4> kRounds = {{{"uncac-2007", 2007},
                                           {"uncac-2007", 2009},
                                           {"uncac-comprehensive", 2010},
                                           {"uncac-comprehensive", 2015}}};

// Shares in percent for a chapter: full compliance and compliance in part (the rest not), and how
// often assistance is asked for where compliance is not full.
struct ChapterShares {
  std::string_view chapter;
  unsigned yes, in_part, need;
  std::array<unsigned, 11> types;  // relative weight of each type, in definition order
};
// Laws are drafted in chapter III, treaties modelled in IV, people trained everywhere; asset
// recovery is where States most often say NO.
constexpr std::array<ChapterShares, 4> kChapters = {{
    {"II", 46, 38, 68, {20, 6, 5, 8, 14, 16, 18, 0, 10, 3, 9}},
    {"III", 55, 28, 64, {14, 18, 17, 16, 8, 6, 9, 0, 3, 2, 10}},
    {"IV", 50, 33, 66, {12, 8, 7, 13, 10, 5, 20, 12, 5, 2, 9}},
    {"V", 36, 34, 78, {14, 13, 12, 15, 13, 7, 15, 6, 4, 2, 6}},
}};

const ChapterShares& shares_of(std::string_view chapter) {
  for (const ChapterShares& shares : kChapters) {
    if (shares.chapter == chapter) return shares;
  }
  return kChapters.front();
}

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

class Writer {
 public:
  Writer(const Reference& reference, std::uint64_t seed) : reference_(reference), seed_(seed) {
    out_ = kHeader;
  }

  std::string write() {
    for (const reference::State& state : reference_.states()) {
      for (const Round& round : kRounds) {
        if (const auto checklist = reference_.checklist(round.checklist)) {
          response(state, reference_.checklists()[*checklist], round.year);
        }
      }
    }
    return std::move(out_);
  }

 private:
  void response(const reference::State& state, const reference::Checklist& checklist, int year) {
    const Draw of_state = seed_.about(state.iso3);
    const Draw of_round = of_state.about("round").about(static_cast<std::uint64_t>(year));
    // A third of the responses leave much unanswered, the others little.
    const unsigned unanswered = of_round.about("partial").percent(33)
                                    ? 12 + of_round.about("how much").below(28)
                                    : of_round.about("how much").below(4);
    const unsigned month = 1 + of_round.about("month").below(12);
    const unsigned day = 1 + of_round.about("day").below(28);
    // The texts are English whatever the State speaks.
    start_ = state.iso3 + ',' + checklist.code + ',' + std::to_string(year) + ',' +
             std::to_string(year) + '-' + two_digits(month) + '-' + two_digits(day) + ",en,";
    for (const reference::ProvisionIndex item : checklist.items) {
      answer(of_state, of_round, reference_.provisions()[item], year, unanswered);
    }
  }

  void answer(const Draw& of_state, const Draw& of_round, const reference::Provision& provision,
              int year, unsigned unanswered) {
    const Draw lasting = of_state.about(provision.id);  // the same in every round
    const Draw draw = of_round.about(provision.id);
    const std::string& article = reference_.provisions()[provision.article_index].id;
    const ChapterShares& shares = shares_of(provision.chapter);
    const std::string last = audience(of_state, of_state.about(article)) + ",,YES\n";
    if (draw.about("answered").percent(unanswered)) {
      out_ += start_;
      out_ += provision.id + ",NOT_ANSWERED,,,,,,,,,," + last;
      return;
    }
    // Laws improve slowly: each year lifts a few States from one level to the next.
    const unsigned progress = static_cast<unsigned>(year - 2007) * 2;
    const unsigned level = lasting.about("level").below(100);
    const bool yes = level < shares.yes + progress;
    const bool in_part = !yes && level < shares.yes + shares.in_part + progress;
    std::string answer = start_ + provision.id + (yes ? ",YES," : in_part ? ",IN_PART," : ",NO,");
    if (yes || in_part) {
      answer += "[exercise] act no. " + std::to_string(1 + lasting.about("act").below(90));
    }
    answer += ',';
    answer += (yes ? "," : challenges(draw)) + ",";
    const std::string received = received_assistance(draw, yes);
    const std::vector<std::string> needs = needed(draw, shares, yes);
    if (needs.empty()) out_ += answer + ",,," + received + last;
    for (const std::string& need : needs) {
      out_ += answer;
      out_ += need;
      out_ += ',';
      out_ += received;
      out_ += last;
    }
  }

  // One or two challenges and their text: `CODE|CODE,text`.
  std::string challenges(const Draw& draw) {
    const auto challenges = reference_.challenges();
    const unsigned first = draw.about("challenge").below(static_cast<unsigned>(challenges.size()));
    const unsigned second =
        draw.about("second challenge").below(static_cast<unsigned>(challenges.size()));
    bool text = challenges[first].text_required;
    std::string out = challenges[first].code;
    if (second != first && draw.about("two challenges").percent(35)) {
      out += '|' + challenges[second].code;
      text = text || challenges[second].text_required;
    }
    out += ',';
    if (text) out += "[exercise] see the note of the ministry";
    return out;
  }

  // `TYPE,text,priority` of each need.
  std::vector<std::string> needed(const Draw& draw, const ChapterShares& shares, bool yes) {
    std::vector<std::string> needs;
    const auto types = reference_.types();
    if (!draw.about("need").percent(yes ? 6 : shares.need)) return needs;
    const unsigned spread = draw.about("how many").below(100);
    const unsigned wanted = yes || spread < 72 ? 1 : spread < 94 ? 2 : 3;
    std::vector<bool> taken(types.size(), false);
    for (unsigned at = 0; at < wanted; ++at) {
      const std::size_t type = weighted(draw.about("type").about(at), shares.types);
      if (type >= types.size() || taken[type]) continue;
      if (types[type].excludes_rest) {
        if (!needs.empty()) continue;
        needs.push_back(types[type].code + ",,");
        break;
      }
      taken[type] = true;
      const unsigned priority = draw.about("priority").about(at).below(100);
      needs.push_back(types[type].code +
                      (types[type].text_required ? ",[exercise] exchange of staff," : ",,") +
                      (priority < 25   ? "HIGH"
                       : priority < 55 ? "MEDIUM"
                       : priority < 70 ? "LOW"
                                       : ""));
    }
    return needs;
  }

  static std::size_t weighted(const Draw& draw, const std::array<unsigned, 11>& weights) {
    unsigned total = 0;
    for (const unsigned weight : weights) total += weight;
    unsigned left = draw.below(total);
    std::size_t at = 0;
    while (left >= weights[at]) left -= weights[at++];
    return at;
  }

  // `from,type,would_extend,`
  std::string received_assistance(const Draw& draw, bool yes) {
    if (!draw.about("received").percent(yes ? 4 : 12)) return ",,,";
    constexpr std::array<std::string_view, 3> kFrom = {"EX1", "EX2", "[exercise] regional bank"};
    constexpr std::array<std::string_view, 3> kTypes = {"LEGAL_ADVICE", "CAPACITY_BUILDING",
                                                        "GOOD_PRACTICES"};
    std::string text(kFrom[draw.about("from").below(3)]);
    text += ',';
    text += kTypes[draw.about("received type").below(3)];
    return text + (draw.about("extend").percent(60) ? ",YES," : ",NO,");
  }

  // The State's usual choice, another one for about one article in eight. The same in all rounds:
  // the decision recorded last would hold for them all.
  static std::string audience(const Draw& of_state, const Draw& of_article) {
    const Draw& draw = of_article.about("exception").percent(12) ? of_article : of_state;
    const unsigned share = draw.about("audience").below(100);
    if (share < 25) return "PUBLIC";
    if (share < 58) return "PROVIDERS";
    if (share < 65) return "NAMED:EX1";
    if (share < 70) return "NAMED:EX1|EX2";
    return "RESTRICTED";
  }

  const Reference& reference_;
  const Draw seed_;
  std::string start_;  // of each row of the response at hand, up to the provision
  std::string out_;
};

}  // namespace

std::string exercise_responses_csv(const Reference& reference, std::uint64_t seed) {
  return Writer(reference, seed).write();
}

}  // namespace uncac::cli

// Each fault of the table under load, then what must be true. Prints one line for each.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "faults/checks.h"
#include "faults/fault.h"

namespace uncac::testing {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr seconds kSettles{120};

std::unique_ptr<Scene>& current() {
  static std::unique_ptr<Scene> scene;
  return scene;
}

class EndOfScene final : public ::testing::Environment {
 public:
  void TearDown() override { current().reset(); }
};

double in_seconds(Clock::duration time) { return duration<double>(time).count(); }

void expect_none(const std::string& what, const std::vector<std::string>& problems) {
  std::string text;
  for (const std::string& problem : problems) text += "\n" + problem;
  EXPECT_TRUE(problems.empty()) << what << ":" << text;
}

class Faults : public ::testing::TestWithParam<Fault> {
 protected:
  Scene& scene() {
    std::unique_ptr<Scene>& scene = current();
    const House house = GetParam().house;
    if (scene && (scene->house() != house || house == House::kOwn)) scene.reset();
    if (!scene) scene = std::make_unique<Scene>(house);
    return *scene;
  }
  // What a fault left behind is no fault of the next.
  void TearDown() override {
    if (!HasFailure()) return;
    if (current()) print_warnings(current()->system());
    current().reset();
  }

  // What the services said lately, so that a failure can be understood that does not come again.
  static void print_warnings(System& system) {
    constexpr std::size_t kMost = 40;  // of each
    for (const auto& service : system.services()) {
      std::vector<std::string> lines;
      std::istringstream log(service->log());
      for (std::string line; std::getline(log, line);) {
        if (line.find(R"("level":"info")") == std::string::npos) lines.push_back(line);
      }
      const std::size_t from = lines.size() > kMost ? lines.size() - kMost : 0;
      for (std::size_t i = from; i < lines.size(); ++i) std::printf("%s\n", lines[i].c_str());
    }
  }

  // Everything that may need a moment, until it is right.
  static void expect_settled(Scene& scene) {
    std::vector<std::string> problems;
    const auto check = [&] {
      problems = check_matrix(scene.system(), scene.world());
      if (problems.empty()) problems = check_followers(scene.world());
      if (problems.empty()) problems = check_topics(scene.system(), scene.world());
      return problems.empty();
    };
    eventually(check, kSettles);
    expect_none("after the fault", problems);
  }
  static void expect_few_refusals(const std::map<std::string, long>& refusals, long all) {
    const long most = GetParam().most_refused;
    if (most == kAnyNumber || all <= most) return;
    for (const auto& [why, count] : refusals) ADD_FAILURE() << count << " refused: " << why;
  }
  static void expect_no_complaints(Scene& scene, const std::vector<std::string>& expected) {
    std::vector<std::string> complaints;
    for (const auto& service : scene.system().services()) {
      for (const std::string& line : service->new_complaints()) {
        const bool belongs = std::any_of(
            expected.begin(), expected.end(),
            [&](const std::string& text) { return line.find(text) != std::string::npos; });
        if (!belongs) complaints.push_back(line);
      }
    }
    expect_none("in the logs", complaints);
  }
};

TEST_P(Faults, AreSurvived) {
  const Fault& fault = GetParam();
  Scene& here = scene();
  here.system().launch_all();
  here.begin_load();
  here.await_work("before the fault");
  if (!HasFailure()) fault.strike(here);
  if (!HasFailure()) here.await_work("after the fault");
  here.end_load();
  const Clock::time_point ended = Clock::now();
  const Figures figures = here.take_figures();
  expect_none("answered", here.take_wrong());
  const std::map<std::string, long> refusals = here.take_refusals();
  expect_few_refusals(refusals, figures.refused);
  EXPECT_LE(figures.filing_pause.count(), fault.filing_pause.count()) << "ms nothing was filed";
  EXPECT_LE(figures.asking_pause.count(), fault.asking_pause.count()) << "ms nothing was answered";
  EXPECT_LE(figures.strangers_pause.count(), fault.strangers_pause.count())
      << "ms nobody without a token was answered";
  if (HasFailure()) {
    for (const auto& [why, count] : refusals) std::printf("%ld refused: %s\n", count, why.c_str());
  }
  const Found found = check_records(here.system(), here.world());
  expect_none("on record", found.problems);
  expect_settled(here);
  const Clock::duration settled = Clock::now() - ended;
  here.system().expect_ordered_end();
  expect_no_complaints(here, fault.expected_complaints);
  std::printf(
      "%-28s acknowledged %5ld  lost %ld  double %ld  answered %6ld  tried again %5ld  late %3ld  "
      "longest "
      "pause filing %5.1f s, asking %5.1f s, without a token %5.1f s  settled in %4.1f s  %s\n",
      fault.name.c_str(), figures.acknowledged, found.lost, found.twice, figures.answered,
      figures.refused, figures.late, in_seconds(figures.filing_pause),
      in_seconds(figures.asking_pause), in_seconds(figures.strangers_pause), in_seconds(settled),
      HasFailure() ? "FAILED" : "survived");
  std::fflush(stdout);
}

std::vector<Fault> some(bool quick) {
  std::vector<Fault> faults;
  for (const Fault& fault : all_faults()) {
    if (fault.quick == quick) faults.push_back(fault);
  }
  return faults;
}

std::string name_of(const ::testing::TestParamInfo<Fault>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Quick, Faults, ::testing::ValuesIn(some(true)), name_of);
INSTANTIATE_TEST_SUITE_P(Slow, Faults, ::testing::ValuesIn(some(false)), name_of);

void print_table() {
  for (const Fault& fault : all_faults()) {
    std::printf("%s\n  kind      %s%s\n  cause     %s\n  recovery  %s\n", fault.name.c_str(),
                fault.kind, fault.quick ? ", in scripts/test" : "", fault.cause, fault.recovery);
  }
}

// Words that are no options name faults, or ask for `--list` or `--all`; what is left is
// GoogleTest's, which then only speaks of what failed. Negative: go on with the tests.
int read_words(std::vector<std::string>& arguments) {
  const auto& all = all_faults();
  std::string filter;
  std::vector<std::string> rest;
  for (const std::string& word : arguments) {
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const Fault& fault) { return fault.name == word; });
    if (word == "--list") {
      print_table();
      return 0;
    }
    if (word.rfind("--gtest_", 0) == 0) {
      rest.push_back(word);
    } else if (known || word == "--all") {
      filter += (filter.empty() ? "" : ":") + ("*/" + (word == "--all" ? "*" : word));
    } else {
      std::fprintf(stderr, "no fault \"%s\"; --list names them\n", word.c_str());
      return 2;
    }
  }
  if (!filter.empty()) {
    rest.push_back("--gtest_filter=" + filter);
    rest.emplace_back("--gtest_brief=1");
  }
  arguments = std::move(rest);
  return -1;
}

int run(const std::string& program, std::vector<std::string> arguments) {
  if (const int code = read_words(arguments); code >= 0) return code;
  arguments.insert(arguments.begin(), program);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  ::testing::InitGoogleTest(&count, words.data());
  ::testing::AddGlobalTestEnvironment(new EndOfScene);
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace uncac::testing

int main(int argc, char** argv) { return uncac::testing::run(argv[0], {argv + 1, argv + argc}); }

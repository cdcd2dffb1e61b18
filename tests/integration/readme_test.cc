// Every command of the README, typed in its order, prints what the README says: in both profiles,
// and on two replicas of each service.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "support/suite.h"

namespace uncac::testing {
namespace {

struct Example {
  std::string command;
  std::string output;  // both streams, as a terminal shows them
};

// The ```console blocks, each command after "$ ".
std::vector<Example> examples(const std::string& readme) {
  std::vector<Example> all;
  std::istringstream lines(readme);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```console";
    } else if (inside && line.rfind("$ ", 0) == 0) {
      all.push_back({line.substr(2), ""});
    } else if (inside && !all.empty()) {
      all.back().output += line + "\n";
    }
  }
  return all;
}

// Days and moments differ from run to run; all else must not. (Not std::regex: with the sanitizers
// on, GCC 12 takes its own header for faulty.)
std::string comparable(const std::string& text) {
  const std::string day = "dddd-dd-dd";
  const auto is_day = [&](std::size_t at) {
    if (at + day.size() > text.size()) return false;
    for (std::size_t i = 0; i < day.size(); ++i) {
      const char c = text[at + i];
      if (day[i] == 'd' ? c < '0' || c > '9' : c != day[i]) return false;
    }
    return true;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_day(at)) {
      out += text[at++];
      continue;
    }
    at += day.size();
    out += "<day>";
    if (at < text.size() && text[at] == 'T') at = text.find('Z', at) + 1;
  }
  return out;
}

class Readme : public ::testing::TestWithParam<std::string> {};

TEST_P(Readme, PrintsWhatItSays) {
  const auto system = System::start(GetParam());
  const std::string data = system->file("exercise.csv", "");
  ASSERT_EQ(
      run_to_end({program("uncac"), "exercise", "responses", "--seed", "2009", "--out", data}).code,
      0);
  ASSERT_EQ(system->uncac("secretariat", {"response", "submit", data, "--exercise"}).code, 0);
  std::string tokens;
  for (const char* reader : {"secretariat", "focal-point-KEN", "provider-EX1"}) {
    const std::string file =
        system->file(std::string(reader) + ".jwt", system->token(reader) + "\n");
    tokens = std::filesystem::path(file).parent_path().string();
  }
  const std::string before = "cd '" UNCAC_SOURCE_DIR "' && exec 2>&1 && export PATH='" +
                             std::filesystem::path(program("uncac")).parent_path().string() +
                             "':\"$PATH\" UNCAC_SERVER=" + system->address() + " TOKENS='" +
                             tokens + "' UNCAC_TOKEN='" + tokens + "/secretariat.jwt' && ";
  const std::vector<Example> all = examples(read_text(UNCAC_SOURCE_DIR "/README.md"));
  ASSERT_GE(all.size(), 5U);
  const auto run = [&](const Example& example) {
    return run_to_end({"/bin/bash", "-c", before + example.command});
  };
  // The import ends when all is on record; each replica of the matrix folds it after that, so the
  // first answer must be right as often as there are replicas to ask in turn. The public is
  // answered once nothing waits in the outbox.
  constexpr int kInARow = 4;
  int right = 0;
  eventually(
      [&] {
        const bool told = comparable(run(all[0]).out) == comparable(all[0].output) &&
                          system->uncac("", {"needs", "list", "--where", "state=KEN"}).code == 0;
        right = told ? right + 1 : 0;
        return right == kInARow;
      },
      std::chrono::seconds(180));
  for (const Example& example : all) {
    const Ended ended = run(example);
    EXPECT_EQ(comparable(ended.out), comparable(example.output)) << example.command;
  }
  system->expect_no_complaints();
  system->expect_ordered_end();
}

INSTANTIATE_TEST_SUITE_P(Profiles, Readme,
                         ::testing::Values("embedded", "distributed", "replicated"), profile_name);

}  // namespace
}  // namespace uncac::testing

// A system with the exercise data for the tests of the dashboard: `web_system PROFILE` says on one
// line of JSON where it is, and ends with its standard input. `web_system embedded OPTION...` has
// people sign in at an identity provider, which these options of the suite name.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "support/suite.h"

namespace uncac::testing {
namespace {

int serve(const std::string& profile, const std::vector<std::string>& sign_in) {
  const std::unique_ptr<System> system =
      sign_in.empty() ? System::start(profile) : System::embedded(sign_in);
  const std::string responses = system->file("exercise.csv", "");
  for (const auto& [reader, words] : std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"", {"exercise", "responses", "--seed", "2009", "--out", responses}},
           {"secretariat", {"response", "submit", responses, "--exercise"}}}) {
    const Ended ended = system->uncac(reader, words);
    if (ended.code != 0) {
      std::fprintf(stderr, "web_system: uncac %s: %s\n", words[0].c_str(), ended.err.c_str());
      return 1;
    }
  }
  std::cout << nlohmann::json{{"http", "http://" + system->http_address()},
                              {"grpc", system->address()},
                              {"tokens", system->tokens_folder()},
                              {"signing_key", system->signing_key_file()},
                              {"log", system->services().back()->log_file()},
                              {"uncac", program("uncac")}}
                   .dump()
            << std::endl;
  for (std::string line; std::getline(std::cin, line);) continue;
  // As a deployment ends it: the browser has gone, and nothing is left under way.
  system->expect_ordered_end();
  system->expect_no_complaints();
  return ::testing::Test::HasFailure() ? 1 : 0;
}

}  // namespace
}  // namespace uncac::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc < 2 || (argc > 2 && std::string(argv[1]) != "embedded")) {
    std::fprintf(stderr, "web_system embedded|distributed, or web_system embedded OPTION...\n");
    return 2;
  }
  try {
    return uncac::testing::serve(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& wrong) {
    std::fprintf(stderr, "web_system: %s\n", wrong.what());
    return 1;
  }
}

#include "integration/questions.h"

#include <sstream>

namespace uncac::testing {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  return fields;
}

}  // namespace

std::string answer(System& system, const std::string& reader,
                   const std::vector<std::string>& arguments) {
  const Ended ended = system.uncac(reader, arguments);
  EXPECT_EQ(ended.code, 0) << ::testing::PrintToString(arguments) << " by \"" << reader << "\":\n"
                           << ended.err;
  // An act's command ends when the matrix shows it.
  EXPECT_EQ(ended.err.find("note: on record"), std::string::npos)
      << ::testing::PrintToString(arguments) << " by \"" << reader << "\":\n"
      << ended.err;
  return ended.out;
}

std::map<std::string, json> needs_of(System& system, const std::string& reader,
                                     const std::string& state) {
  const json list = json::parse(
      answer(system, reader, {"needs", "list", "--where", "state=" + state, "--format", "json"}));
  std::map<std::string, json> needs;
  for (const json& need : list) {
    EXPECT_TRUE(needs.emplace(need.at("need"), need).second) << need.at("need") << " twice";
  }
  return needs;
}

Feed follow(System& system, const std::string& reader, const std::string& state,
            const std::string& from) {
  std::vector<std::string> arguments{"needs", "follow", "--from", from, "--until-caught-up"};
  if (!state.empty()) arguments.insert(arguments.end(), {"--where", "state=" + state});
  Feed feed;
  for (const std::string& line : lines_of(answer(system, reader, arguments))) {
    feed.events.push_back(json::parse(line));
    feed.position = feed.events.back().at("position");
    EXPECT_EQ(feed.events.back().at("specversion"), "1.0");
  }
  if (feed.events.empty() || feed.events.back().at("type") != "uncac.needs.v1.FeedCaughtUp") {
    ADD_FAILURE() << "the feed did not say that it caught up";
  } else {
    feed.events.pop_back();
  }
  return feed;
}

std::vector<std::string> changes_in(const Feed& feed) {
  std::vector<std::string> changes;
  for (const json& event : feed.events) {
    const std::string type = event.at("type");
    const json& data = event.at("data");
    if (type == "uncac.needs.v1.Need") {
      changes.push_back("stated " + data.at("need").get<std::string>());
    } else if (type == "uncac.needs.v1.NeedRemoved") {
      changes.push_back("removed " + data.at("need").get<std::string>() + " " +
                        data.at("removed_because").get<std::string>());
    } else {
      changes.push_back(type);
    }
  }
  return changes;
}

std::map<std::string, std::string> figures(System& system, const std::string& reader,
                                           const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"matrix"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--format", "csv"});
  std::map<std::string, std::string> figures;
  for (const std::string& line : lines_of(answer(system, reader, words))) {
    const std::size_t comma = line.rfind(',');
    figures[line.substr(0, comma)] = line.substr(comma + 1);
  }
  return figures;
}

std::string digests(System& system) {
  const std::string text = answer(system, "secretariat", {"admin", "rebuild", "--check"});
  EXPECT_NE(text.find("\nequal: "), std::string::npos) << text;
  return text;
}

std::vector<Filed> filed_in(const std::string& csv) {
  std::vector<Filed> filed;
  for (const std::string& line : lines_of(csv)) {
    const std::vector<std::string> fields = fields_of(line);
    // The last line of a program that was cut off may be half a line.
    if (fields.size() != 8 || fields[0] == "state") continue;
    filed.push_back({fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]});
  }
  return filed;
}

}  // namespace uncac::testing

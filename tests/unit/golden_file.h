// Records as they lie in Kafka, written so that a person can read and compare them: tests/golden.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "platform/events/event.h"

namespace uncac::testing {

// One record: where it lies, its headers in their order, its value.
struct GoldenRecord {
  std::string topic, key;
  int partition = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> value;  // nullopt: a tombstone

  std::string header(const std::string& name) const {
    for (const auto& [found, text] : headers) {
      if (found == name) return text;
    }
    return {};
  }
};

inline GoldenRecord golden_of(const platform::Event& event) {
  return {event.topic, event.key, event.partition, platform::to_headers(event), event.body};
}

// Lines of a word and its text; the value as lines of hexadecimal, each with its characters beside.
inline std::string to_text(const GoldenRecord& record) {
  constexpr std::size_t kBytesPerLine = 24;
  std::string text = "topic " + record.topic + "\npartition " + std::to_string(record.partition) +
                     "\nkey " + record.key + "\n";
  for (const auto& [name, value] : record.headers) {
    text += "header " + name + (value.empty() ? "" : " ") + value + "\n";
  }
  if (!record.value) return text + "tombstone\n";
  for (std::size_t at = 0; at < record.value->size(); at += kBytesPerLine) {
    const std::string line = record.value->substr(at, kBytesPerLine);
    std::string hex = platform::to_hex(line);
    hex.resize(2 * kBytesPerLine, ' ');
    std::string characters = line;
    std::replace_if(
        characters.begin(), characters.end(), [](char c) { return c < ' ' || c > '~'; }, '.');
    // No blanks at the end of a line: editors take them away.
    characters.resize(characters.find_last_not_of(' ') + 1);
    text += "value " + hex + " " + characters + "\n";
  }
  return text;
}

// Throws for what to_text() does not write; lines that begin with # are for the reader.
inline GoldenRecord read_golden(const std::string& text) {
  GoldenRecord record;
  bool tombstone = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string word = line.substr(0, blank);
    const std::string rest = blank < line.size() ? line.substr(blank + 1) : "";
    if (word == "topic") {
      record.topic = rest;
    } else if (word == "partition") {
      record.partition = std::stoi(rest);
    } else if (word == "key") {
      record.key = rest;
    } else if (word == "header") {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      record.headers.emplace_back(rest.substr(0, end), rest.substr(std::min(end + 1, rest.size())));
    } else if (word == "value") {
      if (!record.value) record.value.emplace();
      for (std::size_t at = 0; at + 1 < rest.size() && rest[at] != ' '; at += 2) {
        unsigned char byte = 0;
        const auto [end, error] = std::from_chars(&rest[at], &rest[at] + 2, byte, 16);
        if (error != std::errc() || end != &rest[at] + 2) throw std::runtime_error(line);
        *record.value += static_cast<char>(byte);
      }
    } else if (word == "tombstone") {
      tombstone = true;
    } else {
      throw std::runtime_error(line);
    }
  }
  if (tombstone == record.value.has_value()) throw std::runtime_error("a value or a tombstone");
  return record;
}

}  // namespace uncac::testing

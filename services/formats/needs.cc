#include "formats/needs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

namespace uncac::formats {
namespace {

using Json = nlohmann::ordered_json;
using Filters = google::protobuf::RepeatedPtrField<needs::v1::Filter>;

constexpr std::size_t kNeedColumns = 8;

std::string audience_code(const needs::v1::Need& need) {
  return common::v1::Audience_Name(need.audience()).substr(9);
}

const char* change_word(needs::v1::ChangeKind kind) {
  switch (kind) {
    case needs::v1::CHANGE_KIND_STATED:
      return "STATED";
    case needs::v1::CHANGE_KIND_REMOVED:
      return "REMOVED";
    default:
      return "RESTARTED";
  }
}

// The fields of a need's key, for one that is gone.
std::vector<std::string> removed_row(const std::string& need) {
  const std::size_t first = need.find(':'), last = need.rfind(':');
  std::vector<std::string> row(kNeedColumns);
  row[0] = need;
  if (first == std::string::npos || last == first) return row;
  row[1] = need.substr(0, first);
  row[2] = need.substr(first + 1, last - first - 1);
  row[3] = need.substr(last + 1);
  return row;
}

}  // namespace

platform::Status add_filters(const std::vector<std::string>& texts, std::string_view parameter,
                             Filters& filters) {
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return platform::make_error(
          platform::Reason::kInvalidInput,
          std::string(parameter) + " \"" + text.substr(0, 100) + "\": DIMENSION=VALUE[,VALUE]");
    }
    needs::v1::Filter& filter = *filters.Add();
    filter.set_dimension(text.substr(0, equals));
    add_values(std::string_view(text).substr(equals + 1), filter);
  }
  return {};
}

needs::v1::Filter& filter_of(const std::string& dimension, Filters& filters) {
  const auto found =
      std::find_if(filters.begin(), filters.end(),
                   [&](const needs::v1::Filter& one) { return one.dimension() == dimension; });
  if (found != filters.end()) return *found;
  needs::v1::Filter& filter = *filters.Add();
  filter.set_dimension(dimension);
  return filter;
}

void add_values(std::string_view text, needs::v1::Filter& filter) {
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    filter.add_values(std::string(text.substr(at, end - at)));
    at = end + 1;
  }
}

std::vector<std::string> need_header() {
  return {"need",           "state",    "provision", "type",
          "state_priority", "coverage", "audience",  "stated_on"};
}

std::vector<std::string> need_row(const needs::v1::Need& need) {
  return {need.need(),           need.state(),    need.provision(),    need.type(),
          need.state_priority(), need.coverage(), audience_code(need), need.stated_on()};
}

Json need_json(const needs::v1::Need& need) {
  Json json{{"need", need.need()},           {"state", need.state()},
            {"provision", need.provision()}, {"type", need.type()},
            {"type_text", need.type_text()}, {"state_priority", need.state_priority()},
            {"coverage", need.coverage()},   {"audience", audience_code(need)},
            {"stated_on", need.stated_on()}, {"checklist", need.checklist()},
            {"round", need.round()}};
  // The feed does not say it: an amendment that left the need as it was is no change.
  if (need.version() > 0) json["version"] = need.version();
  if (need.exercise()) json["exercise"] = true;
  return json;
}

std::string cloud_event(const needs::v1::FollowReply& change) {
  Json event{{"specversion", "1.0"}};
  Json data = Json::object();
  switch (change.kind()) {
    case needs::v1::CHANGE_KIND_STATED:
      event["type"] = "uncac.needs.v1.Need";
      data = need_json(change.state_after());
      break;
    case needs::v1::CHANGE_KIND_REMOVED:
      event["type"] = "uncac.needs.v1.NeedRemoved";
      data = {{"need", change.need()}, {"removed_because", change.removed_because()}};
      break;
    case needs::v1::CHANGE_KIND_RESTARTED:
      event["type"] = "uncac.needs.v1.FeedRestarted";
      break;
    default:
      event["type"] = "uncac.needs.v1.FeedCaughtUp";
      break;
  }
  event["source"] = "/uncac/needs_matrix";
  // What tells of the feed itself has no event behind it; its place in the feed is its id.
  event["id"] = change.id().empty() ? change.position() : change.id();
  if (!change.need().empty()) event["subject"] = change.need();
  if (!change.time().empty()) event["time"] = change.time();
  event["datacontenttype"] = "application/json";
  event["position"] = change.position();
  event["data"] = std::move(data);
  return event.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void LastChanges::add(needs::v1::FollowReply change) {
  if (change.kind() != needs::v1::CHANGE_KIND_CAUGHT_UP) changes_.push_back(std::move(change));
}

std::vector<needs::v1::FollowReply> LastChanges::take() {
  std::unordered_map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < changes_.size(); ++i) last[changes_[i].need()] = i;
  std::vector<needs::v1::FollowReply> taken;
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    if (last[changes_[i].need()] == i) taken.push_back(std::move(changes_[i]));
  }
  changes_.clear();
  return taken;
}

std::vector<std::string> change_header() {
  std::vector<std::string> header = need_header();
  header.insert(header.begin(), "change");
  header.emplace_back("removed_because");
  return header;
}

std::vector<std::string> change_row(const needs::v1::FollowReply& change) {
  const bool stated = change.kind() == needs::v1::CHANGE_KIND_STATED;
  std::vector<std::string> row =
      stated ? need_row(change.state_after()) : removed_row(change.need());
  row.insert(row.begin(), change_word(change.kind()));
  row.push_back(change.removed_because());
  return row;
}

Json change_json(const needs::v1::FollowReply& change) {
  Json json{{"change", change_word(change.kind())}};
  if (change.kind() == needs::v1::CHANGE_KIND_STATED) json.update(need_json(change.state_after()));
  if (change.kind() == needs::v1::CHANGE_KIND_REMOVED) {
    json["need"] = change.need();
    json["removed_because"] = change.removed_because();
  }
  return json;
}

}  // namespace uncac::formats

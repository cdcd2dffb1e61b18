// Needs, and changes of them, as rows, JSON and CloudEvents.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "platform/result.h"
#include "uncac/needs/v1/needs.pb.h"

namespace uncac::formats {

// "DIMENSION=VALUE[,VALUE]" each. The error names `parameter`, which is where the texts came from.
platform::Status add_filters(const std::vector<std::string>& texts, std::string_view parameter,
                             google::protobuf::RepeatedPtrField<needs::v1::Filter>& filters);
// The filter of that dimension, made when there is none.
needs::v1::Filter& filter_of(const std::string& dimension,
                             google::protobuf::RepeatedPtrField<needs::v1::Filter>& filters);
// "a,b,c", added to the filter's values.
void add_values(std::string_view text, needs::v1::Filter& filter);

std::vector<std::string> need_header();
std::vector<std::string> need_row(const needs::v1::Need& need);
nlohmann::ordered_json need_json(const needs::v1::Need& need);

// One change of the feed: a CloudEvents 1.0 object on one line.
std::string cloud_event(const needs::v1::FollowReply& change);

// Changes since a position: of each need the last one, in the feed's order; RESTARTED says to drop
// the copy first. CAUGHT_UP is no change.
class LastChanges {
 public:
  void add(needs::v1::FollowReply change);
  std::vector<needs::v1::FollowReply> take();
  std::size_t size() const { return changes_.size(); }

 private:
  std::vector<needs::v1::FollowReply> changes_;
};
std::vector<std::string> change_header();
std::vector<std::string> change_row(const needs::v1::FollowReply& change);
nlohmann::ordered_json change_json(const needs::v1::FollowReply& change);

}  // namespace uncac::formats

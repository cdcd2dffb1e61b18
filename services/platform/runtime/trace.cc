#include "platform/runtime/trace.h"

#include <algorithm>

namespace uncac::platform {
namespace {

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The standard keeps all zeros for "invalid".
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

std::string new_id(Ids& ids, std::size_t bytes) {
  std::string id = to_hex(ids.random(bytes));
  if (!is_id(id)) id.back() = '1';
  return id;
}

}  // namespace

std::string TraceContext::traceparent() const {
  return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

TraceContext TraceContext::child(Ids& ids) const { return {trace_id, new_id(ids, 8), sampled}; }

TraceContext continue_trace(std::string_view traceparent, Ids& ids) {
  constexpr std::size_t kLength = 55;  // of version 00: 2 + 32 + 16 + 2 digits and 3 dashes
  const TraceContext fresh{new_id(ids, 16), new_id(ids, 8), true};
  if (traceparent.size() < kLength) return fresh;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace_id = traceparent.substr(3, 32);
  const std::string_view span_id = traceparent.substr(36, 16);
  const std::string_view flags = traceparent.substr(53, 2);
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return fresh;
  if (!is_hex(version) || version == "ff" || !is_id(trace_id) || !is_id(span_id) ||
      !is_hex(flags)) {
    return fresh;
  }
  // A later version may add fields after another dash, never this one.
  if (traceparent.size() > kLength && (version == "00" || traceparent[kLength] != '-')) {
    return fresh;
  }
  const char low = flags[1];
  const int low_digit = low <= '9' ? low - '0' : low - 'a' + 10;
  return {std::string(trace_id), fresh.span_id, (low_digit & 1) != 0};
}

}  // namespace uncac::platform

// W3C trace context: https://www.w3.org/TR/trace-context/#traceparent-header
#pragma once

#include <string>
#include <string_view>

#include "platform/time.h"

namespace uncac::platform {

struct TraceContext {
  std::string trace_id;  // 32 hexadecimal digits
  std::string span_id;   // 16
  bool sampled = true;

  std::string traceparent() const;
  // The same trace, a new span.
  TraceContext child(Ids& ids) const;
};

// A new trace when `traceparent` is empty or malformed, as the standard asks.
TraceContext continue_trace(std::string_view traceparent, Ids& ids);

}  // namespace uncac::platform

// Structured logs: one JSON object a line on standard error. spdlog is included in log.cc alone.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace uncac::platform::log {

enum class Level { kDebug, kInfo, kWarning, kError };
using Field = std::pair<std::string_view, std::string>;

// Never give it a secret, a token, an answer or a person's name. `event` is a stable phrase; what
// varies goes into fields. Safe for concurrent use.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kWarning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kError, event, fields);
}

// Least level written, and the service's name in every line. Call once, before threads start.
void configure(Level least, std::string service);

// The trace that lines of this thread belong to, for as long as it lives.
class TraceScope {
 public:
  explicit TraceScope(std::string trace_id);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  std::string previous_;
};

}  // namespace uncac::platform::log

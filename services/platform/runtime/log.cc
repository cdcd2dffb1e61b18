#include "platform/runtime/log.h"

#include <google/protobuf/stubs/logging.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "platform/runtime/utf8.h"
#include "platform/time.h"

namespace uncac::platform::log {
namespace {

// The one thing of this program that is there for every thread and from the first line of main()
// on: a log that had to be handed through every constructor would not be written to where it
// matters.
struct Output {
  Output()
      : logger("uncac", std::make_shared<spdlog::sinks::stderr_sink_mt>()),
        least(Level::kInfo),
        service("uncac") {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
  }
  spdlog::logger logger;
  Level least;
  std::string service;
};

Output& output() {
  static Output only;
  return only;
}

thread_local std::string current_trace;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarning:
      return "warning";
    case Level::kError:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum theirs(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  Output& out = output();
  if (level < out.least) return;
  nlohmann::ordered_json line;
  line["time"] = format_moment(SystemClock().now());
  line["level"] = name_of(level);
  line["service"] = out.service;
  line["event"] = event;
  if (!current_trace.empty()) line["trace_id"] = current_trace;
  for (const auto& [name, value] : fields) line["fields"][std::string(name)] = value;
  // `replace`: a line with broken UTF-8 in it (a file name, a peer's message) is worth more than
  // none.
  out.logger.log(theirs(level),
                 line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void configure(Level least, std::string service) {
  output().least = least;
  output().service = std::move(service);
  // Else the library writes lines of its own between ours, such as one for each text from outside
  // that is no UTF-8; the call is refused with its own error.
  google::protobuf::SetLogHandler(
      [](google::protobuf::LogLevel, const char*, int, const std::string& message) {
        write(Level::kDebug, "protobuf", {{"text", safe_utf8(message, 500)}});
      });
}

TraceScope::TraceScope(std::string trace_id)
    : previous_(std::exchange(current_trace, std::move(trace_id))) {}

TraceScope::~TraceScope() { current_trace = std::move(previous_); }

}  // namespace uncac::platform::log

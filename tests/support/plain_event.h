// An event that is about nothing, for tests of what carries it.
#pragma once

#include <string>

#include "platform/events/event.h"

namespace uncac::testing {

// Of partition 0 and revision 1.`counter`; a test sets what it is about.
inline platform::Event plain_event(const std::string& topic, const std::string& key,
                                   std::int64_t counter = 1) {
  platform::Event event;
  event.topic = topic;
  event.key = key;
  event.revision = {1, counter};
  event.type = "uncac.test.v1.Thing";
  event.source = "/tests";
  event.subject = "KEN";
  event.time = "2026-01-02T03:04:05.000006Z";
  event.body = "body";
  return event;
}

}  // namespace uncac::testing

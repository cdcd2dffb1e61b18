// The checklist topic as the intake writes it for the exercise data, without the hours of filing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/events/event.h"
#include "reference/reference.h"

namespace uncac::bench {

// Every response in `versions` versions, each with other answers; each version with the sharing
// decisions that were filed with it. In the order in which they were filed.
std::vector<platform::Event> exercise_events(const reference::Reference& reference, int versions);

// Creates the topic and waits until the broker has all of it.
void publish(const std::string& bootstrap, const std::vector<platform::Event>& events);

}  // namespace uncac::bench

// GET /events/needs: the needs feed as server-sent events.
#pragma once

#include "gateway/backends.h"
#include "gateway/calls.h"
#include "gateway/http/exchange.h"

namespace uncac::gateway::events {

// `?from=` a position, "start", or empty for from now on; the header Last-Event-ID stands before
// it. Every other parameter is a dimension with the values wanted:
// `?state=KEN,UGA&provision=uncac/44`. One event for each change: its name, its position as `id`, a
// CloudEvents object as data. What is refused before the first event is a problem; later, an event
// `ended` with the problem, after which the client comes back by itself where that helps. Holds no
// thread; one message of the service is in hand, so a slow reader slows only himself.
class Needs {
 public:
  Needs(const Backends& backends, Calls& calls) : backends_(backends), calls_(calls) {}
  http::Task<> handle(http::Exchange& exchange) const;

 private:
  const Backends& backends_;
  Calls& calls_;
};

}  // namespace uncac::gateway::events

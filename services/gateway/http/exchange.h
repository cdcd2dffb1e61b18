// One request and its answer, as a handler sees them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.h"
#include "platform/result.h"
#include "platform/rpc/call.h"

namespace uncac::gateway::http {

template <class T = void>
using Task = boost::asio::awaitable<T>;

// Of one connection, used by its coroutine alone. It ends with the handler: what was not answered
// then is answered with 500.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const Request& request() const = 0;
  virtual const platform::TraceContext& trace() const = 0;

  // The next piece of the body, at most 64 KiB; nullopt at its end. kTooLarge above the route's
  // limit, kDeadlineExceeded when the client is too slow, kInvalidInput when it breaks off.
  virtual Task<platform::Result<std::optional<std::string>>> read_piece() = 0;
  // All of it.
  Task<platform::Result<std::string>> read_body();

  // The whole answer. Nothing may be sent before or after it.
  virtual Task<> respond(Response response) = 0;

  // An answer in pieces. Each is under way when write() returns true; false when the client is
  // gone, or did not take it within the limit: then the handler ends.
  virtual Task<bool> begin(int status, Headers headers) = 0;
  virtual Task<bool> write(std::string_view piece) = 0;
  // After this the connection is closed: half an answer must not look like a whole one.
  virtual void break_off() = 0;

  // Whether the server is about to end: a stream says good-bye.
  virtual bool draining() const = 0;
};

// Coroutine frames hold what they use: a handler gets the exchange by reference, and nothing else
// that ends before the server does.
using Handler = std::function<Task<>(Exchange&)>;

struct Route {
  std::vector<std::string> methods;  // "GET" answers HEAD too, without the body
  std::string path;                  // "/import/responses", or "/assets/*" for all below
  Handler handler;
  std::size_t largest_body = 0;  // bytes; 0: none is read
};

}  // namespace uncac::gateway::http

// What the gateway answers over HTTP, put together: for a program of its own, and for the suite
// beside the services.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "gateway/backends.h"
#include "gateway/http/server.h"
#include "gateway/session/sessions.h"
#include "gateway/site/files.h"
#include "platform/runtime/host.h"
#include "platform/runtime/options.h"

namespace uncac::gateway {

// Options of the HTTP side, the same in both programs.
struct HttpOptions {
  platform::Address listen{"127.0.0.1", 7480};
  std::string allowed_origins;  // separated by commas
  int requests_per_second = 0;
  std::string web_dir;  // the dashboard's files
  session::SessionOptions session;

  void declare(platform::Options& options);
};

// Of a program that holds the services itself.
platform::Result<std::unique_ptr<platform::Front>> front_of(const platform::FrontContext& context,
                                                            const HttpOptions& options);

// start(), drain() and stop() by one thread. What it is given outlives it.
class Gateway final : public platform::Front {
 public:
  // Refuses options and files that are not what they must be, by name.
  static platform::Result<std::unique_ptr<Gateway>> create(std::shared_ptr<const Backends> backends,
                                                           const HttpOptions& options,
                                                           platform::Metrics& metrics,
                                                           platform::Ids& ids,
                                                           const platform::Clock& clock,
                                                           std::function<bool()> ready);
  ~Gateway() override;

  platform::Result<std::string> start() override;
  void drain() override;
  void stop(std::chrono::milliseconds limit) override;

 private:
  struct State;
  explicit Gateway(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace uncac::gateway

// What the servers of servers.h are made of; for their own files alone.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/servers.h"

namespace uncac::testing {

template <class Condition>
bool wait_until(std::chrono::milliseconds limit, Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

std::string error_text(int number);
bool accepts_connections(int port);
// In PATH; an Error that names the Debian package when it is not there.
platform::Result<std::string> find_program(const std::string& name, const std::string& package);
std::string whole_file(const std::filesystem::path& path);
platform::Status write_file(const std::filesystem::path& path, const std::string& text);
// Each on a line of its own.
std::string lines(const std::vector<std::string>& settings);

template <class T, class... Arguments>
platform::Result<std::unique_ptr<T>> Server::start_on_free_port(const Arguments&... arguments) {
  std::unique_ptr<T> server(new T(arguments...));
  Server& base = *server;
  base.port_ = free_port();
  UNCAC_TRY(base.make_directory());
  UNCAC_TRY(base.prepare());
  UNCAC_TRY(base.launch());
  return server;
}

}  // namespace uncac::testing

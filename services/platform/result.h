// A value or an Error. Neither can be dropped on the floor: the type is [[nodiscard]].
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "platform/error.h"

namespace uncac::platform {

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: meant to convert
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: likewise

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Undefined unless ok().
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }

  // Undefined when ok().
  Error& error() & { return *std::get_if<1>(&state_); }
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: meant to convert

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

inline Error make_error(Reason reason, std::string message) {
  return Error{reason, std::move(message), {}};
}

// NOLINTBEGIN(bugprone-macro-parentheses): `target` is a declaration, which takes no parentheses
#define UNCAC_CONCAT_INNER(a, b) a##b
#define UNCAC_CONCAT(a, b) UNCAC_CONCAT_INNER(a, b)

// UNCAC_TRY(status_expression): returns its error from the enclosing function, if it has one.
#define UNCAC_TRY(expression)                                          \
  do {                                                                 \
    auto uncac_try_result = (expression);                              \
    if (!uncac_try_result) return std::move(uncac_try_result).error(); \
  } while (false)

// UNCAC_ASSIGN(auto x, expression): x = the value, or returns the error.
#define UNCAC_ASSIGN(target, expression) \
  UNCAC_ASSIGN_INNER(UNCAC_CONCAT(uncac_assign_, __LINE__), target, expression)
#define UNCAC_ASSIGN_INNER(name, target, expression) \
  auto name = (expression);                          \
  if (!name) return std::move(name).error();         \
  target = *std::move(name)
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace uncac::platform

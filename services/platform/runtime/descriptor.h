// A file descriptor that is closed with its owner; below zero for one that could not be opened.
#pragma once

#include <unistd.h>

namespace uncac::platform {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int operator*() const { return number_; }

 private:
  int number_;
};

}  // namespace uncac::platform

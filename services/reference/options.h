// The option by which a program may be given other reference data than it was built with.
#pragma once

#include <memory>
#include <string>

#include "platform/runtime/options.h"
#include "reference/reference.h"

namespace uncac::reference {

struct DataOptions {
  std::string folder;

  void declare(platform::Options& options) {
    options.text("reference-data", folder,
                 "folder of reference data files; the ones built in without it");
  }
  platform::Result<std::shared_ptr<const Reference>> load() const {
    return folder.empty() ? Reference::load() : Reference::load(folder);
  }
};

}  // namespace uncac::reference

// The dashboard's files, held in memory: as they are and compressed beforehand.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "gateway/http/exchange.h"
#include "platform/result.h"

namespace uncac::gateway::site {

// Safe for concurrent use.
class Files {
 public:
  // Reads all below `folder`: "x.js" and, where they are beside it, "x.js.br" and "x.js.gz". An
  // empty path: no dashboard. An error names the file; without an index.html it is none.
  static platform::Result<Files> read(const std::filesystem::path& folder);

  // GET of a path that nothing else answers. What is in /assets/ has its content in its name and is
  // kept for ever by browsers; the rest is asked for anew each time, by ETag. A path without a file
  // is a page of the dashboard when a person asks, which a browser says by Accept: text/html.
  http::Response answer(const http::Request& request) const;

 private:
  struct Variant {
    std::string bytes;
    std::string etag;  // of this variant
  };
  struct File {
    std::string type;
    std::map<std::string, Variant, std::less<>> variants;  // by coding; "identity" always
  };
  const File* find(const http::Request& request) const;

  std::map<std::string, File, std::less<>> files_;  // by path: "/index.html"
};

}  // namespace uncac::gateway::site

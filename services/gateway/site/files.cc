#include "gateway/site/files.h"

#include <array>
#include <fstream>
#include <iterator>
#include <vector>

#include "platform/store/sha256.h"

namespace uncac::gateway::site {
namespace {

namespace fs = std::filesystem;
using platform::make_error;
using platform::Reason;
using platform::Result;

constexpr const char* kIndex = "/index.html";
constexpr std::uintmax_t kLargest = 64 << 20;  // of all files together
constexpr std::array<std::pair<const char*, const char*>, 11> kTypes{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".webmanifest", "application/manifest+json"},
    {".map", "application/json"},
}};
constexpr std::array<std::pair<const char*, const char*>, 2> kCodings{{
    {".br", "br"},
    {".gz", "gzip"},
}};

std::string type_of(const std::string& path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return make_error(Reason::kFailedPrecondition, path.string() + " cannot be read");
  return bytes;
}

// Whether one of the tags in the header is this one. "W/" before a tag means the same content.
bool has_tag(std::string_view if_none_match, const std::string& etag) {
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace

Result<Files> Files::read(const fs::path& folder) {
  Files files;
  if (folder.empty()) return files;
  std::error_code error;
  std::uintmax_t size = 0;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (!at->is_regular_file()) continue;
    size += at->file_size();
    found.push_back(at->path());
  }
  if (error) {
    return make_error(Reason::kFailedPrecondition,
                      "--web-dir " + folder.string() + ": " + error.message());
  }
  if (size > kLargest) {
    return make_error(Reason::kTooLarge, "--web-dir " + folder.string() + ": more than 64 MiB");
  }
  for (const fs::path& path : found) {
    std::string name = "/" + fs::relative(path, folder).generic_string();
    std::string coding = "identity";
    for (const auto& [ending, named] : kCodings) {
      if (!name.ends_with(ending)) continue;
      name.resize(name.size() - std::string_view(ending).size());
      coding = named;
    }
    UNCAC_ASSIGN(std::string bytes, read_whole(path));
    const std::string digest = platform::to_hex(platform::sha256({coding, bytes}).substr(0, 16));
    File& file = files.files_[name];
    file.type = type_of(name);
    file.variants[coding] = {std::move(bytes), '"' + digest + '"'};
  }
  std::erase_if(files.files_,
                [](const auto& one) { return !one.second.variants.contains("identity"); });
  if (!files.files_.contains(kIndex)) {
    return make_error(Reason::kFailedPrecondition,
                      "--web-dir " + folder.string() + ": no index.html in it");
  }
  return files;
}

const Files::File* Files::find(const http::Request& request) const {
  const auto file = files_.find(request.path == "/" ? kIndex : request.path);
  if (file != files_.end()) return &file->second;
  const bool by_a_person =
      request.headers.get("Accept").find("text/html") != std::string_view::npos;
  const auto index = files_.find(kIndex);
  if (!by_a_person || request.path.starts_with("/assets/") || index == files_.end()) return nullptr;
  return &index->second;
}

http::Response Files::answer(const http::Request& request) const {
  const File* const file = find(request);
  if (file == nullptr) {
    return http::problem(404, "Not Found",
                         files_.empty() ? "there is nothing at this path, and no dashboard here"
                                        : "there is nothing at this path");
  }
  std::vector<std::string_view> offered;
  for (const char* const coding : {"br", "gzip"}) {
    if (file->variants.contains(coding)) offered.emplace_back(coding);
  }
  std::string_view coding = http::best_coding(request.headers.get("Accept-Encoding"), offered);
  if (coding.empty()) coding = "identity";
  const Variant& variant = file->variants.find(coding)->second;
  http::Response response;
  response.headers.set("Content-Type", file->type);
  response.headers.set("ETag", variant.etag);
  response.headers.set("Vary", "Accept-Encoding");
  response.headers.set("Cache-Control", request.path.starts_with("/assets/")
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  if (coding != "identity") response.headers.set("Content-Encoding", std::string(coding));
  if (has_tag(request.headers.get("If-None-Match"), variant.etag)) {
    response.status = 304;
    return response;
  }
  response.body = variant.bytes;
  return response;
}

}  // namespace uncac::gateway::site

// Files that are far too large, made while they are sent: refused early, in bounded memory, and
// without a trace. What a peak of memory was is asked of the kernel (VmHWM).
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <thread>

#include "integration/bad_input.h"

namespace uncac::testing {
namespace {

using checklist::v1::ImportReply;
using checklist::v1::ImportRequest;

constexpr std::int64_t kMegabyte = 1 << 20;
constexpr std::int64_t kGigabyte = 1 << 30;
constexpr std::int64_t kMostGrowth = 300;  // megabytes
// The kernel counts pages for each processor and adds them up later: seen were 51 before, 50 at
// most.
constexpr std::int64_t kCountedLate = 1;
constexpr auto kSoon = std::chrono::seconds(20);

// Of a line such as "VmHWM:   12345 kB", in megabytes.
std::int64_t megabytes(pid_t pid, const std::string& name) {
  for (const std::string& line : lines_of(read_text("/proc/" + std::to_string(pid) + "/status"))) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) / 1024;
  }
  ADD_FAILURE() << "no " << name << " of process " << pid;
  return 0;
}

// The peak of every process of the system from here on, above what it has now.
class Growth {
 public:
  explicit Growth(System& system) : system_(system) {
    for (const auto& service : system.services()) {
      // Lets the peak begin anew.
      std::ofstream("/proc/" + std::to_string(service->pid()) + "/clear_refs") << "5" << std::flush;
      before_.push_back(megabytes(service->pid(), "VmRSS"));
    }
  }
  void expect_bounded(const std::string& what, std::chrono::steady_clock::duration took) const {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      Service& service = *system_.services()[i];
      const std::int64_t peak = megabytes(service.pid(), "VmHWM");
      std::printf("%s, %s: %lld MB before, %lld MB at most; %.1f s\n", what.c_str(),
                  service.name().c_str(), static_cast<long long>(before_[i]),
                  static_cast<long long>(peak), std::chrono::duration<double>(took).count());
      EXPECT_GE(peak, before_[i] - kCountedLate);
      EXPECT_LT(peak - before_[i], kMostGrowth) << service.name();
    }
  }

 private:
  System& system_;
  std::vector<std::int64_t> before_;
};

const std::string kRow =
    "SLV,uncac-2007,2009,,en,uncac/5,NO,,INTERAGENCY,,LEGAL_ADVICE,,,,,,PUBLIC,\n";

struct HugeFile {
  std::string what;
  std::string begin;
  std::string piece;  // again and again
  std::int64_t bytes;
  std::string rule;
};

std::vector<HugeFile> huge_files() {
  const std::string header = kChecklistHeader;
  std::string short_rows, long_rows, commas;
  while (short_rows.size() < 500'000) short_rows += kRow;
  while (long_rows.size() < 500'000) {
    std::string row = kRow;
    row.insert(row.find(",NO,") + 4, std::string(9'000, 'x'));
    long_rows += row;
  }
  while (commas.size() < 500'000) commas += ",";
  return {{"one line of 2 GB", "", std::string(500'000, 'x'), 2 * kGigabyte,
           ":1: error: field-too-long"},
          {"one row of 2 GB", header + "SLV,", std::string(500'000, 'x'), 2 * kGigabyte,
           ":2: error: field-too-long"},
          {"one row of 2 GB in fields", header, commas, 2 * kGigabyte, ":2: error: line-too-long"},
          {"one quoted field of 2 GB", header + "\"", std::string(500'000, '\n'), 2 * kGigabyte,
           ":2: error: field-too-long"},
          {"1 GB of empty lines", header, std::string(500'000, '\n'), kGigabyte,
           ": error: file-too-large"},
          {"1 GB of short rows", header, short_rows, kGigabyte, ":200002: error: too-many-rows"},
          {"1 GB of long rows", header, long_rows, kGigabyte, ": error: file-too-large"},
          // The most that is read to its end, and every row of it has a problem.
          {"62 MB of long rows", header, long_rows, 62 * kMegabyte, ":3: error: duplicate-row"}};
}

class HugeInput : public BothProfiles {
 protected:
  // What the server said of it, and how much it took before that.
  std::pair<std::string, std::int64_t> import(const HugeFile& file, bool keep_good) {
    grpc::ClientContext context;
    system().authorize(context, "secretariat");
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    const auto stream = asked_.intake().ImportResponses(&context);
    std::int64_t sent = 0;
    std::thread sender([&] {
      ImportRequest request;
      request.mutable_options()->set_file_name("huge.csv");
      request.mutable_options()->set_keep_good(keep_good);
      bool open = stream->Write(request);
      request.set_chunk(file.begin);
      if (!file.begin.empty()) open = open && stream->Write(request);
      request.set_chunk(file.piece);
      while (open && sent < file.bytes) {
        open = stream->Write(request);
        sent += static_cast<std::int64_t>(file.piece.size());
      }
      request.mutable_end()->set_bytes(sent + static_cast<std::int64_t>(file.begin.size()));
      if (open) stream->Write(request);
      stream->WritesDone();
    });
    ImportReply reply;
    std::string first;
    while (stream->Read(&reply)) {
      EXPECT_FALSE(reply.has_response()) << "something of it was filed";
      if (reply.has_problem() && first.empty()) {
        const common::v1::Problem& problem = reply.problem();
        first = (problem.row() > 0 ? ":" + std::to_string(problem.row()) : "") +
                ": error: " + problem.rule();
      }
    }
    sender.join();
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {first, sent};
  }

  Asked asked_{system()};
};

TEST_P(HugeInput, IsRefusedEarlyAndInBoundedMemory) {
  const auto before = everything(system(), asked_);
  for (const HugeFile& file : huge_files()) {
    SCOPED_TRACE(file.what);
    const Growth growth(system());
    const auto start = std::chrono::steady_clock::now();
    const auto [said, sent] = import(file, false);
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(said, file.rule);
    EXPECT_LT(sent, 100 * kMegabyte) << "it was read far beyond what a file may have";
    EXPECT_LT(took, kSoon);
    growth.expect_bounded(GetParam() + ": " + file.what, took);
  }
  EXPECT_EQ(everything(system(), asked_), before);
}

// The same past the command line, which must not hold the file either.
TEST_P(HugeInput, PastTheCommandLine) {
  const auto before = everything(system(), asked_);
  const auto expect_refused = [&](const std::string& file, const std::string& problem) {
    const Growth growth(system());
    const auto start = std::chrono::steady_clock::now();
    const Ended ended = system().uncac("secretariat", {"response", "submit", file});
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(ended.code, 1) << ended.out;
    EXPECT_TRUE(ended.err.starts_with(file + problem)) << ended.err;
    EXPECT_LT(took, kSoon);
    growth.expect_bounded(GetParam() + ": " + problem, took);
  };
  // A file of 2 GB that takes no room on the disk: a header, and then nothing but NULs.
  const std::string sparse = system().file("sparse.csv", kChecklistHeader);
  ASSERT_EQ(truncate(sparse.c_str(), 2 * kGigabyte), 0);
  expect_refused(sparse, ":2: error: nul-byte: ");
  std::remove(sparse.c_str());

  // And 1 GB of rows out of a pipe.
  const std::string pipe = system().file("pipe.csv", "");
  std::remove(pipe.c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  std::int64_t written = 0;
  {
    const std::jthread writer([&] {
      std::ofstream out(pipe, std::ios::binary);
      out << kChecklistHeader;
      std::string rows;
      while (rows.size() < 60'000) rows += kRow;
      while (out && written < kGigabyte) {
        if (out.write(rows.data(), static_cast<std::streamsize>(rows.size()))) {
          written += static_cast<std::int64_t>(rows.size());
        }
      }
    });
    expect_refused(pipe, ":200002: error: too-many-rows: ");
  }
  std::signal(SIGPIPE, old_handler);
  EXPECT_LT(written, 100 * kMegabyte);
  EXPECT_EQ(everything(system(), asked_), before);
}

INSTANTIATE_TEST_SUITE_P(, HugeInput, kProfiles, profile_name);

}  // namespace
}  // namespace uncac::testing

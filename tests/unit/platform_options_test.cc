// Options from the command line, the environment and a file; addresses; files with secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "platform/runtime/options.h"

namespace uncac::platform {
namespace {

using ::testing::HasSubstr;

// An environment variable for as long as it lives.
class Environment {
 public:
  Environment(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Environment() { ::unsetenv(name_.c_str()); }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::string name_;
};

class PlatformOptions : public ::testing::Test {
 protected:
  PlatformOptions() {
    std::string pattern = ::testing::TempDir() + "uncac-options-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
  }
  ~PlatformOptions() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::optional<int> parse(std::vector<std::string> arguments) {
    Options options("uncac-try", "tries the options");
    options.text("log-level", level, "least level", [](const std::string& value) {
      return value == "info" || value == "debug" ? "" : "info or debug is allowed";
    });
    if (required) options.required_text("store", store, "where the data is");
    options.number("max-threads", threads, "threads", 1, 64);
    options.flag("exercise", exercise, "load the exercise");
    options.address("listen", listen, "where to listen");
    std::vector<const char*> argv{"uncac-try"};
    for (const std::string& one : arguments) argv.push_back(one.c_str());
    ::testing::internal::CaptureStderr();
    ::testing::internal::CaptureStdout();
    const std::optional<int> code = options.parse(static_cast<int>(argv.size()), argv.data());
    out = ::testing::internal::GetCapturedStdout();
    err = ::testing::internal::GetCapturedStderr();
    return code;
  }

  std::string folder_;
  bool required = false;
  std::string level = "info", store, out, err;
  int threads = 8;
  bool exercise = false;
  Address listen{"127.0.0.1", 7400};
};

TEST_F(PlatformOptions, DefaultsStayWhenNothingIsSaid) {
  EXPECT_EQ(parse({}), std::nullopt);
  EXPECT_EQ(level, "info");
  EXPECT_EQ(threads, 8);
  EXPECT_FALSE(exercise);
  EXPECT_EQ(listen.text(), "127.0.0.1:7400");
}

TEST_F(PlatformOptions, TheCommandLineWinsOverTheEnvironmentAndThatOverTheFile) {
  const std::string config =
      file("c.toml", "# ours\nmax-threads = 3\nlog-level = \"debug\"\nexercise = true\n");
  EXPECT_EQ(parse({"--config", config}), std::nullopt);
  EXPECT_EQ(threads, 3);
  EXPECT_EQ(level, "debug");
  EXPECT_TRUE(exercise);
  const Environment variable("UNCAC_MAX_THREADS", "4");
  EXPECT_EQ(parse({"--config", config}), std::nullopt);
  EXPECT_EQ(threads, 4);
  EXPECT_EQ(parse({"--config", config, "--max-threads", "5", "--exercise=false"}), std::nullopt);
  EXPECT_EQ(threads, 5);
  EXPECT_FALSE(exercise);
}

TEST_F(PlatformOptions, TheFileCanBeNamedByTheEnvironment) {
  const Environment variable("UNCAC_CONFIG", file("c.ini", "listen = \"[::1]:7401\"\n"));
  EXPECT_EQ(parse({}), std::nullopt);
  EXPECT_EQ(listen.text(), "[::1]:7401");
}

TEST_F(PlatformOptions, AnEmptyVariableIsNotSet) {
  const Environment variable("UNCAC_MAX_THREADS", "");
  EXPECT_EQ(parse({}), std::nullopt);
  EXPECT_EQ(threads, 8);
}

TEST_F(PlatformOptions, AWrongValueIsRefusedWithItsNameAndWhatIsAllowed) {
  EXPECT_EQ(parse({"--max-threads", "65"}), 2);
  EXPECT_THAT(err, HasSubstr("--max-threads"));
  EXPECT_THAT(err, HasSubstr("from 1 to 64"));
  EXPECT_EQ(threads, 8);
  for (const char* value : {"", "x", "1x", "1.5", " 1", "99999999999999999999"}) {
    EXPECT_EQ(parse({"--max-threads", value}), 2) << value;
  }
  EXPECT_EQ(parse({"--listen", "localhost"}), 2);
  EXPECT_THAT(err, HasSubstr("--listen"));
  EXPECT_THAT(err, HasSubstr("HOST:PORT"));
  EXPECT_EQ(parse({"--exercise=maybe"}), 2);
  EXPECT_THAT(err, HasSubstr("--exercise"));
  const Environment variable("UNCAC_MAX_THREADS", "none");
  EXPECT_EQ(parse({}), 2);
  EXPECT_THAT(err, HasSubstr("UNCAC_MAX_THREADS"));
}

TEST_F(PlatformOptions, ARefusedTextIsNotRepeatedSinceItMayBeASecret) {
  EXPECT_EQ(parse({"--log-level", "hunter2"}), 2);
  EXPECT_THAT(err, HasSubstr("--log-level: info or debug is allowed"));
  EXPECT_THAT(err, ::testing::Not(HasSubstr("hunter2")));
}

TEST_F(PlatformOptions, ARequiredOptionMayComeFromAnywhereButMustCome) {
  required = true;
  EXPECT_EQ(parse({}), 2);
  EXPECT_THAT(err, HasSubstr("--store is required"));
  EXPECT_EQ(parse({"--store", ""}), 2);
  EXPECT_EQ(parse({"--config", file("c.toml", "store = here\n")}), std::nullopt);
  EXPECT_EQ(store, "here");
}

TEST_F(PlatformOptions, UnknownNamesAreRefused) {
  EXPECT_EQ(parse({"--colour", "red"}), 2);
  EXPECT_THAT(err, HasSubstr("--colour"));
  EXPECT_EQ(parse({"stray"}), 2);
  EXPECT_EQ(parse({"--config", file("c.toml", "colour = red\n")}), 2);
  EXPECT_THAT(err, HasSubstr("colour"));
  EXPECT_EQ(parse({"--config", folder_ + "/none"}), 2);
  EXPECT_THAT(err, HasSubstr("--config"));
}

TEST_F(PlatformOptions, AFileThatWouldBeReadByHalvesIsRefused) {
  for (const char* text :
       {"store = \"a#b\"\n", "store = a, b\n", "store = a b\n", "[server]\nstore = a\n",
        "max-threads = 1\nstore = a\nmax-threads = 2\n", "max-threads = 1\nmax-threads = 2\n"}) {
    required = true;
    EXPECT_EQ(parse({"--config", file("c.toml", text)}), 2) << text;
  }
  EXPECT_EQ(parse({"--config", file("c.toml", "store = \"a, b [c]\"\n")}), std::nullopt);
  EXPECT_EQ(store, "a, b [c]");
}

TEST_F(PlatformOptions, HelpAndVersionLeaveWithZero) {
  required = true;
  EXPECT_EQ(parse({"--help"}), 0);
  for (const char* part : {"--max-threads", "UNCAC_MAX_THREADS", "default 8", "--config",
                           "where the data is", "required"}) {
    EXPECT_THAT(out, HasSubstr(part));
  }
  EXPECT_EQ(parse({"--version"}), 0);
  EXPECT_THAT(out, HasSubstr("uncac-try"));
}

TEST(PlatformAddress, TakesHostAndPort) {
  EXPECT_EQ(parse_address("localhost:0")->port, 0);
  EXPECT_EQ(parse_address("[::1]:65535")->host, "[::1]");
  for (const char* text : {"", ":1", "host", "host:", "host:65536", "host:-1", "host:1x", "::1:80",
                           "a b:1", "http://host:1"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST_F(PlatformOptions, FilesAreReadWithoutOneNewlineAtTheirEnd) {
  EXPECT_EQ(*read_file(file("a", "text\n\n")), "text\n");
  EXPECT_EQ(*read_file(file("a", "")), "");
  const std::string bytes("a\0b", 3);
  EXPECT_EQ(*read_file(file("a", bytes)), bytes);
  EXPECT_EQ(read_file(folder_ + "/none").error().reason, Reason::kNotFound);
  EXPECT_EQ(read_file(folder_).error().reason, Reason::kInvalidInput);
  EXPECT_EQ(read_file(file("a", "12345"), 4).error().reason, Reason::kTooLarge);
}

TEST_F(PlatformOptions, ASecretThatOthersMayReadIsRefused) {
  EXPECT_EQ(*read_secret_file(file("s", "secret\n", 0600)), "secret");
  EXPECT_EQ(*read_secret_file(file("s", "secret\n", 0400)), "secret");
  for (const mode_t mode : {0640, 0604, 0666}) {
    const auto read = read_secret_file(file("s", "secret\n", mode));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, ::testing::Not(HasSubstr("secret\n")));
  }
}

}  // namespace
}  // namespace uncac::platform

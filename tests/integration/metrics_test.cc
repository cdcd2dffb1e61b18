// What deploy/grafana asks of the metrics, the running programs of both profiles have.
#include <regex>
#include <set>

#include "integration/checklist_file.h"
#include "integration/questions.h"

namespace uncac::testing {
namespace {

// Of a service's own /metrics; where it listens is an option of its command.
std::string metrics_of(Service& service) {
  const std::string command = read_text("/proc/" + std::to_string(service.pid()) + "/cmdline");
  const std::string option = std::string("--health-listen") + '\0';
  const std::size_t at = command.find(option);
  if (at == std::string::npos) throw std::runtime_error(service.name() + " has no metrics");
  const Ended ended = run_to_end(
      {"/usr/bin/env", "python3", "-c",
       "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=20).read().decode())",
       "http://" + std::string(command.c_str() + at + option.size()) + "/metrics"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  return ended.out;
}

// "name" and "name{label" of every series.
std::set<std::string> series_of(System& system) {
  // A submission and a question, so that each path has been walked.
  answer(
      system, "secretariat",
      {"response", "submit",
       system.file("metrics.csv", checklist_csv({{"KEN", "uncac/9", "LEGAL_ADVICE", "PUBLIC"}}))});
  answer(system, "secretariat", {"matrix", "--rows", "regional_group"});
  std::set<std::string> found;
  for (auto& service : system.services()) {
    for (const std::string& line : lines_of(metrics_of(*service))) {
      if (line.empty() || line[0] == '#') continue;
      const std::string name = line.substr(0, line.find_first_of("{ "));
      found.insert(name);
      static const std::regex label("[{,]([a-z_]+)=\"");
      for (std::sregex_iterator at(line.begin(), line.end(), label), end; at != end; ++at) {
        found.insert(name + "{" + (*at)[1].str());
      }
    }
  }
  return found;
}

std::set<std::string> metrics_asked_for() {
  std::set<std::string> names;
  for (const char* file : {"alerts.yaml", "dashboard.json"}) {
    const std::string text = read_text(std::string(UNCAC_SOURCE_DIR "/deploy/grafana/") + file);
    static const std::regex metric("(uncac_[a-z_]+|process_start_time_seconds)(?:\\{([^}]*)\\})?");
    static const std::regex label("([a-z_]+)(?:=~|!~|!=|=)");
    for (std::sregex_iterator at(text.begin(), text.end(), metric), end; at != end; ++at) {
      const std::string name = (*at)[1].str();
      names.insert(name);
      const std::string choice = (*at)[2].str();
      for (std::sregex_iterator each(choice.begin(), choice.end(), label); each != end; ++each) {
        // Prometheus adds where it scraped.
        if ((*each)[1].str() != "job") names.insert(name + "{" + (*each)[1].str());
      }
    }
  }
  return names;
}

TEST(Metrics, HaveWhatAlertsAndDashboardAskFor) {
  const std::set<std::string> asked = metrics_asked_for();
  EXPECT_TRUE(asked.contains("uncac_rpc_total{code"));
  EXPECT_GE(asked.size(), 20U);
  std::set<std::string> found;
  // A consumer has told its lag a second after it began.
  EXPECT_TRUE(eventually([&] {
    found = series_of(shared_system("distributed"));
    return found.contains("uncac_relay_published_total") && found.contains("uncac_consumer_lag");
  }));
  for (const std::string& name : asked) EXPECT_TRUE(found.contains(name)) << name;
  // On one machine there is no relay and no Redis.
  const std::set<std::string> alone = series_of(shared_system("embedded"));
  for (const std::string& name : asked) {
    const bool distributed_only = name.find("_kafka_") != std::string::npos ||
                                  name.find("_relay_") != std::string::npos ||
                                  name.find("_outbox_") != std::string::npos ||
                                  name.find("_cache_bypassed") != std::string::npos ||
                                  name.find("_cache_errors") != std::string::npos;
    EXPECT_EQ(alone.contains(name), !distributed_only) << name;
  }
}

}  // namespace
}  // namespace uncac::testing

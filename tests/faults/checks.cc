#include "faults/checks.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <sstream>

#include "faults/topics.h"
#include "integration/stores.h"

namespace uncac::testing {
namespace {

using common::v1::Audience;
using needs::v1::NeedsMatrix;
using Needs = std::map<std::string, Audience>;

struct Reader {
  const char* name;      // as in ListNeedsRequest.reader
  const char* audience;  // of what it sees
  const char* topic;
};
const std::vector<Reader> kReaders{{"", "RESTRICTED", "uncac.needs.restricted.v1"},
                                   {"provider:EX1", "PROVIDERS", "uncac.needs.providers.v1"},
                                   {"public", "PUBLIC", "uncac.needs.public.v1"}};

// What is in one and not in the other, the first few of each.
void compare(const std::string& who, const Needs& seen, const Needs& right,
             std::vector<std::string>& problems) {
  std::size_t told = 0;
  constexpr std::size_t kMostTold = 6;
  const auto tell = [&](const std::string& what) {
    if (++told <= kMostTold) problems.push_back(who + " " + what);
  };
  for (const auto& [need, audience] : seen) {
    const auto there = right.find(need);
    if (there == right.end()) {
      tell("has " + need + " " + common::v1::Audience_Name(audience) + ", which is not to be seen");
    } else if (there->second != audience) {
      tell("has " + need + " as " + common::v1::Audience_Name(audience) + ", not " +
           common::v1::Audience_Name(there->second));
    }
  }
  for (const auto& [need, audience] : right) {
    if (!seen.contains(need)) tell("lacks " + need);
  }
  if (told > kMostTold) problems.push_back(who + " … " + std::to_string(told) + " in all");
}

void list_of(Asked& asked, const World& world, const std::string& who, const std::string& token,
             const Reader& reader, std::vector<std::string>& problems) {
  needs::v1::ListNeedsRequest request;
  request.set_page_size(10'000);
  if (!token.empty()) {
    request.set_reader(reader.name);
    for (const std::string& version : world.tokens()) {
      request.mutable_freshness()->add_version_tokens(version);
    }
  }
  needs::v1::ListNeedsReply reply;
  const grpc::Status status = asked(token, &NeedsMatrix::Stub::ListNeeds, request, reply);
  if (!status.ok()) {
    problems.push_back(who + " does not answer: " + status.error_message());
    return;
  }
  Needs seen;
  for (const auto& need : reply.needs()) seen[need.need()] = need.audience();
  compare(who, seen, world.needs(reader.audience), problems);
}

bool is_version_key(const std::string& key) {
  return key.find("/uncac-2007/2009/v") != std::string::npos;
}

}  // namespace

std::string address_of(Service& service) {
  std::istringstream lines(service.log());
  std::string address;
  for (std::string line; std::getline(lines, line);) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (!entry.is_object() || entry.value("event", "") != "serving") continue;
    address = entry.at("fields").value("grpc", "");
  }
  return address;
}

std::shared_ptr<grpc::Channel> channel_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Found check_records(System& system, const World& world) {
  Found found;
  long versions = 0;
  for (Service* service :
       {&system.service("uncac-checklist-intake"), &system.service("uncac-checklist-intake-2")}) {
    Asked asked(system, channel_to(address_of(*service)));
    for (const auto& [state, record] : world.records()) {
      const Record seen = on_record(asked, state);
      Strings left = seen.history;
      long lost = 0;
      for (const std::string& act : record->history) {
        const auto at = std::find(left.begin(), left.end(), act);
        if (at == left.end()) {
          ++lost;
        } else {
          left.erase(at);
        }
      }
      if (seen != *record) {
        found.problems.push_back(service->name() + " has of " + state + "\n  " + text_of(seen) +
                                 "\nand right is\n  " + text_of(*record));
      }
      if (service->name() != "uncac-checklist-intake") continue;
      found.lost += lost;
      found.twice += static_cast<long>(left.size());
      versions += record->versions;
    }
  }
  const auto audited = stored(system, "checklist_intake",
                              "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action IN "
                              "('response.submit', 'response.amend')");
  if (audited != std::vector{std::to_string(versions)}) {
    found.problems.push_back("the audit log has " + audited.at(0) + " submissions, not " +
                             std::to_string(versions));
  }
  return found;
}

namespace {

struct Replica {
  std::vector<std::string> problems;
  std::string digest;
};

Replica check_replica(System& system, const World& world, Service& service) {
  Replica replica;
  std::vector<std::string>& problems = replica.problems;
  Asked asked(system, channel_to(address_of(service)), std::chrono::seconds(10));
  for (const Reader& reader : kReaders) {
    list_of(asked, world, service.name() + " to \"" + reader.name + "\"", "secretariat", reader,
            problems);
  }
  list_of(asked, world, service.name() + " to nobody in particular", "", kReaders.back(), problems);
  needs::v1::CheckRebuildReply check;
  const grpc::Status status =
      asked("operator", &NeedsMatrix::Stub::CheckRebuild, needs::v1::CheckRebuildRequest(), check);
  replica.digest = check.live_digest();
  check.clear_position();
  if (!status.ok()) {
    problems.push_back(service.name() + " cannot check: " + status.error_message());
  } else if (!check.equal()) {
    problems.push_back(service.name() + " is not as folded again: " + check.ShortDebugString());
  }
  return replica;
}

}  // namespace

std::vector<std::string> check_matrix(System& system, const World& world) {
  auto second = std::async(std::launch::async, [&] {
    return check_replica(system, world, system.service("uncac-needs-matrix-2"));
  });
  Replica all = check_replica(system, world, system.service("uncac-needs-matrix"));
  const Replica other = second.get();
  all.problems.insert(all.problems.end(), other.problems.begin(), other.problems.end());
  if (all.problems.empty() && all.digest != other.digest) {
    all.problems.push_back("the replicas of the matrix have folded differently");
  }
  return all.problems;
}

std::vector<std::string> check_followers(World& world) {
  std::vector<std::string> problems;
  for (Follower* follower : {world.secretariat.get(), world.everybody.get()}) {
    const bool to_all = follower->reader().empty();
    const grpc::Status status = follower->go_on(true);
    const std::string who = to_all ? "the public's copy" : "the secretariat's copy";
    if (!status.ok()) problems.push_back(who + " does not go on: " + status.error_message());
    compare(who, follower->copy(), world.needs(to_all ? "PUBLIC" : "RESTRICTED"), problems);
  }
  return problems;
}

std::vector<std::string> check_topics(System& system, const World& world) {
  std::vector<std::string> problems;
  const auto add = [&](const std::vector<std::string>& more) {
    problems.insert(problems.end(), more.begin(), more.end());
  };
  const std::string checklist = "uncac.checklist.v1";
  std::vector<std::string> topics{checklist};
  for (const Reader& reader : kReaders) topics.emplace_back(reader.topic);
  auto all_records = read_topics(system, topics);
  for (const auto& [topic, records] : all_records) add(faults_of_order(topic, records));
  for (const Reader& reader : kReaders) {
    Needs left;
    for (const auto& [key, record] : compacted(all_records[reader.topic])) {
      needs::v1::Need need;
      if (!record.value) continue;
      if (!need.ParseFromString(*record.value)) problems.push_back(key + " cannot be read");
      left[key] = need.audience();
    }
    compare(reader.topic, left, world.needs(reader.audience), problems);
  }
  std::map<std::string, int> versions;
  const auto all = world.records();
  for (const auto& [key, record] : compacted(all_records[checklist])) {
    const auto state = all.find(key.substr(0, key.find('/')));
    if (!is_version_key(key)) {
      checklist::v1::SharingDecision decision;
      if (state == all.end() || !record.value || !decision.ParseFromString(*record.value)) continue;
      const auto right = state->second->shared.find(decision.provision());
      if (right != state->second->shared.end() &&
          common::v1::Audience_Name(decision.audience()) != "AUDIENCE_" + right->second) {
        problems.push_back(checklist + " has " + key + " " +
                           common::v1::Audience_Name(decision.audience()) + ", not " +
                           right->second);
      }
      continue;
    }
    if (!record.value) continue;  // gone with a store that was put back
    const int version = std::stoi(key.substr(key.rfind('v') + 1));
    if (state == all.end() || version > state->second->versions) {
      problems.push_back(checklist + " has " + key + ", which nobody filed");
    } else {
      ++versions[state->first];
    }
  }
  for (const auto& [state, record] : all) {
    if (versions[state] == record->versions) continue;
    problems.push_back(checklist + " has " + std::to_string(versions[state]) + " versions of " +
                       state + ", not " + std::to_string(record->versions));
  }
  return problems;
}

}  // namespace uncac::testing

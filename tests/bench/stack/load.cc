#include "bench/stack/load.h"

#include <stdexcept>

namespace uncac::bench {
namespace {

using std::chrono::steady_clock;

// Calls of one connection are written by one thread of the library; two keep both sides busy.
constexpr int kConnections = 2;

struct Client {
  int number = 0;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer answer;
  grpc::Status status;
};

std::vector<std::unique_ptr<grpc::GenericStub>> connect(const std::string& address, int count) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i < count; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // else all share one connection
    stubs.push_back(std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  return stubs;
}

grpc::ByteBuffer to_buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::string to_bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

void begin(Client& client, grpc::GenericStub& stub, const std::string& method, const OneCall& call,
           grpc::CompletionQueue& queue) {
  client.context = std::make_unique<grpc::ClientContext>();
  client.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  if (!call.token.empty()) client.context->AddMetadata("authorization", "Bearer " + call.token);
  client.answer.Clear();
  client.reader =
      stub.PrepareUnaryCall(client.context.get(), method, to_buffer(call.request), &queue);
  client.reader->StartCall();
  client.reader->Finish(&client.answer, &client.status, &client);
}

}  // namespace

LoadResult closed_loop(const std::string& address, const std::string& method, int clients,
                       std::chrono::milliseconds duration,
                       const std::function<OneCall(int client)>& next) {
  const auto stubs = connect(address, kConnections);
  grpc::CompletionQueue queue;
  std::vector<Client> all(static_cast<std::size_t>(clients));
  const auto stub_of = [&](const Client& client) -> grpc::GenericStub& {
    return *stubs[static_cast<std::size_t>(client.number) % stubs.size()];
  };
  LoadResult result;
  auto start = steady_clock::now();
  for (int i = 0; i < clients; ++i) {
    Client& client = all[static_cast<std::size_t>(i)];
    client.number = i;
    begin(client, stub_of(client), method, next(i), queue);
  }
  // The first answer of each, which waited for the connection, does not count.
  std::size_t warm = 0;
  std::size_t counted = 0;
  int under_way = clients;
  while (under_way > 0) {
    void* tag = nullptr;
    bool ok = false;
    if (!queue.Next(&tag, &ok)) break;
    Client& client = *static_cast<Client*>(tag);
    --under_way;
    const auto now = steady_clock::now();
    if (!client.status.ok()) {
      if (result.refused++ == 0) result.first_refusal = client.status.error_message();
      continue;
    }
    ++result.answered;
    if (warm < all.size()) {
      if (++warm == all.size()) start = now;
    } else if (now - start < duration) {
      ++counted;
    } else {
      continue;
    }
    begin(client, stub_of(client), method, next(client.number), queue);
    ++under_way;
  }
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) continue;
  result.per_second =
      static_cast<double>(counted) / std::chrono::duration<double>(duration).count();
  return result;
}

Caller::Caller(const std::string& address) : stub_(std::move(connect(address, 1).front())) {}

Caller::~Caller() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) continue;
}

std::string Caller::call(const std::string& method, const OneCall& call) {
  Client client;
  begin(client, *stub_, method, call, queue_);
  void* tag = nullptr;
  bool ok = false;
  queue_.Next(&tag, &ok);
  if (!client.status.ok()) throw std::runtime_error(method + ": " + client.status.error_message());
  return to_bytes(client.answer);
}

}  // namespace uncac::bench

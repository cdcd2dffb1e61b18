// A unary method whose answers are bytes already, from a cache: they go out as they are, without
// being read into a message and written again.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/method_handler.h>

#include <functional>
#include <string>
#include <utility>

#include "platform/rpc/byte_buffer.h"
#include "platform/rpc/call.h"

namespace uncac::platform {

// What a method of the generated kind is answered with when its request cannot be read: the
// library's own error.
grpc::Status unreadable_request();

// Stands between a generated service and the class that implements it: the method of that name gets
// its request as a message, and gives its answer as bytes. For callers it is the unary method that
// its proto says; on the server it is a stream of one message each way, which is how the library's
// threads can be lent to a method without a message.
template <class Service, class Request>
class WithPassThrough : public Service {
 protected:
  using Answer =
      std::function<grpc::Status(grpc::ServerContext&, const Request&, grpc::ByteBuffer& answer)>;
  // `service` and `method` as the proto has them, in the file of Request.
  WithPassThrough(const char* service, const char* method, Answer answer)
      : answer_(std::move(answer)) {
    using Handler = grpc::internal::StreamedUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
    using Stream = grpc::ServerUnaryStreamer<grpc::ByteBuffer, grpc::ByteBuffer>;
    this->MarkMethodStreamed(Request::descriptor()
                                 ->file()
                                 ->FindServiceByName(service)
                                 ->FindMethodByName(method)
                                 ->index(),
                             new Handler([this](grpc::ServerContext* context, Stream* stream) {
                               return serve(*context, *stream);
                             }));
  }

 private:
  template <class Stream>
  grpc::Status serve(grpc::ServerContext& context, Stream& stream) {
    grpc::ByteBuffer sent;
    Request request;
    // Nothing comes of a call that ended before its request was here, or had one that is too large.
    if (!stream.Read(&sent)) return grpc::Status::CANCELLED;
    if (!grpc::SerializationTraits<Request>::Deserialize(&sent, &request).ok()) {
      return unreadable_request();
    }
    grpc::ByteBuffer answer;
    const grpc::Status status = answer_(context, request, answer);
    // The last message goes out together with the status.
    if (status.ok()) stream.Write(answer, grpc::WriteOptions().set_last_message());
    return status;
  }

  const Answer answer_;
};

}  // namespace uncac::platform

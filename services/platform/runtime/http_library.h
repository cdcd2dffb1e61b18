// cpp-httplib is a library with a header: both must agree on these, or they disagree about the
// layout of a request. `pkg-config --cflags cpp-httplib` gives the same three where a build asks
// it. For health_server.cc, and for tests that need a client.
#pragma once

#ifndef CPPHTTPLIB_OPENSSL_SUPPORT
#define CPPHTTPLIB_OPENSSL_SUPPORT
#endif
#ifndef CPPHTTPLIB_ZLIB_SUPPORT
#define CPPHTTPLIB_ZLIB_SUPPORT
#endif
#ifndef CPPHTTPLIB_BROTLI_SUPPORT
#define CPPHTTPLIB_BROTLI_SUPPORT
#endif
#include <httplib.h>

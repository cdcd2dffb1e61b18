// main() of every test program: GoogleTest, then the servers it started are ended.
#include <gtest/gtest.h>

#include "support/engines.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const int result = RUN_ALL_TESTS();
  uncac::testing::stop_servers();
  return result;
}

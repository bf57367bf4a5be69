// Writes the hand-made test package (Fixture.h) to a file: acie-write-test-package FILE [SEED_BYTE to sign with].

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tests/unit/runtime/Fixture.h"

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::optional<acie::package::SigningKey> key;
  if (argc > 2) {
    std::array<uint8_t, 32> seed;
    seed.fill(static_cast<uint8_t>(std::atoi(argv[2])));
    key = *acie::package::SigningKey::from_seed(seed);
  }
  const auto bytes = acie::package::write_package(acie::testing::test_plan(), acie::testing::test_sections(), key ? &*key : nullptr);
  if (!bytes.ok()) {
    std::fprintf(stderr, "%s\n", bytes.status().ToString().c_str());
    return 1;
  }
  std::ofstream(argv[1], std::ios::binary) << *bytes;
  if (key) std::printf("%s\n", acie::package::to_hex(key->public_key()).c_str());
  return 0;
}

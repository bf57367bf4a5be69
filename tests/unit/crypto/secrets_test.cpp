// Randomness that is never given twice, and secrets that are wiped.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include "kernels/crypto/paillier/Pool.h"
#include "tests/unit/crypto/Keys.h"

namespace acie::paillier {
namespace {

using tests::decrypted;
using tests::encrypted;
using tests::Integer;
using tests::private_key;

std::vector<std::string> taken(Pool& pool, int count) {
  const Modulus& m = pool.key().modulus();
  Scratch s(m.digits());
  Words block(m.words());
  EXPECT_TRUE(pool.take(block.data(), static_cast<size_t>(count), s).ok());
  m.from_montgomery(block.data(), block.data(), s);
  std::vector<std::string> result;
  for (int lane = 0; lane < count; ++lane) {
    const secure::Bignum number = secure::make_bignum();
    EXPECT_TRUE(m.store(number.get(), block.data(), lane, s).ok());
    result.push_back(tests::from_openssl(number.get()).text());
  }
  return result;
}

TEST(Pool, GivesEachOnceAndMakesMoreWhenEmpty) {
  const auto key = private_key(tests::fixed_numbers(256));
  Pool pool(tests::randomizers(key->public_key()), 20);
  ASSERT_TRUE(pool.fill(1000).ok());
  EXPECT_EQ(pool.available(), 20u);
  std::set<std::string> seen;
  size_t count = 0;
  for (int each : {8, 3, 8, 8, 5}) {
    for (const std::string& value : taken(pool, each)) seen.insert(value);
    count += static_cast<size_t>(each);
  }
  EXPECT_EQ(seen.size(), count);
  EXPECT_LT(pool.available(), 8u);
  EXPECT_EQ(decrypted(*key, encrypted(pool, {5, -6, 7})), (std::vector<Integer>{5, -6, 7}));
}

TEST(Pool, IsEmptyInAForkedChild) {
  const auto key = private_key(tests::fixed_numbers(256));
  Pool pool(tests::randomizers(key->public_key()), 16);
  ASSERT_TRUE(pool.fill(16).ok());
  int channel[2];
  ASSERT_EQ(pipe(channel), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::string report = std::to_string(pool.available());
    for (const std::string& value : taken(pool, 8)) report += " " + value;
    const bool wrote = write(channel[1], report.data(), report.size()) == static_cast<ssize_t>(report.size());
    _exit(wrote ? 0 : 1);
  }
  close(channel[1]);
  std::string report;
  char buffer[4096];
  for (ssize_t got; (got = read(channel[0], buffer, sizeof buffer)) > 0;) report.append(buffer, static_cast<size_t>(got));
  close(channel[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(report.substr(0, 2), "0 ");  // the child's pool was empty
  EXPECT_EQ(pool.available(), 16u);      // ours is not
  for (const std::string& value : taken(pool, 8)) EXPECT_EQ(report.find(value), std::string::npos);
}

/// Whether any writable memory of this process holds `needle`, but for `needle` itself (kept inverted).
size_t occurrences(const std::vector<uint8_t>& inverted) {
  FILE* maps = std::fopen("/proc/self/maps", "r");
  FILE* memory = std::fopen("/proc/self/mem", "rb");
  size_t found = 0;
  char line[512];
  std::vector<uint8_t> chunk;
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0, end = 0;
    char rights[5];
    if (std::sscanf(line, "%lx-%lx %4s", &begin, &end, rights) != 3 || rights[1] != 'w' || rights[0] != 'r') continue;
    chunk.resize(end - begin);
    if (std::fseek(memory, static_cast<long>(begin), SEEK_SET) != 0 ||
        std::fread(chunk.data(), 1, chunk.size(), memory) != chunk.size())
      continue;
    const auto equal = [](uint8_t a, uint8_t b) { return a == static_cast<uint8_t>(~b); };
    for (auto at = chunk.begin();
         (at = std::search(at, chunk.end(), inverted.begin(), inverted.end(), equal)) != chunk.end(); ++at) {
      const auto address = begin + static_cast<unsigned long>(at - chunk.begin());
      const auto mine = reinterpret_cast<unsigned long>(chunk.data());
      if (address < mine || address >= mine + chunk.size()) ++found;
    }
    std::fill(chunk.begin(), chunk.end(), 0);
  }
  std::fclose(maps);
  std::fclose(memory);
  return found;
}

std::vector<uint8_t> inverted(const void* bytes, size_t count) {
  std::vector<uint8_t> out(count);
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(~static_cast<const uint8_t*>(bytes)[i]);
  return out;
}

TEST(Secrets, PrivateKeysLeaveNothingBehind) {
  // The middle 24 bytes of p and q, in either order of bytes: what OpenSSL's integers, words and big-endian bytes hold.
  std::vector<std::vector<uint8_t>> traces;
  {
    const auto numbers = secure::generate_paillier(1024).value();
    for (const secure::Secret* prime : {&numbers.p, &numbers.q}) {
      std::string reversed(prime->view().rbegin(), prime->view().rend());
      traces.push_back(inverted(prime->data() + 16, 24));
      traces.push_back(inverted(reversed.data() + 16, 24));
      OPENSSL_cleanse(reversed.data(), reversed.size());
    }
    const auto key = private_key(numbers);
    Randomizers source = Randomizers::create(key, Randomness::kHalf).value();
    EXPECT_EQ(decrypted(*key, encrypted(source, {1, 2, 3})), (std::vector<Integer>{1, 2, 3}));
    for (const auto& trace : traces) EXPECT_GT(occurrences(trace), 0u);  // the search does find what is there
  }
  for (const auto& trace : traces) EXPECT_EQ(occurrences(trace), 0u);
}

TEST(Secrets, ThePoolLeavesNoRandomnessBehind) {
  const auto key = private_key(tests::fixed_numbers(256));
  std::vector<uint8_t> trace;
  {
    Pool pool(tests::randomizers(key->public_key()), 8);
    ASSERT_TRUE(pool.fill(8).ok());
    const Modulus& m = key->public_key().modulus();
    Scratch s(m.digits());
    Words block(m.words());
    ASSERT_TRUE(pool.take(block.data(), 8, s).ok());
    bigint::scatter(m.kernels(), s.rows.data(), block.data(), m.digits());
    trace = inverted(s.rows.data(), 32);
    EXPECT_GT(occurrences(trace), 0u);
  }
  EXPECT_EQ(occurrences(trace), 0u);
}

}  // namespace
}  // namespace acie::paillier

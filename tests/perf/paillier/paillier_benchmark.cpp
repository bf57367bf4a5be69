// Paillier on one core against its rivals in the same run. Each figure is processor time, the best of
// several short runs, rivals in turns, since machines are shared: read the ratios. Arguments: bits of
// the key (2048), and `avx2` or `portable` for the levels without IFMA.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string_view>
#include <vector>

#include "kernels/crypto/paillier/Matvec.h"
#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/Pool.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "tests/perf/paillier/Rivals.h"

namespace {

using namespace acie;
using namespace acie::paillier;

/// Processor time of this thread: what other programs take of a shared machine is not in it.
double seconds_used() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Contestant {
  const char* name;
  double items;  // of one call
  std::function<void()> run;
  double best = 1e30;  // seconds an item
};

void compare(const char* what, std::vector<Contestant> contestants) {
  for (int turn = 0; turn < 5; ++turn)
    for (Contestant& c : contestants) {
      const double begin = seconds_used();
      int calls = 0;
      double seconds = 0;
      do {
        c.run();
        ++calls;
        seconds = seconds_used() - begin;
      } while (seconds < 0.05);
      c.best = std::min(c.best, seconds / calls / c.items);
    }
  std::printf("%-34s %10.2f us %12.0f /s", what, contestants[0].best * 1e6, 1 / contestants[0].best);
  for (size_t i = 1; i < contestants.size(); ++i)
    std::printf("   %s %.2f us, ratio %.2f", contestants[i].name, contestants[i].best * 1e6,
                contestants[i].best / contestants[0].best);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int bits = argc > 1 ? std::atoi(argv[1]) : 2048;
  const std::string_view level = argc > 2 ? argv[2] : "";
  const bigint::Kernels& kernels = level == "portable" ? bigint::kPortableKernels
                                   : level == "avx2"   ? bigint::kAvx2Kernels
                                                       : bigint::host_kernels();
  const auto numbers = secure::generate_paillier(bits).value();
  const auto key = PrivateKey::create(numbers, {.kernels = &kernels}).value();
  const PublicKey& pub = key->public_key();
  perf::GmpPaillier gmp(numbers);
  perf::OpensslPaillier openssl(numbers);
  std::printf("%d bits, %s\n", bits, kernels.name);

  constexpr size_t kCount = 64;
  std::vector<uint64_t> values(kCount);
  for (size_t i = 0; i < kCount; ++i) values[i] = i * 12345;
  const auto words = static_cast<size_t>(pub.words());
  std::vector<uint64_t> out(kCount * words);

  Randomizers any = Randomizers::create(pub, Randomness::kAnyKey).value(),
              half = Randomizers::create(pub, Randomness::kHalf).value(),
              brief = Randomizers::create(pub, Randomness::kShort).value(),
              owner = Randomizers::create(key, Randomness::kHalf).value(),
              owner_brief = Randomizers::create(key, Randomness::kShort).value();
  std::printf("table of powers: %.1f MB (n/2 bits), %.1f MB (%d bits)\n", static_cast<double>(half.table_bytes()) / 1e6,
              static_cast<double>(brief.table_bytes()) / 1e6, exponent_bits(Randomness::kShort, bits));
  const Modulus& m = pub.modulus();
  Scratch s(m.digits());
  Words block(m.words());
  compare("r^n mod n^2", {{"", 8, [&] { (void)any.take(block.data(), 8, s); }},
                          {"GMP", 1, [&] { gmp.random_power(); }},
                          {"OpenSSL", 1, [&] { openssl.random_power(); }}});
  const auto encrypt_with = [&](RandomSource& source, size_t count) {
    return [&, count] { (void)encrypt(source, values.data(), 1, count).value(); };
  };
  const Contestant textbook{"GMP r^n", 1, [&] { gmp.encrypt(12345); }};
  compare("encrypt, exponent of n/2 bits", {{"", 16, encrypt_with(half, 16)}, textbook});
  compare("encrypt, short exponent", {{"", 16, encrypt_with(brief, 16)}, textbook});
  compare("encrypt, n/2 bits, key holder", {{"", 16, encrypt_with(owner, 16)}, textbook});
  compare("encrypt, short, key holder", {{"", 16, encrypt_with(owner_brief, 16)}, textbook});
  Pool pool(owner_brief, 4096);
  (void)pool.fill(4096);
  {
    const double begin = seconds_used();
    (void)encrypt(pool, values.data(), 1, kCount).value();
    const double each = (seconds_used() - begin) / kCount;
    std::printf("%-34s %10.2f us %12.0f /s\n", "encrypt from the pool", each * 1e6, 1 / each);
  }

  const Ciphertexts c = encrypt(brief, values.data(), 1, kCount).value();
  compare("decrypt", {{"", 16,
                       [&, part = encrypt(brief, values.data(), 1, 16).value().copy().bytes()] {
                         static const Ciphertexts sixteen = Ciphertexts::read(pub, part, 16).value();
                         if (!key->decrypt(out.data(), 1, sixteen).ok()) std::abort();
                       }},
                      {"GMP with CRT", 1, [&] { gmp.decrypt(); }}});
  compare("add", {{"", kCount, [&] { (void)add(c, c).value(); }},
                  {"GMP", 1, [&] { gmp.add(); }},
                  {"OpenSSL Montgomery", 1, [&] { openssl.add(); }}});
  const std::string bytes = c.bytes();
  compare("read and check", {{"", kCount, [&] { (void)Ciphertexts::read(pub, bytes, kCount).value(); }}});

  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> int8(-128, 127);
  const auto matvec = [&](const char* what, size_t rows, size_t columns, double rival_items) {
    std::vector<int64_t> weights(rows * columns);
    for (int64_t& w : weights) w = int8(random);
    const Matvec matrix = Matvec::create(weights, rows, columns).value();
    std::vector<uint64_t> x(columns, 77);
    const Ciphertexts v = encrypt(brief, x.data(), 1, columns).value();
    compare(what, {{"", rival_items, [&] { (void)matrix.apply(v).value(); }},
                   {"GMP", static_cast<double>(columns) * rival_items / static_cast<double>(rows * columns),
                    [&] { gmp.row({weights.data(), columns}); }}});
    std::printf("    %.*s, window %d, %.2f products a weight, %zu numbers held\n",
                static_cast<int>(name_of(matrix.plan().method).size()), name_of(matrix.plan().method).data(),
                matrix.plan().window, matrix.plan().cost() / static_cast<double>(rows * columns), matrix.plan().numbers);
  };
  matvec("int8 mat-vec 128 x 256, a weight", 128, 256, 128 * 256);
  matvec("int8 mat-vec 1 x 1024, a weight", 1, 1024, 1024);
  matvec("retrieval d = 512, a document", 2000, 512, 2000);
  return 0;
}

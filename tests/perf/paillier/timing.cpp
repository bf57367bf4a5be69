// Whether the time of secret operations tells the secret: Welch's t between two classes of secrets, measured in random turns
// (Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", 2017), on this machine's level or on `avx2` or `portable`,
// as the argument says. |t| above 4.5 says that it does. The last line does the same to an operation that is not in constant
// time, to show what that looks like.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <vector>

#include "kernels/crypto/bigint/Power.h"
#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "tests/perf/paillier/Level.h"

namespace {

using namespace acie;
using namespace acie::paillier;

constexpr int kRuns = 4000;

struct Sample {
  bool second;
  double seconds;
};

double welch(const std::vector<Sample>& samples, double limit) {
  double count[2] = {}, sum[2] = {}, squares[2] = {};
  for (const Sample& s : samples) {
    if (s.seconds > limit) continue;
    count[s.second] += 1;
    sum[s.second] += s.seconds;
  }
  for (const Sample& s : samples)
    if (s.seconds <= limit) squares[s.second] += std::pow(s.seconds - sum[s.second] / count[s.second], 2);
  double variance = 0;
  for (int i : {0, 1}) variance += squares[i] / (count[i] - 1) / count[i];
  return (sum[0] / count[0] - sum[1] / count[1]) / std::sqrt(variance);
}

/// `run(second)` uses a secret of the first or the second class; `prepare` chooses it, unmeasured.
void measure(const char* what, const std::function<void(bool)>& prepare, const std::function<void()>& run) {
  std::mt19937 random(1);
  std::vector<Sample> samples;
  for (int i = 0; i < kRuns; ++i) {
    const bool second = (random() & 1) != 0;
    prepare(second);
    const auto begin = std::chrono::steady_clock::now();
    run();
    samples.push_back({second, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()});
  }
  std::vector<double> sorted;
  for (const Sample& s : samples) sorted.push_back(s.seconds);
  std::sort(sorted.begin(), sorted.end());
  // Interruptions make the slow tail: without it, at two cuts.
  std::printf("%-44s t = %7.2f (fastest half) %7.2f (fastest 90 %%)\n", what, welch(samples, sorted[kRuns / 2]),
              welch(samples, sorted[kRuns * 9 / 10]));
}

}  // namespace

int main(int argc, char** argv) {
  const auto numbers = secure::generate_paillier(512).value();
  const bigint::Kernels& kernels = perf::level_of(argc > 1 ? argv[1] : "best");
  const auto key = PrivateKey::create(numbers, {.smallest_bits = 512, .kernels = &kernels}).value();
  const PublicKey& pub = key->public_key();
  const Modulus& m = pub.modulus();
  std::printf("512 bits, %s, %d runs each\n", pub.kernels().name, kRuns);
  Scratch s(m.digits());
  std::mt19937_64 random(2);
  Words out(m.words()), base(m.words()), exponents(kLanes * 4);
  Randomizers source = Randomizers::create(pub, Randomness::kHalf).value();
  (void)source.take(base.data(), 8, s);
  const auto choose = [&](bool second) {
    for (size_t i = 0; i < exponents.size(); ++i) {
      const uint64_t drawn = random();
      exponents[i] = second ? drawn : 0;
    }
  };
  measure("power, exponents 0 or random", choose,
          [&] { bigint::power(m, out.data(), base.data(), {exponents.data(), 4, 256}, s); });
  const bigint::FixedBase table(m, base.data(), 256);
  measure("power of a fixed base, 0 or random", choose,
          [&] { table.power(m, out.data(), {exponents.data(), 4, 256}, 1, s); });
  std::vector<uint64_t> values(8);
  measure("encrypt, plaintexts 0 or random",
          [&](bool second) {
            for (uint64_t& v : values) {
              const uint64_t drawn = random();
              v = second ? drawn : 0;
            }
          },
          [&] { (void)encrypt(source, values.data(), 1, 8).value(); });
  const std::vector<uint64_t> zeros(8, 0);
  Ciphertexts c(pub, 8);
  measure("decrypt, plaintexts 0 or random",
          [&](bool second) {
            for (uint64_t& v : values) v = random();
            c = encrypt(source, second ? values.data() : zeros.data(), 1, 8).value();
          },
          [&] { (void)key->decrypt(values.data(), 1, c); });
  measure("NOT constant time: public exponent", choose,
          [&] { bigint::power_public(m, out.data(), base.data(), exponents.data(), 256, s); });
  return 0;
}

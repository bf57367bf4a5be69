// Paillier against its rivals in one run, on one thread and on several, rivals having as many. The best of several turns, rivals
// in turns. Other programs take processors away, so ratios are of processor time: on several threads that of all of them over
// their number, what the clock would show if each had a processor and none waited for another. The clock's figure stands beside
// it, the best moment's. Arguments: bits of the key (2048), a level (`avx2`, `portable`; or `best`), threads beside one (2; 1 for
// none).
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "kernels/crypto/paillier/Matvec.h"
#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/Pool.h"
#include "kernels/crypto/paillier/PrivateKey.h"
#include "runtime/secret/Workers.h"
#include "tests/perf/paillier/Level.h"
#include "tests/perf/paillier/Rivals.h"

namespace {

using namespace acie;
using namespace acie::paillier;
using secret::Workers;

constexpr int kTurns = 7;

double seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Calls work(0) to work(threads − 1), each on a thread.
void on_threads(int threads, const std::function<void(int)>& work) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back(work, i);
  work(0);
  for (std::thread& other : others) other.join();
}

/// A call on so many threads does `items` for each of them, or in all where they share them.
struct Contestant {
  const char* name;
  double items;
  std::function<void(int threads)> run;
  bool shared = false;
};

class Comparison {
 public:
  explicit Comparison(int threads) : threads_(threads) {
    std::printf("%-34s %12s %12s  %s", "", "one thread", "a second", "to rivals");
    if (threads > 1) std::printf(" | %d threads: a second, to rivals, to one | by the clock: a second, to one", threads);
    std::printf("\n");
  }

  void run(const char* what, const std::vector<Contestant>& contestants) const {
    std::vector<Times> alone(contestants.size()), together = alone;
    for (int turn = 0; turn < kTurns; ++turn)
      for (size_t i = 0; i < contestants.size(); ++i) {
        measure(contestants[i], 1, 0.05, alone[i]);
        // Many moments: in some of them all processors are ours.
        const double end = seconds(CLOCK_MONOTONIC) + 0.15;
        while (threads_ > 1 && seconds(CLOCK_MONOTONIC) < end) measure(contestants[i], threads_, 0.01, together[i]);
      }
    std::printf("%-34s %9.2f us %12.0f ", what, alone[0].used * 1e6, 1 / alone[0].used);
    for (size_t i = 1; i < contestants.size(); ++i) std::printf(" %s %.2f", contestants[i].name, alone[i].used / alone[0].used);
    if (threads_ > 1) {
      std::printf(" | %.0f", 1 / together[0].used);
      for (size_t i = 1; i < contestants.size(); ++i) std::printf(" %s %.2f", contestants[i].name, together[i].used / together[0].used);
      std::printf(" %.2f | %.0f %.2f", alone[0].used / together[0].used, 1 / together[0].passed, alone[0].used / together[0].passed);
    }
    std::printf("\n");
    std::fflush(stdout);
  }

 private:
  /// Seconds an item: of a processor's time, and the clock's.
  struct Times {
    double used = 1e30, passed = 1e30;
  };

  /// Calls for `least` seconds of processor time or more.
  static void measure(const Contestant& contestant, int threads, double least, Times& best) {
    const double begin = seconds(CLOCK_MONOTONIC), begin_used = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double calls = 0, used = 0;
    do {
      contestant.run(threads);
      ++calls;
      used = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_used;
    } while (used < least);
    const double items = calls * contestant.items * (contestant.shared ? 1 : threads);
    best.used = std::min(best.used, used / threads / items);
    best.passed = std::min(best.passed, (seconds(CLOCK_MONOTONIC) - begin) / items);
  }

  int threads_;
};

/// One rival for each thread.
template <class Rival>
class Team {
 public:
  Team(const secure::PaillierNumbers& numbers, int threads) {
    for (int i = 0; i < threads; ++i) members_.push_back(std::make_unique<Rival>(numbers));
  }
  /// `work` so many times on each thread, about as long as starting it does not matter.
  Contestant doing(const char* name, int times, const std::function<void(Rival&)>& work) {
    return {name, static_cast<double>(times), [this, times, work](int threads) {
              on_threads(threads, [&](int i) {
                for (int k = 0; k < times; ++k) work(*members_[static_cast<size_t>(i)]);
              });
            }};
  }

 private:
  std::vector<std::unique_ptr<Rival>> members_;
};

void must(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  const int bits = argc > 1 ? std::atoi(argv[1]) : 2048;
  const bigint::Kernels& kernels = perf::level_of(argc > 2 ? argv[2] : "best");
  const int threads = argc > 3 ? std::max(1, std::atoi(argv[3])) : 2;
  const auto numbers = secure::generate_paillier(bits).value();
  const auto key = PrivateKey::create(numbers, {.kernels = &kernels}).value();
  const PublicKey& pub = key->public_key();
  Team<perf::GmpPaillier> gmp(numbers, threads);
  Team<perf::OpensslPaillier> openssl(numbers, threads);
  std::printf("%d bits, %s\n", bits, kernels.name);

  Randomizers any = Randomizers::create(pub, Randomness::kAnyKey).value(),
              half = Randomizers::create(pub, Randomness::kHalf).value(),
              brief = Randomizers::create(pub, Randomness::kShort).value(),
              owner = Randomizers::create(key, Randomness::kHalf).value(),
              owner_brief = Randomizers::create(key, Randomness::kShort).value();
  std::printf("table of powers: %.1f MB (n/2 bits), %.1f MB (%d bits)\n", static_cast<double>(half.table_bytes()) / 1e6,
              static_cast<double>(brief.table_bytes()) / 1e6, exponent_bits(Randomness::kShort, bits));
  const Comparison comparison(threads);
  const Modulus& m = pub.modulus();
  comparison.run("r^n mod n^2", {{"", 8, [&](int count) {
                                    on_threads(count, [&](int) {
                                      Scratch s(m.digits());
                                      Words block(m.words());
                                      must(any.take(block.data(), 8, s));
                                    });
                                  }},
                                 gmp.doing("GMP", 1, [](auto& rival) { rival.random_power(); }),
                                 openssl.doing("OpenSSL", 1, [](auto& rival) { rival.random_power(); })});

  // As a party of a program does it.
  constexpr size_t kEach = 32, kAdded = 1024;
  const std::vector<uint64_t> values(kAdded * static_cast<size_t>(threads), 12345);
  const auto encrypted = [&](RandomSource& source, size_t count, int workers) {
    const Workers crew(workers, {}, {});
    return crew.map(pub, count, crew.share(count), [&](size_t first, size_t size) {
      return encrypt(source, values.data() + first, 1, size);
    }).value();
  };
  const Contestant textbook = gmp.doing("GMP r^n", 1, [](auto& rival) { rival.encrypt(12345); });
  const auto encryption = [&](const char* what, RandomSource& source) {
    comparison.run(what, {{"", kEach, [&](int count) { (void)encrypted(source, kEach * static_cast<size_t>(count), count); }}, textbook});
  };
  encryption("encrypt, exponent of n/2 bits", half);
  encryption("encrypt, short exponent", brief);
  encryption("encrypt, n/2 bits, key holder", owner);
  encryption("encrypt, short, key holder", owner_brief);
  Pool pool(owner_brief, 4096);
  must(pool.fill(4096));
  {
    const double begin = seconds(CLOCK_THREAD_CPUTIME_ID);
    (void)encrypt(pool, values.data(), 1, kEach).value();
    const double each = (seconds(CLOCK_THREAD_CPUTIME_ID) - begin) / kEach;
    std::printf("%-34s %9.2f us %12.0f\n", "encrypt from the pool", each * 1e6, 1 / each);
  }

  const size_t most = kAdded * static_cast<size_t>(threads);
  const Ciphertexts a = encrypted(brief, kAdded, threads), b = encrypted(brief, kAdded, threads),
                    all_a = encrypted(brief, most, threads), all_b = encrypted(brief, most, threads);
  std::vector<uint64_t> out(kEach * static_cast<size_t>(threads));
  comparison.run("decrypt", {{"", kEach, [&](int count) {
                                const Workers crew(count, {}, {});
                                const size_t all = kEach * static_cast<size_t>(count);
                                must(crew.run(all, crew.share(all), [&](size_t first, size_t size) -> absl::Status {
                                  return key->decrypt(out.data() + first, 1, secret::slice_of(a, first, size).value());
                                }));
                              }},
                             gmp.doing("GMP, CRT", 1, [](auto& rival) { rival.decrypt(); })});
  comparison.run("add", {{"", kAdded, [&](int count) {
                            (void)(count == 1 ? add(a, b) : add(all_a, all_b, Workers(count, {}, {}).parallel())).value();
                          }},
                         gmp.doing("GMP", 1000, [](auto& rival) { rival.add(); }),
                         openssl.doing("OpenSSL", 1000, [](auto& rival) { rival.add(); })});
  const std::string bytes = encrypted(brief, 64, 1).bytes();
  comparison.run("read and check, 64 at a time", {{"", 64, [&](int count) {
                                                     on_threads(count, [&](int) { (void)Ciphertexts::read(pub, bytes, 64).value(); });
                                                   }}});

  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> int8(-128, 127);
  // Items are weights or rows.
  const auto matvec = [&](const char* what, size_t rows, size_t columns, bool by_row) {
    std::vector<int64_t> weights(rows * columns);
    for (int64_t& w : weights) w = int8(random);
    const Matvec matrix = Matvec::create(weights, rows, columns).value();
    const Ciphertexts v = encrypted(brief, columns, threads);
    const double items = static_cast<double>(by_row ? rows : rows * columns), row = by_row ? 1 : static_cast<double>(columns);
    // Few rows are not shared out: each thread multiplies a vector of its own.
    const bool shared = rows >= 2 * kMatvecLanes;
    comparison.run(what, {{"", items, [&](int count) {
                             if (shared) return (void)matrix.apply(v, Workers(count, {}, {}).parallel()).value();
                             on_threads(count, [&](int) { (void)matrix.apply(v).value(); });
                           }, shared},
                          [&] {
                            Contestant rival = gmp.doing("GMP", 1, [&](auto& g) { g.row({weights.data(), columns}); });
                            rival.items = row;
                            return rival;
                          }()});
    std::printf("    %.*s, window %d, %.2f products a weight, %zu numbers held\n",
                static_cast<int>(name_of(matrix.plan().method).size()), name_of(matrix.plan().method).data(),
                matrix.plan().window, matrix.plan().cost() / static_cast<double>(rows * columns), matrix.plan().numbers);
  };
  matvec("int8 mat-vec 128 x 256, a weight", 128, 256, false);
  matvec("int8 mat-vec 1 x 1024, a weight", 1, 1024, false);
  matvec("retrieval d = 512, a document", 2000, 512, true);
  return 0;
}

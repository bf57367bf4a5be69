// Sealing and opening a gigabyte against the loop of `openssl speed -evp aes-256-gcm` (one buffer of 16 kB encrypted over
// and over), in turns; processor time, the best of three. Argument: a folder, to seal a file there too.
#include <openssl/evp.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "kernels/crypto/files/Container.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "kernels/crypto/files/SealedFile.h"

namespace {

using namespace acie;

constexpr size_t kTotal = size_t{1} << 30, kPiece = size_t{1} << 20, kSpeedBuffer = 16384;

double seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Time {
  double processor = 1e30, wall = 1e30;
};

void measure(Time& best, const std::function<bool()>& run) {
  const double processor = seconds(CLOCK_PROCESS_CPUTIME_ID), wall = seconds(CLOCK_MONOTONIC);
  if (!run()) {
    std::fprintf(stderr, "failed\n");
    std::exit(1);
  }
  best.processor = std::min(best.processor, seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
  best.wall = std::min(best.wall, seconds(CLOCK_MONOTONIC) - wall);
}

bool speed_loop() {
  std::vector<unsigned char> buffer(kSpeedBuffer, 1);
  unsigned char key[32] = {1}, nonce[12] = {2};
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  bool good = EVP_EncryptInit_ex2(context, EVP_aes_256_gcm(), key, nonce, nullptr) == 1;
  int size = 0;
  for (size_t done = 0; good && done < kTotal; done += kSpeedBuffer)
    good = EVP_EncryptUpdate(context, buffer.data(), &size, buffer.data(), static_cast<int>(kSpeedBuffer)) == 1;
  EVP_CIPHER_CTX_free(context);
  return good;
}

std::string random_piece() {
  std::mt19937_64 random(1);
  std::string piece(kPiece, '\0');
  for (char& c : piece) c = static_cast<char>(random());
  return piece;
}

bool seal_stream(const secure::Secret& key, const std::string& piece) {
  size_t written = 0;
  auto sealer = secure::Sealer::create(key, {}, [&](std::string_view bytes) {
    written += bytes.size();
    return absl::OkStatus();
  });
  if (!sealer.ok()) return false;
  for (size_t done = 0; done < kTotal; done += piece.size())
    if (!sealer->write(piece).ok()) return false;
  return sealer->finish().ok() && written > kTotal;
}

bool make_file(const std::string& path, const std::string& piece) {
  std::ofstream file(path, std::ios::binary);
  for (size_t done = 0; done < kTotal; done += piece.size()) file << piece;
  return file.flush().good();
}

/// What a file costs without sealing: the same reads and writes.
bool copy_file(const std::string& from, const std::string& to) {
  auto source = secure::file_source(from);
  auto file = secure::PrivateFile::create(to, secure::Existing::Replace);
  std::string buffer(kPiece, '\0');
  if (!source.ok() || !file.ok()) return false;
  for (;;) {
    const auto count = (*source)({buffer.data(), buffer.size()});
    if (!count.ok()) return false;
    if (*count == 0) return file->commit().ok();
    if (!file->write(std::string_view(buffer).substr(0, *count)).ok()) return false;
  }
}

void print(const char* what, const Time& time, const Time& rival) {
  constexpr double kGiga = static_cast<double>(kTotal) / 1e9;
  std::printf("%-28s %5.2f GB/s of processor time (%.2f of OpenSSL's loop), %5.2f GB/s of wall-clock time\n", what,
              kGiga / time.processor, rival.processor / time.processor, kGiga / time.wall);
}

}  // namespace

int main(int argc, char** argv) {
  const secure::Secret key = *secure::Secret::random(32);
  const std::string piece = random_piece();
  Time speed, stream, copying, sealing, opening;
  const std::filesystem::path folder = argc > 1 ? argv[1] : "";
  const std::string plain = folder / "plain", sealed = folder / "sealed", opened = folder / "opened";
  if (argc > 1 && !make_file(plain, piece)) return 1;
  for (int turn = 0; turn < 3; ++turn) {
    measure(speed, speed_loop);
    measure(stream, [&] { return seal_stream(key, piece); });
    if (argc == 1) continue;
    measure(copying, [&] { return copy_file(plain, opened); });
    measure(sealing, [&] { return secure::seal_file(key, {}, plain, sealed).ok(); });
    measure(opening, [&] { return secure::open_file(key, {}, sealed, opened).ok(); });
  }
  print("OpenSSL's loop, 16 kB", speed, speed);
  print("sealing 1 GiB, in memory", stream, speed);
  if (argc > 1) {
    print("copying 1 GiB, file to file", copying, speed);
    print("sealing 1 GiB, file to file", sealing, speed);
    print("opening 1 GiB, file to file", opening, speed);
    for (const std::string& path : {plain, sealed, opened}) std::filesystem::remove(path);
  }
  return 0;
}

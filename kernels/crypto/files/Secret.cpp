#include "kernels/crypto/files/Secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

// Passwords, keys and primes are hundreds of bytes, and the numbers of a key of 8192 bits tens of kilobytes. Where the limit on
// locked memory is below that (64 KiB on old systems) the heap works all the same, unlocked.
constexpr size_t kLockedHeap = size_t{512} << 10;
constexpr size_t kSmallestBlock = 32;
// What is larger is a file, and would leave no room for keys: OpenSSL's numbers have nowhere else to go.
constexpr size_t kLargestLocked = size_t{4} << 10;

}  // namespace

Secret::Secret(size_t size) : size_(size) {
  if (size == 0) return;
  if (size <= kLargestLocked) data_ = static_cast<uint8_t*>(OPENSSL_secure_zalloc(size));
  if (data_ == nullptr) data_ = static_cast<uint8_t*>(OPENSSL_zalloc(size));  // too large, or the locked heap is full
  if (data_ == nullptr) std::abort();  // as operator new does in a build without exceptions
}

Secret::Secret(std::string_view bytes) : Secret(bytes.size()) {
  if (!bytes.empty()) std::memcpy(data_, bytes.data(), bytes.size());
}

Secret::~Secret() { OPENSSL_secure_clear_free(data_, size_); }

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

absl::StatusOr<Secret> Secret::random(size_t size) {
  Secret secret(size);
  ACIE_RETURN_IF_ERROR(fill_random(secret.span()));
  return secret;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

absl::Status fill_random(std::span<uint8_t> out) {
  if (RAND_priv_bytes_ex(nullptr, out.data(), out.size(), 256) != 1)
    return run_error("the system's random source gives no bytes");
  return absl::OkStatus();
}

void protect_process() {
  prctl(PR_SET_DUMPABLE, 0);
  const struct rlimit none { 0, 0 };
  setrlimit(RLIMIT_CORE, &none);
  if (CRYPTO_secure_malloc_initialized() == 0) CRYPTO_secure_malloc_init(kLockedHeap, kSmallestBlock);
}

}  // namespace acie::secure

// Secrets are wiped before their memory is freed: OpenSSL's allocator is replaced by one that looks at what
// it gets back.

#include "kernels/crypto/files/Secret.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "kernels/crypto/files/Container.h"

namespace acie::secure {
namespace {

constexpr std::string_view kMark = "do not leave this behind";
int leaks = 0, frees = 0;

void* allocate(size_t size, const char*, int) { return std::malloc(size); }
void* reallocate(void* block, size_t size, const char*, int) { return std::realloc(block, size); }
void release(void* block, const char*, int) {
  if (block != nullptr) {
    ++frees;
    if (std::string_view(static_cast<char*>(block), malloc_usable_size(block)).find(kMark) !=
        std::string_view::npos)
      ++leaks;
  }
  std::free(block);
}

// Before OpenSSL allocates anything.
const int installed = CRYPTO_set_mem_functions(allocate, reallocate, release);

TEST(Secret, TheLookoutSeesWhatIsNotWiped) {
  ASSERT_EQ(installed, 1);
  char* const block = static_cast<char*>(OPENSSL_malloc(64));
  kMark.copy(block, kMark.size());
  const int before = leaks;
  OPENSSL_free(block);
  EXPECT_EQ(leaks, before + 1);
}

TEST(Secret, IsWiped) {
  const int before = leaks, freed = frees;
  {
    Secret secret(kMark);
    Secret moved(std::move(secret));
    Secret copy = moved.copy();
    copy = Secret(kMark);
  }
  EXPECT_GE(frees, freed + 3);
  EXPECT_EQ(leaks, before);
}

TEST(Secret, ContainersWipeTheirBuffers) {
  const int before = leaks;
  {
    const Secret key(std::string(32, 'k'));
    const absl::StatusOr<std::string> container = seal(key, {}, kMark);
    const absl::StatusOr<Secret> plain = unseal(key, {}, *container);
    EXPECT_EQ(plain->view(), kMark);
  }
  EXPECT_EQ(leaks, before);
}

TEST(Secret, RandomOnesDiffer) { EXPECT_NE(Secret::random(32)->view(), Secret::random(32)->view()); }

TEST(Secret, ComparesBytesAndSizes) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace acie::secure

// Containers: what goes in comes out, whatever the sizes; everything else is refused with one error.

#include "kernels/crypto/files/Container.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <random>

#include "kernels/crypto/files/Kdf.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr size_t kChunk = 256;

Secret test_key(char fill = 'k') { return Secret(std::string(32, fill)); }

SealOptions small(Cipher cipher = Cipher::Aes256Gcm) {
  SealOptions options;
  options.cipher = cipher;
  options.chunk = kChunk;
  options.context = "a context";
  options.allow_weak = is_weak(cipher);
  return options;
}

std::string text_of_size(size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string text;
  for (size_t i = 0; i < size; ++i) text += static_cast<char>(random());
  return text;
}

class EveryCipher : public ::testing::TestWithParam<Cipher> {
 protected:
  OpenOptions opening() const {
    OpenOptions options;
    options.allow_weak = is_weak(GetParam());
    return options;
  }
};

TEST_P(EveryCipher, RoundTripsAtChunkBoundaries) {
  for (const size_t size : {0, 1, 255, 256, 257, 511, 512, 513, 5000}) {
    const std::string plain = text_of_size(size);
    const absl::StatusOr<std::string> container = seal(test_key(), small(GetParam()), plain);
    ASSERT_TRUE(container.ok()) << container.status();
    const absl::StatusOr<Secret> opened = unseal(test_key(), opening(), *container);
    ASSERT_TRUE(opened.ok()) << opened.status() << " at size " << size;
    EXPECT_EQ(opened->view(), plain);
  }
}

TEST_P(EveryCipher, PiecesDoNotMatter) {
  const std::string plain = text_of_size(3000);
  for (const size_t piece : {1, 7, 255, 256, 257, 700}) {
    std::string container;
    absl::StatusOr<Sealer> sealer =
        Sealer::create(test_key(), small(GetParam()), [&](std::string_view bytes) {
          container += bytes;
          return absl::OkStatus();
        });
    ASSERT_TRUE(sealer.ok());
    for (size_t at = 0; at < plain.size(); at += piece)
      ASSERT_TRUE(sealer->write(std::string_view(plain).substr(at, piece)).ok());
    ASSERT_TRUE(sealer->finish().ok());
    std::string_view rest = container;
    const Source trickle = [&](std::span<char> out) -> absl::StatusOr<size_t> {
      const size_t count = std::min({piece, out.size(), rest.size()});
      std::copy_n(rest.begin(), count, out.begin());
      rest.remove_prefix(count);
      return count;
    };
    absl::StatusOr<Opener> opener = Opener::create(test_key(), opening(), trickle);
    ASSERT_TRUE(opener.ok());
    EXPECT_EQ(opener->context(), "a context");
    std::string opened;
    for (;;) {
      const auto chunk = opener->next();
      ASSERT_TRUE(chunk.ok());
      if (!*chunk) break;
      EXPECT_LE((*chunk)->size(), kChunk);
      opened += **chunk;
    }
    EXPECT_EQ(opened, plain);
  }
}

TEST_P(EveryCipher, EveryFlippedBitIsRefused) {
  const std::string container = *seal(test_key(), small(GetParam()), text_of_size(600));
  for (size_t at = 0; at < container.size(); ++at)
    for (const char bit : {1, 128}) {
      std::string damaged = container;
      damaged[at] = static_cast<char>(damaged[at] ^ bit);
      const absl::Status status = unseal(test_key(), opening(), damaged).status();
      // A cipher's number may become that of another one, weak or not: then the message is about that.
      if (at == 8) {
        EXPECT_FALSE(status.ok());
        continue;
      }
      EXPECT_EQ(status, container_refused()) << "byte " << at;
    }
}

TEST_P(EveryCipher, EveryTruncationIsRefused) {
  for (const size_t size : {0, 256, 600}) {
    const std::string container = *seal(test_key(), small(GetParam()), text_of_size(size));
    for (size_t keep = 0; keep < container.size(); ++keep)
      EXPECT_EQ(unseal(test_key(), opening(), std::string_view(container).substr(0, keep)).status(),
                container_refused())
          << keep;
    EXPECT_EQ(unseal(test_key(), opening(), container + "x").status(), container_refused());
  }
}

TEST_P(EveryCipher, ReorderedRepeatedDroppedAndForeignChunksAreRefused) {
  const std::string plain = text_of_size(4 * kChunk);
  const std::string container = *seal(test_key(), small(GetParam()), plain),
                    other = *seal(test_key(), small(GetParam()), plain);
  const size_t head = 48 + 9 + 32, chunk = (container.size() - head) / 4;
  const auto part = [&](const std::string& from, size_t i) { return from.substr(head + i * chunk, chunk); };
  const std::string start = container.substr(0, head);
  const std::string sound =
      start + part(container, 0) + part(container, 1) + part(container, 2) + part(container, 3);
  ASSERT_EQ(sound, container);
  for (const std::string& damaged :
       {start + part(container, 1) + part(container, 0) + part(container, 2) + part(container, 3),
        start + part(container, 0) + part(container, 0) + part(container, 2) + part(container, 3),
        start + part(container, 0) + part(container, 2) + part(container, 3),
        start + part(container, 0) + part(container, 1) + part(container, 2),
        start + part(container, 0) + part(other, 1) + part(container, 2) + part(container, 3),
        other.substr(0, head) + container.substr(head), container + part(container, 3)})
    EXPECT_EQ(unseal(test_key(), opening(), damaged).status(), container_refused());
}

TEST_P(EveryCipher, OnlyAuthenticChunksComeOut) {
  const std::string plain = text_of_size(3 * kChunk);
  std::string container = *seal(test_key(), small(GetParam()), plain);
  container[container.size() - 1] ^= 1;  // in the third chunk
  absl::StatusOr<Opener> opener = Opener::create(test_key(), opening(), source_of(container));
  ASSERT_TRUE(opener.ok());
  std::string opened;
  for (int i = 0; i < 2; ++i) opened += **opener->next();
  EXPECT_EQ(opened, plain.substr(0, 2 * kChunk));
  EXPECT_EQ(opener->next().status(), container_refused());
  EXPECT_EQ(opener->next().status(), container_refused()) << "after an error there is nothing more";
}

TEST_P(EveryCipher, AnotherKeyOrContextIsRefused) {
  const std::string container = *seal(test_key(), small(GetParam()), "plain");
  EXPECT_EQ(unseal(test_key('l'), opening(), container).status(), container_refused());
  OpenOptions options = opening();
  options.context = "another context";
  EXPECT_EQ(unseal(test_key(), options, container).status(), container_refused());
  options.context = "a context";
  EXPECT_TRUE(unseal(test_key(), options, container).ok());
}

TEST_P(EveryCipher, EqualContentIsSealedDifferently) {
  const std::string a = *seal(test_key(), small(GetParam()), "plain"),
                    b = *seal(test_key(), small(GetParam()), "plain");
  EXPECT_NE(a.substr(16, 32), b.substr(16, 32));
  EXPECT_NE(a.substr(a.size() - 21), b.substr(b.size() - 21));
}

INSTANTIATE_TEST_SUITE_P(Container, EveryCipher,
                         ::testing::Values(Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305, Cipher::Rc2Cbc128),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(Container, WeakCiphersNeedLeave) {
  SealOptions options = small(Cipher::Rc2Cbc128);
  const std::string container = *seal(test_key(), options, "plain");
  EXPECT_THAT(message_of(unseal(test_key(), {}, container).status()), ::testing::HasSubstr("allow weak"));
  options.allow_weak = false;
  EXPECT_EQ(failure_of(seal(test_key(), options, "plain").status()), Failure::Usage);
}

TEST(Container, RefusesKeysAndSizesThatAreTooSmall) {
  EXPECT_EQ(failure_of(seal(Secret("password"), small(), "plain").status()), Failure::Usage);
  for (const size_t chunk : {size_t{0}, size_t{100}, size_t{128}, size_t{1} << 25}) {
    SealOptions options;
    options.chunk = chunk;
    EXPECT_EQ(failure_of(seal(test_key(), options, "plain").status()), Failure::Usage) << chunk;
  }
}

// The format as the comment in Container.h gives it, taken apart with OpenSSL alone.
TEST(Container, HasTheDocumentedFormat) {
  const std::string container = *seal(test_key(), small(Cipher::ChaCha20Poly1305), text_of_size(300));
  EXPECT_EQ(container.substr(0, 16), std::string("ACIEBOX1\x02\x08\0\0\x09\0\0\0", 16));
  EXPECT_EQ(container.substr(48, 9), "a context");
  const std::string header = container.substr(0, 57);
  unsigned char digest[32];
  ASSERT_EQ(EVP_Digest(header.data(), header.size(), digest, nullptr, EVP_sha256(), nullptr), 1);
  const Secret keys = *hkdf_sha256(test_key().view(), header.substr(16, 32),
                                   "acie container 1" + std::string(reinterpret_cast<char*>(digest), 32), 64);
  EXPECT_EQ(keys.view().substr(32), container.substr(57, 32));
  std::string plain;
  for (const auto& [at, size, last] : {std::tuple(89, 256, 0), std::tuple(89 + 272, 44, 1)}) {
    unsigned char nonce[12] = {}, out[256];
    nonce[10] = static_cast<unsigned char>(last);  // the index: 0, then 1
    nonce[11] = static_cast<unsigned char>(last);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    int count = 0, rest = 0;
    std::string chunk = container.substr(static_cast<size_t>(at), static_cast<size_t>(size) + 16);
    EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, keys.data(), nonce);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, chunk.data() + size);
    EVP_DecryptUpdate(context, out, &count, reinterpret_cast<unsigned char*>(chunk.data()), size);
    EXPECT_EQ(EVP_DecryptFinal_ex(context, out + count, &rest), 1);
    EVP_CIPHER_CTX_free(context);
    plain.append(reinterpret_cast<char*>(out), static_cast<size_t>(count));
  }
  EXPECT_EQ(plain, text_of_size(300));
}

}  // namespace
}  // namespace acie::secure

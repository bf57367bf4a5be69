// Published vectors: RC2 (RFC 2268), HKDF (RFC 5869), scrypt (RFC 7914), AES-256-GCM (McGrew and Viega's
// cases 13, 14).

#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/crypto/files/ChunkCiphers.h"
#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/Kdf.h"
#include "kernels/crypto/files/Rc2.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

TEST(Rc2, Rfc2268Section5) {
  const struct {
    int bits;
    const char *key, *plain, *cipher;
  } vectors[] = {
      {63, "0000000000000000", "0000000000000000", "ebb773f993278eff"},
      {64, "ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
      {64, "3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
      {64, "88", "0000000000000000", "61a8a244adacccf0"},
      {64, "88bca90e90875a", "0000000000000000", "6ccf4308974c267f"},
      {64, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "1a807d272bbe5db1"},
      {128, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
      {129, "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", "0000000000000000",
       "5b78d3a43dfff1f1"},
  };
  for (const auto& vector : vectors) {
    const std::string key = *from_hex(vector.key);
    const Rc2 rc2({reinterpret_cast<const uint8_t*>(key.data()), key.size()}, vector.bits);
    std::string block = *from_hex(vector.plain);
    const std::span<uint8_t, 8> view(reinterpret_cast<uint8_t*>(block.data()), 8);
    rc2.encrypt(view);
    EXPECT_EQ(to_hex(block), vector.cipher) << vector.key;
    rc2.decrypt(view);
    EXPECT_EQ(to_hex(block), vector.plain) << vector.key;
  }
}

TEST(Rc2, OwnAndProviderReadEachOther) {
  if (!has_rc2_provider()) GTEST_SKIP() << "OpenSSL's legacy provider is not installed";
  const Secret key = *Secret::random(kRc2KeySize);
  auto own = *make_rc2_cipher(key, Rc2Source::Own), provider = *make_rc2_cipher(key, Rc2Source::Provider);
  for (size_t size = 0; size < 40; ++size) {
    const std::string plain(size, static_cast<char>('a' + size));
    for (const auto& [from, to] :
         {std::pair(own.get(), provider.get()), std::pair(provider.get(), own.get())}) {
      std::string sealed(from->sealed_size(size), '\0'), opened(sealed.size(), '\0');
      ASSERT_TRUE(from->seal(7, true, plain, sealed.data()).ok());
      const std::optional<size_t> count = to->open(7, true, sealed, opened.data());
      ASSERT_TRUE(count.has_value());
      EXPECT_EQ(opened.substr(0, *count), plain);
      EXPECT_FALSE(to->open(8, true, sealed, opened.data()).has_value());
      EXPECT_FALSE(to->open(7, false, sealed, opened.data()).has_value());
    }
  }
}

TEST(Aead, Aes256GcmOfTheZeroKey) {
  auto cipher = *make_aead_cipher(Cipher::Aes256Gcm, Secret(32));
  std::string sealed(16, '\0');
  ASSERT_TRUE(cipher->seal(0, false, "", sealed.data()).ok());
  EXPECT_EQ(to_hex(sealed), "530f8afbc74536b9a963b4f1c4cb738b");
  sealed.resize(32);
  ASSERT_TRUE(cipher->seal(0, false, std::string(16, '\0'), sealed.data()).ok());
  EXPECT_EQ(to_hex(sealed), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST(Aead, WhatIsNotAuthenticLeavesNoPlaintext) {
  for (const Cipher kind : {Cipher::Aes256Gcm, Cipher::ChaCha20Poly1305}) {
    auto cipher = *make_aead_cipher(kind, *Secret::random(32));
    const std::string plain(100, 's');
    std::string sealed(116, '\0'), opened(116, 'x');
    ASSERT_TRUE(cipher->seal(3, false, plain, sealed.data()).ok());
    sealed.back() ^= 1;
    EXPECT_FALSE(cipher->open(3, false, sealed, opened.data()).has_value());
    EXPECT_EQ(std::count(opened.begin(), opened.end(), 's'), 0);
  }
}

TEST(Hkdf, Rfc5869) {
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), *from_hex("000102030405060708090a0b0c"),
                               *from_hex("f0f1f2f3f4f5f6f7f8f9"), 42)
                       ->view()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), "", "", 42)->view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Scrypt, Rfc7914) {
  EXPECT_EQ(to_hex(scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64)->view()),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
            "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
  EXPECT_EQ(to_hex(scrypt("password", "NaCl", {10, 8, 16}, 64)->view()),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(Scrypt, RefusesCostsThatWouldStopTheMachine) {
  EXPECT_TRUE(is_acceptable(ScryptCost{}));
  for (const ScryptCost cost :
       {ScryptCost{9, 8, 1}, ScryptCost{24, 255, 1}, ScryptCost{40, 8, 1}, ScryptCost{17, 8, 255},
        ScryptCost{17, 0, 1}, ScryptCost{17, 8, 0}, ScryptCost{255, 1, 1}})
    EXPECT_EQ(failure_of(scrypt("password", "salt", cost, 32).status()), Failure::Refused);
}

}  // namespace
}  // namespace acie::secure

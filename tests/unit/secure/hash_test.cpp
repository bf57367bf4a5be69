// Hashes against published vectors, and our Streebog against OpenSSL's provider.

#include "kernels/crypto/files/Hash.h"

#include <gtest/gtest.h>

#include <random>

#include "kernels/crypto/files/Hex.h"

namespace acie::secure {
namespace {

std::string hashed(HashKind kind, StreebogSource source, std::string_view bytes, size_t piece = 1000) {
  const std::unique_ptr<Hasher> hasher = *Hasher::create(kind, source);
  for (size_t at = 0; at < bytes.size(); at += piece)
    EXPECT_TRUE(hasher->update(bytes.substr(at, piece)).ok());
  return *hasher->finish();
}

constexpr char kFirst[] = "012345678901234567890123456789012345678901234567890123456789012";

// The RFC prints message and digest with their last byte first.
std::string second_message() {
  std::string bytes = *from_hex(
      "fbe2e5f0eee3c820fbeafaebef20fffbf0e1e0f0f520e0ed20e8ece0ebe5f0f2f120fff0eeec20f120faf2fee5e2202ce8f6f3"
      "ede220e8e6eee1e8f0f2d1202ce8f0f2e5e220e5d1");
  return {bytes.rbegin(), bytes.rend()};
}

std::string printed(std::string_view digest) { return to_hex(std::string(digest.rbegin(), digest.rend())); }

TEST(Streebog, Rfc6986Section10) {
  for (const StreebogSource source : {StreebogSource::Own, StreebogSource::Provider}) {
    if (source == StreebogSource::Provider && !has_streebog_provider()) continue;
    EXPECT_EQ(printed(hashed(HashKind::Streebog512, source, kFirst)),
              "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00"
              "fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b");
    EXPECT_EQ(printed(hashed(HashKind::Streebog256, source, kFirst)),
              "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d");
    EXPECT_EQ(printed(hashed(HashKind::Streebog512, source, second_message())),
              "28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f03"
              "7613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e");
    EXPECT_EQ(printed(hashed(HashKind::Streebog256, source, second_message())),
              "508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d");
  }
}

TEST(Streebog, OwnEqualsProvider) {
  if (!has_streebog_provider()) GTEST_SKIP() << "OpenSSL's GOST provider is not installed";
  std::mt19937 random(1);
  for (size_t size = 0; size < 300; ++size) {
    std::string bytes;
    // All ones make the sum of the blocks carry through every word.
    for (size_t i = 0; i < size; ++i) bytes += size % 3 == 0 ? '\xff' : static_cast<char>(random());
    for (const HashKind kind : {HashKind::Streebog256, HashKind::Streebog512})
      EXPECT_EQ(hashed(kind, StreebogSource::Own, bytes, 1 + size % 70),
                hashed(kind, StreebogSource::Provider, bytes))
          << size;
  }
}

TEST(Sha2, Fips180) {
  EXPECT_EQ(to_hex(*fingerprint(HashKind::Sha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(*fingerprint(HashKind::Sha512, "abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, NamesAreThoseOfTheLanguage) {
  for (const char* name : {"sha256", "sha512", "streebog256", "streebog512"})
    EXPECT_EQ(name_of(*hash_from_name(name)), name);
  for (const char* name : {"md5", "sha1", "gost94", "SHA256", ""})
    EXPECT_FALSE(hash_from_name(name).has_value()) << name;
}

}  // namespace
}  // namespace acie::secure

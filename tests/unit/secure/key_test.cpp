// Keys: generated, written, read, shown, exchanged with python-paillier.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/crypto/files/Bignum.h"
#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/KeyFolder.h"
#include "kernels/crypto/files/PaillierJson.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr ScryptCost kCheap{10, 8, 1};
constexpr int kBits = 1024;  // large enough for every rule, small enough to be quick

const Key& paillier() {
  static const Key* const key = new Key(*generate_key({}, kBits, "a test"));
  return *key;
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "acie-keys-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  void TearDown() override { fs::remove_all(path_); }

  fs::path path_;
};

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(Paillier, NewKeysHaveThePropertiesTheSchemeAsksFor) {
  const Key& key = paillier();
  const BignumContext context(BN_CTX_new());
  const Bignum p = to_bignum(key.paillier.p.view()), q = to_bignum(key.paillier.q.view()),
               gcd = make_bignum();
  EXPECT_EQ(BN_mod_word(p.get(), 4), 3u);
  EXPECT_EQ(BN_mod_word(q.get(), 4), 3u);
  BN_mul(gcd.get(), p.get(), q.get(), context.get());
  EXPECT_EQ(to_bytes(gcd.get()).view(), key.paillier.n);
  EXPECT_EQ(bits_of(key.paillier.n), kBits);
  BN_sub_word(p.get(), 1);
  BN_sub_word(q.get(), 1);
  BN_gcd(gcd.get(), p.get(), q.get(), context.get());
  EXPECT_TRUE(BN_is_word(gcd.get(), 2));
  EXPECT_NE(generate_paillier(512)->n, generate_paillier(512)->n);
}

PaillierNumbers numbers(std::string_view n, std::string_view p, std::string_view q) {
  return {std::string(n), Secret(p), Secret(q)};
}

std::string product(std::string_view a, std::string_view b) {
  const BignumContext context(BN_CTX_new());
  const Bignum x = to_bignum(a), y = to_bignum(b), z = make_bignum();
  BN_mul(z.get(), x.get(), y.get(), context.get());
  return std::string(to_bytes(z.get()).view());
}

TEST(Paillier, BadNumbersAreRefusedWithTheReason) {
  const auto reason = [](PaillierNumbers key, int smallest = 512) {
    return message_of(check_paillier(key, smallest));
  };
  const std::string n = paillier().paillier.n, p(paillier().paillier.p.view()),
                    q(paillier().paillier.q.view());
  EXPECT_EQ(reason(numbers(n, p, q)), "");
  EXPECT_EQ(reason(numbers(n, q, p)), "") << "the order does not matter";
  EXPECT_THAT(reason(numbers(n, p, q), kSmallestPaillierBits), HasSubstr("not safe"));
  EXPECT_THAT(reason(numbers(n, p, p)), HasSubstr("not the product"));
  std::string even = n;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_THAT(reason(numbers(even, "", "")), HasSubstr("even"));
  EXPECT_THAT(reason(numbers(product(p, p), p, p)), HasSubstr("near"));
  std::string odd = p.substr(0, 32);
  odd.back() = static_cast<char>(odd.back() | 1);
  const std::string composite = product(odd, "\x03");
  EXPECT_THAT(reason(numbers(product(p, composite), p, composite)), HasSubstr("not prime"));
  EXPECT_THAT(reason(numbers(std::string(2000, '\x7f'), "", "")), HasSubstr("at most"));
}

TEST(PaillierJson, RoundTripsBothHalves) {
  const Key& key = paillier();
  const absl::StatusOr<Secret> text = to_private_json(key.paillier, "a \"comment\"\n");
  const absl::StatusOr<PaillierJson> read = parse_paillier_json(text->view());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->numbers.n, key.paillier.n);
  EXPECT_EQ(read->numbers.p.view(), key.paillier.p.view());
  EXPECT_EQ(read->numbers.q.view(), key.paillier.q.view());
  EXPECT_EQ(read->comment, "a \"comment\"\n");
  const absl::StatusOr<PaillierJson> open = parse_paillier_json(to_public_json(key.paillier, "a comment"));
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(open->numbers.n, key.paillier.n);
  EXPECT_FALSE(open->numbers.is_private());
}

// n = 1000003 · 1000033 of the reference systems: λ = lcm(1000002, 1000032), μ = λ⁻¹ mod n, computed with
// Python.
TEST(PaillierJson, HoldsTheNumbersOfPythonPaillier) {
  const absl::StatusOr<Secret> text =
      to_private_json(numbers(*from_hex("e8d6ca6163"), *from_hex("0f4261"), *from_hex("0f4243")), "k");
  const nlohmann::json key = nlohmann::json::parse(text->view());
  EXPECT_EQ(key["kty"], "DAJ");
  EXPECT_EQ(key["key_ops"], nlohmann::json({"decrypt"}));
  EXPECT_EQ(key["pub"]["alg"], "PAI-GN1");
  EXPECT_EQ(key["pub"]["n"], "6NbKYWM");
  EXPECT_EQ(key["p"], "D0Jh");
  EXPECT_EQ(key["q"], "D0JD");
  EXPECT_EQ(key["lambda"], "Js5x-iA");
  EXPECT_EQ(key["mu"], "0Yd6-H8");
}

TEST(PaillierJson, FindsTheFactorsFromLambda) {
  for (const char* lambda : {"Js5x-iA", "6Nar3MA"}) {
    const absl::StatusOr<PaillierJson> key = parse_paillier_json(
        std::string(
            R"({"kty":"DAJ","key_ops":["decrypt"],"mu":"AQ","pub":{"kty":"DAJ","alg":"PAI-GN1","n":"6NbKYWM"},"lambda":")") +
        lambda + "\"}");
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(to_hex(key->numbers.p.view()), "0f4261");
    EXPECT_EQ(to_hex(key->numbers.q.view()), "0f4243");
  }
  EXPECT_FALSE(factor_with_lambda(*from_hex("e8d6ca6163"), *from_hex("1234")).ok());
  EXPECT_FALSE(factor_with_lambda(*from_hex("e8d6ca6163"), "").ok());
  EXPECT_FALSE(factor_with_lambda(*from_hex("e8d6ca6163"), *from_hex("ffffffffffff")).ok());
}

TEST(PaillierJson, RefusesWhatIsNoKey) {
  for (const char* text :
       {"", "{", "[]", "1", R"({"kty":"RSA"})", R"({"kty":"DAJ"})", R"({"kty":"DAJ","alg":"PAI-GN1"})",
        R"({"kty":"DAJ","alg":"PAI-GN1","n":5})", R"({"kty":"DAJ","alg":"PAI-GN1","n":""})",
        R"({"kty":"DAJ","alg":"PAI-GN1","n":"A"})", R"({"kty":"DAJ","alg":"PAI-GN1","n":"A*AA"})",
        R"({"kty":"DAJ","alg":"PAI-GN1","n":"AAAA"})", R"({"kty":"DAJ","pub":3})",
        R"({"kty":"DAJ","pub":{"alg":"PAI-GN1","n":"6NbKYWM"}})",
        R"({"kty":"DAJ","p":"D0Jh","pub":{"alg":"PAI-GN1","n":"6NbKYWM"}})"})
    EXPECT_EQ(failure_of(parse_paillier_json(text).status()), Failure::BadData) << text;
}

TEST(KeyFile, RoundTripsEveryKind) {
  for (const char* name : {"paillier", "aes256_gcm", "chacha20_poly1305", "rc2_128_cbc"}) {
    const Key key = *generate_key(*key_kind_from_name(name), 512, "for π");
    const std::string file = *encode_key_file(key, "password", kCheap);
    const absl::StatusOr<Key> read = decode_key_file(file, "password");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->symmetric.view(), key.symmetric.view());
    EXPECT_EQ(read->paillier.p.view(), key.paillier.p.view());
    EXPECT_EQ(read->paillier.q.view(), key.paillier.q.view());
    const KeyDescription about = *describe_key_file(file);
    EXPECT_EQ(name_of(about.kind), name);
    EXPECT_EQ(about.fingerprint, key.description.fingerprint);
    EXPECT_EQ(about.bits, key.description.bits);
    EXPECT_EQ(about.comment, "for π");
    EXPECT_EQ(file.find(std::string(key.paillier.p.view().substr(0, 16))) == std::string::npos,
              !key.paillier.p.empty());
  }
}

TEST(KeyFile, WrongPasswordsAndDamageAreOneError) {
  const std::string file = *encode_key_file(paillier(), "password", kCheap);
  const absl::Status wrong = decode_key_file(file, "Password").status();
  EXPECT_EQ(failure_of(wrong), Failure::Refused);
  EXPECT_EQ(decode_key_file(file, "").status(), wrong);
  const size_t salt = 16, description = file.find("\"comment\"") + 12, container = file.find("ACIEBOX1") + 60;
  for (const size_t at : {salt, description, container, file.size() - 1}) {
    std::string damaged = file;
    damaged[at] ^= 1;
    EXPECT_EQ(decode_key_file(damaged, "password").status(), wrong) << at;
  }
  for (const size_t keep : {size_t{0}, size_t{7}, size_t{47}, size_t{60}, file.size() / 2, file.size() - 1})
    EXPECT_EQ(failure_of(decode_key_file(file.substr(0, keep), "password").status()), Failure::Refused)
        << keep;
}

TEST(KeyFile, AHostileCostIsRefusedBeforeItIsPaid) {
  std::string file = *encode_key_file(paillier(), "password", kCheap);
  file[8] = 60;
  EXPECT_EQ(failure_of(decode_key_file(file, "password").status()), Failure::Refused);
}

TEST(KeyFile, NeedsAPassword) {
  EXPECT_EQ(failure_of(encode_key_file(paillier(), "", kCheap).status()), Failure::Usage);
}

TEST_F(Folder, KeysAreForTheirOwnerOnly) {
  const KeyFolder keys((path_ / "keys").string());
  ASSERT_TRUE(keys.add("k", paillier(), "password", kCheap).ok());
  EXPECT_EQ(mode_of(path_ / "keys"), 0700u);
  EXPECT_EQ(mode_of(path_ / "keys/k.key"), 0600u);
  ASSERT_TRUE(keys.load("k", "password").ok());
  for (const mode_t mode : {0640, 0604, 0620, 0602}) {
    chmod((path_ / "keys/k.key").c_str(), mode);
    EXPECT_EQ(failure_of(keys.load("k", "password").status()), Failure::Refused) << std::oct << mode;
    EXPECT_EQ(failure_of(keys.describe("k").status()), Failure::Refused);
  }
}

TEST_F(Folder, ListsAndNeverOverwrites) {
  const KeyFolder keys(path_.string());
  ASSERT_TRUE(keys.add("a", *generate_key({Cipher::Aes256Gcm}, 0, ""), "password", kCheap).ok());
  ASSERT_TRUE(keys.add("k", paillier(), "password", kCheap).ok());
  PaillierNumbers half;
  half.n = paillier().paillier.n;
  ASSERT_TRUE(keys.add("theirs", *make_paillier_key(std::move(half), "of the observatory"), "").ok());
  EXPECT_EQ(failure_of(keys.add("k", *generate_key({Cipher::Aes256Gcm}, 0, ""), "password", kCheap)),
            Failure::Usage);
  const std::vector<NamedKey> list = *keys.list();
  ASSERT_EQ(list.size(), 3u);
  EXPECT_EQ(list[0].name, "a");
  EXPECT_TRUE(list[1].is_private);
  EXPECT_FALSE(list[2].is_private);
  EXPECT_EQ(list[1].description.fingerprint, list[2].description.fingerprint);
  EXPECT_EQ(keys.load_public("theirs")->paillier.n, paillier().paillier.n);
  EXPECT_EQ(failure_of(keys.load("theirs", "password").status()), Failure::Usage);
  EXPECT_EQ(failure_of(keys.load_public("a").status()), Failure::Usage);
  for (const char* name : {"", "../k", ".k", "-k", "a/b", "a b", "a\n"})
    EXPECT_EQ(failure_of(keys.describe(name).status()), Failure::Usage) << name;
}

TEST_F(Folder, AnInterruptedFileLeavesNothing) {
  {
    PrivateFile file = *PrivateFile::create((path_ / "f").string(), Existing::Replace);
    ASSERT_TRUE(file.write("half").ok());
  }
  EXPECT_TRUE(fs::is_empty(path_));
  ASSERT_TRUE(write_private_file((path_ / "f").string(), "whole", Existing::Refuse).ok());
  EXPECT_EQ(failure_of(write_private_file((path_ / "f").string(), "other", Existing::Refuse)),
            Failure::Usage);
  EXPECT_EQ(read_private_file((path_ / "f").string(), 5)->view(), "whole");
  EXPECT_EQ(failure_of(read_private_file((path_ / "f").string(), 4).status()), Failure::BadData);
}

}  // namespace
}  // namespace acie::secure

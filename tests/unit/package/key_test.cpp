// The user's own key: made once, kept private, the same for all who race to make it.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/package/Signature.h"
#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

class Keys : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "acie-keys-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder(const std::string& name) const { return folder_ + "/" + name; }
  std::string folder_;
};

TEST(Ed25519, AgreesWithRfc8032) {
  // RFC 8032, section 7.1, test 1: the empty message.
  const auto seed = public_key_from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const SigningKey key = *SigningKey::from_seed(*seed);
  EXPECT_EQ(to_hex(key.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const Signature signature = *key.sign("");
  EXPECT_EQ(to_hex(signature),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
            "655141438e7a100b");
  EXPECT_TRUE(verify(key.public_key(), "", signature));
  EXPECT_FALSE(verify(key.public_key(), "x", signature));
}

TEST_F(Keys, IsMadeOnceAndPrivate) {
  const std::string where = folder("a/b");
  EXPECT_FALSE(own_public_key(where).has_value());
  const SigningKey first = *own_signing_key(where);
  EXPECT_EQ(own_signing_key(where)->public_key(), first.public_key());
  EXPECT_EQ(own_public_key(where), first.public_key());
  struct stat info;
  ASSERT_EQ(stat((where + "/signing.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(read_trusted_key(where + "/signing.pub").value(), first.public_key());
  EXPECT_EQ(read_trusted_key(to_hex(first.public_key())).value(), first.public_key());
}

TEST_F(Keys, RacingMakersAgree) {
  std::vector<PublicKey> keys(16);
  std::vector<std::thread> makers;
  for (PublicKey& key : keys)
    makers.emplace_back([&key, where = folder("race")] { key = own_signing_key(where)->public_key(); });
  for (std::thread& maker : makers) maker.join();
  for (const PublicKey& key : keys) EXPECT_EQ(key, keys[0]);
  size_t files = 0;
  for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder("race"))) ++files;
  EXPECT_EQ(files, 2u);  // no temporary file stays behind
}

TEST_F(Keys, UnusableFoldersAreErrors) {
  EXPECT_FALSE(own_signing_key("").ok());
  std::ofstream(folder("file")) << "x";
  EXPECT_FALSE(own_signing_key(folder("file")).ok());
  std::filesystem::create_directory(folder("bad"));
  std::ofstream(folder("bad/signing.key")) << "not a key\n";
  EXPECT_FALSE(own_signing_key(folder("bad")).ok());
  EXPECT_FALSE(own_public_key(folder("bad")).has_value());
  EXPECT_EQ(failure_of(read_trusted_key(folder("bad/signing.key")).status()), Failure::Usage);
  EXPECT_EQ(failure_of(read_trusted_key("zz").status()), Failure::Usage);
}

}  // namespace
}  // namespace acie::package

// Identities and pins.

#include "runtime/parties/Identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "kernels/crypto/files/Hex.h"
#include "runtime/status/Errors.h"
#include "tests/unit/parties/Parties.h"

namespace acie::parties {
namespace {

using testing::Folder;
using ::testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 ? about.st_mode & 0777 : 0;
}

TEST(Identity, IsMadeOnceAndReadAgain) {
  Folder folder;
  const std::string keys = folder / "keys";
  const Identity made = *create_identity(keys, "cloud");
  EXPECT_EQ(mode_of(keys), 0700u);
  EXPECT_EQ(mode_of(keys + "/cloud.identity"), 0600u);
  EXPECT_EQ(mode_of(keys + "/cloud.crt"), 0600u);
  EXPECT_EQ(load_identity(keys, "cloud")->fingerprint, made.fingerprint);
  EXPECT_EQ(*read_fingerprint(keys + "/cloud.crt"), made.fingerprint);
  EXPECT_EQ(failure_of(create_identity(keys, "cloud").status()), Failure::Usage);
  EXPECT_EQ(load_identity(keys, "cloud")->fingerprint, made.fingerprint) << "still the first";
  EXPECT_NE(create_identity(keys, "other")->fingerprint, made.fingerprint);
}

TEST(Identity, BadFilesAreRefused) {
  Folder folder;
  const std::string keys = folder / "keys";
  ASSERT_TRUE(create_identity(keys, "a").ok());
  ASSERT_TRUE(create_identity(keys, "b").ok());
  EXPECT_THAT(message_of(load_identity(keys, "c").status()), HasSubstr("party init c"));
  EXPECT_EQ(failure_of(load_identity(keys, "../a").status()), Failure::Usage);
  std::filesystem::copy_file(keys + "/a.crt", keys + "/b.crt",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(failure_of(load_identity(keys, "b").status()), Failure::Refused)
      << "the certificate of another key";
  chmod((keys + "/a.identity").c_str(), 0644);
  EXPECT_EQ(failure_of(load_identity(keys, "a").status()), Failure::Refused);
}

TEST(Identity, PinsDoNotChangeByThemselves) {
  Folder folder;
  const std::string keys = folder / "keys", others = folder / "others";
  const Identity peer = *create_identity(others, "b.sevens");
  ASSERT_TRUE(pin_peer(keys, "b.sevens", others + "/b.sevens.crt", false).ok());
  EXPECT_EQ(read_pins(keys)->at("b.sevens"), peer.fingerprint);
  std::string digits = secure::to_hex(peer.fingerprint);
  ASSERT_TRUE(pin_peer(keys, "b.sevens", digits, false).ok()) << "the same again";
  digits[0] = digits[0] == '0' ? '1' : '0';
  EXPECT_EQ(failure_of(pin_peer(keys, "b.sevens", digits, false)), Failure::Usage);
  EXPECT_EQ(read_pins(keys)->at("b.sevens"), peer.fingerprint);
  ASSERT_TRUE(pin_peer(keys, "b.sevens", digits.insert(2, ":"), true).ok());
  EXPECT_NE(read_pins(keys)->at("b.sevens"), peer.fingerprint);
  EXPECT_EQ(failure_of(pin_peer(keys, "c", "abcd", false)), Failure::Usage);
  EXPECT_EQ(read_pins(keys)->size(), 1u);
}

}  // namespace
}  // namespace acie::parties

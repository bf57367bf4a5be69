// acie-run key, seal, open and verify as a user calls them.

#include "tests/end_to_end/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace acie::testing {
namespace {

using ::testing::HasSubstr;

class KeyCommand : public ::testing::Test {
 protected:
  KeyCommand() {
    std::ofstream(folder_ / "password") << "correct horse\nnot this line\n";
    std::ofstream(folder_ / "other") << "another password";
    for (const char* name : {"password", "other"})
      std::filesystem::permissions(folder_ / name,
                                   std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }

  CommandResult call(const std::string& arguments, const char* password = "password") {
    return run("setsid " + runner() + " " + arguments + " --keys " + (folder_ / "keys").string() +
               " --password-file " + (folder_ / password).string() + " </dev/null");
  }
  std::string path(const char* name) { return (folder_ / name).string(); }

  TemporaryFolder folder_;
};

TEST_F(KeyCommand, APaillierKeyTravelsThroughPythonPailliersJson) {
  ASSERT_EQ(call("key generate k --bits 512 --insecure-test-key --comment 'a comment'").exit_code, 0);
  const nlohmann::json before = nlohmann::json::parse(call("key show k --json").out);
  EXPECT_EQ(before[0]["kind"], "paillier");
  EXPECT_EQ(before[0]["insecure"], true);
  ASSERT_EQ(call("key export k --private --out " + path("k.json")).exit_code, 0);
  const nlohmann::json exported = nlohmann::json::parse(read_file(path("k.json")));
  EXPECT_EQ(exported["kty"], "DAJ");
  EXPECT_EQ(exported["pub"]["alg"], "PAI-GN1");
  EXPECT_EQ(call("key import " + path("k.json") + " --insecure-test-key").exit_code, 2)
      << "a name is taken once";
  EXPECT_EQ(call("key import " + path("k.json") + " --name again").exit_code, 3)
      << "too small without the test flag";
  ASSERT_EQ(call("key import " + path("k.json") + " --name again --insecure-test-key").exit_code, 0);
  const nlohmann::json after = nlohmann::json::parse(call("key show again --json").out);
  EXPECT_EQ(after[0]["fingerprint"], before[0]["fingerprint"]);
  EXPECT_EQ(after[0]["comment"], "a comment");
  const CommandResult half = call("key export k");
  EXPECT_FALSE(nlohmann::json::parse(half.out).contains("p"));
  std::ofstream(path("half.json")) << half.out;
  const CommandResult import = call("key import " + path("half.json") + " --insecure-test-key");
  EXPECT_EQ(import.exit_code, 0);
  EXPECT_THAT(import.err, HasSubstr("compare the fingerprint"));
  EXPECT_EQ(nlohmann::json::parse(call("key show --json").out).size(), 3u);
}

TEST_F(KeyCommand, PasswordsAreAskedForAndChecked) {
  ASSERT_EQ(call("key generate a --kind aes256_gcm").exit_code, 0);
  EXPECT_EQ(call("key show a --check").exit_code, 0);
  EXPECT_EQ(call("key show a --check", "other").exit_code, 4);
  const CommandResult no_terminal =
      run("setsid " + runner() + " key generate b --kind aes256_gcm --keys " + path("keys") + " </dev/null");
  EXPECT_EQ(no_terminal.exit_code, 2);
  EXPECT_THAT(no_terminal.err, HasSubstr("--password-file"));
  std::filesystem::permissions(path("password"), std::filesystem::perms(0644));
  EXPECT_EQ(call("key show a --check").exit_code, 4) << "a password others can read";
  const CommandResult typed =
      run("echo short | " + runner() + " key generate b --kind aes256_gcm --password-file - --keys " +
          path("keys"));
  EXPECT_EQ(typed.exit_code, 2);
  EXPECT_THAT(typed.err, HasSubstr("8 characters"));
}

TEST_F(KeyCommand, UnsafeKeysNeedLeave) {
  EXPECT_EQ(call("key generate k --bits 1024").exit_code, 2);
  EXPECT_EQ(call("key generate w --kind rc2_128_cbc").exit_code, 2);
  EXPECT_EQ(call("key generate w --kind rc2_128_cbc --allow-weak").exit_code, 0);
  std::ofstream(path("plain")) << "text";
  EXPECT_EQ(call("seal " + path("plain") + " --key w").exit_code, 2);
  const CommandResult weak = call("seal " + path("plain") + " --key w --allow-weak");
  EXPECT_EQ(weak.exit_code, 0);
  EXPECT_THAT(weak.err, HasSubstr("warning"));
  EXPECT_EQ(call("verify " + path("plain.sealed") + " --key w --allow-weak").exit_code, 0);
  EXPECT_EQ(call("key generate e --kind aes_ecb").exit_code, 2);
  EXPECT_EQ(call("key generate ../e --kind aes256_gcm").exit_code, 2);
  EXPECT_EQ(call("key show nobody").exit_code, 2);
}

TEST_F(KeyCommand, FilesAreSealedVerifiedAndOpened) {
  ASSERT_EQ(call("key generate a --kind chacha20_poly1305").exit_code, 0);
  ASSERT_EQ(call("key generate b --kind chacha20_poly1305").exit_code, 0);
  std::ofstream(path("plain")) << std::string(100000, 'p');
  ASSERT_EQ(call("seal " + path("plain") + " --key a --context 'an image'").exit_code, 0);
  const CommandResult verified = call("verify " + path("plain.sealed") + " --key a");
  EXPECT_EQ(verified.exit_code, 0);
  EXPECT_THAT(verified.out, HasSubstr("an image"));
  ASSERT_EQ(call("open " + path("plain.sealed") + " --key a --context 'an image' --out " + path("opened"))
                .exit_code,
            0);
  EXPECT_EQ(read_file(path("opened")), read_file(path("plain")));
  EXPECT_EQ(call("open " + path("plain.sealed") + " --key a --context other --out " + path("no")).exit_code,
            4);
  EXPECT_EQ(call("open " + path("plain.sealed") + " --key b --out " + path("no")).exit_code, 4);
  std::filesystem::resize_file(path("plain.sealed"), 99000);
  EXPECT_EQ(call("open " + path("plain.sealed") + " --key a --out " + path("no")).exit_code, 4);
  EXPECT_EQ(call("verify " + path("plain.sealed") + " --key a").exit_code, 4);
  EXPECT_FALSE(std::filesystem::exists(path("no")));
}

TEST_F(KeyCommand, UsageIsExplained) {
  EXPECT_EQ(run(runner() + " key").exit_code, 2);
  EXPECT_EQ(run(runner() + " key generate").exit_code, 2);
  const CommandResult help = run(runner() + " key generate --help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("acie-run key generate"));
  EXPECT_THAT(run(runner() + " --help").out, HasSubstr("acie-run key"));
}

}  // namespace
}  // namespace acie::testing

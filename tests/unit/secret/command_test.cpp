// acie-run with programs of parties: in one process, through a folder, over the network; and what dies on the way.
#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/package/Package.h"
#include "tests/end_to_end/command.h"
#include "tests/end_to_end/port.h"
#include "tests/unit/package/PartyPrograms.h"

namespace acie {
namespace {

using package::testing::LinearScore;
using testing::free_port;
using testing::run;
using testing::TemporaryFolder;

void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

/// Packages, keys and inputs of W·x + b: W = (.5, −.25, .125), b = .3.
class PartyCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    LinearScore score;
    score.outputs = 1;
    score.bits = 1024;
    for (const package::PartyProgram& program : {score.owner(), score.cloud()}) {
      const std::vector<package::Section> sections = {{package::SectionType::Party, std::string(package::kPartySection), to_json(program), true}};
      const auto bytes = package::write_package(package::Plan{}, sections, nullptr);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      write(folder_ / ("score." + program.party + ".aciepkg"), *bytes);
    }
    write(folder_ / "password", "correct horse\n");
    std::filesystem::permissions(folder_ / "password", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    write(folder_ / "x.json", "[10, 20, 30]");
    write(folder_ / "w.csv", "0.5,-0.25,0.125\n");
    write(folder_ / "x.csv", "id,x[0],x[1],x[2]\n1,10,20,30\n2,0,0,0\n3,-1.5,2,4\n");
    good("key generate k --bits 1024 --insecure-test-key --password-file " + path("password") + " --keys " + path("owner"));
    good("key export k --keys " + path("owner") + " --out " + path("k.json"));
    good("key import " + path("k.json") + " --insecure-test-key --keys " + path("cloud"));
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void good(const std::string& arguments) {
    const auto result = run(testing::runner() + " " + arguments);
    ASSERT_EQ(result.exit_code, 0) << arguments << "\n" << result.err;
  }
  std::string owner(const std::string& more) const {
    return testing::runner() + " " + path("score.owner.aciepkg") + " score --allow-unsigned --insecure-test-key --password-file " + path("password") +
           " --keys " + path("owner") + " " + more;
  }
  std::string cloud(const std::string& more) const {
    return testing::runner() + " " + path("score.cloud.aciepkg") + " score --allow-unsigned --insecure-test-key --keys " + path("cloud") + " --arg w=" +
           path("w.csv") + " --set b=0.3 " + more;
  }
  void make_identities() {
    for (const char* name : {"owner", "cloud"}) good(std::string("party init ") + name + " --keys " + path(name));
    good("party trust cloud " + path("cloud/cloud.crt") + " --keys " + path("owner"));
    good("party trust owner " + path("owner/owner.crt") + " --keys " + path("cloud"));
  }
  /// Both at once; the owner's result.
  testing::CommandResult both(const std::string& for_owner, const std::string& for_cloud) const {
    return run("( ( " + cloud(for_cloud) + " 2>" + path("cloud.err") + "; echo $? >" + path("cloud.rc") + " ) & " + owner(for_owner) + "; rc=$?; wait; exit $rc )");
  }

  TemporaryFolder folder_;
};

constexpr const char* kTable = "z[0],status\n4.05,ok\n0.3,ok\n-0.45,ok\n";

TEST_F(PartyCommand, RunsAllPartiesInOneProcess) {
  const std::string all = "--local --arg x=" + path("x.json") + " --arg w=" + path("w.csv") + " --set b=0.3";
  const auto once = run(owner(all));
  EXPECT_EQ(once.exit_code, 0) << once.err;
  EXPECT_EQ(once.out, "z[0]\n4.05\n");
  const auto table = run(owner("--local --data " + path("x.csv") + " --arg w=" + path("w.csv") + " --set b=0.3"));
  EXPECT_EQ(table.out, kTable) << table.err;
  const auto shard = run(owner("--local --rows 1:2 --data " + path("x.csv") + " --arg w=" + path("w.csv") + " --set b=0.3 --out " + path("z.json")));
  EXPECT_EQ(shard.exit_code, 0) << shard.err;
  EXPECT_NE(testing::read_file(folder_ / "z.json").find("[0.3,\"ok\"]]"), std::string::npos) << testing::read_file(folder_ / "z.json");
}

TEST_F(PartyCommand, RunsOverTheNetworkAndThroughAFolder) {
  make_identities();
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  const auto network = both("--peer cloud=" + address + " --data " + path("x.csv"), "--listen " + address);
  EXPECT_EQ(network.exit_code, 0) << network.err << testing::read_file(folder_ / "cloud.err");
  EXPECT_EQ(network.out, kTable);
  EXPECT_EQ(testing::read_file(folder_ / "cloud.rc"), "0\n") << testing::read_file(folder_ / "cloud.err");

  std::filesystem::create_directory(folder_ / "shared");
  const std::string exchange = "--exchange " + path("shared");
  const auto files = both(exchange + " --data " + path("x.csv"), exchange);
  EXPECT_EQ(files.exit_code, 0) << files.err << testing::read_file(folder_ / "cloud.err");
  EXPECT_EQ(files.out, kTable);
}

TEST_F(PartyCommand, GoesOnAfterAPartyWasKilled) {
  make_identities();
  std::filesystem::create_directory(folder_ / "shared");
  const std::string exchange = "--exchange " + path("shared");
  // Nobody answers; the owner is killed while it waits, and leaves nothing under the name of its answer.
  const auto killed = run("timeout -s KILL 2 " + owner(exchange + " --data " + path("x.csv") + " --out " + path("z.csv")));
  EXPECT_NE(killed.exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "z.csv"));
  const auto again = both(exchange + " --data " + path("x.csv") + " --out " + path("z.csv"), exchange);
  EXPECT_EQ(again.exit_code, 0) << again.err << testing::read_file(folder_ / "cloud.err");
  EXPECT_EQ(testing::read_file(folder_ / "z.csv"), kTable);
}

TEST_F(PartyCommand, ListsAndDescribesWhatAPartyDoes) {
  const auto list = run(testing::runner() + " " + path("score.cloud.aciepkg") + " --allow-unsigned");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  for (const char* part : {"Party cloud of score", "input  w: f64[1, 3]", "key    k: paillier, 1024 bits, held by owner", "peer   owner"})
    EXPECT_NE(list.out.find(part), std::string::npos) << list.out;
  const auto plan = run(testing::runner() + " " + path("score.cloud.aciepkg") + " score --plan --allow-unsigned");
  EXPECT_NE(plan.out.find("matvec"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("send to owner (message 1)"), std::string::npos) << plan.out;
}

TEST_F(PartyCommand, SaysWhatIsWrong) {
  const auto fails = [&](const std::string& command, int code, const std::string& text) {
    const auto result = run(command);
    EXPECT_EQ(result.exit_code, code) << command << "\n" << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  };
  const std::string weights = " --arg w=" + path("w.csv") + " --set b=0.3 ";
  fails(owner("--local" + weights), 2, "needs x");
  fails(owner("--local --arg y=1" + weights), 2, "needs x");
  fails(owner("--local --arg x=" + path("x.json") + " --arg y=" + path("x.json") + weights), 2, "--arg y");
  fails(owner("--arg x=" + path("x.json")), 2, "reaches nobody");
  fails(owner("--party cloud"), 2, "is for the party owner");
  write(folder_ / "big.json", "[1, 2, 300]");
  fails(owner("--local --arg x=" + path("big.json") + weights), 3, "outside the declared range");
  write(folder_ / "short.json", "[1, 2]");
  fails(owner("--local --arg x=" + path("short.json") + weights), 3, "has shape [2]");
  write(folder_ / "hole.csv", "x[0],x[1],x[2]\n1,2,3\n1,,3\n");
  fails(owner("--local --data " + path("hole.csv") + weights), 3, "row 2");
  const std::string small = testing::runner() + " " + path("score.owner.aciepkg") + " score --allow-unsigned --password-file " + path("password") +
                            " --keys " + path("owner") + " --local --arg x=" + path("x.json") + weights;
  fails(small, 4, "which is not safe");
  write(folder_ / "password", "wrong horse\n");
  fails(owner("--local --arg x=" + path("x.json") + weights), 4, "key k");
}

}  // namespace
}  // namespace acie

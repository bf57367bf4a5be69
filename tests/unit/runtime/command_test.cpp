// acie-run as people and scripts use it: what it prints, what it writes, what it exits with.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/command.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Command : public ::testing::Test {
 protected:
  void SetUp() override {
    package_ = (folder_ / "test.aciepkg").string();
    std::ofstream(package_, std::ios::binary) << test_package();
    data_ = write("data.csv", "a,B_COLUMN\n1,10\n2,20\n,3\n4,-1\n200,1\n5,0.5\n");
  }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  /// With its own configuration and cache folders, so that no test depends on the user's.
  CommandResult acie_run(const std::string& arguments) {
    return run("XDG_CONFIG_HOME=" + (folder_ / "config").string() + " XDG_CACHE_HOME=" + (folder_ / "cache").string() + " " +
               runner() + " " + arguments);
  }
  CommandResult line(const std::string& arguments) {
    return acie_run(package_ + " line --allow-unsigned --data " + data_ + " " + arguments);
  }
  size_t files_in_folder() const {
    size_t count = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder_ / "")) ++count;
    return count;
  }

  TemporaryFolder folder_;
  std::string package_, data_;
};

TEST_F(Command, ListsEntries) {
  const CommandResult result = acie_run(package_ + " --allow-unsigned");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("line on M: one answer per row\n  reads   a in 0..100\n          b from column B_COLUMN\n"
                                    "  options --set factor=2 in 0..inf\n  answers y\n          status\n"));
}

TEST_F(Command, AnswersInCsv) {
  const CommandResult result = line("--set factor=3");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "y,status\n13,ok\n26,ok\n,bad_input\n,undefined\n,bad_input\n15.5,ok\n");
  EXPECT_THAT(result.err, HasSubstr("6 rows in"));
  EXPECT_THAT(result.err, HasSubstr("1 undefined (1: b is negative); 2 bad input"));
}

TEST_F(Command, WritesFilesWholeOrNotAtAll) {
  const std::string out = (folder_ / "out.json").string();
  ASSERT_EQ(line("--out " + out).exit_code, 0);
  EXPECT_THAT(read_file(out), StartsWith("{\"entry\":\"line\""));
  EXPECT_THAT(read_file(out), HasSubstr("\"seed\":0"));
  const size_t files = files_in_folder();
  EXPECT_EQ(line("--out " + (folder_ / "other.csv").string() + " --on-bad-row fail").exit_code, 3);
  EXPECT_EQ(files_in_folder(), files);  // neither the file nor a part of it
}

TEST_F(Command, BadRowsAsAsked) {
  EXPECT_EQ(line("--on-bad-row skip").out, "y,status\n12,ok\n24,ok\n10.5,ok\n");
  const CommandResult failed = line("--on-bad-row fail");
  EXPECT_EQ(failed.exit_code, 3);
  EXPECT_THAT(failed.err, HasSubstr("data.csv: row 3: a is missing"));
  const CommandResult strict = line("--strict");
  EXPECT_EQ(strict.exit_code, 1);
  EXPECT_THAT(strict.err, HasSubstr("row 4: b is negative"));
  const std::string rejects = (folder_ / "rejects.csv").string();
  ASSERT_EQ(line("--rejects " + rejects).exit_code, 0);
  EXPECT_EQ(read_file(rejects),
            "row,status,reason\n2,bad_input,\"a is missing\"\n3,undefined,\"b is negative\"\n"
            "4,bad_input,\"a = 200 is outside its declared range 0..100\"\n");
}

TEST_F(Command, ConstraintsAreExitFiveWhenStrict) {
  const std::string command = package_ + " relative --allow-unsigned --data " + data_;
  const CommandResult relaxed = acie_run(command);
  EXPECT_EQ(relaxed.exit_code, 0) << relaxed.err;
  EXPECT_THAT(relaxed.out, StartsWith("relative,physics_violation,status\n"));
  EXPECT_THAT(relaxed.err, HasSubstr("1 violate a constraint"));
  EXPECT_EQ(acie_run(command + " --strict").exit_code, 5);
}

TEST_F(Command, UsageErrorsAreExitTwoAndSayWhatThereIs) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "PKG"},
      {package_ + " --allow-unsigned lime", "it has line"},
      {package_ + " --allow-unsigned line", "needs a table: --data FILE with the columns a, B_COLUMN"},
      {package_ + " --allow-unsigned line --data " + data_ + " --set fctor=1", "it can set factor"},
      {package_ + " --allow-unsigned line --data " + data_ + " --set factor=x", "a number"},
      {package_ + " --allow-unsigned line --data " + data_ + " --set factor", "NAME=VALUE"},
      {package_ + " --allow-unsigned line --data " + data_ + " --given factor=1", "it can set nothing"},
      {package_ + " --allow-unsigned line --data " + data_ + " --bind a=c", "it reads a, b"},
      {package_ + " --allow-unsigned line --data " + data_ + " --bind x=a", "x"},
      {package_ + " --allow-unsigned line --data " + data_ + " --rows 3", "--rows takes A:B"},
      {package_ + " --allow-unsigned line --data " + data_ + " --out x.xls", "x.xls"},
      {package_ + " --allow-unsigned line --data " + data_ + " --target x86-64-v9", "it has x86-64-v3"},
      {package_ + " --report r.html", "not built yet"},
      {package_ + " --party a --local --allow-unsigned", "has no parties"},
      {package_ + " --peer a=b:1 --allow-unsigned", "has no parties"},
      {package_ + " --nonsense", "nonsense"},
      {"/nonexistent.aciepkg", "cannot read"},
      {package_ + " --trust zz", "trusted key"},
  };
  for (const auto& [arguments, message] : cases) {
    const CommandResult result = acie_run(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(message)) << arguments;
    EXPECT_EQ(result.out, "") << arguments;
  }
}

TEST_F(Command, BadDataIsExitThree) {
  EXPECT_EQ(acie_run(package_ + " line --allow-unsigned --data /nonexistent.csv").exit_code, 3);
  const CommandResult missing = acie_run(package_ + " line --allow-unsigned --data " + write("x.csv", "a,c\n1,2\n"));
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("has no column 'B_COLUMN' for 'b'; name one with --bind COLUMN=b; it has a, c"));
  const CommandResult text = acie_run(package_ + " line --allow-unsigned --data " + write("y.csv", "a,b\n1,2\nx,2\n"));
  EXPECT_EQ(text.exit_code, 3);
  EXPECT_THAT(text.err, HasSubstr("y.csv"));
}

TEST_F(Command, ColumnsAreFoundByBindingDefaultOrName) {
  const std::string table = write("names.csv", "b,other,a\n5,7,1\n");
  EXPECT_EQ(acie_run(package_ + " line --allow-unsigned --data " + table).out, "y,status\n7,ok\n");
  EXPECT_EQ(acie_run(package_ + " line --allow-unsigned --bind other=b --data " + table).out, "y,status\n9,ok\n");
}

TEST_F(Command, DamagedAndForeignPackagesAreExitFour) {
  EXPECT_EQ(acie_run(package_ + " line --data " + data_).exit_code, 4);
  std::string bytes = test_package();
  bytes[bytes.size() / 2] ^= 1;
  EXPECT_EQ(acie_run(write("damaged.aciepkg", bytes) + " --allow-unsigned").exit_code, 4);
  EXPECT_EQ(acie_run(data_ + " --allow-unsigned").exit_code, 4);
}

TEST_F(Command, TrustsTheUsersKeyAndThoseNamed) {
  std::array<uint8_t, 32> seed;
  seed.fill(9);
  const package::SigningKey key = *package::SigningKey::from_seed(seed);
  const std::string file = write("signed.aciepkg", *package::write_package(test_plan(), test_sections(), &key));
  const CommandResult foreign = acie_run(file);
  EXPECT_EQ(foreign.exit_code, 4);
  EXPECT_THAT(foreign.err, HasSubstr("--trust " + package::to_hex(key.public_key())));
  EXPECT_EQ(acie_run(file + " --trust " + package::to_hex(key.public_key())).exit_code, 0);
  EXPECT_EQ(acie_run(file + " --trust " + write("their.pub", package::to_hex(key.public_key()) + "\n")).exit_code, 0);
  std::filesystem::create_directories(folder_ / "config/acie");
  write("config/acie/signing.key", package::to_hex(seed) + "\n");
  EXPECT_EQ(acie_run(file).exit_code, 0);
}

TEST_F(Command, ShardsContinueEachOther) {
  const std::string whole = line("").out, first = line("--rows :2").out, rest = line("--rows 2:").out;
  EXPECT_EQ(first + rest.substr(rest.find('\n') + 1), whole);
  const std::string draws = package_ + " draws_by_row --allow-unsigned --draws 3 --data " + data_;
  const std::string all = acie_run(draws).out, second = acie_run(draws + " --rows 1:2").out;
  EXPECT_THAT(all, HasSubstr(second.substr(second.find('\n') + 1)));
  EXPECT_THAT(second, HasSubstr("\n1,0,2,"));
}

TEST_F(Command, ValuesComeFromFilesUnderTheCommandLine) {
  const std::string params = write("p.json", R"({"factor": 5, "other": {"thing": 1}})");
  EXPECT_THAT(line("--params " + params).out, StartsWith("y,status\n15,ok\n"));
  EXPECT_THAT(line("--params " + params + " --set factor=7").out, StartsWith("y,status\n17,ok\n"));
  EXPECT_EQ(line("--params " + write("bad.json", "[1]")).exit_code, 2);
  EXPECT_EQ(line("--params /nonexistent.json").exit_code, 2);
}

TEST_F(Command, Hdf5TablesGoInAndOut) {
  const std::string table = write("data.h5", "old");
  ASSERT_EQ(line("--out " + table + ":/runs/first").exit_code, 0);
  const std::string asked = package_ + " line --allow-unsigned --bind y=a --bind y=b --data " + table;
  const CommandResult again = acie_run(asked + " --rows 0:1");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(acie_run(asked + ":/runs/first --rows 0:1").out, again.out);
  EXPECT_THAT(again.out, StartsWith("y,status\n36,ok\n"));
  const CommandResult missing = acie_run(asked + ":/runs/second");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.err, HasSubstr("its tables are /runs/first"));
  EXPECT_EQ(acie_run(package_ + " line --allow-unsigned --data " + write("broken.h5", "none")).exit_code, 3);
}

TEST_F(Command, ValuesComeFromSafetensors) {
  const auto file = [&](const std::string& name, const std::string& type, const std::string& shape, auto value) {
    const std::string header = "{\"factor\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[0," +
                               std::to_string(sizeof value) + "]}}";
    const uint64_t length = header.size();
    return write(name, std::string(reinterpret_cast<const char*>(&length), sizeof length) + header +
                           std::string(reinterpret_cast<const char*>(&value), sizeof value));
  };
  const std::string half = file("half.safetensors", "F32", "[1]", 0.5f);
  const std::string seven = file("seven.safetensors", "I64", "[]", int64_t{7});
  EXPECT_THAT(line("--params " + half).out, StartsWith("y,status\n10.5,ok\n"));
  EXPECT_THAT(line("--params " + half + " --params " + seven).out, StartsWith("y,status\n17,ok\n"));
  EXPECT_THAT(line("--params " + half + " --set factor=6").out, StartsWith("y,status\n16,ok\n"));
  const CommandResult vector = line("--params " + file("vector.safetensors", "F32", "[2]", 0.5));
  EXPECT_EQ(vector.exit_code, 2);
  EXPECT_THAT(vector.err, HasSubstr("vector.safetensors: the value of factor has the shape [2]; a single number is needed"));
  EXPECT_EQ(line("--params " + write("bad.safetensors", "{}")).exit_code, 3);
}

TEST_F(Command, AskedValues) {
  const std::string asked = package_ + " asked --allow-unsigned --data " + write("q.csv", "a,do.x\n1,\n2,8\n");
  EXPECT_EQ(acie_run(asked).out, "x,status\n1,ok\n8,ok\n");
  EXPECT_EQ(acie_run(asked + " --do x=4").out, "x,status\n4,ok\n4,ok\n");
}

TEST_F(Command, TablesForPeople) {
  EXPECT_EQ(line("--format table --rows 0:3").out, " y  status\n--  ---------\n12  ok\n24  ok\n    bad_input\n");
  EXPECT_THAT(acie_run(package_ + " draws --allow-unsigned --format table --draws 50").out, HasSubstr("… 10 more rows"));
}

TEST_F(Command, InspectsPlansAndTraces) {
  EXPECT_THAT(acie_run(package_ + " --allow-unsigned --inspect").out, HasSubstr("targets   x86-64-v3"));
  EXPECT_THAT(acie_run(package_ + " --allow-unsigned --plan relative").out, HasSubstr("the table is read 2 times"));
  const std::string trace = (folder_ / "trace.json").string();
  ASSERT_EQ(line("--trace " + trace).exit_code, 0);
  EXPECT_THAT(read_file(trace), HasSubstr("\"name\":\"compute\""));
  EXPECT_THAT(acie_run("--version").out, StartsWith("acie-run 0."));
  EXPECT_THAT(acie_run("--help").out, HasSubstr("--on-bad-row"));
  EXPECT_THAT(line("--progress always").err, HasSubstr("rows in"));
}

TEST_F(Command, InterruptedRunsLeaveNothing) {
  const std::string out = (folder_ / "big.csv").string();
  std::string text = "a\n";
  for (int i = 0; i < 20000; ++i) text += "1\n";
  const std::string table = write("big_in.csv", text);
  const size_t files = files_in_folder();
  // 20,000 rows of 100,000 draws take far longer than the signal.
  // One signal, to the command alone: a second one ends it at once.
  const CommandResult result = run("timeout --foreground -s INT 1 " + runner() + " " + package_ +
                                   " draws_by_row --allow-unsigned --draws 100000 --data " + table + " --out " + out);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("stopped before the end"));
  EXPECT_EQ(files_in_folder(), files);
}

TEST_F(Command, CompilesProgramsOnceAndAgainWhenTheyChange) {
  // A compiler that copies the test package, counts its runs and depends on an imported file.
  std::filesystem::create_directories(folder_ / "bin");
  std::filesystem::copy(runner(), folder_ / "bin/acie-run");
  const std::string count = (folder_ / "count").string(), import = write("lib.acie", "const one = 1\n");
  write("bin/acie-compile", "#!/bin/sh\nif [ \"$2\" = --deps ]; then echo \"$1\"; echo " + import +
                                "; exit 0; fi\necho x >> " + count + "\ngrep -q broken \"$1\" && { echo 'it is broken' >&2; exit 1; }\ncp " +
                                package_ + " \"$3\"\n");
  std::filesystem::permissions(folder_ / "bin/acie-compile", std::filesystem::perms::owner_all);
  const std::string program = write("program.acie", "query q {}\n");
  const std::string environment = "XDG_CONFIG_HOME=" + (folder_ / "config").string() +
                                  " XDG_CACHE_HOME=" + (folder_ / "cache").string() + " ";
  const auto go = [&](const std::string& options) {
    return run(environment + (folder_ / "bin/acie-run").string() + " " + program + " " + options);
  };
  const auto compiled = [&] { return read_file(count).size() / 2; };
  EXPECT_EQ(go("").exit_code, 0);
  EXPECT_EQ(compiled(), 1u);
  EXPECT_EQ(go("--allow-unsigned").exit_code, 0);
  EXPECT_EQ(compiled(), 1u) << "the second run must take the package from the cache";
  EXPECT_EQ(go("").exit_code, 0) << "a cached package nobody signed is made anew";
  EXPECT_EQ(compiled(), 2u);
  write("lib.acie", "const one = 2\n");
  EXPECT_EQ(go("--allow-unsigned").exit_code, 0);
  EXPECT_EQ(compiled(), 3u) << "an imported file changed";
  write("program.acie", "broken\n");
  const CommandResult broken = go("--allow-unsigned");
  EXPECT_EQ(broken.exit_code, 1);
  EXPECT_THAT(broken.err, HasSubstr("it is broken"));
}

}  // namespace
}  // namespace acie::testing

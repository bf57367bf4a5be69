// Programs of several files: what imports bring in, under which names, from where.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

namespace fs = std::filesystem;

/// A folder of program files.
class Files {
 public:
  Files& add(const std::string& name, const std::string& text) {
    const fs::path path = *folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return *this;
  }
  fs::path operator/(const std::string& name) const { return *folder_ / name; }

  /// Compiles main.acie; `environment` stands before the command.
  CommandResult compile(const std::string& options = "", const std::string& environment = "") const {
    return run(environment + " " + compiler() + " --unsigned " + options + " " + (*folder_ / "main.acie").string() + " -o " + package());
  }
  /// The one row that `query` answers.
  std::map<std::string, std::string> ask(const std::string& query, const std::string& options = "") const {
    const CommandResult ran = run(runner() + " " + package() + " " + query + " --allow-unsigned --out - " + options);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const auto rows = parse_csv(ran.out);
    EXPECT_EQ(rows.size(), 1u) << ran.out;
    return rows.empty() ? std::map<std::string, std::string>() : rows[0];
  }
  std::string package() const { return (*folder_ / "out.aciepkg").string(); }

 private:
  std::shared_ptr<TemporaryFolder> folder_ = std::make_shared<TemporaryFolder>();
};

double number(const std::map<std::string, std::string>& row, const std::string& column) {
  const auto found = row.find(column);
  EXPECT_NE(found, row.end()) << column;
  return found == row.end() ? NAN : std::stod(found->second);
}

constexpr const char* kOscillator = R"(
import "../shared/constants.acie"
param rate : f64 = 0.5
const _gain = 2
fn _gained(x: f64) -> f64 { return _gain * x }
fn response(x: f64) -> f64 { return _gained(x) + offset }
type Pair = f64[2]
dim N = 3
fn total[K](x: f64[K]) -> f64 { return sum(x) }
mechanism scaled[K](x: f64[K]) -> f64 {
    learn w : f64[K] = ones()
    return sum(w * x)
}
model Spring {
    exo u ~ normal(0, 1)
    exo v ~ normal(0, 1)
    var force  : f64 = u
    var length : f64 = rate * response(force) + v
}
intervention pulled(more: f64) on Spring { do force = force + more }
constraint short on Spring { length <= 1000 }
query imported on Spring { return E[length] }
)";
constexpr const char* kConstants = "const offset = 1\nunit span = 3<m>\n";

Files springs(const std::string& main) {
  Files files;
  files.add("models/spring.acie", kOscillator).add("shared/constants.acie", kConstants).add("main.acie", main);
  std::ofstream(files / "data.csv") << "force,length\n1,4\n";
  return files;
}

// force 1, length 4 = 0.5 (2·1 + 1) + v: v = 2.5. Pulled by 1: 0.5 (2·2 + 1) + 2.5 = 5.
TEST(Modules, AnImportBringsItsNamesIn) {
  const Files files = springs(R"(
import "models/spring.acie"
query q on Spring { given force, length; do pulled(1); return length, t = total([1, 2, N]) }
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const auto row = files.ask("q", "--data " + (files / "data.csv").string());
  EXPECT_NEAR(number(row, "length"), 5, 1e-12);
  EXPECT_NEAR(number(row, "t"), 6, 1e-12);
  EXPECT_EQ(number(row, "physics_violation"), 0) << "the constraint comes with the model";
  const CommandResult listed = run(runner() + " " + files.package() + " --allow-unsigned");
  EXPECT_EQ(listed.out.find("imported"), std::string::npos) << "the queries of an imported file stay its own";
}

TEST(Modules, AnAliasMakesThemMembers) {
  const Files files = springs(R"(
import "models/spring.acie" as s
query q on s.Spring { given force, length; do s.pulled(1); return length }
model Own { exo u ~ normal(0, 1); var x : s.Pair = [u, s.scaled([u, 2 * u])] }
query r on Own { return E[x[1]], t = s.total[3]([1, 2, s.N]), f = s.response(1), m = s.total([i for i in 0..s.N]) }
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  EXPECT_NEAR(number(files.ask("q", "--data " + (files / "data.csv").string()), "length"), 5, 1e-12);
  const auto row = files.ask("r");
  EXPECT_NEAR(number(row, "E[x[1]]"), 0, 0.1);
  EXPECT_EQ(number(row, "t"), 6);
  EXPECT_EQ(number(row, "f"), 3);
  EXPECT_EQ(number(row, "m"), 3);
}

TEST(Modules, SingleNamesAreChosenAndRenamed) {
  const Files files = springs(R"(
import Spring as Coil, pulled from "models/spring.acie"
import offset as shift, span from "shared/constants.acie"
const response = 10
query q on Coil { given force, length; do pulled(response); return length, s = shift, d = long }
const long : f64<m> = 2<span>
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const auto row = files.ask("q", "--data " + (files / "data.csv").string());
  EXPECT_NEAR(number(row, "length"), 0.5 * (2 * 11 + 1) + 2.5, 1e-12);
  EXPECT_EQ(number(row, "s"), 1);
  EXPECT_EQ(number(row, "d"), 6);
}

TEST(Modules, OwnNamesHideImportedOnesAndChosenOnesHideOthers) {
  Files files;
  files.add("a.acie", "const x = 1\nconst y = 1\nunit rod = 2<m>\nfn abs(v: f64) -> f64 { return 7 }\n")
      .add("b.acie", "const x = 2\nconst y = 2\nunit rod = 3<m>\n")
      .add("main.acie", R"(
import "a.acie"
import "b.acie"
import y from "b.acie"
const x = 4
unit rod = 5<m>
const long : f64<m> = 1<rod>
model M { exo u ~ normal(0, 1); var v = u }
query q on M { return own = x, chosen = y, e = E[v], d = long, imported = abs(-1) }
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const auto row = files.ask("q");
  EXPECT_EQ(number(row, "own"), 4);
  EXPECT_EQ(number(row, "chosen"), 2);
  EXPECT_EQ(number(row, "d"), 5);
  EXPECT_EQ(number(row, "imported"), 7) << "imports hide the prelude";
}

/// Two imports of one name are no mistake where nothing uses it.
TEST(Modules, UnusedAmbiguityIsNoError) {
  Files files;
  files.add("a.acie", "const x = 1\nunit rod = 2<m>\n").add("b.acie", "const x = 2\nunit rod = 3<m>\n").add("main.acie", "import \"a.acie\"\nimport \"b.acie\"\n");
  EXPECT_EQ(files.compile("--check").exit_code, 0);
}

/// By whatever path: beside, through `..`, through a link, twice in one file and once in another.
TEST(Modules, AFileImportedSeveralTimesIsOneModule) {
  Files files;
  files.add("sub/one.acie", "const x = 3\nmodel M { exo u ~ normal(0, 1); var v = x + u }\nunit rod = 2<m>\n")
      .add("sub/two.acie", "import \"one.acie\"\nintervention lower on M { do v = 0 }\n");
  fs::create_symlink(files / "sub/one.acie", files / "link.acie");
  files.add("main.acie", R"(
import "sub/one.acie"
import "./sub/../sub/one.acie"
import "link.acie"
import sub.one
import "sub/one.acie" as again
import "sub/two.acie"
const long : f64<m> = x * 1<rod>
query q on M { do lower(); return E[v] }
query p on again.M { return E[v], l = long }
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  EXPECT_EQ(number(files.ask("q"), "E[v]"), 0);
  EXPECT_EQ(number(files.ask("p"), "l"), 6);
}

TEST(Modules, ParametersAndModelsOfOneNameAreToldApart) {
  const Files files = springs(R"(
import "models/spring.acie" as s
param rate : f64 = 100
model Spring { exo u ~ normal(0, 1); learn k : f64 = 2; var length = k * rate + 0 * u }
query own on Spring { return E[length] }
query theirs on s.Spring { given force, length; do s.pulled(1); return length }
)");
  const CommandResult compiled = files.compile();
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  EXPECT_EQ(number(files.ask("own", "--set rate=10"), "E[length]"), 20);
  // v = 4 - rate (2·1 + 1); after the pull rate (2·2 + 1) + v = 4 + 2 rate.
  EXPECT_NEAR(number(files.ask("theirs", "--set spring.rate=3 --data " + (files / "data.csv").string()), "length"), 10, 1e-12);
}

TEST(Modules, TheSearchPathIsTriedInItsOrder) {
  Files files;
  const std::string main = "import which\nmodel M { exo u ~ normal(0, 1); var v = u }\nquery q on M { return E[v], w = which_one }\n";
  files.add("main.acie", main).add("first/which.acie", "const which_one = 1\n").add("second/which.acie", "const which_one = 2\n").add("third/which.acie", "const which_one = 3\n");
  const auto dir = [&](const char* name) { return (files / name).string(); };
  const auto found = [&](const std::string& options, const std::string& environment) {
    const CommandResult compiled = files.compile(options, environment);
    EXPECT_EQ(compiled.exit_code, 0) << compiled.err;
    return compiled.exit_code == 0 ? number(files.ask("q"), "w") : 0;
  };
  EXPECT_EQ(found("-I " + dir("first") + " -I " + dir("second"), ""), 1);
  EXPECT_EQ(found("-I " + dir("second"), "ACIE_PATH=" + dir("first")), 2) << "-I before ACIE_PATH";
  EXPECT_EQ(found("", "ACIE_PATH=" + dir("nowhere") + "::" + dir("third") + ":" + dir("first")), 3);
  files.add("which.acie", "const which_one = 0\n");
  EXPECT_EQ(found("-I " + dir("first"), "ACIE_PATH=" + dir("second")), 0) << "the importing file's folder comes first";
  files.add("std/astro.acie", "const which_one = 4\n").add("main.acie", "import std.astro\nmodel M { exo u ~ normal(0, 1); var v = u }\nquery q on M { return E[v], w = c / 1<m/s> }\n");
  EXPECT_EQ(found("-I " + dir("."), ""), 299792458) << "std is the standard library wherever one looks";
}

/// acie-run compiles again when a file that the program imports has changed, or when imports are found elsewhere.
TEST(Modules, ACachedProgramKnowsItsImports) {
  Files files;
  files.add("main.acie", "import which\nmodel M { exo u ~ normal(0, 1); var v = u }\nquery q on M { return E[v], w = which_one }\n");
  files.add("a/which.acie", "const which_one = 1\n").add("b/which.acie", "const which_one = 2\n");
  const auto ask = [&](const char* folder) {
    const CommandResult ran = run("XDG_CACHE_HOME=" + (files / "cache").string() + " XDG_CONFIG_HOME=" + (files / "config").string() + " ACIE_PATH=" +
                                  (files / folder).string() + " " + runner() + " " + (files / "main.acie").string() + " q --out -");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const auto rows = parse_csv(ran.out);
    return rows.size() == 1 ? rows[0].at("w") : "";
  };
  EXPECT_EQ(ask("a"), "1");
  EXPECT_EQ(ask("b"), "2");
  files.add("b/which.acie", "const which_one = 3\n");
  EXPECT_EQ(ask("b"), "3");
}

TEST(Modules, DependenciesAreListedOnce) {
  const Files files = springs("import \"models/spring.acie\"\nimport \"shared/constants.acie\"\nimport std.astro\n");
  const CommandResult listed = run(compiler() + " --deps " + (files / "main.acie").string());
  EXPECT_EQ(listed.out, (files / "main.acie").string() + "\n" + (files / "models/spring.acie").string() + "\n" + (files / "shared/constants.acie").string() + "\n");
}

/// A chain of imports as long as a generator may make it ends in an error, not in the compiler's stack.
TEST(Modules, LongChainsAreRefused) {
  Files files;
  files.add("main.acie", "import m0\n");
  for (int i = 0; i < 300; ++i) files.add("m" + std::to_string(i) + ".acie", i == 299 ? "const x = 1\n" : "import m" + std::to_string(i + 1) + "\n");
  const CommandResult compiled = files.compile("--check");
  EXPECT_EQ(compiled.exit_code, 1);
  EXPECT_NE(compiled.err.find("A0002"), std::string::npos) << compiled.err;
}

/// Not UTF-8, too large, and not readable: coded errors in the imported file.
TEST(Modules, BrokenFilesAreErrorsInTheProgram) {
  Files files;
  files.add("main.acie", "import \"bytes.acie\"\nimport \"large.acie\"\n").add("bytes.acie", "const x = \xff\n").add("large.acie", std::string(10'500'000, ' '));
  const CommandResult compiled = files.compile("--check --diagnostics=json");
  EXPECT_EQ(compiled.exit_code, 1);
  EXPECT_NE(compiled.err.find("\"code\":\"A0001\""), std::string::npos) << compiled.err;
  EXPECT_NE(compiled.err.find("\"code\":\"A0003\""), std::string::npos) << compiled.err;
  EXPECT_NE(compiled.err.find("bytes.acie\""), std::string::npos) << compiled.err;
}

}  // namespace
}  // namespace acie::testing

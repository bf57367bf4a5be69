// Texts: columns, options and results of `str`, in every format, on any number of threads.

#include <gtest/gtest.h>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

constexpr const char* kCatalogue = R"(
const home = "Milky Way"
param favourite : str = "M31"
type Source = {flux: f64, band: str}
fn shown(name: str, far: bool) -> str { return if far then "far" else name }
fn is_home(name: str) -> bool { return name == home }
model Catalogue {
    input name : str
    input z : f64
    exo u ~ normal(0, 1)
    var label : str = if z > 1 then "far" else name
    var flux = (if label == "far" then 1 else if is_home(name) then 100 else 10) + u
    var source : Source = {flux: 2 * flux, band: if z > 1 then "K" else "V"}
    var other = if name != favourite then "no" else "yes"
}
query moved on Catalogue {
    given flux
    do z = 2
    return name, label, flux, was = factual.label, band = source.band, other
}
query named(called: str = "M31", bands: str[2] = ["g", "Na"]) on Catalogue {
    given name = "Vega", z = 3, flux = 12
    do name = called
    do z = 0
    return label, flux, same = called == "M31", text = shown("near by", false), bands, first = [called, "x"][0]
}
query given_name on Catalogue {
    given z = 0, name = "M31", flux = 12
    do label = "far"
    return flux, name, label
}
query asked on Catalogue {
    given flux
    do? name
    return name, flux
}
query counted on Catalogue {
    given flux
    return n = rows.sum(name == "M31"), far = rows.sum(label == "far")
}
model Coin {
    exo u ~ normal(0, 1)
    var side : str = if u > 0 then "heads" else "tails"
}
query toss on Coin { return p = P[side == "heads"] }
query tosses on Coin { return draws[side] }
)";

class Texts : public ProgramTest {
 protected:
  void SetUp() override { compile(kCatalogue); }
  std::string data(const std::string& text) {
    const auto path = folder_ / "data.csv";
    std::ofstream(path) << text;
    return "--data " + path.string();
  }
};

TEST_F(Texts, CellsOptionsAndResults) {
  const auto rows = answer("moved", data("name,z,flux\nM31,0.5,12\n\"NGC 224, \"\"core\"\"\",3,5\nNA,0,10\n,0,1\nMilky Way,0,101\nμ Cep,0,11\n"));
  ASSERT_EQ(rows.size(), 6u);
  const char* const names[] = {"M31", "\"NGC 224, \"\"core\"\"\"", "NA", "", "Milky Way", "μ Cep"};
  const char* const was[] = {"M31", "far", "NA", "", "Milky Way", "μ Cep"};
  // flux = base + u, base 10 (100 at home) near and 1 far.
  const double flux[] = {3, 5, 1, NAN, 2, 2};
  for (size_t r = 0; r < 6; ++r) {
    EXPECT_EQ(rows[r].at("status"), r == 3 ? "bad_input" : "ok");
    EXPECT_EQ(rows[r].at("name"), names[r]);
    EXPECT_EQ(rows[r].at("was"), was[r]);
    if (r == 3) continue;
    EXPECT_EQ(rows[r].at("label"), "far");
    EXPECT_EQ(rows[r].at("band"), "K");
    EXPECT_EQ(rows[r].at("other"), r == 0 ? "yes" : "no");
    EXPECT_NEAR(at(rows, r, "flux"), flux[r], 1e-12);
  }
}

TEST_F(Texts, Arguments) {
  auto rows = answer("named");
  EXPECT_EQ(rows.at(0).at("label"), "M31");
  EXPECT_EQ(rows[0].at("same"), "true");
  EXPECT_EQ(rows[0].at("text"), "near by");
  EXPECT_EQ(rows[0].at("bands[0]"), "g");
  EXPECT_EQ(rows[0].at("bands[1]"), "Na");
  EXPECT_EQ(rows[0].at("first"), "M31");
  rows = answer("named", "--set called='a new one' --set 'bands[0]=V'");
  EXPECT_EQ(rows.at(0).at("label"), "a new one");
  EXPECT_EQ(rows[0].at("same"), "false");
  EXPECT_EQ(rows[0].at("bands[0]"), "V");
  rows = answer("named", "--set called='Milky Way'");
  EXPECT_EQ(rows.at(0).at("label"), "Milky Way");
  const auto refused = [&](const std::string& more) {
    const CommandResult ran = run(runner() + " " + package() + " " + more + " --allow-unsigned --out -");
    EXPECT_EQ(ran.exit_code, 2) << ran.out;
    return ran.err;
  };
  EXPECT_NE(refused("named --set called=").find("called"), std::string::npos);
  EXPECT_NE(refused("named --set other=M31").find("it can set "), std::string::npos);
}

TEST_F(Texts, EvidenceAndInterventions) {
  // u = 12 - 10; far: 1 + 2.
  auto rows = answer("given_name");
  EXPECT_EQ(rows.at(0).at("label"), "far");
  EXPECT_EQ(rows[0].at("name"), "M31");
  EXPECT_NEAR(at(rows, 0, "flux"), 3, 1e-12);
  rows = answer("given_name", "--given name='Milky Way' --given flux=100");
  EXPECT_EQ(rows.at(0).at("name"), "Milky Way");
  EXPECT_NEAR(at(rows, 0, "flux"), 1, 1e-12);
  const std::string table = data("name,z,flux,do.name\nM31,0,11,Milky Way\nM32,0,12,\n");
  rows = answer("asked", table);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("name"), "Milky Way");
  EXPECT_NEAR(at(rows, 0, "flux"), 101, 1e-12);
  EXPECT_EQ(rows[1].at("name"), "M32");
  EXPECT_NEAR(at(rows, 1, "flux"), 12, 1e-12);
  rows = answer("asked", table + " --do name=Vega");
  EXPECT_EQ(rows.at(0).at("name"), "Vega");
  EXPECT_EQ(rows.at(1).at("name"), "Vega");
}

TEST_F(Texts, ProbabilitiesAndDraws) {
  EXPECT_NEAR(at(answer("toss", "--draws 40000"), 0, "p"), 0.5, 0.01);
  const auto rows = answer("tosses", "--draws 400");
  ASSERT_EQ(rows.size(), 400u);
  int heads = 0;
  for (const auto& row : rows) {
    heads += row.at("side") == "heads";
    EXPECT_TRUE(row.at("side") == "heads" || row.at("side") == "tails") << row.at("side");
  }
  EXPECT_NEAR(heads, 200, 60);
}

/// Many texts that the program does not know, read by several threads: each result names its own.
TEST_F(Texts, SameBytesOnAnyThreads) {
  std::string text = "name,z,flux\n";
  for (int i = 0; i < 30000; ++i) text += "star " + std::to_string(i * 7919 % 20011) + "," + std::to_string(i % 3) + ",12\n";
  const std::string table = data(text);
  const auto output = [&](const std::string& threads) {
    return run(runner() + " " + package() + " moved --allow-unsigned --out - " + table + " --tile-rows 512 --threads " + threads).out;
  };
  const std::string one = output("1"), four = output("4");
  EXPECT_EQ(one, four);
  const auto rows = parse_csv(one);
  ASSERT_EQ(rows.size(), 30000u);
  for (int i = 0; i < 30000; ++i) {
    EXPECT_EQ(rows[static_cast<size_t>(i)].at("name"), "star " + std::to_string(i * 7919 % 20011));
    EXPECT_EQ(rows[static_cast<size_t>(i)].at("was"), i % 3 == 2 ? "far" : "star " + std::to_string(i * 7919 % 20011));
  }
  EXPECT_EQ(answer("counted", table).at(0).at("far"), "10000");
}

/// Each format that holds tables gives back the texts it was written with.
TEST_F(Texts, EveryFormatThereAndBack) {
  const std::string first = data("name,z,flux\nM31,0.5,12\nμ Cep,3,5\na text of some length,0,10\n");
  const CommandResult csv = run(runner() + " " + package() + " moved --allow-unsigned --out - " + first);
  for (const char* const format : {"fits", "h5", "npy"}) {
    const auto path = (folder_ / ("copy." + std::string(format))).string();
    // The results have what the query reads: name, z and flux.
    compile("model M { input name : str; input z : f64; exo u ~ normal(0, 1); var flux = z + u }\nquery copy on M { given flux; return name, z, flux }");
    const CommandResult written = run(runner() + " " + package() + " copy --allow-unsigned " + first + " --out " + path);
    ASSERT_EQ(written.exit_code, 0) << written.err;
    compile(kCatalogue);
    const CommandResult read = run(runner() + " " + package() + " moved --allow-unsigned --out - --data " + path);
    EXPECT_EQ(read.out, csv.out) << format << ": " << read.err;
  }
  const CommandResult json = run(runner() + " " + package() + " moved --allow-unsigned --format json --out - " + first);
  EXPECT_NE(json.out.find("[\"M31\",\"far\",3,\"M31\",\"K\",\"yes\",\"ok\"]"), std::string::npos) << json.out;
}

TEST_F(Texts, WhatHasNoRoomIsRefused) {
  const std::string table = data("name,z,flux\n" + std::string(65, 'x') + ",0,12\n");
  for (const char* const format : {"fits", "h5", "npy"}) {
    const auto path = (folder_ / ("long." + std::string(format))).string();
    const CommandResult written = run(runner() + " " + package() + " moved --allow-unsigned " + table + " --out " + path);
    EXPECT_EQ(written.exit_code, 2) << format;
    EXPECT_NE(written.err.find("column 'name' holds a text of more than 64 letters"), std::string::npos) << written.err;
    EXPECT_FALSE(std::ifstream(path).good()) << format;
  }
  EXPECT_EQ(answer("moved", table).at(0).at("name"), std::string(65, 'x'));
  const CommandResult hostile = run(runner() + " " + package() + " moved --allow-unsigned --out - " + data("name,z,flux\n\xFFx,0,12\n"));
  EXPECT_EQ(hostile.exit_code, 3);
  EXPECT_NE(hostile.err.find("is not text: UTF-8"), std::string::npos) << hostile.err;
}

}  // namespace
}  // namespace acie::testing

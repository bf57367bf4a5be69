// Ciphertexts that a party keeps from one run to the next, pictures in and out: whole programs.

#include <numeric>
#include <random>

#include "tests/end_to_end/secure.h"

namespace acie::testing {
namespace {

class Stored : public Secure {
 protected:
  void refused(const std::string& entry, const std::string& arguments) const {
    const CommandResult result = run(command(entry, arguments));
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_NE(result.err.find("these are not the ciphertexts that the program expects"), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  }
};

constexpr const char* kKeep = R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice

graph keep(x: f64[4] in -4..4 at alice) -> f64[4] in -4..4 at cloud under k { return encrypt(x, k) }

graph weigh(c: f64[4] in -4..4 at cloud under k, w: f64[3, 4] in -1..1 at cloud)
        -> f64[3] in -16..16 at cloud under k(scale: 2^-32) {
    return w @ c
}

graph show(z: f64[3] in -16..16 at cloud under k(scale: 2^-32)) -> f64[3] at alice { return decrypt(z, k) }

graph all(x: f64[4] in -4..4 at alice, w: f64[3, 4] in -1..1 at cloud) -> f64[3] at alice {
    return show(weigh(c: keep(x), w: w))
}

graph first(c: f64[4] in -4..4 at cloud under k) -> f64 at alice { return decrypt(c[0], k) }
graph narrow(c: f64[4] in -2..2 at cloud under k) -> f64 at alice { return decrypt(c[0], k) }
graph other_scale(c: f64[4] in -4..4 at cloud under k(scale: 2^-10)) -> f64 at alice { return decrypt(c[0], k) }
graph other_shape(c: f64[2, 2] in -4..4 at cloud under k) -> f64 at alice { return decrypt(c[0, 0], k) }
graph other_unit(c: f64<km>[4] in -4..4 at cloud under k) -> f64<km> at alice { return decrypt(c[0], k) }
graph other_party(c: f64[4] in -4..4 at alice under k) -> f64 at alice { return decrypt(c[0], k) }
)";

TEST_F(Stored, OneRunStoresAndLaterOnesGoOn) {
  make_key("k --bits 2048");
  compile(kKeep);
  write("x.json", "[1.5, -2.25, 3.999, -4]");
  write("w.csv", "0.5,-0.25,0.125,1\n-1,1,-1,1\n0.1,0.2,0.3,0.4\n");
  const std::string listing = good(runner() + " " + path("program.cloud.aciepkg") + " --allow-unsigned").out;
  EXPECT_NE(listing.find("result keep: ciphertexts[4] at scale 1/65536"), std::string::npos) << listing;
  EXPECT_EQ(good(command("keep", "--arg x=" + path("x.json") + " --out-arg keep=" + path("x.sealed"))).out, "");
  EXPECT_EQ(good(command("weigh", "--arg c=" + path("x.sealed") + " --arg w=" + path("w.csv") + " --out-arg weigh=" + path("z.sealed"))).out, "");
  const auto rows = parse_csv(good(command("show", "--arg z=" + path("z.sealed"))).out);
  const double x[] = {1.5, -2.25, 3.999, -4}, w[3][4] = {{.5, -.25, .125, 1}, {-1, 1, -1, 1}, {.1, .2, .3, .4}};
  for (size_t o = 0; o < 3; ++o) {
    int64_t sum = 0;
    for (size_t i = 0; i < 4; ++i) sum += fixed(w[o][i]) * fixed(x[i]);
    std::string name = "show[";
    name += std::to_string(o) + "]";
    EXPECT_EQ(std::stod(rows.at(0).at(name)), std::ldexp(static_cast<double>(sum), -32)) << o;
  }
  // The same as one graph that calls the three.
  const auto at_once = parse_csv(good(command("all", "--arg x=" + path("x.json") + " --arg w=" + path("w.csv"))).out);
  for (const char* index : {"[0]", "[1]", "[2]"}) EXPECT_EQ(at_once.at(0).at(std::string("all").append(index)), rows.at(0).at(std::string("show").append(index)));
  // Sealed under fresh randomness each time; nothing of the values shows.
  good(command("keep", "--arg x=" + path("x.json") + " --out-arg keep=" + path("again.sealed")));
  EXPECT_NE(read_file(folder_ / "again.sealed"), read_file(folder_ / "x.sealed"));
}

TEST_F(Stored, ATableIsStoredRowByRow) {
  make_key("k --bits 2048");
  compile(kKeep);
  std::string table = "x[0],x[1],x[2],x[3]\n";
  for (int row = 0; row < 300; ++row) table += std::to_string(row / 100.0) + ",1,2,3\n";  // two parts
  write("x.csv", table);
  good(command("keep", "--data " + path("x.csv") + " --out-arg keep=" + path("x.sealed")));
  const auto rows = parse_csv(good(command("first", "--arg c=" + path("x.sealed"))).out);
  ASSERT_EQ(rows.size(), 300u);
  for (int row = 0; row < 300; ++row) EXPECT_EQ(std::stod(rows[static_cast<size_t>(row)].at("first")), std::ldexp(static_cast<double>(fixed(row / 100.0)), -16));
}

TEST_F(Stored, WhatIsNotWhatTheProgramExpectsGivesOneError) {
  make_key("k --bits 2048");
  compile(kKeep);
  write("x.json", "[1, 2, 3, 4]");
  const std::string missing = run(command("first", "--arg c=" + path("x.json"))).err;
  EXPECT_NE(missing.find("cloud has stored nothing yet"), std::string::npos) << missing;
  good(command("keep", "--arg x=" + path("x.json") + " --out-arg keep=" + path("x.sealed")));
  const std::string file = " --arg c=" + path("x.sealed");
  EXPECT_EQ(good(command("first", file)).out, "first\n1\n");
  for (const char* entry : {"narrow", "other_scale", "other_shape", "other_unit"}) refused(entry, file);
  // alice's own key for what she keeps is another than the cloud's.
  write("keys/alice.store", read_file(folder_ / "keys/cloud.store").substr(0, 39) + "x");
  std::filesystem::permissions(folder_ / "keys/alice.store", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  refused("other_party", file);
  const std::string bytes = read_file(folder_ / "x.sealed");
  for (const size_t at : {size_t{0}, size_t{20}, size_t{100}, bytes.size() / 2, bytes.size() - 1}) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    write("changed", changed);
    refused("first", "--arg c=" + path("changed"));
    write("changed", bytes.substr(0, at));
    refused("first", "--arg c=" + path("changed"));
  }
  // Another key of the same name and size.
  std::filesystem::remove(folder_ / "keys/k.key");
  for (const auto& each : std::filesystem::directory_iterator(folder_ / "keys"))
    if (each.path().filename().string().starts_with("k.")) std::filesystem::remove(each.path());
  make_key("k --bits 2048");
  refused("first", file);
}

TEST_F(Stored, PicturesAreReadAndWrittenBack) {
  make_key("k --bits 2048");
  compile(R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice
graph copy(image: f64[28, 28] in 0..1 at alice) -> f64[28, 28] at alice { return image }
graph blurred(image: f64[28, 28] in 0..1 at alice, w: f64 in 0..0.1111 at cloud) -> f64[26, 26] at alice {
    let c = encrypt(image, k, scale: 2^-8)
    let sums = at cloud { [sum([c[i + a, j + b] for a in 0..3, b in 0..3]) * w for i in 0..26, j in 0..26] }
    return clamp(decrypt(sums, k), 0, 1)
}
graph columns(image: f64[28, 28] in 0..1 at alice) -> f64[28, 28] at alice { return 2 * image }
)");
  const std::string star = source("examples/secure_image/star.png"), fits = source("examples/secure_image/star.fits");
  good(command("copy", "--arg image=" + star + " --out-arg copy=" + path("copy.png")));
  const auto read = [&](const std::string& file) { return parse_csv(good(command("copy", "--arg image=" + file)).out).at(0); };
  const auto original = read(star), copied = read(path("copy.png")), numbers = read(fits);
  EXPECT_EQ(original.size(), 784u);
  EXPECT_EQ(copied, original);
  for (const auto& [name, value] : original) EXPECT_NEAR(std::stod(value), std::stod(numbers.at(name)), 0.5 / 65535 + 1e-7) << name;

  good(command("blurred", "--arg image=" + star + " --set w=0.1111 --out-arg blurred=" + path("blurred.png")));
  EXPECT_EQ(read_file(folder_ / "blurred.png").substr(0, 4), "\x89PNG");
  const auto large = run(command("columns", "--arg image=" + star + " --out-arg columns=" + path("columns.png")));
  EXPECT_EQ(large.exit_code, 3) << large.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "columns.png"));
  const auto elsewhere = run(command("copy", "--arg image=" + star + " --out-arg copy=" + path("copy.npy")));
  EXPECT_EQ(elsewhere.exit_code, 2) << elsewhere.err;
}

}  // namespace
}  // namespace acie::testing

// Queries that graphs call with ciphertexts: with tensors, and drawing.

#include <functional>

#include "tests/end_to_end/secure.h"

namespace acie::testing {
namespace {

class SecretQueries : public Secure {};

/// Vectors of `x` and `y` elements through a matrix. All numbers are sums of powers of two, so that answers are exact.
std::string optics(int x, int y) {
  std::string program = R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice
const A = [(i - 2 * j + 1) / 16 for i in 0..ROWS, j in 0..COLUMNS]
model Optics {
    input shift : f64
    exo u : f64[COLUMNS] ~ normal(0, 1)
    exo v : f64[ROWS] ~ normal(0, 1)
    var x : f64[COLUMNS] = shift + 0.25 * u
    var y : f64[ROWS] = A @ x + 2 * v
    var total = sum(y) / 4
}
query scaled(d: f64[COLUMNS], g: f64) on Optics {
    given x, y
    do x = d * x + g
    return x, y, total
}
query shifted on Optics {
    given x, y
    do shift = 3
    return y
}
query held on Optics {
    given x, y
    do x[1] = 2
    return one = y[3], total
}
graph scale(x: f64[COLUMNS] in -4..4 at alice, y: f64[ROWS] in -500..500 at alice, d: f64[COLUMNS] in -2..2 at cloud, g: f64 in -1..1 at cloud)
        -> {x: f64[COLUMNS], y: f64[ROWS], total: f64} at alice {
    let cx = encrypt(x, k)
    let cy = encrypt(y, k)
    let z = at cloud { scaled(shift: 0, x: cx, y: cy, d: d, g: g) }
    return {x: decrypt(z.x, k), y: decrypt(z.y, k), total: decrypt(z.total, k)}
}
graph move(shift: f64 in -1..1 at alice, x: f64[COLUMNS] in -4..4 at alice, y: f64[ROWS] in -500..500 at alice) -> f64[ROWS] at alice {
    let cs = encrypt(shift, k)
    let cx = encrypt(x, k)
    let cy = encrypt(y, k)
    return decrypt(at cloud { shifted(shift: cs, x: cx, y: cy) }, k)
}
graph hold(x: f64[COLUMNS] in -4..4 at alice, y: f64[ROWS] in -500..500 at cloud) -> {one: f64, total: f64} at alice {
    let cx = encrypt(x, k)
    let z = at cloud { held(shift: 0, x: cx, y: y) }
    return {one: decrypt(z.one, k), total: decrypt(z.total, k)}
}
)";
  for (const auto& [name, size] : {std::pair{std::string("ROWS"), y}, {"COLUMNS", x}})
    for (size_t at; (at = program.find(name)) != std::string::npos;) program.replace(at, name.size(), std::to_string(size));
  return program;
}

std::string lines(size_t count, const std::function<double(size_t)>& number) {
  std::ostringstream text;
  for (size_t i = 0; i < count; ++i) text << number(i) << "\n";
  return text.str();
}

/// Vectors of up to 64 elements are a variable each, larger ones are whole.
TEST_F(SecretQueries, VectorsOfAnySizeAreExact) {
  make_key("k --bits 2048");
  for (const auto& [nx, ny] : {std::pair<size_t, size_t>{3, 5}, {70, 66}}) {
    compile(optics(static_cast<int>(nx), static_cast<int>(ny)));
    const auto x = [](size_t j) { return static_cast<double>(j % 7) / 2 - 1.25; };
    const auto y = [](size_t i) { return 12 - static_cast<double>(i * i % 37) / 8; };
    const auto d = [](size_t j) { return static_cast<double>(j % 3) / 4 + 0.5; };
    const auto a = [](size_t i, size_t j) { return (static_cast<double>(i) - 2 * static_cast<double>(j) + 1) / 16; };
    write("x.csv", lines(nx, x));
    write("y.csv", lines(ny, y));
    write("d.csv", lines(nx, d));
    const std::string vectors = "--arg x=" + path("x.csv") + " --arg y=" + path("y.csv");
    const auto scaled = parse_csv(good(command("scale", vectors + " --arg d=" + path("d.csv") + " --set g=0.125")).out).at(0);
    const auto moved = parse_csv(good(command("move", vectors + " --set shift=-0.5")).out).at(0);
    const auto held = parse_csv(good(command("hold", vectors)).out).at(0);
    const auto number = [](const auto& row, const std::string& name) { return std::stod(row.at(name)); };
    const auto at = [](std::string name, size_t i) { return name.append("[").append(std::to_string(i)).append("]"); };
    double total = 0, rest = 0;
    for (size_t j = 0; j < nx; ++j) EXPECT_EQ(number(scaled, at("x", j)), d(j) * x(j) + 0.125) << j;
    for (size_t i = 0; i < ny; ++i) {
      double of_scaled = y(i), of_moved = y(i);
      for (size_t j = 0; j < nx; ++j) {
        of_scaled += a(i, j) * (d(j) * x(j) + 0.125 - x(j));
        of_moved += a(i, j) * 3.5;
      }
      const double of_held = y(i) + a(i, 1) * (2 - x(1));
      EXPECT_EQ(number(scaled, at("y", i)), of_scaled) << i;
      EXPECT_EQ(number(moved, at("move", i)), of_moved) << i;
      if (i == 3) EXPECT_EQ(number(held, "one"), of_held);
      total += of_scaled / 4;
      rest += of_held / 4;
    }
    EXPECT_EQ(number(scaled, "total"), total);
    EXPECT_EQ(number(held, "total"), rest);
  }
}

/// Noise from two equations together, and a constant that `do` sets on what is also evidence.
TEST_F(SecretQueries, NoiseOfSeveralEquationsIsExact) {
  make_key("k --bits 2048");
  compile(R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice
model Pair {
    input w : f64
    exo a ~ normal(0, 1)
    exo b ~ normal(0, 1)
    var s = a + b + w
    var d = a - b
    var z = s + 4 * a
}
query cleared on Pair {
    given s, d
    do s = 0
    return z
}
query raised(go: f64) on Pair {
    given s, d
    do s = s + 1 if go > 0
    return z
}
graph clear(s: f64 in -4..4 at alice, d: f64 in -4..4 at alice, w: f64 in -1..1 at cloud) -> f64 at alice {
    return decrypt(at cloud { cleared(s: encrypt(s, k), d: encrypt(d, k), w: w) }, k)
}
graph raise(s: f64 in -4..4 at alice, d: f64 in -4..4 at alice, go: f64 in -1..1 at cloud) -> f64 at alice {
    return decrypt(at cloud { raised(s: encrypt(s, k), d: encrypt(d, k), w: 0, go: go) }, k)
}
)");
  const auto answer = [&](const std::string& entry, const std::string& more) { return std::stod(parse_csv(good(command(entry, "--set s=1.5 --set d=3 " + more)).out).at(0).at(entry)); };
  EXPECT_EQ(answer("clear", "--set w=0.25"), 2 * (1.5 - 0.25 + 3));
  EXPECT_EQ(answer("raise", "--set go=1"), 2.5 + 2 * (1.5 + 3));
  EXPECT_EQ(answer("raise", "--set go=-1"), 1.5 + 2 * (1.5 + 3));
}

/// A dose's effect through what a patient absorbs, which is random: E[exp(0.3 u)] · dose + E[|v|].
constexpr const char* kDrawn = R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice
model Absorption {
    input dose, age : f64
    exo u ~ normal(0, 0.3)
    exo v ~ uniform(-1, 3)
    var level = dose * exp(u) - 0.1 * age
    var effect = 2 * level + abs(v)
}
query typical on Absorption { return m = E[effect] }
query halved on Absorption {
    do level = 0.5 * level
    return m = E[effect], s = sd[abs(v)], p = P[v < 0]
}
graph ask(dose: f64 in 0..10 at alice, age: f64 in 0..100 at alice) -> {plain: f64 at cloud, m: f64 at alice} {
    let d = encrypt(dose, k)
    let a = encrypt(age, k)
    return {plain: halved(dose: 0, age: 0).s, m: decrypt(at cloud { typical(dose: d, age: a) }, k)}
}
graph half(dose: f64 in 0..10 at alice, age: f64 in 0..100 at alice) -> f64 at alice {
    let c = encrypt(dose, k)
    let a = encrypt(age, k)
    let answer = at cloud { halved(dose: c, age: a) }
    return decrypt(answer.m, k)
}
)";

TEST_F(SecretQueries, QueriesThatDrawEqualTheirPlainOnes) {
  make_key("k --bits 2048");
  compile(kDrawn);
  // The plain program: the same model and queries, without parties.
  std::string plain = kDrawn;
  plain = plain.substr(plain.find("model Absorption"));
  plain = plain.substr(0, plain.find("graph ask"));
  write("plain.acie", plain);
  write("one.csv", "dose,age\n3.25,40\n");
  for (const char* seed : {"0", "7"}) {
    const std::string with = std::string(" --seed ") + seed;
    const auto expected = parse_csv(good(runner() + " " + path("plain.acie") + " typical --draws 1000 --data " + path("one.csv") + with).out);
    const auto half = parse_csv(good(runner() + " " + path("plain.acie") + " halved --draws 1000 --data " + path("one.csv") + with).out);
    const auto asked = parse_csv(good(command("ask", "--set dose=3.25 --set age=40 --party alice" + with)).out);
    const auto at_cloud = parse_csv(good(command("ask", "--set dose=3.25 --set age=40 --party cloud" + with)).out);
    const auto halved = parse_csv(good(command("half", "--set dose=3.25 --set age=40" + with)).out);
    // Coefficients and evidence are rounded to 2^-16: 2·10⁻⁵ of 10 and 100.
    EXPECT_NEAR(std::stod(asked.at(0).at("m")), std::stod(expected.at(0).at("m")), 2e-3);
    EXPECT_NEAR(std::stod(halved.at(0).at("half")), std::stod(half.at(0).at("m")), 2e-3);
    EXPECT_NEAR(std::stod(at_cloud.at(0).at("plain")), std::stod(half.at(0).at("s")), 1e-12);
  }
}

}  // namespace
}  // namespace acie::testing

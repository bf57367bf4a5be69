// What is linear, on ciphertexts: routines, steps, equations solved together and estimates, in functions and in queries that
// graphs call. Queries are compared with the same ones in the clear.

#include <algorithm>
#include <random>

#include "tests/end_to_end/secure.h"

namespace acie::testing {
namespace {

using Row = std::map<std::string, std::string>;

class SecretLinear : public Secure {
 protected:
  /// The program's models and queries by themselves, for a table.
  void compile_both(const std::string& parties, const std::string& models, const std::string& graphs) {
    compile(parties + models + graphs);
    write("plain.acie", models);
  }
  Row plain(const std::string& query, const std::string& table, const std::string& arguments = "") const {
    write("table.csv", table);
    return parse_csv(good(runner() + " " + path("plain.acie") + " " + query + " --draws 1000 --data " + path("table.csv") + " " + arguments).out).at(0);
  }
  Row blind(const std::string& graph, const std::string& arguments) const { return parse_csv(good(command(graph, arguments)).out).at(0); }
};

constexpr const char* kParties = R"(
party alice, cloud
key k = paillier(bits: 2048) held by alice
)";

std::string at(const std::string& name, size_t i) { return name + "[" + std::to_string(i) + "]"; }

/// The column of an element of a tensor, which is quoted.
std::string place(const std::string& name, const std::vector<size_t>& indices) {
  std::ostringstream text;
  text << '"' << name;
  for (size_t i = 0; i < indices.size(); ++i) text << (i == 0 ? "[" : ", ") << indices[i];
  text << "]\"";
  return text.str();
}

std::string column(const std::vector<double>& x) {
  std::ostringstream text;
  text.precision(17);
  for (const double each : x) text << each << "\n";
  return text.str();
}

/// A table of one row, of vectors.
std::string table(const std::vector<std::pair<std::string, std::vector<double>>>& vectors) {
  std::ostringstream names, values;
  values.precision(17);
  for (const auto& [name, x] : vectors) {
    for (size_t i = 0; i < x.size(); ++i) {
      names << (names.tellp() > 0 ? "," : "") << at(name, i);
      values << (values.tellp() > 0 ? "," : "") << x[i];
    }
  }
  return names.str() + "\n" + values.str() + "\n";
}

std::vector<double> numbers(size_t count, unsigned seed, double width) {
  std::mt19937 source(seed);
  std::uniform_int_distribution<int> steps(-256, 256);
  std::vector<double> x(count);
  for (double& each : x) each = width * steps(source) / 256;
  return x;
}

void expect_near(const Row& found, const Row& expected, const std::string& name, size_t count, double tolerance) {
  for (size_t i = 0; i < count; ++i) {
    const std::string each = count == 1 ? name : at(name, i);
    EXPECT_NEAR(std::stod(found.at(each)), std::stod(expected.at(each)), tolerance) << each;
  }
}

/// `text` with N as said.
std::string sized(std::string text, size_t n) { return "dim N = " + std::to_string(n) + "\n" + text; }

/// Noise behind a matrix, sums of the answer, its transform: one matrix in all, rounded once. Up to 64 elements are a variable each.
TEST_F(SecretLinear, NoiseBehindMatrices) {
  make_key("k --bits 2048");
  for (const size_t n : {5, 70}) {
    compile_both(kParties, sized(R"(
const L = [if i >= j then 1 / (1 + i - j) else 0 for i in 0..N, j in 0..N]
model Mixed {
    input drive : f64[N]
    exo u : f64[N] ~ normal(0, 1)
    var y : f64[N] = L @ u + drive
    var sums : f64[N] = cumsum(y)
    var wave : f64[N] = rfft(sums).im[1] + 3 * u
}
query moved(d: f64) on Mixed {
    given y
    do drive = d * drive + 0.5
    return y, sums, last = sums[N - 1], wave
}
)", n), R"(
graph move(y: f64[N] in -8..8 at alice, drive: f64[N] in -1..1 at alice, d: f64 in -2..2 at cloud) -> {y: f64[N], sums: f64[N], last: f64, wave: f64[N]} at alice {
    let z = at cloud { moved(drive: encrypt(drive, k), y: encrypt(y, k), d: d) }
    return {y: decrypt(z.y, k), sums: decrypt(z.sums, k), last: decrypt(z.last, k), wave: decrypt(z.wave, k)}
}
)");
    const auto y = numbers(n, 1, 8), drive = numbers(n, 2, 1);
    write("y.csv", column(y));
    write("drive.csv", column(drive));
    const Row expected = plain("moved", table({{"y", y}, {"drive", drive}}), "--set d=-1.5");
    const Row found = blind("move", "--arg y=" + path("y.csv") + " --arg drive=" + path("drive.csv") + " --set d=-1.5");
    const double tolerance = 2e-5 * static_cast<double>(n);  // a coefficient is off by 2^-17, evidence to 8
    expect_near(found, expected, "y", n, tolerance);
    expect_near(found, expected, "sums", n, tolerance);
    expect_near(found, expected, "last", 1, tolerance);
    expect_near(found, expected, "wave", n, tolerance);
  }
}

/// A series: its noise recovered step by step, the intervened one computed step by step. The matrix is the lower triangle of a
/// power of `a`, which is known when running.
/// Sums and systems of equations, undone.
TEST_F(SecretLinear, NoiseBehindRoutines) {
  make_key("k --bits 2048");
  constexpr size_t kSize = 70;
  compile_both(kParties, R"(
const m = [(if i == j then 3.0 else 0.0) + 1 / (1 + (i - j)^2) for i in 0..70, j in 0..70]
model Routines {
    input drive : f64[70]
    exo u : f64[70] ~ normal(0, 1)
    exo v : f64[70] ~ normal(0, 1)
    var x : f64[70] = cumsum(drive + 0.5 * u)
    var y : f64[70] = triangular_solve(m, drive + v)
}
query moved on Routines { given x, y; do drive = 2 * drive; return x, y }
)", R"(
graph blind(drive: f64[70] in -4..4 at cloud, x: f64[70] in -64..64 at alice, y: f64[70] in -64..64 at alice) -> {x: f64[70], y: f64[70]} at alice {
    let a = encrypt(x, k)
    let b = encrypt(y, k)
    let r = at cloud { moved(drive, a, b) }
    return {x: decrypt(r.x, k), y: decrypt(r.y, k)}
}
)");
  const std::vector<double> drive = numbers(kSize, 1, 4), x = numbers(kSize, 2, 32), y = numbers(kSize, 3, 32);
  write("drive.csv", column(drive));
  write("x.csv", column(x));
  write("y.csv", column(y));
  const Row expected = plain("moved", table({{"drive", drive}, {"x", x}, {"y", y}}));
  const Row found = blind("blind", "--arg drive=" + path("drive.csv") + " --arg x=" + path("x.csv") + " --arg y=" + path("y.csv"));
  expect_near(found, expected, "x", kSize, 1e-2);
  expect_near(found, expected, "y", kSize, 1e-2);
}

TEST_F(SecretLinear, Steps) {
  make_key("k --bits 2048");
  for (const size_t n : {6, 70}) {
    compile_both(kParties, sized(R"(
model Series {
    input drive : f64[N]
    learn a : f64 in 0.25..0.75 = 0.5
    exo u : f64[N] ~ normal(0, 1)
    var y : f64[N] = scan(0, drive + 2 * u, |carry, e| a * carry + e)
    var end = fold(1, y, |carry, e| 0.5 * carry + e)
}
query driven(d: f64) on Series {
    given y
    do drive = drive + d
    return y, end
}
)", n), R"(
graph drive(y: f64[N] in -8..8 at alice, drive: f64[N] in -1..1 at cloud, d: f64 in -2..2 at cloud) -> {y: f64[N], end: f64} at alice {
    let z = at cloud { driven(drive: drive, y: encrypt(y, k), d: d) }
    return {y: decrypt(z.y, k), end: decrypt(z.end, k)}
}
)");
    const auto y = numbers(n, 3, 8), drive = numbers(n, 4, 1);
    write("y.csv", column(y));
    write("drive.csv", column(drive));
    const Row expected = plain("driven", table({{"y", y}, {"drive", drive}}), "--set d=0.75");
    const Row found = blind("drive", "--arg y=" + path("y.csv") + " --arg drive=" + path("drive.csv") + " --set d=0.75");
    expect_near(found, expected, "y", n, 2e-5 * static_cast<double>(n));
    expect_near(found, expected, "end", 1, 2e-5 * static_cast<double>(n));
  }
}

/// Two noises of two equations, whose coefficients are known when running; one equation of two noises, which are drawn given it.
TEST_F(SecretLinear, EquationsSolvedTogether) {
  make_key("k --bits 2048");
  compile_both(kParties, R"(
model Pair {
    input w : f64
    learn g : f64 in 0.5..2 = 1.25
    exo a ~ normal(0, 1)
    exo b ~ normal(0, 1)
    exo c ~ normal(1, 2)
    exo t ~ student_t(5, 0, 1)
    var s = a + g * b + w
    var d = a - b
    var n = a + 2 * c + w
    var m = b - g * c
    var z = s + 4 * a + c + abs(t)
}
query cleared on Pair {
    given s, d
    do s = 0
    return m = E[z], q = Q[0.9; z]
}
query seen on Pair {
    given n
    return m = E[z], t = sd[z], q = Q[0.05; z + 1]
}
query both on Pair {
    given n, m
    do w = w + 1
    do? s
    return m = E[z]
}
)", R"(
graph clear(s: f64 in -4..4 at alice, d: f64 in -4..4 at alice, w: f64 in -1..1 at cloud) -> {m: f64, q: f64} at alice {
    let z = at cloud { cleared(s: encrypt(s, k), d: encrypt(d, k), w: w) }
    return {m: decrypt(z.m, k), q: decrypt(z.q, k)}
}
graph see(n: f64 in -4..4 at alice, w: f64 in -1..1 at alice) -> {m: f64, q: f64, t: f64} at alice {
    let z = at cloud { seen(n: encrypt(n, k), w: encrypt(w, k)) }
    return {m: decrypt(z.m, k), q: decrypt(z.q, k), t: seen(n: 0, w: 0).t}
}
graph both_seen(n: f64 in -4..4 at alice, m: f64 in -4..4 at alice, w: f64 in -1..1 at cloud) -> {m: f64} at alice {
    let z = at cloud { both(n: encrypt(n, k), m: encrypt(m, k), w: w) }
    return {m: decrypt(z, k)}
}
)");
  const Row cleared = plain("cleared", "s,d,w\n1.5,3,0.25\n"), seen = plain("seen", "n,w\n2.5,0.5\n"), both = plain("both", "n,m,w\n2.5,-1,0.5\n");
  const Row clear = blind("clear", "--set s=1.5 --set d=3 --set w=0.25"), see = blind("see", "--set n=2.5 --set w=0.5"), both_seen = blind("both_seen", "--set n=2.5 --set m=-1 --set w=0.5");
  for (const char* name : {"m", "q"}) {
    expect_near(clear, cleared, name, 1, 1e-3);
    expect_near(see, seen, name, 1, 1e-3);
  }
  expect_near(see, seen, "t", 1, 1e-9);
  expect_near(both_seen, both, "m", 1, 1e-3);
}

/// Maps of whole tensors, of noise behind matrices that are not square and rearranged, and of slices put together.
TEST_F(SecretLinear, MapsOfTensors) {
  make_key("k --bits 2048");
  compile_both(kParties, R"(
dim N = 70
const B = [if i == j then 2 else if i == j + N then -1 else if i == j + 1 then 0.25 else 0 for i in 0..2 * N, j in 0..N]
const A = [if i == j then 2 else if i == j + 1 then 0.5 else 0 for i in 0..N, j in 0..N]
const c = [(i - 30) / 16 for i in 0..N]
model Maps {
    input s : f64
    exo u : f64[N] ~ normal(0, 1)
    exo v : f64[10, 7] ~ normal(0, 1)
    exo w : f64[N] ~ normal(0, 1)
    var x : f64[N] = w @ A + s
    var y : f64[2 * N] = B @ u + s
    var z : f64[7, 10] = transpose(v) + reshape(x, 7, 10)
    var total = sum(c * x) + sum(y)
    var joined : f64[2 * N] = concat(x, 2 * u)
    var picked : f64[35] = joined[0..35] + joined[100..135] + x[69] * c[0..35]
    var rows : f64[7] = sum(z * reshape(c, 7, 10), axis: 1)
    var back : f64[N] = solve(A, x + u)
    var columns : f64[10] = sum(z, axis: 0) + [x[69 - i] for i in 0..10]
}
query changed(r: f64[N]) on Maps {
    given x, y, z
    do x = r * x
    do s = s + 1
    return total, picked, rows, back, columns
}
)", R"(
graph change(x: f64[N] in -4..4 at alice, y: f64[2 * N] in -4..4 at alice, z: f64[7, 10] in -8..8 at alice, s: f64 in -1..1 at cloud, r: f64[N] in -1..1 at cloud)
        -> {total: f64, picked: f64[35], rows: f64[7], back: f64[N], columns: f64[10]} at alice {
    let k1 = at cloud { changed(s: s, x: encrypt(x, k), y: encrypt(y, k), z: encrypt(z, k), r: r) }
    return {total: decrypt(k1.total, k), picked: decrypt(k1.picked, k), rows: decrypt(k1.rows, k), back: decrypt(k1.back, k), columns: decrypt(k1.columns, k)}
}
)");
  const auto x = numbers(70, 11, 4), u = numbers(70, 12, 1), z = numbers(70, 13, 8), r = numbers(70, 14, 1);
  std::vector<double> y(140, 0.5);
  for (size_t i = 0; i < 140; ++i)
    y[i] += (i < 70 ? 2 * u[i] : -u[i - 70]) + (i > 0 && i <= 70 ? 0.25 * u[i - 1] : 0);
  for (const auto& [name, values] : {std::pair{"x.csv", x}, {"y.csv", y}, {"r.csv", r}}) write(name, column(values));
  write("z.npy", npy({7, 10}, z));
  std::ostringstream names, cells;
  cells.precision(17);
  for (const auto& [name, values] : {std::pair{"x", x}, {"y", y}})
    for (size_t i = 0; i < values.size(); ++i) names << at(name, i) << ",", cells << values[i] << ",";
  for (size_t i = 0; i < 70; ++i) names << "\"z[" << i / 10 << "," << i % 10 << "]\",", cells << z[i] << ",";
  std::ostringstream rs;
  rs.precision(17);
  for (size_t i = 0; i < 70; ++i) rs << " --set " << at("r", i) << "=" << r[i];
  const Row expected = plain("changed", names.str() + "s\n" + cells.str() + "0.5\n", rs.str());
  const Row found = blind("change", "--arg x=" + path("x.csv") + " --arg y=" + path("y.csv") + " --arg z=" + path("z.npy") + " --arg r=" + path("r.csv") + " --set s=0.5");
  for (const auto& [name, count] : {std::pair{"total", 1}, {"picked", 35}, {"rows", 7}, {"back", 70}, {"columns", 10}}) expect_near(found, expected, name, count, 2e-3);
}

/// One noise in many elements, whose evidence agrees.
TEST_F(SecretLinear, OneNumberInManyElements) {
  make_key("k --bits 2048");
  compile_both(kParties, R"(
const c = [(i - 30) / 16 for i in 0..70]
model Many {
    input s : f64
    exo u ~ normal(0, 1)
    var x : f64[72] = concat(c * u + s, [2 * u, s])
    var y : f64[72] = 3 * x + u
}
query changed on Many {
    given x
    do s = s + 1
    return x, y
}
)", R"(
graph change(x: f64[72] in -8..8 at alice, s: f64 in -1..1 at alice) -> {x: f64[72], y: f64[72]} at alice {
    let z = at cloud { changed(s: encrypt(s, k), x: encrypt(x, k)) }
    return {x: decrypt(z.x, k), y: decrypt(z.y, k)}
}
)");
  std::vector<double> x;
  for (int i = 0; i < 70; ++i) x.push_back((i - 30) / 16.0 * 1.75 + 0.5);
  x.push_back(3.5), x.push_back(0.5);
  write("x.csv", column(x));
  const std::string row = table({{"x", x}});
  const size_t end = row.find('\n');
  const Row expected = plain("changed", row.substr(0, end) + ",s\n" + row.substr(end + 1, row.size() - end - 2) + ",0.5\n");
  const Row found = blind("change", "--arg x=" + path("x.csv") + " --set s=0.5");
  for (const char* name : {"x", "y"}) expect_near(found, expected, name, 72, 2e-3);
}

/// More random numbers than are variables of their own: under estimates, beside and behind what is encrypted.
TEST_F(SecretLinear, TensorsOfRandomNumbers) {
  make_key("k --bits 2048");
  for (const size_t n : {6, 70}) {
    compile_both(kParties, sized(R"(
const A = [(i - 2 * j + 1) / 64 for i in 0..3, j in 0..N]
model Cloud {
    input shift, gain : f64
    exo u : f64[N] ~ normal(0, 1)
    exo v : f64[N] ~ normal(1, 0.5)
    exo noise : f64[N] ~ laplace(0, 0.25)
    exo g ~ uniform(0.5, 1.5)
    var seen : f64[N] = shift + u + 2 * v
    var level : f64[N] = (g * (gain + exp(0.25 * u)) + noise) * seen
    var sums : f64[N] = cumsum(u * seen)
    var some : f64[3] = A @ (v * seen)
    var total = sum(exp(noise)) * shift + max(v) + sort(u)[2]
}
query typical on Cloud {
    given seen
    return total = E[total], some = E[some], sd = sd[sum(noise * noise)], first = E[sums[1] + level[0]]
}
query free on Cloud {
    return level = E[gain * noise + shift], high = Q[0.75; v + shift], spread = sd[u], p = P[sum(v) > N], sums = E[cumsum(noise + shift)]
}
)", n), R"(
graph ask(seen: f64[N] in -4..4 at cloud, shift: f64 in -1..1 at cloud, gain: f64 in -2..2 at alice) -> {sd: f64, first: f64} at alice {
    let z = at cloud { typical(shift: shift, gain: encrypt(gain, k), seen: seen) }
    return {sd: reveal(z.sd, to: alice), first: decrypt(z.first, k)}
}
graph ask_free(shift: f64 in -1..1 at alice, gain: f64 in -2..2 at alice) -> {level: f64[N], high: f64[N], spread: f64[N], p: f64, sums: f64[N]} at alice {
    let z = at cloud { free(shift: encrypt(shift, k), gain: encrypt(gain, k)) }
    return {level: decrypt(z.level, k), high: decrypt(z.high, k), spread: free(shift: 0, gain: 0).spread, p: free(shift: 0, gain: 0).p, sums: decrypt(z.sums, k)}
}
)");
    const auto seen = numbers(n, 21, 4);
    write("seen.csv", column(seen));
    std::string row = table({{"seen", seen}});
    const size_t end = row.find('\n');
    const std::string with = "shift,gain," + row.substr(0, end) + "\n0.25,-1.5," + row.substr(end + 1);
    const Row typical = plain("typical", with), free = plain("free", "shift,gain\n0.25,-1.5\n");
    const Row ask = blind("ask", "--arg seen=" + path("seen.csv") + " --set shift=0.25 --set gain=-1.5");
    const Row ask_free = blind("ask_free", "--set shift=0.25 --set gain=-1.5");
    expect_near(ask, typical, "sd", 1, 1e-9);
    expect_near(ask, typical, "first", 1, 1e-3);
    for (const char* name : {"level", "high", "sums"}) expect_near(ask_free, free, name, n, 2e-3);
    expect_near(ask_free, free, "spread", n, 1e-9);
    expect_near(ask_free, free, "p", 1, 1e-9);
  }
}

/// Matrices of random numbers, multiplied and solved with, for each draw.
TEST_F(SecretLinear, RandomMatrices) {
  make_key("k --bits 2048");
  compile_both(kParties, R"(
model Noisy {
    input s : f64
    exo u : f64[9, 8] ~ normal(0, 1)
    exo v : f64[8, 9] ~ normal(1, 0.25)
    var m : f64[9, 9] = u @ v
    var t : f64[9] = solve([if i == j then 40 else 0 for i in 0..9, j in 0..9] + m, v[0] + 1)
    var answer = (m[2, 1] + t[3]) * s + sum(t)
}
query typical on Noisy { return m = E[answer], d = sd[t[4]] }
)", R"(
graph ask(s: f64 in -2..2 at alice) -> {m: f64, d: f64} at alice { return {m: decrypt(at cloud { typical(s: encrypt(s, k)).m }, k), d: typical(s: 0).d} }
)");
  const Row expected = plain("typical", "s\n1.5\n"), found = blind("ask", "--set s=1.5");
  expect_near(found, expected, "m", 1, 1e-3);
  expect_near(found, expected, "d", 1, 1e-9);
}

/// Functions of a graph: on ciphertexts what is linear, on plaintexts all that programs have.
TEST_F(SecretLinear, FunctionsOfGraphs) {
  make_key("k --bits 2048");
  compile(std::string(kParties) + R"(
fn doubled[N](x: f64[N]) -> f64[N] { return scan(0, x, |carry, e| 2 * carry + e) }
graph sums(x: f64[40] in -1..1 at alice, a: f64[3, 3] in -4..4 at cloud, b: f64[3] in -2..2 at alice, w: f64[2, 3, 4] in -1..1 at cloud, c: f64[2, 4, 2] in -1..1 at alice)
        -> {c: f64[40], s: f64, f: f64[21], back: f64[40], v: f64[3], g: f64[40], rows: f64[2, 3, 2]} at alice {
    let cx = encrypt(x, k)
    let z = at cloud { {c: cumsum(cx), s: fold(0, cx, |carry, e| carry + 2 * e), f: rfft(cx).im, back: irfft(rfft(cx), 40), v: solve(a, encrypt(b, k)), rows: w @ encrypt(c, k)} }
    let g = at cloud { doubled(cx) }
    return {c: decrypt(z.c, k), s: decrypt(z.s, k), f: decrypt(z.f, k), back: decrypt(z.back, k), v: decrypt(z.v, k), g: decrypt(g, k), rows: decrypt(z.rows, k)}
}
graph plainly(a: f64[40] in -1..1 at alice, n: f64[3, 3] in -4..4 at alice, nu: f64 in 1..9 at alice) -> {s: f64[40], i: f64[3, 3], p: i64, r: f64, t: f64, m: i64} at alice {
    return {s: sort(a), i: inverse(n), p: argmax(a), r: prod(a + 1.5), t: student_t_quantile(0.25, nu), m: mod(argmin(a), 7)}
}
)");
  const auto x = numbers(40, 5, 1), b = numbers(3, 6, 2), w = numbers(24, 7, 1), c = numbers(16, 8, 1);
  const std::vector<double> a = {2, -1, 0.5, 1, 3, -0.25, 0, 1, 4};
  write("x.csv", column(x));
  write("b.csv", column(b));
  const auto binary = [&](const std::string& name, const std::vector<size_t>& shape, const std::vector<double>& values) { write(name, npy(shape, values)); };
  binary("a.npy", {3, 3}, a);
  binary("w.npy", {2, 3, 4}, w);
  binary("c.npy", {2, 4, 2}, c);
  const Row found = blind("sums", "--arg x=" + path("x.csv") + " --arg a=" + path("a.npy") + " --arg b=" + path("b.csv") + " --arg w=" + path("w.npy") + " --arg c=" + path("c.npy"));
  const auto number = [&](const std::string& name) { return std::stod(found.at(name)); };
  double total = 0, doubled = 0;
  for (size_t i = 0; i < 40; ++i) {
    total += x[i];
    doubled = 2 * doubled + x[i];
    EXPECT_EQ(number(at("c", i)), total) << i;  // no factor, nothing rounded
    EXPECT_NEAR(number(at("back", i)), x[i], 1e-3) << i;
    EXPECT_EQ(number(at("g", i)), doubled) << i;
  }
  EXPECT_EQ(number("s"), 2 * total);
  for (size_t f = 0; f <= 20; ++f) {
    double im = 0;
    for (size_t i = 0; i < 40; ++i) im -= x[i] * std::sin(2 * M_PI * static_cast<double>(i * f) / 40);
    EXPECT_NEAR(number(at("f", f)), im, 4e-4) << f;
  }
  for (size_t i = 0; i < 3; ++i) {
    double back = 0;
    for (size_t j = 0; j < 3; ++j) back += a[3 * i + j] * number(at("v", j));
    EXPECT_NEAR(back, b[i], 1e-3) << i;
  }
  for (size_t i = 0; i < 12; ++i) {
    const size_t batch = i / 6, row = i % 6 / 2, col = i % 2;
    double sum = 0;
    for (size_t j = 0; j < 4; ++j) sum += w[batch * 12 + row * 4 + j] * c[batch * 8 + j * 2 + col];
    EXPECT_NEAR(number(place("rows", {batch, row, col})), sum, 1e-12) << i;
  }
  binary("n.npy", {3, 3}, a);
  const Row clear = blind("plainly", "--arg a=" + path("x.csv") + " --arg n=" + path("n.npy") + " --set nu=3");
  auto sorted = x;
  std::sort(sorted.begin(), sorted.end());
  double product = 1;
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(std::stod(clear.at(at("s", i))), sorted[i]);
    product *= x[i] + 1.5;
  }
  EXPECT_NEAR(std::stod(clear.at("r")), product, 1e-9 * std::abs(product));
  EXPECT_EQ(std::stol(clear.at("p")), std::max_element(x.begin(), x.end()) - x.begin());
  EXPECT_EQ(std::stol(clear.at("m")), (std::min_element(x.begin(), x.end()) - x.begin()) % 7);
  EXPECT_NEAR(std::stod(clear.at("t")), -0.7648923284, 1e-9);
  for (size_t i = 0; i < 9; ++i) {
    double one = 0;
    for (size_t j = 0; j < 3; ++j) one += a[i / 3 * 3 + j] * std::stod(clear.at(place("i", {j, i % 3})));
    EXPECT_NEAR(one, i / 3 == i % 3, 1e-12);
  }
}

/// A matrix that is singular when it comes to running is an error that says where, and no answer.
TEST_F(SecretLinear, SingularMatricesAreRefusedWhenRunning) {
  make_key("k --bits 2048");
  compile(std::string(kParties) + "graph g(a: f64[2, 2] in -4..4 at cloud, b: f64[2] in -2..2 at alice) -> f64[2] at alice { return decrypt(at cloud { solve(a, encrypt(b, k)) }, k) }\n");
  write("a.npy", npy<double>({2, 2}, {1, 2, 2, 4}));
  write("b.csv", "1\n2\n");
  const CommandResult result = run(command("g", "--arg a=" + path("a.npy") + " --arg b=" + path("b.csv")));
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.err.find("solve"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace acie::testing

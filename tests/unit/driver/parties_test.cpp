// Programs of several parties to packages: the packages' steps, carried out by a small interpreter of exact integers (encryption changes no value),
// give what the plaintext formula gives, and the intervals in them hold every value met.

#include <gmpxx.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <random>

#include "compiler/Driver/Driver.h"
#include "compiler/Sema/Secrecy/Exact.h"
#include "runtime/package/Package.h"
#include "runtime/package/Party.h"

namespace acie {
namespace {

using package::PartyEntry;
using package::PartyOp;
using package::PartyProgram;
using package::PartyStep;
using package::PartyValue;
using Numbers = std::vector<double>;

struct Compiled {
  std::string errors;
  std::map<std::string, PartyProgram> programs;
  std::map<std::string, Numbers> constants;
};

Compiled compile(const std::string& text) {
  SourceManager sources;
  DiagnosticEngine diagnostics;
  driver::Options options;
  options.stdlib_dir = ACIE_STDLIB_DIR;
  const auto result = driver::compile(sources, sources.add("program.acie", text), diagnostics, options);
  Compiled out;
  for (const Diagnostic& diagnostic : diagnostics.sorted()) out.errors += render_text(diagnostic, sources);
  if (!result.ok()) out.errors += std::string(result.status().message());
  if (!result.ok() || !result->ok) return out;
  for (const auto& [party, bytes] : result->parties) {
    package::TrustPolicy policy;
    policy.allow_unsigned = true;
    auto opened = package::Package::parse(bytes, policy);
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (!opened.ok()) continue;
    auto program = package::parse_party_program(*opened->section(package::kPartySection));
    EXPECT_TRUE(program.ok()) << program.status();
    if (program.ok()) out.programs[party] = *program;
    if (const auto section = opened->section(package::kPartyConstantsSection)) {
      Numbers numbers(section->size() / 8);
      std::memcpy(numbers.data(), section->data(), section->size());
      out.constants[party] = std::move(numbers);
    }
  }
  return out;
}

/// A value of either form.
struct Held {
  Numbers plain;
  std::vector<mpz_class> exact;
};

sema::Scale scale_of(const PartyValue& value) { return sema::Scale(mpq_class(mpz_class(value.scale.numerator), mpz_class(value.scale.denominator))); }

/// Runs one graph at all its parties, message by message.
class Interpreter {
 public:
  explicit Interpreter(const Compiled& compiled) : compiled_(compiled) {}

  std::map<std::string, Numbers> run(const std::string& graph, const std::map<std::string, Numbers>& arguments) {
    std::map<std::string, size_t> next;
    std::map<std::string, Numbers> outputs;
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& [party, program] : compiled_.programs) {
        for (const PartyEntry& entry : program.entries) {
          if (entry.name != graph) continue;
          size_t& at = next[party];
          while (at < entry.steps.size() && step(party, entry, entry.steps[at], arguments, outputs)) {
            ++at;
            moved = true;
          }
          if (!moved && at < entry.steps.size()) ADD_FAILURE() << party << " waits at step " << at;
        }
      }
    }
    return outputs;
  }

 private:
  bool step(const std::string& party, const PartyEntry& entry, const PartyStep& s, const std::map<std::string, Numbers>& arguments,
            std::map<std::string, Numbers>& outputs) {
    auto& values = values_[party];
    const auto in = [&](size_t i) -> Held& { return values[s.inputs[i]]; };
    const auto type = [&](int id) -> const PartyValue& { return entry.values[static_cast<size_t>(id)]; };
    Held out;
    switch (s.op) {
      case PartyOp::Input: out.plain = arguments.at(entry.inputs[static_cast<size_t>(s.index)].name); break;
      case PartyOp::Constant: {
        const Numbers& all = compiled_.constants.at(party);
        out.plain.assign(all.begin() + s.index / 8, all.begin() + s.index / 8 + type(s.output).elements());
        break;
      }
      case PartyOp::Quantise:
        for (const double x : in(0).plain) out.exact.push_back(sema::quantise(x, scale_of(type(s.output))));
        break;
      case PartyOp::Dequantise:
        for (const mpz_class& q : in(0).exact) {
          const mpq_class x(q * scale_of(type(s.inputs[0])).value());
          out.plain.push_back(x.get_num().get_d() / x.get_den().get_d());
        }
        break;
      case PartyOp::Encrypt: case PartyOp::Decrypt: case PartyOp::Pack: case PartyOp::Seal: out = in(0); break;
      case PartyOp::Gather:
        for (const int64_t i : s.indices) {
          if (!in(0).plain.empty()) out.plain.push_back(in(0).plain[static_cast<size_t>(i)]);
          else out.exact.push_back(in(0).exact[static_cast<size_t>(i)]);
        }
        break;
      case PartyOp::Concat:
        for (size_t i = 0; i < s.inputs.size(); ++i) {
          out.plain.insert(out.plain.end(), in(i).plain.begin(), in(i).plain.end());
          out.exact.insert(out.exact.end(), in(i).exact.begin(), in(i).exact.end());
        }
        break;
      case PartyOp::Add: case PartyOp::Subtract: case PartyOp::Multiply:
        for (int64_t i = 0; i < type(s.output).elements(); ++i) {
          const mpz_class &a = in(0).exact[static_cast<size_t>(i) % in(0).exact.size()], &b = in(1).exact[static_cast<size_t>(i) % in(1).exact.size()];
          out.exact.push_back(s.op == PartyOp::Add ? mpz_class(a + b) : s.op == PartyOp::Subtract ? mpz_class(a - b) : mpz_class(a * b));
        }
        break;
      case PartyOp::Negate:
        for (const mpz_class& q : in(0).exact) out.exact.push_back(-q);
        break;
      case PartyOp::MatVec: case PartyOp::MatVecPlain: {
        const auto &a = in(0).exact, &b = in(1).exact;
        const size_t inner = static_cast<size_t>(type(s.inputs[0]).shape.back()), rows = a.size() / inner, columns = b.size() / inner;
        for (size_t r = 0; r < rows; ++r) {
          for (size_t c = 0; c < columns; ++c) {
            mpz_class total = 0;
            for (size_t k = 0; k < inner; ++k) total += a[r * inner + k] * b[k * columns + c];
            out.exact.push_back(total);
          }
        }
        break;
      }
      case PartyOp::Sum: {
        const auto& all = in(0).exact;
        const size_t count = static_cast<size_t>(type(s.output).elements()), each = all.size() / count;
        for (size_t i = 0; i < count; ++i) {
          mpz_class total = 0;
          for (size_t k = 0; k < each; ++k) total += all[i * each + k];
          out.exact.push_back(total);
        }
        break;
      }
      case PartyOp::Plain: {
        EXPECT_TRUE(s.function == "add" || s.function == "multiply") << s.function;
        for (int64_t i = 0; i < type(s.output).elements(); ++i) {
          const double a = in(0).plain[static_cast<size_t>(i) % in(0).plain.size()], b = in(1).plain[static_cast<size_t>(i) % in(1).plain.size()];
          out.plain.push_back(s.function == "add" ? a + b : a * b);
        }
        break;
      }
      case PartyOp::Send: messages_[s.index] = in(0); return true;
      case PartyOp::Receive: {
        const auto message = messages_.find(s.index);
        if (message == messages_.end()) return false;
        out = message->second;
        break;
      }
      case PartyOp::Output: outputs[entry.outputs[static_cast<size_t>(s.index)].name] = in(0).plain; return true;
      default: ADD_FAILURE() << "step of another kind"; return true;
    }
    for (const mpz_class& q : out.exact) {
      EXPECT_LE(mpz_class(type(s.output).low), q) << type(s.output).name;
      EXPECT_GE(mpz_class(type(s.output).high), q) << type(s.output).name;
    }
    values[s.output] = std::move(out);
    return true;
  }

  const Compiled& compiled_;
  std::map<std::string, std::map<int, Held>> values_;
  std::map<int64_t, Held> messages_;
};

const std::string kHead = "party alice, cloud\nkey k = paillier(bits: 2048) held by alice\n";

TEST(Parties, KnownAnswerOfALinearScore) {
  const Compiled compiled = compile(kHead + R"(
const w = [0.5, -0.25, 0.125]
graph score(x: f64[3] in 0..100 at alice) -> f64 at alice {
    let c = encrypt(x, k, scale: 1)
    return decrypt(at cloud { fixed(w, scale: 1e-3) @ c + 0.3 }, k)
}
)");
  ASSERT_EQ(compiled.errors, "");
  const auto answer = Interpreter(compiled).run("score", {{"x", {10, 20, 30}}});
  ASSERT_EQ(answer.at("score").size(), 1u);
  EXPECT_EQ(answer.at("score")[0], 4.05);
}

TEST(Parties, EachPartyDoesItsPart) {
  const Compiled compiled = compile(kHead + R"(
graph classify(image: f64[5] in 0..1 at alice, w: f64[2, 5] in -4..4 at cloud, b: f64[2] in -8..8 at cloud) -> f64[2] at alice {
    let c = encrypt(image, k, scale: 2^-16)
    let z = at cloud { w @ c + b }
    return decrypt(z, k)
}
)");
  ASSERT_EQ(compiled.errors, "");
  const auto steps = [&](const std::string& party) {
    std::vector<PartyOp> ops;
    for (const PartyStep& step : compiled.programs.at(party).entries[0].steps) ops.push_back(step.op);
    return ops;
  };
  EXPECT_EQ(steps("alice"), (std::vector<PartyOp>{PartyOp::Input, PartyOp::Quantise, PartyOp::Encrypt, PartyOp::Send, PartyOp::Receive, PartyOp::Decrypt,
                                                  PartyOp::Dequantise, PartyOp::Output}));
  EXPECT_EQ(steps("cloud"), (std::vector<PartyOp>{PartyOp::Input, PartyOp::Input, PartyOp::Receive, PartyOp::Quantise, PartyOp::MatVec, PartyOp::Quantise, PartyOp::Add,
                                                  PartyOp::Pack, PartyOp::Seal, PartyOp::Send}));
  EXPECT_EQ(compiled.programs.at("alice").digest, compiled.programs.at("cloud").digest);
  const auto answer = Interpreter(compiled).run("classify", {{"image", {0, .25, .5, .75, 1}}, {"w", {1, 2, 3, 4, -4, 0, 0, 0, 0, .5}}, {"b", {.5, -8}}});
  EXPECT_EQ(answer.at("classify"), (Numbers{.5 + 1.5 + 3 - 4 + .5, .5 - 8}));
}

TEST(Parties, SmallTensorsRecordsAndFunctions) {
  const Compiled compiled = compile(kHead + R"(
fn shift(x: f64, step: f64) -> f64 { return x + step }
graph g(x: f64[4] in -2..2 at alice, first: bool at cloud, s: f64 in 0..1 at cloud) -> {a: f64[2, 2] at alice, b: f64 at alice, c: f64 at alice} {
    let e = encrypt(x, k)
    let turned = reshape(e, [2, 2])
    let picked = at cloud { if first then e[0] else e[3] - e[1] }
    let lifted = at cloud { [shift(e[i], 1.0) for i in 0..4] }
    let total = at cloud { sum(lifted) - 2 * e[2] }
    return {a: decrypt(transpose(turned), k), b: decrypt(picked, k), c: decrypt(total, k)}
}
)");
  ASSERT_EQ(compiled.errors, "");
  const auto answer = Interpreter(compiled).run("g", {{"x", {1, -2, .5, .25}}, {"first", {0}}, {"s", {1}}});
  EXPECT_EQ(answer.at("a"), (Numbers{1, .5, -2, .25}));
  EXPECT_EQ(answer.at("b"), (Numbers{2.25}));
  EXPECT_EQ(answer.at("c"), (Numbers{1 - 2 + .5 + .25 + 4 - 1}));
}

TEST(Parties, ACounterfactualOfEncryptedEvidence) {
  const Compiled compiled = compile(kHead + R"(
model M {
    exo u ~ normal(0, 1)
    exo v ~ normal(0, 1)
    var mass = 10.5 + 0.6 * u
    var rate = 0.75 * mass - 7.5 + 0.3 * v
}
query heavier on M {
    given mass, rate
    do mass = mass + 2
    return rate
}
graph g(m: f64 in 8..13 at alice, r: f64 in -5..5 at alice) -> f64 at alice {
    let a = encrypt(m, k)
    let b = encrypt(r, k)
    return decrypt(at cloud { heavier(mass: a, rate: b) }, k)
}
)");
  ASSERT_EQ(compiled.errors, "");
  const auto answer = Interpreter(compiled).run("g", {{"m", {11.5}}, {"r", {.25}}});
  EXPECT_NEAR(answer.at("g")[0], .25 + .75 * 2, 1e-4);
}

TEST(Parties, AMechanismOfEncryptedValuesAndAParameter) {
  const Compiled compiled = compile(kHead + R"(
param shift : f64 in -1..1 = 0.5
mechanism layer[N](x: f64[N]) -> f64[2] {
    learn w : f64[2, N] in -4..4
    learn b : f64[2] in -1..1 = zeros()
    return w @ x + b
}
graph g(x: f64[3] in 0..1 at alice) -> f64[2] at alice {
    let c = encrypt(x, k)
    let z = at cloud { layer(c) + layer(c) + shift }
    return decrypt(z, k)
}
)");
  ASSERT_EQ(compiled.errors, "");
  std::vector<std::string> names;
  for (const package::PartyInput& input : compiled.programs.at("cloud").entries[0].inputs) names.push_back(input.name);
  EXPECT_EQ(names, (std::vector<std::string>{"g.layer_0.w", "g.layer_0.b", "g.layer_1.w", "g.layer_1.b", "shift"}));
  const auto answer = Interpreter(compiled).run("g", {{"x", {1, .5, .25}}, {"g.layer_0.w", {1, 2, 3, 4, -4, 0}}, {"g.layer_0.b", {.5, 0}},
                                                      {"g.layer_1.w", {0, 0, 1, 0, 0, 0}}, {"g.layer_1.b", {0, 0}}, {"shift", {.25}}});
  EXPECT_EQ(answer.at("g"), (Numbers{1 + 1 + .75 + .5 + .25 + .25, 4 - 2 + .25}));
}

TEST(Parties, IntervalsOfConstantMatricesAreTight) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> weight(-9, 9);
  for (int turn = 0; turn < 5; ++turn) {
    std::string w;
    mpz_class low = 0, high = 0;
    for (int r = 0; r < 3; ++r) {
      w += r == 0 ? "[[" : "], [";
      int up = 0, down = 0;
      for (int c = 0; c < 4; ++c) {
        const int each = weight(random);
        (each > 0 ? up : down) += each;
        w += (c == 0 ? "" : ", ") + std::to_string(each);
      }
      low = std::min<mpz_class>(low, 7 * down);
      high = std::max<mpz_class>(high, 7 * up);
    }
    const Compiled compiled = compile(kHead + "const w = " + w + "]]\ngraph g(x: i64[4] in 0..7 at alice) -> f64[3] at alice {\n    let c = encrypt(x, k)\n"
                                      "    return decrypt(at cloud { (w as f64) @ c }, k)\n}\n");
    ASSERT_EQ(compiled.errors, "");
    bool found = false;
    for (const PartyStep& step : compiled.programs.at("cloud").entries[0].steps) {
      if (step.op != PartyOp::MatVec) continue;
      const PartyValue& out = compiled.programs.at("cloud").entries[0].values[static_cast<size_t>(step.output)];
      EXPECT_EQ(mpz_class(out.low), low);
      EXPECT_EQ(mpz_class(out.high), high);
      found = true;
    }
    EXPECT_TRUE(found);
  }
}

}  // namespace
}  // namespace acie

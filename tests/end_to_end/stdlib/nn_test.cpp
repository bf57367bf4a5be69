// std.nn against the published formulas, written out here in double precision, with random parameters.

#include <functional>
#include <random>
#include <sstream>

#include "tests/end_to_end/stdlib/ask.h"

namespace acie::testing {
namespace {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;  // of a matrix

/// Learnt parameters by path, with random values, as the runner reads them.
class Parameters {
 public:
  explicit Parameters(unsigned seed) : random_(seed) {}

  Rows matrix(const std::string& path, size_t rows, size_t columns) {
    Rows values;
    std::string text;
    for (size_t i = 0; i < rows; ++i) {
      values.push_back(vector(path, columns));
      text += (i > 0 ? ", " : "") + values_[path];
    }
    values_[path] = "[" + text + "]";
    return values;
  }
  Vector vector(const std::string& path, size_t size, double low = -1, double high = 1) {
    std::uniform_real_distribution<double> law(low, high);
    Vector values(size);
    std::string text;
    for (double& v : values) {
      v = static_cast<float>(law(random_));
      char number[32];
      std::snprintf(number, sizeof number, "%s%.9g", text.empty() ? "" : ", ", v);
      text += number;
    }
    values_[path] = "[" + text + "]";
    return values;
  }

  /// Nested objects by the parts of the paths.
  std::string json() const { return object("", values_.begin(), values_.end()); }

 private:
  using Place = std::map<std::string, std::string>::const_iterator;

  static std::string object(const std::string& prefix, Place begin, Place end) {
    std::string text;
    while (begin != end) {
      const size_t dot = begin->first.find('.', prefix.size());
      const std::string part = begin->first.substr(prefix.size(), dot == std::string::npos ? dot : dot - prefix.size());
      text += (text.empty() ? "{\"" : ", \"") + part + "\": ";
      if (dot == std::string::npos) {
        text += (begin++)->second;
        continue;
      }
      const std::string inner = prefix + part + ".";
      Place last = begin;
      while (last != end && last->first.compare(0, inner.size(), inner) == 0) ++last;
      text += object(inner, begin, last);
      begin = last;
    }
    return text + "}";
  }

  std::mt19937 random_;
  std::map<std::string, std::string> values_;
};

/// One row of data: column "x[i]" holds the i-th number of `x`.
std::string table(const Vector& x) {
  std::string header, line;
  for (size_t i = 0; i < x.size(); ++i) {
    char number[32];
    std::snprintf(number, sizeof number, "%.9g", x[i]);
    header += (i > 0 ? ",x[" : "x[") + std::to_string(i) + "]";
    line += (i > 0 ? "," : "") + std::string(number);
  }
  return header + "\n" + line + "\n";
}

Vector random_numbers(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Vector values;
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<float>(normal(random)));
  return values;
}

/// [rows, columns] of a list of numbers, row by row.
Rows matrix(const Vector& values, size_t columns) {
  Rows rows;
  for (size_t i = 0; i < values.size(); i += columns) rows.emplace_back(values.begin() + static_cast<long>(i), values.begin() + static_cast<long>(i + columns));
  return rows;
}

Vector product(const Rows& w, const Vector& x, const Vector& b = {}) {
  Vector y;
  for (size_t i = 0; i < w.size(); ++i) {
    double sum = b.empty() ? 0 : b[i];
    for (size_t j = 0; j < x.size(); ++j) sum += w[i][j] * x[j];
    y.push_back(sum);
  }
  return y;
}

Vector each(const Vector& x, const std::function<double(double)>& f) {
  Vector y;
  for (const double v : x) y.push_back(f(v));
  return y;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2)); }

/// The numbers of a result in f32 are those expected, to a few of its roundings.
void expect_numbers(const Answer& at, const std::string& name, const Vector& expected) {
  double scale = 1;
  for (const double v : expected) scale = std::max(scale, std::abs(v));
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(at(name, i), expected[i], 3e-6 * scale) << name << "[" << i << "]";
}

Vector flat(const Rows& rows) {
  Vector values;
  for (const Vector& row : rows) values.insert(values.end(), row.begin(), row.end());
  return values;
}

Vector layer_norm(const Vector& x, const Vector& scale, const Vector& shift) {
  double mean = 0, square = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) square += (v - mean) * (v - mean) / static_cast<double>(x.size());
  Vector y;
  for (size_t i = 0; i < x.size(); ++i) y.push_back(scale[i] * (x[i] - mean) / std::sqrt(square + 1e-5) + shift[i]);
  return y;
}

TEST(Nn, ActivationsAndDenseLayers) {
  const Vector x = random_numbers(4, 1);
  Parameters p(2);
  const Rows w0 = p.matrix("Net.two.mlp.dense_0.w", 5, 4), w1 = p.matrix("Net.two.mlp.dense_1.w", 2, 5);
  const Vector b0 = p.vector("Net.two.mlp.dense_0.b", 5), b1 = p.vector("Net.two.mlp.dense_1.b", 2);
  const Rows r0 = p.matrix("Net.skip.residual.mlp.dense_0.w", 3, 4), r1 = p.matrix("Net.skip.residual.mlp.dense_1.w", 4, 3);
  const Vector c0 = p.vector("Net.skip.residual.mlp.dense_0.b", 3), c1 = p.vector("Net.skip.residual.mlp.dense_1.b", 4);
  const Rows gate = p.matrix("Net.gated.swiglu.w_gate", 3, 4), in = p.matrix("Net.gated.swiglu.w_in", 3, 4), out = p.matrix("Net.gated.swiglu.w_out", 4, 3);
  const Rows words = p.matrix("Net.word.embedding.table", 6, 3);
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[4]
    input i : i64
    var a = relu(x)
    var b = leaky_relu(x, 0.1)
    var c = elu(x)
    var d = gelu(x)
    var e = silu(x)
    var f = mish(x)
    var two = mlp[5, 2](x)
    var skip = residual[3](x)
    var gated = swiglu[3](x)
    var word = embedding[6, 3](i)
    var kept = dropout(x, 0.9)
}
query q on Net { given i = 4; return a, b, c, d, e, f, two, skip, gated, word, kept }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  expect_numbers(at, "a", each(x, [](double v) { return v > 0 ? v : 0; }));
  expect_numbers(at, "b", each(x, [](double v) { return v > 0 ? v : 0.1 * v; }));
  expect_numbers(at, "c", each(x, [](double v) { return v > 0 ? v : std::exp(v) - 1; }));
  expect_numbers(at, "d", each(x, gelu));
  expect_numbers(at, "e", each(x, [](double v) { return v * sigmoid(v); }));
  expect_numbers(at, "f", each(x, [](double v) { return v * std::tanh(std::log1p(std::exp(v))); }));
  expect_numbers(at, "two", product(w1, each(product(w0, x, b0), gelu), b1));
  Vector skip = product(r1, each(product(r0, x, c0), gelu), c1), gated = product(gate, x);
  for (size_t i = 0; i < 4; ++i) skip[i] += x[i];
  for (size_t i = 0; i < 3; ++i) gated[i] *= sigmoid(gated[i]) * product(in, x)[i];
  expect_numbers(at, "skip", skip);
  expect_numbers(at, "gated", product(out, gated));
  expect_numbers(at, "word", words[4]);
  expect_numbers(at, "kept", x);
}

TEST(Nn, Normalisation) {
  const Vector x = random_numbers(5, 3);
  Parameters p(4);
  const Vector scale = p.vector("Net.layer.layer_norm.scale", 5), shift = p.vector("Net.layer.layer_norm.shift", 5), rms = p.vector("Net.root.rms_norm.scale", 5), rows_scale = p.vector("Net.each.rms_norm_rows.scale", 5);
  const Vector mean = p.vector("Net.batch.batch_norm.mean", 5), variance = p.vector("Net.batch.batch_norm.variance", 5, 0.1, 2);
  const Vector bs = p.vector("Net.batch.batch_norm.scale", 5), bb = p.vector("Net.batch.batch_norm.shift", 5);
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[5]
    var layer = layer_norm(x)
    var root = rms_norm(x)
    var batch = batch_norm(x)
    var each = reshape(rms_norm_rows(stack(x, 2 * x)), 10)
}
query q on Net { return layer, root, batch, each }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  double square = 0;
  for (const double v : x) square += v * v / 5;
  Vector root, batch, each;
  for (size_t i = 0; i < 5; ++i) {
    root.push_back(rms[i] * x[i] / std::sqrt(square + 1e-5));
    batch.push_back(bs[i] * (x[i] - mean[i]) / std::sqrt(variance[i] + 1e-5) + bb[i]);
  }
  for (const double factor : {1.0, 2.0}) {
    for (size_t i = 0; i < 5; ++i) each.push_back(rows_scale[i] * factor * x[i] / std::sqrt(factor * factor * square + 1e-5));
  }
  expect_numbers(rows[0], "each", each);
  expect_numbers(rows[0], "layer", layer_norm(x, scale, shift));
  expect_numbers(rows[0], "root", root);
  expect_numbers(rows[0], "batch", batch);
}

// Dropped at random in the factual world and in every other by the same noise; a mean over draws is kept.
TEST(Nn, DropoutAsNoise) {
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[2]
    var y : f64[2] ~ dropped(x, 0.25)
    var z : f64 = sum(y)
}
query q on Net {
    world twice { do x = 2 * x }
    return dropped = P[y[0] == 0], mean = E[y[1]], same = P[twice.z == 2 * z]
}
)", "x[0],x[1]\n3,-2\n", "--draws 20000");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(rows[0]("dropped"), 0.25, 0.02);
  EXPECT_NEAR(rows[0]("mean"), -2, 0.05);
  EXPECT_EQ(rows[0]("same"), 1);
}

TEST(Nn, Convolutions) {
  const Vector x = random_numbers(5 * 2, 5), image = random_numbers(4 * 3 * 2, 6);
  Parameters p(7);
  const Rows w = p.matrix("Net.line.conv1d.w", 3, 2 * 2), cw = p.matrix("Net.causal.causal_conv1d.conv1d.w", 1, 3 * 2);
  const Vector b = p.vector("Net.line.conv1d.b", 3), cb = p.vector("Net.causal.causal_conv1d.conv1d.b", 1);
  const Rows w2 = p.matrix("Net.plane.conv2d.w", 2, 2 * 2 * 2), w3 = p.matrix("Net.same.conv2d_same.conv2d.w", 1, 3 * 3 * 2);
  const Vector b2 = p.vector("Net.plane.conv2d.b", 2), b3 = p.vector("Net.same.conv2d_same.conv2d.b", 1);
  Vector all = x;
  all.insert(all.end(), image.begin(), image.end());
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[34]
    let s = reshape(x[..10], 5, 2)
    let image = reshape(x[10..], 4, 3, 2)
    var line = reshape(conv1d[2, 3](s), 12)
    var causal = reshape(causal_conv1d[3, 1](s), 5)
    var plane = reshape(conv2d[2, 2](image), 12)
    var same = reshape(conv2d_same[3, 1](image), 12)
    var largest = reshape(max_pool1d[2](s), 4)
    var middle = reshape(mean_pool1d[2](s), 4)
    var largest2 = reshape(max_pool2d[2](image), 4)
    var middle2 = reshape(mean_pool2d[2](image), 4)
}
query q on Net { return line, causal, plane, same, largest, middle, largest2, middle2 }
)", table(all), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const auto s = [&](int t, int c) { return t < 0 ? 0 : x[static_cast<size_t>(2 * t + c)]; };
  const auto pixel = [&](int i, int j, int c) { return i < 0 || i > 3 || j < 0 || j > 2 ? 0 : image[static_cast<size_t>((3 * i + j) * 2 + c)]; };
  Vector line, causal, plane, same;
  for (int t = 0; t < 4; ++t) {
    for (size_t d = 0; d < 3; ++d) {
      double sum = b[d];
      for (int k = 0; k < 2; ++k) {
        for (int c = 0; c < 2; ++c) sum += w[d][static_cast<size_t>(2 * k + c)] * s(t + k, c);
      }
      line.push_back(sum);
    }
  }
  for (int t = 0; t < 5; ++t) {
    double sum = cb[0];
    for (int k = 0; k < 3; ++k) {
      for (int c = 0; c < 2; ++c) sum += cw[0][static_cast<size_t>(2 * k + c)] * s(t - 2 + k, c);
    }
    causal.push_back(sum);
  }
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 2; ++j) {
      for (size_t d = 0; d < 2; ++d) {
        double sum = b2[d];
        for (int k = 0; k < 8; ++k) sum += w2[d][static_cast<size_t>(k)] * pixel(i + k / 4, j + k / 2 % 2, k % 2);
        plane.push_back(sum);
      }
    }
  }
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 3; ++j) {
      double sum = b3[0];
      for (int k = 0; k < 18; ++k) sum += w3[0][static_cast<size_t>(k)] * pixel(i - 1 + k / 6, j - 1 + k / 2 % 3, k % 2);
      same.push_back(sum);
    }
  }
  expect_numbers(at, "line", line);
  expect_numbers(at, "causal", causal);
  expect_numbers(at, "plane", plane);
  expect_numbers(at, "same", same);
  for (int n = 0; n < 4; ++n) {
    const int t = 2 * (n / 2), c = n % 2;
    EXPECT_NEAR(at("largest", static_cast<size_t>(n)), std::max(s(t, c), s(t + 1, c)), 1e-6);
    EXPECT_NEAR(at("middle", static_cast<size_t>(n)), (s(t, c) + s(t + 1, c)) / 2, 1e-6);
    const double four[] = {pixel(t, 0, c), pixel(t, 1, c), pixel(t + 1, 0, c), pixel(t + 1, 1, c)};
    EXPECT_NEAR(at("largest2", static_cast<size_t>(n)), std::max({four[0], four[1], four[2], four[3]}), 1e-6);
    EXPECT_NEAR(at("middle2", static_cast<size_t>(n)), (four[0] + four[1] + four[2] + four[3]) / 4, 1e-6);
  }
}

TEST(Nn, RecurrentNetworks) {
  constexpr size_t steps = 4, n = 2, h = 3;
  const Vector x = random_numbers(steps * n, 8);
  Parameters p(9);
  const Rows gi = p.matrix("Net.g.gru.w_input", 3 * h, n), gh = p.matrix("Net.g.gru.w_hidden", 3 * h, h);
  const Vector gbi = p.vector("Net.g.gru.b_input", 3 * h), gbh = p.vector("Net.g.gru.b_hidden", 3 * h);
  const Rows li = p.matrix("Net.l.lstm.w_input", 4 * h, n), lh = p.matrix("Net.l.lstm.w_hidden", 4 * h, h);
  const Vector lbi = p.vector("Net.l.lstm.b_input", 4 * h), lbh = p.vector("Net.l.lstm.b_hidden", 4 * h);
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[8]
    let s = reshape(x, 4, 2)
    var g = reshape(gru[3](s), 12)
    var l = reshape(lstm[3](s), 12)
}
query q on Net { return g, l }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  // torch.nn.GRU and torch.nn.LSTM, as their documentation writes them.
  Vector state(h), out(h), cell(h), gru, lstm;
  for (const Vector& v : matrix(x, n)) {
    const Vector i = product(gi, v, gbi), j = product(gh, state, gbh), a = product(li, v, lbi), b = product(lh, out, lbh);
    for (size_t k = 0; k < h; ++k) {
      const double r = sigmoid(i[k] + j[k]), z = sigmoid(i[h + k] + j[h + k]), fresh = std::tanh(i[2 * h + k] + r * j[2 * h + k]);
      state[k] = (1 - z) * fresh + z * state[k];
      const auto gate = [&](size_t which) { return a[which * h + k] + b[which * h + k]; };
      cell[k] = sigmoid(gate(1)) * cell[k] + sigmoid(gate(0)) * std::tanh(gate(2));
      out[k] = sigmoid(gate(3)) * std::tanh(cell[k]);
    }
    gru.insert(gru.end(), state.begin(), state.end());
    lstm.insert(lstm.end(), out.begin(), out.end());
  }
  expect_numbers(rows[0], "g", gru);
  expect_numbers(rows[0], "l", lstm);
}

/// softmax(q kᵀ / sqrt(D)) v, each query seeing the first `seen(t)` keys.
Rows attention(const Rows& q, const Rows& k, const Rows& v, const std::function<size_t(size_t)>& seen) {
  Rows result;
  for (size_t t = 0; t < q.size(); ++t) {
    Vector weights, sum(v[0].size());
    double total = 0;
    for (size_t s = 0; s < seen(t); ++s) {
      double score = 0;
      for (size_t d = 0; d < q[t].size(); ++d) score += q[t][d] * k[s][d] / std::sqrt(static_cast<double>(q[t].size()));
      weights.push_back(std::exp(score));
      total += weights.back();
    }
    for (size_t s = 0; s < weights.size(); ++s) {
      for (size_t e = 0; e < sum.size(); ++e) sum[e] += weights[s] / total * v[s][e];
    }
    result.push_back(sum);
  }
  return result;
}

TEST(Nn, Attention) {
  constexpr size_t steps = 3, d = 4, heads = 2, width = 2;
  const Vector x = random_numbers(steps * d, 10);
  Parameters p(11);
  const std::string block = "Net.block.transformer_block.";
  const auto projections = [&](const std::string& path) {
    return std::vector<Rows>{p.matrix(path + "w_query", heads * width, d), p.matrix(path + "w_key", heads * width, d), p.matrix(path + "w_value", heads * width, d), p.matrix(path + "w_out", d, heads * width)};
  };
  const std::vector<Rows> own = projections("Net.heads.self_attention."), inner = projections(block + "self_attention.");
  const Vector s0 = p.vector(block + "layer_norm_rows_0.scale", d), h0 = p.vector(block + "layer_norm_rows_0.shift", d), s1 = p.vector(block + "layer_norm_rows_1.scale", d), h1 = p.vector(block + "layer_norm_rows_1.shift", d);
  const Rows w0 = p.matrix(block + "mlp_rows.dense_rows_0.w", 5, d), w1 = p.matrix(block + "mlp_rows.dense_rows_1.w", d, 5);
  const Vector b0 = p.vector(block + "mlp_rows.dense_rows_0.b", 5), b1 = p.vector(block + "mlp_rows.dense_rows_1.b", d);
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[12]
    let s = reshape(x, 3, 4)
    let memory = 100 * s[..2]
    var full = reshape(attention(s, memory, memory[.., ..2]), 6)
    var causal = reshape(causal_attention(s, s, s), 12)
    var heads = reshape(self_attention[2, 2](s), 12)
    var block = reshape(transformer_block[2, 2, 5](s), 12)
    var places = reshape(positional_encoding[2, 4](), 8)
}
query q on Net { return full, causal, heads, block, places }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const Rows s = matrix(x, d);
  const auto everything = [](size_t) { return steps; };
  Rows memory(s.begin(), s.begin() + 2), values;
  for (Vector& row : memory) {
    for (double& v : row) v *= 100;
    values.emplace_back(row.begin(), row.begin() + 2);
  }
  expect_numbers(at, "full", flat(attention(s, memory, values, [](size_t) { return 2; })));
  expect_numbers(at, "causal", flat(attention(s, s, s, [](size_t t) { return t + 1; })));
  const auto multi_head = [&](const Rows& in, const std::vector<Rows>& w) {
    Rows joined(in.size()), result;
    for (size_t h = 0; h < heads; ++h) {
      Rows parts[3];
      for (size_t which = 0; which < 3; ++which) {
        for (const Vector& row : in) {
          const Vector all = product(w[which], row);
          parts[which].emplace_back(all.begin() + static_cast<long>(h * width), all.begin() + static_cast<long>((h + 1) * width));
        }
      }
      const Rows seen = attention(parts[0], parts[1], parts[2], everything);
      for (size_t t = 0; t < in.size(); ++t) joined[t].insert(joined[t].end(), seen[t].begin(), seen[t].end());
    }
    for (const Vector& row : joined) result.push_back(product(w[3], row));
    return result;
  };
  expect_numbers(at, "heads", flat(multi_head(s, own)));
  Rows normed, after;
  for (const Vector& row : s) normed.push_back(layer_norm(row, s0, h0));
  const Rows seen = multi_head(normed, inner);
  for (size_t t = 0; t < steps; ++t) {
    Vector middle = s[t];
    for (size_t i = 0; i < d; ++i) middle[i] += seen[t][i];
    const Vector more = product(w1, each(product(w0, layer_norm(middle, s1, h1), b0), gelu), b1);
    for (size_t i = 0; i < d; ++i) middle[i] += more[i];
    after.push_back(middle);
  }
  expect_numbers(at, "block", flat(after));
  expect_numbers(at, "places", {0, 1, 0, 1, std::sin(1), std::cos(1), std::sin(0.01), std::cos(0.01)});
}

TEST(Nn, SelectiveStateSpaces) {
  constexpr size_t steps = 4, d = 2, states = 3;
  const Vector x = random_numbers(steps * d, 12);
  Parameters p(13);
  const std::string path = "Net.y.selective_ssm.";
  const Rows wd = p.matrix(path + "w_delta", d, d), wb = p.matrix(path + "w_b", states, d), wc = p.matrix(path + "w_c", states, d), log_a = p.matrix(path + "log_a", d, states);
  const Vector bd = p.vector(path + "b_delta", d), skip = p.vector(path + "skip", d);
  const auto rows = ask(R"(
import std.nn
model Net {
    input x : f32[8]
    var y = reshape(selective_ssm[3](reshape(x, 4, 2)), 8)
}
query q on Net { return y }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  Rows h(d, Vector(states));
  Vector y;
  for (const Vector& v : matrix(x, d)) {
    const Vector raw = product(wd, v, bd), b = product(wb, v), c = product(wc, v);
    for (size_t i = 0; i < d; ++i) {
      const double delta = std::log1p(std::exp(raw[i]));
      double sum = skip[i] * v[i];
      for (size_t s = 0; s < states; ++s) {
        h[i][s] = std::exp(-delta * std::exp(log_a[i][s])) * h[i][s] + delta * b[s] * v[i];
        sum += c[s] * h[i][s];
      }
      y.push_back(sum);
    }
  }
  expect_numbers(rows[0], "y", y);
}

TEST(Nn, Graphs) {
  // Node 3 has no edge into it, node 0 two, one of them from itself.
  const size_t edges[][2] = {{0, 0}, {1, 0}, {0, 1}, {3, 2}, {2, 2}, {1, 2}};
  constexpr size_t nodes = 4, n = 2, m = 3;
  const Vector x = random_numbers(nodes * n, 14);
  Parameters p(15);
  const Rows w = p.matrix("Net.seen.graph_attention.w", m, n), cw = p.matrix("Net.mixed.graph_conv.w", m, n);
  const Vector from = p.vector("Net.seen.graph_attention.a_source", m), to = p.vector("Net.seen.graph_attention.a_target", m), cb = p.vector("Net.mixed.graph_conv.b", m);
  const auto rows = ask(R"(
import std.nn
const edges : i64[6, 2] = [[0, 0], [1, 0], [0, 1], [3, 2], [2, 2], [1, 2]]
model Net {
    input x : f32[8]
    let nodes = reshape(x, 4, 2)
    var seen = reshape(graph_attention[3](nodes, edges), 12)
    var mixed = reshape(graph_conv[3](nodes, edges), 12)
}
query q on Net { return seen, mixed }
)", table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  Rows h, seen(nodes, Vector(m)), mixed;
  for (const Vector& node : matrix(x, n)) h.push_back(product(w, node));
  for (size_t v = 0; v < nodes; ++v) {
    double total = 0, count = 1;
    Vector sum = matrix(x, n)[v];
    for (const auto& [source, target] : edges) {
      if (target != v) continue;
      double score = 0;
      for (size_t i = 0; i < m; ++i) score += from[i] * h[source][i] + to[i] * h[target][i];
      const double weight = std::exp(score > 0 ? score : 0.2 * score);
      total += weight;
      ++count;
      for (size_t i = 0; i < m; ++i) seen[v][i] += weight * h[source][i];
      for (size_t i = 0; i < n; ++i) sum[i] += matrix(x, n)[source][i];
    }
    for (double& value : seen[v]) value = total > 0 ? value / total : 0;
    for (double& value : sum) value /= count;
    mixed.push_back(product(cw, sum, cb));
  }
  expect_numbers(rows[0], "seen", flat(seen));
  expect_numbers(rows[0], "mixed", flat(mixed));
}

}  // namespace
}  // namespace acie::testing

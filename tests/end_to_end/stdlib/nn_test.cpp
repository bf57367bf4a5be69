// std.nn against the published formulas, written out here in double precision, with random parameters.

#include <array>
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

/// The text with each {name} replaced by its number.
std::string with(std::string text, const std::map<std::string, size_t>& sizes) {
  for (const auto& [name, size] : sizes) {
    const std::string place = "{" + name + "}";
    for (size_t at = text.find(place); at != std::string::npos; at = text.find(place)) text.replace(at, place.size(), std::to_string(size));
  }
  return text;
}

/// Small tensors are unrolled and large ones computed by loops: each layer is tried in both sizes.
class NnSizes : public ::testing::TestWithParam<bool> {
 protected:
  size_t pick(size_t small, size_t large) const { return GetParam() ? large : small; }
};
INSTANTIATE_TEST_SUITE_P(Sizes, NnSizes, ::testing::Values(false, true), [](const auto& info) { return info.param ? "Large" : "Small"; });

TEST_P(NnSizes, Convolutions) {
  const size_t length = pick(5, 18), channels = pick(2, 4), height = pick(4, 6), width = pick(3, 5), results = pick(3, 4);
  const Vector x = random_numbers(length * channels, 5), image = random_numbers(height * width * channels, 6);
  Parameters p(7);
  const Rows w = p.matrix("Net.line.conv1d.w", results, 2 * channels), cw = p.matrix("Net.causal.causal_conv1d.conv1d.w", 1, 3 * channels);
  const Vector b = p.vector("Net.line.conv1d.b", results), cb = p.vector("Net.causal.causal_conv1d.conv1d.b", 1);
  const Rows w2 = p.matrix("Net.plane.conv2d.w", 2, 4 * channels), w3 = p.matrix("Net.same.conv2d_same.conv2d.w", 1, 9 * channels), w4 = p.matrix("Net.even.conv2d_same.conv2d.w", 1, 4 * channels);
  const Vector b2 = p.vector("Net.plane.conv2d.b", 2), b3 = p.vector("Net.same.conv2d_same.conv2d.b", 1), b4 = p.vector("Net.even.conv2d_same.conv2d.b", 1);
  Vector all = x;
  all.insert(all.end(), image.begin(), image.end());
  const auto rows = ask(with(R"(
import std.nn
dim L = {L}, C = {C}, H = {H}, W = {W}
model Net {
    input x : f32[L * C + H * W * C]
    let s = reshape(x[..L * C], L, C)
    let image = reshape(x[L * C..], H, W, C)
    var line = reshape(conv1d[2, {D}](s), (L - 1) * {D})
    var causal = reshape(causal_conv1d[3, 1](s), L)
    var plane = reshape(conv2d[2, 2](image), (H - 1) * (W - 1) * 2)
    var same = reshape(conv2d_same[3, 1](image), H * W)
    var even = reshape(conv2d_same[2, 1](image), H * W)
    var largest = reshape(max_pool1d[2](s), div(L, 2) * C)
    var middle = reshape(mean_pool1d[2](s), div(L, 2) * C)
    var largest2 = reshape(max_pool2d[2](image), div(H, 2) * div(W, 2) * C)
    var middle2 = reshape(mean_pool2d[2](image), div(H, 2) * div(W, 2) * C)
}
query q on Net { return line, causal, plane, same, even, largest, middle, largest2, middle2 }
)", {{"L", length}, {"C", channels}, {"H", height}, {"W", width}, {"D", results}}), table(all), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const auto step = [&](long t, size_t c) { return t < 0 ? 0 : x[static_cast<size_t>(t) * channels + c]; };
  const auto pixel = [&](long i, long j, size_t c) {
    const bool inside = i >= 0 && j >= 0 && i < static_cast<long>(height) && j < static_cast<long>(width);
    return inside ? image[(static_cast<size_t>(i) * width + static_cast<size_t>(j)) * channels + c] : 0;
  };
  /// The window of K steps from t on, or of K × K pixels from (i, j) on, under one row of weights.
  const auto line = [&](const Vector& weights, long k_steps, long t) {
    double sum = 0;
    for (long k = 0; k < k_steps; ++k) {
      for (size_t c = 0; c < channels; ++c) sum += weights[static_cast<size_t>(k) * channels + c] * step(t + k, c);
    }
    return sum;
  };
  const auto plane = [&](const Vector& weights, long k_steps, long i, long j) {
    double sum = 0;
    for (long k = 0; k < k_steps; ++k) {
      for (long l = 0; l < k_steps; ++l) {
        for (size_t c = 0; c < channels; ++c) sum += weights[static_cast<size_t>(k * k_steps + l) * channels + c] * pixel(i + k, j + l, c);
      }
    }
    return sum;
  };
  Vector lines, causal, planes, same, even, largest, middle, largest2, middle2;
  for (long t = 0; t < static_cast<long>(length); ++t) {
    for (size_t d = 0; d < results && t + 1 < static_cast<long>(length); ++d) lines.push_back(b[d] + line(w[d], 2, t));
    causal.push_back(cb[0] + line(cw[0], 3, t - 2));
    for (size_t c = 0; c < channels && t % 2 == 0 && t + 1 < static_cast<long>(length); ++c) {
      largest.push_back(std::max(step(t, c), step(t + 1, c)));
      middle.push_back((step(t, c) + step(t + 1, c)) / 2);
    }
  }
  for (long i = 0; i < static_cast<long>(height); ++i) {
    for (long j = 0; j < static_cast<long>(width); ++j) {
      const bool window = i + 1 < static_cast<long>(height) && j + 1 < static_cast<long>(width);
      for (size_t d = 0; d < 2 && window; ++d) planes.push_back(b2[d] + plane(w2[d], 2, i, j));
      same.push_back(b3[0] + plane(w3[0], 3, i - 1, j - 1));
      even.push_back(b4[0] + plane(w4[0], 2, i, j));
      for (size_t c = 0; c < channels && window && i % 2 == 0 && j % 2 == 0; ++c) {
        const double four[] = {pixel(i, j, c), pixel(i, j + 1, c), pixel(i + 1, j, c), pixel(i + 1, j + 1, c)};
        largest2.push_back(std::max({four[0], four[1], four[2], four[3]}));
        middle2.push_back((four[0] + four[1] + four[2] + four[3]) / 4);
      }
    }
  }
  expect_numbers(at, "line", lines);
  expect_numbers(at, "causal", causal);
  expect_numbers(at, "plane", planes);
  expect_numbers(at, "same", same);
  expect_numbers(at, "even", even);
  expect_numbers(at, "largest", largest);
  expect_numbers(at, "middle", middle);
  expect_numbers(at, "largest2", largest2);
  expect_numbers(at, "middle2", middle2);
}

TEST_P(NnSizes, RecurrentNetworks) {
  const size_t steps = pick(4, 6), n = pick(2, 12), h = pick(3, 6);
  const Vector x = random_numbers(steps * n, 8);
  Parameters p(9);
  const Rows gi = p.matrix("Net.g.gru.w_input", 3 * h, n), gh = p.matrix("Net.g.gru.w_hidden", 3 * h, h);
  const Vector gbi = p.vector("Net.g.gru.b_input", 3 * h), gbh = p.vector("Net.g.gru.b_hidden", 3 * h);
  const Rows li = p.matrix("Net.l.lstm.w_input", 4 * h, n), lh = p.matrix("Net.l.lstm.w_hidden", 4 * h, h);
  const Vector lbi = p.vector("Net.l.lstm.b_input", 4 * h), lbh = p.vector("Net.l.lstm.b_hidden", 4 * h);
  const Rows ci = p.matrix("Net.g1.gru_cell.w_input", 3 * h, n), ch = p.matrix("Net.g1.gru_cell.w_hidden", 3 * h, h);
  const Vector cbi = p.vector("Net.g1.gru_cell.b_input", 3 * h), cbh = p.vector("Net.g1.gru_cell.b_hidden", 3 * h);
  const Rows mi = p.matrix("Net.l1.lstm_cell.w_input", 4 * h, n), mh = p.matrix("Net.l1.lstm_cell.w_hidden", 4 * h, h);
  const Vector mbi = p.vector("Net.l1.lstm_cell.b_input", 4 * h), mbh = p.vector("Net.l1.lstm_cell.b_hidden", 4 * h);
  const auto rows = ask(with(R"(
import std.nn
dim T = {T}, N = {N}, H = {H}
model Net {
    input x : f32[T * N]
    let s = reshape(x, T, N)
    var g = reshape(gru[H](s), T * H)
    var l = reshape(lstm[H](s), T * H)
    var g1 = gru_cell(x[..H], s[0])
    var l1 = lstm_cell(x[..H], x[H..2 * H], s[0]).h
}
query q on Net { return g, l, g1, l1 }
)", {{"T", steps}, {"N", n}, {"H", h}}), table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  // torch.nn.GRU and torch.nn.LSTM, as their documentation writes them.
  const auto gru = [&](const Vector& i, const Vector& j, const Vector& state) {
    Vector next;
    for (size_t k = 0; k < h; ++k) {
      const double r = sigmoid(i[k] + j[k]), z = sigmoid(i[h + k] + j[h + k]), fresh = std::tanh(i[2 * h + k] + r * j[2 * h + k]);
      next.push_back((1 - z) * fresh + z * state[k]);
    }
    return next;
  };
  const auto lstm = [&](const Vector& a, const Vector& b, Vector& cell) {
    Vector out;
    for (size_t k = 0; k < h; ++k) {
      const auto gate = [&](size_t which) { return a[which * h + k] + b[which * h + k]; };
      cell[k] = sigmoid(gate(1)) * cell[k] + sigmoid(gate(0)) * std::tanh(gate(2));
      out.push_back(sigmoid(gate(3)) * std::tanh(cell[k]));
    }
    return out;
  };
  Vector state(h), out(h), cell(h), states, outs;
  for (const Vector& v : matrix(x, n)) {
    state = gru(product(gi, v, gbi), product(gh, state, gbh), state);
    out = lstm(product(li, v, lbi), product(lh, out, lbh), cell);
    states.insert(states.end(), state.begin(), state.end());
    outs.insert(outs.end(), out.begin(), out.end());
  }
  expect_numbers(rows[0], "g", states);
  expect_numbers(rows[0], "l", outs);
  const Vector before(x.begin(), x.begin() + static_cast<long>(h)), first = matrix(x, n)[0];
  Vector held(x.begin() + static_cast<long>(h), x.begin() + static_cast<long>(2 * h));
  expect_numbers(rows[0], "g1", gru(product(ci, first, cbi), product(ch, before, cbh), before));
  expect_numbers(rows[0], "l1", lstm(product(mi, first, mbi), product(mh, before, mbh), held));
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

TEST_P(NnSizes, Attention) {
  const size_t steps = pick(3, 10), d = pick(4, 8), heads = 2, width = pick(2, 3);
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
  const auto rows = ask(with(R"(
import std.nn
dim T = {T}, D = {D}, K = {K}
model Net {
    input x : f32[T * D]
    let s = reshape(x, T, D)
    let memory = 100 * s[..2]
    var full = reshape(attention(s, memory, memory[.., ..2]), T * 2)
    var causal = reshape(causal_attention(s, s, s), T * D)
    var heads = reshape(self_attention[2, K](s), T * D)
    var block = reshape(transformer_block[2, K, 5](s), T * D)
    var places = reshape(positional_encoding[2, 4](), 8)
}
query q on Net { return full, causal, heads, block, places }
)", {{"T", steps}, {"D", d}, {"K", width}}), table(x), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const Rows s = matrix(x, d);
  const auto everything = [&](size_t) { return steps; };
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

TEST_P(NnSizes, SelectiveStateSpaces) {
  const size_t steps = pick(4, 7), d = pick(2, 10), states = pick(3, 8);
  const Vector x = random_numbers(steps * d, 12);
  Parameters p(13);
  const std::string path = "Net.y.selective_ssm.";
  const Rows wd = p.matrix(path + "w_delta", d, d), wb = p.matrix(path + "w_b", states, d), wc = p.matrix(path + "w_c", states, d), log_a = p.matrix(path + "log_a", d, states);
  const Vector bd = p.vector(path + "b_delta", d), skip = p.vector(path + "skip", d);
  const auto rows = ask(with(R"(
import std.nn
model Net {
    input x : f32[{T} * {D}]
    var y = reshape(selective_ssm[{S}](reshape(x, {T}, {D})), {T} * {D})
}
query q on Net { return y }
)", {{"T", steps}, {"D", d}, {"S", states}}), table(x), "", p.json());
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

// The edges are a constant of the program, or columns of the table.
TEST_P(NnSizes, Graphs) {
  // The last node has no edge into it; node 0 has one from itself.
  const size_t nodes = pick(4, 9), n = pick(2, 8), m = pick(3, 8), count = pick(6, 20);
  std::vector<std::array<size_t, 2>> edges{{0, 0}};
  while (edges.size() < count) edges.push_back({(5 * edges.size() + 3) % nodes, (3 * edges.size() + 1) % (nodes - 1)});
  Vector data = random_numbers(nodes * n, 14);
  const Vector x = data;
  std::string listed;
  for (const auto& [source, target] : edges) {
    listed += (listed.empty() ? "[" : ", [") + std::to_string(source) + ", " + std::to_string(target) + "]";
    data.push_back(static_cast<double>(source));
    data.push_back(static_cast<double>(target));
  }
  Parameters p(15);
  const Rows w = p.matrix("Net.seen.graph_attention.w", m, n), cw = p.matrix("Net.mixed.graph_conv.w", m, n);
  const Vector from = p.vector("Net.seen.graph_attention.a_source", m), to = p.vector("Net.seen.graph_attention.a_target", m), cb = p.vector("Net.mixed.graph_conv.b", m);
  const Rows dw = p.matrix("Net.read.graph_conv.w", m, n);
  const Vector db = p.vector("Net.read.graph_conv.b", m);
  const auto rows = ask(with(R"(
import std.nn
dim V = {V}, N = {N}, M = {M}, E = {E}
const edges : i64[E, 2] = [)" + listed + R"(]
model Net {
    input x : f32[V * N + 2 * E]
    let nodes = reshape(x[..V * N], V, N)
    var seen = reshape(graph_attention[M](nodes, edges), V * M)
    var mixed = reshape(graph_conv[M](nodes, edges), V * M)
    var read = reshape(graph_conv[M](nodes, reshape(x[V * N..] as i64, E, 2)), V * M)
}
query q on Net { return seen, mixed, read }
)", {{"V", nodes}, {"N", n}, {"M", m}, {"E", count}}), table(data), "", p.json());
  ASSERT_EQ(rows.size(), 1u);
  Rows h, seen(nodes, Vector(m)), mixed, read;
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
    read.push_back(product(dw, sum, db));
  }
  expect_numbers(rows[0], "seen", flat(seen));
  expect_numbers(rows[0], "mixed", flat(mixed));
  expect_numbers(rows[0], "read", flat(read));
}

}  // namespace
}  // namespace acie::testing

// The laws of causal.md on generated models of vectors: triangular, dense and tall matrices and scans, small and large, with the
// noises from dense linear algebra; and normal noises given fewer equations than there are of them, against their exact law.

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "tests/end_to_end/program.h"

namespace acie::testing {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

std::string text_of(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string text_of(const MatrixXd& matrix) {
  std::string text = "[";
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    text += i > 0 ? ", [" : "[";
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) text += (j > 0 ? ", " : "") + text_of(matrix(i, j));
    text += "]";
  }
  return text + "]";
}

Vector row_of(const VectorXd& v) { return Vector(v.data(), v.data() + v.size()); }

/// x = M u + a, as a product or as a scan, and y = B x + v.
struct VectorModel {
  enum Kind { Lower, Upper, Dense, Tall, Scan };
  Kind kind;
  int size, noises;
  MatrixXd m, b;
  double rate = 0, scale = 0;
  std::mt19937_64 random;

  VectorModel(Kind kind, int size, unsigned seed) : kind(kind), size(size), noises(kind == Tall ? size - size / 3 : size), random(seed) {
    m = matrix(size, noises);
    if (kind == Lower) m = m.triangularView<Eigen::Lower>();
    if (kind == Upper) m = m.triangularView<Eigen::Upper>();
    m.diagonal().array() += 2 * std::sqrt(size);
    if (kind == Scan) {
      rate = uniform(-0.9, 0.9), scale = uniform(0.5, 2);
      m.setZero();
      for (int i = 0; i < size; ++i)
        for (int j = 0; j <= i; ++j) m(i, j) = scale * std::pow(rate, i - j);
    }
    b = 0.3 * matrix(size, size);
  }
  double uniform(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); }
  MatrixXd matrix(int rows, int columns) {
    MatrixXd result(rows, columns);
    for (double& value : result.reshaped()) value = uniform(-1, 1);
    return result;
  }
  VectorXd normal(int count) {
    VectorXd result(count);
    for (double& value : result) value = std::normal_distribution<double>()(random);
    return result;
  }
  std::string text(const std::string& name) const {
    const std::string n = std::to_string(size), of = "f64[" + n + "]";
    std::string out = "const B" + name + " = " + text_of(b) + "\n";
    if (kind != Scan) out += "const M" + name + " = " + text_of(m) + "\n";
    out += "model " + name + " {\n    input a : " + of + "\n    exo u : f64[" + std::to_string(noises) + "] ~ normal(0, 1)\n    exo v : " + of + " ~ normal(0, 1)\n    var x : " + of + " = ";
    out += kind == Scan ? "scan(0, u, |c, e| " + text_of(rate) + " * c + " + text_of(scale) + " * e) + a" : "M" + name + " @ u + a";
    return out + "\n    var y : " + of + " = B" + name + " @ x + v\n    var z : " + of + " = x - 0.5 * y\n}\n"
           "query noise_" + name + " on " + name + " { given x, y  return u, v }\n"
           "query laws_" + name + " on " + name + R"( {
    given x, y
    world same { do x = factual.x }
    world other { do x = 0.5 * factual.x + 1 }
    world composed { do x = 0.5 * factual.x + 1  do y = other.y }
    world below { do z = 0 }
    return same.y, same.z, factual.z, other.x, other.y, other.z, composed.z, below.x, below.y, below.z
}
)";
  }
};

class VectorLaws : public ProgramTest {};

TEST_F(VectorLaws, HoldWhateverTheShapeOfTheEquations) {
  std::vector<VectorModel> models;
  unsigned seed = 1;
  for (const int size : {3, 5, 6}) {
    for (const auto kind : {VectorModel::Lower, VectorModel::Upper, VectorModel::Dense, VectorModel::Tall}) models.emplace_back(kind, size, seed++);
  }
  for (const int steps : {4, 40, 80}) models.emplace_back(VectorModel::Scan, steps, seed++);
  for (const auto kind : {VectorModel::Lower, VectorModel::Dense}) models.emplace_back(kind, 72, seed++);
  models.emplace_back(VectorModel::Tall, 99, seed++);
  std::string program;
  for (size_t i = 0; i < models.size(); ++i) program += models[i].text("R" + std::to_string(i));
  compile(program);
  constexpr int kRows = 2;
  for (size_t i = 0; i < models.size(); ++i) {
    SCOPED_TRACE("model " + std::to_string(i) + " of kind " + std::to_string(models[i].kind) + ", size " + std::to_string(models[i].size));
    VectorModel& model = models[i];
    std::vector<Vector> a, x, y;
    for (int r = 0; r < kRows; ++r) {
      const VectorXd shift = model.normal(model.size), seen = model.m * model.normal(model.noises) + shift;
      a.push_back(row_of(shift));
      x.push_back(row_of(seen));
      y.push_back(row_of(model.b * seen + model.normal(model.size)));
    }
    const std::string data = table({{"a", a}, {"x", x}, {"y", y}}), name = "R" + std::to_string(i);
    const Rows noise = answer("noise_" + name, data), laws = answer("laws_" + name, data);
    ASSERT_EQ(noise.size(), kRows);
    for (int r = 0; r < kRows; ++r) {
      EXPECT_EQ(noise[r].at("status"), "ok");
      EXPECT_EQ(laws[r].at("status"), "ok");
      const VectorXd seen = Eigen::Map<VectorXd>(x[r].data(), model.size), later = Eigen::Map<VectorXd>(y[r].data(), model.size);
      const VectorXd u = model.m.colPivHouseholderQr().solve(seen - Eigen::Map<VectorXd>(a[r].data(), model.size)), v = later - model.b * seen;
      for (int k = 0; k < model.noises; ++k) EXPECT_NEAR(at(noise, r, "u", k), u[k], 1e-11 * (1 + u.norm()));
      const VectorXd moved = (0.5 * seen.array() + 1).matrix(), follows = model.b * moved + v;
      for (int k = 0; k < model.size; ++k) {
        EXPECT_NEAR(at(noise, r, "v", k), v[k], 1e-12 * (1 + v.norm()));
        EXPECT_EQ(at(laws, r, "same.y", k), later[k]) << "consistency";
        EXPECT_EQ(at(laws, r, "same.z", k), at(laws, r, "factual.z", k)) << "consistency";
        EXPECT_EQ(at(laws, r, "other.x", k), moved[k]) << "effectiveness";
        EXPECT_NEAR(at(laws, r, "other.y", k), follows[k], 1e-11 * (1 + follows.norm()));
        EXPECT_EQ(at(laws, r, "composed.z", k), at(laws, r, "other.z", k)) << "composition";
        EXPECT_EQ(at(laws, r, "below.x", k), seen[k]) << "what is no descendant stays";
        EXPECT_EQ(at(laws, r, "below.y", k), later[k]) << "what is no descendant stays";
        EXPECT_EQ(at(laws, r, "below.z", k), 0) << "effectiveness";
      }
    }
  }
}

TEST_F(VectorLaws, NormalNoisesGivenFewerEquationsHaveTheirExactLaw) {
  constexpr int kModels = 4, kDraws = 4000;
  std::string program;
  struct Normal {
    MatrixXd h, g;
    VectorXd offset, mean, deviation;
  };
  std::vector<Normal> models;
  for (int i = 0; i < kModels; ++i) {
    VectorModel random(VectorModel::Dense, 3, 100 + i);
    const int equations = 2 + i % 2, noises = equations + 1 + i / 2;
    Normal model{random.matrix(equations, noises), random.matrix(2, noises), random.normal(equations), random.normal(noises), random.normal(noises).cwiseAbs().array() + 0.3};
    const std::string n = std::to_string(i), k = std::to_string(noises), m = std::to_string(equations);
    const auto list = [](const VectorXd& v) {
      std::string text = "[";
      for (Eigen::Index j = 0; j < v.size(); ++j) text += (j > 0 ? ", " : "") + text_of(v[j]);
      return text + "]";
    };
    program += "model N" + n + " {\n    exo u : f64[" + k + "] ~ normal(" + list(model.mean) + ", " + list(model.deviation) + ")\n    exo v ~ normal(0, 2)\n" +
               "    var x : f64[" + m + "] = " + text_of(model.h) + " @ u + " + list(model.offset) + "\n" +
               "    var y : f64[2] = " + text_of(model.g) + " @ u\n    var rest : f64[" + m + "] = " + text_of(model.h) + " @ u + " + list(model.offset) + "\n}\n" +
               "query law_" + n + " on N" + n + " { given x  return y, " + "E[y[0] + v], sd[y[0] + v] }\n" +
               "query each_" + n + " on N" + n + " { given x  return draws[u, rest] }\n";
    models.push_back(std::move(model));
  }
  compile(program);
  for (int i = 0; i < kModels; ++i) {
    SCOPED_TRACE(i);
    const Normal& model = models[i];
    VectorModel random(VectorModel::Dense, 3, 200 + i);
    const VectorXd prior = model.mean + model.deviation.cwiseProduct(random.normal(static_cast<int>(model.mean.size())));
    const VectorXd x = model.h * prior + model.offset;
    const MatrixXd s = model.deviation.cwiseAbs2().asDiagonal();
    const MatrixXd gain = s * model.h.transpose() * (model.h * s * model.h.transpose()).inverse();
    const VectorXd mean = model.mean + gain * (x - model.offset - model.h * model.mean);
    const MatrixXd covariance = s - gain * model.h * s;
    const VectorXd expected = model.g * mean;
    const MatrixXd spread = model.g * covariance * model.g.transpose();
    const std::string data = table({{"x", {row_of(x)}}}) + " --draws " + std::to_string(kDraws);
    const Rows law = answer("law_" + std::to_string(i), data), each = answer("each_" + std::to_string(i), data);
    ASSERT_EQ(law.size(), 1);
    const auto near = [&](const std::string& name, double value, double deviation) { EXPECT_NEAR(at(law, 0, name), value, 5 * deviation / std::sqrt(kDraws)) << name; };
    for (int k = 0; k < 2; ++k) {
      const double deviation = std::sqrt(spread(k, k));
      near("y[" + std::to_string(k) + "].mean", expected[k], deviation);
      near("y[" + std::to_string(k) + "].sd", deviation, deviation);
    }
    near("E[y[0] + v]", expected[0], std::sqrt(spread(0, 0) + 4));
    near("sd[y[0] + v]", std::sqrt(spread(0, 0) + 4), std::sqrt(spread(0, 0) + 4));
    ASSERT_EQ(each.size(), kDraws);
    MatrixXd u(kDraws, model.mean.size());
    for (int d = 0; d < kDraws; ++d) {
      for (int k = 0; k < u.cols(); ++k) u(d, k) = at(each, d, "u", k);
      for (int k = 0; k < x.size(); ++k) ASSERT_NEAR(at(each, d, "rest", k), x[k], 1e-11 * (1 + x.norm())) << "every draw gives the evidence";
    }
    const VectorXd average = u.colwise().mean();
    const MatrixXd centred = u.rowwise() - average.transpose(), found = centred.transpose() * centred / (kDraws - 1);
    for (int j = 0; j < u.cols(); ++j) {
      EXPECT_NEAR(average[j], mean[j], 5 * std::sqrt(covariance(j, j) / kDraws) + 1e-12);
      for (int k = 0; k < u.cols(); ++k)
        EXPECT_NEAR(found(j, k), covariance(j, k), 5 * std::sqrt((covariance(j, j) * covariance(k, k) + covariance(j, k) * covariance(j, k)) / kDraws) + 1e-12);
    }
  }
}

}  // namespace
}  // namespace acie::testing

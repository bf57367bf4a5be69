// std.stats against sums and densities written out here, and what defines a regression: residuals orthogonal to the columns.

#include <algorithm>
#include <functional>
#include <limits>

#include "tests/end_to_end/stdlib/ask.h"

namespace acie::testing {
namespace {

const double pi = std::acos(-1.0);
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Stats, Moments) {
  const auto rows = ask(R"(
import std.stats
model M {
    input x : f64<m>[5]
    input y : f64[5]
    let w = [1, 0.5, 2, 0.25, 1]
    let best = inverse_variance_mean(x, 1<cm> * w)
    var v : f64<m^2> = variance(x)
    var own : f64<m^2> = variance(x, ddof: 0)
    var s : f64<cm> = std_dev(x)
    var se : f64<m> = standard_error(x)
    var cov : f64<m> = covariance(x, y)
    var cor = correlation(x, y)
    var table = reshape(covariance_matrix(transpose([x / 1<m>, y])), 4)
    var skew = skewness(x)
    var kurt = kurtosis(y)
    var wm : f64<m> = weighted_mean(x, w)
    var wv : f64<m^2> = weighted_variance(x, w)
    var bm : f64<m> = best.mean
    var be : f64<m> = best.error
    var z = z_score(x[0], mean(x), std_dev(x))
    var standard = standardize(x)
    var chi = chi_squared(x, 2 * x, 1<cm> * w)
    var later = autocorrelation(y, 2)
}
query q on M { return v, own, s, se, cov, cor, table, skew, kurt, wm, wv, bm, be, z, standard, chi, later }
)", "x[0],x[1],x[2],x[3],x[4],y[0],y[1],y[2],y[3],y[4]\n1,3,-2,7,4.5,0.5,2,-1,1,6\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const double x[5] = {1, 3, -2, 7, 4.5}, y[5] = {0.5, 2, -1, 1, 6}, w[5] = {1, 0.5, 2, 0.25, 1};
  double mx = 0, my = 0, mw = 0, weights = 0, inverse = 0, best = 0;
  for (int i = 0; i < 5; ++i) {
    mx += x[i] / 5;
    my += y[i] / 5;
    mw += w[i] * x[i];
    weights += w[i];
    inverse += 1 / (1e-4 * w[i] * w[i]);
    best += x[i] / (1e-4 * w[i] * w[i]);
  }
  mw /= weights;
  double xx = 0, yy = 0, xy = 0, x3 = 0, y4 = 0, ww = 0, chi = 0, later = 0;
  for (int i = 0; i < 5; ++i) {
    xx += std::pow(x[i] - mx, 2);
    yy += std::pow(y[i] - my, 2);
    xy += (x[i] - mx) * (y[i] - my);
    x3 += std::pow(x[i] - mx, 3) / 5;
    y4 += std::pow(y[i] - my, 4) / 5;
    ww += w[i] * std::pow(x[i] - mw, 2) / weights;
    chi += std::pow(x[i] / (0.01 * w[i]), 2);
    if (i + 2 < 5) later += (y[i] - my) * (y[i + 2] - my);
  }
  expect_close(at("v"), xx / 4, "variance");
  expect_close(at("own"), xx / 5, "variance of the vector itself");
  expect_close(at("s"), 100 * std::sqrt(xx / 4), "std_dev in cm");
  expect_close(at("se"), std::sqrt(xx / 20), "standard_error");
  expect_close(at("cov"), xy / 4, "covariance");
  expect_close(at("cor"), xy / std::sqrt(xx * yy), "correlation");
  expect_close(at("table", 0), xx / 4, "covariance_matrix");
  expect_close(at("table", 1), xy / 4, "covariance_matrix");
  expect_close(at("table", 2), xy / 4, "covariance_matrix");
  expect_close(at("table", 3), yy / 4, "covariance_matrix");
  expect_close(at("skew"), x3 / std::pow(xx / 5, 1.5), "skewness", 1e-11);
  expect_close(at("kurt"), y4 / std::pow(yy / 5, 2) - 3, "kurtosis", 1e-11);
  expect_close(at("wm"), mw, "weighted_mean");
  expect_close(at("wv"), ww, "weighted_variance");
  expect_close(at("bm"), best / inverse, "inverse_variance_mean");
  expect_close(at("be"), 1 / std::sqrt(inverse), "its error");
  expect_close(at("z"), (1 - mx) / std::sqrt(xx / 4), "z_score");
  for (size_t i = 0; i < 5; ++i) expect_close(at("standard", i), (x[i] - mx) / std::sqrt(xx / 4), "standardize");
  expect_close(at("chi"), chi, "chi_squared");
  expect_close(at("later"), later / yy, "autocorrelation");
}

TEST(Stats, Order) {
  const auto rows = ask(R"(
import std.stats
model M {
    input x : f64[6]
    input level : f64 in 0..1
    var m = median(x)
    var five = median(x[..5])
    var at_level = quantile(x, level)
    var mad = median_absolute_deviation(x)
    var iqr = interquartile_range(x)
    var r = ranks(x)
    var spearman = rank_correlation(x, exp(x))
    var against = rank_correlation(x, [6, 5, 4, 3, 2, 1])
}
query q on M { return m, five, at_level, mad, iqr, r, spearman, against }
)", "x[0],x[1],x[2],x[3],x[4],x[5],level\n3,-1,4,1,-5,9,0\n2,2,7,1,7,7,0.35\n1,2,3,4,5,6,1\n");
  ASSERT_EQ(rows.size(), 3u);
  const double data[3][6] = {{3, -1, 4, 1, -5, 9}, {2, 2, 7, 1, 7, 7}, {1, 2, 3, 4, 5, 6}}, levels[3] = {0, 0.35, 1};
  for (size_t r = 0; r < 3; ++r) {
    const Answer& at = rows[r];
    const auto quantile = [](std::vector<double> v, double level) {
      std::sort(v.begin(), v.end());
      const double place = level * static_cast<double>(v.size() - 1);
      const auto low = static_cast<size_t>(place), high = std::min(low + 1, v.size() - 1);
      return v[low] + (place - static_cast<double>(low)) * (v[high] - v[low]);
    };
    const std::vector<double> x(data[r], data[r] + 6);
    std::vector<double> deviations;
    for (const double v : x) deviations.push_back(std::abs(v - quantile(x, 0.5)));
    expect_close(at("m"), quantile(x, 0.5), "median");
    expect_close(at("five"), quantile({x.begin(), x.begin() + 5}, 0.5), "median of five");
    expect_close(at("at_level"), quantile(x, levels[r]), "quantile");
    expect_close(at("mad"), quantile(deviations, 0.5), "median_absolute_deviation");
    expect_close(at("iqr"), quantile(x, 0.75) - quantile(x, 0.25), "interquartile_range");
    expect_close(at("spearman"), 1, "a monotone function keeps the ranks");
  }
  const double ties[6] = {2.5, 2.5, 5, 1, 5, 5};
  for (size_t i = 0; i < 6; ++i) expect_close(rows[1]("r", i), ties[i], "ranks with ties");
  expect_close(rows[2]("against"), -1, "the other way round");
}

// R: lm(dist ~ speed, head(cars, 8)), its coefficients computed here by the normal equations.
TEST(Stats, Regression) {
  const auto rows = ask(R"(
import std.stats
const speed = [4, 4, 7, 7, 8, 9, 10, 10]
const way = [2, 10, 4, 22, 16, 10, 18, 26]
model M {
    input k : f64
    let line = linear_regression(speed * 1<m/s>, k * way * 1<m>)
    let design = transpose([ones(8), speed, [1, 0, 0, 1, 0, 1, 1, 0]])
    let b = multiple_regression(design, k * way)
    let fitted = line.intercept + line.slope * speed * 1<m/s>
    var slope : f64<s> = line.slope
    var intercept : f64<m> = line.intercept
    var slope_error : f64<s> = line.slope_error
    var intercept_error : f64<m> = line.intercept_error
    var scatter : f64<m> = line.scatter
    var share = line.r_squared
    var coefficients = b
    var shrunk = ridge_regression(design, k * way, 0.5)
    var mse : f64<m^2> = mean_squared_error(k * way * 1<m>, fitted)
    var mae : f64<m> = mean_absolute_error(k * way * 1<m>, fitted)
    var again = r_squared(k * way * 1<m>, fitted)
}
query q on M { return slope, intercept, slope_error, intercept_error, scatter, share, coefficients, shrunk, mse, mae, again }
)", "k\n1\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  constexpr size_t n = 8;
  const double x[n] = {4, 4, 7, 7, 8, 9, 10, 10}, y[n] = {2, 10, 4, 22, 16, 10, 18, 26}, z[n] = {1, 0, 0, 1, 0, 1, 1, 0};
  double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (size_t i = 0; i < n; ++i) {
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    sxy += x[i] * y[i];
    syy += y[i] * y[i];
  }
  const double det = n * sxx - sx * sx, slope = (n * sxy - sx * sy) / det, intercept = (sxx * sy - sx * sxy) / det;
  double squares = 0, absolute = 0;
  for (size_t i = 0; i < n; ++i) {
    const double residual = y[i] - intercept - slope * x[i];
    squares += residual * residual;
    absolute += std::abs(residual);
  }
  const double scatter = std::sqrt(squares / 6);
  expect_close(at("slope"), slope, "slope");
  expect_close(at("intercept"), intercept, "intercept");
  expect_close(at("slope_error"), scatter * std::sqrt(n / det), "its error: sigma sqrt of (X'X)^-1");
  expect_close(at("intercept_error"), scatter * std::sqrt(sxx / det), "its error");
  expect_close(at("scatter"), scatter, "scatter");
  expect_close(at("share"), 1 - squares / (syy - sy * sy / n), "R squared");
  expect_close(at("again"), 1 - squares / (syy - sy * sy / n), "r_squared");
  expect_close(at("mse"), squares / n, "mean_squared_error");
  expect_close(at("mae"), absolute / n, "mean_absolute_error");
  // The normal equations (X'X + penalty) b = X'y.
  const std::function<double(size_t, size_t)> column = [&](size_t i, size_t j) { return j == 0 ? 1 : j == 1 ? x[i] : z[i]; };
  for (size_t j = 0; j < 3; ++j) {
    double plain = 0, ridge = 0;
    for (size_t i = 0; i < n; ++i) {
      double fit = y[i], shrunk = y[i];
      for (size_t k = 0; k < 3; ++k) {
        fit -= column(i, k) * at("coefficients", k);
        shrunk -= column(i, k) * at("shrunk", k);
      }
      plain += column(i, j) * fit;
      ridge += column(i, j) * shrunk;
    }
    EXPECT_NEAR(plain, 0, 1e-10) << "multiple_regression leaves nothing along a column";
    EXPECT_NEAR(ridge, 0.5 * at("shrunk", j), 1e-10) << "ridge_regression";
  }
}

/// Simpson's rule.
double integral(const std::function<double(double)>& f, double from, double to, int steps) {
  double sum = f(from) + f(to);
  for (int i = 1; i < steps; ++i) sum += (i % 2 == 1 ? 4 : 2) * f(from + (to - from) * i / steps);
  return sum * (to - from) / steps / 3;
}

TEST(Stats, LogDensities) {
  const auto rows = ask(R"(
import std.stats
model M {
    input x : f64
    var normal = normal_lpdf(x, 0.5, 2)
    var lognormal = lognormal_lpdf(x, 0.5, 2)
    var uniform = uniform_lpdf(x, -1, 3)
    var exponential = exponential_lpdf(x, 2)
    var logistic = logistic_lpdf(x, 0.5, 2)
    var gumbel = gumbel_lpdf(x, 0.5, 2)
    var cauchy = cauchy_lpdf(x, 0.5, 2)
    var laplace = laplace_lpdf(x, 0.5, 2)
    var student = student_t_lpdf(x, 4, 0.5, 2)
    var weibull = weibull_lpdf(x, 1.5, 2)
    var pareto = pareto_lpdf(x, 0.5, 3)
    var beta = beta_lpdf(x, 2, 3.5)
    var gamma = gamma_lpdf(x, 2.5, 2)
    var half = half_normal_lpdf(x, 2)
}
query q on M {
    return normal, lognormal, uniform, exponential, logistic, gumbel, cauchy, laplace, student, weibull, pareto, beta, gamma, half
}
)", "x\n0.3\n2.5\n-0.75\n");
  ASSERT_EQ(rows.size(), 3u);
  const double xs[] = {0.3, 2.5, -0.75};
  for (size_t r = 0; r < 3; ++r) {
    const Answer& at = rows[r];
    const double x = xs[r], z = (x - 0.5) / 2;
    const auto expect = [&](const char* column, bool inside, double density) {
      if (inside) expect_close(at(column), std::log(density), column);
      else EXPECT_EQ(at(column), -kInfinity) << column << " at " << x;
    };
    expect("normal", true, std::exp(-z * z / 2) / (2 * std::sqrt(2 * pi)));
    expect("lognormal", x > 0, std::exp(-std::pow((std::log(x) - 0.5) / 2, 2) / 2) / (2 * x * std::sqrt(2 * pi)));
    expect("uniform", true, 0.25);
    expect("exponential", x > 0, 2 * std::exp(-2 * x));
    expect("logistic", true, std::exp(-z) / (2 * std::pow(1 + std::exp(-z), 2)));
    expect("gumbel", true, std::exp(-z - std::exp(-z)) / 2);
    expect("cauchy", true, 1 / (2 * pi * (1 + z * z)));
    expect("laplace", true, std::exp(-std::abs(x - 0.5) / 2) / 4);
    expect("student", true, std::tgamma(2.5) / (std::tgamma(2) * std::sqrt(4 * pi) * 2) * std::pow(1 + z * z / 4, -2.5));
    expect("weibull", x > 0, 0.75 * std::sqrt(x / 2) * std::exp(-std::pow(x / 2, 1.5)));
    expect("pareto", x > 0.5, 3 * 0.125 / std::pow(x, 4));
    expect("beta", x > 0 && x < 1, x * std::pow(1 - x, 2.5) * std::tgamma(5.5) / (std::tgamma(2) * std::tgamma(3.5)));
    expect("gamma", x > 0, std::pow(2, 2.5) * std::pow(x, 1.5) * std::exp(-2 * x) / std::tgamma(2.5));
    expect("half", x > 0, 2 * std::exp(-x * x / 8) / (2 * std::sqrt(2 * pi)));
  }
  // The densities written out above are those of laws: they integrate to one.
  EXPECT_NEAR(integral([](double x) { return std::pow(2, 2.5) * std::pow(x, 1.5) * std::exp(-2 * x) / std::tgamma(2.5); }, 0, 30, 100000), 1, 1e-7);
  EXPECT_NEAR(integral([](double x) { return x * std::pow(1 - x, 2.5) * std::tgamma(5.5) / (std::tgamma(2) * std::tgamma(3.5)); }, 0, 1, 100000), 1, 1e-7);
}

TEST(Stats, CountsEntropiesAndLogarithmsOfSums) {
  const auto rows = ask(R"(
import std.stats
const c1 : f64[2, 2] = [[2, 0.5], [0.5, 1]]
const c2 : f64[2, 2] = [[1, -0.25], [-0.25, 3]]
model M {
    input x : f64[3]
    let p = softmax(x)
    let u = full(1 / 3, 3)
    var soft = p
    var log_soft = log_softmax(x)
    var lse = logsumexp(x)
    var yes = bernoulli_lpmf(true, 0.3)
    var no = bernoulli_lpmf(false, 0.3)
    var sure = bernoulli_logit_lpmf(false, 800)
    var binomial = binomial_lpmf(3, 7, 0.3)
    var poisson = poisson_lpmf(3, 2.5)
    var h = entropy(p)
    var h0 = entropy([0.5, 0.5, 0])
    var ce = cross_entropy(p, u)
    var kl = kl_divergence(p, u)
    var js = js_divergence([1, 0], [0, 1])
    var hn = normal_entropy(2)
    var kn = kl_normal(1<m>, 2<m>, -0.5<m>, 30<dm>)
    var km = kl_multi_normal([1, -1], c1, [0, 0.5], c2)
    var mn = multi_normal_lpdf([1, -1], [0, 0.5], c2)
    var w = wasserstein_normal(1, 2, 4, 6)
}
query q on M { return soft, log_soft, lse, yes, no, sure, binomial, poisson, h, h0, ce, kl, js, hn, kn, km, mn, w }
)", "x[0],x[1],x[2]\n1,-2,0.5\n1000,999,-1000\n");
  ASSERT_EQ(rows.size(), 2u);
  const double data[2][3] = {{1, -2, 0.5}, {1000, 999, -1000}};
  for (size_t r = 0; r < 2; ++r) {
    const Answer& at = rows[r];
    const double* x = data[r];
    const double top = x[0], lse = top + std::log(1 + std::exp(x[1] - top) + std::exp(x[2] - top));
    double entropy = 0, kl = 0;
    for (size_t i = 0; i < 3; ++i) {
      const double p = std::exp(x[i] - lse);
      expect_close(at("soft", i), p, "softmax");
      expect_close(at("log_soft", i), x[i] - lse, "log_softmax");
      if (p > 0) {
        entropy -= p * std::log(p);
        kl += p * std::log(3 * p);
      }
    }
    expect_close(at("lse"), lse, "logsumexp");
    expect_close(at("h"), entropy, "entropy");
    expect_close(at("ce"), std::log(3), "cross_entropy with a uniform");
    expect_close(at("kl"), kl, "kl_divergence");
  }
  const Answer& at = rows[0];
  expect_close(at("yes"), std::log(0.3), "bernoulli_lpmf");
  expect_close(at("no"), std::log(0.7), "bernoulli_lpmf");
  expect_close(at("sure"), -800, "bernoulli_logit_lpmf");
  expect_close(at("binomial"), std::log(35 * std::pow(0.3, 3) * std::pow(0.7, 4)), "binomial_lpmf");
  expect_close(at("poisson"), std::log(std::pow(2.5, 3) * std::exp(-2.5) / 6), "poisson_lpmf");
  expect_close(at("h0"), std::log(2), "0 log 0 is 0");
  expect_close(at("js"), std::log(2), "js_divergence of laws without overlap");
  expect_close(at("hn"), 0.5 * std::log(2 * pi * std::exp(1) * 4), "normal_entropy");
  expect_close(at("kn"), std::log(1.5) + (4 + 2.25) / 18 - 0.5, "kl_normal");
  // C2 = [[1, -1/4], [-1/4, 3]], its inverse [[3, 1/4], [1/4, 1]] / (47/16); C1 has the determinant 7/4.
  const double det2 = 47.0 / 16, form = (3 * 1 + 2 * 0.25 * 1 * -1.5 + 2.25) / det2;
  expect_close(at("km"), 0.5 * ((3 * 2 + 2 * 0.25 * 0.5 + 1 * 1) / det2 + form - 2 + std::log(det2 / 1.75)), "kl_multi_normal");
  expect_close(at("mn"), -0.5 * form - std::log(2 * pi) - 0.5 * std::log(det2), "multi_normal_lpdf");
  expect_close(at("w"), 5, "wasserstein_normal");
}

// More elements than are unrolled: the same functions as loops.
TEST(Stats, LongVectors) {
  constexpr size_t n = 70;
  std::vector<double> x, y;
  std::string header, line;
  for (size_t i = 0; i < n; ++i) {
    x.push_back(std::round(100 * std::sin(1.7 * static_cast<double>(i))) / 8);
    y.push_back(std::round(100 * std::cos(0.3 * static_cast<double>(i * i))) / 16);
  }
  for (const auto& [name, values] : {std::pair("x", x), std::pair("y", y)}) {
    for (size_t i = 0; i < n; ++i) {
      header.append(header.empty() ? "" : ",").append(name).append("[").append(std::to_string(i)).append("]");
      line.append(line.empty() ? "" : ",").append(std::to_string(values[i]));
    }
  }
  const auto rows = ask(R"(
import std.stats
import std.linalg
dim N = 70
model M {
    input x : f64<m>[N]
    input y : f64[N]
    let model_line = linear_regression(x, y)
    let design = transpose(stack(ones(N), x / 1<m>, y^2))
    var v : f64<m^2> = variance(x)
    var cor = correlation(x, y)
    var skew = skewness(x)
    var r = ranks(x)
    var slope : f64<1/m> = model_line.slope
    var slope_error : f64<1/m> = model_line.slope_error
    var b = multiple_regression(design, y)
    var lse = logsumexp(y)
    var soft = softmax(y)
    var later = autocorrelation(y, 3)
    var length : f64<m> = norm(x)
    var area : f64<m> = trapezoid([0.5<m> * i^2 for i in 0..N], y)
    var middle : f64<m> = interpolate(40.25, [1.0 * i for i in 0..N], x)
    var p = polyval(0.01 * y, 0.5)
}
query q on M { return v, cor, skew, r, slope, slope_error, b, lse, soft, later, length, area, middle, p }
)", header + "\n" + line + "\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  double mx = 0, my = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < n; ++i) {
    mx += x[i] / n;
    my += y[i] / n;
    sum += std::exp(y[i]);
    squares += x[i] * x[i];
  }
  double xx = 0, yy = 0, xy = 0, x3 = 0, later = 0, area = 0, polynomial = 0;
  for (size_t i = 0; i < n; ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
    x3 += std::pow(x[i] - mx, 3) / n;
    if (i + 3 < n) later += (y[i] - my) * (y[i + 3] - my);
    if (i > 0) area += 0.5 * static_cast<double>(2 * i - 1) * (y[i] + y[i - 1]) / 2;
    polynomial += 0.01 * y[i] * std::pow(0.5, i);
  }
  expect_close(at("v"), xx / (n - 1), "variance");
  expect_close(at("cor"), xy / std::sqrt(xx * yy), "correlation", 1e-11);
  expect_close(at("skew"), x3 / std::pow(xx / n, 1.5), "skewness", 1e-10);
  const double slope = xy / xx;
  double residual = 0;
  for (size_t i = 0; i < n; ++i) {
    const auto less = std::count_if(x.begin(), x.end(), [&](double v) { return v < x[i]; }), equal = std::count(x.begin(), x.end(), x[i]);
    EXPECT_EQ(at("r", i), static_cast<double>(less) + (static_cast<double>(equal) + 1) / 2) << "ranks";
    residual += std::pow(y[i] - my - slope * (x[i] - mx), 2);
    expect_close(at("soft", i), std::exp(y[i]) / sum, "softmax");
  }
  expect_close(at("slope"), slope, "slope", 1e-11);
  expect_close(at("slope_error"), std::sqrt(residual / (n - 2) / xx), "slope_error");
  for (size_t j = 0; j < 3; ++j) {
    double along = 0;
    for (size_t i = 0; i < n; ++i) along += (j == 0 ? 1 : j == 1 ? x[i] : y[i] * y[i]) * (y[i] - at("b", 0) - at("b", 1) * x[i] - at("b", 2) * y[i] * y[i]);
    EXPECT_NEAR(along, 0, 1e-9) << "multiple_regression";
  }
  expect_close(at("lse"), std::log(sum), "logsumexp");
  expect_close(at("later"), later / yy, "autocorrelation", 1e-11);
  expect_close(at("length"), std::sqrt(squares), "norm");
  expect_close(at("area"), area, "trapezoid", 1e-11);
  expect_close(at("middle"), x[40] + 0.25 * (x[41] - x[40]), "interpolate", 1e-11);
  expect_close(at("p"), polynomial, "polyval", 1e-11);
}

}  // namespace
}  // namespace acie::testing

// Prints kernels/math/Coefficients.h: every polynomial of the elementary functions, fitted here from its
// definition.
//
//   ninja acie_derive_coefficients && build/release/bin/acie_derive_coefficients >
//   kernels/math/Coefficients.h
#include <cstdio>
#include <functional>
#include <string>

#include "kernels/math/derive/Remez.h"

namespace acie::math {
namespace {

using Fn = std::function<Mp(const Mp&)>;

void printConstant(const char* name, const Mp& value) {
  std::printf("  static constexpr double %s = %a;\n", name, value.toDouble());
}

// value = name + nameLow to twice the working precision or more; the leading part has `leadingBits`
// significant bits.
void printSplit(const std::string& name, const Mp& value, int leadingBits, int bits) {
  const Mp high = roundTo(value, leadingBits);
  printConstant((name + "High").c_str(), high);
  printConstant((name + "Low").c_str(), roundTo(value - high, bits));
}

// value = name + nameRest, both of full precision.
void printPair(const std::string& name, const Mp& value, int bits) {
  const Mp high = roundTo(value, bits);
  printConstant(name.c_str(), high);
  printConstant((name + "Rest").c_str(), roundTo(value - high, bits));
}

void printArray(const char* name, const std::vector<double>& values, const char* indent = "  static ") {
  std::printf("%sconstexpr double %s[] = {", indent, name);
  for (size_t i = 0; i < values.size(); ++i)
    std::printf("%s%s%a", i ? "," : "", i % 4 ? " " : "\n      ", values[i]);
  std::printf("};\n");
}

struct Fit {
  const char* name;
  const char* meaning;
  Target target;
  int terms[2];  // f64, f32
};

void printFit(const Fit& fit, int format) {
  const int bits = format == 0 ? 53 : 24;
  const Polynomial p = minimax(fit.target, fit.terms[format], bits);
  std::printf("  // %s; error %.1e\n", fit.meaning, p.error);
  printArray(fit.name, p.coefficients);
}

Mp identity(const Mp& x) { return x; }
Mp one(const Mp&) { return 1; }

std::vector<Fit> fits() {
  std::vector<Fit> list;
  const Mp halfLn2 = ln2() * Mp(0.5001);
  const auto expTail = [](const Mp& r) { return (expm1(r) - r) / (r * r); };
  list.push_back({"kExp",
                  "(e^r - 1 - r) / r^2 on |r| <= ln(2)/2, weight r",
                  {expTail, identity, -halfLn2, halfLn2},
                  {10, 5}});
  const Mp shift = Mp(0.2213);
  list.push_back({"kExpShifted",
                  "(e^r - 1 - r) / r^2 on r / ln(2) in 0.2213 +- 0.5, weight r",
                  {expTail, identity, ln2() * (shift - Mp(0.5001)), ln2() * (shift + Mp(0.5001))},
                  {10, 5}});
  const Mp s = Mp(3) - sqrt(Mp(8));
  const auto atanhTail = [](const Mp& z) {
    const Mp s = sqrt(z);
    return (atanh(s) - s) / (s * z);
  };
  list.push_back({"kLog",
                  "(log((1+s)/(1-s)) - 2s) / s^3 in z = s^2, sqrt(1/2) <= (1+s)/(1-s) <= sqrt(2), weight z",
                  {[=](const Mp& z) { return Mp(2) * atanhTail(z); }, identity, Mp(0), s * s},
                  {7, 3}});
  list.push_back({"kLogPair",
                  "(log((1+s)/(1-s)) - 2s - 2/3 s^3) / s^5 in z = s^2, same range, weight z^2",
                  {[=](const Mp& z) { return Mp(2) * (atanhTail(z) - Mp(1) / Mp(3)) / z; },
                   [](const Mp& z) { return z * z; }, Mp(0), s * s},
                  {8, 4}});
  const Mp quarterPi2 = pi() * pi() / Mp(16) * Mp(1.01);
  list.push_back({"kSin",
                  "(sin x - x) / x^3 in z = x^2, |x| <= pi/4, weight z",
                  {[](const Mp& z) {
                     const Mp x = sqrt(z);
                     return (sin(x) - x) / (x * z);
                   },
                   identity, Mp(0), quarterPi2},
                  {6, 3}});
  list.push_back({"kCos",
                  "(cos x - 1 + x^2/2) / x^4 in z = x^2, |x| <= pi/4, weight z^2",
                  {[](const Mp& z) { return (cos(sqrt(z)) - Mp(1) + z / Mp(2)) / (z * z); },
                   [](const Mp& z) { return z * z; }, Mp(0), quarterPi2},
                  {6, 3}});
  list.push_back({"kAsin",
                  "(asin x - x) / x^3 in z = x^2, |x| <= 1/2, weight z",
                  {[](const Mp& z) {
                     const Mp x = sqrt(z);
                     return (asin(x) - x) / (x * z);
                   },
                   identity, Mp(0), Mp(0.25)},
                  {12, 5}});
  list.push_back({"kAtan",
                  "(atan x - x) / x^3 in z = x^2, |x| <= 1/2, weight z",
                  {[](const Mp& z) {
                     const Mp x = sqrt(z);
                     return (atan(x) - x) / (x * z);
                   },
                   identity, Mp(0), Mp(0.25)},
                  {12, 5}});
  list.push_back({"kErf",
                  "erf(x) / x - 1 in z = x^2, |x| <= 0.9, weight 1",
                  {[](const Mp& z) {
                     const Mp x = sqrt(z);
                     return erf(x) / x - Mp(1);
                   },
                   one, Mp(0), Mp(0.82)},
                  {12, 6}});
  list.push_back({"kCbrt",
                  "cbrt(v) on sqrt(1/8) <= v <= sqrt(8), relative",
                  {[](const Mp& v) { return cbrt(v); }, [](const Mp& v) { return Mp(1) / cbrt(v); },
                   sqrt(Mp(0.125)), sqrt(Mp(8))},
                  {6, 3}});
  return list;
}

// (x + c) erfcx(x) in t = (x - c) / (x + c), relative, for 0 <= x <= end.
Fit erfcFit(double centre, double end) {
  const Mp c(centre);
  const auto value = [c](const Mp& t) {
    const Mp x = c * (Mp(1) + t) / (Mp(1) - t);
    return (x + c) * exp(x * x) * erfc(x);
  };
  return {"kErfc",
          "(x + c) e^(x^2) erfc(x) in t = (x - c) / (x + c), relative",
          {value, [=](const Mp& t) { return Mp(1) / value(t); }, Mp(-1), (Mp(end) - c) / (Mp(end) + c)},
          {24, 11}};
}

// -norm_quantile(p) for p < 1/2, by Newton's iteration on the logarithm of the distribution function.
Mp upperQuantile(const Mp& p) {
  const Mp logP = log(p);
  const Mp l = Mp(-2) * logP;
  Mp x = l < Mp(6) ? sqrt(l) * Mp(0.8) : sqrt(l - log(l * pi() * Mp(2)));
  if (Mp(0.3) < p) x = 0.3;
  for (int i = 0; i < 60; ++i) {
    const Mp tail = erfc(x / sqrt(Mp(2))) / Mp(2);
    const Mp density = exp(-(x * x) / Mp(2)) / sqrt(Mp(2) * pi());
    const Mp step = (log(tail) - logP) * tail / density;
    x = x + step;
    if (abs(step) < Mp(1e-75)) break;
  }
  return x;
}

void printRational(const char* name, const char* meaning, const Target& target, int top, int bottom,
                   int bits) {
  const Rational r = rationalMinimax(target, top, bottom, bits);
  std::printf("  // %s; error %.1e\n", meaning, r.error);
  printArray((std::string(name) + "Top").c_str(), r.numerator);
  printArray((std::string(name) + "Bottom").c_str(), r.denominator);
}

void printQuantile(int format) {
  const int bits = format == 0 ? 53 : 24;
  const double middle = 0.425;
  const Mp square(middle * middle);
  const auto central = [=](const Mp& s) {
    const Mp q = sqrt(square - s);
    return upperQuantile(Mp(0.5) - q) / q;
  };
  printRational("kQuantile", "norm_quantile(1/2 + q) / q in s = 0.425^2 - q^2, relative",
                {central, [=](const Mp& s) { return Mp(1) / central(s); }, Mp(0), square},
                format == 0 ? 9 : 5, format == 0 ? 8 : 4, bits);
  const Mp start = roundTo(sqrt(Mp(-2) * log(Mp(0.5) - Mp(middle))), bits);
  printConstant("kQuantileTailStart", start);
  const auto tail = [=](const Mp& s) {
    const Mp r = start + s;
    return upperQuantile(exp(-(r * r) / Mp(2)));
  };
  printRational(
      "kQuantileTail", "-norm_quantile(exp(-r^2/2)) in r - kQuantileTailStart, relative",
      {tail, [=](const Mp& s) { return Mp(1) / tail(s); }, Mp(-0.001), Mp(format == 0 ? 38.7 : 14.5) - start},
      format == 0 ? 11 : 5, format == 0 ? 11 : 4, bits);
}

void printFormat(int format) {
  const int bits = format == 0 ? 53 : 24;
  const int exponentBits =
      format == 0 ? 11 : 8;  // of the integers that a split constant is multiplied by exactly
  std::printf("template <>\nstruct Coefficients<%d> {\n", format == 0 ? 64 : 32);
  const Mp ln10 = log(Mp(10));
  printSplit("kLn2", ln2(), bits - exponentBits, bits);
  printPair("kLn2", ln2(), bits);
  printPair("kLn10", ln10, bits);
  printPair("kLog2e", Mp(1) / ln2(), bits);
  printPair("kLog10e", Mp(1) / ln10, bits);
  printSplit("kLog10Of2", ln2() / ln10, bits - exponentBits, bits);
  printPair("kTwoThirds", Mp(2) / Mp(3), bits);
  printPair("kQuarterPi", pi() / Mp(4), bits);
  Mp rest = pi() / Mp(2);
  for (const char* name : {"kHalfPi1", "kHalfPi2", "kHalfPi3"}) {
    const Mp part = roundTo(rest, bits);
    printConstant(name, part);
    rest = rest - part;
  }
  for (const Fit& fit : fits()) printFit(fit, format);
  const double centre = format == 0 ? 4 : 2;
  printConstant("kErfcCentre", centre);
  printFit(erfcFit(centre, format == 0 ? 27.6 : 10.6), format);
  printQuantile(format);
  std::printf("};\n\n");
}

Mp zeta(int k) {
  Mp r;
  mpfr_zeta_ui(r.raw(), k, MPFR_RNDN);
  return r;
}

// B_2k from zeta: B_2k = (-1)^(k+1) 2 (2k)! zeta(2k) / (2 pi)^2k (DLMF 25.6.2).
Mp bernoulli(int k) {
  Mp r = Mp(k % 2 ? 2 : -2) * zeta(2 * k);
  for (int i = 1; i <= 2 * k; ++i) r = r * Mp(i) / (Mp(2) * pi());
  return r;
}

// The coefficients c_k(eta) of the uniform expansion of the incomplete gamma functions, as power series in
// eta: c_0 = 1/mu - 1/eta, c_k = c'_{k-1} / eta + (-1)^k g_k / mu with eta^2 / 2 = mu - log(1 + mu)
// (DLMF 8.12.9 to 8.12.11) and g_k those of Gamma's Stirling series (5.11.3).
std::vector<std::vector<double>> temme(int functions, int terms) {
  const int n = terms + 2 * functions + 2;
  // mu = sum m_j eta^j from (1 + mu) eta = mu mu': comparing powers gives each m_j from the ones before.
  std::vector<Mp> m(n + 2);
  m[1] = 1;
  for (int j = 2; j <= n + 1; ++j) {
    // Power eta^j of mu mu' is (j + 1) m_j m_1 + sum over inner pairs; of (1 + mu) eta it is m_{j-1}.
    Mp inner = 0;
    for (int i = 2; i < j; ++i) inner = inner + m[i] * Mp(j + 1 - i) * m[j + 1 - i];
    m[j] = (m[j - 1] - inner) / Mp(j + 1);
  }
  // 1 / mu = eta^-1 (r_0 + r_1 eta + ...)
  std::vector<Mp> r(n + 1);
  r[0] = 1;
  for (int j = 1; j <= n; ++j)
    for (int i = 1; i <= j; ++i) r[j] = r[j] - m[i + 1] * r[j - i];
  const double g[][2] = {{1, 1}, {1, 12}, {1, 288}, {-139, 51840}, {-571, 2488320}};
  std::vector<std::vector<double>> result;
  std::vector<Mp> c(r.begin() + 1, r.end());  // c_0: the pole of 1/mu is taken off
  for (int k = 0; k < functions; ++k) {
    if (k > 0) {
      // c' / eta has a pole -1/eta^2 missing and c_1 / eta; the poles cancel against those of g_k / mu.
      std::vector<Mp> next(c.size() - 2);
      const Mp factor = Mp(k % 2 ? -1 : 1) * Mp(g[k][0]) / Mp(g[k][1]);
      for (size_t j = 0; j < next.size(); ++j) next[j] = Mp(j + 2) * c[j + 2] + factor * r[j + 1];
      c = next;
    }
    std::vector<double> rounded;
    for (int j = 0; j < terms - 2 * k; ++j) rounded.push_back(c[j].toDouble());
    result.push_back(rounded);
  }
  return result;
}

void printSpecial() {
  std::printf(
      "// Printed by derive/derive_coefficients.cpp special: do not edit.\n// clang-format off\n"
      "#ifndef ACIE_KERNELS_MATH_SPECIALCONSTANTS_H\n#define ACIE_KERNELS_MATH_SPECIALCONSTANTS_H\n\n"
      "namespace acie::math {\n\n");
  std::vector<double> stirling, digamma, zetas;
  for (int k = 1; k <= 10; ++k) stirling.push_back((bernoulli(k) / Mp(2 * k * (2 * k - 1))).toDouble());
  for (int k = 1; k <= 10; ++k) digamma.push_back((bernoulli(k) / Mp(2 * k)).toDouble());
  Mp euler;
  mpfr_const_euler(euler.raw(), MPFR_RNDN);
  zetas.push_back((Mp(1) - euler).toDouble());
  for (int k = 2; k <= 27; ++k) zetas.push_back(((zeta(k) - Mp(1)) * Mp(k % 2 ? -1 : 1) / Mp(k)).toDouble());
  std::printf("// B_2k / (2k (2k - 1)), k = 1, 2, ...: Stirling's series, DLMF 5.11.1\n");
  printArray("kStirling", stirling, "inline ");
  std::printf("// B_2k / (2k), k = 1, 2, ...: DLMF 5.11.2\n");
  printArray("kDigamma", digamma, "inline ");
  std::printf("// 1 - gamma, then (-1)^k (zeta(k) - 1) / k, k = 2, 3, ...: DLMF 5.7.3\n");
  printArray("kZeta", zetas, "inline ");
  std::printf("// c_k(eta) of DLMF 8.12.7 in powers of eta\n");
  const std::vector<std::vector<double>> c = temme(4, 14);
  for (size_t k = 0; k < c.size(); ++k) printArray(("kTemme" + std::to_string(k)).c_str(), c[k], "inline ");
  std::printf("\n}  // namespace acie::math\n\n#endif  // ACIE_KERNELS_MATH_SPECIALCONSTANTS_H\n");
}

}  // namespace
}  // namespace acie::math

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "special") {
    acie::math::printSpecial();
    return 0;
  }
  std::printf(
      "// Printed by derive/derive_coefficients.cpp: do not edit. Errors are in the weight named.\n// "
      "clang-format off\n"
      "#ifndef ACIE_KERNELS_MATH_COEFFICIENTS_H\n#define ACIE_KERNELS_MATH_COEFFICIENTS_H\n\n"
      "namespace acie::math {\n\ntemplate <int Bits>\nstruct Coefficients;\n\n");
  acie::math::printFormat(0);
  acie::math::printFormat(1);
  std::printf("}  // namespace acie::math\n\n#endif  // ACIE_KERNELS_MATH_COEFFICIENTS_H\n");
}

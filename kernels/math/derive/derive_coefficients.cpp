// Prints kernels/math/Coefficients.h: every polynomial of the elementary functions, fitted here from its definition.
//
//   ninja acie_derive_coefficients && build/release/bin/acie_derive_coefficients > kernels/math/Coefficients.h
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

// value = name + nameLow to twice the working precision or more; the leading part has `leadingBits` significant bits.
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

struct Fit {
  const char* name;
  const char* meaning;
  Target target;
  int terms[2];  // f64, f32
};

void printFit(const Fit& fit, int format) {
  const int bits = format == 0 ? 53 : 24;
  const Polynomial p = minimax(fit.target, fit.terms[format], bits);
  std::printf("  // %s; error %.1e\n  static constexpr double %s[] = {", fit.meaning, p.error, fit.name);
  for (size_t i = 0; i < p.coefficients.size(); ++i)
    std::printf("%s%s%a", i ? "," : "", i % 4 ? " " : "\n      ", p.coefficients[i]);
  std::printf("};\n");
}

std::vector<Fit> fits() {
  std::vector<Fit> list;
  const Mp halfLn2 = ln2() * Mp(0.5001);
  list.push_back({"kExp", "(e^r - 1 - r) / r^2 on |r| <= ln(2)/2, weight r",
                  {[](const Mp& r) { return (expm1(r) - r) / (r * r); }, [](const Mp& r) { return r; }, -halfLn2,
                   halfLn2},
                  {10, 5}});
  const Mp shift = Mp(0.2213);
  list.push_back({"kExpShifted", "(e^r - 1 - r) / r^2 on r / ln(2) in 0.2213 +- 0.5, weight r",
                  {[](const Mp& r) { return (expm1(r) - r) / (r * r); }, [](const Mp& r) { return r; },
                   ln2() * (shift - Mp(0.5001)), ln2() * (shift + Mp(0.5001))},
                  {10, 5}});
  const Mp s = Mp(3) - sqrt(Mp(8));
  list.push_back({"kLog", "(log((1+s)/(1-s)) - 2s) / s^3 in z = s^2, sqrt(1/2) <= (1+s)/(1-s) <= sqrt(2), weight z",
                  {[](const Mp& z) {
                     const Mp s = sqrt(z);
                     return Mp(2) * (atanh(s) - s) / (s * z);
                   },
                   [](const Mp& z) { return z; }, Mp(0), s * s},
                  {7, 3}});
  return list;
}

void printFormat(int format) {
  const int bits = format == 0 ? 53 : 24;
  const int exponentBits = format == 0 ? 11 : 8;  // of the integers that a split constant is multiplied by exactly
  std::printf("template <>\nstruct Coefficients<%d> {\n", format == 0 ? 64 : 32);
  printSplit("kLn2", ln2(), bits - exponentBits, bits);
  printPair("kLn2", ln2(), bits);
  for (const Fit& fit : fits()) printFit(fit, format);
  std::printf("};\n\n");
}

}  // namespace
}  // namespace acie::math

int main() {
  std::printf(
      "// Printed by derive/derive_coefficients.cpp: do not edit. Errors are in the weight named.\n"
      "#ifndef ACIE_KERNELS_MATH_COEFFICIENTS_H\n#define ACIE_KERNELS_MATH_COEFFICIENTS_H\n\n"
      "namespace acie::math {\n\ntemplate <int Bits>\nstruct Coefficients;\n\n");
  acie::math::printFormat(0);
  acie::math::printFormat(1);
  std::printf("}  // namespace acie::math\n\n#endif  // ACIE_KERNELS_MATH_COEFFICIENTS_H\n");
}

#include "kernels/math/Imports.h"

#include "kernels/math/Special.h"

namespace acie::math {
namespace {

template <double (*Fn)(double)>
void apply1(int64_t n, const double* const* operands, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = Fn(operands[0][i]);
}

template <double (*Fn)(double, double)>
void apply2(int64_t n, const double* const* operands, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = Fn(operands[0][i], operands[1][i]);
}

template <double (*Fn)(double, double, double)>
void apply3(int64_t n, const double* const* operands, double* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = Fn(operands[0][i], operands[1][i], operands[2][i]);
}

constexpr acie_import kImports[] = {
    {"beta_cdf", 1, 3, apply3<beta_cdf>},
    {"beta_log_pdf", 1, 3, apply3<beta_log_pdf>},
    {"beta_quantile", 1, 3, apply3<beta_quantile>},
    {"digamma", 1, 1, apply1<digamma>},
    {"gamma_ccdf", 1, 2, apply2<gamma_ccdf>},
    {"gamma_cdf", 1, 2, apply2<gamma_cdf>},
    {"gamma_log_pdf", 1, 2, apply2<gamma_log_pdf>},
    {"gamma_quantile", 1, 2, apply2<gamma_quantile>},
    {"lgamma", 1, 1, apply1<lgamma>},
    {"poisson_cdf", 1, 2, apply2<poisson_cdf>},
    {"poisson_log_pmf", 1, 2, apply2<poisson_log_pmf>},
    {"poisson_quantile", 1, 2, apply2<poisson_quantile>},
    {"student_t_cdf", 1, 2, apply2<student_t_cdf>},
    {"student_t_log_pdf", 1, 2, apply2<student_t_log_pdf>},
    {"student_t_quantile", 1, 2, apply2<student_t_quantile>},
};

}  // namespace

std::span<const acie_import> math_imports() { return kImports; }

const acie_import* find_math_import(std::string_view name) {
  for (const acie_import& entry : kImports)
    if (name == entry.name) return &entry;
  return nullptr;
}

}  // namespace acie::math

// Printed by derive/derive_coefficients.cpp: do not edit. Errors are in the weight named.
#ifndef ACIE_KERNELS_MATH_COEFFICIENTS_H
#define ACIE_KERNELS_MATH_COEFFICIENTS_H

namespace acie::math {

template <int Bits>
struct Coefficients;

template <>
struct Coefficients<64> {
  static constexpr double kLn2High = 0x1.62e42fefa38p-1;
  static constexpr double kLn2Low = 0x1.ef35793c7673p-45;
  static constexpr double kLn2 = 0x1.62e42fefa39efp-1;
  static constexpr double kLn2Rest = 0x1.abc9e3b39803fp-56;
  // (e^r - 1 - r) / r^2 on |r| <= ln(2)/2, weight r; error 1.8e-17
  static constexpr double kExp[] = {
      0x1.0000000000005p-1, 0x1.555555555555cp-3, 0x1.55555555520efp-5, 0x1.111111110e81ap-7,
      0x1.6c16c17f3938ap-10, 0x1.a01a01b567458p-13, 0x1.a019a67f737fcp-16, 0x1.71ddeb05c965ap-19,
      0x1.28a2b2a814882p-22, 0x1.af75118691002p-26};
  // (e^r - 1 - r) / r^2 on r / ln(2) in 0.2213 +- 0.5, weight r; error 2.5e-17
  static constexpr double kExpShifted[] = {
      0x1.0000000000002p-1, 0x1.555555555541ap-3, 0x1.5555555554209p-5, 0x1.11111111b04d2p-7,
      0x1.6c16c169462e4p-10, 0x1.a019fbd83e2ap-13, 0x1.a01a8ad8debe9p-16, 0x1.71ea4f7518266p-19,
      0x1.2576f093ca5p-22, 0x1.f0422b946b77ep-26};
  // (log((1+s)/(1-s)) - 2s) / s^3 in z = s^2, sqrt(1/2) <= (1+s)/(1-s) <= sqrt(2), weight z; error 2.5e-18
  static constexpr double kLog[] = {
      0x1.5555555555592p-1, 0x1.999999997ff2ap-2, 0x1.24924941e00f8p-2, 0x1.c71c521575318p-3,
      0x1.74663caf763acp-3, 0x1.39a1ef11f8165p-3, 0x1.2f037b4079dfap-3};
};

template <>
struct Coefficients<32> {
  static constexpr double kLn2High = 0x1.62e4p-1;
  static constexpr double kLn2Low = 0x1.7f7d1cp-20;
  static constexpr double kLn2 = 0x1.62e43p-1;
  static constexpr double kLn2Rest = -0x1.05c61p-29;
  // (e^r - 1 - r) / r^2 on |r| <= ln(2)/2, weight r; error 1.4e-08
  static constexpr double kExp[] = {
      0x1p-1, 0x1.5554bp-3, 0x1.5554ep-5, 0x1.12279ep-7,
      0x1.6d5686p-10};
  // (e^r - 1 - r) / r^2 on r / ln(2) in 0.2213 +- 0.5, weight r; error 1.6e-08
  static constexpr double kExpShifted[] = {
      0x1.000002p-1, 0x1.55562ap-3, 0x1.554636p-5, 0x1.0fd506p-7,
      0x1.9f6eccp-10};
  // (log((1+s)/(1-s)) - 2s) / s^3 in z = s^2, sqrt(1/2) <= (1+s)/(1-s) <= sqrt(2), weight z; error 1.6e-09
  static constexpr double kLog[] = {
      0x1.55557ap-1, 0x1.995ed6p-2, 0x1.31e08p-2};
};

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_COEFFICIENTS_H

// Printed by derive/derive_coefficients.cpp: do not edit. Errors are in the weight named.
// clang-format off
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
  static constexpr double kLn10 = 0x1.26bb1bbb55516p+1;
  static constexpr double kLn10Rest = -0x1.f48ad494ea3e9p-53;
  static constexpr double kLog2e = 0x1.71547652b82fep+0;
  static constexpr double kLog2eRest = 0x1.777d0ffda0d24p-56;
  static constexpr double kLog10e = 0x1.bcb7b1526e50ep-2;
  static constexpr double kLog10eRest = 0x1.95355baaafad3p-57;
  static constexpr double kLog10Of2High = 0x1.34413509f78p-2;
  static constexpr double kLog10Of2Low = 0x1.fef311f12b358p-46;
  static constexpr double kTwoThirds = 0x1.5555555555555p-1;
  static constexpr double kTwoThirdsRest = 0x1.5555555555555p-55;
  static constexpr double kQuarterPi = 0x1.921fb54442d18p-1;
  static constexpr double kQuarterPiRest = 0x1.1a62633145c07p-55;
  static constexpr double kHalfPi1 = 0x1.921fb54442d18p+0;
  static constexpr double kHalfPi2 = 0x1.1a62633145c07p-54;
  static constexpr double kHalfPi3 = -0x1.f1976b7ed8fbcp-110;
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
  // (log((1+s)/(1-s)) - 2s - 2/3 s^3) / s^5 in z = s^2, same range, weight z^2; error 1.5e-22
  static constexpr double kLogPair[] = {
      0x1.9999999999996p-2, 0x1.2492492492f49p-2, 0x1.c71c71c597ee7p-3, 0x1.745d182897a94p-3,
      0x1.3b1364fe745c8p-3, 0x1.1120672139431p-3, 0x1.de3eb3c100415p-4, 0x1.eabb738d69d21p-4};
  // (sin x - x) / x^3 in z = x^2, |x| <= pi/4, weight z; error 3.7e-18
  static constexpr double kSin[] = {
      -0x1.5555555555548p-3, 0x1.111111110f722p-7, -0x1.a01a019be58dcp-13, 0x1.71de355094614p-19,
      -0x1.ae5e46db4d4c2p-26, 0x1.5d89b40d61e3cp-33};
  // (cos x - 1 + x^2/2) / x^4 in z = x^2, |x| <= pi/4, weight z^2; error 5.1e-20
  static constexpr double kCos[] = {
      0x1.555555555554bp-5, -0x1.6c16c16c1500ap-10, 0x1.a01a019c8c5f4p-16, -0x1.27e4f7ee2d2eep-22,
      0x1.1ee9d889764ep-29, -0x1.8fa454bc047a2p-37};
  // (asin x - x) / x^3 in z = x^2, |x| <= 1/2, weight z; error 1.5e-17
  static constexpr double kAsin[] = {
      0x1.5555555555387p-3, 0x1.333333336f87ap-4, 0x1.6db6db41d475ep-5, 0x1.f1c72c6d1b824p-6,
      0x1.6e89ef7ebb251p-6, 0x1.1c6c27740de8bp-6, 0x1.c6f883810c86cp-7, 0x1.8ee480a1588ddp-7,
      0x1.aab4f358cb807p-8, 0x1.40b102f52c514p-6, -0x1.0af37b36128d7p-6, 0x1.05cde4aee7fecp-5};
  // (atan x - x) / x^3 in z = x^2, |x| <= 1/2, weight z; error 3.9e-18
  static constexpr double kAtan[] = {
      -0x1.5555555555518p-2, 0x1.99999999914d9p-3, -0x1.249249216fe2cp-3, 0x1.c71c70968b5c5p-4,
      -0x1.745cf54e8c7d2p-4, 0x1.3b11454704d77p-4, -0x1.10f3676722941p-4, 0x1.dfed13e76263fp-5,
      -0x1.a3a79ae2137cep-5, 0x1.571e56fe5eb92p-5, -0x1.c1fc066ad7f1p-6, 0x1.4c2a4d2e3438ep-7};
  // erf(x) / x - 1 in z = x^2, |x| <= 0.9, weight 1; error 1.2e-17
  static constexpr double kErf[] = {
      0x1.06eba8214db69p-3, -0x1.812746b0379fcp-2, 0x1.ce2f21a043499p-4, -0x1.b82ce312a03cbp-6,
      0x1.565bcd100d0c6p-8, -0x1.c02db3fb020fp-11, 0x1.f9a31cf91d6a9p-14, -0x1.f4d0d30eb533fp-17,
      0x1.b9c749d269e97p-20, -0x1.5def19289f998p-23, 0x1.e5dcaf9c3714dp-27, -0x1.dd28425124523p-31};
  // cbrt(v) on sqrt(1/8) <= v <= sqrt(8), relative; error 7.0e-04
  static constexpr double kCbrt[] = {
      0x1.a91c5dc2c9ad6p-2, 0x1.0d66633751c62p+0, -0x1.85ab9a6a2fbb8p-1, 0x1.8c42862d0f97fp-2,
      -0x1.abea14c4370a6p-4, 0x1.71ab7e2a30447p-7};
  static constexpr double kErfcCentre = 0x1p+2;
  // (x + c) e^(x^2) erfc(x) in t = (x - c) / (x + c), relative; error 5.3e-17
  static constexpr double kErfc[] = {
      0x1.18932bf08e154p+0, -0x1.f3fe31ecb49bfp-1, 0x1.8be202d26c747p-1, -0x1.14eacb1ad0364p-1,
      0x1.52cac2370ee55p-2, -0x1.645fd8a4baaf1p-3, 0x1.38dbd2c934b5p-4, -0x1.b00c052cd227ap-6,
      0x1.908f46f163ebdp-8, -0x1.269b51156d368p-12, -0x1.dd28316b2a7c5p-12, 0x1.72cda091468bap-13,
      -0x1.e8124eca94e49p-19, -0x1.3c6e9ccc70746p-16, 0x1.3b442dacbdf3bp-18, 0x1.7e60b40e2fafcp-20,
      -0x1.c9aed5afcb771p-21, -0x1.49aeb02f4bba3p-24, 0x1.1ac530796fcddp-23, 0x1.a33b80bc979b3p-29,
      -0x1.6467aac221e3dp-26, -0x1.ef32d655f3635p-30, 0x1.6c6ab311648d6p-29, 0x1.88da70eb248e3p-31};
  // norm_quantile(1/2 + q) / q in s = 0.425^2 - q^2, relative; error 3.3e-17
  static constexpr double kQuantileTop[] = {
      0x1.b18d91e9eef75p+1, 0x1.1cdc2a69be5dcp+7, 0x1.1f7b4e5fdcb12p+11, 0x1.1894c76e3e1a3p+14,
      0x1.1246c08fc49a5p+16, 0x1.f70c70f6472a5p+16, 0x1.6385b16783bc3p+16, 0x1.a4bb60e9e549fp+13,
      -0x1.207e5ec32af6p+9};
  static constexpr double kQuantileBottom[] = {
      0x1p+0, 0x1.6871d0e6a5512p+5, 0x1.8c2bdcdcae0eep+9, 0x1.af13e38a2307dp+12,
      0x1.e6ca5af822242p+14, 0x1.118f03d436a1p+16, 0x1.0a5918718a1a4p+16, 0x1.395fddbf1064ap+14};
  static constexpr double kQuantileTailStart = 0x1.23568c24a29dfp+1;
  // -norm_quantile(exp(-r^2/2)) in r - kQuantileTailStart, relative; error 6.3e-17
  static constexpr double kQuantileTailTop[] = {
      0x1.7085226d3e523p+0, 0x1.b71b81e1f839dp+1, 0x1.9cae609a372efp+1, 0x1.9b2df72d74269p+0,
      0x1.e50b439736095p-2, 0x1.61949521fde51p-4, 0x1.3e33fe42edfdcp-7, 0x1.528760ebe5d35p-11,
      0x1.84cd0636b2e1p-16, 0x1.9af084f9bac88p-22, 0x1.1c3d73791477ep-29};
  static constexpr double kQuantileTailBottom[] = {
      0x1p+0, 0x1.8b9cd70edd56bp+0, 0x1.f97d0f43c583fp-1, 0x1.5c9aded51b0b6p-2,
      0x1.1b8f10613a11bp-4, 0x1.14e6ea4f78357p-7, 0x1.38f47351be7d1p-11, 0x1.769b402eaf8e2p-16,
      0x1.95e482363d4c7p-22, 0x1.1c3d052d37b94p-29, 0x1.44302fdb1c858p-56};
};

template <>
struct Coefficients<32> {
  static constexpr double kLn2High = 0x1.62e4p-1;
  static constexpr double kLn2Low = 0x1.7f7d1cp-20;
  static constexpr double kLn2 = 0x1.62e43p-1;
  static constexpr double kLn2Rest = -0x1.05c61p-29;
  static constexpr double kLn10 = 0x1.26bb1cp+1;
  static constexpr double kLn10Rest = -0x1.12aabap-25;
  static constexpr double kLog2e = 0x1.715476p+0;
  static constexpr double kLog2eRest = 0x1.4ae0cp-26;
  static constexpr double kLog10e = 0x1.bcb7b2p-2;
  static constexpr double kLog10eRest = -0x1.5b235ep-27;
  static constexpr double kLog10Of2High = 0x1.3442p-2;
  static constexpr double kLog10Of2Low = -0x1.95ec1p-19;
  static constexpr double kTwoThirds = 0x1.555556p-1;
  static constexpr double kTwoThirdsRest = -0x1.555556p-26;
  static constexpr double kQuarterPi = 0x1.921fb6p-1;
  static constexpr double kQuarterPiRest = -0x1.777a5cp-26;
  static constexpr double kHalfPi1 = 0x1.921fb6p+0;
  static constexpr double kHalfPi2 = -0x1.777a5cp-25;
  static constexpr double kHalfPi3 = -0x1.ee59dap-50;
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
  // (log((1+s)/(1-s)) - 2s - 2/3 s^3) / s^5 in z = s^2, same range, weight z^2; error 1.5e-13
  static constexpr double kLogPair[] = {
      0x1.999998p-2, 0x1.2493acp-2, 0x1.c644a6p-3, 0x1.8fedc6p-3};
  // (sin x - x) / x^3 in z = x^2, |x| <= pi/4, weight z; error 3.9e-09
  static constexpr double kSin[] = {
      -0x1.555546p-3, 0x1.11077p-7, -0x1.994f16p-13};
  // (cos x - 1 + x^2/2) / x^4 in z = x^2, |x| <= pi/4, weight z^2; error 1.1e-10
  static constexpr double kCos[] = {
      0x1.55554ap-5, -0x1.6c0c26p-10, 0x1.99e6cp-16};
  // (asin x - x) / x^3 in z = x^2, |x| <= 1/2, weight z; error 5.0e-09
  static constexpr double kAsin[] = {
      0x1.5555cap-3, 0x1.33016cp-4, 0x1.7489e4p-5, 0x1.8bb868p-6,
      0x1.59c9acp-5};
  // (atan x - x) / x^3 in z = x^2, |x| <= 1/2, weight z; error 5.2e-09
  static constexpr double kAtan[] = {
      -0x1.555514p-2, 0x1.997bb2p-3, -0x1.22527p-3, 0x1.a053dap-4,
      -0x1.a50a3ep-5};
  // erf(x) / x - 1 in z = x^2, |x| <= 0.9, weight 1; error 1.6e-08
  static constexpr double kErf[] = {
      0x1.06eba6p-3, -0x1.8126f6p-2, 0x1.ce1d7ap-4, -0x1.b6ba02p-6,
      0x1.485724p-8, -0x1.3ebc68p-11};
  // cbrt(v) on sqrt(1/8) <= v <= sqrt(8), relative; error 1.6e-02
  static constexpr double kCbrt[] = {
      0x1.140e3cp-1, 0x1.128258p-1, -0x1.53ecfap-4};
  static constexpr double kErfcCentre = 0x1p+1;
  // (x + c) e^(x^2) erfc(x) in t = (x - c) / (x + c), relative; error 1.7e-08
  static constexpr double kErfc[] = {
      0x1.058672p+0, -0x1.5fd388p-1, 0x1.1e2dc2p-2, -0x1.2a86ep-5,
      -0x1.604f3ep-6, 0x1.a842bep-8, 0x1.9078fp-9, -0x1.b2bdep-11,
      -0x1.3207ccp-11, 0x1.85ce98p-15, 0x1.16aa8ep-14};
  // norm_quantile(1/2 + q) / q in s = 0.425^2 - q^2, relative; error 2.1e-08
  static constexpr double kQuantileTop[] = {
      0x1.b18d92p+1, 0x1.d6841cp+5, 0x1.edf93cp+7, 0x1.5dc788p+7,
      -0x1.a6a6e6p+4};
  static constexpr double kQuantileBottom[] = {
      0x1p+0, 0x1.45e8dap+4, 0x1.c04f6ep+6, 0x1.26aa7p+7};
  static constexpr double kQuantileTailStart = 0x1.23568cp+1;
  // -norm_quantile(exp(-r^2/2)) in r - kQuantileTailStart, relative; error 2.3e-08
  static constexpr double kQuantileTailTop[] = {
      0x1.708522p+0, 0x1.1acd1p+1, 0x1.f68576p-1, 0x1.403974p-3,
      0x1.dabce6p-8};
  static constexpr double kQuantileTailBottom[] = {
      0x1p+0, 0x1.64e654p-1, 0x1.1ed60cp-3, 0x1.daa328p-8};
};

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_COEFFICIENTS_H

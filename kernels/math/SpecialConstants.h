// Printed by derive/derive_coefficients.cpp special: do not edit.
// clang-format off
#ifndef ACIE_KERNELS_MATH_SPECIALCONSTANTS_H
#define ACIE_KERNELS_MATH_SPECIALCONSTANTS_H

namespace acie::math {

// B_2k / (2k (2k - 1)), k = 1, 2, ...: Stirling's series, DLMF 5.11.1
inline constexpr double kStirling[] = {
      0x1.5555555555555p-4, -0x1.6c16c16c16c17p-9, 0x1.a01a01a01a01ap-11, -0x1.3813813813814p-11,
      0x1.b951e2b18ff23p-11, -0x1.f6ab0d9993c7dp-10, 0x1.a41a41a41a41ap-8, -0x1.e4286cb0f5398p-6,
      0x1.6fe96381e068p-3, -0x1.6476701181f3ap+0};
// B_2k / (2k), k = 1, 2, ...: DLMF 5.11.2
inline constexpr double kDigamma[] = {
      0x1.5555555555555p-4, -0x1.1111111111111p-7, 0x1.041041041041p-8, -0x1.1111111111111p-8,
      0x1.f07c1f07c1f08p-8, -0x1.5995995995996p-6, 0x1.5555555555555p-4, -0x1.c5e5e5e5e5e5ep-2,
      0x1.86e7f9b9fe6e8p+1, -0x1.a74ca514ca515p+4};
// 1 - gamma, then (-1)^k (zeta(k) - 1) / k, k = 2, 3, ...: DLMF 5.7.3
inline constexpr double kZeta[] = {
      0x1.b0ee6072093cep-2, 0x1.4a34cc4a60fa6p-2, -0x1.13e001a557607p-4, 0x1.51322ac7d8483p-6,
      -0x1.e404fc218f5f2p-8, 0x1.7add6eadb6c3p-9, -0x1.38ac5c2bf8e08p-10, 0x1.0b36af86396e9p-11,
      -0x1.d3fd4c76d2fc8p-13, 0x1.a127b0f17d65ap-14, -0x1.78de5bd7c81efp-15, 0x1.580dcee66eb02p-16,
      -0x1.3cbc963ce2243p-17, 0x1.2597a39f34aacp-18, -0x1.11b2eb7679541p-19, 0x1.0064cdeb22f0fp-20,
      -0x1.e2600d93cfd2fp-22, 0x1.c76bbb3f07a4dp-23, -0x1.af5a6cbbf8a97p-24, 0x1.99b93c2070b0fp-25,
      -0x1.862c734df3eacp-26, 0x1.7469daccfadcdp-27, -0x1.6434a8447aeadp-28, 0x1.555a877ffd2c3p-29,
      -0x1.47b1679258d0ep-30, 0x1.3b15d2b2fc10cp-31, -0x1.2f69a9fabe3ep-32};

}  // namespace acie::math

#endif  // ACIE_KERNELS_MATH_SPECIALCONSTANTS_H

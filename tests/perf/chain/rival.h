// The chain's counterfactual as an experienced C++ programmer would write it.
#pragma once

#include <cstdint>

/// x19 in the world with x3 + 0.5, from the evidence columns[0..19] of `rows` rows. Compiled by clang with -O3
/// -march=native -ffast-math -fveclib=libmvec.
extern "C" void chain_rival(const double* const* columns, double* out, int64_t rows);

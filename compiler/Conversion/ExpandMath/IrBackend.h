// The backend of kernels/math that builds vector code: the same templates that compute with ScalarBackend emit, through
// this one, the instructions whose results have the same bits.
#pragma once

#include "compiler/Codegen/Common/TargetLevel.h"
#include "compiler/Codegen/Common/VectorBuilder.h"
#include "kernels/math/Backend.h"
#include "llvm/IR/IntrinsicsX86.h"

namespace acie::codegen {

/// Operations every target has. See kernels/math/Backend.h for their meaning.
template <int Bits>
class IrBackend {
 public:
  using F = Bundle;
  using I = Bundle;
  using M = Bundle;
  static constexpr int kBits = Bits;

  explicit IrBackend(VectorBuilder& vectors) : v_(vectors) {}

  F constant(double c) { return v_.real(real_type(), c); }
  I iconstant(int64_t c) { return v_.integer(integer_type(), c); }

  F add(const F& x, const F& y) { return v_.binary(llvm::Instruction::FAdd, x, y); }
  F sub(const F& x, const F& y) { return v_.binary(llvm::Instruction::FSub, x, y); }
  F mul(const F& x, const F& y) { return v_.binary(llvm::Instruction::FMul, x, y); }
  F div(const F& x, const F& y) { return v_.binary(llvm::Instruction::FDiv, x, y); }
  F fma(const F& x, const F& y, const F& z) {
    return v_.intrinsic(llvm::Intrinsic::fma, {real_type()}, {x, y, z});
  }
  F sqrt(const F& x) { return v_.intrinsic(llvm::Intrinsic::sqrt, {real_type()}, {x}); }
  F neg(const F& x) { return v_.negate(x); }
  F abs(const F& x) { return v_.intrinsic(llvm::Intrinsic::fabs, {real_type()}, {x}); }

  M lt(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_OLT, x, y); }
  M le(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_OLE, x, y); }
  M gt(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_OGT, x, y); }
  M ge(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_OGE, x, y); }
  M eq(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_OEQ, x, y); }
  M ne(const F& x, const F& y) { return v_.compare(llvm::CmpInst::FCMP_UNE, x, y); }
  M isnan(const F& x) { return v_.compare(llvm::CmpInst::FCMP_UNO, x, x); }

  F select(const M& m, const F& x, const F& y) { return v_.select(m, x, y); }
  I iselect(const M& m, const I& x, const I& y) { return v_.select(m, x, y); }

  I bits(const F& x) { return v_.cast(llvm::Instruction::BitCast, x, integer_type()); }
  F frombits(const I& x) { return v_.cast(llvm::Instruction::BitCast, x, real_type()); }

  I iadd(const I& x, const I& y) { return v_.binary(llvm::Instruction::Add, x, y); }
  I isub(const I& x, const I& y) { return v_.binary(llvm::Instruction::Sub, x, y); }
  I iand(const I& x, const I& y) { return v_.binary(llvm::Instruction::And, x, y); }
  I ior(const I& x, const I& y) { return v_.binary(llvm::Instruction::Or, x, y); }
  I ixor(const I& x, const I& y) { return v_.binary(llvm::Instruction::Xor, x, y); }
  I shl(const I& x, int n) { return v_.binary(llvm::Instruction::Shl, x, iconstant(n)); }
  I lshr(const I& x, int n) { return v_.binary(llvm::Instruction::LShr, x, iconstant(n)); }
  I ashr(const I& x, int n) { return v_.binary(llvm::Instruction::AShr, x, iconstant(n)); }

  M ieq(const I& x, const I& y) { return v_.compare(llvm::CmpInst::ICMP_EQ, x, y); }
  M ilt(const I& x, const I& y) { return v_.compare(llvm::CmpInst::ICMP_SLT, x, y); }
  M mand(const M& x, const M& y) { return v_.binary(llvm::Instruction::And, x, y); }
  M mor(const M& x, const M& y) { return v_.binary(llvm::Instruction::Or, x, y); }
  M mxor(const M& x, const M& y) { return v_.binary(llvm::Instruction::Xor, x, y); }
  M mnot(const M& x) { return v_.binary(llvm::Instruction::Xor, x, v_.integer(v_.i1(), -1)); }

  F floor(const F& x) { return v_.intrinsic(llvm::Intrinsic::floor, {real_type()}, {x}); }
  F ceil(const F& x) { return v_.intrinsic(llvm::Intrinsic::ceil, {real_type()}, {x}); }
  F trunc(const F& x) { return v_.intrinsic(llvm::Intrinsic::trunc, {real_type()}, {x}); }
  F roundeven(const F& x) { return v_.intrinsic(llvm::Intrinsic::roundeven, {real_type()}, {x}); }

 protected:
  llvm::Type* real_type() { return Bits == 64 ? v_.f64() : v_.f32(); }
  llvm::Type* integer_type() { return Bits == 64 ? v_.i64() : v_.i32(); }
  VectorBuilder& v_;
};

/// x86-64-v4: AVX-512 multiplies by powers of two in one instruction.
template <int Bits>
class Avx512Backend : public IrBackend<Bits> {
 public:
  using F = Bundle;
  using IrBackend<Bits>::IrBackend;

  F scalb(const F& p, const F& n) {
    VectorBuilder& v = this->v_;
    const bool full = v.shape().lanes * Bits == 512;
    const auto id = Bits == 64 ? (full ? llvm::Intrinsic::x86_avx512_mask_scalef_pd_512
                                       : llvm::Intrinsic::x86_avx512_mask_scalef_pd_256)
                               : (full ? llvm::Intrinsic::x86_avx512_mask_scalef_ps_512
                                       : llvm::Intrinsic::x86_avx512_mask_scalef_ps_256);
    return v.target_intrinsic(id, {p, n}, [&](llvm::SmallVectorImpl<llvm::Value*>& arguments) {
      llvm::IRBuilder<>& b = v.ir();
      arguments.push_back(llvm::Constant::getNullValue(arguments[0]->getType()));  // where masked off: nowhere
      arguments.push_back(llvm::Constant::getAllOnesValue(b.getIntNTy(std::max(v.shape().lanes, 8u))));
      if (full) arguments.push_back(b.getInt32(4));  // rounding as the control register says: to nearest even
    });
  }
};

}  // namespace acie::codegen

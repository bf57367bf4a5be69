#include "compiler/Conversion/ExpandMath/ExpandMath.h"

#include "compiler/Conversion/ExpandMath/IrBackend.h"
#include "kernels/math/Functions.h"
#include "kernels/random/Threefry.h"

namespace acie::codegen {
namespace {

template <class B>
bool expand_with(VectorBuilder& vectors, std::string_view name, std::span<const Bundle> operands, Bundle& result) {
  const math::Function<B>* function = math::findFunction<B>(name);
  if (!function || function->arity != static_cast<int>(operands.size())) return false;
  B backend(vectors);
  result = function->expand(backend, operands.data());
  return true;
}

}  // namespace

bool expand_function(VectorBuilder& vectors, const TargetLevel& level, std::string_view name,
                     std::span<const Bundle> operands, Bundle& result) {
  if (operands.empty()) return false;
  const bool wide = vectors.element_type(operands[0])->isDoubleTy();
  const unsigned bits = vectors.shape().lanes * (wide ? 64 : 32);
  // Bundles of other widths than a register's have no scalef.
  if (level.has_scalef && (bits == 512 || bits == 256))
    return wide ? expand_with<Avx512Backend<64>>(vectors, name, operands, result)
                : expand_with<Avx512Backend<32>>(vectors, name, operands, result);
  return wide ? expand_with<IrBackend<64>>(vectors, name, operands, result)
              : expand_with<IrBackend<32>>(vectors, name, operands, result);
}

Bundle expand_uniform(VectorBuilder& vectors, const Bundle& seed, const Bundle& name, const Bundle& row,
                      const Bundle& draw) {
  IrBackend<64> backend(vectors);
  const auto word = [&](const Bundle& x) { return math::Int<IrBackend<64>>{&backend, x}; };
  return random::uniform(random::draw(word(seed), word(name), word(row), word(draw)).first).v;
}

}  // namespace acie::codegen

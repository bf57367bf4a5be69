#include "compiler/Transforms/FormClusters/Placement.h"

using namespace mlir;
using namespace acie::ir;

namespace acie::transforms {

Placement::Placement(Block &block, bool hasDraws, std::optional<plan::Space> loop) : hasDraws(hasDraws), loop(loop) {
  for (BlockArgument argument : block.getArguments()) places[argument] = Place{0, *loop, shapeOf(argument.getType()).vec()};
  for (Operation &op : block) {
    std::optional<Place> place;
    for (Value operand : op.getOperands()) {
      std::optional<Place> from = of(operand);
      if (!from) continue;
      if (!place) place = from;
      place->phase = std::max(place->phase, from->phase);
      place->space = std::min(place->space, from->space);  // the innermost
    }
    if (isa<ColumnOp, PresentOp>(op)) place = Place{0, rows(), {}};
    if (isa<UniformOp>(op)) place = Place{0, plan::Space::Inner, {}};
    if (isa<ExpectOp>(op)) place = Place{place ? place->phase + 1 : 0, plan::Space::Row, {}};
    if (isa<RowsOp>(op)) place = Place{place ? place->phase + 1 : 1, plan::Space::Table, {}};
    if (isTensorOperation(&op)) place = Place{place ? place->phase + 1 : 1, place ? place->space : plan::Space::Table, {}};
    if (place && loop) place->space = *loop;
    if (op.getNumResults() == 1 && isTensorLeaf(&op)) place = Place{0, plan::Space::Table, {}};
    if (!place) continue;
    for (Value result : op.getResults()) {
      place->shape = shapeOf(result.getType()).vec();
      places[result] = *place;
    }
  }
}

}  // namespace acie::transforms

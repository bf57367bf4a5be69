#include <cstddef>

#include "compiler/Sema/Program.h"

namespace acie::sema {
namespace {

struct Row {
  std::string_view name;
  std::string_view spelling;
  int arity;
};

constexpr Row kRows[] = {
#define ACIE_OP(name, spelling, arity, group) {#name, spelling, arity},
#include "compiler/Sema/Ops.def"
};

const Row& row(Op op) { return kRows[static_cast<size_t>(op)]; }

}  // namespace

std::string_view op_name(Op op) { return row(op).name; }
std::string_view op_spelling(Op op) { return row(op).spelling; }
int op_arity(Op op) { return row(op).arity; }

}  // namespace acie::sema

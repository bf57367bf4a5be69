// A logarithm, root or inverse function of what the declared ranges put outside its domain: of some rows, or of all.
//
// Interval arithmetic says too much where a quantity occurs twice (z - z^2), and nothing is known of undeclared ones. So "of
// some" is only said of arguments in which every variable occurs once and has a declared range.
#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Written.h"

namespace acie::sema {
namespace {

/// Where the function has a finite value or a limit: both ends count as inside.
std::optional<Interval> domain(Op op) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
  switch (op) {
    case Op::Log: case Op::Log2: case Op::Log10: case Op::Sqrt: return Interval::closed(0, kInf);
    case Op::Log1p: return Interval::closed(-1, kInf);
    case Op::Acosh: return Interval::closed(1, kInf);
    case Op::Asin: case Op::Acos: case Op::Atanh: return Interval::closed(-1, 1);
    case Op::Logit: return Interval::closed(0, 1);
    default: return std::nullopt;
  }
}

/// Whether every bound of the interval is reached by some values of what the expression reads.
bool is_attained(const WrittenOperations& written, const Expr& expr, std::set<const void*>& seen) {
  switch (expr.kind) {
    case Expr::Kind::Constant: return true;
    case Expr::Kind::Variable: {
      const Interval range = written.range(expr.variable);
      return seen.insert(expr.variable).second && (std::isfinite(range.low) || std::isfinite(range.high));
    }
    case Expr::Kind::Slot: return seen.insert(expr.slot).second && expr.slot->type.range.has_value();
    case Expr::Kind::Apply:
      return expr.op != Op::Select && std::all_of(expr.operands.begin(), expr.operands.end(), [&](const Expr* part) { return is_attained(written, *part, seen); });
    default: return false;
  }
}

}  // namespace

void check_domains(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  const WrittenOperations written(subject);
  for (const WrittenOperations::Place& place : written.places()) {
    const auto inside = domain(place.op);
    if (!inside) continue;
    const auto outside = [&](const Expr* node, bool all) {
      const Interval argument = written.range(node->operands[0]);
      if (all) return argument.high < inside->low || argument.low > inside->high || (argument.high == inside->low && argument.high_open);
      std::set<const void*> seen;
      const bool below = std::isfinite(argument.low) && argument.low < inside->low, above = std::isfinite(argument.high) && argument.high > inside->high;
      return (below || above) && is_attained(written, *node->operands[0], seen);
    };
    const bool always = std::all_of(place.nodes.begin(), place.nodes.end(), [&](const Expr* node) { return outside(node, true); });
    const auto some = std::find_if(place.nodes.begin(), place.nodes.end(), [&](const Expr* node) { return outside(node, false); });
    if (!always && some == place.nodes.end()) continue;
    const Expr& argument = *(always ? place.nodes[0] : *some)->operands[0];
    const Interval range = written.range(&argument);
    const std::string function(op_spelling(place.op));
    diagnostics.report(Code::A0915, place.span, absl::StrCat("`", function, "` has no value ", always ? "here" : "for some of what its argument can be"))
        .label(argument.span, absl::StrCat("by the declared ranges from ", range.low + 0.0, " to ", range.high + 0.0))
        .note(absl::StrCat("`", function, "` takes ", inside->low, "..", inside->high, "; `clamp` or a narrower range keeps its argument there"));
  }
}

}  // namespace acie::sema

// `max(0, z)` of a z that is declared not to be negative, and the like: the bound is never reached.
#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Pedantic/Pedantic.h"
#include "compiler/Sema/Pedantic/Written.h"

namespace acie::sema {

namespace {

/// The operand that is the result wherever this place computes something, or null.
const Expr* always_the_result(const WrittenOperations& written, const WrittenOperations::Place& place) {
  for (const size_t which : {0, 1}) {
    const bool always = std::all_of(place.nodes.begin(), place.nodes.end(), [&](const Expr* node) {
      const Interval kept = written.range(node->operands[which]), other = written.range(node->operands[1 - which]);
      const bool beyond = place.op == Op::Max ? kept.low >= other.high : kept.high <= other.low;
      return beyond && std::isfinite(place.op == Op::Max ? other.high : other.low);
    });
    if (always) return place.nodes[0]->operands[which];
  }
  return nullptr;
}

}  // namespace

void check_idle_bounds(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  const WrittenOperations written(subject);
  // `clamp` is a maximum and a minimum in one place: one of its ends is enough.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<const WrittenOperations::Place*>> bounds;
  for (const WrittenOperations::Place& place : written.places()) {
    if (place.op == Op::Min || place.op == Op::Max) bounds[{place.span.begin, place.span.end}].push_back(&place);
  }
  for (const auto& [at, places] : bounds) {
    const Expr* kept = nullptr;
    for (const WrittenOperations::Place* place : places) {
      kept = always_the_result(written, *place);
      if (kept == nullptr) break;
    }
    if (kept == nullptr) continue;
    const WrittenOperations::Place& place = *places[0];
    const char* what = places.size() > 1 ? "`clamp`" : place.op == Op::Min ? "minimum" : "maximum";
    auto report = diagnostics.report(Code::A0917, place.span, absl::StrCat("this ", what, places.size() > 1 ? " changes nothing" : " is one of its operands every time"));
    if (places.size() == 1) report.label(kept->span, place.op == Op::Min ? "never above the other" : "never below the other");
    report.note("the declared ranges of what it reads imply it");
  }
}

}  // namespace acie::sema

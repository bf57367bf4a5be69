#include "compiler/Sema/Listing.h"

#include "absl/strings/str_cat.h"
#include "compiler/Support/Sizes.h"
#include "runtime/package/Plan.h"

namespace acie::sema {
namespace {

bool is_listed(const Shape& shape) { return sizes::any_open(shape) || element_count(shape) <= package::kMaxListed; }

}  // namespace

bool can_read(DiagnosticEngine& diagnostics, const Shape& shape, Span span) {
  if (is_listed(shape)) return true;
  diagnostics.report(Code::A0701, span, absl::StrCat("columns of tensors of more than ", package::kMaxListed, " elements are not built yet"))
      .note("`learn` takes tensors of any size, from a parameter file");
  return false;
}

bool can_return(DiagnosticEngine& diagnostics, const Shape& shape, Span span) {
  if (is_listed(shape)) return true;
  diagnostics.report(Code::A0701, span, absl::StrCat("answers of more than ", package::kMaxListed, " elements are not built yet"))
      .note("return what you need of it: some elements, `x[..1000]`, or a number, `mean(x)`");
  return false;
}

}  // namespace acie::sema

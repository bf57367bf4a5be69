// Columns of tables and answers list the elements of tensors, up to a number.
#pragma once

#include "compiler/Sema/Symbols.h"
#include "compiler/Support/Diagnostic.h"

namespace acie::sema {

/// Whether a tensor of this shape can be read from a table. Says so at `span` where it has too many elements; sizes read at start are seen to
/// then.
bool can_read(DiagnosticEngine& diagnostics, const Shape& shape, Span span);
/// Whether it can be returned.
bool can_return(DiagnosticEngine& diagnostics, const Shape& shape, Span span);

}  // namespace acie::sema

// Types and units of expressions: how they print, convert and fit together.
#pragma once

#include <optional>
#include <string>

#include "compiler/Sema/Program.h"

namespace acie::sema {

/// "f64<Msun/yr>", "bool".
std::string to_string(const Type& type);
std::string_view to_string(ScalarKind kind);
std::optional<ScalarKind> scalar_kind(std::string_view name);

inline bool is_float(ScalarKind kind) { return kind == ScalarKind::F64 || kind == ScalarKind::F32; }
inline bool is_number(ScalarKind kind) { return kind != ScalarKind::Str; }
/// Whether values are texts, of `str`.
inline bool is_text(const Type& type) { return type.finite != nullptr && type.finite->open; }
/// What an example of a comparison says beside `==`: a value of the type.
inline std::string example_of(const FiniteType& finite) { return finite.open ? "\"M31\"" : finite.values[0]; }

/// The operation as the user writes it.
inline std::string spelling(Op op) { return std::string(op_spelling(op)); }

Type plain(ScalarKind kind);

/// The number a constant expression holds (bools as 0 and 1); nullopt if it is not a constant.
std::optional<double> constant_value(const Expr* expr);

/// x as a fraction with a denominator up to 64 that gives the same double; nullopt if there is none.
std::optional<units::Rational> as_rational(double x);

}  // namespace acie::sema

// Syntax to meaning: names, types, expressions, calls and laws in a scope. One Elaborator serves a whole compilation.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/Sema/Builder.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Support/SourceManager.h"

namespace acie::sema {

/// A law that has been drawn from.
struct DrawnLaw {
  Value result;
  Support support;  // the declared range of the result
};

class Elaborator {
 public:
  Elaborator(Program& program, const SourceManager& sources, DiagnosticEngine& diagnostics,
             std::vector<const Module*> prelude)
      : sources_(sources), diagnostics_(diagnostics), builder_(program, diagnostics), prelude_(std::move(prelude)) {}

  Builder& builder() { return builder_; }
  Program& program() { return builder_.program(); }
  DiagnosticEngine& diagnostics() { return diagnostics_; }

  // ---- Expressions.cpp
  Value expression(const syntax::Expr& expr, const Scope& scope);
  /// The same where a number is meant: a constraint is then the sum of its squared residuals.
  Value number(const syntax::Expr& expr, const Scope& scope);
  /// The value of a constant expression in `type`; reports one that is not constant.
  std::optional<double> constant(const syntax::Expr& expr, const Scope& scope, const Type& type, const std::string& what);
  /// The text of `span` with every run of blanks as one space: names of results and laws.
  std::string source_text(Span span) const;

  // ---- Names.cpp
  /// Looks a name up from `scope` outwards, then in the module, its imports and the prelude; reports an unknown one.
  Value name(const std::string& name, Span use, const Scope& scope);
  /// A declaration as a value; constants and `let`s are elaborated on first use.
  Value declaration(const syntax::Decl& declaration, const Module& module, Span use);
  /// The declaration that `name` means in `module`, and the module it stands in; null if there is none.
  const syntax::Decl* find_declaration(const Module& module, const std::string& name, const Module** owner) const;
  /// Whether something referred to this declaration or `let` (a syntax::Decl or syntax::Stmt), for --pedantic.
  void mark_used(const void* declaration) { used_.insert(declaration); }
  bool is_used(const void* declaration) const { return used_.contains(declaration); }
  void report_unknown(const std::string& what, const std::string& name, Span use, const std::vector<std::string>& candidates);

  // ---- TypesOf.cpp
  /// The scalar type an annotation means; nullopt after reporting, also of types that are not built yet.
  std::optional<Type> type(const syntax::Type& type, const Scope& scope);
  std::optional<units::Unit> unit(const syntax::UnitText& text, const Module& module);

  // ---- Calls.cpp
  Value call(const syntax::Expr& expr, const Scope& scope);
  /// A value of this type about which nothing is known, to check what is never called.
  Value placeholder(const syntax::Parameter& parameter, const Type& type);
  /// Checks the body of a function that nothing calls.
  void check_function(const syntax::Decl& function, const Module& module);
  /// Arguments by parameter: positional, then named, then defaults (elaborated in `defaults`). Empty after reporting.
  std::optional<std::vector<Value>> match_arguments(const std::vector<syntax::Parameter>& parameters,
                                                    const std::vector<syntax::Argument>& arguments, const Scope& scope,
                                                    const Scope& defaults, const std::string& callee, Span span);
  /// The function's body with these argument values: inlined.
  Value inline_function(const syntax::Decl& function, const Module& module, const std::vector<Value>& arguments, Span span);

  // ---- Laws.cpp
  /// Draws for `var x ~ law`: each `exo` of the body becomes an exogenous variable, appended to `noises`.
  DrawnLaw draw_variables(const LawCall& law, const std::string& name, Span span, std::vector<Variable*>& noises);
  /// An exogenous variable of this law.
  Variable* make_exo(const LawCall& law, const std::string& name, Span span, bool generated);

 private:
  using DrawNoise = std::function<Value(const LawCall&, const std::string& name, Span)>;

  Value index(const syntax::Expr& expr, const Scope& scope);
  Value member(const syntax::Expr& expr, const Scope& scope);
  Value literal(const syntax::Expr& expr, const Scope& scope);
  Value block(const syntax::Block& block, Scope& scope, const DrawNoise* draw);
  Value estimate(const syntax::Expr& expr, Estimator estimator, const Scope& scope);
  Value rows(const syntax::Expr& call, const std::string& reducer, const Scope& scope);
  Value builtin(Op op, const std::vector<Value>& arguments, Span span);
  Value intrinsic(const std::string& name, const std::vector<Value>& arguments, Span span);
  std::optional<std::vector<Value>> positional(const syntax::Expr& call, const Scope& scope, const std::string& callee);
  bool not_built(const syntax::Expr& expr);
  /// Whether one more definition may be opened inside those being elaborated; reports where not.
  bool may_open(Span use);
  DrawnLaw draw(const LawCall& law, const std::string& name, Span span, const DrawNoise& draw_noise);
  void blame_caller(const LawCall& law, size_t reported);
  DrawnLaw draw_leaves(const LawCall& law, const std::string& name, Span span);
  Value categorical(const LawCall& law, const std::string& name, const DrawNoise& draw_noise, Span span);
  const Expr* bound(const syntax::Expr& text, const Scope& scope, const Expr* result);

  const SourceManager& sources_;
  DiagnosticEngine& diagnostics_;
  Builder builder_;
  std::vector<const Module*> prelude_;
  std::set<const void*> used_;
  std::map<const syntax::Decl*, Value> declared_;      // constants, params and lets already elaborated
  std::vector<const syntax::Decl*> in_progress_;       // constants and functions being elaborated, outermost first
};

/// Whether `name` is an operation of the prelude, and which.
std::optional<Op> find_operation(const std::string& name);
std::optional<Noise::Law> find_primitive_law(const std::string& name);
/// Names the prelude always has: operations, clamp, sign, where, pi, inf.
std::vector<std::string> prelude_names();
bool is_intrinsic(const std::string& name);

}  // namespace acie::sema

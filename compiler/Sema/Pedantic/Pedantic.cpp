#include "compiler/Sema/Pedantic/Pedantic.h"

namespace acie::sema {
namespace {

constexpr PedanticCheck kChecks[] = {
    {Code::A0901, "a declaration that nothing refers to", check_unused_declarations},
    {Code::A0901, "an argument or learnt parameter that nothing computes with", check_unused_slots},
    {Code::A0902, "a variable, noise or input that no equation or query mentions", check_unused_variables},
    {Code::A0903, "a world that no result reads", check_unused_worlds},
    {Code::A0904, "evidence that no result depends on", check_unneeded_evidence},
    {Code::A0905, "evidence on a common effect of what is set and what is asked", check_colliders},
    {Code::A0906, "a constraint that always holds", check_idle_constraints},
    {Code::A0907, "an import of which nothing is used", check_unused_imports},
    {Code::A0908, "a local name that hides another", check_shadowing},
    {Code::A0909, "equality of floating-point numbers", check_float_equality},
    {Code::A0910, "a condition that is always true or always false", check_constant_conditions},
    {Code::A0911, "a conversion to what the value is already", check_redundant_conversions},
    {Code::A0912, "an operation on the same thing twice", check_repeated_operands},
    {Code::A0913, "an intervention that changes nothing that is returned", check_ineffective_interventions},
    {Code::A0914, "a division by zero", check_zero_divisors},
    {Code::A0915, "a logarithm or root of what can be negative", check_domains},
    {Code::A0916, "a query that returns its evidence alone", check_returned_evidence},
    {Code::A0917, "a bound that is never reached", check_idle_bounds},
    {Code::A0918, "a parameter of a function that its body does not use", check_unused_parameters},
    {Code::A0919, "a secret that nobody decrypts", check_undecrypted_secrets},
};

/// The diagnostic as it is.
void report(const Diagnostic& diagnostic, DiagnosticEngine& diagnostics) {
  auto report = diagnostics.report(diagnostic.code, diagnostic.span, diagnostic.message);
  for (const Label& label : diagnostic.labels) report.label(label.span, label.text);
  for (const std::string& note : diagnostic.notes) report.note(note);
  for (const Fix& fix : diagnostic.fixes) report.fix(fix.span, fix.replacement, fix.title, fix.applicability);
}

}  // namespace

absl::Span<const PedanticCheck> pedantic_checks() { return kChecks; }

void check_pedantic(const PedanticSubject& subject, DiagnosticEngine& diagnostics) {
  DiagnosticEngine found;
  for (const PedanticCheck& check : kChecks) check.run(subject, found);
  for (const Diagnostic& diagnostic : found.sorted()) {
    if (subject.module == nullptr || diagnostic.span.file == subject.module->file->file_id) report(diagnostic, diagnostics);
  }
}

}  // namespace acie::sema

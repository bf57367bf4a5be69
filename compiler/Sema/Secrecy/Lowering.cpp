#include "compiler/Sema/Secrecy/Lowering.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Strides.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"
#include "kernels/math/ScalarFunctions.h"
#include "kernels/math/Special.h"

namespace acie::sema {

namespace {

using Form = GraphValue::Form;

bool is_constant(const Expr& expr) { return expr.kind == Expr::Kind::Constant || expr.kind == Expr::Kind::Dense; }

/// The runtime's name of an operation on plain numbers: as programs call it, but for operators.
std::string_view plain_function(Op op) {
  switch (op) {
    case Op::Add: return "add";
    case Op::Sub: return "subtract";
    case Op::Mul: return "multiply";
    case Op::Div: return "divide";
    case Op::Pow: return "power";
    case Op::Min: return "minimum";
    case Op::Max: return "maximum";
    case Op::Lt: return "less";
    case Op::Le: return "less_equal";
    case Op::Eq: return "equal";
    case Op::Neg: return "negate";
    case Op::Select: return "select";
    case Op::Convert: return "trunc";  // a float to a whole number
    default: return op_spelling(op);
  }
}

/// What an operation makes of plain numbers: tighter than `image` for the quantiles that draws go through, whose ends are known.
Interval plain_image(Op op, const std::vector<Interval>& x, bool same) {
  const bool inside = x[0].low > 0 && x[0].high < 1;
  switch (op) {
    case Op::Convert: return image(Op::Trunc, x, false);
    case Op::IDiv: return image(Op::Floor, {image(Op::Div, x, same)});
    case Op::Mod: {
      const double most = std::max(std::abs(x[1].low), std::abs(x[1].high));
      return std::isfinite(most) ? Interval::closed(x[1].low > 0 ? 0 : -most, most) : Interval{};
    }
    case Op::Logit: return inside ? Interval::closed(math::scalar::logit(x[0].low), math::scalar::logit(x[0].high)) : Interval{};
    case Op::NormQuantile: return inside ? Interval::closed(math::scalar::norm_quantile(x[0].low), math::scalar::norm_quantile(x[0].high)) : Interval{};
    case Op::StudentTQuantile:
      if (!inside || !(x[1].low > 0)) return {};
      return Interval::closed(std::min(0.0, math::student_t_quantile(x[0].low, x[1].low)), std::max(0.0, math::student_t_quantile(x[0].high, x[1].low)));
    case Op::GammaQuantile: return inside && x[1].low > 0 && std::isfinite(x[1].high) ? Interval::closed(0, math::gamma_quantile(x[0].high, x[1].high)) : Interval{};
    case Op::PoissonQuantile: return inside && x[1].low >= 0 && std::isfinite(x[1].high) ? Interval::closed(0, math::poisson_quantile(x[0].high, x[1].high)) : Interval{};
    default: return image(op, x, same);
  }
}

bool takes_truth(Op op) { return op == Op::Lt || op == Op::Le || op == Op::Gt || op == Op::Ge || op == Op::Eq || op == Op::Ne || op == Op::IsNan; }

}  // namespace

std::optional<const Party*> Lowering::place(const std::vector<const Expr*>& exprs, const Party* wanted, Span use) {
  if (wanted != nullptr) return wanted;
  int plain = -1, cipher = -1;
  for (const Expr* node : postorder(exprs)) {
    if (node->kind != Expr::Kind::Slot) continue;
    const auto leaf = leaves_.find(node->slot);
    if (leaf == leaves_.end() || leaf->second.value < 0) continue;
    const int id = leaf->second.value;
    if (b_.encrypted(id)) {
      if (cipher < 0) cipher = id;
      continue;
    }
    if (plain < 0) plain = id;
    if (b_.value(plain).party != b_.value(id).party) {
      // The one that would have to cross is reported as if computed where the other is.
      if (!b_.at(plain, b_.value(id).party, use)) return std::nullopt;
    }
  }
  const int decides = plain >= 0 ? plain : cipher;
  return decides >= 0 ? b_.value(decides).party : nullptr;
}

std::optional<int> Lowering::lower(const Expr* root, const Party* party, Span use) {
  party_ = party;
  for (const Expr* node : postorder(root)) {
    // Leaves are made where something needs them.
    if (is_constant(*node) || node->kind == Expr::Kind::Slot || made_.contains({node, party})) continue;
    use_ = node->span;
    const Made made = compute(*node);
    if (!made) return std::nullopt;
    made_[{node, party}] = *made;
  }
  use_ = use;
  return operand(root);
}

GraphBuilder::Made Lowering::operand(const Expr* expr) {
  if (is_text(expr->type)) return not_built(*expr, "texts");
  if (const auto known = made_.find({expr, party_}); known != made_.end()) return known->second;
  if (expr->kind == Expr::Kind::Slot) {
    const Made made = leaf(*expr);
    if (made) made_[{expr, party_}] = *made;
    return made;
  }
  std::vector<double> numbers = expr->kind == Expr::Kind::Dense ? expr->elements->numbers : std::vector<double>{*constant_value(expr)};
  const int made = b_.constant(party_, expr->type.shape, std::move(numbers), expr->span);
  made_[{expr, party_}] = made;
  return made;
}

GraphBuilder::Made Lowering::not_in_scheme(const Expr& expr, int encrypted, const std::string& what, const std::string& instead) {
  const GraphValue& v = b_.value(encrypted);
  b_.diagnostics().report(Code::A1003, expr.span, absl::StrCat(what, ", and `", v.name, "` is encrypted"))
      .label(v.span, absl::StrCat("encrypted under ", v.key->name))
      .note("Paillier adds ciphertexts and multiplies them by plaintexts, and nothing else")
      .note(instead.empty() ? absl::StrCat("let ", v.key->holder->name, " decrypt it, `decrypt(…, ", v.key->name, ")`, and go on there") : instead);
  return std::nullopt;
}

GraphBuilder::Made Lowering::not_built(const Expr& expr, const std::string& what) {
  b_.diagnostics().report(Code::A0704, expr.span, absl::StrCat(what, " in graphs are not built yet"));
  return std::nullopt;
}

GraphBuilder::Made Lowering::leaf(const Expr& expr) {
  const auto found = leaves_.find(expr.slot);
  if (found == leaves_.end()) return set_per_run(*expr.slot);
  const GraphLeaf& leaf = found->second;
  if (!leaf.draws.empty()) {
    const auto [known, first] = drawn_.try_emplace({leaf.draws, party_}, 0);
    if (first) known->second = b_.draw(leaf.draws, expr.type.shape, party_, expr.span);
    return known->second;
  }
  if (leaf.value < 0) {
    const Made constant = lower(leaf.fixed, party_, use_);
    return constant ? b_.quantise(*constant, leaf.scale, expr.span) : std::nullopt;
  }
  return b_.at(leaf.value, party_, use_);
}

/// A `param` or `learn`: given to the party that computes with it.
int Lowering::set_per_run(const Slot& slot) {
  const auto known = set_.find({&slot, party_});
  if (known != set_.end()) return known->second;
  GraphInput input;
  input.name = slot.name;
  input.doc = slot.doc;
  input.unit = slot.type.unit;
  if (slot.type.range) input.range = *slot.type.range;
  input.party = party_;
  input.default_value = slot.default_value;
  const bool equal = !slot.defaults.empty() && std::all_of(slot.defaults.begin(), slot.defaults.end(), [&](double x) { return x == slot.defaults[0]; });
  if (equal) input.default_value = slot.defaults[0];
  return set_[{&slot, party_}] = b_.input(std::move(input), slot.type.shape, !is_float(slot.type.scalar), slot.span);
}

GraphBuilder::Made Lowering::compute(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::Apply: return apply(expr);
    case Expr::Kind::View: return view(expr);
    case Expr::Kind::Contract: return contract(expr);
    case Expr::Kind::Fold: return fold(expr);
    case Expr::Kind::Concat: {
      std::vector<int> parts;
      for (const Expr* part : expr.operands) {
        const Made made = operand(part);
        if (!made) return made;
        parts.push_back(*made);
      }
      return b_.concat(std::move(parts), expr.type.shape, expr.span);
    }
    case Expr::Kind::Gather: {
      const Made of = operand(expr.operands[0]), places = operand(expr.operands[1]);
      if (!of || !places) return std::nullopt;
      if (b_.encrypted(*places)) return not_in_scheme(expr, *places, "which element is meant must be known", "");
      if (expr.operands[1]->kind == Expr::Kind::Dense) {
        std::vector<int64_t> indices;
        const auto last = b_.value(*of).elements() - 1;
        for (const double at : expr.operands[1]->elements->numbers) indices.push_back(std::clamp<int64_t>(static_cast<int64_t>(at), 0, last));
        return b_.gather(*of, expr.type.shape, std::move(indices), expr.span);
      }
      if (b_.encrypted(*of)) return not_in_scheme(expr, *of, "an index that is known only when running chooses", "choose with a plaintext vector of zeros and a one, `which @ c`");
      return b_.plain("take", {b_.plain_of(*of, expr.span), b_.plain_of(*places, expr.span)}, expr.type.shape, b_.value(*of).range, b_.value(*of).whole_numbers, expr.span);
    }
    case Expr::Kind::Routine: return routine(expr);
    default: return not_built(expr, "estimates and noise");
  }
}

GraphBuilder::Made Lowering::view(const Expr& expr) {
  const Made of = operand(expr.operands[0]);
  if (!of) return of;
  if (is_reshape(expr)) return b_.reshape(*of, expr.type.shape, expr.span);
  const Shape& shape = expr.type.shape;
  std::vector<int64_t> indices;
  for (int64_t position = 0; position < element_count(shape); ++position) {
    indices.push_back(expr.elements->offset + place_in(shape, expr.elements->strides, position));
  }
  return b_.gather(*of, shape, std::move(indices), expr.span);
}

GraphBuilder::Made Lowering::fold(const Expr& expr) {
  const Made of = operand(expr.operands[0]);
  if (!of) return of;
  const Shape& whole = expr.operands[0]->type.shape;
  const auto axes = static_cast<int64_t>(whole.size() - expr.type.shape.size());
  if (b_.exact(*of) && expr.folding == Folding::Sum) return b_.sum(*of, axes, expr.type.shape, expr.span);
  if (b_.encrypted(*of)) return not_in_scheme(expr, *of, expr.folding == Folding::Product ? "a product of many multiplies ciphertexts" : "the smallest and the largest follow from comparisons", "");
  const bool least = expr.folding == Folding::Min || expr.folding == Folding::All;
  const char* name = expr.folding == Folding::Sum ? "sum" : expr.folding == Folding::Product ? "product" : least ? "min" : "max";
  Shape flat = expr.type.shape;
  const int64_t each = element_count(whole) / element_count(flat);
  flat.push_back(each);
  const int in = b_.reshape(b_.plain_of(*of, expr.span), flat, expr.span);
  Interval range = b_.value(in).range;
  if (expr.folding == Folding::Sum) range.low *= static_cast<double>(each), range.high *= static_cast<double>(each);
  if (expr.folding == Folding::Product) {
    const double most = std::pow(std::max(std::abs(range.low), std::abs(range.high)), static_cast<double>(each));
    range = std::isfinite(most) ? Interval::closed(-most, most) : Interval{};
  }
  return b_.plain(name, {in}, expr.type.shape, range, b_.value(in).whole_numbers, expr.span);
}

GraphBuilder::Made Lowering::apply(const Expr& expr) {
  std::vector<int> operands;
  bool exact = false;
  int encrypted = -1;
  for (const Expr* each : expr.operands) {
    const Made made = operand(each);
    if (!made) return made;
    operands.push_back(*made);
    exact = exact || b_.exact(*made);
    if (b_.encrypted(*made) && encrypted < 0) encrypted = *made;
  }
  const bool arithmetic = expr.op == Op::Add || expr.op == Op::Sub || expr.op == Op::Neg || expr.op == Op::Mul || (expr.op == Op::Convert && is_float(expr.type.scalar));
  if (exact && (arithmetic || encrypted >= 0)) return exact_apply(expr, std::move(operands));
  for (int& each : operands) each = b_.plain_of(each, expr.span);
  return plain_apply(expr, std::move(operands));
}

GraphBuilder::Made Lowering::exact_apply(const Expr& expr, std::vector<int> operands) {
  const auto encrypted = *std::find_if(operands.begin(), operands.end(), [&](int id) { return b_.encrypted(id) || b_.exact(id); });
  switch (expr.op) {
    case Op::Add: return b_.add(false, operands[0], operands[1], expr.span);
    case Op::Sub: return b_.add(true, operands[0], operands[1], expr.span);
    case Op::Neg: return b_.negate(operands[0], expr.span);
    case Op::Mul: return b_.multiply(operands[0], operands[1], expr.span);
    case Op::Convert:
      if (is_float(expr.type.scalar)) return operands[0];
      return not_in_scheme(expr, encrypted, "rounding to whole numbers follows from comparisons", "");
    case Op::Div:
      if (b_.encrypted(operands[1])) return not_in_scheme(expr, operands[1], "nothing can be divided by a ciphertext", "");
      return not_in_scheme(expr, encrypted, "ciphertexts cannot be divided", absl::StrCat("multiply by the reciprocal, `* (1 / …)`, which is rounded to 2^-", GraphBuilder::kFactorBits, " or as `fixed(1 / …, scale: …)` says"));
    case Op::Pow:
      return not_in_scheme(expr, encrypted, "a power multiplies ciphertexts", "");
    case Op::Select: {
      if (b_.encrypted(operands[0])) return not_in_scheme(expr, operands[0], "a branch shows its condition", absl::StrCat("let ", b_.value(operands[0]).key->holder->name, " decrypt the condition, and decide there"));
      // if p then a else b = b + p (a − b), p being 0 or 1.
      const Made difference = b_.add(true, operands[1], operands[2], expr.span);
      const Made chosen = difference ? b_.multiply(operands[0], *difference, expr.span) : difference;
      return chosen ? b_.add(false, *chosen, operands[2], expr.span) : chosen;
    }
    default: break;
  }
  if (takes_truth(expr.op)) return not_in_scheme(expr, encrypted, "comparing shows an order", absl::StrCat("let ", b_.value(encrypted).key->holder->name, " decrypt it and compare"));
  if (expr.op == Op::Min || expr.op == Op::Max || expr.op == Op::Abs) return not_in_scheme(expr, encrypted, absl::StrCat("`", spelling(expr.op), "` compares"), absl::StrCat("let ", b_.value(encrypted).key->holder->name, " decrypt it, or leave `", spelling(expr.op), "` for after the decryption"));
  return not_in_scheme(expr, encrypted, absl::StrCat("`", spelling(expr.op), "` is no sum and no product"), "");
}

GraphBuilder::Made Lowering::plain_apply(const Expr& expr, std::vector<int> operands) {
  if (expr.op == Op::Convert && (is_float(expr.type.scalar) || b_.value(operands[0]).whole_numbers)) return operands[0];
  Op op = expr.op;
  if (op == Op::Gt || op == Op::Ge) {
    std::swap(operands[0], operands[1]);
    op = op == Op::Gt ? Op::Lt : Op::Le;
  }
  std::vector<Interval> ranges;
  bool whole = true;
  for (const int id : operands) {
    ranges.push_back(b_.value(id).range);
    whole = whole && b_.value(id).whole_numbers;
  }
  const bool truth = expr.type.scalar == ScalarKind::Bool;
  const bool rounds = op == Op::Floor || op == Op::Round || op == Op::Ceil || op == Op::Trunc || op == Op::Convert || op == Op::PoissonQuantile;
  const bool keeps_whole = op == Op::IDiv || op == Op::Mod || op == Op::Add || op == Op::Sub || op == Op::Mul || op == Op::Neg || op == Op::Min || op == Op::Max || op == Op::Abs || op == Op::Select;
  const Interval range = truth ? Interval::closed(0, 1) : plain_image(op, ranges, operands.size() == 2 && operands[0] == operands[1]);
  if (op == Op::Ne) {
    const int equal = b_.plain("equal", std::move(operands), expr.type.shape, range, true, expr.span);
    return b_.plain("not", {equal}, expr.type.shape, range, true, expr.span);
  }
  return b_.plain(std::string(plain_function(op)), std::move(operands), expr.type.shape, range, truth || rounds || (keeps_whole && whole), expr.span);
}

}  // namespace acie::sema

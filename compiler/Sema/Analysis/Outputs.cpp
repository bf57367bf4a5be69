#include "compiler/Sema/Analysis/Outputs.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprText.h"
#include "compiler/Sema/Analysis/ExprWalk.h"
#include "compiler/Sema/Symbols.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

/// What stands in an expression, each with the first node that brings it in; null where absent.
struct Facts {
  const Expr* random = nullptr;    // differs from draw to draw
  const Expr* estimate = nullptr;  // estimated over the draws
  const Expr* row = nullptr;       // has a value per row, outside rows.*
  const Expr* table = nullptr;     // a rows.*
  const Expr* nested = nullptr;    // estimate, also one inside rows.*: the value has a standard error
};

void merge(Facts& into, const Facts& from) {
  auto take = [](const Expr*& to, const Expr* value) {
    if (to == nullptr) to = value;
  };
  take(into.random, from.random);
  take(into.estimate, from.estimate);
  take(into.row, from.row);
  take(into.table, from.table);
  take(into.nested, from.nested);
}

std::string quoted(const Expr* expr) { return absl::StrCat("`", to_text(expr, nullptr, 3), "`"); }

std::string_view reducer_name(RowReducer reducer) {
  static constexpr std::string_view names[] = {"rows.mean", "rows.sum", "rows.var", "rows.min", "rows.max", "rows.count"};
  return names[static_cast<int>(reducer)];
}

class OutputBuilder {
 public:
  OutputBuilder(const OutputContext& context, Program& program, DiagnosticEngine& diagnostics)
      : context_(context), program_(program), diagnostics_(diagnostics) {}

  OutputPlan build(const std::vector<ReturnItem>& returns) {
    size_t errors = diagnostics_.error_count();
    std::vector<const Expr*> roots;
    for (const ReturnItem& item : returns) roots.push_back(item.value);
    for (const Expr* node : postorder(roots)) facts_[node] = facts_of(*node);
    for (const ReturnItem& item : returns) check_item(item);
    check_together(returns);
    check_names(returns);
    if (diagnostics_.error_count() != errors) return {};
    bool any_random = false;
    for (const ReturnItem& item : returns) {
      const Facts& facts = facts_.at(item.value);
      any_random = any_random || facts.random != nullptr || facts.nested != nullptr;
      plan_.once = plan_.once || facts.table != nullptr;
    }
    plan_.random = any_random;
    plan_.over_rows = plan_.once;
    has_draws_ = any_random || context_.draws_for_constraints;
    for (const ReturnItem& item : returns) emit(item);
    if (diagnostics_.error_count() != errors) return {};
    plan_.ok = true;
    return std::move(plan_);
  }

 private:
  // ------------------------------------------------------------------------------------------------------ what is what

  Facts facts_of(const Expr& node) {
    Facts out;
    switch (node.kind) {
      case Expr::Kind::Variable:
      case Expr::Kind::Natural:
        out.row = &node;
        if (context_.is_random(&node)) out.random = &node;
        return out;
      case Expr::Kind::Present: out.row = &node; return out;
      case Expr::Kind::Estimate: return estimate_facts(node);
      case Expr::Kind::RowReduce: return reduce_facts(node);
      default:
        for (const Expr* operand : node.operands) merge(out, facts_.at(operand));
        return out;
    }
  }

  Facts estimate_facts(const Expr& node) {
    const Facts& inner = facts_.at(node.operands[0]);
    if (inner.estimate != nullptr) {
      diagnostics_.report(Code::A0504, node.span, "an estimate inside an estimate")
          .label(inner.estimate->span, "this is one number per row already: it does not vary with the noise")
          .note("an estimate averages over all the noise at once; name the inner one as a result of its own");
    }
    if (inner.table != nullptr) {
      diagnostics_.report(Code::A0511, node.span, absl::StrCat(reducer(inner.table), " inside an estimate"))
          .label(inner.table->span, "this is one number for the whole table")
          .note("write it the other way round, such as rows.mean(E[y])");
    }
    Facts out;
    if (inner.random != nullptr) out.estimate = out.nested = &node;
    out.row = &node;
    return out;
  }

  Facts reduce_facts(const Expr& node) {
    Facts out;
    out.table = &node;
    if (node.operands.empty()) return out;
    const Facts& inner = facts_.at(node.operands[0]);
    if (inner.table != nullptr) {
      diagnostics_.report(Code::A0509, node.span, absl::StrCat(reducer(&node), " of a value of the whole table"))
          .label(inner.table->span, "this is one number for the whole table");
    }
    if (inner.random != nullptr) {
      diagnostics_.report(Code::A0510, node.span, absl::StrCat(reducer(&node), " of the random quantity ", quoted(inner.random)))
          .label(inner.random->span, "this differs from draw to draw within a row")
          .note(absl::StrCat("say what is meant of its distribution, for instance `", plain(&node), "(E[",
                             to_text(node.operands[0], nullptr, 2), "])`"));
    }
    out.nested = inner.nested;
    return out;
  }

  static std::string plain(const Expr* node) { return std::string(reducer_name(node->reducer)); }
  static std::string reducer(const Expr* node) { return absl::StrCat("`", plain(node), "`"); }

  // ------------------------------------------------------------------------------------------------------------ checks

  void check_item(const ReturnItem& item) {
    const Facts& facts = facts_.at(item.value);
    if (item.draws) {
      const Expr* wrong = facts.estimate != nullptr ? facts.estimate : facts.table;
      if (wrong != nullptr) {
        diagnostics_.report(Code::A0506, item.span, "`draws` of something that is not drawn")
            .label(wrong->span, "this is one number over all draws or rows")
            .note("`draws[...]` prints the value of each draw; return this in a query of its own");
      }
      return;
    }
    if (facts.random != nullptr && facts.estimate != nullptr) {
      diagnostics_.report(Code::A0505, item.span, "a random quantity and an estimate in one result")
          .label(facts.random->span, "this differs from draw to draw")
          .label(facts.estimate->span, "this is one number over all draws")
          .note("put the random part inside an estimator too, such as E[y] - E[x]; for the spread of `y - E[y]` ask Var[y] or sd[y]");
    }
    if (facts.table != nullptr && facts.row != nullptr) {
      diagnostics_.report(Code::A0509, item.span, "a value per row and a value of the whole table in one result")
          .label(facts.row->span, "one number per row")
          .label(facts.table->span, "one number for the whole table")
          .note("combining them takes two passes over the table, which is not built yet: ask two queries");
    }
  }

  void check_together(const std::vector<ReturnItem>& returns) {
    const ReturnItem *drawn = nullptr, *other = nullptr, *table = nullptr, *row = nullptr, *random = nullptr;
    for (const ReturnItem& item : returns) {
      const Facts& facts = facts_.at(item.value);
      (item.draws ? drawn : other) = &item;
      if (facts.table != nullptr) table = &item;
      if (facts.row != nullptr && facts.table == nullptr) row = &item;
      if (facts.random != nullptr || facts.estimate != nullptr || facts.table != nullptr) random = &item;
    }
    if (drawn != nullptr && other != nullptr) {
      diagnostics_.report(Code::A0506, drawn->span, "`draws` together with other results")
          .label(drawn->span, "one row per draw")
          .label(other->span, "one row for all draws")
          .note("return them from two queries");
      return;
    }
    if (drawn != nullptr && random == nullptr) {
      diagnostics_.report(Code::A0507, drawn->span, "`draws` of quantities that are not random")
          .label(drawn->span, "every draw would be the same")
          .note(context_.mode == Query::Mode::Evidence
                    ? "the evidence determines them: return them without `draws`"
                    : "they depend on no noise: return them without `draws`");
    }
    if (table != nullptr && row != nullptr) {
      diagnostics_.report(Code::A0509, table->span, "a value of the whole table together with values per row")
          .label(table->span, "one number for the whole table")
          .label(row->span, "one number per row")
          .note("return them from two queries");
    }
  }

  void check_names(const std::vector<ReturnItem>& returns) {
    absl::flat_hash_map<std::string, const ReturnItem*> first;
    for (const ReturnItem& item : returns) {
      auto [found, fresh] = first.try_emplace(item.name, &item);
      if (fresh) continue;
      diagnostics_.report(Code::A0512, item.span, absl::StrCat("two results are named `", item.name, "`"))
          .label(found->second->span, "the first one")
          .note(absl::StrCat("name one of them: `return ... , other = ", to_text(item.value, nullptr, 2), "`"));
    }
  }

  // ---------------------------------------------------------------------------------------------------------- building

  void emit(const ReturnItem& item) {
    const Facts facts = facts_.at(item.value);
    if (const FiniteType* finite = item.value->type.finite; finite != nullptr && !item.draws && facts.random != nullptr) {
      diagnostics_.report(Code::A0304, item.span, absl::StrCat("`", item.name, "` is random here, and values of `", finite->name, "` have no average"))
          .note(absl::StrCat("`P[", item.name, " == ", example_of(*finite), "]` is the probability of one of them; `draws[", item.name, "]` gives each draw"));
    }
    if (item.draws) {
      plan_.draws_rows = true;
      plan_.outputs.push_back({Output::Form::Draw, item.name, lower(item.value, Stage::Inner), item.vector});
    } else if (facts.random != nullptr) {
      emit_estimate(item, ".mean", bare_estimate(item, Estimator::Mean));
      emit_estimate(item, ".sd", bare_estimate(item, Estimator::StdDev));
    } else {
      const Expr* value = lower(item.value, plan_.once ? Stage::Table : row_stage());
      if (facts.nested != nullptr) {
        emit_estimate(item, "", value);
      } else {
        plan_.outputs.push_back({Output::Form::Value, item.name, value, item.vector});
      }
    }
  }

  void emit_estimate(const ReturnItem& item, const std::string& suffix, const Expr* value) {
    const auto add = [&](Output::Form form, const std::string& ending) {
      std::optional<VectorElement> vector = item.vector;
      if (vector) vector->name += ending;
      plan_.outputs.push_back({form, item.name + ending, value, std::move(vector), value->type.shape.empty() ? "" : ending});
    };
    add(Output::Form::Value, suffix);
    // A truth value made of estimates, `E[x] < 3`, has no standard error.
    if (value->type.scalar != ScalarKind::Bool) add(Output::Form::StandardError, suffix + ".se");
  }

  Stage row_stage() const { return has_draws_ ? Stage::Row : Stage::Inner; }

  const Expr* bare_estimate(const ReturnItem& item, Estimator estimator) {
    Expr node;
    node.kind = Expr::Kind::Estimate;
    node.estimator = estimator;
    node.stage = Stage::Row;
    node.type = item.value->type;
    node.type.scalar = ScalarKind::F64;
    node.type.range.reset();
    node.span = item.span;
    node.operands = {as_scalar(lower(item.value, Stage::Inner), ScalarKind::F64)};
    return program_.make<Expr>(std::move(node));
  }

  const Expr* as_scalar(const Expr* value, ScalarKind scalar) {
    if (value->type.scalar == scalar) return value;
    Expr node;
    node.kind = Expr::Kind::Apply;
    node.op = Op::Convert;
    node.stage = value->stage;
    node.type = value->type;
    node.type.scalar = scalar;
    node.span = value->span;
    node.operands = {value};
    return program_.make<Expr>(std::move(node));
  }

  /// A copy of `root` that runs in `stage`, down to the estimates and row reductions, which start stages of their own.
  const Expr* lower(const Expr* root, Stage stage) {
    std::vector<std::pair<const Expr*, Stage>> stack = {{root, stage}};
    while (!stack.empty()) {
      auto [node, own] = stack.back();
      if (lowered_.contains({node, own})) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      for (const Expr* operand : node->operands) {
        std::pair<const Expr*, Stage> below = {operand, operand_stage(*node, own)};
        if (!lowered_.contains(below)) stack.push_back(below), ready = false;
      }
      if (!ready) continue;
      lowered_[{node, own}] = copy(*node, own);
      stack.pop_back();
    }
    return lowered_.at({root, stage});
  }

  bool folds(const Expr& estimate) const { return facts_.at(estimate.operands[0]).random == nullptr; }

  Stage operand_stage(const Expr& node, Stage own) const {
    if (node.kind == Expr::Kind::Estimate) return folds(node) ? own : Stage::Inner;
    if (node.kind == Expr::Kind::RowReduce) return row_stage();
    return own;
  }

  const Expr* copy(const Expr& node, Stage own) {
    Expr out = node;
    out.operands.clear();
    for (const Expr* operand : node.operands) out.operands.push_back(lowered_.at({operand, operand_stage(node, own)}));
    out.stage = own;
    if (node.kind == Expr::Kind::View && out.operands[0]->kind == Expr::Kind::Estimate) return estimate_of_view(std::move(out));
    if (node.kind == Expr::Kind::RowReduce) out.stage = Stage::Table;
    if (node.kind != Expr::Kind::Estimate) return program_.make<Expr>(std::move(out));
    if (folds(node)) return determined_estimate(node, out.operands[0], own);
    if (node.estimator != Estimator::Probability) out.operands[0] = as_scalar(out.operands[0], ScalarKind::F64);
    out.stage = Stage::Row;
    out.type.scalar = ScalarKind::F64;
    return as_scalar(program_.make<Expr>(std::move(out)), node.type.scalar);
  }

  /// Elements of an estimate are the estimate of the elements: only those are kept, and they have its standard error.
  const Expr* estimate_of_view(Expr view) {
    Expr estimate = *view.operands[0];
    const Expr* operand = estimate.operands[0];
    estimate.type.shape = view.type.shape;
    view.type = operand->type;
    view.type.shape = estimate.type.shape;
    view.stage = Stage::Inner;
    view.operands = {operand};
    estimate.operands = {program_.make<Expr>(std::move(view))};
    return program_.make<Expr>(std::move(estimate));
  }

  /// The estimate of something that every draw gives alike.
  const Expr* determined_estimate(const Expr& node, const Expr* operand, Stage own) {
    if (node.estimator != Estimator::Variance && node.estimator != Estimator::StdDev) {
      return as_scalar(operand, node.type.scalar);
    }
    Expr zero;
    zero.kind = Expr::Kind::Constant;
    zero.type = node.type;
    zero.stage = own;
    zero.span = node.span;
    return program_.make<Expr>(std::move(zero));
  }

  const OutputContext& context_;
  Program& program_;
  DiagnosticEngine& diagnostics_;
  OutputPlan plan_;
  bool has_draws_ = false;
  absl::flat_hash_map<const Expr*, Facts> facts_;
  absl::flat_hash_map<std::pair<const Expr*, Stage>, const Expr*> lowered_;
};

}  // namespace

OutputPlan plan_outputs(const std::vector<ReturnItem>& returns, const OutputContext& context, Program& program,
                        DiagnosticEngine& diagnostics) {
  return OutputBuilder(context, program, diagnostics).build(returns);
}

}  // namespace acie::sema

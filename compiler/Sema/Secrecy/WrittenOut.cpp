#include "compiler/Sema/Secrecy/WrittenOut.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Analysis/ExprWalk.h"

namespace acie::sema {
namespace {

/// What steps may come to: enough for a year's days of a model of a hundred operations.
constexpr size_t kMostNodes = size_t{1} << 17;

class Writer {
 public:
  explicit Writer(Builder& builder) : builder_(builder) {}

  const Expr* write(const Expr* root) {
    for (const Expr* node : postorder(root)) {
      if (node->kind == Expr::Kind::Loop || written_.contains(node)) continue;
      const Expr* now = is_result(*node) ? result(*node) : same(*node, written_);
      if (now == nullptr) return nullptr;
      written_[node] = now;
    }
    return written_.at(root);
  }

 private:
  using Replaced = std::map<const Expr*, const Expr*>;

  static bool is_result(const Expr& node) { return node.kind == Expr::Kind::Last || node.kind == Expr::Kind::Every; }

  /// The node over what its operands have become.
  const Expr* same(const Expr& node, const Replaced& instead) {
    std::vector<const Expr*> operands;
    for (const Expr* each : node.operands) {
      const auto found = instead.find(each);
      operands.push_back(found != instead.end() ? found->second : each);
    }
    return operands == node.operands ? &node : builder_.again(node, std::move(operands));
  }

  /// What of `after` depends on a step, operands first.
  static std::vector<const Expr*> body_of(const std::vector<const Expr*>& after, const Expr::Loop& loop) {
    std::vector<const Expr*> body;
    std::set<const Expr*> varies(loop.carried.begin(), loop.carried.end());
    varies.insert(loop.parts.begin(), loop.parts.end());
    for (const Expr* node : postorder(after)) {
      if (std::none_of(node->operands.begin(), node->operands.end(), [&](const Expr* each) { return varies.contains(each); })) continue;
      varies.insert(node);
      body.push_back(node);
    }
    return body;
  }

  /// Expressions of the body with what is carried into a step, and the step's parts, in the places of Bound nodes.
  std::vector<const Expr*> step(const std::vector<const Expr*>& body, const std::vector<const Expr*>& after, const Replaced& bound) {
    Replaced now = bound;
    for (const Expr* node : body) now[node] = same(*node, now);
    std::vector<const Expr*> result;
    for (const Expr* each : after) {
      const auto found = now.find(each);
      result.push_back(found != now.end() ? found->second : each);
    }
    return result;
  }

  /// What a loop carries after each step, from before the first one on.
  const std::vector<std::vector<const Expr*>>* states(const Expr& loop) {
    if (const auto known = states_.find(&loop); known != states_.end()) return &known->second;
    const Expr::Loop& steps = *loop.loop;
    const size_t carried = steps.carried.size(), parts = steps.parts.size();
    std::vector<const Expr*> initial, over, after;
    for (size_t i = 0; i < loop.operands.size(); ++i) (i < carried ? initial : i < carried + parts ? over : after).push_back(written_.at(loop.operands[i]));
    const std::vector<const Expr*> body = body_of(after, steps);
    if (sizes::is_open(steps.steps) || static_cast<size_t>(steps.steps) > kMostNodes / std::max<size_t>(1, body.size())) {
      builder_.diagnostics().report(Code::A0704, loop.span, absl::StrCat("a loop of ", sizes::is_open(steps.steps) ? "as many steps as the data say" : absl::StrCat(steps.steps, " steps"), " in a graph is not built yet"))
          .note(absl::StrCat("in graphs steps are written out, one after the other, to ", kMostNodes, " operations in all; one of these takes ", body.size()));
      return nullptr;
    }
    auto& all = states_[&loop];
    all.push_back(initial);
    for (int64_t t = 0; t < steps.steps; ++t) {
      Replaced bound;
      for (size_t i = 0; i < carried; ++i) bound[steps.carried[i]] = all.back()[i];
      for (size_t i = 0; i < parts; ++i) {
        const Shape& shape = steps.parts[i]->type.shape;
        const int64_t size = element_count(shape);
        bound[steps.parts[i]] = shape.empty() ? builder_.element(over[i], t) : builder_.part(over[i], shape, t * size, loop.span);
      }
      all.push_back(step(body, after, bound));
    }
    return &all;
  }

  const Expr* result(const Expr& node) {
    const auto* all = states(*node.operands[0]);
    if (all == nullptr) return nullptr;
    const auto which = static_cast<size_t>(node.integer);
    if (node.kind == Expr::Kind::Last) return all->back()[which];
    std::vector<const Expr*> parts;
    for (size_t t = 1; t < all->size(); ++t) parts.push_back((*all)[t][which]);
    return builder_.concat(std::move(parts), node.type.shape, node.span);
  }

  Builder& builder_;
  Replaced written_;
  std::map<const Expr*, std::vector<std::vector<const Expr*>>> states_;
};

}  // namespace

const Expr* written_out(const Expr* expr, Builder& builder) { return Writer(builder).write(expr); }

}  // namespace acie::sema

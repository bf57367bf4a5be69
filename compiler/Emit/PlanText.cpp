#include "compiler/Emit/PlanText.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Dialect/Plan/PlanDialect.h"
#include "compiler/Support/Sizes.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::emit {
namespace {

using sema::Query;
using sema::Variable;

std::string counted(size_t n, const char *what) { return absl::StrCat(n, " ", what, n == 1 ? "" : "s"); }

std::string lines_of(const char *title, const std::vector<std::pair<std::string, std::string>> &rows) {
  if (rows.empty()) return "";
  size_t width = 0;
  for (const auto &[name, text] : rows) width = std::max(width, name.size());
  std::string out = absl::StrCat("  ", title, "\n");
  for (const auto &[name, text] : rows)
    absl::StrAppend(&out, "    ", name, std::string(width - name.size() + 2, ' '), text, "\n");
  return out;
}

std::string answers(const Query &query) {
  std::vector<std::string> names;
  for (const sema::Output &output : query.outputs) names.push_back(output.name);
  const char *shape = query.shape == Query::Shape::PerDraw ? "one row per draw"
                      : query.shape == Query::Shape::Once || !query.reads_table ? "one row"
                                                                                : "one row per row of the table";
  return absl::StrCat("  answers  ", shape, ": ", absl::StrJoin(names, ", "), "\n");
}

std::string evidence(const Query &query) {
  if (query.evidence.empty()) return "";
  std::vector<std::string> items;
  for (const sema::Evidence &item : query.evidence)
    items.push_back(item.value ? absl::StrCat(item.variable->name, " (a value)") : item.variable->name);
  return absl::StrCat("  given    ", absl::StrJoin(items, ", "), "\n");
}

std::string worlds(const Query &query) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const sema::World &world : query.worlds) {
    // What the factual world is made of follows from the evidence.
    if (world.interventions.empty() || &world == &query.worlds.front()) continue;
    std::vector<std::string> targets;
    for (const sema::Intervention &intervention : world.interventions) targets.push_back(intervention.target->name);
    rows.emplace_back(world.name.empty() ? "(the query's)" : world.name,
                      absl::StrCat("do ", absl::StrJoin(targets, ", ")));
  }
  return lines_of("worlds", rows);
}

/// For every exogenous variable: the method and the reason.
std::string noises(const Query &query) {
  std::vector<std::pair<std::string, std::string>> rows;
  std::set<const Variable *> done;
  for (const sema::Recovery &recovery : query.recoveries) {
    done.insert(recovery.noise);
    if (recovery.conditioned) done.insert(recovery.unknowns.begin(), recovery.unknowns.end());
    rows.emplace_back(recovery.noise->name,
                      absl::StrCat(recovery.conditioned ? "conjugate, drawn given " : "exact, solved from ", recovery.from->name, ": ", recovery.explanation));
  }
  for (const Variable *noise : query.free_noises) {
    done.insert(noise);
    rows.emplace_back(noise->name, absl::StrCat("drawn from ", noise->law_text));
  }
  std::vector<std::string> unneeded;
  for (const Variable *variable : query.model->variables)
    if (variable->role == Variable::Role::Exo && !done.contains(variable)) unneeded.push_back(variable->name);
  if (!unneeded.empty()) rows.emplace_back("not needed", absl::StrCat("by anything returned: ", absl::StrJoin(unneeded, ", ")));
  return lines_of("noise", rows);
}

std::string checks(const Query &query, plan::EntryOp entry) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (auto reason : entry.getReasons().getAsRange<mlir::StringAttr>())
    rows.emplace_back("undefined", absl::StrCat("where ", reason.str()));
  for (const sema::Constraint *constraint : query.constraints)
    rows.emplace_back(constraint->name, absl::StrCat("constraint of ", counted(constraint->rows.size(), "row"), ", in ",
                                                     counted(query.constraint_worlds.size(), "world")));
  return lines_of("checks", rows);
}

std::string sharing(plan::EntryOp entry) {
  auto asked = entry->getAttrOfType<mlir::IntegerAttr>("evaluations");
  auto computed = entry->getAttrOfType<mlir::IntegerAttr>("distinct");
  if (!asked || !computed || asked.getInt() == 0) return "";
  return absl::StrCat("  shared   ", counted(asked.getInt(), "equation"), " in all worlds together, ",
                      computed.getInt(), " computed, the rest shared or known from the evidence\n");
}

std::string kernels(const Query &query, plan::EntryOp entry) {
  std::vector<std::pair<std::string, std::string>> rows;
  entry.getBody().walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *each) {
    mlir::Operation &op = *each;
    if (auto loop = mlir::dyn_cast<plan::LoopOp>(op)) {
      rows.emplace_back("a loop", absl::StrCat(sizes::is_open(loop.getSteps()) ? sizes::text(loop.getSteps()) + " steps" : counted(loop.getSteps(), "step"), ", carries ", counted(loop.getInit().size(), "value")));
    } else if (auto cluster = mlir::dyn_cast<plan::ClusterOp>(op)) {
      const char *each = cluster.getSpace() == plan::Space::Table ? "once"
                         : cluster.getSpace() == plan::Space::Inner && entry.getHasDraws() ? "for each draw"
                                                                                           : "for each row";
      size_t operations = 0;
      std::string loops;
      for (mlir::Operation &part : cluster.getBody().front().without_terminator()) {
        auto repeat = mlir::dyn_cast<plan::RepeatOp>(part);
        if (repeat) absl::StrAppend(&loops, " and a loop of ", counted(repeat.getSteps(), "step"), " of ", repeat.getBody().front().getOperations().size() - 1);
        operations += !repeat;
      }
      rows.emplace_back(cluster.getName().str(),
                        absl::StrCat(each, ": ", counted(operations, "operation"), loops,
                                     ", reads ", counted(cluster.getInputs().size(), "column"), " and ",
                                     counted(cluster.getScalars().size(), "value"), ", writes ",
                                     counted(cluster.getOutputs().size(), "column")));
    } else if (auto reduce = mlir::dyn_cast<plan::ReduceOp>(op)) {
      const char *over = reduce.getOutput().getType().getSpace() == plan::Space::Table ? "over the rows" : "over the draws";
      std::string reducer = plan::stringifyReducer(reduce.getReducer()).str();
      if (!rows.empty() && rows.back().first == over)
        absl::StrAppend(&rows.back().second, ", ", reducer);
      else
        rows.emplace_back(over, reducer);
    }
  });
  return lines_of("kernels", rows);
}

}  // namespace

std::string plan_text(const Query &query, mlir::ModuleOp module) {
  std::string out = absl::StrCat("query ", query.name, " on ", query.model->name, "\n", answers(query), evidence(query));
  plan::EntryOp entry;
  for (auto candidate : module.getOps<plan::EntryOp>())
    if (candidate.getSymName() == query.name) entry = candidate;
  if (entry) out += sharing(entry);
  out += worlds(query) + noises(query);
  if (entry) out += checks(query, entry) + kernels(query, entry);
  return out;
}

std::string plan_text(const sema::Program &program, mlir::ModuleOp module) {
  std::vector<std::string> texts;
  std::string files;
  for (const sema::ConstantFile &file : program.files)
    absl::StrAppend(&files, "reads ", file.name, " when compiling: ", file.bytes, " bytes, sha256 ", file.sha256, "\n");
  if (!files.empty()) texts.push_back(std::move(files));
  for (const Query *query : program.queries) texts.push_back(plan_text(*query, module));
  return absl::StrJoin(texts, "\n");
}

}  // namespace acie::emit

#include "compiler/lsp/Describe.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/Sema/Types.h"

namespace acie::lsp {
namespace {

/// Runs of blanks as one space: a declaration of several lines on one.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Not more of a value than a reader takes in: a table of constants is cut behind an item.
std::string shortened(std::string text) {
  constexpr size_t kLongest = 200, kKept = 120;
  if (text.size() <= kLongest) return text;
  const size_t comma = text.rfind(", ", kKept);
  const size_t end = comma != std::string::npos && comma > kKept / 2 ? comma + 2 : text.rfind(' ', kKept);
  return end == std::string::npos ? text : text.substr(0, end) + "…";
}

std::string text_of(const Analysis& analysis, Span span) { return on_one_line(analysis.sources().text(span)); }

/// "x" of "x[0, 1]".
std::string_view root_name(std::string_view name) { return name.substr(0, name.find('[')); }

/// Whether `noise` is one that `variable` was declared with: itself, or made for its law.
bool belongs(const sema::Variable& noise, const Symbol& symbol) {
  const std::string_view root = root_name(noise.name);
  return root == symbol.name || root.substr(0, root.find('.')) == symbol.name;
}

/// The shape of the vector variable `name`: one more than the largest index of each axis among "x[0, 0]", "x[0, 1]", …
std::vector<int64_t> shape_of(const sema::Model& model, const std::string& name) {
  std::vector<int64_t> shape;
  for (const sema::Variable* variable : model.variables) {
    if (variable->name == name || root_name(variable->name) != name) continue;
    size_t axis = 0;
    for (const char* at = variable->name.c_str() + name.size() + 1; *at != '\0'; ++axis) {
      char* end = nullptr;
      const int64_t index = std::strtoll(at, &end, 10);
      if (end == at) break;
      if (axis >= shape.size()) shape.push_back(0);
      shape[axis] = std::max(shape[axis], index + 1);
      at = end + std::strspn(end, ", ");
    }
  }
  return shape;
}

}  // namespace

std::string_view kind_text(Symbol::Kind kind) {
  switch (kind) {
    case Symbol::Kind::Module: return "module";
    case Symbol::Kind::Unit: return "unit";
    case Symbol::Kind::Dim: return "dimension";
    case Symbol::Kind::Type: return "type";
    case Symbol::Kind::Alternative: return "alternative";
    case Symbol::Kind::Const: return "constant";
    case Symbol::Kind::Param: return "parameter of the program";
    case Symbol::Kind::SharedLet: return "shared instance";
    case Symbol::Kind::Function: return "function";
    case Symbol::Kind::Mechanism: return "mechanism";
    case Symbol::Kind::Model: return "model";
    case Symbol::Kind::Intervention: return "intervention";
    case Symbol::Kind::Constraint: return "constraint";
    case Symbol::Kind::Query: return "query";
    case Symbol::Kind::Fit: return "fit";
    case Symbol::Kind::Party: return "party";
    case Symbol::Kind::Key: return "key";
    case Symbol::Kind::Graph: return "graph";
    case Symbol::Kind::Input: return "input";
    case Symbol::Kind::Exo: return "exogenous noise";
    case Symbol::Kind::Var: return "variable";
    case Symbol::Kind::Latent: return "latent variable";
    case Symbol::Kind::Learn: return "learnt parameter";
    case Symbol::Kind::Let: return "name of an expression";
    case Symbol::Kind::World: return "world";
    case Symbol::Kind::Result: return "result";
    case Symbol::Kind::Parameter: return "parameter";
    case Symbol::Kind::Generic: return "generic size";
    case Symbol::Kind::Step: return "bound name";
    case Symbol::Kind::Builtin: return "of the prelude";
  }
  return "";
}

const sema::Model* model_of(const Analysis& analysis, const Symbol& symbol) {
  if (symbol.parent < 0 || analysis.program() == nullptr) return nullptr;
  const Span name = analysis.index().symbol(symbol.parent).name_span;
  for (const sema::Model* model : analysis.program()->models) {
    if (model->span == name) return model;
  }
  return nullptr;
}

const sema::Variable* checked(const Analysis& analysis, const Symbol& symbol) {
  const sema::Model* model = symbol.is_variable() ? model_of(analysis, symbol) : nullptr;
  if (model == nullptr) return nullptr;
  const auto found = std::find_if(model->variables.begin(), model->variables.end(), [&](const sema::Variable* variable) {
    return root_name(variable->name) == symbol.name;
  });
  return found == model->variables.end() ? nullptr : *found;
}

std::string type_text(const Analysis& analysis, const Symbol& symbol) {
  if (symbol.kind == Symbol::Kind::Function || symbol.kind == Symbol::Kind::Mechanism || symbol.kind == Symbol::Kind::Model) return "";
  if (symbol.type != nullptr && symbol.type->kind != syntax::Type::Kind::Law) return text_of(analysis, symbol.type->span);
  if (const sema::Variable* variable = checked(analysis, symbol)) {
    std::string type = sema::to_string(variable->type);
    // A vector's elements are variables of their own: the largest indices say its shape.
    if (variable->name != symbol.name) absl::StrAppend(&type, "[", absl::StrJoin(shape_of(*model_of(analysis, symbol), symbol.name), ", "), "]");
    return type;
  }
  if (symbol.kind == Symbol::Kind::Dim) return "i64";
  const sema::ExpressionTypes::Entry* entry = symbol.value != nullptr ? analysis.types().find(symbol.value->span) : nullptr;
  if (entry == nullptr) return "";
  return absl::StrCat(sema::to_string(entry->type), entry->shape.empty() ? "" : sema::to_string(entry->shape));
}

std::string signature(const Analysis& analysis, const Symbol& symbol) {
  using Kind = Symbol::Kind;
  const std::string type = type_text(analysis, symbol);
  const std::string typed = type.empty() ? symbol.name : absl::StrCat(symbol.name, " : ", type);
  if (symbol.kind == Kind::Builtin) return symbol.name;
  if (symbol.kind == Kind::Parameter || symbol.kind == Kind::Step || symbol.kind == Kind::Generic) {
    return symbol.value != nullptr && symbol.kind == Kind::Parameter ? absl::StrCat(typed, " = ", text_of(analysis, symbol.value->span)) : typed;
  }
  const Span whole = symbol.span;
  std::string text(analysis.sources().text(whole));
  if (symbol.decl != nullptr && symbol.parent < 0) {
    const size_t body = symbol.decl->block != nullptr ? symbol.decl->block->span.begin - whole.begin : text.find('{');
    const bool has_body = symbol.decl->block != nullptr || !symbol.decl->body.empty() || symbol.kind == Kind::Model;
    if (has_body && body <= text.size()) return on_one_line(text.substr(0, body));
    if (symbol.type == nullptr && !type.empty() && (symbol.kind == Kind::Const || symbol.kind == Kind::Param)) {
      return shortened(absl::StrCat(symbol.kind == Kind::Const ? "const " : "param ", typed, " = ", text_of(analysis, symbol.value->span)));
    }
    return shortened(on_one_line(text));
  }
  if (symbol.kind == Kind::World) return absl::StrCat("world ", symbol.name);
  // The inferred type stands where a written one would.
  if (symbol.type == nullptr && !type.empty() && symbol.stmt != nullptr && symbol.stmt->names.size() == 1) {
    const size_t after = symbol.name_span.end - whole.begin;
    text.insert(after, absl::StrCat(" : ", type));
  }
  return symbol.kind == Kind::Learn ? shortened(on_one_line(text)) : on_one_line(text);
}

std::vector<int> parents_of(const Analysis& analysis, int id) {
  const Index& index = analysis.index();
  const Symbol& symbol = index.symbol(id);
  std::vector<int> parents;
  if (symbol.stmt == nullptr) return parents;
  const auto add = [&](int parent) {
    if (parent >= 0 && parent != id && index.symbol(parent).is_variable() && index.symbol(parent).parent == symbol.parent && std::find(parents.begin(), parents.end(), parent) == parents.end()) parents.push_back(parent);
  };
  // Through the checked program, so that what a `let` or a law hides is seen; else from the text.
  if (const sema::Variable* variable = checked(analysis, symbol); variable != nullptr && symbol.kind == Symbol::Kind::Var) {
    const sema::Model* model = model_of(analysis, symbol);
    for (const sema::Variable* element : model->variables) {
      if (root_name(element->name) != symbol.name) continue;
      for (const auto* list : {&element->parents, &element->noises}) {
        for (const sema::Variable* parent : *list) add(index.declared_at(parent->span));
      }
    }
    if (!parents.empty()) return parents;
  }
  for (const Use& use : index.uses()) {
    if (use.span.begin >= symbol.stmt->span.begin && use.span.end <= symbol.stmt->span.end && use.role == Use::Role::Read) add(use.symbol);
  }
  return parents;
}

std::vector<int> children_of(const Analysis& analysis, int id) {
  const Index& index = analysis.index();
  std::vector<int> children;
  const Symbol& symbol = index.symbol(id);
  if (symbol.parent < 0) return children;
  for (const auto& [name, other] : index.members(symbol.parent)) {
    if (index.symbol(other).kind != Symbol::Kind::Var) continue;
    const std::vector<int> parents = parents_of(analysis, other);
    if (std::find(parents.begin(), parents.end(), id) != parents.end()) children.push_back(other);
  }
  std::sort(children.begin(), children.end(), [&](int a, int b) { return index.symbol(a).name_span.begin < index.symbol(b).name_span.begin; });
  return children;
}

namespace {

/// How `query` finds the noise of `symbol`: a word, and a sentence.
std::pair<std::string, std::string> recovery(const sema::Query& query, const Symbol& symbol) {
  // Of a vector, the first element and how many more. Equations are code: Markdown would take their `*` and `_` for emphasis.
  const auto of_symbol = [&](const sema::Recovery& recovery) { return belongs(*recovery.noise, symbol); };
  const auto first = std::find_if(query.recoveries.begin(), query.recoveries.end(), of_symbol);
  if (first != query.recoveries.end()) {
    const auto more = std::count_if(first + 1, query.recoveries.end(), of_symbol);
    std::string sentence = absl::StrCat(first->conditioned ? "drawn from what it is given `" : "exactly from `", first->from->name, "`", first->explanation.empty() ? "" : absl::StrCat(": `", first->explanation, "`"));
    if (more > 0) absl::StrAppend(&sentence, "; ", more, more == 1 ? " more element" : " more elements");
    return {first->conditioned ? "conditioned" : "exact", std::move(sentence)};
  }
  for (const sema::Variable* noise : query.free_noises) {
    if (belongs(*noise, symbol)) return {"sampled", absl::StrCat("not recovered: drawn from its law `", noise->law_text, "`")};
  }
  return {};
}

}  // namespace

std::vector<std::string> recoveries_of(const Analysis& analysis, const Symbol& symbol) {
  std::vector<std::string> lines;
  const sema::Model* model = model_of(analysis, symbol);
  if (model == nullptr) return lines;
  for (const sema::Query* query : analysis.program()->queries) {
    if (query->model != model) continue;
    if (const auto [method, sentence] = recovery(*query, symbol); !method.empty()) lines.push_back(absl::StrCat("`", query->name, "`: ", sentence));
  }
  return lines;
}

std::string recovery_method(const Analysis& analysis, const Symbol& symbol) {
  const sema::Model* model = model_of(analysis, symbol);
  if (model == nullptr) return "";
  std::set<std::string> methods;
  for (const sema::Query* query : analysis.program()->queries) {
    if (query->model == model) methods.insert(recovery(*query, symbol).first);
  }
  methods.erase("");
  std::string text;
  for (const std::string& method : methods) absl::StrAppend(&text, text.empty() ? "" : " or ", method);
  return text;
}

}  // namespace acie::lsp

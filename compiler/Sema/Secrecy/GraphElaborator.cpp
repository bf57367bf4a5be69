#include "compiler/Sema/Secrecy/GraphElaborator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Secrecy/WrittenOut.h"
#include "compiler/Sema/Types.h"

namespace acie::sema {
namespace {

using Form = GraphValue::Form;
using syntax::Stmt;

Type bytes_type() { return plain(ScalarKind::Str); }

}  // namespace

bool is_graph_call(const std::string& name) {
  return name == "encrypt" || name == "decrypt" || name == "reveal" || name == "fixed" || name == "fingerprint" || name == "seal" || name == "open" || name == "top_k";
}

GraphElaborator::GraphElaborator(Elaborator& elaborator, SecrecyDeclarations& declarations, const SourceManager& sources, const syntax::Decl& decl, const Module& module)
    : elaborator_(elaborator), declarations_(declarations), decl_(decl), module_(module), graph_(elaborator.program().make<Graph>()),
      builder_(*graph_, sources, elaborator.diagnostics()), lowering_(builder_, elaborator.builder(), leaves_), within_{&decl} {}

bool GraphElaborator::is_bytes(const syntax::Type& type) { return type.kind == syntax::Type::Kind::Named && type.path.str() == "bytes" && type.dims.empty(); }

syntax::Type GraphElaborator::bare(const syntax::Type& type) {
  syntax::Type result = type;
  result.party.reset();
  result.key.reset();
  result.scale = nullptr;
  return result;
}

const Graph* GraphElaborator::run() {
  graph_->name = decl_.name.text;
  graph_->doc = decl_.doc;
  graph_->span = decl_.name.span;
  if (elaborator_.program().parties.empty()) {
    elaborator_.diagnostics().report(Code::A0705, decl_.span, "graphs without parties are not built yet").note("`party alice, bob` declares who computes");
    return nullptr;
  }
  const size_t errors = elaborator_.diagnostics().error_count();
  Scope scope(nullptr, &module_);
  bool ok = true;
  for (const syntax::Parameter& each : decl_.params) ok = parameter(each, scope) && ok;
  if (!ok) return nullptr;
  GraphMeanings* outer = elaborator_.enter_graph(this);
  std::vector<Slot*> learnt;  // inputs of the parties that compute with them
  elaborator_.enter(decl_.name.text, *decl_.block, &module_, &learnt);
  const Value value = statements(*decl_.block, scope);
  ok = !value.poisoned() && results(value);
  elaborator_.leave();
  elaborator_.enter_graph(outer);
  if (!ok || elaborator_.diagnostics().error_count() > errors) return nullptr;
  builder_.prune();
  return graph_;
}

Value GraphElaborator::value_of(int id, const Type& type, Span span) {
  Slot slot;
  slot.role = Slot::Role::Argument;
  slot.name = builder_.value(id).name;
  slot.type = type;
  slot.type.shape = builder_.value(id).shape;
  slot.span = span;
  const Slot* made = elaborator_.program().make(std::move(slot));
  leaves_[made] = {id, nullptr, {}, {}};
  return Builder::whole(elaborator_.builder().slot(made, span), span);
}

bool GraphElaborator::parameter(const syntax::Parameter& parameter, Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  const syntax::Type& written = *parameter.type;
  scope.bind(parameter.name.text, Value{});
  if (!written.party) {
    diagnostics.report(Code::A1013, parameter.span, absl::StrCat("`", parameter.name.text, "` is at no party: whose is it?"))
        .fix({written.span.file, written.span.end, written.span.end}, module_.declarations.empty() ? " at p" : " at …", "say where, `f64[3] at observatory`", Applicability::HasPlaceholders);
    return false;
  }
  const Party* party = declarations_.party(*written.party, module_);
  if (party == nullptr) return false;
  GraphInput input;
  input.name = parameter.name.text;
  input.party = party;
  if (is_bytes(written)) {
    if (written.key) {
      diagnostics.report(Code::A1012, written.key->span, "bytes are not numbers that a key computes with").note("a file that `seal` made is `bytes`; `open(x, k)` opens it");
      return false;
    }
    const int id = builder_.file_input(std::move(input), parameter.name.span);
    scope.bind(parameter.name.text, value_of(id, bytes_type(), parameter.name.span));
    return true;
  }
  const auto declared = elaborator_.annotation(bare(written), scope);
  if (!declared) return false;
  if (!declared->fields.empty()) {
    diagnostics.report(Code::A0710, written.span, "records as parameters of graphs are not built yet").note("make each field a parameter");
    return false;
  }
  if (is_text(declared->element)) {
    diagnostics.report(Code::A0704, written.span, "texts as parameters of graphs are not built yet").note("`bytes` is a file of anything");
    return false;
  }
  input.unit = declared->element.unit;
  if (declared->element.range) input.range = *declared->element.range;
  if (declared->element.scalar == ScalarKind::Bool) input.range = {0, 1};
  if (written.key) return cipher_parameter(parameter, std::move(input), declared->element, declared->shape, scope);
  if (parameter.default_value != nullptr) {
    input.default_value = elaborator_.constant(*parameter.default_value, scope, declared->element, absl::StrCat("the default of `", parameter.name.text, "`"));
    if (!input.default_value) return false;
  }
  const int id = builder_.input(std::move(input), declared->shape, !is_float(declared->element.scalar), parameter.name.span);
  scope.bind(parameter.name.text, value_of(id, declared->element, parameter.name.span));
  return true;
}

std::optional<int> GraphElaborator::lowered(const Expr* expr, const Party* party, Span use) {
  const Expr* steps = written_out(expr, elaborator_.builder());
  return steps != nullptr ? lowering_.lower(steps, party, use) : std::nullopt;
}

std::optional<int> GraphElaborator::computed(const Value& v, const Party* at, Span use, bool& failed) {
  failed = false;
  if (v.poisoned() || (!v.is_number() && !v.is_tensor())) {
    failed = true;
    if (!v.poisoned()) elaborator_.builder().require_numbers(v);
    return std::nullopt;
  }
  const Expr* whole = elaborator_.builder().as_whole(v, v.shape);
  const auto party = lowering_.place({whole}, at, use);
  if (!party) {
    failed = true;
    return std::nullopt;
  }
  if (*party == nullptr) return std::nullopt;
  const auto id = lowered(whole, *party, use);
  failed = !id;
  return id;
}

Value GraphElaborator::materialised(const Value& v, const std::string& name, const Party* at, Span use) {
  if (v.kind == Value::Kind::Record) {
    std::vector<Value> parts;
    for (size_t i = 0; i < v.items->size(); ++i) {
      parts.push_back(materialised((*v.items)[i], name.empty() ? (*v.fields)[i] : absl::StrCat(name, ".", (*v.fields)[i]), at, use));
      if (parts.back().poisoned()) return Value{};
    }
    return elaborator_.builder().record(*v.fields, std::move(parts), v.span);
  }
  if ((!v.is_number() && !v.is_tensor()) || Elaborator::is_constant(v)) return v;
  // fixed(1, scale: …) stands for itself until something says where it is used.
  if (v.expr != nullptr && v.expr->kind == Expr::Kind::Slot) {
    const auto leaf = leaves_.find(v.expr->slot);
    if (leaf != leaves_.end() && leaf->second.value < 0) return v;
  }
  bool failed = false;
  const auto id = computed(v, at, use, failed);
  if (failed) return Value{};
  if (!id) return v;
  if (!name.empty()) builder_.rename(*id, name);
  const Type type = v.expr != nullptr ? v.expr->type : (*v.items)[0].expr->type;
  Value result = value_of(*id, type, v.span);
  return result;
}

Value GraphElaborator::at_party(const syntax::Expr& expr, const Scope& scope) {
  const Party* party = declarations_.party(expr.name, module_);
  if (party == nullptr) return Value{};
  const Party* outer = std::exchange(here_, party);
  Scope inner(&scope, scope.module());
  const Value value = statements(*expr.block, inner);
  const Value result = value.poisoned() ? value : materialised(value, "", party, expr.span);
  here_ = outer;
  return result;
}

bool GraphElaborator::annotated(const Value& v, const syntax::Type& type, const Scope& scope, Span use) {
  if (!type.key && !type.party) return true;
  bool failed = false;
  const auto id = computed(v, here_, use, failed);
  if (failed) return false;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (type.key) {
    const Key* key = declarations_.key(*type.key, module_);
    if (key == nullptr) return false;
    if (!id || !builder_.encrypted(*id)) {
      diagnostics.report(Code::A1014, use, "the type says that this is encrypted, and it is not").label(type.key->span, absl::StrCat("under ", key->name)).note(absl::StrCat("`encrypt(x, ", key->name, ")` encrypts"));
      return false;
    }
    if (builder_.value(*id).key != key) {
      diagnostics.report(Code::A1004, use, absl::StrCat("this is under ", builder_.value(*id).key->name, ", and the type says ", key->name)).label(type.key->span, absl::StrCat("under ", key->name));
      return false;
    }
    if (!scale_as_written(*id, type, scope, use)) return false;
  }
  if (type.party) {
    const Party* party = declarations_.party(*type.party, module_);
    if (party == nullptr) return false;
    if (id && !builder_.at(*id, party, use)) return false;
  }
  return true;
}

Value GraphElaborator::statements(const syntax::Block& block, Scope& scope) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  for (const Stmt* stmt : block.statements) {
    switch (stmt->kind) {
      case Stmt::Kind::Let: {
        if (stmt->law != nullptr) {
          diagnostics.report(Code::A0402, stmt->span, "a graph draws no noise");
          return Value{};
        }
        Value value = elaborator_.expression(*stmt->value, scope);
        if (value.poisoned()) return value;
        if (stmt->type != nullptr) {
          const auto declared = elaborator_.annotation(bare(*stmt->type), scope);
          value = declared ? elaborator_.fit(value, *declared, stmt->value->span, absl::StrCat("`", stmt->names[0].text, "`"), true) : Value{};
          if (value.poisoned() || !annotated(value, *stmt->type, scope, stmt->value->span)) return Value{};
        }
        value = materialised(value, stmt->destructures ? "" : stmt->names[0].text, here_, stmt->value->span);
        if (value.poisoned()) return value;
        if (!stmt->destructures) {
          scope.bind(stmt->names[0].text, value);
          break;
        }
        for (const syntax::Name& name : stmt->names) {
          const Value* part = value.field(name.text);
          if (part == nullptr) {
            if (value.kind == Value::Kind::Record) elaborator_.report_unknown("field called", name.text, name.span, *value.fields);
            else diagnostics.report(Code::A0304, stmt->value->span, "`let {…}` takes a record apart, and this is none");
            return Value{};
          }
          scope.bind(name.text, *part);
        }
        break;
      }
      case Stmt::Kind::Return:
        if (stmt->results.size() != 1 || stmt->results[0].name) {
          diagnostics.report(Code::A0404, stmt->span, "a graph returns one value").note("several make a record: `return {a: x, b: y}`");
          return Value{};
        }
        return elaborator_.expression(*stmt->results[0].value, scope);
      case Stmt::Kind::Expression:
        if (stmt == block.statements.back()) return elaborator_.expression(*stmt->value, scope);
        diagnostics.report(Code::A0404, stmt->span, "this value is computed and not used").note("name it with `let`, or `return` it");
        return Value{};
      default:
        diagnostics.report(Code::A0705, stmt->span, "this statement is not built yet in a graph");
        return Value{};
    }
  }
  diagnostics.report(Code::A0404, block.span, "this returns nothing").note("end it with `return …`");
  return Value{};
}

bool GraphElaborator::results(const Value& value) {
  const syntax::Type* type = decl_.type;
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (type == nullptr) {
    diagnostics.report(Code::A1013, decl_.name.span, absl::StrCat("nothing says what `", decl_.name.text, "` gives, and to which party")).note("write `-> f64[10] at observatory` after the parameters");
    return false;
  }
  if (type->kind != syntax::Type::Kind::Record) return result(decl_.name.text, value, type, nullptr, value.span);
  const Party* all = type->party ? declarations_.party(*type->party, module_) : nullptr;
  if (type->party && all == nullptr) return false;
  if (value.kind != Value::Kind::Record || value.fields->size() != type->fields.size()) {
    diagnostics.report(Code::A0304, value.span, absl::StrCat("`", decl_.name.text, "` gives a record of ", type->fields.size(), " fields, and this is another value"));
    return false;
  }
  bool ok = true;
  for (const syntax::Field& field : type->fields) {
    const Value* part = value.field(field.name.text);
    if (part == nullptr) {
      elaborator_.report_unknown("field called", field.name.text, field.name.span, *value.fields);
      return false;
    }
    ok = result(field.name.text, *part, field.type, all, part->span) && ok;
  }
  return ok;
}

bool GraphElaborator::result(const std::string& name, const Value& value, const syntax::Type* type, const Party* party, Span span) {
  DiagnosticEngine& diagnostics = elaborator_.diagnostics();
  if (type->party) {
    party = declarations_.party(*type->party, module_);
    if (party == nullptr) return false;
  }
  if (party == nullptr) {
    diagnostics.report(Code::A1013, type->span, "the result is at no party: who gets it?").note("say so, `-> f64[10] at observatory`");
    return false;
  }
  Value fitted = value;
  std::optional<Range> range;
  GraphOutput output;
  output.name = name;
  output.party = party;
  if (!is_bytes(*type)) {
    const Scope scope(nullptr, &module_);
    const auto declared = elaborator_.annotation(bare(*type), scope);
    if (!declared) return false;
    fitted = elaborator_.fit(value, *declared, span, absl::StrCat("the result `", name, "`"), false);
    output.unit = declared->element.unit;
    range = declared->element.range;
  }
  if (fitted.poisoned()) return false;
  bool failed = false;
  // Where it is computed follows from what it is made of; then it must be where the type says.
  auto id = computed(fitted, nullptr, span, failed);
  if (failed) return false;
  if (!id) id = lowered(elaborator_.builder().as_whole(fitted, fitted.shape), party, span);
  if (!id) return false;
  const GraphValue& made = builder_.value(*id);
  if (is_bytes(*type) != (made.form == Form::Bytes)) {
    diagnostics.report(Code::A0304, span, is_bytes(*type) ? "these are numbers, and the type says `bytes`" : "these are bytes, and the type says numbers");
    return false;
  }
  if (type->key) return cipher_result(*id, std::move(output), *type, range, span);
  if (made.form == Form::Ciphertexts) {
    diagnostics.report(Code::A1014, span, absl::StrCat("`", made.name, "` is encrypted, and the graph promises numbers")).label(span, absl::StrCat("under ", made.key->name)).note(absl::StrCat(made.key->holder->name, " can decrypt it: `decrypt(…, ", made.key->name, ")`"));
    return false;
  }
  const int plain = builder_.plain_of(*id, span);
  const auto there = builder_.at(plain, party, span);
  if (!there) return false;
  builder_.output(*there, std::move(output), span);
  return true;
}

}  // namespace acie::sema

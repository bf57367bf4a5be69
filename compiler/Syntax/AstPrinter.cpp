#include "compiler/Syntax/AstPrinter.h"

#include "absl/strings/str_cat.h"

namespace acie::syntax {
namespace {

const char* spelling(BinaryOp op) {
  switch (op) {
    case BinaryOp::Add: return "+";
    case BinaryOp::Sub: return "-";
    case BinaryOp::Mul: return "*";
    case BinaryOp::Div: return "/";
    case BinaryOp::MatMul: return "@";
    case BinaryOp::Pow: return "^";
    case BinaryOp::Eq: return "==";
    case BinaryOp::Ne: return "!=";
    case BinaryOp::Lt: return "<";
    case BinaryOp::Le: return "<=";
    case BinaryOp::Gt: return ">";
    case BinaryOp::Ge: return ">=";
    case BinaryOp::And: return "and";
    case BinaryOp::Or: return "or";
  }
  return "";
}

std::string maybe(const Expr* expr) { return expr == nullptr ? "_" : print(*expr); }

std::string list(const std::vector<Expr*>& exprs) {
  std::string out;
  for (const Expr* expr : exprs) absl::StrAppend(&out, " ", maybe(expr));
  return out;
}

std::string list(const std::vector<Name>& names) {
  std::string out;
  for (const Name& name : names) absl::StrAppend(&out, " ", name.text);
  return out;
}

std::string print(const Index& index) {
  const std::string name = index.name ? absl::StrCat(index.name->text, "=") : "";
  switch (index.kind) {
    case Index::Kind::Value: return name + print(*index.value);
    case Index::Kind::Slice: return absl::StrCat(name, "(.. ", maybe(index.low), " ", maybe(index.high), ")");
    case Index::Kind::All: return absl::StrCat(name, "..");
  }
  return "";
}

std::string print(const Generator& generator) {
  std::string out = " (for";
  for (const auto& [name, values] : generator.clauses) absl::StrAppend(&out, " (", name.text, " ", print(*values), ")");
  if (generator.condition != nullptr) absl::StrAppend(&out, " (if ", print(*generator.condition), ")");
  return out + ")";
}

std::string print(const Argument& argument) {
  return absl::StrCat(argument.name ? absl::StrCat(argument.name->text, ": ") : "", print(*argument.value),
                      argument.generator ? print(*argument.generator) : "");
}

std::string parameters(const std::vector<Parameter>& params) {
  std::string out;
  for (const Parameter& param : params) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", param.name.text, param.type != nullptr ? ": " + print(*param.type) : "",
                    param.default_value != nullptr ? " = " + print(*param.default_value) : "");
  }
  return absl::StrCat("(", out, ")");
}

/// Statements and declarations, one a line.
class Printer {
 public:
  std::string take() { return std::move(out_); }

  void decl(const Decl& decl) {
    static const char* const kNames[] = {"import", "unit", "dim", "type", "const", "param", "let", "fn", "mechanism", "model",
                                         "intervention", "constraint", "query", "fit", "party", "key", "graph"};
    std::string head = kNames[static_cast<int>(decl.kind)];
    for (const ImportedName& item : decl.imported) {
      absl::StrAppend(&head, " ", item.name.text, item.alias ? absl::StrCat(" as ", item.alias->text) : "", &item == &decl.imported.back() ? " from" : ",");
    }
    absl::StrAppend(&head, " ", decl.file ? absl::StrCat("\"", *decl.file, "\"")
                                : decl.kind == Decl::Kind::Import ? decl.path.str()
                                : decl.names.empty() ? decl.name.text
                                                     : list(decl.names).substr(1));
    if (decl.alias) absl::StrAppend(&head, " as ", decl.alias->text);
    if (!decl.generics.empty()) absl::StrAppend(&head, " [", list(decl.generics).substr(1), "]");
    if (decl.has_params) absl::StrAppend(&head, " ", parameters(decl.params));
    if (decl.has_model) absl::StrAppend(&head, " on ", decl.path.str());
    if (decl.type != nullptr) absl::StrAppend(&head, " : ", print(*decl.type));
    if (!decl.number.empty() || decl.unit) absl::StrAppend(&head, " = ", decl.number, "<", decl.unit->text, ">");
    if (decl.value != nullptr) absl::StrAppend(&head, " = ", print(*decl.value));
    if (!decl.values.empty()) absl::StrAppend(&head, " =", list(decl.values));
    for (const auto& alternative : decl.alternatives) absl::StrAppend(&head, " | ", alternative.first);
    if (decl.holder) absl::StrAppend(&head, " held by ", decl.holder->text, decl.allow_weak ? " allow weak" : "");
    line(head);
    ++depth_;
    for (const Stmt* child : decl.body) stmt(*child);
    if (decl.block != nullptr) {
      for (const Stmt* child : decl.block->statements) stmt(*child);
    }
    --depth_;
  }

  void stmt(const Stmt& stmt) {
    static const char* const kNames[] = {"input", "exo", "var", "latent", "over", "learn", "stat", "let", "abduct", "enforce",
                                         "do", "do?", "world", "given", "observe", "by", "weight", "return", "minimize", "with",
                                         "freeze", "train", "monitor", "write", "check", "declare", "row", "value"};
    std::string head = absl::StrCat(kNames[static_cast<int>(stmt.kind)], list(stmt.names));
    if (stmt.target) {
      absl::StrAppend(&head, " ", stmt.target->path.str());
      for (const Index& index : stmt.target->indices) absl::StrAppend(&head, "[", print(index), "]");
    }
    for (const Path& path : stmt.paths) absl::StrAppend(&head, " ", path.str());
    if (stmt.type != nullptr) absl::StrAppend(&head, " : ", print(*stmt.type));
    if (stmt.value != nullptr) absl::StrAppend(&head, stmt.do_kind == Stmt::DoKind::Shift ? " += " : " = ", print(*stmt.value));
    if (stmt.law != nullptr) absl::StrAppend(&head, " ~ ", print(*stmt.law));
    if (!stmt.parents.empty()) absl::StrAppend(&head, " <-", list(stmt.parents));
    if (stmt.method != nullptr) absl::StrAppend(&head, " by ", print(*stmt.method));
    if (stmt.from != nullptr) absl::StrAppend(&head, " from ", print(*stmt.from));
    if (stmt.source != nullptr) absl::StrAppend(&head, " from ", print(*stmt.source));
    if (stmt.condition != nullptr) absl::StrAppend(&head, " if ", print(*stmt.condition));
    if (stmt.tolerance != nullptr) absl::StrAppend(&head, " tolerance ", print(*stmt.tolerance));
    if (stmt.relative != nullptr) absl::StrAppend(&head, " relative to ", print(*stmt.relative));
    for (const Argument& argument : stmt.args) absl::StrAppend(&head, " ", print(argument));
    for (const Evidence& item : stmt.evidence) {
      absl::StrAppend(&head, " ", print(*item.subject), item.optional ? "?" : "", item.value != nullptr ? " = " + print(*item.value) : "");
    }
    for (const Result& result : stmt.results) {
      absl::StrAppend(&head, " ", result.name ? absl::StrCat(result.name->text, " = ") : "", print(*result.value));
    }
    line(head);
    ++depth_;
    for (const Stmt* child : stmt.body) this->stmt(*child);
    if (stmt.declaration != nullptr) decl(*stmt.declaration);
    --depth_;
  }

 private:
  void line(const std::string& text) { absl::StrAppend(&out_, std::string(static_cast<size_t>(2 * depth_), ' '), text, "\n"); }

  std::string out_;
  int depth_ = 0;
};

std::string print(const Block& block) {
  std::string out;
  for (const Stmt* stmt : block.statements) {
    Printer printer;
    printer.stmt(*stmt);
    std::string text = printer.take();
    text.pop_back();
    absl::StrAppend(&out, out.empty() ? "" : "; ", text);
  }
  return absl::StrCat("{", out, "}");
}

}  // namespace

std::string print(const Type& type) {
  std::string out;
  switch (type.kind) {
    case Type::Kind::Scalar: out = type.scalar; break;
    case Type::Kind::Named: out = type.path.str(); break;
    case Type::Kind::Law: out = absl::StrCat("law<", print(*type.element), ">"); break;
    case Type::Kind::Stream: out = absl::StrCat("stream<", print(*type.element), ">"); break;
    case Type::Kind::Record:
      for (const Field& field : type.fields) absl::StrAppend(&out, out.empty() ? "{" : ", ", field.name.text, ": ", print(*field.type));
      out += "}";
      break;
  }
  if (type.unit) absl::StrAppend(&out, "<", type.unit->text, ">");
  if (!type.dims.empty()) absl::StrAppend(&out, "[", list(type.dims).substr(1), "]");
  if (type.optional) out += "?";
  if (type.range_low != nullptr) absl::StrAppend(&out, " in ", print(*type.range_low), "..", print(*type.range_high));
  if (type.party) absl::StrAppend(&out, " at ", type.party->text);
  if (type.key) absl::StrAppend(&out, " under ", type.key->text);
  if (type.scale != nullptr) absl::StrAppend(&out, "(scale: ", print(*type.scale), ")");
  return out;
}

std::string print(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::Integer: case Expr::Kind::Float: case Expr::Kind::ScalarName: return expr.text;
    case Expr::Kind::Quantity: return absl::StrCat(expr.text, "<", expr.unit->text, ">");
    case Expr::Kind::String: return absl::StrCat("\"", expr.text, "\"");
    case Expr::Kind::Boolean: return expr.truth ? "true" : "false";
    case Expr::Kind::Name: return expr.name.text;
    case Expr::Kind::Member: return absl::StrCat("(. ", print(*expr.base), " ", expr.name.text, ")");
    case Expr::Kind::Call: {
      std::string out = absl::StrCat("(", print(*expr.base));
      for (const Argument& argument : expr.args) absl::StrAppend(&out, " ", print(argument));
      return out + ")";
    }
    case Expr::Kind::Index: {
      std::string out = absl::StrCat("([] ", print(*expr.base));
      for (const Index& index : expr.indices) absl::StrAppend(&out, " ", print(index));
      if (!expr.indices2.empty()) out += " ;";
      for (const Index& index : expr.indices2) absl::StrAppend(&out, " ", print(index));
      return out + ")";
    }
    case Expr::Kind::Unary: return absl::StrCat("(", expr.unary == UnaryOp::Neg ? "-" : "not", list(expr.operands), ")");
    case Expr::Kind::Binary: return absl::StrCat("(", spelling(expr.binary), list(expr.operands), ")");
    case Expr::Kind::ConvertUnit: return absl::StrCat("(as <", expr.unit->text, ">", list(expr.operands), ")");
    case Expr::Kind::ConvertType: return absl::StrCat("(as ", expr.text, list(expr.operands), ")");
    case Expr::Kind::Range: return absl::StrCat("(..", list(expr.operands), ")");
    case Expr::Kind::If: return absl::StrCat("(if", list(expr.operands), ")");
    case Expr::Kind::Lambda: return absl::StrCat("(lambda ", parameters(expr.params), list(expr.operands), ")");
    case Expr::Kind::Pipe: return absl::StrCat("(|>", list(expr.operands), ")");
    case Expr::Kind::Tuple: return absl::StrCat("(tuple", list(expr.operands), ")");
    case Expr::Kind::List: return absl::StrCat("(list", list(expr.operands), ")");
    case Expr::Kind::Comprehension: return absl::StrCat("(list", list(expr.operands), print(*expr.generator), ")");
    case Expr::Kind::Record: {
      std::string out = "(record";
      for (const RecordField& field : expr.fields) absl::StrAppend(&out, " ", field.name ? field.name->text + ": " : "..", print(*field.value));
      return out + ")";
    }
    case Expr::Kind::Block: return print(*expr.block);
    case Expr::Kind::AtParty: return absl::StrCat("(at ", expr.name.text, " ", print(*expr.block), ")");
  }
  return "";
}

std::string print(const File& file) {
  Printer printer;
  for (const Decl* decl : file.declarations) printer.decl(*decl);
  return printer.take();
}

}  // namespace acie::syntax

// What can be written here: names in scope, members, units, variables of the model, keywords of the place.
#include <cctype>
#include <filesystem>
#include <optional>
#include <set>

#include "AcieLexer.h"
#include "absl/strings/str_cat.h"
#include "compiler/lsp/Context.h"
#include "compiler/lsp/Describe.h"
#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {
namespace {

using L = grammar::AcieLexer;

int item_kind(Symbol::Kind kind) {
  enum { Function = 3, Field = 5, Variable = 6, Class = 7, Module = 9, Unit = 11, Enum = 13, Event = 23, Operator = 24, EnumMember = 20, Constant = 21, TypeParameter = 25 };
  switch (kind) {
    case Symbol::Kind::Function: case Symbol::Kind::Mechanism: case Symbol::Kind::Builtin: case Symbol::Kind::Graph: return Function;
    case Symbol::Kind::Model: return Class;
    case Symbol::Kind::Module: return Module;
    case Symbol::Kind::Unit: return Unit;
    case Symbol::Kind::Type: return Enum;
    case Symbol::Kind::Alternative: return EnumMember;
    case Symbol::Kind::Const: case Symbol::Kind::Param: case Symbol::Kind::Dim: return Constant;
    case Symbol::Kind::Query: case Symbol::Kind::Fit: return Event;
    case Symbol::Kind::Intervention: case Symbol::Kind::Constraint: return Operator;
    case Symbol::Kind::Generic: return TypeParameter;
    case Symbol::Kind::Input: case Symbol::Kind::Exo: case Symbol::Kind::Var: case Symbol::Kind::Latent: case Symbol::Kind::Learn: return Field;
    default: return Variable;
  }
}

bool is_value(Symbol::Kind kind) {
  switch (kind) {
    case Symbol::Kind::Unit: case Symbol::Kind::Type: case Symbol::Kind::Query: case Symbol::Kind::Fit: case Symbol::Kind::Model:
    case Symbol::Kind::Intervention: case Symbol::Kind::Party: case Symbol::Kind::Key: case Symbol::Kind::Graph: return false;
    default: return true;
  }
}

/// Collects items, each name once: what is added first hides what comes later.
class Items {
 public:
  Items(const View& view, Json range) : view_(view), range_(std::move(range)) {}

  void symbol(int id, int rank) {
    const Symbol& symbol = view_.analysis->index().symbol(id);
    if (!seen_.insert(symbol.name).second) return;
    Json item = base(symbol.name, item_kind(symbol.kind), rank);
    // In back quotes everything is a name.
    const bool letters = std::all_of(symbol.name.begin(), symbol.name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
    if (!letters && !is_plain_name(symbol.name)) item["textEdit"]["newText"] = absl::StrCat("`", symbol.name, "`");
    const bool callable = symbol.kind == Symbol::Kind::Function || symbol.kind == Symbol::Kind::Mechanism;
    const std::string detail = callable ? signature(*view_.analysis, symbol) : type_text(*view_.analysis, symbol);
    item["detail"] = detail.empty() ? std::string(kind_text(symbol.kind)) : detail;
    if (!symbol.doc.empty()) item["documentation"] = {{"kind", "markdown"}, {"value", symbol.doc}};
    items_.push_back(std::move(item));
  }
  void symbols(const std::map<std::string, int>& names, int rank, const std::function<bool(const Symbol&)>& wanted) {
    for (const auto& [name, id] : names) {
      if (wanted(view_.analysis->index().symbol(id))) symbol(id, rank);
    }
  }
  void words(std::initializer_list<std::string_view> words, int kind, int rank, std::string_view detail = "") {
    for (const std::string_view word : words) this->word(word, kind, rank, detail);
  }
  void word(std::string_view word, int kind, int rank, std::string_view detail = "") {
    if (!seen_.insert(std::string(word)).second) return;
    Json item = base(std::string(word), kind, rank);
    if (!detail.empty()) item["detail"] = std::string(detail);
    items_.push_back(std::move(item));
  }

  /// Where the text is not checked yet there may be more to tell at the next key.
  Json take() { return {{"isIncomplete", view_.document.dirty()}, {"items", std::move(items_)}}; }

 private:
  Json base(const std::string& name, int kind, int rank) const {
    return {{"label", name}, {"kind", kind}, {"sortText", absl::StrCat(rank, name)}, {"filterText", name},
            {"textEdit", {{"range", range_}, {"newText", name}}}};
  }

  const View& view_;
  Json range_;
  std::set<std::string> seen_;
  Json items_ = Json::array();
};

constexpr int kKeyword = 14, kOperatorWord = 24, kUnit = 11, kModule = 9, kMethod = 2, kStruct = 22, kType = 25;

/// Where the unit that the cursor stands in begins, behind its `<`; nullopt if it stands in none.
std::optional<uint32_t> unit_begin(std::string_view text, uint32_t offset) {
  uint32_t at = offset;
  const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("_*/^()%. -").find(c) != std::string_view::npos || static_cast<unsigned char>(c) >= 0x80; };
  while (at > 0 && part(text[at - 1])) --at;
  if (at == 0 || text[at - 1] != '<') return std::nullopt;
  std::string_view before = text.substr(0, at - 1);
  const bool touches_number = !before.empty() && std::isdigit(static_cast<unsigned char>(before.back())) != 0;
  const auto ends_with_word = [&](std::string_view word) {
    return before.ends_with(word) && (before.size() == word.size() || std::isalnum(static_cast<unsigned char>(before[before.size() - word.size() - 1])) == 0);
  };
  for (const std::string_view scalar : {"f64", "f32", "i64", "i32"}) {
    if (ends_with_word(scalar)) return at;
  }
  if (touches_number) {
    // The digits must be a number, not the end of a name.
    size_t begin = before.size();
    while (begin > 0 && (std::isalnum(static_cast<unsigned char>(before[begin - 1])) != 0 || before[begin - 1] == '.' || before[begin - 1] == '_')) --begin;
    return std::isdigit(static_cast<unsigned char>(before[begin])) != 0 ? std::optional(at) : std::nullopt;
  }
  while (!before.empty() && before.back() == ' ') before.remove_suffix(1);
  return ends_with_word("as") || (before.ends_with("=") && before.substr(before.rfind('\n') + 1).starts_with("unit ")) ? std::optional(at) : std::nullopt;
}

void add_units(const View& view, Items& items) {
  for (const auto& [name, entry] : view.analysis->units().entries()) items.word(name, kUnit, 1, "unit");
  const auto& table = view.analysis->units().entries().empty() ? units::UnitTable::si() : view.analysis->units();
  for (const auto& [name, entry] : table.entries()) items.word(name, kUnit, 1, "unit");
}

void add_modules(const Workspace& workspace, const View& view, Items& items) {
  std::error_code error;
  const std::string typed_std = "std";
  items.word(typed_std, kModule, 0, "standard library");
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(view.document.path()).parent_path(), error)) {
    if (entry.path().extension() == ".acie" && entry.path() != view.document.path()) items.word(entry.path().stem().string(), kModule, 1, "module beside this one");
  }
}

void add_library_modules(const Workspace& workspace, Items& items) {
  std::error_code error;
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(workspace.options.stdlib_dir, error)) {
    if (entry.path().extension() == ".acie") names.insert(entry.path().stem().string());
  }
  for (const std::string& name : names) items.word(name, kModule, 0, "module of the standard library");
}

/// In `import a, b from module`: what the module has, though its name may stand behind the cursor. Nullopt elsewhere.
std::optional<Json> imported_names(Workspace& workspace, const View& view, const Context& context, uint32_t offset) {
  const std::vector<Token>& tokens = context.tokens;
  if (context.declaration >= tokens.size() || tokens[context.declaration].type != L::IMPORT) return std::nullopt;
  size_t from = tokens.size(), end = context.declaration + 1;
  for (; end < tokens.size() && tokens[end].kind != Token::Kind::Newline && tokens[end].kind != Token::Kind::Comment; ++end) {
    const bool named = end + 1 < tokens.size() && (tokens[end + 1].kind == Token::Kind::Word || tokens[end + 1].kind == Token::Kind::String);
    if (tokens[end].type == L::FROM && (named || end > context.declaration + 1)) from = end;
  }
  if (from == tokens.size() || context.previous() == nullptr) return std::nullopt;
  Items items(view, view.range_now(context.word_begin, offset));
  if (offset >= tokens[from].end) {
    if (context.previous() != &tokens[from]) return std::nullopt;
    add_modules(workspace, view, items);
    return items.take();
  }
  const size_t previous = context.previous()->type;
  if (previous != L::IMPORT && previous != L::COMMA) return items.take();  // a name of one's own behind `as`
  const std::string& text = view.document.text().str();
  const Analysis probe(view.document.path(), absl::StrCat("import", text.substr(tokens[from].end, tokens[end - 1].end - tokens[from].end)), workspace.texts(&view.document), workspace.options);
  if (probe.modules() == nullptr || probe.modules()->main->import_declarations.empty()) return items.take();
  const sema::Module& module = *probe.modules()->main->import_declarations.front().second;
  const View of_probe{view.document, probe, &probe, view.encoding};
  Items exports(of_probe, view.range_now(context.word_begin, offset));
  for (const auto& [name, declaration] : module.declarations) {
    const int symbol = sema::is_private(name) ? -1 : probe.index().exported(module, name);
    if (symbol >= 0) exports.symbol(symbol, 0);
  }
  for (const std::string& unit : module.unit_names) {
    if (!module.unit_origins.contains(unit)) exports.word(unit, kUnit, 0, "unit");
  }
  return exports.take();
}

int model_symbol(const View& view, const std::string& name) {
  const Index& index = view.analysis->index();
  const int id = index.global(name);
  return id >= 0 && index.symbol(id).kind == Symbol::Kind::Model ? id : -1;
}

/// Names behind `base.`; false if nothing is known of base.
bool add_members(const Workspace& workspace, const View& view, const Context& context, Items& items) {
  const Index& index = view.analysis->index();
  const std::string_view text = view.document.text().str();
  if (context.before == 0 || context.before >= context.tokens.size()) return false;
  const Token& base = context.tokens[context.before - 1];
  const std::string name(text.substr(base.begin, base.end - base.begin));
  if (context.declaration < context.tokens.size() && context.tokens[context.declaration].type == L::IMPORT) {
    if (name == "std") add_library_modules(workspace, items);
    return true;
  }
  const int model = model_symbol(view, context.model);
  const auto variables = [&] { items.symbols(index.members(model), 0, [](const Symbol&) { return true; }); };
  if (name == "factual") return variables(), true;
  if (name == "rows") return items.words({"mean", "sum", "var", "min", "max", "count"}, kMethod, 0, "over the rows of the table"), true;
  int id = -1;
  if (const int query = index.global(context.name); query >= 0) {
    if (const auto own = index.members(query).find(name); own != index.members(query).end()) id = own->second;
  }
  if (id < 0 && model >= 0) {
    if (const auto found = index.members(model).find(name); found != index.members(model).end()) id = found->second;
  }
  if (id < 0) id = index.global(name);
  // A world being written may be unknown to the last tree: its name follows `world` in the text.
  bool world = id >= 0 && index.symbol(id).kind == Symbol::Kind::World;
  for (size_t i = 0; !world && i + 1 < context.tokens.size(); ++i) {
    const Token& after = context.tokens[i + 1];
    world = context.tokens[i].type == L::WORLD && text.substr(after.begin, after.end - after.begin) == name;
  }
  if (world) return variables(), true;
  if (id < 0) return false;
  switch (index.symbol(id).kind) {
    case Symbol::Kind::Module:
      if (const sema::Module* module = index.alias(id)) {
        for (const auto& [exported, declaration] : module->declarations) {
          if (const int symbol = index.exported(*module, exported); symbol >= 0) items.symbol(symbol, 0);
        }
      }
      return true;
    case Symbol::Kind::Constraint: return items.words({"ok", "residual"}, kStruct, 0), true;
    case Symbol::Kind::Var: return items.words({"noise"}, kStruct, 0, "the noise of its law"), true;
    default: return true;
  }
}

void add_statement_keywords(const Context& context, Items& items) {
  switch (context.body) {
    case Body::Top:
      items.words({"import", "unit", "dim", "type", "const", "param", "let", "fn", "mechanism", "model", "intervention", "constraint", "query", "fit", "party", "key", "graph"}, kKeyword, 0);
      return;
    case Body::Model: case Body::Over: items.words({"input", "exo", "var", "learn", "let", "over", "latent", "enforce", "abduct", "stat"}, kKeyword, 0); return;
    case Body::Query: items.words({"given", "do", "do?", "world", "let", "by", "weight", "return"}, kKeyword, 0); return;
    case Body::Intervention: items.words({"do", "do?", "let"}, kKeyword, 0); return;
    case Body::World: items.words({"do", "do?"}, kKeyword, 0); return;
    case Body::Fit: items.words({"observe", "minimize", "with", "by", "do", "world", "let", "freeze", "train", "monitor"}, kKeyword, 0); return;
    case Body::Constraint: items.words({"let"}, kKeyword, 2); return;
    case Body::Function: case Body::Other: items.words({"let", "exo", "learn", "return"}, kKeyword, 0); return;
  }
}

void add_types(const View& view, Items& items) {
  items.words({"f64", "f32", "i64", "i32", "bool", "str"}, kType, 0, "scalar type");
  items.words({"law<", "stream<"}, kType, 1);
  items.symbols(view.analysis->index().globals(), 1, [](const Symbol& symbol) { return symbol.kind == Symbol::Kind::Type; });
}

/// Names that an expression can mention, nearest first.
void add_values(const View& view, const Context& context, Items& items) {
  const Index& index = view.analysis->index();
  const int declaration = index.global(context.name), model = model_symbol(view, context.model);
  if (declaration >= 0) {
    items.symbols(index.members(declaration), 0, [](const Symbol&) { return true; });
    // `let`s, bound names and noises of its blocks.
    for (size_t id = 0; id < index.symbols().size(); ++id) {
      const Symbol& symbol = index.symbols()[id];
      if (symbol.parent == declaration && is_value(symbol.kind)) items.symbol(static_cast<int>(id), 0);
    }
  }
  if (model >= 0) items.symbols(index.members(model), 1, [](const Symbol&) { return true; });
  if (context.body == Body::Query || context.body == Body::Fit || context.body == Body::World) {
    items.word("factual", kStruct, 2, "the world of the evidence");
    items.words({"E", "P", "Var", "sd", "Q"}, kOperatorWord, 2, "over the noise");
    items.words({"rows", "draws"}, kOperatorWord, 2);
  }
  items.symbols(index.globals(), 3, [](const Symbol& symbol) { return is_value(symbol.kind) && symbol.kind != Symbol::Kind::Builtin; });
  items.symbols(index.globals(), 4, [](const Symbol& symbol) { return symbol.kind == Symbol::Kind::Builtin; });
  items.words({"if", "then", "else", "and", "or", "not", "true", "false", "as", "for", "in"}, kKeyword, 5);
}

/// Whether the colon before the cursor declares a type: in the parameters of a declaration, or after a declared name.
bool expects_type(const Context& context) {
  const Token& colon = *context.previous();
  int depth = 0;
  for (size_t i = context.before; i-- > 0;) {
    const Token& token = context.tokens[i];
    if (token.begin > colon.begin) continue;
    if (token.kind == Token::Kind::Close) ++depth;
    if (token.kind != Token::Kind::Open) {
      if (depth == 0 && token.kind == Token::Kind::Newline) return true;
      continue;
    }
    if (depth-- > 0) continue;
    if (token.type != L::LPAREN) return true;
    return i >= 2 && context.tokens[i - 1].kind == Token::Kind::Word && context.tokens[i - 2].kind == Token::Kind::Keyword && context.tokens[i - 2].type <= L::EDITION;
  }
  return true;
}

bool names_something_new(size_t keyword) {
  switch (keyword) {
    case L::MODEL: case L::QUERY: case L::FN: case L::MECHANISM: case L::CONST: case L::PARAM: case L::LET: case L::INTERVENTION:
    case L::CONSTRAINT: case L::FIT: case L::UNIT: case L::DIM: case L::TYPE: case L::PARTY: case L::KEY: case L::GRAPH: case L::INPUT:
    case L::EXO: case L::VAR: case L::LEARN: case L::WORLD: case L::OVER: case L::LATENT: return true;
    default: return false;
  }
}

/// The keyword that begins the statement the cursor is in, if nothing but names and commas lies between.
size_t list_keyword(const Context& context) {
  for (size_t i = context.before + 1; i-- > 0;) {
    const Token& token = context.tokens[i];
    if (token.kind == Token::Kind::Keyword) return token.type;
    if (token.kind != Token::Kind::Comma && token.kind != Token::Kind::Word && token.type != L::QUESTION) return 0;
  }
  return 0;
}

void complete(const Workspace& workspace, const View& view, const Context& context, Items& items) {
  const Index& index = view.analysis->index();
  const Token* previous = context.previous();
  if (previous != nullptr && previous->kind == Token::Kind::Dot) {
    if (!add_members(workspace, view, context, items)) items.words({"mean", "sum"}, kMethod, 9);
    return;
  }
  if (context.starts_statement) {
    add_statement_keywords(context, items);
    if (context.body == Body::Constraint || context.body == Body::Function || context.body == Body::Other) add_values(view, context, items);
    return;
  }
  const auto of_kind = [&](Symbol::Kind kind) {
    items.symbols(index.globals(), 0, [kind](const Symbol& symbol) { return symbol.kind == kind; });
  };
  const int model = model_symbol(view, context.model);
  const auto variables = [&](bool noises) {
    if (model >= 0) items.symbols(index.members(model), 0, [noises](const Symbol& symbol) { return symbol.kind == Symbol::Kind::Input || symbol.kind == Symbol::Kind::Var || (noises && symbol.is_variable()); });
  };
  switch (previous->type) {
    case L::IMPORT: return add_modules(workspace, view, items);
    case L::ON: return of_kind(Symbol::Kind::Model);
    case L::DO:
      variables(false);
      items.symbols(index.globals(), 1, [&](const Symbol& symbol) { return symbol.kind == Symbol::Kind::Intervention && (symbol.decl == nullptr || symbol.decl->path.str() == context.model); });
      return;
    case L::DO_ASK: return variables(false);
    case L::AS: return items.words({"f64", "f32", "i64", "i32"}, kType, 0);
    case L::BY: return items.words({"exact", "inverse_cdf", "gumbel_max", "response_functions", "importance", "nuts", "identify", "bound", "estimate"}, kOperatorWord, 0);
    case L::ARROW: return add_types(view, items);
    case L::COLON:
      if (expects_type(context)) return add_types(view, items);
      break;
    case L::TILDE:
      items.symbols(index.globals(), 0, [](const Symbol& symbol) { return symbol.kind == Symbol::Kind::Function && symbol.decl->type != nullptr && symbol.decl->type->kind == syntax::Type::Kind::Law; });
      items.word("categorical", 3, 0, "law");
      return;
    default: break;
  }
  if (previous->kind == Token::Kind::Keyword && names_something_new(previous->type)) return;
  const size_t list = list_keyword(context);
  if (list == L::GIVEN || list == L::OBSERVE || list == L::DO_ASK) {
    variables(false);
    if (const int query = index.global(context.name); query >= 0) items.symbols(index.members(query), 1, [](const Symbol& symbol) { return symbol.kind == Symbol::Kind::World; });
    return;
  }
  // A word behind a complete expression goes on with it.
  const bool operand_before = previous->kind == Token::Kind::Word || previous->kind == Token::Kind::Number || previous->kind == Token::Kind::Close || previous->kind == Token::Kind::String;
  if (operand_before) {
    items.words({"and", "or", "as", "if", "then", "else", "for", "in", "from", "by", "on", "tolerance", "relative"}, kKeyword, 0);
    if (context.body != Body::Top) add_statement_keywords(context, items);
    return;
  }
  add_values(view, context, items);
}

}  // namespace

Answer completion(Workspace& workspace, const View& view, const Json& params) {
  const auto offset = place_of(view, params);
  if (!offset.ok()) return offset.status();
  const Context context = context_at(view.document.text().str(), *offset);
  if (view.analysis == nullptr) {
    // Nothing could be analysed yet: keywords need no analysis.
    Json items = Json::array();
    for (const std::string_view word : keywords()) items.push_back({{"label", std::string(word)}, {"kind", kKeyword}});
    return Json{{"isIncomplete", true}, {"items", context.in_comment || context.in_string ? Json::array() : items}};
  }
  Items items(view, view.range_now(context.word_begin, *offset));
  if (context.in_comment || context.in_string) return items.take();
  if (const auto begin = unit_begin(view.document.text().str(), *offset)) {
    uint32_t word = *offset;
    const std::string& text = view.document.text().str();
    while (word > *begin && (std::isalnum(static_cast<unsigned char>(text[word - 1])) != 0 || text[word - 1] == '_' || static_cast<unsigned char>(text[word - 1]) >= 0x80)) --word;
    Items units(view, view.range_now(word, *offset));
    add_units(view, units);
    return units.take();
  }
  if (auto names = imported_names(workspace, view, context, *offset)) return *std::move(names);
  complete(workspace, view, context, items);
  return items.take();
}

}  // namespace acie::lsp

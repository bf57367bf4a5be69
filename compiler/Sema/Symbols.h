// What names stand for while a program is checked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Sema/Program.h"
#include "compiler/Syntax/AST.h"
#include "runtime/units/Units.h"

namespace acie::sema {

struct Module;
struct LawCall;

/// Which of the `count` instances of `stack(count, x, f)` is being made.
struct Repeat {
  int64_t count = 1;
  int64_t which = 0;
};

/// What the learnt parameters below a function belong to where that is not the place of its call: an instance of a mechanism
/// that a `let` names, or a `let` of a model whose value is a function.
struct Owner {
  std::string path;                         // "Galaxy.ae"; empty while nothing has named it, `dense[8]`
  const syntax::Decl* mechanism = nullptr;  // of an instance
  std::vector<int64_t> sizes;               // as written, `tied[16]`; empty where they follow from the arguments
  std::vector<Repeat> repeats;              // the `stack`s it stands in
  const syntax::Stmt* stmt = nullptr;       // of a function: the text whose calls are numbered
};

/// What an expression of the program means: mostly a number with its type, else one of the things only some places take.
///
/// A tensor of up to kUnrolled elements is mostly a list of numbers (`items`), so that each is an expression of its own; a
/// larger one is a whole: one expression `expr` with a shape, computed by a loop. A Number whose expression has a shape
/// stands for each of those elements at once: so functions of numbers work on whole tensors.
struct Value {
  enum class Kind {
    Poison,      // an error was reported; what uses it stays silent
    Number,      // expr
    Tensor,      // items of `shape`, row-major; or a whole, `expr`
    Family,      // a vector variable of a model whose elements are looked up one by one: `shape`, `element`, `here`
    Record,      // items named by `fields`
    Law,         // law: a distribution that nothing has drawn from yet
    Function,    // declaration (and module, and for a function inside a mechanism the scope it stands in), a prelude operation,
                 // or a lambda with the scope it stands in; with an `owner` where its learnt parameters have one
    World,       // world
    Constraint,  // constraint, in `world`
    ModuleName,  // module: an import with an alias
    Other        // a declaration that is no value: `declaration` says which
  };
  Kind kind = Kind::Poison;
  const Expr* expr = nullptr;
  bool literal = false;  // made of literals only: takes the type of what it meets
  std::shared_ptr<const LawCall> law;
  Shape shape;
  std::shared_ptr<const std::vector<Value>> items;  // shared: a tensor is mentioned often and never changes
  std::shared_ptr<const std::vector<std::string>> fields;
  int64_t leaves = 1;                     // Record: how many numbers are in it, those of its parts included
  std::function<Value(int64_t)> element;  // Family: by row-major position
  std::function<Value(int64_t)> slice;    // Family of a large tensor per step: by step, else empty
  int64_t here = -1;                      // Family inside `over`: the step that the bare name means
  const syntax::Expr* lambda = nullptr;
  const syntax::Decl* declaration = nullptr;
  const Module* module = nullptr;
  std::optional<Op> op;
  WorldId world = kThisWorld;
  const class Scope* names = nullptr;  // World: where its variables are found; lambda, function in a mechanism: where it stands
  std::shared_ptr<const Owner> owner;  // Function
  const Constraint* constraint = nullptr;
  Span span;

  bool poisoned() const { return kind == Kind::Poison; }
  bool is_number() const { return kind == Kind::Number; }
  bool is_tensor() const { return kind == Kind::Tensor; }
  bool is_whole() const { return kind == Kind::Tensor && items == nullptr; }
  /// The field of a record called `name`, or null.
  const Value* field(std::string_view name) const;
};

/// A type as written: a number's or a tensor's (`element`, `shape`), or a record's.
struct Annotation {
  struct Field;  // of its own: a vector may hold what is not complete yet, a pair may not
  Type element;
  Shape shape;
  std::vector<Field> fields;  // of a record, else empty
};

struct Annotation::Field {
  std::string name;
  Annotation type;
};

/// Tensors of more elements than this are never written out element by element, for whatever is decided so.
inline constexpr int64_t kMostListed = 4096;

/// How many elements a tensor of this shape has.
int64_t element_count(const Shape& shape);
/// "[3, 4]"
std::string to_string(const Shape& shape);
/// "[1, 2]": the indices of the element at row-major `position`, as names of elements and columns end.
std::string index_text(const Shape& shape, int64_t position);

/// A law function with its arguments: drawn from where `~` names it.
struct LawCall {
  const syntax::Decl* declaration = nullptr;  // null: primitive or categorical
  const Module* module = nullptr;
  std::optional<Noise::Law> primitive;
  bool categorical = false;  // Gumbel-max over the items of its one argument, a list
  std::vector<Value> arguments;  // in the order of the parameters
  std::vector<int64_t> generics = {};  // sizes written at the call
  /// Of a law of two families that a condition chooses: these. `arguments` are the condition, then those of the first and the second.
  std::vector<LawCall> families = {};
  std::string text;              // as written, for plans
  Span span;
};

/// One file's declarations by name.
struct Module {
  std::string name;  // "std.astro"
  const syntax::File* file = nullptr;
  bool library = false;  // of the standard library: may use the primitive laws
  std::map<std::string, const syntax::Decl*, std::less<>> declarations;
  std::vector<const Module*> imports;                                   // all their names brought in
  std::map<std::string, const Module*, std::less<>> aliases;            // import … as name
  /// What a name that imports bring in can mean. `by` brought it: the import's syntax::Decl, or the syntax::ImportedName.
  struct Imported {
    const syntax::Decl* declaration = nullptr;
    const Module* owner = nullptr;
    const void* by = nullptr;
  };
  std::map<std::string, std::vector<Imported>, std::less<>> imported;   // several: ambiguous where it is used
  std::map<std::string, const syntax::Decl*, std::less<>> alias_imports;
  std::vector<std::pair<const syntax::Decl*, const Module*>> import_declarations;  // in order
  std::map<const syntax::Decl*, std::string> run_names;                 // params and models that share their name with another module's
  units::UnitTable units;                                               // visible here
  std::vector<std::string> unit_names;                                  // visible here, declared or imported, in order
  std::map<std::string, std::string, std::less<>> unit_origins;         // of those imported: the module
  struct AmbiguousUnit {
    std::string first, second;  // the modules that bring it in, with different sizes
  };
  std::map<std::string, AmbiguousUnit, std::less<>> ambiguous_units;
};

/// Names that begin with `_` are their file's own.
inline bool is_private(std::string_view name) { return name.starts_with('_'); }

/// A place to look names up, inside out. `find` may elaborate what it finds.
class Scope {
 public:
  explicit Scope(const Scope* parent, const Module* module) : parent_(parent), module_(module) {}
  virtual ~Scope() = default;

  virtual std::optional<Value> find(const std::string& name, Span use) const {
    const auto found = names_.find(name);
    return found == names_.end() ? std::nullopt : std::optional<Value>(found->second);
  }
  /// Names for did-you-mean.
  virtual void list(std::vector<std::string>& names) const {
    for (const auto& [name, value] : names_) names.push_back(name);
  }
  void bind(const std::string& name, Value value) { names_[name] = std::move(value); }
  bool has_own(const std::string& name) const { return names_.contains(name); }
  /// The unit that a generic name of a function stands for: `U` of `fn norm[N, U](x: f64<U>[N]) -> f64<U>`.
  void bind_unit(const std::string& name, units::Unit unit) { units_[name] = std::move(unit); }
  /// Those bound from here outwards; inner ones hide outer ones.
  void collect_units(std::map<std::string, units::Unit>& found) const {
    found.insert(units_.begin(), units_.end());
    if (parent_ != nullptr) parent_->collect_units(found);
  }
  /// Whether E[·], rows.mean(·) and the like mean something here: in the results of a query.
  virtual bool takes_estimates() const { return parent_ != nullptr && parent_->takes_estimates(); }

  const Scope* parent() const { return parent_; }
  const Module* module() const { return module_; }

 private:
  const Scope* parent_;
  const Module* module_;
  std::map<std::string, Value> names_;
  std::map<std::string, units::Unit> units_;
};

}  // namespace acie::sema

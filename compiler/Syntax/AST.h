// The abstract syntax tree: what a .acie file says, before any name is looked up.
//
// Nodes are plain structs owned by an AstContext and alive as long as it; children are raw pointers that are never null
// unless documented as optional. The tree is immutable once the parser returns it. A node's `span` covers its text.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/Support/Span.h"

namespace acie::syntax {

/// Owns every node of one or more files.
class AstContext {
 public:
  template <class T, class... Args>
  T* make(Args&&... args) {
    auto node = std::make_unique<Holder<T>>(std::forward<Args>(args)...);
    T* raw = &node->value;
    nodes_.push_back(std::move(node));
    return raw;
  }

 private:
  struct HolderBase {
    virtual ~HolderBase() = default;
  };
  template <class T>
  struct Holder : HolderBase {
    template <class... Args>
    explicit Holder(Args&&... args) : value{std::forward<Args>(args)...} {}
    T value;
  };
  std::deque<std::unique_ptr<HolderBase>> nodes_;
};

/// An identifier, NFKC-normalised, without its back quotes.
struct Name {
  std::string text;
  Span span;
};

/// `a.b.c`
struct Path {
  std::vector<Name> parts;
  Span span;
  std::string str() const {
    std::string out;
    for (const Name& part : parts) out += (out.empty() ? "" : ".") + part.text;
    return out;
  }
};

/// The text between `<` and `>` of a unit, unparsed: Sema knows the units.
struct UnitText {
  std::string text;
  Span span;  // of the text inside the brackets
};

struct Expr;
struct Type;
struct Stmt;
struct Block;

// ---------------------------------------------------------------------------------------------------------------- types

struct Field {
  Name name;
  Type* type;
};

struct Type {
  enum class Kind { Scalar, Named, Law, Stream, Record };
  Kind kind;
  Span span;
  std::string scalar;               // Scalar: "f64", "i32", "bool", …
  Path path;                        // Named: a `type`, or `index` and other generic names
  std::optional<UnitText> unit;     // Scalar
  Type* element = nullptr;          // Law, Stream
  std::vector<Field> fields;        // Record
  std::vector<Expr*> dims;          // […], empty if none
  bool optional = false;            // ?
  Expr* range_low = nullptr;        // in a..b
  Expr* range_high = nullptr;
  std::optional<Name> party;        // at p
  std::optional<Name> key;          // under k
  Expr* scale = nullptr;            // under k(scale: s)
};

// ---------------------------------------------------------------------------------------------------------- expressions

enum class BinaryOp { Add, Sub, Mul, Div, MatMul, Pow, Eq, Ne, Lt, Le, Gt, Ge, And, Or };
enum class UnaryOp { Neg, Not };

/// `for i in xs, j in ys if cond` of a comprehension or a reducing call.
struct Generator {
  std::vector<std::pair<Name, Expr*>> clauses;
  Expr* condition = nullptr;  // optional
  Span span;
};

/// `name: value` or `value`, with an optional generator (`sum(e for i in xs)`).
struct Argument {
  std::optional<Name> name;
  Expr* value = nullptr;
  std::optional<Generator> generator;
  Span span;
};

struct Parameter {
  Name name;
  Type* type = nullptr;           // optional only in lambdas
  Expr* default_value = nullptr;  // optional
  Span span;
};

/// One index of `x[i]`, `x[a..b]`, `x[..]`, `x[axis = e]`, `x[.., new]`.
struct Index {
  enum class Kind { Value, Slice, All };
  Kind kind;
  std::optional<Name> name;  // `x[axis = e]`
  Expr* value = nullptr;     // Value
  Expr* low = nullptr;       // Slice, optional
  Expr* high = nullptr;      // Slice, optional
  Span span;
};

struct RecordField {
  std::optional<Name> name;  // absent: `..e`
  Expr* value;
};

struct Expr {
  enum class Kind {
    Integer,      // text
    Float,        // text
    Quantity,     // text + unit
    String,       // text, unescaped
    Boolean,      // truth
    Name,         // name (a lone identifier)
    ScalarName,   // text: `f32` used as a function
    Member,       // base . name
    Call,         // base ( args )
    Index,        // base [ indices ; indices2 ]
    Unary,        // unary, operands[0]
    Binary,       // binary, operands[0], operands[1]
    ConvertUnit,  // operands[0] as <unit>
    ConvertType,  // operands[0] as text
    Range,        // operands[0] .. operands[1]
    If,           // operands: condition, then, else
    Lambda,       // params, operands[0]
    Pipe,         // operands[0] |> operands[1]
    Tuple,        // operands
    List,         // operands
    Comprehension,// operands[0], generator
    Record,       // fields
    Block,        // block
    AtParty,      // name, block
  };
  Kind kind;
  Span span;
  std::string text;
  Name name;
  std::optional<UnitText> unit;
  bool truth = false;
  BinaryOp binary = BinaryOp::Add;
  UnaryOp unary = UnaryOp::Neg;
  Span op_span;  // of the operator, where there is one
  Expr* base = nullptr;
  std::vector<Expr*> operands;
  std::vector<Argument> args;
  std::vector<Index> indices;
  std::vector<Index> indices2;  // after `;` as in Q[0.95; y]
  std::vector<Parameter> params;
  std::vector<RecordField> fields;
  std::optional<Generator> generator;
  Block* block = nullptr;
};

// ----------------------------------------------------------------------------------------------------------- statements

/// `x`, `x[i]`, `w.y`: what `do` sets.
struct Target {
  Path path;
  std::vector<Index> indices;
  Span span;
};

/// One item of `given` or `observe`: `x`, `x?`, `x = e`, `w.y = e`; event evidence is parsed into `value`.
struct Evidence {
  Expr* subject;
  bool optional = false;
  Expr* value = nullptr;  // optional
  Span span;
};

/// `e` or `name = e`.
struct Result {
  std::optional<Name> name;
  Expr* value;
  Span span;
};

struct Stmt {
  enum class Kind {
    Input,       // names : type (from) (= value)
    Exo,         // names (: type) ~ value (by method)
    Var,         // name (: type) (= value | ~ law (by method) | <- parents) (from)
    Latent,      // name -> children
    Over,        // name in value { body }
    Learn,       // names (: type) (~ law) (= value)
    Stat,        // name (: type) = value (by method)
    Let,         // name or {names} (: type) = value
    Abduct,      // names ~ law
    Enforce,     // path moving names
    Do,          // target (= | += | ~) value (if condition); or an applied intervention in `value`
    DoAsk,       // do? names
    World,       // name { body }
    Given,       // evidence
    Observe,     // evidence
    By,          // method
    Weight,      // value
    Return,      // results
    Minimize,    // value
    With,        // args
    Freeze,      // paths
    Train,       // paths
    Monitor,     // name = value
    Write,       // value (sink) from source
    Check,       // value (a call)
    Param,       // a `param` or `fn` nested in a mechanism: see `declaration`
    Row,         // a constraint's row: value, tolerance, relative
    Expression,  // value
  };
  enum class DoKind { Hard, Shift, Stochastic, Symbolic, Apply };  // Symbolic: `do x` alone; Apply: `do heavier(2)`
  Kind kind;
  Span span;
  std::string doc;             // text of /// lines, joined with newlines
  std::vector<Name> names;
  Type* type = nullptr;        // optional
  Expr* value = nullptr;
  Expr* law = nullptr;         // after ~
  Expr* method = nullptr;      // after by
  Expr* from = nullptr;        // after from: a string or a call
  Expr* condition = nullptr;   // after if
  Expr* tolerance = nullptr;
  Expr* relative = nullptr;
  Expr* source = nullptr;      // Write
  DoKind do_kind = DoKind::Hard;
  bool destructures = false;   // let {a, b} = …
  bool has_parents = false;    // Var with `<-`: names after it in `parents`
  std::vector<Name> parents;   // <- , -> , moving
  std::optional<Target> target;
  std::vector<Evidence> evidence;
  std::vector<Result> results;
  std::vector<Argument> args;
  std::vector<Path> paths;
  std::vector<Stmt*> body;     // World, Over
  struct Decl* declaration = nullptr;
};

/// `{ statements }`: its value is the `return`, else the last expression.
struct Block {
  std::vector<Stmt*> statements;
  Span span;
};

// --------------------------------------------------------------------------------------------------------- declarations

/// `f` or `f as g` of `import f, g from module`.
struct ImportedName {
  Name name;                  // there
  std::optional<Name> alias;  // here
  Span span;
  const Name& local() const { return alias ? *alias : name; }
};

struct Decl {
  enum class Kind {
    Import, Unit, Dim, Type, Const, Param, Let, Fn, Mechanism, Model, Intervention, Constraint, Query, Fit, Party, Key,
    Graph
  };
  Kind kind;
  Span span;
  std::string doc;
  Name name;                     // for Dim and Party the first of `names`
  std::vector<Name> names;       // Dim, Party, let {a, b}
  std::vector<Expr*> values;     // Dim: one per name, null where read from the data
  Path path;                     // Import: module path; Intervention, Constraint, Query, Fit: the model after `on`
  std::optional<std::string> file;  // Import "file.acie"
  std::optional<Name> alias;     // Import … as name
  std::vector<ImportedName> imported;  // Import … from: the names brought in; empty for all
  std::optional<UnitText> unit;  // Unit: = <W/m^2>, or the unit of = 1e-26<W/m^2/Hz>
  std::string number;            // Unit: the factor's text, empty if none
  bool has_model = false;        // a Constraint may have none
  std::vector<Name> generics;
  bool has_params = false;
  std::vector<Parameter> params;
  Type* type = nullptr;          // Const, Param, result of Fn/Mechanism/Graph, alias of Type; optional
  Expr* value = nullptr;         // Const, Param, Let, Key, extern call of Mechanism
  std::vector<std::pair<std::string, Span>> alternatives;  // type Arm = A | B
  Block* block = nullptr;        // Fn, Mechanism, Graph
  std::vector<Stmt*> body;       // Model, Intervention, Constraint, Query, Fit
  std::optional<Name> holder;    // Key: held by
  bool allow_weak = false;       // Key
};

struct File {
  uint32_t file_id = 0;
  std::optional<std::string> edition;
  std::vector<Decl*> declarations;
};

}  // namespace acie::syntax

// Models: variables with their equations, laws and constraints.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/StepLoops.h"

namespace acie::sema {

/// The names that an expression mentions; nesting is bounded by the parser.
void mentions(const syntax::Expr* expr, std::vector<std::string>& names);

/// One model while it is elaborated and afterwards, when queries look its names up. Variables may refer to each other in
/// any order: each is typed on first use.
class ModelElaborator {
 public:
  ModelElaborator(Elaborator& elaborator, const syntax::Decl& declaration, const Module& module);

  Model* model() { return model_; }
  const Module& module() const { return module_; }
  const syntax::Decl& declaration() const { return declaration_; }
  /// Every variable has its equation: false after an error in one of them.
  bool sound() const { return sound_; }

  /// Before run(): a query of `module` on this model, which may give, set or ask for single elements of large tensors.
  void speak_of_elements(const syntax::Decl& query, const Module& module);
  /// Elaborates every statement.
  void run();
  /// Elaborates a `constraint … on` this model.
  void add_constraint(const syntax::Decl& constraint, const Module& module);
  /// Declared ranges of variables as constraints; reports an equation whose values certainly lie outside. After the model's
  /// order is known.
  void add_ranges();

  /// A variable, learnt value or constraint by name, as seen from `world`.
  std::optional<Value> find(const std::string& name, Span use, WorldId world);
  /// Null if there is none, it is broken, or it is a vector.
  const Variable* variable(const std::string& name);
  /// The variables that `name` stands for, row-major, and their shape: one of shape [] for a number; one per step where
  /// every step is a tensor of more than 64 elements. Empty if there is none, or one is broken.
  std::vector<const Variable*> variables(const std::string& name, Shape& shape);
  /// The variables, or families, that are the fields of a record called `name`: "star.mass"; empty if it is no record.
  bool is_record(const std::string& name) const { return records_.count(name) > 0; }
  std::vector<std::string> record_fields(const std::string& name) const;
  /// The name of the step of `over` that a vector was declared in, if any.
  std::optional<std::string> step_name(const std::string& name) const;
  /// The names of that `over` at one step, as `world` sees them, then those of `parent`: what the value of a policy,
  /// `do name[t] = e`, means by them.
  std::unique_ptr<Scope> step_scope(const std::string& name, int64_t step, WorldId world, const Scope& parent);
  // ---- OpenSteps.cpp: `over` with as many steps as the data say
  /// The names of the steps that `name` was declared in, for the value of `do name[t] = e`: `t`, and every series as its
  /// step and those before it in `world`; null where it is none. Of `name` the step's natural value is meant, of a vector at
  /// each step that of the elements at `positions`, which are set; all, if empty.
  std::unique_ptr<Scope> open_step_scope(const std::string& name, WorldId world, const Scope& parent, const std::vector<int64_t>& positions = {});
  std::optional<std::string> open_step_name(const std::string& name) const;
  /// The series declared together with this one, with what a step makes of each in this world: null for inputs. Empty where
  /// it is none.
  std::vector<StepSeries> series_with(const Variable* variable) const;
  /// Whether a loop computes it, because it needs its own earlier steps.
  bool is_rolled(const Variable* series) const { return step_equations_.count(series) > 0; }
  /// How many series that loop computes.
  size_t rolled_with(const Variable* series) const { return rolled_with_.at(series); }
  /// A variable with one step's equation of it, over the series as they are: evidence on a rolled series is evidence on this.
  const Variable* step_equation(const Variable* series) const;
  /// What a step makes of a series, over whole series; null where it is none, or an input.
  const Expr* step_of(const Variable* series) const;
  /// One step of a series, or of a noise of each step, as a variable of its own; null where its equation cannot be written so.
  const Variable* written_step(const Variable* of, int64_t step);
  /// What one name stands for in such an `over`, or one field of a record: its series, row-major where it is a vector of
  /// `each`. Of a record its fields, `path` being what follows the record's name.
  struct OpenPart {
    std::string name, path;
    std::vector<const Variable*> series;
    Shape each;
  };
  std::vector<OpenPart> open_parts(const std::string& name);
  // ---- OpenStepVectors.cpp
  /// The series of a vector at each step, row-major, or a series itself; empty for other variables, noises among them.
  std::vector<const Variable*> element_series(const Variable* variable) const;
  /// Asks of the run that this size be at least 1; false where it is known not to be.
  bool leave_room(int64_t size) { return elaborator_.leave_room(size); }
  /// Of a vector at each step the variable of all its steps, else null; variables() gives the series of its elements.
  const Variable* open_vector(const std::string& name) const;
  std::vector<std::pair<const Variable*, const Expr*>> split_open_vector(const Variable* all, const Expr* value);
  void list(std::vector<std::string>& names) const;

 private:
  /// `over t in 0..T { … }`: what each step declares.
  struct Steps {
    const syntax::Stmt* stmt = nullptr;
    std::string name;  // "t"
    int64_t first = 0, count = 0;
    Value number;  // `t`, where the count is read at start: the places of all steps
    std::set<std::string> variables;  // fields of records among them, "s.mass"
    std::set<std::string> learnt;  // a value per step, in learnt_
    std::map<std::string, const syntax::Stmt*> lets;
    std::map<std::pair<std::string, int64_t>, Value> let_values;
  };
  /// A vector: its elements are entries of their own, "x[2]". A vector per step, "x", has its steps between, "x[2]", whose
  /// elements are "x[2,0]", …; of more than 64 elements each step is one variable.
  struct Family {
    Shape shape;
    Steps* steps = nullptr;  // null: one equation makes all elements
    std::string series;      // of one step's vector: the name of all, and which step it is
    int64_t step = 0;
    /// The shape at one step.
    Shape each() const { return steps != nullptr ? Shape(shape.begin() + 1, shape.end()) : shape; }
  };
  struct Entry {
    const syntax::Stmt* stmt = nullptr;
    Variable* variable = nullptr;  // null: a family of this name
    bool typed = false;
    bool typing = false;
    bool broken = false;  // an error was reported: what mentions it stays silent
    std::string root;     // an element of a family: the family's name
    Steps* steps = nullptr;
    int64_t step = -1;    // of `over`: which
    std::string record;   // a field of a record: the record's name
    Annotation declared;  // a field of a record: its type
  };
  /// A variable, input or learnt value that is a record: its fields are names of their own, "star.mass", and what is no
  /// record among them stands in entries_ or learnt_.
  struct Record {
    const syntax::Stmt* stmt = nullptr;
    Annotation type;
    std::map<int64_t, std::optional<Value>> values;  // of a variable: what its equation makes, once for all fields, by step (-1: none)
    Steps* steps = nullptr;
  };
  /// A vector at each step where only the run knows how many there are: a series per element.
  struct OpenVector {
    Shape each;
    Steps* steps = nullptr;
    std::vector<std::string> series;   // entries, row-major
    const Variable* column = nullptr;  // of an input: what is read from the table
  };
  class StepScope;
  class PolicyScope;
  class OpenStepScope;
  void over_open(const syntax::Stmt& stmt, int64_t count);
  void declare_open(const std::string& name, const Annotation& type, const syntax::Stmt& stmt, Steps& steps);
  void type_open_series(const std::string& name, Entry& entry);
  bool check_open_statement(const std::string& name, const syntax::Stmt& stmt);
  bool type_open_law(const std::string& name, Entry& entry, const Scope& scope);
  bool type_open_equation(const std::string& name, Entry& entry, const Scope& scope);
  std::optional<LawCall> open_law(const syntax::Stmt& stmt, const Shape& shape, const Scope& scope);
  bool settle_open_law(const std::string& name, Entry& entry, LawCall law, bool declared);
  const Expr* all_steps(std::vector<const Expr*> series, int64_t count, const Shape& each, Span span);
  void make_open_vector(const std::string& name, const Annotation& type, const syntax::Stmt& stmt, Steps& steps);
  void type_open_vector(const std::string& name, Entry& entry);
  bool type_open_laws(const std::string& name, Entry& entry, const Scope& scope);
  const OpenVector* open_vector_of(const Variable* all) const;
  Value open_vector_here(const std::string& name, const Steps& steps, WorldId world, const std::function<bool(int64_t)>& is_natural, Span use);
  Value open_learnt_here(const std::string& name, const Steps& steps, Span use);
  std::optional<Value> open_vector_noises(const std::string& name, Span use, WorldId world);
  const Expr* series_of(const Expr* e, const OpenVector& vector, const Variable& all, int64_t position, std::map<const Expr*, const Expr*>& done);
  /// Of a series, vector or record of such an `over`; null for other names.
  Steps* open_steps(const std::string& name) const;
  bool settle_open_type(const std::string& name, Entry& entry, Value value, bool declared);
  void roll_open_series();
  const Expr* replace_series(const Expr* e, const std::map<const Variable*, const Expr*>& by, std::map<const Expr*, const Expr*>& done);
  Value open_series(const std::string& name, const Steps& steps, WorldId world, bool natural, Span use);

  void choose_by_element();
  void choose_larger_than_noise(const std::map<std::string, const syntax::Stmt*>& statements);
  std::optional<int64_t> written_count(const syntax::Stmt& stmt) const;
  void declare(const syntax::Stmt& stmt);
  void type_in_order();
  void not_built(const syntax::Stmt& stmt);
  void mark_broken(Entry& entry);
  void break_names(const syntax::Stmt& stmt);
  void break_name(const syntax::Name& name);
  Entry* claim(const syntax::Name& name, const syntax::Stmt& stmt);
  bool is_declared(const std::string& name) const;
  void declare_record(const syntax::Name& name, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type, Steps* steps = nullptr, std::vector<std::string>* series = nullptr);
  void declare_fields(const syntax::Name& name, const syntax::Name& record, const syntax::Stmt& stmt, Variable::Role role, const Annotation& type, Steps* steps, std::vector<std::string>* series);
  void learn_record(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type);
  Value record_as(const std::string& name, const Annotation& type, Span use, WorldId world);
  Value field_value(const std::string& name, Entry& entry, const Scope& scope);
  std::optional<Annotation> declared_type(const Entry& entry, const Scope& scope);
  Steps* steps_with(const std::string& name) const;
  void over(const syntax::Stmt& stmt);
  void over_let(const syntax::Stmt& stmt, Steps& steps);
  Value let_of_step(const syntax::Stmt& let, const Scope& at);
  std::optional<Value> record_of_step(const std::string& name, const Steps& steps, const Scope& at, Span use);
  void over_variable(const syntax::Stmt& stmt, Steps& steps, std::vector<std::string>& names);
  void over_learn(const syntax::Stmt& stmt, Steps& steps);
  void over_learn_as(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type, Steps& steps);
  bool is_by_element(const std::string& name) const;
  bool is_declared_over(const std::string& name) const;
  void speak_of_evidence(const syntax::Evidence& item);
  void make_family(const std::string& name, const Shape& shape, const syntax::Stmt& stmt, Steps* steps);
  void make_whole(Variable& variable, const Shape& shape, const syntax::Stmt& stmt);
  bool grow_steps(const std::string& name, const Shape& each, const syntax::Stmt& stmt, Steps& steps);
  void type_steps(const std::string& name);
  std::string element_name(const std::string& family, int64_t position) const;
  bool is_by_step(const std::string& name) const;
  void type_variable(const std::string& name, Entry& entry);
  void add_noises(const std::vector<Variable*>& noises, const syntax::Stmt& stmt);
  bool agree(const std::string& name, Entry& entry, const Shape& shape, Span span);
  bool type_input(const std::string& name, Entry& entry);
  bool type_var(const std::string& name, Entry& entry);
  bool type_exo(const std::string& name, Entry& entry);
  bool define_exo(Variable& variable, const LawCall& law, const std::optional<Annotation>& declared, Span span);
  /// The variables of an entry: its own, or its family's elements.
  std::vector<Variable*> members(const std::string& name, const Entry& entry);
  std::optional<Value> family(const std::string& name, Span use, WorldId world, int64_t here);
  std::vector<std::string> columns(const syntax::Stmt& stmt, const std::string& name, const Shape& shape);
  Value let_value(const std::string& name, const syntax::Stmt& stmt);
  void learn(const syntax::Stmt& stmt);
  std::optional<Elaborator::FirstValues> first_values(const syntax::Stmt& stmt, const Annotation& type, const Scope& scope);
  bool declare_learnt(const syntax::Name& name, const syntax::Stmt& stmt, const Annotation& type, const Elaborator::FirstValues& first);

  Elaborator& elaborator_;
  const syntax::Decl& declaration_;
  const Module& module_;
  Model* model_;
  std::unique_ptr<Scope> scope_;  // the model's names in this world
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
  std::map<std::string, const syntax::Stmt*> lets_;
  std::map<std::string, Value> let_values_;
  std::map<std::string, Family> families_;
  std::map<std::string, Record> records_;
  std::map<std::string, std::vector<const Variable*>> variables_;  // of vectors, when all are typed
  std::set<std::string> given_whole_;  // by some query
  std::set<std::string> by_element_;  // tensors of more than 64 elements that are families all the same
  std::vector<std::unique_ptr<Steps>> steps_;
  std::map<std::string, Steps*> open_series_;  // by name
  std::map<std::string, OpenVector> open_vectors_;
  std::set<std::string> assumed_;              // whose type was needed before it was known
  std::map<const Variable*, const Expr*> steps_of_;                  // of series that are no inputs, over whole series
  std::map<const Variable*, const Variable*> step_equations_;        // of those that a loop computes
  std::map<std::pair<const Variable*, int64_t>, const Variable*> written_steps_;
  std::map<const Variable*, size_t> rolled_with_;                    // and how many it computes
  std::map<std::string, Value> learnt_;
  std::map<std::string, Constraint*> constraints_;
  std::vector<std::string> open_lets_;
  bool sound_ = true;
};

/// The model's names as `world` sees them.
class WorldScope : public Scope {
 public:
  WorldScope(ModelElaborator& model, WorldId world, const Scope* parent, const Module* module)
      : Scope(parent, module), model_(model), world_(world) {}
  std::optional<Value> find(const std::string& name, Span use) const override {
    if (auto bound = Scope::find(name, use)) return bound;
    return model_.find(name, use, world_);
  }
  void list(std::vector<std::string>& names) const override {
    Scope::list(names);
    model_.list(names);
  }

 private:
  ModelElaborator& model_;
  WorldId world_;
};

}  // namespace acie::sema

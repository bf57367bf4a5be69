// Queries and interventions: worlds with what they set, evidence, results.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Analysis/Analysis.h"
#include "compiler/Sema/Models.h"

namespace acie::sema {

/// One query: its worlds desugared, its results as expressions over worlds. The analysis then decides how it is answered.
class QueryElaborator {
 public:
  QueryElaborator(Elaborator& elaborator, ModelElaborator& model, const syntax::Decl& declaration, const Module& module);

  /// Elaborates the query; false if it cannot be analysed.
  bool run();
  /// Elaborates instead an intervention that no query applies, for its errors.
  void check(const syntax::Decl& intervention, const Module& owner);

  Query* query() { return query_; }
  const std::vector<ReturnItem>& returns() const { return returns_; }
  const std::optional<MethodClause>& method() const { return method_; }

 private:
  friend class QueryScope;

  void argument(const syntax::Parameter& parameter);
  WorldId add_world(const std::string& name, Span span);
  void interventions(WorldId world, const std::vector<syntax::Stmt*>& statements, const Scope& scope, int depth);
  void intervene(WorldId world, const syntax::Stmt& stmt, const Scope& scope, bool own);
  void ask(WorldId world, const syntax::Stmt& stmt);
  void apply(WorldId world, const syntax::Stmt& stmt, const Scope& scope, int depth);
  void carry_out(WorldId world, const syntax::Decl& intervention, const Module& owner, const std::vector<Value>& arguments, int depth);
  void set(WorldId world, const Variable* target, Value value, Value condition, Span span);
  void given(const syntax::Stmt& stmt);
  void give_column(const Variable* variable, Span span);
  void give_open_vector(const syntax::Evidence& item, const syntax::Name& name, const std::vector<const Variable*>& series, const Scope& scope);
  void by(const syntax::Stmt& stmt);
  void result(const syntax::Result& item);
  bool add_slice(const syntax::Expr& text, const Value& value, Span span);
  /// What a `do` sets: some or all elements of a variable.
  struct Targets {
    std::string name;
    std::vector<const Variable*> elements;  // of the whole variable
    Shape shape;                            // of the whole; [] for a number
    std::vector<int64_t> chosen;            // which are set, in the order of the value's items
    std::vector<int64_t> places;            // the same upwards
    Shape chosen_shape;                     // [] where one is
    std::string chosen_text() const { return sizes::any_open(shape) ? "elements of the shape " + to_string(chosen_shape) : std::to_string(chosen.size()) + " elements"; }
    /// A variable that is one expression: its elements are set together.
    bool whole() const { return elements.size() == 1 && elements[0]->type.shape == shape && !shape.empty(); }
    /// Whether one of the elements [begin, end) is set, or may be while none is chosen.
    bool sets(int64_t begin, int64_t end) const {
      const auto first = std::lower_bound(places.begin(), places.end(), begin);
      return places.empty() || (first != places.end() && *first < end);
    }
    /// A series whose steps are such variables.
    bool by_step() const { return !elements[0]->type.shape.empty() && !whole(); }
    Value mask;                             // `do x[mask] = e`: a truth value per element, else poison
    /// Some elements of a tensor whose size is read at start: whether each is set, and which item of a value of
    /// `chosen_shape` is its own; else poison.
    Value set, item;
    /// The same as a place or a slice of each axis; empty where a mask chooses.
    std::vector<Elaborator::AxisPart> parts;
  };
  std::optional<Targets> target(WorldId world, const syntax::Stmt& stmt, const Scope& scope);
  void given_record(const syntax::Evidence& item, const syntax::Name& name, const std::vector<std::string>& fields);
  void intervene_on_record(WorldId world, const syntax::Stmt& stmt, const std::vector<std::string>& fields, const Scope& scope, bool own);
  bool set_twice(const std::vector<int64_t>& places, const syntax::Target& written);
  void set_jointly(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& law, const Shape& shape, const Scope& scope, bool own);
  std::optional<Value> natural_series(WorldId world, const syntax::Stmt& stmt, const std::string& field, const Scope& scope);
  void intervene_on(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Scope& scope, bool own);
  bool choose_parts(const std::vector<Elaborator::AxisPart>& parts, Targets& targets, Span span);
  // ---- StepInterventions.cpp
  bool set_open_steps(WorldId world, const syntax::Stmt& stmt, const Scope& scope);
  void set_open_steps_drawn(WorldId world, const syntax::Stmt& stmt, const ModelElaborator::OpenPart& part, const Value& law, const Value& condition);
  Value drawn_steps(WorldId world, const LawCall& law, const Variable* series, const std::string& which, Span span);
  // ---- StepEvidence.cpp
  struct FirstSteps;
  bool give_steps(const syntax::Evidence& item, const std::string& name, const std::vector<const Variable*>& series, const Shape& shape, const Scope& scope);
  bool tell_first_steps();
  std::optional<std::pair<std::string, std::string>> why_no_vector(const Variable* series, FirstSteps& first);
  bool tell_as_vectors();
  void set_first_steps(const Variable* series, const FirstSteps& first, const Expr* known);
  const Expr* known_then_open(const Expr* known, const Expr* open, const FirstSteps& first);
  const Expr* with_first_noises(const Expr* e);
  bool is_noise_vector(const Variable* variable) const;
  // ---- WrittenEvidence.cpp
  bool tell_written_steps();
  bool follows_from_open_steps(const Variable* start, const std::set<const Variable*>& whole) const;
  bool set_steps_of_series(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& value, const Value& condition);
  void roll_open_series(WorldId world);
  Value natural_steps(WorldId world, const Targets& targets, Span span);
  void set_steps(WorldId world, const syntax::Stmt& stmt, const Targets& targets, const Value& value, const Value& law, const Value& condition);
  bool set_more(WorldId world, const Variable* variable, const Value& value, const Value& condition, const std::vector<double>& chosen, Span span);
  void set_whole(WorldId world, const syntax::Stmt& stmt, const Targets& targets, Value value, const Value& law, Value condition);
  /// The variables called `name`, row-major, with their shape; empty after reporting.
  std::vector<const Variable*> variables(const std::string& name, Span use, Code code, const std::string& what, Shape& shape);
  Slot* slot(Slot::Role role, const std::string& name, const Type& type, std::optional<double> value, Span span);
  std::string prefixed(WorldId world, const std::string& name) const;

  Elaborator& elaborator_;
  ModelElaborator& model_;
  const syntax::Decl& declaration_;
  const Module& module_;
  Query* query_;
  std::map<std::string, Value> arguments_;
  std::map<std::string, const syntax::Stmt*> lets_;
  std::vector<std::string> open_lets_;
  std::map<std::string, WorldId> worlds_;
  std::vector<std::unique_ptr<Scope>> world_scopes_;  // by world: for `w.x`
  WorldId default_world_ = kFactual;
  /// Of whole variables of which a `do` sets some elements: 1 for those that are set.
  std::map<std::pair<WorldId, const Variable*>, std::vector<double>> partly_set_;
  /// Of series whose number of steps is read at start: which parts the statements so far set.
  std::map<std::pair<WorldId, const Variable*>, std::vector<std::vector<Elaborator::AxisPart>>> parts_set_;
  /// Evidence on some steps of a series whose number of steps is read at start. The first `count` have values of their own:
  /// as vectors, where they are given one after the other, else written out.
  struct FirstSteps {
    struct Given {
      Span span;
      std::optional<double> value;  // none: from the column
    };
    std::string name;
    Span span;
    int64_t count = 0;
    bool in_a_row = true;            // from the first step on, from columns
    std::map<int64_t, Given> given;  // those whose number is known when compiling
    const Variable *noise = nullptr, *seen = nullptr, *seen_noise = nullptr;  // as vectors
    std::vector<const Variable*> written;
  };
  std::map<const Variable*, FirstSteps> first_steps_;
  struct ToldNoise {
    const Expr *known, *all;  // at the first steps; then as it is open
  };
  std::map<const Variable*, ToldNoise> told_noises_;
  int64_t policy_step_ = -1;  // of `do x[t] = e`: which step is being set
  static constexpr int kMostApplied = 1024;  // interventions, by name, in one query
  int applied_ = 0;
  std::vector<const syntax::Decl*> applying_;  // each by the one before
  bool complete_ = true;  // false: a part was left out after an error reported here or before
  std::vector<ReturnItem> returns_;
  std::optional<MethodClause> method_;
};

}  // namespace acie::sema

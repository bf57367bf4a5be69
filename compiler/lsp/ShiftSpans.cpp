#include "compiler/lsp/ShiftSpans.h"

#include "absl/container/flat_hash_set.h"

namespace acie::lsp {
namespace {

using namespace syntax;  // every kind of node is named here

class Shifter {
 public:
  explicit Shifter(int64_t delta) : delta_(static_cast<uint32_t>(delta)) {}

  void decl(Decl* d) {
    if (d == nullptr || !seen_.insert(d).second) return;
    span(d->span);
    name(d->name);
    names(d->names);
    exprs(d->values);
    path(d->path);
    if (d->alias) name(*d->alias);
    for (ImportedName& item : d->imported) {
      name(item.name);
      if (item.alias) name(*item.alias);
      span(item.span);
    }
    unit(d->unit);
    names(d->generics);
    params(d->params);
    type(d->type);
    expr(d->value);
    for (auto& [text, place] : d->alternatives) span(place);
    block(d->block);
    stmts(d->body);
    if (d->holder) name(*d->holder);
  }

 private:
  void span(Span& s) {
    s.begin += delta_;  // unsigned arithmetic: a negative delta wraps to the right place
    s.end += delta_;
  }
  void name(Name& n) { span(n.span); }
  void names(std::vector<Name>& list) {
    for (Name& n : list) name(n);
  }
  void path(Path& p) {
    names(p.parts);
    span(p.span);
  }
  void unit(std::optional<UnitText>& u) {
    if (u) span(u->span);
  }
  void exprs(std::vector<Expr*>& list) {
    for (Expr* e : list) expr(e);
  }
  void stmts(std::vector<Stmt*>& list) {
    for (Stmt* s : list) stmt(s);
  }
  void params(std::vector<Parameter>& list) {
    for (Parameter& p : list) {
      name(p.name);
      type(p.type);
      expr(p.default_value);
      span(p.span);
    }
  }
  void args(std::vector<Argument>& list) {
    for (Argument& a : list) {
      if (a.name) name(*a.name);
      expr(a.value);
      generator(a.generator);
      span(a.span);
    }
  }
  void indices(std::vector<Index>& list) {
    for (Index& i : list) {
      if (i.name) name(*i.name);
      expr(i.value);
      expr(i.low);
      expr(i.high);
      span(i.span);
    }
  }
  void generator(std::optional<Generator>& g) {
    if (!g) return;
    for (auto& [clause, over] : g->clauses) {
      name(clause);
      expr(over);
    }
    expr(g->condition);
    span(g->span);
  }
  void block(Block* b) {
    if (b == nullptr || !seen_.insert(b).second) return;
    stmts(b->statements);
    span(b->span);
  }

  void type(Type* t) {
    if (t == nullptr || !seen_.insert(t).second) return;
    span(t->span);
    path(t->path);
    unit(t->unit);
    type(t->element);
    for (Field& f : t->fields) {
      name(f.name);
      type(f.type);
    }
    exprs(t->dims);
    expr(t->range_low);
    expr(t->range_high);
    if (t->party) name(*t->party);
    if (t->key) name(*t->key);
    expr(t->scale);
  }

  void expr(Expr* e) {
    if (e == nullptr || !seen_.insert(e).second) return;
    span(e->span);
    name(e->name);
    unit(e->unit);
    span(e->op_span);
    expr(e->base);
    exprs(e->operands);
    args(e->args);
    indices(e->indices);
    indices(e->indices2);
    params(e->params);
    for (RecordField& f : e->fields) {
      if (f.name) name(*f.name);
      expr(f.value);
    }
    generator(e->generator);
    block(e->block);
  }

  void stmt(Stmt* s) {
    if (s == nullptr || !seen_.insert(s).second) return;
    span(s->span);
    names(s->names);
    type(s->type);
    for (Expr* e : {s->value, s->law, s->method, s->from, s->condition, s->tolerance, s->relative, s->source}) expr(e);
    names(s->parents);
    if (s->target) {
      path(s->target->path);
      indices(s->target->indices);
      span(s->target->span);
    }
    for (Evidence& e : s->evidence) {
      expr(e.subject);
      expr(e.value);
      span(e.span);
    }
    for (Result& r : s->results) {
      if (r.name) name(*r.name);
      expr(r.value);
      span(r.span);
    }
    args(s->args);
    for (Path& p : s->paths) path(p);
    stmts(s->body);
    decl(s->declaration);
  }

  uint32_t delta_;
  absl::flat_hash_set<const void*> seen_;  // a node can be reached twice, say one value of several names
};

}  // namespace

void shift_spans(syntax::File& file, int64_t delta) {
  if (delta == 0) return;
  Shifter shifter(delta);
  for (Decl* declaration : file.declarations) shifter.decl(declaration);
}

}  // namespace acie::lsp

#include "compiler/Sema/CheckCache.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <tuple>

#include "compiler/Sema/Analyser.h"
#include "compiler/Sema/CheckUnit.h"
#include "compiler/Support/DeepStack.h"

namespace acie::sema {
namespace {

using Kind = syntax::Decl::Kind;

bool is_value(const syntax::Decl& decl) { return decl.kind == Kind::Const || decl.kind == Kind::Param || decl.kind == Kind::Let || decl.kind == Kind::Dim || decl.kind == Kind::Party || decl.kind == Kind::Key || (decl.kind == Kind::Type && decl.type == nullptr); }

/// Of what stands in another file; no number of the main one looks like it.
uint64_t identity_of(const void* foreign) { return reinterpret_cast<uintptr_t>(foreign) | uint64_t{1} << 63; }

void report(const Diagnostic& diagnostic, DiagnosticEngine& engine) {
  auto builder = engine.report(diagnostic.code, diagnostic.span, diagnostic.message);
  for (const Label& label : diagnostic.labels) builder.label(label.span, label.text);
  for (const std::string& note : diagnostic.notes) builder.note(note);
  for (const Fix& fix : diagnostic.fixes) builder.fix(fix.span, fix.replacement, fix.title, fix.applicability);
}

/// What order or first use decides, which of several constants begins a cycle, where a file is read first: only a run over
/// everything reports it as such a run does.
bool needs_whole(const DiagnosticEngine& engine, const std::vector<Diagnostic>& diagnostics) {
  constexpr Code kOfOrder[] = {Code::A0002, Code::A0205, Code::A0214, Code::A0215};
  return engine.full() || std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& diagnostic) { return std::find(std::begin(kOfOrder), std::end(kOfOrder), diagnostic.code) != std::end(kOfOrder); });
}

/// Whether units say the same of one place with different details: what was elaborated first decides which are reported.
bool differ_in_details(std::vector<const Diagnostic*> diagnostics) {
  const auto key = [](const Diagnostic* diagnostic) { return std::tie(diagnostic->span.file, diagnostic->span.begin, diagnostic->span.end, diagnostic->code, diagnostic->message); };
  std::sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic* a, const Diagnostic* b) { return key(a) < key(b); });
  return std::adjacent_find(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic* a, const Diagnostic* b) {
           const auto labels = [](const Label& one, const Label& other) { return one.span == other.span && one.text == other.text; };
           const auto fixes = [](const Fix& one, const Fix& other) { return one.span == other.span && one.replacement == other.replacement && one.title == other.title; };
           return key(a) == key(b) && (a->notes != b->notes || !std::equal(a->labels.begin(), a->labels.end(), b->labels.begin(), b->labels.end(), labels) ||
                                       !std::equal(a->fixes.begin(), a->fixes.end(), b->fixes.begin(), b->fixes.end(), fixes));
         }) != diagnostics.end();
}

}  // namespace

/// Types of expressions by their places now, from the units whose texts they stand in.
class CheckCache::Types : public TypeLookup {
 public:
  explicit Types(const syntax::File& main) : main_(main), units_(main.declarations.size()) {}

  void add(int declaration, std::shared_ptr<const Unit> unit) { units_[static_cast<size_t>(declaration)].push_back(std::move(unit)); }

  const Entry* find(Span span) const override {
    const auto& declarations = main_.declarations;
    const auto after = std::upper_bound(declarations.begin(), declarations.end(), span.begin, [](uint32_t begin, const syntax::Decl* decl) { return begin < decl->span.begin; });
    if (span.file != main_.file_id || after == declarations.begin()) return nullptr;
    const auto at = static_cast<size_t>(after - declarations.begin()) - 1;
    for (const auto& unit : units_[at]) {
      if (const Entry* entry = unit->types.find(unit->types_places.then(span, *declarations[at]))) return entry;
    }
    return nullptr;
  }

 private:
  const syntax::File& main_;
  std::vector<std::vector<std::shared_ptr<const Unit>>> units_;  // by declaration
};

/// One call of CheckCache::analyze with its modules loaded.
class UnitRun {
 public:
  UnitRun(CheckCache& cache, Analysed& result, const syntax::File& main, const std::vector<uint64_t>& identities, const SourceManager& sources, const SemaOptions& options)
      : cache_(cache), result_(result), modules_(*result.modules), main_(main), identities_(identities), sources_(sources), options_(options) {}

  /// False where only a whole run will do; then nothing was reported.
  bool run(DiagnosticEngine& diagnostics) {
    share();
    cache_.mentions_.update(*modules_.main, identities_, sources_);
    if (!plan()) return false;
    types_ = std::make_shared<CheckCache::Types>(main_);
    for (const Plan& plan : plans_) {
      check(plan);
      if (plan.what == What::Graph) copies_.insert(units_.back().get());
    }
    check_unused();
    std::vector<const Diagnostic*> reported;
    int64_t calls = 0;
    bool whole = false;
    for (const auto& unit : units_) {
      for (const Diagnostic& diagnostic : unit->diagnostics) reported.push_back(&diagnostic);
      calls += unit->calls;
      whole = whole || unit->whole;
    }
    whole = whole || calls > Elaborator::kMostCalls || differ_in_details(std::move(reported));
    DiagnosticEngine all = diagnostics;
    if (!whole) finish(all);
    cache_.units_ = std::move(fresh_);
    if (whole || all.full()) return false;
    diagnostics = std::move(all);
    return true;
  }

 private:
  enum class What : uint64_t { Model, Values, Other, Graph, Unused };
  /// A unit before it is checked.
  struct Plan {
    What what = What::Other;
    const Module* module = nullptr;
    std::vector<const syntax::Decl*> members;  // the model first
    std::vector<int> dependencies;             // the declarations of the main file that it consists of or can depend on
  };

  /// Forgets all units where what they share has changed.
  void share() {
    visible_ = visible_modules(modules_);
    CheckCache::Key common = {options_.pedantic, modules_.complete};
    for (const auto& module : modules_.modules) {
      if (module.get() != modules_.main) common.push_back(identity_of(module->file));
    }
    for (size_t i = 0; i < main_.declarations.size(); ++i) {
      numbers_[main_.declarations[i]] = static_cast<int>(i);
      const Kind kind = main_.declarations[i]->kind;
      if (kind == Kind::Import || kind == Kind::Unit) common.push_back(identities_[i]);
    }
    for (const auto& [name, declaration] : modules_.main->declarations) names_ = names_ * 0x9E3779B97F4A7C15 + std::hash<std::string>()(name) + static_cast<uint64_t>(declaration->kind);
    // Params and models of other modules are called after their module where the file has the name too.
    if (std::any_of(modules_.modules.begin(), modules_.modules.end(), [&](const auto& module) { return !module->library && module.get() != modules_.main; })) common.push_back(names_);
    if (common != cache_.common_) {
      cache_.units_.clear();
      cache_.common_ = std::move(common);
    }
  }

  /// Distributes all declarations; false where a model stands in a module that is not visible here.
  bool plan() {
    Program scratch;
    DiagnosticEngine silent;
    Elaborator elaborator(scratch, sources_, silent, modules_.prelude);
    for (const Module* module : visible_) {
      for (const syntax::Decl* decl : module->file->declarations) {
        if (decl->kind != Kind::Model) continue;
        models_[decl] = plans_.size();
        plans_.push_back({What::Model, module, {decl}, {}});
      }
    }
    for (const Module* module : visible_) {
      Plan values{What::Values, module, {}, {}};
      for (const syntax::Decl* decl : module->file->declarations) {
        if (is_value(*decl)) values.members.push_back(decl);
        const bool member = decl->kind == Kind::Constraint || (decl->kind == Kind::Query && module == modules_.main);
        if (!member && decl->kind != Kind::Intervention) continue;
        const Module* owner = nullptr;
        const syntax::Decl* on = decl->path.parts.empty() ? nullptr : elaborator.find_declaration(*module, decl->path.str(), &owner);
        const bool on_model = on != nullptr && on->kind == Kind::Model;
        const auto model = on_model ? models_.find(on) : models_.end();
        if (on_model && model == models_.end()) return false;
        if (!member) continue;
        if (on_model) plans_[model->second].members.push_back(decl);
        else plans_.push_back({What::Other, module, {decl}, {}});
      }
      if (!values.members.empty()) plans_.push_back(std::move(values));
    }
    add_graphs();
    // Where everything refers to everything, each unit would check nearly all.
    size_t work = 0;
    for (Plan& plan : plans_) {
      plan.dependencies = dependencies(plan.members);
      work += plan.dependencies.size();
    }
    return work <= 4096 + 32 * main_.declarations.size();
  }

  /// A graph is checked with the parties and the models whose queries it may call, and all that is on them: its unit has copies.
  void add_graphs() {
    const size_t models = models_.size();
    for (const syntax::Decl* decl : main_.declarations) {
      if (decl->kind != Kind::Graph) continue;
      Plan plan{What::Graph, modules_.main, {}, {}};
      const std::vector<int> reached = dependencies({decl});
      const auto is_reached = [&](const syntax::Decl* member) {
        const auto number = numbers_.find(member);
        return number != numbers_.end() && std::binary_search(reached.begin(), reached.end(), number->second);
      };
      for (size_t i = 0; i < models; ++i) {
        const auto& members = plans_[i].members;
        if (std::any_of(members.begin(), members.end(), is_reached)) plan.members.insert(plan.members.end(), members.begin(), members.end());
      }
      for (const syntax::Decl* other : main_.declarations) {
        if (other->kind == Kind::Party || other->kind == Kind::Key) plan.members.push_back(other);
      }
      plan.members.push_back(decl);
      plans_.push_back(std::move(plan));
    }
  }

  std::vector<int> dependencies(const std::vector<const syntax::Decl*>& members) const {
    std::vector<int> own;
    for (const syntax::Decl* member : members) {
      if (const auto number = numbers_.find(member); number != numbers_.end()) own.push_back(number->second);
    }
    return cache_.mentions_.closure(own);
  }

  void check(const Plan& plan) {
    CheckCache::Key key = {static_cast<uint64_t>(plan.what), plan.members.size()};
    for (const syntax::Decl* member : plan.members) {
      const auto number = numbers_.find(member);
      key.push_back(number != numbers_.end() ? identities_[static_cast<size_t>(number->second)] : identity_of(member));
    }
    for (const int dependency : plan.dependencies) key.push_back(identities_[static_cast<size_t>(dependency)]);
    std::shared_ptr<CheckCache::Unit> unit;
    if (const auto known = cache_.units_.find(key); known != cache_.units_.end() && (known->second->diagnostics.empty() || known->second->names == names_) && known->second->fresh()) {
      unit = known->second;
      unit->settle(main_.file_id);
      ++cache_.kept_;
    } else {
      unit = check_now(plan);
      ++cache_.checked_;
    }
    if (unit->movable(main_.file_id)) fresh_[std::move(key)] = unit;
    for (const int dependency : plan.dependencies) types_->add(dependency, unit);
    used_.insert(unit->used.begin(), unit->used.end());
    units_.push_back(std::move(unit));
  }

  std::shared_ptr<CheckCache::Unit> check_now(const Plan& plan) {
    auto unit = std::make_shared<CheckCache::Unit>(main_.file_id);
    for (const int dependency : plan.dependencies) {
      unit->places.add(*main_.declarations[static_cast<size_t>(dependency)]);
      unit->types_places.add(*main_.declarations[static_cast<size_t>(dependency)]);
    }
    DiagnosticEngine engine;
    Analyser analyser(unit->program, sources_, engine, modules_, &unit->types);
    if (plan.what == What::Unused) {
      const syntax::Decl* unused = plan.members.back();
      const Analyser::Declarations others(plan.members.begin(), plan.members.end() - 1);
      if (!others.empty()) analyser.run(&others);
      analyser.check_unused(*unused, *plan.module);
    } else {
      const Analyser::Declarations members(plan.members.begin(), plan.members.end());
      analyser.run(&members);
    }
    unit->diagnostics = engine.sorted();
    unit->failed = engine.has_errors();
    unit->whole = needs_whole(engine, unit->diagnostics);
    unit->used.insert(analyser.elaborator().used().begin(), analyser.elaborator().used().end());
    unit->calls = analyser.elaborator().calls();
    for (const ConstantFile& file : unit->program.files) unit->files.emplace_back(file.location, stamp_of(file.location));
    for (const ExternModule& module : unit->program.modules) unit->files.emplace_back(module.location, stamp_of(module.location));
    unit->names = names_;
    if (options_.pedantic && !unit->failed && (plan.what == What::Model || plan.what == What::Graph)) {
      Program graphs;  // without the copies of models: their own units judge those
      graphs.graphs = unit->program.graphs;
      PedanticSubject subject{plan.what == What::Graph ? graphs : unit->program, {}};
      subject.module = modules_.main;
      subject.sources = &sources_;
      subject.types = &unit->types;
      subject.is_used = [&](const void* declaration) { return unit->used.contains(declaration); };
      subject.read_text = false;
      DiagnosticEngine opinions;
      check_pedantic(subject, opinions);
      unit->opinions = opinions.sorted();
    }
    return unit;
  }

  /// Functions and interventions, in the order in which a whole run finds them unused: one that is used by one before is not.
  void check_unused() {
    Program scratch;
    DiagnosticEngine silent;
    Elaborator elaborator(scratch, sources_, silent, modules_.prelude);
    for (const Module* module : visible_) {
      for (const syntax::Decl* decl : module->file->declarations) {
        const bool function = decl->kind == Kind::Fn || decl->kind == Kind::Mechanism;
        if ((!function && decl->kind != Kind::Intervention) || used_.contains(decl)) continue;
        Plan plan{What::Unused, module, {decl}, {}};
        const Module* owner = nullptr;
        const syntax::Decl* on = function ? nullptr : elaborator.find_declaration(*module, decl->path.str(), &owner);
        // The queries on the model too: what they ask of decides how its vectors are made.
        if (const auto model = models_.find(on); model != models_.end()) {
          const std::vector<const syntax::Decl*>& members = plans_[model->second].members;
          plan.members.insert(plan.members.begin(), members.begin(), members.end());
        }
        plan.dependencies = dependencies(plan.members);
        check(plan);
        // It stands among the unit's models as a copy: the model's own unit has it.
        copies_.insert(units_.back().get());
      }
    }
  }

  void finish(DiagnosticEngine& all) {
    result_.dependencies = modules_.files;
    result_.units = modules_.main->units;
    for (const auto& unit : units_) {
      for (const Diagnostic& diagnostic : unit->diagnostics) report(diagnostic, all);
      for (const auto& [location, stamp] : unit->files) result_.dependencies.push_back(location);
    }
    std::sort(result_.dependencies.begin(), result_.dependencies.end());
    result_.dependencies.erase(std::unique(result_.dependencies.begin(), result_.dependencies.end()), result_.dependencies.end());
    report_not_built(modules_, all);
    result_.program = std::make_unique<Program>();
    for (const auto& unit : units_) {
      result_.program->graphs.insert(result_.program->graphs.end(), unit->program.graphs.begin(), unit->program.graphs.end());
      if (copies_.contains(unit.get())) continue;
      result_.program->models.insert(result_.program->models.end(), unit->program.models.begin(), unit->program.models.end());
      result_.program->queries.insert(result_.program->queries.end(), unit->program.queries.begin(), unit->program.queries.end());
    }
    result_.parts.assign(units_.begin(), units_.end());
    result_.types = types_;
    if (!options_.pedantic || all.has_errors()) return;
    for (const auto& unit : units_) {
      for (const Diagnostic& opinion : unit->opinions) report(opinion, all);
    }
    const Program nothing;
    const auto is_used = [this](const void* declaration) { return used_.contains(declaration); };
    PedanticSubject subject{nothing, declaration_uses(*modules_.main, is_used)};
    subject.module = modules_.main;
    subject.sources = &sources_;
    subject.types = types_.get();
    subject.is_used = is_used;
    check_pedantic(subject, all);
  }

  CheckCache& cache_;
  Analysed& result_;
  const ModuleSet& modules_;
  const syntax::File& main_;
  const std::vector<uint64_t>& identities_;
  const SourceManager& sources_;
  const SemaOptions& options_;
  std::vector<const Module*> visible_;
  absl::flat_hash_map<const syntax::Decl*, int> numbers_;  // of the main file's declarations
  uint64_t names_ = 0;
  std::vector<Plan> plans_;
  absl::flat_hash_map<const syntax::Decl*, size_t> models_;  // the plan of each
  std::vector<std::shared_ptr<CheckCache::Unit>> units_;
  absl::flat_hash_set<const CheckCache::Unit*> copies_;
  absl::flat_hash_map<CheckCache::Key, std::shared_ptr<CheckCache::Unit>> fresh_;
  std::shared_ptr<CheckCache::Types> types_;
  absl::flat_hash_set<const void*> used_;
};

CheckCache::CheckCache() = default;
CheckCache::~CheckCache() = default;

Analysed CheckCache::analyze(const syntax::File& main, const std::vector<uint64_t>& identities, SourceManager& sources, syntax::AstContext& context, DiagnosticEngine& diagnostics,
                             const SemaOptions& options) {
  checked_ = kept_ = 0;
  Analysed result;
  result.program = std::make_unique<Program>();
  result.modules = load_modules(main, sources, context, diagnostics, options);
  bool whole = true;  // is to be checked
  if (result.modules) on_deep_stack([&] { whole = !UnitRun(*this, result, main, identities, sources, options).run(diagnostics); });
  if (!result.modules || !whole) return result;
  checked_ += kept_;
  kept_ = 0;
  result.program = std::make_unique<Program>();
  result.parts.clear();
  result.types = nullptr;
  sema::analyze(result, main, sources, diagnostics, options);
  return result;
}

}  // namespace acie::sema

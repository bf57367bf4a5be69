#include "compiler/Sema/CheckUnit.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace acie::sema {

const Places::Place* Places::find(Span span) const {
  const auto after = std::upper_bound(places_.begin(), places_.end(), span.begin, [](uint32_t begin, const Place& place) { return begin < place.span.begin; });
  if (after == places_.begin()) return nullptr;
  const Place& place = *std::prev(after);
  return span.end <= place.span.end ? &place : nullptr;
}

bool Places::still() const {
  return std::all_of(places_.begin(), places_.end(), [](const Place& place) { return place.decl->span.begin == place.span.begin; });
}

Span Places::now(Span span, uint32_t file) const {
  const Place* place = span.file == file ? find(span) : nullptr;
  if (place == nullptr) return span;
  const uint32_t delta = place->decl->span.begin - place->span.begin;  // unsigned: a move to the front wraps to the right place
  return {span.file, span.begin + delta, span.end + delta};
}

Span Places::then(Span span, const syntax::Decl& decl) const {
  const auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& candidate) { return candidate.decl == &decl; });
  if (place == places_.end()) return span;
  const uint32_t delta = place->span.begin - decl.span.begin;
  return {span.file, span.begin + delta, span.end + delta};
}

void Places::settle() {
  for (Place& place : places_) place.span = place.decl->span;
  std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.span.begin < b.span.begin; });
}

FileStamp stamp_of(const std::string& location) {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(location, error);
  const auto length = error ? uintmax_t{0} : std::filesystem::file_size(location, error);
  return error ? FileStamp() : FileStamp(changed.time_since_epoch().count(), length);
}

bool CheckCache::Unit::fresh() const {
  return std::all_of(files.begin(), files.end(), [](const auto& file) { return stamp_of(file.first) == file.second; });
}

bool CheckCache::Unit::movable(uint32_t file) const {
  const auto inside = [&](const Diagnostic& diagnostic) {
    const auto holds = [&](const auto& part) { return places.holds(part.span, file); };
    return holds(diagnostic) && std::all_of(diagnostic.labels.begin(), diagnostic.labels.end(), holds) && std::all_of(diagnostic.fixes.begin(), diagnostic.fixes.end(), holds);
  };
  return std::all_of(diagnostics.begin(), diagnostics.end(), inside) && std::all_of(opinions.begin(), opinions.end(), inside);
}

void CheckCache::Unit::settle(uint32_t file) {
  if (places.still()) return;
  const auto move = [&](Span& span) { span = places.now(span, file); };
  for (std::vector<Diagnostic>* list : {&diagnostics, &opinions}) {
    for (Diagnostic& diagnostic : *list) {
      move(diagnostic.span);
      for (Label& label : diagnostic.labels) move(label.span);
      for (Fix& fix : diagnostic.fixes) move(fix.span);
    }
  }
  for (Model* model : program.models) {
    move(model->span);
    for (Variable* variable : model->variables) move(variable->span);
    for (Slot* slot : model->slots) move(slot->span);
    for (Constraint* constraint : model->constraints) move(constraint->span);
  }
  for (Query* query : program.queries) {
    move(query->span);
    for (Slot* slot : query->arguments) move(slot->span);
    for (World& world : query->worlds) {
      move(world.span);
      for (Intervention& intervention : world.interventions) move(intervention.span);
    }
    for (Evidence& evidence : query->evidence) move(evidence.span);
  }
  places.settle();
}

}  // namespace acie::sema

#include <nlohmann/json.hpp>

#include "compiler/Support/Diagnostic.h"

namespace acie {
namespace {

using Json = nlohmann::ordered_json;

Json position(const SourceManager& sources, uint32_t file, uint32_t offset) {
  const Position at = sources.position(file, offset);
  return {{"line", at.line}, {"column", at.column}};
}

Json range(const SourceManager& sources, Span span) {
  return {{"start", position(sources, span.file, span.begin)}, {"end", position(sources, span.file, span.end)}};
}

const char* name(Severity severity) {
  switch (severity) {
    case Severity::Error: return "error";
    case Severity::Warning: return "warning";
    case Severity::Note: return "note";
  }
  return "";
}

const char* name(Applicability applicability) {
  switch (applicability) {
    case Applicability::MachineApplicable: return "machine-applicable";
    case Applicability::MaybeIncorrect: return "maybe-incorrect";
    case Applicability::HasPlaceholders: return "has-placeholders";
  }
  return "";
}

}  // namespace

std::string render_json(const Diagnostic& d, const SourceManager& sources) {
  Json json = {{"code", code_name(d.code)},
               {"severity", name(d.severity)},
               {"message", d.message},
               {"file", sources.path(d.span.file)},
               {"range", range(sources, d.span)},
               {"labels", Json::array()},
               {"notes", d.notes},
               {"fixes", Json::array()}};
  for (const Label& label : d.labels) {
    json["labels"].push_back({{"file", sources.path(label.span.file)},
                              {"range", range(sources, label.span)},
                              {"text", label.text}});
  }
  for (const Fix& fix : d.fixes) {
    json["fixes"].push_back({{"title", fix.title},
                             {"file", sources.path(fix.span.file)},
                             {"range", range(sources, fix.span)},
                             {"replacement", fix.replacement},
                             {"applicability", name(fix.applicability)}});
  }
  // Text that is not UTF-8 can stand in a message about it: it is replaced, never an exception.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace acie

// A text parsed for a test.
#pragma once

#include <string>
#include <string_view>

#include "compiler/Support/Diagnostic.h"
#include "compiler/Syntax/AstPrinter.h"
#include "compiler/Syntax/Parser.h"

namespace acie::syntax {

struct Parsed {
  explicit Parsed(std::string text) {
    const uint32_t id = sources.add("test.acie", std::move(text));
    file = parse(sources, id, context, diagnostics);
  }

  /// One line a diagnostic: "code line:column message".
  std::string errors() const {
    std::string out;
    for (const Diagnostic& d : diagnostics.sorted()) {
      const Position at = sources.position(d.span.file, d.span.begin);
      out += std::string(code_name(d.code)) + " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " + d.message + "\n";
    }
    return out;
  }

  /// The program with every first fix applied.
  std::string fixed() const {
    std::string text(sources.text(0));
    const auto sorted = diagnostics.sorted();
    for (auto d = sorted.rbegin(); d != sorted.rend(); ++d) {
      if (!d->fixes.empty()) text.replace(d->fixes[0].span.begin, d->fixes[0].span.end - d->fixes[0].span.begin, d->fixes[0].replacement);
    }
    return text;
  }

  std::string dump() const { return file == nullptr ? errors() : print(*file); }

  SourceManager sources;
  AstContext context;
  DiagnosticEngine diagnostics;
  File* file = nullptr;
};

/// The tree of one expression, fully bracketed.
inline std::string expression(const std::string& text) {
  const Parsed parsed("const a = " + text + "\n");
  return parsed.file == nullptr ? parsed.errors() : print(*parsed.file->declarations.at(0)->value);
}

}  // namespace acie::syntax

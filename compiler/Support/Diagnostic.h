// Diagnostics as data: collected while compiling, sorted and rendered at the end, for the terminal, for tools and for
// the language server alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/Support/SourceManager.h"
#include "compiler/Support/Span.h"

namespace acie {

enum class Severity : uint8_t { Error, Warning, Note };

/// Every code of Diagnostics.def.
enum class Code : uint16_t {
#define ACIE_DIAGNOSTIC(code, severity, title) code,
#include "compiler/Support/Diagnostics.def"
};

std::string_view code_name(Code code);  // "A0301"
std::string_view code_title(Code code);
Severity code_severity(Code code);
std::optional<Code> find_code(std::string_view name);
std::vector<Code> all_codes();

/// Whether a fix can be applied without a person reading it.
enum class Applicability : uint8_t { MachineApplicable, MaybeIncorrect, HasPlaceholders };

struct Label {
  Span span;
  std::string text;
};

/// Replaces the text of `span`; an empty span inserts.
struct Fix {
  Span span;
  std::string replacement;
  std::string title;
  Applicability applicability = Applicability::MaybeIncorrect;
};

struct Diagnostic {
  Code code;
  Severity severity;
  std::string message;
  Span span;
  std::vector<Label> labels;  // a label on `span` itself is the text beside its carets
  std::vector<std::string> notes;
  std::vector<Fix> fixes;
};

/// Collects the diagnostics of one compilation.
class DiagnosticEngine {
 public:
  /// Adds details to the diagnostic just reported: `engine.report(…).label(…).note(…)`. It stays valid until the next
  /// report.
  class Builder {
   public:
    explicit Builder(Diagnostic* diagnostic) : diagnostic_(diagnostic) {}
    Builder& label(Span span, std::string text);
    Builder& note(std::string text);
    Builder& fix(Span span, std::string replacement, std::string title,
                 Applicability applicability = Applicability::MaybeIncorrect);

   private:
    Diagnostic* diagnostic_;
  };

  /// Reports `code` with its default severity. Something already reported at the same place with the same code and
  /// message is not repeated.
  Builder report(Code code, Span span, std::string message);

  /// After this many a program is not worth reading on: later ones are counted and not kept.
  static constexpr size_t kMaximumKept = 500;
  bool full() const { return diagnostics_.size() >= kMaximumKept; }
  /// How many were not kept.
  size_t dropped() const { return dropped_; }

  /// Moves what was reported since there were `since` diagnostics about text the user did not write to `to`: for code
  /// expanded from the standard library. `foreign` tells such text; `notes` and `labels` are added to what is moved.
  void relocate(size_t since, const std::function<bool(Span)>& foreign, Span to, const std::vector<Label>& labels,
                const std::vector<std::string>& notes);
  size_t size() const { return diagnostics_.size(); }
  /// Forgets what was reported since there were `since` diagnostics: of an attempt for which there is another way.
  void forget(size_t since);

  bool has_errors() const { return errors_ > 0; }
  size_t error_count() const { return errors_; }
  size_t warning_count() const { return warnings_; }
  /// In the order of the source: by file, then place.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> diagnostics_;
  Diagnostic repeated_;  // receives the details of what is not kept
  size_t errors_ = 0;
  size_t warnings_ = 0;
  size_t dropped_ = 0;
};

/// As a person reads it: message, place, source lines with carets and labels, notes, fixes.
std::string render_text(const Diagnostic& diagnostic, const SourceManager& sources, bool colour = false);

/// One JSON object without line end: {code,severity,message,file,range,labels,notes,fixes}; positions count from 1.
std::string render_json(const Diagnostic& diagnostic, const SourceManager& sources);

/// The page of Explain/ for `code`.
std::string_view explain(Code code);

}  // namespace acie

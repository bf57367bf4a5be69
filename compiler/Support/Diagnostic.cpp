#include "compiler/Support/Diagnostic.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace acie {
namespace {

struct CodeFacts {
  std::string_view name;
  Severity severity;
  std::string_view title;
};

constexpr CodeFacts kCodes[] = {
#define ACIE_DIAGNOSTIC(code, severity, title) {#code, Severity::severity, title},
#include "compiler/Support/Diagnostics.def"
};

const CodeFacts& facts(Code code) { return kCodes[static_cast<size_t>(code)]; }

}  // namespace

std::string_view code_name(Code code) { return facts(code).name; }
std::string_view code_title(Code code) { return facts(code).title; }
Severity code_severity(Code code) { return facts(code).severity; }

std::optional<Code> find_code(std::string_view name) {
  for (size_t i = 0; i < std::size(kCodes); ++i) {
    if (kCodes[i].name == name) return static_cast<Code>(i);
  }
  return std::nullopt;
}

std::vector<Code> all_codes() {
  std::vector<Code> codes;
  for (size_t i = 0; i < std::size(kCodes); ++i) codes.push_back(static_cast<Code>(i));
  return codes;
}

DiagnosticEngine::Builder& DiagnosticEngine::Builder::label(Span span, std::string text) {
  diagnostic_->labels.push_back({span, std::move(text)});
  return *this;
}

DiagnosticEngine::Builder& DiagnosticEngine::Builder::note(std::string text) {
  diagnostic_->notes.push_back(std::move(text));
  return *this;
}

DiagnosticEngine::Builder& DiagnosticEngine::Builder::fix(Span span, std::string replacement, std::string title,
                                                          Applicability applicability) {
  diagnostic_->fixes.push_back({span, std::move(replacement), std::move(title), applicability});
  return *this;
}

DiagnosticEngine::Builder DiagnosticEngine::report(Code code, Span span, std::string message) {
  Diagnostic diagnostic{code, code_severity(code), std::move(message), span, {}, {}, {}};
  const bool known = std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& other) {
    return other.code == code && other.span == span && other.message == diagnostic.message;
  });
  if (known) {
    repeated_ = std::move(diagnostic);
    return Builder(&repeated_);
  }
  errors_ += diagnostic.severity == Severity::Error;
  warnings_ += diagnostic.severity == Severity::Warning;
  if (full()) {
    ++dropped_;
    repeated_ = std::move(diagnostic);
    return Builder(&repeated_);
  }
  diagnostics_.push_back(std::move(diagnostic));
  return Builder(&diagnostics_.back());
}

void DiagnosticEngine::forget(size_t since) {
  for (size_t i = since; i < diagnostics_.size(); ++i) --(diagnostics_[i].severity == Severity::Error ? errors_ : warnings_);
  diagnostics_.resize(since);
}

void DiagnosticEngine::relocate(size_t since, const std::function<bool(Span)>& foreign, Span to,
                                const std::vector<Label>& labels, const std::vector<std::string>& notes) {
  std::vector<Diagnostic> recent(diagnostics_.begin() + static_cast<ptrdiff_t>(since), diagnostics_.end());
  diagnostics_.resize(since);
  for (Diagnostic& diagnostic : recent) {
    if (!foreign(diagnostic.span)) {
      diagnostics_.push_back(std::move(diagnostic));
      continue;
    }
    diagnostic.span = to;
    std::erase_if(diagnostic.labels, [&](const Label& label) { return foreign(label.span); });
    std::erase_if(diagnostic.fixes, [&](const Fix& fix) { return foreign(fix.span); });
    diagnostic.labels.insert(diagnostic.labels.end(), labels.begin(), labels.end());
    diagnostic.notes.insert(diagnostic.notes.end(), notes.begin(), notes.end());
    const bool known = std::any_of(diagnostics_.begin(), diagnostics_.end(), [&](const Diagnostic& other) {
      return other.code == diagnostic.code && other.span == to && other.message == diagnostic.message;
    });
    if (!known) {
      diagnostics_.push_back(std::move(diagnostic));
    } else {
      errors_ -= diagnostic.severity == Severity::Error;
      warnings_ -= diagnostic.severity == Severity::Warning;
    }
  }
}

std::vector<Diagnostic> DiagnosticEngine::sorted() const {
  std::vector<Diagnostic> result = diagnostics_;
  std::stable_sort(result.begin(), result.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file, a.span.begin) < std::tie(b.span.file, b.span.begin);
  });
  return result;
}

}  // namespace acie

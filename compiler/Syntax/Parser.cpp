#include "compiler/Syntax/Parser.h"

#include <memory>
#include <utility>

#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "compiler/Syntax/AstBuilder.h"
#include "compiler/Syntax/ErrorRecovery.h"
#include "compiler/Syntax/SyntaxErrors.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

namespace {

using P = grammar::AcieParser;
using antlr4::atn::PredictionMode;

/// Parses declaration after declaration. Nearly every one is parsed by the cheap prediction that stops at the first
/// error; one that fails is parsed again by the exact one, which reports and goes on. A declaration's parse tree, many
/// times larger than its AST, lives only until that is built.
class DeclarationParser {
 public:
  DeclarationParser(const SourceManager& sources, uint32_t file, const ByteOffsets& offsets, Tokens tokens,
                    AstContext& context, DiagnosticEngine& diagnostics, size_t errors_before, const TreeVisitor& visit)
      : tokens_(std::move(tokens)),
        source_(std::move(tokens_.all)),
        stream_(&source_),
        parser_(&stream_),
        errors_(file, sources, offsets, stream_, diagnostics),
        recovery_(std::make_shared<ErrorRecovery>(tokens_, stream_, errors_)),
        builder_(sources, file, offsets, stream_, tokens_.docs, context, diagnostics),
        beginnings_(parser_.getATN().nextTokens(parser_.getATN().ruleToStartState[P::RuleDeclaration])),
        result_(context.make<File>()),
        diagnostics_(diagnostics),
        errors_before_(errors_before),
        visit_(visit) {
    result_->file_id = file;
    parser_.removeErrorListeners();
    stream_.fill();  // messages look at tokens the parser has not reached
  }

  File* run() {
    skip_separators();
    if (stream_.LA(1) == P::EDITION && stream_.LA(2) == P::INTEGER) result_->edition = builder_.edition(parser_.edition());
    while (skip_separators(), stream_.LA(1) != antlr4::Token::EOF) {
      if (beginnings_.contains(static_cast<ssize_t>(stream_.LA(1)))) {
        declaration();
      } else {
        recovery_->skip_at_top(&parser_, beginnings_);
        failed_ |= recovery_->take_failed();
      }
      parser_.getTreeTracker().reset();
    }
    return sound() ? result_ : nullptr;
  }

 private:
  /// Of this file: another one may have had errors before.
  bool sound() const { return !failed_ && diagnostics_.error_count() == errors_before_; }

  void skip_separators() {
    while (stream_.LA(1) == P::END || stream_.LA(1) == P::SEMI) stream_.consume();
  }

  void declaration() {
    const size_t start = stream_.index();
    recovery_->enter();
    auto& interpreter = *parser_.getInterpreter<antlr4::atn::ParserATNSimulator>();
    interpreter.setPredictionMode(PredictionMode::SLL);
    parser_.setErrorHandler(bail_);
    P::DeclarationContext* tree = nullptr;
    try {
      tree = parser_.declaration();
    } catch (const antlr4::ParseCancellationException&) {
    }
    if (tree == nullptr || !ended()) {
      stream_.seek(start);
      parser_.setContext(nullptr);
      interpreter.setPredictionMode(PredictionMode::LL);
      parser_.setErrorHandler(recovery_);
      tree = parser_.declaration();
      if (!ended()) {
        antlr4::misc::IntervalSet possible = ErrorRecovery::behind(tree);
        possible.add(static_cast<ssize_t>(P::END));
        recovery_->skip_at_top(&parser_, possible);
      }
      if (recovery_->take_failed()) {
        failed_ = true;
        return;
      }
    }
    if (visit_ && sound()) visit_(*tree);
    result_->declarations.push_back(builder_.declaration(tree));
  }

  /// Whether what follows may follow a declaration: another may begin on the same line.
  bool ended() {
    const size_t next = stream_.LA(1);
    return next == P::END || next == P::SEMI || next == antlr4::Token::EOF || beginnings_.contains(static_cast<ssize_t>(next));
  }

  Tokens tokens_;
  antlr4::ListTokenSource source_;
  antlr4::CommonTokenStream stream_;
  P parser_;
  SyntaxErrors errors_;
  std::shared_ptr<ErrorRecovery> recovery_;
  std::shared_ptr<antlr4::BailErrorStrategy> bail_ = std::make_shared<antlr4::BailErrorStrategy>();
  AstBuilder builder_;
  antlr4::misc::IntervalSet beginnings_;
  File* result_;
  DiagnosticEngine& diagnostics_;
  size_t errors_before_;
  const TreeVisitor& visit_;
  bool failed_ = false;
};

}  // namespace

File* parse(const SourceManager& sources, uint32_t file, AstContext& context, DiagnosticEngine& diagnostics,
            const TreeVisitor& visit) {
  const std::string_view text = sources.text(file);
  if (text.size() > SourceManager::kMaximumBytes) {
    diagnostics.report(Code::A0003, {file, 0, 0}, "this file is longer than 10 MB, the most a program may be");
    return nullptr;
  }
  if (const size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    const auto at = static_cast<uint32_t>(bad);
    diagnostics.report(Code::A0001, {file, at, at + 1}, absl::StrCat("byte ", bad, " is not valid UTF-8"))
        .note("save the file as UTF-8");
    return nullptr;
  }

  // A byte order mark is not part of the text: a space keeps every offset but its own.
  const bool marked = text.substr(0, 3) == "\xEF\xBB\xBF";
  antlr4::ANTLRInputStream input(std::string(marked ? " " : "") + std::string(text.substr(marked ? 3 : 0)));
  const ByteOffsets offsets(text);
  Tokens tokens;
  const size_t errors_before = diagnostics.error_count();
  if (!tokenize(file, offsets, input, diagnostics, tokens)) return nullptr;
  return DeclarationParser(sources, file, offsets, std::move(tokens), context, diagnostics, errors_before, visit).run();
}

}  // namespace acie::syntax

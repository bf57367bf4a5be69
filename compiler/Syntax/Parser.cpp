#include "compiler/Syntax/Parser.h"

#include "AcieParser.h"
#include "absl/strings/str_cat.h"
#include "compiler/Syntax/AstBuilder.h"
#include "compiler/Syntax/SyntaxErrors.h"
#include "compiler/Syntax/Tokens.h"

namespace acie::syntax {

File* parse(const SourceManager& sources, uint32_t file, AstContext& context, DiagnosticEngine& diagnostics) {
  const std::string_view text = sources.text(file);
  if (text.size() > SourceManager::kMaximumBytes) {
    diagnostics.report(Code::A0003, {file, 0, 0}, absl::StrCat("this file is ", text.size(), " bytes long; a program may be 10 MB"));
    return nullptr;
  }
  if (const size_t bad = find_invalid_utf8(text); bad != std::string_view::npos) {
    const auto at = static_cast<uint32_t>(bad);
    diagnostics.report(Code::A0001, {file, at, at + 1}, absl::StrCat("byte ", bad, " is not valid UTF-8"))
        .note("save the file as UTF-8");
    return nullptr;
  }

  // A byte order mark is not part of the text.
  const size_t mark = text.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
  antlr4::ANTLRInputStream input(std::string(mark != 0 ? " " : "") + std::string(text.substr(mark)));
  const ByteOffsets offsets(text);
  Tokens tokens;
  if (!tokenize(sources, file, offsets, input, diagnostics, tokens)) return nullptr;

  antlr4::ListTokenSource source(std::move(tokens.all));
  antlr4::CommonTokenStream stream(&source);
  grammar::AcieParser parser(&stream);
  parser.removeErrorListeners();

  // Nearly every program is parsed by the cheap prediction; the exact one runs where that failed, and reports.
  using antlr4::atn::PredictionMode;
  auto& interpreter = *parser.getInterpreter<antlr4::atn::ParserATNSimulator>();
  interpreter.setPredictionMode(PredictionMode::SLL);
  parser.setErrorHandler(std::make_shared<antlr4::BailErrorStrategy>());
  grammar::AcieParser::FileContext* tree = nullptr;
  try {
    tree = parser.file();
  } catch (const antlr4::ParseCancellationException&) {
    SyntaxErrors errors(file, offsets, diagnostics);
    stream.seek(0);
    parser.reset();
    parser.addErrorListener(&errors);
    parser.setErrorHandler(std::make_shared<antlr4::DefaultErrorStrategy>());
    interpreter.setPredictionMode(PredictionMode::LL);
    tree = parser.file();
    if (parser.getNumberOfSyntaxErrors() > 0) return nullptr;
  }
  return AstBuilder(sources, file, offsets, stream, tokens.docs, context, diagnostics).file(tree);
}

}  // namespace acie::syntax

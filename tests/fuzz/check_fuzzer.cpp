// Programs through the whole checker, as an editor has them checked. The mutator works on tokens and lines of the programs
// in the repository, so that most inputs parse. Nothing may crash or hang; diagnostics lie inside the files they speak of.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/lsp/Analysis.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t maximum);

namespace {

/// The repository's programs, with their lines and tokens as material.
struct Material {
  std::vector<std::string> programs, lines, tokens;
};

/// Words, numbers, strings and runs of blanks; other characters one by one.
std::vector<std::string> tokenize(std::string_view text) {
  std::vector<std::string> tokens;
  const auto word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '.' || c >= 0x80; };
  for (size_t at = 0; at < text.size();) {
    size_t end = at + 1;
    const auto c = static_cast<unsigned char>(text[at]);
    if (word(c)) {
      while (end < text.size() && word(static_cast<unsigned char>(text[end]))) ++end;
    } else if (c == ' ') {
      while (end < text.size() && text[end] == ' ') ++end;
    } else if (c == '"') {
      while (end < text.size() && text[end - 1 + (end == at + 1 ? 1 : 0)] != '"' && text[end] != '\n') ++end;
    }
    tokens.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return tokens;
}

const Material& material() {
  static const Material kMaterial = [] {
    Material all;
    for (const char* folder : {ACIE_SOURCE "/examples", ACIE_SOURCE "/tests/Diagnostics", ACIE_SOURCE "/stdlib"}) {
      std::vector<std::filesystem::path> files;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".acie") files.push_back(entry.path());
      }
      std::sort(files.begin(), files.end());
      for (const auto& path : files) {
        std::ifstream stream(path);
        std::string text((std::istreambuf_iterator<char>(stream)), {});
        if (text.size() > 8192) continue;
        for (const std::string& token : tokenize(text)) all.tokens.push_back(token);
        for (size_t at = 0; at < text.size();) {
          const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
          all.lines.push_back(text.substr(at, end - at));
          at = end;
        }
        all.programs.push_back(std::move(text));
      }
    }
    // A build apart from its sources still has something to work on.
    if (all.programs.empty()) all = {{"model M { var x = 1 }\n"}, {"model M { var x = 1 }\n"}, {"model", "x"}};
    return all;
  }();
  return kMaterial;
}

template <class T>
const T& any(const std::vector<T>& from, std::minstd_rand& random) { return from[random() % from.size()]; }

std::string mutate_tokens(const std::string& text, std::minstd_rand& random) {
  static const std::vector<std::string> kNumbers = {"0", "1", "-1", "64", "65", "1e308", "1e-320", "9223372036854775807", "4294967296", "100000000", "0.5", "inf", "nan"};
  std::vector<std::string> tokens = tokenize(text);
  for (unsigned count = 1 + random() % 3; count > 0 && !tokens.empty(); --count) {
    const size_t at = random() % tokens.size();
    const auto place = tokens.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random() % 6) {
      case 0: tokens.erase(place); break;
      case 1: *place = any(material().tokens, random); break;
      case 2: *place = any(tokens, random); break;
      case 3: tokens.insert(place, any(material().tokens, random)); break;
      case 4: std::swap(*place, tokens[random() % tokens.size()]); break;
      default: {
        std::vector<size_t> numbers;
        for (size_t i = 0; i < tokens.size(); ++i) {
          if (std::isdigit(static_cast<unsigned char>(tokens[i][0])) != 0) numbers.push_back(i);
        }
        if (!numbers.empty()) tokens[any(numbers, random)] = any(kNumbers, random);
      }
    }
  }
  std::string result;
  for (const std::string& token : tokens) result += token;
  return result;
}

std::string mutate_lines(const std::string& text, std::minstd_rand& random) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    lines.push_back(text.substr(at, end - at));
    at = end;
  }
  if (lines.empty()) return any(material().lines, random);
  const auto place = lines.begin() + static_cast<std::ptrdiff_t>(random() % lines.size());
  switch (random() % 4) {
    case 0: lines.erase(place); break;
    case 1: lines.insert(place, any(material().lines, random)); break;
    case 2: lines.insert(place, std::string(any(lines, random))); break;
    default: std::swap(*place, lines[random() % lines.size()]);
  }
  std::string result;
  for (const std::string& line : lines) result += line;
  return result;
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t maximum, unsigned seed) {
  std::minstd_rand random(seed + 1);
  std::string text(reinterpret_cast<const char*>(data), size);
  const unsigned how = random() % 32;
  if (size < 8 || how == 0) text = any(material().programs, random);
  else if (how == 1) return LLVMFuzzerMutate(data, size, maximum);
  else if (how == 2) text += any(material().programs, random);
  else if (how < 12) text = mutate_lines(text, random);
  else text = mutate_tokens(text, random);
  if (text.empty() || text.size() > maximum) return LLVMFuzzerMutate(data, size, maximum);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static acie::lsp::ModuleCache modules;
  acie::lsp::AnalysisOptions options;
  options.stdlib_dir = ACIE_SOURCE "/stdlib";
  const acie::lsp::Analysis analysis("/acie/fuzz.acie", std::string(reinterpret_cast<const char*>(data), size), {}, options, &modules);
  for (const acie::Diagnostic& diagnostic : analysis.diagnostics()) {
    if (diagnostic.span.begin > diagnostic.span.end || diagnostic.span.end > analysis.sources().text(diagnostic.span.file).size()) std::abort();
    (void)acie::render_text(diagnostic, analysis.sources());
  }
  return 0;
}

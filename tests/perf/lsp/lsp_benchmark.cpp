// Latency of the language server on a program of 2,000 lines: diagnostics after an edit (without the debounce), in a whole
// and in a broken text, hover and completion at once after an edit and at rest; memory at the end.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/lsp/Session.h"

namespace {

using acie::lsp::Json;

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

void report(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("%-48s %7.2f %7.2f %7.2f\n", what, times[times.size() / 2], times[times.size() * 95 / 100], times.back());
}

Json insertion(uint32_t line, uint32_t character, const std::string& text) {
  const Json at = {{"line", line}, {"character", character}};
  return Json::array({{{"range", {{"start", at}, {"end", at}}}, {"text", text}}});
}

Json deletion(uint32_t line, uint32_t character, uint32_t length) {
  return Json::array({{{"range", {{"start", {{"line", line}, {"character", character}}}, {"end", {{"line", line}, {"character", character + length}}}}}, {"text", ""}}});
}

}  // namespace

int main() {
  const std::string text = acie::lsp::large_program(2000);
  acie::lsp::TestSession session(ACIE_STDLIB, "utf-16");
  std::printf("%-48s %7s %7s %7s\n", "ms", "median", "95 %", "worst");
  report("open and first diagnostics", {milliseconds([&] { session.open(text); })});
  std::vector<uint32_t> returns;  // lines of the functions' results
  for (uint32_t line = 0, at = 0; at < text.size(); ++line) {
    const auto end = static_cast<uint32_t>(text.find('\n', at));
    if (text.compare(at, 16, "    return (0.84") == 0) returns.push_back(line);
    at = end + 1;
  }
  std::mt19937 random(1);
  std::vector<double> whole, broken, hover_dirty, hover, completion_dirty, completion, tokens;
  for (int i = 0; i < 200; ++i) {
    const uint32_t line = returns[random() % returns.size()];
    const auto edit = [&](const std::string& inserted, std::vector<double>& times, bool sound) {
      session.change(insertion(line, 11, inserted));
      Json diagnostics;
      times.push_back(milliseconds([&] { diagnostics = session.diagnostics(); }));
      if (diagnostics.empty() != sound) {
        std::printf("line %u: unexpected diagnostics %s\n", line, diagnostics.dump().c_str());
        std::exit(1);
      }
    };
    edit("1 + ", whole, true);
    session.change(deletion(line, 11, 4));
    session.diagnostics();
    edit("(", broken, false);
    session.change(deletion(line, 11, 1));
    hover_dirty.push_back(milliseconds([&] { session.request("textDocument/hover", session.at(line, 30)); }));
    hover.push_back(milliseconds([&] { session.request("textDocument/hover", session.at(line, 30)); }));
    completion.push_back(milliseconds([&] { session.request("textDocument/completion", session.at(line, 11)); }));
    session.change(insertion(line, 11, "l"));
    completion_dirty.push_back(milliseconds([&] { session.request("textDocument/completion", session.at(line, 12)); }));
    session.change(deletion(line, 11, 1));
    tokens.push_back(milliseconds([&] { session.request("textDocument/semanticTokens/full", session.at(0, 0)); }));
  }
  report("diagnostics after an edit", whole);
  report("diagnostics after an edit that breaks the text", broken);
  report("hover", hover);
  report("hover at once after an edit", hover_dirty);
  report("completion", completion);
  report("completion at once after an edit", completion_dirty);
  report("semantic tokens, at once after an edit", tokens);
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM")) std::printf("%s\n", line.c_str());
  }
}

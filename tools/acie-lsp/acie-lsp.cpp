// acie-lsp: the language server on standard input and output; the work is in compiler/lsp.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "compiler/lsp/Session.h"

namespace {

/// The standard library lies beside the server, as beside the compiler: PREFIX/share/acie/stdlib.
std::string stdlib_beside_server() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "" : (self.parent_path().parent_path() / "share" / "acie" / "stdlib").string();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The language server of acie: speaks the Language Server Protocol 3.17 on standard input and output.");
  std::string stdlib = stdlib_beside_server();
  bool stdio = false;
  app.add_option("--stdlib", stdlib, "the standard library's folder")->type_name("DIR");
  app.add_flag("--stdio", stdio, "what some editors say; there is no other way");
  app.set_version_flag("--version", std::string("acie-lsp ") + ACIE_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // an editor that went away is the end of the stream, not a crash
  const int code = acie::lsp::serve(STDIN_FILENO, STDOUT_FILENO, stdlib);
  std::_Exit(code);  // the thread that reads may still wait for input
}

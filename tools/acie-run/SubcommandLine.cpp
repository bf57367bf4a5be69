#include "tools/acie-run/SubcommandLine.h"

#include <cstdio>

#include "runtime/status/Errors.h"

namespace acie::cli {

absl::StatusOr<bool> parse_subcommand(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto parsed = app.get_subcommands();
    const std::string text = parsed.empty() ? app.help() : parsed.front()->help(app.get_name());
    std::fwrite(text.data(), 1, text.size(), stdout);
    return false;
  } catch (const CLI::ParseError& error) {
    return usage_error(std::string(error.what()) + " (" + app.get_name() + " --help lists the options)");
  }
  return true;
}

}  // namespace acie::cli

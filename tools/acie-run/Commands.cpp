#include "tools/acie-run/Commands.h"

#include <string_view>
#include <utility>

namespace acie::cli {

Command find_command(std::string_view name) {
  constexpr std::pair<std::string_view, Command> kCommands[] = {{"key", key_command},
                                                                {"party", party_command},
                                                                {"seal", seal_command},
                                                                {"open", open_command},
                                                                {"verify", verify_command}};
  for (const auto& [known, command] : kCommands)
    if (name == known) return command;
  return nullptr;
}

}  // namespace acie::cli

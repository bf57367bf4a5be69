// All parties in one process, for tests and `--local`: messages go through memory.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/parties/Exchange.h"

namespace acie::parties {

/// One exchange per party, each for one thread. A party whose exchange goes before its finish() has failed:
/// the others are told.
std::map<std::string, std::unique_ptr<Exchange>> make_local_exchanges(const std::vector<std::string>& names,
                                                                      const Limits& limits = {});

}  // namespace acie::parties

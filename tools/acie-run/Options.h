// The command line of acie-run, parsed and checked for form. What names mean is found out where they are used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/scheduler/FileStream.h"
#include "runtime/scheduler/Run.h"

namespace acie::cli {

/// name=value, as given.
using Setting = std::pair<std::string, std::string>;

enum class ProgressMode { Auto, Always, Never };

struct Options {
  std::string package;
  std::string entry;  // empty: list them
  bool inspect = false;
  bool plan = false;

  std::string data;
  std::vector<Setting> binds;  // column, program name
  std::vector<Setting> sets, givens, dos;
  std::vector<std::string> params;
  std::vector<std::pair<std::string, int64_t>> dimensions;  // read at start, as -D says

  std::string out;     // empty: a table on a terminal, else CSV
  std::string format;  // empty: by the name of `out`
  std::string rejects;
  std::string trace;
  scheduler::OnBadRow on_bad_row = scheduler::OnBadRow::Null;
  bool strict = false;
  scheduler::RowRange rows;

  uint64_t seed = 0;
  int64_t draws = 0;
  int threads = 0;
  int64_t tile_rows = scheduler::kDefaultTile;
  std::string target;
  ProgressMode progress = ProgressMode::Auto;

  // Programs with parties.
  std::string party, listen, exchange, session, keys, password_file;
  std::vector<Setting> peers, args, out_args;
  bool local = false;
  bool insecure_keys = false;

  std::vector<std::string> trust;
  bool allow_unsigned = false;
};

/// What the command line asks for: to run with these options, or to print `text` and be done (--help, --version).
struct Parsed {
  Options options;
  std::optional<std::string> text;
};

/// A usage error says what is wrong in one line. Options that are documented and not built yet are such errors too.
absl::StatusOr<Parsed> parse_options(int argc, char** argv);

}  // namespace acie::cli

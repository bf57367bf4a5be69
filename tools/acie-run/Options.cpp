#include "tools/acie-run/Options.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <map>

#include "runtime/package/Package.h"
#include "runtime/status/Errors.h"

namespace acie::cli {
namespace {

/// Splits "a=b" at the first '='.
absl::StatusOr<std::vector<Setting>> settings(const char* option, const std::vector<std::string>& texts) {
  std::vector<Setting> result;
  for (const std::string& text : texts) {
    const size_t at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
      return usage_error(std::string(option) + " takes NAME=VALUE, not '" + text + "'");
    result.emplace_back(text.substr(0, at), text.substr(at + 1));
  }
  return result;
}

absl::StatusOr<scheduler::RowRange> row_range(const std::string& text) {
  scheduler::RowRange range;
  if (text.empty()) return range;
  const absl::Status wrong =
      usage_error("--rows takes A:B, rows A up to and without B, counted from 0 (A or B may be left out), not '" + text + "'");
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return wrong;
  const auto read = [&](std::string_view part, int64_t& to) {
    if (part.empty()) return true;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), to);
    return error == std::errc() && end == part.data() + part.size() && to >= 0;
  };
  const std::string_view all = text;
  if (!read(all.substr(0, colon), range.begin) || !read(all.substr(colon + 1), range.end) || range.begin > range.end)
    return wrong;
  return range;
}

/// An option of the contract that a later version will have; it refuses to be used.
constexpr const char* kNotBuilt = "--report";

std::string version_text() {
  return std::string("acie-run ") + ACIE_VERSION + " (package format " + std::to_string(package::kFormatVersion) +
         ", plan " + std::to_string(package::kPlanVersion) + ", kernel ABI " + std::to_string(ACIE_KERNEL_ABI_VERSION) + ")\n";
}

}  // namespace

absl::StatusOr<Parsed> parse_options(int argc, char** argv) {
  Parsed parsed;
  Options& options = parsed.options;
  CLI::App app("Runs a query of an acie package over a table. Without ENTRY it lists what the package can answer.", "acie-run");
  app.set_version_flag("--version", version_text(), "Print the version");
  app.footer("Other commands, each with --help: acie-run key, party, seal, open, verify");
  app.get_formatter()->column_width(34);
  app.add_option("PKG", options.package, "A package, or FILE.acie, which is compiled and cached")->required();
  app.add_option("ENTRY", options.entry, "The query to answer");

  std::vector<std::string> binds, sets, givens, dos, dimensions;
  const std::string input = "Input";
  app.add_option("--data", options.data, "Table: .csv .fits .h5 .npy; FILE.fits[1] chooses an HDU, FILE.h5:/PATH a table")->group(input);
  app.add_option("--bind", binds, "COLUMN=NAME: column of the table for an input of the query")->allow_extra_args(false)->group(input);
  app.add_option("--set", sets, "NAME=VALUE: an argument, param or learnt value; VALUE may carry a unit, 3<kpc>")->allow_extra_args(false)->group(input);
  app.add_option("--given", givens, "NAME=VALUE: replaces the constant of a given")->allow_extra_args(false)->group(input);
  app.add_option("--do", dos, "NAME=VALUE: replaces the constant of a do, or answers a do?")->allow_extra_args(false)->group(input);
  app.add_option("--params", options.params, ".safetensors, or JSON of names and values; may repeat")->allow_extra_args(false)->group(input);
  app.add_option("-D", dimensions, "NAME=SIZE: a dimension that is read at start, where the data do not say it")->allow_extra_args(false)->group(input);
  std::string rows;
  app.add_option("--rows", rows, "A:B: only rows A to B-1 of the table, counted from 0")->group(input);

  const std::string output = "Output";
  app.add_option("--out", options.out, "FILE (.csv .json .fits .h5 .npy), or - for CSV on standard output")->group(output);
  app.add_option("--format", options.format, "csv, json, fits, h5, npy or table, whatever the file's name")
      ->check(CLI::IsMember({"csv", "json", "fits", "h5", "npy", "table"}))
      ->group(output);
  const std::map<std::string, scheduler::OnBadRow> on_bad{{"null", scheduler::OnBadRow::Null},
                                                          {"fail", scheduler::OnBadRow::Fail},
                                                          {"skip", scheduler::OnBadRow::Skip}};
  std::string bad_row = "null", progress = "auto";
  app.add_option("--on-bad-row", bad_row, "null, fail or skip rows without an answer (default null)")
      ->check(CLI::IsMember({"null", "fail", "skip"}))
      ->group(output);
  app.add_flag("--strict", options.strict, "Fail on a row that is undefined or violates a constraint")->group(output);
  app.add_option("--rejects", options.rejects, "CSV file of the rows without an answer, and why")->group(output);
  app.add_option("--progress", progress, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->group(output);
  app.add_option("--trace", options.trace, "Write a trace for Chrome or Perfetto")->group(output);
  app.add_flag("--inspect", options.inspect, "Show what the package holds")->group(output);
  app.add_flag("--plan", options.plan, "Show how the query will run")->group(output);

  const std::string running = "Running";
  app.add_option("--seed", options.seed, "Seed of random numbers (default 0)")->group(running);
  app.add_option("--draws", options.draws, "Draws: 1000 listed, 10000 behind an estimate by default")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
      ->group(running);
  app.add_option("--threads", options.threads, "Threads (default: one per processor)")->check(CLI::Range(1, 4096))->group(running);
  app.add_option("--tile-rows", options.tile_rows, "Rows computed at once (default 4096); changes no result")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20))
      ->group(running);
  app.add_option("--target", options.target, "Kernel variant, such as x86-64-v3 (default: the best this processor runs)")->group(running);
  app.add_option("--trust", options.trust, "Public key, or file of one, whose packages may run; may repeat")->allow_extra_args(false)->group(running);
  app.add_flag("--allow-unsigned", options.allow_unsigned, "Run a package whoever made it")->group(running);

  const std::string with_parties = "Programs with parties";
  std::vector<std::string> peers, args, out_args;
  app.add_option("--party", options.party, "Which party this process is (default: the one the package is for)")->group(with_parties);
  app.add_option("--arg", args, "NAME=FILE: array (.npy .csv .fits .h5 .json .png .safetensors) or file for an input; may repeat")->allow_extra_args(false)->group(with_parties);
  app.add_option("--out-arg", out_args, "NAME=FILE: where a result that is a file goes, or a picture (.png); may repeat")->allow_extra_args(false)->group(with_parties);
  app.add_option("--listen", options.listen, "HOST:PORT where peers call")->group(with_parties);
  app.add_option("--peer", peers, "NAME=HOST:PORT: where a peer listens; may repeat")->allow_extra_args(false)->group(with_parties);
  app.add_option("--exchange", options.exchange, "Folder that all parties share, instead of the network")->group(with_parties);
  app.add_flag("--local", options.local, "Run all parties in this process: for tests")->group(with_parties);
  app.add_option("--keys", options.keys, "Folder of keys and identities (default: acie/keys in the user's configuration)")->group(with_parties);
  app.add_option("--password-file", options.password_file, "File whose first line is the keys' password, - for standard input (default: ask)")->group(with_parties);
  app.add_option("--session", options.session, "Private folder that keeps the session: run again after a crash to go on")->group(with_parties);
  app.add_flag("--insecure-test-key", options.insecure_keys, "Take Paillier keys below 2048 bits: tests only")->group(with_parties);

  std::vector<std::string> not_built;
  app.add_option(kNotBuilt, not_built, "Not built yet")->type_name("FILE.html")->group("Not built yet");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    parsed.text = version_text();
    return parsed;
  } catch (const CLI::CallForHelp&) {
    parsed.text = app.help();
    return parsed;
  } catch (const CLI::ParseError& error) {
    return usage_error(std::string(error.what()) + " (--help lists the options)");
  }
  if (!not_built.empty()) return usage_error(std::string(kNotBuilt) + " is not built yet");
  ACIE_ASSIGN_OR_RETURN(options.peers, settings("--peer", peers));
  ACIE_ASSIGN_OR_RETURN(options.args, settings("--arg", args));
  ACIE_ASSIGN_OR_RETURN(options.out_args, settings("--out-arg", out_args));
  ACIE_ASSIGN_OR_RETURN(options.binds, settings("--bind", binds));
  ACIE_ASSIGN_OR_RETURN(options.sets, settings("--set", sets));
  ACIE_ASSIGN_OR_RETURN(options.givens, settings("--given", givens));
  ACIE_ASSIGN_OR_RETURN(options.dos, settings("--do", dos));
  ACIE_ASSIGN_OR_RETURN(const std::vector<Setting> sizes, settings("-D", dimensions));
  for (const auto& [name, text] : sizes) {
    int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || end != text.data() + text.size() || size < 1) return usage_error("-D " + name + "=" + text + ": a size is a whole number from 1 on");
    options.dimensions.emplace_back(name, size);
  }
  ACIE_ASSIGN_OR_RETURN(options.rows, row_range(rows));
  options.on_bad_row = on_bad.at(bad_row);
  options.progress = progress == "always" ? ProgressMode::Always : progress == "never" ? ProgressMode::Never : ProgressMode::Auto;
  return parsed;
}

}  // namespace acie::cli

#include "tools/acie-run/RunParty.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "kernels/crypto/files/Hash.h"
#include "runtime/image/Png.h"
#include "runtime/io/OutputFile.h"
#include "runtime/io/TableWriter.h"
#include "runtime/parties/LocalExchange.h"
#include "runtime/parties/OpenExchange.h"
#include "runtime/secret/Stored.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/PartyValues.h"
#include "tools/acie-run/Password.h"

namespace acie::cli {
namespace {

using package::Package;
using package::PartyEntry;
using package::PartyProgram;
using package::PartyValue;
using secret::PartyAnswer;

/// One party of this process.
struct Player {
  const Package* package = nullptr;
  const PartyEntry* entry = nullptr;
  std::unique_ptr<secret::PartyInputs> inputs;
  std::unique_ptr<parties::Exchange> exchange;
  absl::StatusOr<PartyAnswer> answer = cancelled_error("it did not run");

  const PartyProgram& program() const { return *package->party(); }
};

/// The value that an output step reads.
const PartyValue* value_of(const PartyEntry& entry, size_t output) {
  for (const package::PartyStep& step : entry.steps)
    if (step.op == package::PartyOp::Output && step.index == static_cast<int64_t>(output)) return &entry.values[static_cast<size_t>(step.inputs[0])];
  return nullptr;
}

/// The file that a result goes to; empty where it is a column of the table.
std::string file_of(const Options& options, const PartyEntry& entry, size_t output) {
  for (const auto& [name, path] : options.out_args)
    if (name == entry.outputs[output].name) return path;
  return "";
}

bool has_table(const Options& options, const PartyEntry& entry) {
  for (size_t i = 0; i < entry.outputs.size(); ++i)
    if (const PartyValue* value = value_of(entry, i); value != nullptr && !value->is_file() && file_of(options, entry, i).empty()) return true;
  return false;
}

// ---- keys

/// Passwords of all private keys that the parties here hold, asked for before anything runs.
absl::StatusOr<secret::KeySource> open_keys(const Options& options, const std::string& folder, const std::vector<Player>& players) {
  std::set<std::string> held;
  for (const Player& player : players)
    for (const package::PartyKey& key : player.entry->keys)
      if (key.holder == player.program().party) held.insert(key.name);
  auto passwords = std::make_shared<std::map<std::string, secure::Secret>>();
  for (const std::string& name : held) {
    if (!passwords->empty() && !options.password_file.empty()) {  // standard input can be read once only
      passwords->emplace(name, passwords->begin()->second.copy());
      continue;
    }
    ACIE_ASSIGN_OR_RETURN(secure::Secret password, read_password(options.password_file, PasswordUse::Known, "the key " + name));
    passwords->emplace(name, std::move(password));
  }
  return secret::keys_from_folder(folder, [passwords](const std::string& name) -> absl::StatusOr<secure::Secret> {
    return passwords->at(name).copy();
  });
}

// ---- exchange

/// The same for all packages of one program and one entry of it.
absl::StatusOr<std::array<char, 32>> run_id(const PartyProgram& program, const PartyEntry& entry) {
  ACIE_ASSIGN_OR_RETURN(const std::string digest, secure::fingerprint(secure::HashKind::Sha256, "acie program " + program.digest + " entry " + entry.name));
  std::array<char, 32> id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

absl::StatusOr<std::unique_ptr<parties::Exchange>> connect(const Options& options, const std::string& keys, const Player& player,
                                                           const std::atomic<bool>& cancel) {
  parties::ExchangeOptions exchange;
  exchange.me = player.program().party;
  exchange.peers = secret::peers_of(*player.entry);
  if (exchange.peers.empty()) return std::move(parties::make_local_exchanges({exchange.me}).begin()->second);
  ACIE_ASSIGN_OR_RETURN(exchange.program, run_id(player.program(), *player.entry));
  exchange.keys = keys;
  exchange.listen = options.listen;
  for (const auto& [name, address] : options.peers)
    if (!exchange.addresses.emplace(name, address).second) return usage_error("--peer gives two addresses for " + name);
  exchange.folder = options.exchange;
  exchange.session = options.session;
  exchange.cancelled = [&cancel] { return cancel.load(); };
  return parties::open_exchange(exchange);
}

// ---- results

/// Every plain output that is no picture, an element a column; those that are one for all rows are repeated.
absl::Status write_table(const Options& options, const PartyEntry& entry, const PartyAnswer& answer) {
  std::vector<io::OutputColumn> columns;
  io::OutputRows rows;
  bool per_row = false;
  for (size_t i = 0; i < entry.outputs.size(); ++i) {
    const PartyValue* value = value_of(entry, i);
    if (value->is_file() || !file_of(options, entry, i).empty()) continue;
    const PartyAnswer::Output& output = answer.outputs[i];
    per_row |= output.per_row;
    const int64_t elements = value->elements();
    for (int64_t element = 0; element < elements; ++element) {
      io::OutputColumn column;
      column.name = entry.outputs[i].name;
      column.unit = entry.outputs[i].unit;
      if (!value->shape.empty()) {
        column.vector = io::OutputVector{column.name, value->shape, element};
        std::string index;
        for (int64_t axis = static_cast<int64_t>(value->shape.size()) - 1, left = element; axis >= 0; --axis) {
          const int64_t size = value->shape[static_cast<size_t>(axis)];
          index = std::to_string(left % size) + (index.empty() ? "" : ", ") + index;
          left /= size;
        }
        column.name += "[" + index + "]";
      }
      columns.push_back(column);
      rows.columns.push_back({output.values.data() + element, output.per_row ? elements : 0, nullptr});
    }
  }
  const int32_t ok = 0;
  if (per_row) {
    io::OutputColumn status;
    status.name = "status";
    status.dtype = ACIE_I32;
    status.labels = {"ok"};
    columns.push_back(status);
    rows.columns.push_back({&ok, 0, nullptr});
  }
  rows.rows = per_row ? static_cast<int64_t>(answer.rows) : 1;
  const std::string path = options.out.empty() ? "-" : options.out;
  const absl::StatusOr<io::OutputFormat> format = options.format.empty() || options.format == "table" ? io::output_format(path) : io::parse_output_format(options.format);
  if (!format.ok()) return format.status();
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::TableWriter> writer, io::create_table(path, *format, columns, {entry.name, 0}));
  std::string encoded;
  writer->encode(rows, encoded);
  ACIE_RETURN_IF_ERROR(writer->append(encoded));
  return writer->finish();
}

/// What a result's file holds.
absl::StatusOr<secure::Secret> encoded(const PartyValue& value, const std::string& name, const PartyAnswer::Output& output) {
  if (value.is_file()) return output.bytes.copy();
  if (output.per_row) return usage_error("the result " + name + " has many rows: they are no picture");
  const absl::StatusOr<std::string> picture = image::encode_png(value.shape, output.values);
  if (!picture.ok()) return annotate(picture.status(), "the result " + name);
  return secure::Secret(*picture);
}

absl::Status write_files(const Options& options, const PartyEntry& entry, const PartyAnswer& answer) {
  for (size_t i = 0; i < entry.outputs.size(); ++i) {
    const std::string path = file_of(options, entry, i);
    if (path.empty()) continue;
    ACIE_ASSIGN_OR_RETURN(const secure::Secret bytes, encoded(*value_of(entry, i), entry.outputs[i].name, answer.outputs[i]));
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::OutputFile> file, io::OutputFile::create(path));
    ACIE_RETURN_IF_ERROR(file->write(bytes.view()));
    ACIE_RETURN_IF_ERROR(file->commit());
  }
  return absl::OkStatus();
}

/// That every result has a place to go, before any work is done.
absl::Status check_outputs(const Options& options, const std::vector<Player>& players) {
  std::set<std::string> results;
  for (const Player& player : players)
    for (size_t i = 0; i < player.entry->outputs.size(); ++i) {
      const std::string& name = player.entry->outputs[i].name;
      const std::string path = file_of(options, *player.entry, i);
      const PartyValue* value = value_of(*player.entry, i);
      results.insert(name);
      if (value->is_file() && path.empty()) return usage_error("the result " + name + " is a file: --out-arg " + name + "=FILE says where it goes");
      if (!value->is_file() && !path.empty() && !is_picture(path))
        return usage_error("--out-arg " + name + "=" + path + ": the result is numbers, which go to --out FILE, or to a picture, --out-arg " + name + "=FILE.png");
    }
  for (const auto& [name, path] : options.out_args)
    if (!results.contains(name)) return usage_error("--out-arg " + name + "=" + path + ": there is no result of this name");
  return absl::OkStatus();
}

// ---- progress

/// A line on standard error, redrawn at most ten times a second.
class StatusLine {
 public:
  explicit StatusLine(ProgressMode mode)
      : enabled_(mode == ProgressMode::Always || (mode == ProgressMode::Auto && isatty(STDERR_FILENO) == 1)) {}
  ~StatusLine() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  bool enabled() const { return enabled_; }

  void update(const secret::PartyRunOptions::Progress& progress) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (drawn_ && now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    std::string text(progress.step);
    if (progress.of > 0) text += ", " + std::to_string(progress.done) + " of " + std::to_string(progress.of);
    if (progress.rows) text += ", row " + std::to_string(progress.row) + " of " + std::to_string(*progress.rows);
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
  }

 private:
  bool enabled_, drawn_ = false;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_;
};

// ---- running

int threads_for(const Options& options, size_t players) {
  if (options.threads > 0) return options.threads;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency() / players));
}

void play(Player& player, const secret::KeySource& keys, const secret::PartyRunOptions& run) {
  const std::string_view constants = player.package->section(package::kPartyConstantsSection).value_or("");
  player.answer = secret::run_party({&player.program(), player.entry, constants}, keys, *player.inputs, *player.exchange, run);
  if (!player.answer.ok()) player.exchange.reset();  // its peers are told by that
}

/// The error that caused the others: not that of a party whose peer was gone.
absl::Status first_error(const std::vector<Player>& players) {
  absl::Status worst;
  for (const Player& player : players)
    if (!player.answer.ok() && (worst.ok() || failure_of(worst) == Failure::Run)) worst = player.answer.status();
  return worst;
}

absl::Status prepare(const Options& options, const std::vector<Package>& packages, std::vector<Player>& players) {
  std::set<std::string> used;
  ACIE_ASSIGN_OR_RETURN(const auto taking_part, parties_of(options, packages));
  for (const auto& [package_at, entry] : taking_part) {
    const Package& package = *package_at;
    Player player;
    player.package = &package;
    player.entry = entry;
    player.inputs = std::make_unique<secret::PartyInputs>(*player.entry);
    if (absl::Status status = give_inputs(options, package.plan(), *player.entry, *player.inputs, used); !status.ok())
      return options.local ? annotate(status, package.party()->party) : status;
    players.push_back(std::move(player));
  }
  const auto unknown = [&](const char* option, const Setting& setting) -> absl::Status {
    if (used.contains(setting.first)) return absl::OkStatus();
    return packages.size() > 1 ? usage_error(std::string(option) + " " + setting.first + ": no party has an input of this name")
                               : annotate(players[0].inputs->find(setting.first).status(), option);
  };
  for (const Setting& argument : options.args) ACIE_RETURN_IF_ERROR(unknown("--arg", argument));
  for (const Setting& setting : options.sets) ACIE_RETURN_IF_ERROR(unknown("--set", setting));
  return check_outputs(options, players);
}

}  // namespace

absl::StatusOr<std::vector<std::pair<const Package*, const PartyEntry*>>> parties_of(const Options& options, const std::vector<Package>& packages) {
  std::vector<std::pair<const Package*, const PartyEntry*>> found;
  std::set<std::string> names;
  for (const Package& package : packages)
    for (const PartyEntry& entry : package.party()->entries) {
      names.insert(entry.name);
      if (entry.name == options.entry) found.emplace_back(&package, &entry);
    }
  if (!found.empty()) return found;
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  const std::string who = packages.size() > 1 ? "the program has" : packages[0].party()->party + " takes part in";
  return usage_error("there is no graph '" + options.entry + "'; " + who + " " + (all.empty() ? "none" : all));
}

absl::Status run_parties(const Options& options, const std::vector<Package>& packages, const std::atomic<bool>& cancel) {
  secure::protect_process();
  std::vector<Player> players;
  ACIE_RETURN_IF_ERROR(prepare(options, packages, players));
  ACIE_ASSIGN_OR_RETURN(const std::string folder, key_folder_or(options.keys));
  ACIE_ASSIGN_OR_RETURN(const secret::KeySource keys, open_keys(options, folder, players));
  if (options.local) {
    std::vector<std::string> names;
    for (const Player& player : players) names.push_back(player.program().party);
    auto exchanges = parties::make_local_exchanges(names);
    for (Player& player : players) player.exchange = std::move(exchanges.at(player.program().party));
  } else {
    ACIE_ASSIGN_OR_RETURN(players[0].exchange, connect(options, folder, players[0], cancel));
  }

  StatusLine line(options.progress);
  secret::PartyRunOptions run;
  run.threads = threads_for(options, players.size());
  run.seed = options.seed;
  run.insecure_keys = options.insecure_keys;
  run.cancelled = [&cancel] { return cancel.load(); };
  run.store = [&folder](const std::string& party, bool create) { return secret::store_key_from_folder(folder, party, create); };
  if (line.enabled()) run.progress = [&](const secret::PartyRunOptions::Progress& progress) { line.update(progress); };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < players.size(); ++i) threads.emplace_back([&, i] { play(players[i], keys, run); });
  play(players[0], keys, run);
  for (std::thread& thread : threads) thread.join();
  ACIE_RETURN_IF_ERROR(first_error(players));

  std::vector<const Player*> tables;
  for (const Player& player : players)
    if (has_table(options, *player.entry) && (options.party.empty() || options.party == player.program().party)) tables.push_back(&player);
  if (tables.size() > 1) return usage_error("several parties have results; --party NAME says whose to write");
  for (const Player& player : players) ACIE_RETURN_IF_ERROR(write_files(options, *player.entry, *player.answer));
  if (!tables.empty()) ACIE_RETURN_IF_ERROR(write_table(options, *tables[0]->entry, *tables[0]->answer));
  // Results are kept before anybody is told that all is done.
  std::vector<std::thread> finishing;
  std::vector<absl::Status> finished(players.size());
  for (size_t i = 0; i < players.size(); ++i) finishing.emplace_back([&, i] { finished[i] = players[i].exchange->finish(); });
  for (std::thread& thread : finishing) thread.join();
  for (const absl::Status& status : finished) ACIE_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

}  // namespace acie::cli

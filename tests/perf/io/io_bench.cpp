// Throughput of tables on one core, in bytes of text: splitting a CSV file into blocks of records, decoding
// them, and writing.
//
// Numbers are drawn from N(0, 10) and written in full (17 digits) or shortened to 6. fast_float over cells
// found by memchr, and std::to_chars alone, are the rivals.
#include <benchmark/benchmark.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "fast_float/fast_float.h"
#include "runtime/io/CsvReader.h"
#include "runtime/io/TableWriter.h"
#include "runtime/io/Writers.h"

namespace {

using namespace acie::io;

constexpr int kColumns = 8;
constexpr int64_t kRows = 200000;
constexpr int64_t kTile = 4096;

std::vector<double> make_numbers() {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(0, 10);
  std::vector<double> numbers(kRows * kColumns);
  for (double& number : numbers) number = normal(random);
  return numbers;
}

std::string make_csv(int digits) {
  std::string text = "c0";
  for (int i = 1; i < kColumns; ++i) text += ",c" + std::to_string(i);
  text += '\n';
  char cell[64];
  int column = 0;
  for (double number : make_numbers()) {
    const auto end = digits == 17
                         ? std::to_chars(cell, cell + 64, number)
                         : std::to_chars(cell, cell + 64, number, std::chars_format::general, digits);
    text.append(cell, end.ptr);
    column = (column + 1) % kColumns;
    text += column == 0 ? '\n' : ',';
  }
  return text;
}

const std::string& csv(int digits) {
  static const std::string full = make_csv(17);
  static const std::string brief = make_csv(6);
  return digits == 17 ? full : brief;
}

std::unique_ptr<TableReader> open(const std::string& text, int columns) {
  auto reader = open_csv(memory_source(text), "bench.csv");
  std::vector<ColumnRequest> requests(static_cast<size_t>(columns));
  for (int i = 0; i < columns; ++i) requests[static_cast<size_t>(i)].index = i;
  if (!reader.ok() || !(*reader)->select(requests).ok()) std::abort();
  return *std::move(reader);
}

void split_csv(benchmark::State& state) {
  const std::string& text = csv(17);
  for (auto _ : state) {
    const auto reader = open(text, kColumns);
    while (const auto block = *reader->read(kTile)) benchmark::DoNotOptimize(block->rows);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

// digits of a number, columns asked for of eight.
void decode_csv(benchmark::State& state) {
  const std::string& text = csv(static_cast<int>(state.range(0)));
  const auto reader = open(text, static_cast<int>(state.range(1)));
  std::vector<std::unique_ptr<RawBlock>> blocks;
  while (auto block = *reader->read(kTile)) blocks.push_back(std::move(block));
  Batch batch;
  for (auto _ : state)
    for (const auto& block : blocks)
      if (!reader->decode(*block, batch).ok()) std::abort();
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void decode_csv_fast_float(benchmark::State& state) {
  const std::string& text = csv(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    const char* place = static_cast<const char*>(std::memchr(text.data(), '\n', text.size())) + 1;
    const char* const end = text.data() + text.size();
    double sum = 0;
    while (place < end) {
      double value;
      place = fast_float::from_chars(place, end, value).ptr + 1;
      sum += value;
    }
    benchmark::DoNotOptimize(sum);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void write_csv(benchmark::State& state) {
  const std::vector<double> numbers = make_numbers();
  std::vector<OutputColumn> columns(kColumns);
  OutputRows rows;
  rows.rows = kTile;
  for (int i = 0; i < kColumns; ++i) rows.columns.push_back({numbers.data() + i * kRows});
  auto writer = create_csv(*OutputFile::create("/dev/null"), columns);
  std::string out;
  int64_t bytes = 0;
  for (auto _ : state) {
    out.clear();
    (*writer)->encode(rows, out);
    bytes += static_cast<int64_t>(out.size());
  }
  state.SetBytesProcessed(bytes);
}

void write_to_chars(benchmark::State& state) {
  const std::vector<double> numbers = make_numbers();
  char cell[64];
  int64_t bytes = 0;
  for (auto _ : state)
    for (int64_t i = 0; i < kTile; ++i)
      bytes += std::to_chars(cell, cell + 64, numbers[static_cast<size_t>(i)]).ptr - cell + 1;
  state.SetBytesProcessed(bytes);
}

BENCHMARK(split_csv)->Unit(benchmark::kMillisecond);
BENCHMARK(decode_csv)->Args({17, 8})->Args({17, 2})->Args({6, 8})->Unit(benchmark::kMillisecond);
BENCHMARK(decode_csv_fast_float)->Arg(17)->Arg(6)->Unit(benchmark::kMillisecond);
BENCHMARK(write_csv);
BENCHMARK(write_to_chars);

}  // namespace

BENCHMARK_MAIN();

// Tables in files: the reader and writer of runtime/io behind the interfaces that a run works with.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/io/TableReader.h"
#include "runtime/io/TableWriter.h"
#include "runtime/scheduler/Binding.h"
#include "runtime/scheduler/Stream.h"

namespace acie::scheduler {

/// Global rows [begin, end) of a table.
struct RowRange {
  int64_t begin = 0;
  int64_t end = INT64_MAX;
};

struct FileSourceOptions {
  RowRange rows;
  int64_t tile = 4096;
  std::map<std::string, double, std::less<>> asked;  // do? columns set for every row
  io::Texts* texts = nullptr;                        // of the run, which outlive the source
};

/// Reads the bound columns of `reader`. A do? column that `asked` names is taken from there.
absl::StatusOr<std::unique_ptr<TileSource>> file_source(const package::Entry& entry, const TableBinding& binding,
                                                        std::unique_ptr<io::TableReader> reader,
                                                        const FileSourceOptions& options);

/// The answer's columns as runtime/io writes them. Status becomes text.
std::vector<io::OutputColumn> output_columns(const std::vector<AnswerField>& fields);

/// Writes to `writer`, which the caller finishes.
std::unique_ptr<AnswerSink> file_sink(const std::vector<AnswerField>& fields, io::TableWriter& writer);

/// The rows of a tile as runtime/io takes them, with what had to be made for it.
struct RowsForOutput {
  io::OutputRows rows;
  std::vector<uint8_t> present;
  std::vector<int32_t> status;
};
void rows_for_output(const std::vector<AnswerField>& fields, const AnswerTile& tile, RowsForOutput& result);

}  // namespace acie::scheduler

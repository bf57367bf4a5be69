#include "tools/acie-run/PartyValues.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "runtime/image/Png.h"
#include "runtime/io/FileValue.h"
#include "runtime/io/Safetensors.h"
#include "runtime/io/TableReader.h"
#include "runtime/io/Tensor.h"
#include "runtime/scheduler/Binding.h"
#include "runtime/status/Errors.h"
#include "tools/acie-run/Values.h"

namespace acie::cli {
namespace {

using package::PartyInput;
using package::PartyValue;
using secret::PartyInputs;
using secret::Reals;

constexpr uint64_t kMaxFile = uint64_t{1} << 30;
constexpr int64_t kMaxElements = int64_t{1} << 28;
constexpr int64_t kBlock = 4096;

bool ends_with(const std::string& path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

absl::StatusOr<secure::Secret> read_bytes(const std::string& path) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  if (error) return bad_data_error("cannot read " + path);
  if (size > kMaxFile) return bad_data_error(path + " is larger than 1 GiB");
  secure::Secret bytes(size);
  std::ifstream in(path, std::ios::binary);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) return bad_data_error("cannot read " + path);
  return bytes;
}

struct Array {
  std::vector<int64_t> shape;
  Reals values;
};

/// The whole rows of a table that is an array.
absl::StatusOr<Array> read_array(io::TableReader& reader) {
  const io::TableSchema& schema = reader.schema();
  io::ColumnRequest request;
  request.index = static_cast<int>(schema.columns.size()) - 1;
  const io::ColumnSchema& column = schema.columns.back();
  request.elements = column.elements();
  Array array;
  int64_t rows = 0;
  ACIE_RETURN_IF_ERROR(reader.select({request}));
  io::Batch batch;
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::RawBlock> block, reader.read(std::max<int64_t>(1, kBlock / request.elements)));
    if (block == nullptr) break;
    ACIE_RETURN_IF_ERROR(reader.decode(*block, batch));
    rows += block->rows;
    if (rows > kMaxElements / request.elements) return bad_data_error(schema.source + " has more than 2^28 elements");
    const double* values = batch.columns[0].as<double>();
    array.values.insert(array.values.end(), values, values + block->rows * request.elements);
  }
  array.shape = {rows};
  array.shape.insert(array.shape.end(), column.shape.begin(), column.shape.end());
  return array;
}

absl::StatusOr<Array> read_tensor_file(const std::string& path) {
  ACIE_ASSIGN_OR_RETURN(const auto file, io::Safetensors::open(path));
  if (file->tensors().size() != 1) return bad_data_error(path + " holds " + std::to_string(file->tensors().size()) + " tensors; one is expected");
  const io::TensorView& view = file->tensors().front().view;
  Array array;
  array.shape = view.shape;
  if (view.elements() > kMaxElements) return bad_data_error(path + " has more than 2^28 elements");
  array.values.resize(static_cast<size_t>(view.elements()));
  ACIE_RETURN_IF_ERROR(io::convert_elements(view, io::TensorType::F64, io::Rounding::Nearest, reinterpret_cast<std::byte*>(array.values.data())));
  return array;
}

absl::StatusOr<Array> read_value_file(const std::string& path) {
  const io::FileFormat format = ends_with(path, {".csv", ".tsv", ".txt"}) ? io::FileFormat::Csv
                                : ends_with(path, {".json"})              ? io::FileFormat::Json
                                : path.find(".h5") != std::string::npos || path.find(".hdf5") != std::string::npos ? io::FileFormat::Hdf5
                                                                                                                   : io::FileFormat::Fits;
  std::string bytes;
  ACIE_ASSIGN_OR_RETURN(const io::FileValue value, io::read_file_value(format, path, bytes, io::kArrayLimits));
  if (value.parts.size() != 1) return bad_data_error(path + " holds several columns; one array is expected");
  const io::FileArray& part = value.parts[0];
  Array array;
  array.shape = part.shape;
  array.values.assign(part.reals.begin(), part.reals.end());
  for (const int64_t integer : part.integers) array.values.push_back(static_cast<double>(integer));
  return array;
}

absl::StatusOr<Array> read_picture(const std::string& path) {
  ACIE_ASSIGN_OR_RETURN(const secure::Secret bytes, read_bytes(path));
  ACIE_ASSIGN_OR_RETURN(const image::Picture picture, image::parse_png(bytes.view(), path));
  return Array{picture.shape, Reals(picture.samples.begin(), picture.samples.end())};
}

absl::StatusOr<Array> read_numbers(const std::string& path) {
  if (is_picture(path)) return read_picture(path);
  if (ends_with(path, {".safetensors"})) return read_tensor_file(path);
  if (!ends_with(path, {".npy"})) return read_value_file(path);
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::TableReader> reader, io::open_table(path));
  if (!reader->schema().is_array) return bad_data_error(path + " holds a table; one array is expected");
  return read_array(*reader);
}

absl::Status give_file(const PartyInput& input, const PartyValue* declared, const std::string& path, PartyInputs& inputs) {
  if (declared != nullptr && declared->is_file()) {
    ACIE_ASSIGN_OR_RETURN(secure::Secret bytes, read_bytes(path));
    return inputs.set_bytes(input.name, std::move(bytes));
  }
  ACIE_ASSIGN_OR_RETURN(Array array, read_numbers(path));
  // One row and one column are vectors too; beyond that the axes must be the program's.
  const auto without_ones = [](std::vector<int64_t> shape) {
    std::erase(shape, 1);
    return shape;
  };
  if (declared != nullptr && without_ones(array.shape) != without_ones(declared->shape))
    return bad_data_error(path + " has shape " + io::shape_text(array.shape) + ", input " + input.name + " takes " + io::shape_text(declared->shape));
  absl::Status status = inputs.set(input.name, std::move(array.values));
  return status.ok() ? status : annotate(status, path);
}

/// The inputs that columns of a table may give, as an entry of the plan: bound as those of queries are.
package::Entry as_query(const package::PartyEntry& entry, const PartyInputs& inputs, std::vector<int64_t>& wanted) {
  package::Entry query;
  query.name = entry.name;
  for (int64_t i = 0; i < static_cast<int64_t>(entry.inputs.size()); ++i) {
    const PartyValue* declared = inputs.declared(i);
    if (inputs.given(i).given || declared == nullptr || declared->form != PartyValue::Form::Plain) continue;
    const PartyInput& input = entry.inputs[static_cast<size_t>(i)];
    if (input.default_value) continue;  // columns give what has no value otherwise
    package::Buffer buffer;
    buffer.shape = declared->shape;
    query.buffers.push_back(buffer);
    package::ColumnInput column;
    column.role = package::ColumnInput::Role::Input;
    column.name = column.column = input.name;
    column.unit = input.unit;
    column.buffer = static_cast<int>(query.buffers.size()) - 1;
    query.columns.push_back(column);
    wanted.push_back(i);
  }
  package::list_elements(query);
  return query;
}

absl::Status give_table(const Options& options, const package::Plan& plan, const package::PartyEntry& entry, PartyInputs& inputs,
                        std::set<std::string>& used) {
  std::vector<int64_t> wanted;
  const package::Entry query = as_query(entry, inputs, wanted);
  if (wanted.empty()) return absl::OkStatus();
  std::map<std::string, std::string> binds;
  for (const auto& [column, name] : options.binds)
    if (std::any_of(wanted.begin(), wanted.end(), [&, &name = name](int64_t i) { return entry.inputs[static_cast<size_t>(i)].name == name; }))
      binds.emplace(name, column);
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::TableReader> reader, io::open_table(options.data));
  ACIE_ASSIGN_OR_RETURN(const scheduler::TableBinding binding, scheduler::bind_table(query, plan.units, reader->schema(), binds));
  std::vector<io::ColumnRequest> requests;
  for (const scheduler::ColumnBinding& column : binding.columns) {
    io::ColumnRequest request;
    request.index = column.column;
    request.factor = column.factor;
    request.element = column.element;
    requests.push_back(request);
  }
  ACIE_RETURN_IF_ERROR(reader->select(requests));
  if (options.rows.begin > 0) ACIE_RETURN_IF_ERROR(reader->skip_to(options.rows.begin));
  std::vector<Reals> values(wanted.size());
  size_t rows = 0;
  io::Batch batch;
  for (int64_t left = options.rows.end - options.rows.begin; left > 0;) {
    ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<io::RawBlock> block, reader->read(std::min(kBlock, left)));
    if (block == nullptr) break;
    left -= block->rows;
    rows += static_cast<size_t>(block->rows);
    ACIE_RETURN_IF_ERROR(reader->decode(*block, batch));
    for (int64_t row = 0; row < block->rows; ++row) {
      size_t column = 0;
      for (size_t i = 0; i < wanted.size(); ++i)
        for (int64_t k = 0; k < inputs.declared(wanted[i])->elements(); ++k, ++column) {
          if (!batch.columns[column].is_present(row))
            return bad_data_error(options.data + ", row " + std::to_string(block->first_row + row + 1) + ": " + query.columns[column].name +
                                  " is empty; what is encrypted has all its values");
          values[i].push_back(batch.columns[column].as<double>()[row]);
        }
    }
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::string& name = entry.inputs[static_cast<size_t>(wanted[i])].name;
    used.insert(name);
    if (absl::Status status = inputs.set_rows(name, rows, std::move(values[i])); !status.ok()) return annotate(status, options.data);
  }
  return absl::OkStatus();
}

}  // namespace

bool is_picture(const std::string& path) { return path.ends_with(".png") || path.ends_with(".PNG"); }

absl::Status give_inputs(const Options& options, const package::Plan& plan, const package::PartyEntry& entry, PartyInputs& inputs,
                         std::set<std::string>& used) {
  for (size_t i = 0; i < entry.inputs.size(); ++i) {
    const PartyInput& input = entry.inputs[i];
    const PartyValue* declared = inputs.declared(static_cast<int64_t>(i));
    for (const Setting& argument : options.args) {
      if (argument.first != input.name) continue;
      used.insert(input.name);
      ACIE_RETURN_IF_ERROR(give_file(input, declared, argument.second, inputs));
    }
    for (const Setting& setting : options.sets) {
      if (setting.first != input.name) continue;
      used.insert(input.name);
      ACIE_ASSIGN_OR_RETURN(const double value, parse_value("--set", setting, plan, &input.unit));
      ACIE_RETURN_IF_ERROR(inputs.set(input.name, Reals{value}));
    }
  }
  if (!options.data.empty()) ACIE_RETURN_IF_ERROR(give_table(options, plan, entry, inputs, used));
  return inputs.finish();
}

}  // namespace acie::cli

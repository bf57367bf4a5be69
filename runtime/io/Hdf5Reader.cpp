#include "runtime/io/Hdf5Reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/io/AlignedBuffer.h"
#include "runtime/io/Hdf5Library.h"
#include "runtime/io/Hdf5Table.h"
#include "runtime/io/Records.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

/// Blocks are bounded, whatever the size of a row.
constexpr uint64_t kMaxBlock = uint64_t{2} << 30;
constexpr uint64_t kMaxCaches = uint64_t{1} << 30;
constexpr uint64_t kLongestText = 256;          // of varying length, where any text will do
constexpr size_t kMaxText = size_t{256} << 20;  // of varying length, in one block

// Memory for the texts that the library reads, freed at once; it says no before a hostile file has all of it.
class TextMemory {
 public:
  static void* allocate(size_t size, void* self) {
    auto& memory = *static_cast<TextMemory*>(self);
    if (size > kMaxText - memory.used_) return nullptr;
    memory.used_ += size;
    memory.pieces_.push_back(std::make_unique<char[]>(size));
    return memory.pieces_.back().get();
  }
  static void release(void*, void*) {}

 private:
  std::vector<std::unique_ptr<char[]>> pieces_;
  size_t used_ = 0;
};

// What is read in one call: rows of records in memory.
struct Part {
  size_t dataset = 0;
  int64_t first_element = 0, elements = 0;  // of a row of one dimension
  Hdf5Id memory;                            // the type of a record, or of an element
  uint64_t record_size = 0;
  bool variable_text = false;
  uint64_t text_width = 0;  // what texts of varying length are stored as
  bool whole_texts = false;  // longer ones are refused
};

// Where the values of a request lie in a part.
struct Source {
  size_t part = 0;
  StoredField field;
};

struct Hdf5Block : RawBlock {
  std::vector<AlignedBuffer> parts;
};

class Hdf5Reader : public TableReader {
 public:
  Hdf5Reader(const Hdf5Api& api, std::shared_ptr<const Hdf5Id> file, Hdf5Table table)
      : api_(api), file_(std::move(file)), table_(std::move(table)) {}

  const TableSchema& schema() const override { return table_.schema; }

  absl::Status select(std::vector<ColumnRequest> requests) override {
    ACIE_RETURN_IF_ERROR(check_requests(table_.schema, requests));
    requests_ = std::move(requests);
    sources_.resize(requests_.size());
    const Hdf5Session session(api_);
    uint64_t caches = 0;
    for (size_t dataset = 0; dataset < table_.datasets.size(); ++dataset) {
      std::vector<size_t> columns;  // those of the dataset that are asked for, once
      for (const ColumnRequest& request : requests_)
        if (table_.columns[static_cast<size_t>(request.index)].dataset == dataset)
          columns.push_back(static_cast<size_t>(request.index));
      std::sort(columns.begin(), columns.end());
      columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
      if (columns.empty()) continue;
      caches += table_.datasets[dataset].cache;
      if (caches > kMaxCaches)
        return bad_data_error(table_.schema.source +
                              ": the chunks of its columns need more than 1 GiB; rewrite it with smaller ones (h5repack -l CHUNK=…)");
      ACIE_RETURN_IF_ERROR(table_.datasets[dataset].is_compound ? plan_records(dataset, columns)
                                                                : plan_elements(dataset, columns));
    }
    for (size_t i = 0; i < requests_.size(); ++i) {
      Part& part = parts_[sources_[i].part];
      if (requests_[i].texts != nullptr) {
        part.whole_texts = true;
        part.text_width = kLongestText;
      }
      for (const std::string& category : requests_[i].categories)
        part.text_width = std::max<uint64_t>(part.text_width, category.size());
    }
    // One letter more than the longest category tells a longer text from it; some more show what it is.
    for (Part& part : parts_)
      if (part.variable_text) part.text_width = std::max<uint64_t>(part.text_width + 8, 32);
    for (Source& source : sources_)
      if (source.field.kind == StoredField::Kind::Bytes && parts_[source.part].variable_text)
        source.field.width = parts_[source.part].text_width;
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<RawBlock>> read(int64_t max_rows) override {
    const int64_t count = std::min(max_rows, table_.rows - row_);
    if (count <= 0) return std::unique_ptr<RawBlock>();
    uint64_t row_bytes = 0;
    for (const Part& part : parts_) row_bytes += part.record_size + part.text_width;
    if (row_bytes > kMaxBlock / static_cast<uint64_t>(count))
      return bad_data_error(table_.schema.source + ": rows of " + std::to_string(row_bytes) + " bytes are too long");
    const Hdf5Session session(api_);
    auto block = std::make_unique<Hdf5Block>();
    block->first_row = row_;
    block->rows = count;
    for (const Part& part : parts_)
      ACIE_RETURN_IF_ERROR(read_part(part, count, session, block->parts.emplace_back()));
    row_ += count;
    return std::unique_ptr<RawBlock>(std::move(block));
  }

  absl::Status decode(const RawBlock& block, Batch& batch) const override {
    prepare_batch(requests_, block.first_row, block.rows, batch);
    for (size_t i = 0; i < requests_.size(); ++i) {
      const Source& source = sources_[i];
      const Part& part = parts_[source.part];
      const AlignedBuffer& bytes = static_cast<const Hdf5Block&>(block).parts[source.part];
      ACIE_RETURN_IF_ERROR(decode_column(table_.schema, bytes.chars(),
                                         part.variable_text ? part.text_width : part.record_size, source.field,
                                         requests_[i], block, batch.columns[i]));
    }
    return absl::OkStatus();
  }

  absl::Status skip_to(int64_t row) override {
    row_ = std::max(row_, std::min(row, table_.rows));
    return absl::OkStatus();
  }

  absl::Status rewind() override {
    row_ = 0;
    return absl::OkStatus();
  }

  std::optional<double> fraction_read() const override {
    if (table_.rows == 0) return 1.0;
    return static_cast<double>(row_) / static_cast<double>(table_.rows);
  }

 private:
  // Fixed-size fields come together; each of texts of varying length by itself.
  absl::Status plan_records(size_t dataset, const std::vector<size_t>& columns) {
    std::vector<size_t> fixed;
    uint64_t size = 0;
    for (size_t index : columns) {
      const Hdf5Column& column = table_.columns[index];
      if (column.variable_text) {
        ACIE_RETURN_IF_ERROR(plan_fields(dataset, {index}, sizeof(char*)));
      } else {
        fixed.push_back(index);
        size += column.field.width * column.field.count;
      }
    }
    return fixed.empty() ? absl::OkStatus() : plan_fields(dataset, fixed, size);
  }

  absl::Status plan_fields(size_t dataset, const std::vector<size_t>& columns, uint64_t size) {
    Part part;
    part.dataset = dataset;
    part.record_size = size;
    part.memory = Hdf5Id(api_, api_.H5Tcreate(H5T_COMPOUND, size));
    uint64_t offset = 0;
    for (size_t index : columns) {
      const Hdf5Column& column = table_.columns[index];
      if (!part.memory || api_.H5Tinsert(part.memory.get(), column.member.c_str(), offset, column.memory.get()) < 0)
        return bad_data_error(table_.schema.source + ", column '" + column.member + "' cannot be read");
      part.variable_text = column.variable_text;
      place(index, column.field, offset);
      offset += column.field.width * column.field.count;
    }
    parts_.push_back(std::move(part));
    return absl::OkStatus();
  }

  // Rows of one dimension are read from the first element that is asked for to the last, others whole.
  absl::Status plan_elements(size_t dataset, const std::vector<size_t>& columns) {
    const Hdf5Column& any = table_.columns[columns.front()];
    const std::vector<hsize_t>& row = table_.datasets[dataset].row;
    int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
    for (const ColumnRequest& request : requests_) {
      const Hdf5Column& column = table_.columns[static_cast<size_t>(request.index)];
      if (column.dataset != dataset) continue;
      first = std::min(first, column.element + request.element / any.values);
      last = std::max(last, column.element + (request.element + request.elements - 1) / any.values);
    }
    Part part;
    part.dataset = dataset;
    part.elements = last - first + 1;
    if (row.size() > 1) {
      first = 0;
      part.elements = 1;
      for (hsize_t size : row) part.elements *= static_cast<int64_t>(size);
    }
    part.first_element = first;
    part.memory = Hdf5Id(api_, api_.H5Tcopy(any.memory.get()));
    part.variable_text = any.variable_text;
    if (part.variable_text && part.elements != 1)
      return bad_data_error(table_.schema.source + " is a matrix of texts, of which one column can be read at a time");
    const uint64_t element_size = any.field.width * static_cast<uint64_t>(any.values);
    part.record_size = element_size * static_cast<uint64_t>(part.elements);
    // Before `first` an offset wraps round; the element that is asked for lies behind.
    for (size_t index : columns)
      place(index, table_.columns[index].field, element_size * static_cast<uint64_t>(table_.columns[index].element - first));
    parts_.push_back(std::move(part));
    return absl::OkStatus();
  }

  void place(size_t column, StoredField field, uint64_t offset) {
    field.offset = offset;
    for (size_t i = 0; i < requests_.size(); ++i)
      if (static_cast<size_t>(requests_[i].index) == column) sources_[i] = {parts_.size(), field};
  }

  absl::Status read_part(const Part& part, int64_t count, const Hdf5Session& session, AlignedBuffer& bytes) const {
    // Said before identifiers are closed, which forgets what the problem was.
    const auto failed = [&] {
      return bad_data_error(table_.schema.source + ": reading rows " + std::to_string(row_ + 1) + " to " +
                            std::to_string(row_ + count) + " failed: " + session.problem());
    };
    const Hdf5Dataset& dataset = table_.datasets[part.dataset];
    std::vector<hsize_t> start(dataset.row.size() + 1, 0), size = {static_cast<hsize_t>(count)};
    start[0] = static_cast<hsize_t>(row_);
    size.insert(size.end(), dataset.row.begin(), dataset.row.end());
    if (dataset.row.size() == 1) {
      start[1] = static_cast<hsize_t>(part.first_element);
      size[1] = static_cast<hsize_t>(part.elements);
    }
    const int rank = static_cast<int>(size.size());
    const Hdf5Id in_file(api_, api_.H5Dget_space(dataset.id.get()));
    const Hdf5Id in_memory(api_, api_.H5Screate_simple(rank, size.data(), nullptr));
    if (!in_file || !in_memory ||
        api_.H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr) < 0)
      return failed();
    const auto get = [&](void* to, hid_t transfer) {
      return api_.H5Dread(dataset.id.get(), part.memory.get(), in_memory.get(), in_file.get(), transfer, to) >= 0;
    };
    bytes.resize(static_cast<size_t>(count) * (part.variable_text ? part.text_width : part.record_size));
    if (!part.variable_text) return get(bytes.data(), H5P_DEFAULT) ? absl::OkStatus() : failed();
    TextMemory memory;
    std::vector<const char*> texts(static_cast<size_t>(count), nullptr);
    const Hdf5Id transfer(api_, api_.H5Pcreate(api_.id_H5P_CLS_DATASET_XFER_ID));
    if (!transfer || api_.H5Pset_vlen_mem_manager(transfer.get(), TextMemory::allocate, &memory, TextMemory::release, &memory) < 0 ||
        !get(texts.data(), transfer.get()))
      return failed();
    for (size_t i = 0; i < texts.size(); ++i) {
      char* const to = bytes.chars() + i * part.text_width;
      const char* from = texts[i] == nullptr ? "" : texts[i];
      from += std::strspn(from, " ");
      if (part.whole_texts && std::strlen(from) > kLongestText)
        return bad_data_error(table_.schema.source + ", row " + std::to_string(row_ + static_cast<int64_t>(i) + 1) +
                              " holds a text of more than " + std::to_string(kLongestText) + " bytes");
      std::memset(to, 0, part.text_width);
      std::memcpy(to, from, std::min<size_t>(std::strlen(from), part.text_width));
    }
    return absl::OkStatus();
  }

  const Hdf5Api& api_;
  std::shared_ptr<const Hdf5Id> file_;
  Hdf5Table table_;
  std::vector<ColumnRequest> requests_;
  std::vector<Part> parts_;
  std::vector<Source> sources_;  // by request
  int64_t row_ = 0;
};

// The file, opened once for all readers that there are of it. The library shares what it knows of a dataset between openings of
// its file, and version 1.10 crashes when the first of them is closed and another then reads text of varying length.
absl::StatusOr<std::shared_ptr<const Hdf5Id>> open_file(const Hdf5Api& api, const Hdf5Session& session,
                                                        const std::string& name) {
  static std::map<std::pair<dev_t, ino_t>, std::weak_ptr<const Hdf5Id>> files;  // touched in sessions alone
  struct stat about;
  if (::stat(name.c_str(), &about) != 0) return bad_data_error("cannot open " + name + ": " + std::strerror(errno));
  std::weak_ptr<const Hdf5Id>& known = files[{about.st_dev, about.st_ino}];
  if (std::shared_ptr<const Hdf5Id> file = known.lock()) return file;
  auto file = std::make_shared<const Hdf5Id>(api, api.H5Fopen(name.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!*file) return bad_data_error(name + " cannot be read as HDF5: " + session.problem());
  known = file;
  return file;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_hdf5(const std::string& file, std::string_view path) {
  ACIE_ASSIGN_OR_RETURN(const Hdf5Api* const api, load_hdf5());
  const Hdf5Session session(*api);
  ACIE_ASSIGN_OR_RETURN(std::shared_ptr<const Hdf5Id> opened, open_file(*api, session, file));
  ACIE_ASSIGN_OR_RETURN(Hdf5Table table, find_hdf5_table(*api, session, opened->get(), file, path));
  return std::make_unique<Hdf5Reader>(*api, std::move(opened), std::move(table));
}

}  // namespace acie::io

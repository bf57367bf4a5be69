#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "runtime/io/Hdf5Library.h"
#include "runtime/io/RecordEncoder.h"
#include "runtime/io/Table.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr uint64_t kChunkBytes = uint64_t{512} << 10;  // two of them fit the library's cache

class Hdf5Writer : public TableWriter {
 public:
  Hdf5Writer(const Hdf5Api& api, std::unique_ptr<OutputFile> output, std::string path, std::vector<OutputColumn> columns)
      : api_(api),
        output_(std::move(output)),
        path_(std::move(path)),
        columns_(std::move(columns)),
        encoder_(columns_,
                 {.big_endian = false, .ucs4_labels = false, .zero_padding = true, .logical_letters = false}) {}

  absl::Status begin(const OutputMetadata& metadata) {
    std::set<std::string> names;
    for (const RecordField& field : encoder_.fields())
      if (!names.insert(field.name).second)
        return usage_error("two columns are called '" + field.name +
                           "', which HDF5 cannot hold; name one of them with 'name ='");
    const Hdf5Session session(api_);
    file_ = Hdf5Id(api_, api_.H5Fcreate(output_->temporary().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    if (!file_) return failure("cannot be created", session);
    record_ = Hdf5Id(api_, api_.H5Tcreate(H5T_COMPOUND, encoder_.record_size()));
    if (!record_) return failure("cannot be created", session);
    size_t offset = 0;
    for (const RecordField& field : encoder_.fields()) {
      Hdf5Id type = cell_type(field);
      if (!field.shape.empty()) {
        const std::vector<hsize_t> shape(field.shape.begin(), field.shape.end());
        type = Hdf5Id(api_, api_.H5Tarray_create2(type.get(), static_cast<unsigned>(shape.size()), shape.data()));
      }
      if (!type || api_.H5Tinsert(record_.get(), field.name.c_str(), offset, type.get()) < 0)
        return failure("cannot hold the column '" + field.name + "'", session);
      offset += field.count * field.width;
    }
    const hsize_t none[] = {0}, unlimited[] = {H5S_UNLIMITED},
                  chunk[] = {std::max<hsize_t>(1, kChunkBytes / encoder_.record_size())};
    const Hdf5Id space(api_, api_.H5Screate_simple(1, none, unlimited));
    const Hdf5Id creation(api_, api_.H5Pcreate(api_.id_H5P_CLS_DATASET_CREATE_ID));
    const Hdf5Id links(api_, api_.H5Pcreate(api_.id_H5P_CLS_LINK_CREATE_ID));
    if (api_.H5Pset_chunk(creation.get(), 1, chunk) < 0 || api_.H5Pset_create_intermediate_group(links.get(), 1) < 0)
      return failure("cannot be created", session);
    dataset_ = Hdf5Id(api_, api_.H5Dcreate2(file_.get(), path_.c_str(), record_.get(), space.get(), links.get(),
                                            creation.get(), H5P_DEFAULT));
    if (!dataset_) return failure("cannot hold a table of " + std::to_string(encoder_.fields().size()) + " columns at " + path_, session);
    std::vector<std::string> units;
    for (const RecordField& field : encoder_.fields()) units.push_back(fits_unit(columns_[field.column].unit));
    const Hdf5Id one(api_, api_.H5Screate(H5S_SCALAR));
    const hsize_t columns[] = {encoder_.fields().size()};
    const Hdf5Id each(api_, api_.H5Screate_simple(1, columns, nullptr));
    if (!write_texts("units", each.get(), units) || !write_texts("entry", one.get(), {metadata.entry}) ||
        !write_attribute("seed", one.get(), api_.id_H5T_STD_U64LE, &metadata.seed))
      return failure("cannot hold its attributes", session);
    return absl::OkStatus();
  }

  void encode(const OutputRows& rows, std::string& out) const override { encoder_.encode(rows, out); }

  absl::Status append(std::string_view encoded) override {
    ACIE_RETURN_IF_ERROR(encoder_.status());
    const hsize_t count[] = {encoded.size() / encoder_.record_size()};
    if (count[0] == 0) return absl::OkStatus();
    const Hdf5Session session(api_);
    const hsize_t start[] = {rows_}, size[] = {rows_ + count[0]};
    if (api_.H5Dset_extent(dataset_.get(), size) < 0) return failure("cannot grow", session);
    const Hdf5Id in_file(api_, api_.H5Dget_space(dataset_.get())), in_memory(api_, api_.H5Screate_simple(1, count, nullptr));
    if (!in_file || !in_memory ||
        api_.H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start, nullptr, count, nullptr) < 0 ||
        api_.H5Dwrite(dataset_.get(), record_.get(), in_memory.get(), in_file.get(), H5P_DEFAULT, encoded.data()) < 0)
      return failure("cannot be written", session);
    rows_ += count[0];
    return absl::OkStatus();
  }

  absl::Status finish() override {
    {
      const Hdf5Session session(api_);
      dataset_.reset();
      record_.reset();
      if (const hid_t file = file_.release(); api_.H5Fclose(file) < 0) return failure("cannot be completed", session);
    }
    return output_->commit();
  }

 private:
  absl::Status failure(const std::string& what, const Hdf5Session& session) const {
    return run_error("the HDF5 table " + what + ": " + session.problem());
  }

  Hdf5Id text_type(size_t width) const {
    Hdf5Id type(api_, api_.H5Tcopy(api_.id_H5T_C_S1));
    if (api_.H5Tset_size(type.get(), width) < 0 || api_.H5Tset_cset(type.get(), H5T_CSET_UTF8) < 0 ||
        api_.H5Tset_strpad(type.get(), H5T_STR_NULLPAD) < 0)
      return {};
    return type;
  }

  Hdf5Id cell_type(const RecordField& field) const {
    if (columns_[field.column].is_text()) return text_type(field.width);
    switch (columns_[field.column].dtype) {
      case ACIE_F64:
        return {api_, api_.H5Tcopy(api_.id_H5T_IEEE_F64LE)};
      case ACIE_F32:
        return {api_, api_.H5Tcopy(api_.id_H5T_IEEE_F32LE)};
      case ACIE_I64:
        return {api_, api_.H5Tcopy(api_.id_H5T_STD_I64LE)};
      case ACIE_I32:
        return {api_, api_.H5Tcopy(api_.id_H5T_STD_I32LE)};
      case ACIE_BOOL: {
        Hdf5Id type(api_, api_.H5Tenum_create(api_.id_H5T_STD_I8LE));
        const int8_t values[] = {0, 1};
        if (api_.H5Tenum_insert(type.get(), "FALSE", &values[0]) < 0 || api_.H5Tenum_insert(type.get(), "TRUE", &values[1]) < 0)
          return {};
        return type;
      }
    }
    return {};
  }

  bool write_attribute(const char* name, hid_t space, hid_t type, const void* value) const {
    const Hdf5Id attribute(api_, api_.H5Acreate2(dataset_.get(), name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    return attribute && api_.H5Awrite(attribute.get(), type, value) >= 0;
  }

  bool write_texts(const char* name, hid_t space, const std::vector<std::string>& texts) const {
    size_t width = 1;
    for (const std::string& text : texts) width = std::max(width, text.size());
    std::string bytes;
    for (const std::string& text : texts) bytes += text + std::string(width - text.size(), '\0');
    const Hdf5Id type = text_type(width);
    return type && write_attribute(name, space, type.get(), bytes.data());
  }

  const Hdf5Api& api_;
  std::unique_ptr<OutputFile> output_;
  std::string path_;
  std::vector<OutputColumn> columns_;
  RecordEncoder encoder_;
  Hdf5Id file_, record_, dataset_;
  hsize_t rows_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> create_hdf5(std::unique_ptr<OutputFile> file, std::string_view path,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata) {
  if (file->temporary().empty()) return usage_error("an HDF5 table is written to a file, not to a pipe or device");
  if (columns.empty()) return usage_error("an HDF5 table needs a column");
  ACIE_ASSIGN_OR_RETURN(const Hdf5Api* const api, load_hdf5());
  std::string place(path);
  if (place.empty()) place.append("/").append(metadata.entry.empty() ? "table" : metadata.entry);
  auto writer = std::make_unique<Hdf5Writer>(*api, std::move(file), std::move(place), std::move(columns));
  ACIE_RETURN_IF_ERROR(writer->begin(metadata));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace acie::io

#include "runtime/io/Hdf5Table.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "runtime/io/Hdf5Types.h"
#include "runtime/io/Hdf5Units.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr uint64_t kMaxChunk = uint64_t{256} << 20;
constexpr hsize_t kMaxColumns = 100000;
constexpr int kMaxObjects = 10000;  // looked at for tables, for links may form circles; and in one group
constexpr int kMaxDepth = 16;

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

// Links to other files are not followed: what a table names must not decide which files are read.
herr_t refuse_external(const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) { return -1; }

// What is known of a dataset before it is a table or a column.
struct Shape {
  std::vector<hsize_t> sizes;  // none: a single value
  std::string refusal;         // why it cannot be read
  bool is_compound = false;
  uint64_t cache = 0;
};

class Finder {
 public:
  Finder(const Hdf5Api& api, const Hdf5Session& session, hid_t file, std::string name)
      : api_(api),
        session_(session),
        file_(file),
        name_(std::move(name)),
        links_(api, api.H5Pcreate(api.id_H5P_CLS_LINK_ACCESS_ID)) {
    api_.H5Pset_elink_cb(links_.get(), refuse_external, nullptr);
    api_.H5Fget_filesize(file_, &file_size_);
  }

  absl::StatusOr<Hdf5Table> at(const std::string& path) {
    const Hdf5Id object(api_, api_.H5Oopen(file_, path.c_str(), links_.get()));
    if (!object) {
      const std::string problem = session_.problem();
      return usage_error(name_ + " has no '" + path + "' (" + problem + "); " + list());
    }
    const bool is_dataset = api_.H5Iget_type(object.get()) == H5I_DATASET;
    if (!is_dataset && api_.H5Iget_type(object.get()) != H5I_GROUP)
      return bad_data_error(source(path) + " is neither a dataset nor a group");
    return is_dataset ? of_dataset(object.get(), path) : of_group(object.get(), path, false);
  }

  absl::StatusOr<Hdf5Table> only_one() {
    search();
    if (tables_.size() == 1) return at(tables_.front());
    if (tables_.empty())
      return bad_data_error(name_ + " holds no table: neither a dataset of records nor a group of datasets of one length; "
                            "choose an array with " + name_ + ":/PATH");
    return usage_error(name_ + ": choose one with " + name_ + ":/PATH; " + list());
  }

 private:
  std::string source(const std::string& path) const { return name_ + ":" + printable(path); }

  std::string list() {
    constexpr size_t kShown = 10;
    if (tables_.empty()) search();
    if (tables_.empty()) return "it holds no tables";
    std::string text = "its tables are ";
    for (size_t i = 0; i < std::min(tables_.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + printable(tables_[i]);
    return text + (tables_.size() > kShown ? ", …" : "");
  }

  void search() {
    objects_ = 0;
    tables_.clear();
    const Hdf5Id root(api_, api_.H5Oopen(file_, "/", links_.get()));
    if (root) search_group(root.get(), "/", 0);
  }

  // PyTables keeps indexes of tables in groups called _i_…
  void search_group(hid_t group, const std::string& path, int depth) {
    if (depth > kMaxDepth) return;
    const absl::StatusOr<Hdf5Table> table = of_group(group, path, true);
    if (table.ok()) tables_.push_back(path);
    for (const std::string& name : names(group)) {
      if (++objects_ > kMaxObjects) return;
      H5L_info_t link;
      if (name.substr(0, 3) == "_i_" || api_.H5Lget_info(group, name.c_str(), &link, links_.get()) < 0 ||
          link.type != H5L_TYPE_HARD)
        continue;
      const Hdf5Id object(api_, api_.H5Oopen(group, name.c_str(), links_.get()));
      if (!object) continue;
      const std::string inner = (path == "/" ? "" : path) + "/" + name;
      if (api_.H5Iget_type(object.get()) == H5I_GROUP) {
        search_group(object.get(), inner, depth + 1);
      } else if (api_.H5Iget_type(object.get()) == H5I_DATASET) {
        const Shape shape = shape_of(object.get());
        if (shape.is_compound && shape.sizes.size() == 1) tables_.push_back(inner);
      }
    }
  }

  std::vector<std::string> names(hid_t group) {
    std::vector<std::string> names;
    H5G_info_t info;
    if (api_.H5Gget_info(group, &info) < 0) return names;
    for (hsize_t i = 0; i < std::min(info.nlinks, hsize_t{kMaxObjects}); ++i) {
      const ssize_t length = api_.H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, links_.get());
      if (length <= 0) continue;
      std::string name(static_cast<size_t>(length), '\0');
      if (api_.H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size() + 1, links_.get()) == length)
        names.push_back(std::move(name));
    }
    return names;
  }

  Shape shape_of(hid_t dataset) {
    Shape shape;
    const Hdf5Id space(api_, api_.H5Dget_space(dataset)), type(api_, api_.H5Dget_type(dataset)),
        creation(api_, api_.H5Dget_create_plist(dataset));
    if (!space || !type || !creation) {
      shape.refusal = "cannot be read: " + session_.problem();
      return shape;
    }
    shape.is_compound = api_.H5Tget_class(type.get()) == H5T_COMPOUND;
    const int rank = api_.H5Sget_simple_extent_ndims(space.get());
    if (rank < 0 || rank > H5S_MAX_RANK || api_.H5Sget_simple_extent_type(space.get()) == H5S_NULL) {
      shape.refusal = "holds nothing";
      return shape;
    }
    shape.sizes.resize(static_cast<size_t>(rank));
    if (rank > 0) api_.H5Sget_simple_extent_dims(space.get(), shape.sizes.data(), nullptr);
    shape.refusal = check_storage(dataset, type.get(), creation.get(), shape);
    return shape;
  }

  // Why the values of a dataset cannot be had; empty if they can.
  std::string check_storage(hid_t dataset, hid_t type, hid_t creation, Shape& shape) {
    uint64_t bytes = api_.H5Tget_size(type);
    for (hsize_t size : shape.sizes)
      if (__builtin_mul_overflow(bytes, size, &bytes) || bytes > uint64_t{1} << 62) return "is impossibly large";
    if (bytes == 0) return "";
    if (api_.H5Pget_external_count(creation) != 0) return "lies in other files, which are not followed";
    const H5D_layout_t layout = api_.H5Pget_layout(creation);
    if (layout == H5D_VIRTUAL) return "is assembled from other files (a virtual dataset), which are not followed";
    const hsize_t stored = api_.H5Dget_storage_size(dataset);
    if (stored == 0) return "was never written";
    if (layout == H5D_CONTIGUOUS) {
      const haddr_t offset = api_.H5Dget_offset(dataset);
      if (stored < bytes || offset == HADDR_UNDEF || offset > file_size_ || bytes > file_size_ - offset)
        return "is cut short: it has " + std::to_string(bytes) + " bytes, which the file does not hold";
    }
    if (layout != H5D_CHUNKED) return "";
    if (const std::string filter = missing_filter(creation); !filter.empty())
      return "is compressed with '" + filter + "', which this HDF5 library cannot undo; rewrite it with h5repack -f GZIP=4";
    std::vector<hsize_t> chunk(shape.sizes.size());
    if (api_.H5Pget_chunk(creation, static_cast<int>(chunk.size()), chunk.data()) != static_cast<int>(chunk.size()))
      return "has broken chunks";
    uint64_t chunk_bytes = api_.H5Tget_size(type), across = 1;
    for (size_t i = 0; i < chunk.size(); ++i) {
      if (chunk[i] == 0 || __builtin_mul_overflow(chunk_bytes, chunk[i], &chunk_bytes) || chunk_bytes > kMaxChunk)
        return "has chunks of more than 256 MiB; rewrite it with smaller ones (h5repack -l CHUNK=…)";
      if (i > 0 && __builtin_mul_overflow(across, (shape.sizes[i] + chunk[i] - 1) / chunk[i], &across)) across = kMaxChunk;
    }
    shape.cache = std::max(chunk_bytes, across > kMaxChunk / chunk_bytes ? kMaxChunk : across * chunk_bytes);
    return "";
  }

  std::string missing_filter(hid_t creation) {
    const int filters = api_.H5Pget_nfilters(creation);
    for (int i = 0; i < filters; ++i) {
      char name[64] = "";
      unsigned flags = 0, config = 0;
      size_t values = 0;
      const H5Z_filter_t filter =
          api_.H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, sizeof name, name, &config);
      if (filter < 0 || api_.H5Zfilter_avail(filter) <= 0)
        return printable(name[0] != '\0' ? name : "filter " + std::to_string(filter));
    }
    return "";
  }

  // The dataset again, with room for whole chunks: blocks of rows would else unpack each chunk many times.
  Hdf5Id reopen(hid_t parent, const std::string& name, const Shape& shape) {
    const Hdf5Id access(api_, api_.H5Pcreate(api_.id_H5P_CLS_DATASET_ACCESS_ID));
    constexpr size_t kSlots = 1009;  // a prime, as the library advises
    constexpr uint64_t kUsual = uint64_t{1} << 20;
    api_.H5Pset_chunk_cache(access.get(), kSlots, std::max(shape.cache, kUsual), 1.0);
    api_.H5Pset_elink_cb(access.get(), refuse_external, nullptr);
    return Hdf5Id(api_, api_.H5Dopen2(parent, name.c_str(), access.get()));
  }

  absl::StatusOr<Hdf5Table> of_dataset(hid_t object, const std::string& path) {
    Hdf5Table table;
    table.schema.source = source(path);
    const Shape shape = shape_of(object);
    if (!shape.refusal.empty()) return bad_data_error(table.schema.source + " " + shape.refusal);
    if (shape.sizes.empty() || (shape.is_compound && shape.sizes.size() != 1))
      return bad_data_error(table.schema.source + " has " + std::to_string(shape.sizes.size()) + " dimensions; a table has 1" +
                            (shape.is_compound ? "" : " or more"));
    table.rows = static_cast<int64_t>(shape.sizes[0]);
    Hdf5Dataset dataset;
    dataset.id = reopen(file_, path, shape);
    if (!dataset.id) return bad_data_error(table.schema.source + " cannot be opened: " + session_.problem());
    dataset.is_compound = shape.is_compound;
    dataset.row.assign(shape.sizes.begin() + 1, shape.sizes.end());
    dataset.cache = shape.cache;
    const Hdf5Id type(api_, api_.H5Dget_type(object));
    if (shape.is_compound) {
      const int members = api_.H5Tget_nmembers(type.get());
      const std::vector<std::string> units = hdf5_units(api_, object, static_cast<size_t>(std::max(members, 0)), false);
      for (int i = 0; i < members; ++i) {
        char* const text = api_.H5Tget_member_name(type.get(), static_cast<unsigned>(i));
        const std::string member = text == nullptr ? "" : text;
        api_.H5free_memory(text);
        const Hdf5Id inner(api_, api_.H5Tget_member_type(type.get(), static_cast<unsigned>(i)));
        add(table, 0, member, units[static_cast<size_t>(i)], hdf5_cell(api_, inner.get())).member = member;
      }
    } else {
      table.schema.is_array = true;
      const std::string last = path.substr(path.rfind('/') + 1);
      if (dataset.row.empty()) add(table, 0, last, hdf5_units(api_, object, 1, true).front(), hdf5_cell(api_, type.get()));
      if (dataset.row.size() == 1 && dataset.row[0] <= kMaxColumns) {
        const std::vector<std::string> units = hdf5_units(api_, object, static_cast<size_t>(dataset.row[0]), true);
        for (hsize_t i = 0; i < dataset.row[0]; ++i)
          add(table, 0, "c" + std::to_string(i), units[i], hdf5_cell(api_, type.get())).element = static_cast<int64_t>(i);
      }
      if (!dataset.row.empty())
        add(table, 0, "c", hdf5_units(api_, object, 1, true).front(), vectors(hdf5_cell(api_, type.get()), dataset.row));
    }
    table.datasets.push_back(std::move(dataset));
    return table;
  }

  // `searching`: only whether it is a table counts.
  absl::StatusOr<Hdf5Table> of_group(hid_t group, const std::string& path, bool searching) {
    Hdf5Table table;
    table.schema.source = source(path);
    struct Child {
      std::string name;
      Hdf5Id object;
      Shape shape;
    };
    std::vector<Child> children;
    const Child* first = nullptr;
    for (std::string& name : names(group)) {
      Hdf5Id object(api_, api_.H5Oopen(group, name.c_str(), links_.get()));
      if (!object || api_.H5Iget_type(object.get()) != H5I_DATASET) continue;
      Shape shape = shape_of(object.get());
      children.push_back({std::move(name), std::move(object), std::move(shape)});
    }
    const auto is_column = [](const Child& child) { return child.shape.sizes.size() == 1 && !child.shape.is_compound; };
    // A file is searched for columns of numbers; who names a group may have vectors alone in it.
    const bool of_vectors = !searching && std::none_of(children.begin(), children.end(), is_column);
    for (const Child& child : children) {
      if (!(of_vectors ? child.shape.sizes.size() > 1 && !child.shape.is_compound : is_column(child))) continue;
      if (first == nullptr) first = &child;
      if (child.shape.sizes[0] != first->shape.sizes[0])
        return bad_data_error(table.schema.source + " is no table: its dataset '" + first->name + "' has " +
                              std::to_string(first->shape.sizes[0]) + " values and '" + child.name + "' " +
                              std::to_string(child.shape.sizes[0]));
    }
    if (first == nullptr) {
      const std::string problem = table.schema.source + " is a group without columns: it holds no dataset of 1 dimension";
      return searching ? bad_data_error(problem) : bad_data_error(problem + "; " + list());
    }
    if (first->shape.sizes[0] > static_cast<hsize_t>(std::numeric_limits<int64_t>::max()))
      return bad_data_error(table.schema.source + " is impossibly large");
    table.rows = static_cast<int64_t>(first->shape.sizes[0]);
    if (searching) return table;
    for (Child& child : children) {
      const Hdf5Id type(api_, api_.H5Dget_type(child.object.get()));
      Hdf5Cell cell = hdf5_cell(api_, type.get());
      if (!child.shape.refusal.empty()) {
        cell.refusal = child.shape.refusal;
      } else if (child.shape.sizes.empty()) {
        cell.refusal = "is a single value, not a column";
      } else if (child.shape.sizes[0] != first->shape.sizes[0]) {
        cell.refusal = "has another length than the columns";
      }
      Hdf5Dataset dataset;
      dataset.cache = child.shape.cache;
      if (cell.refusal.empty()) {
        dataset.row.assign(child.shape.sizes.begin() + 1, child.shape.sizes.end());
        if (!dataset.row.empty()) cell = vectors(std::move(cell), dataset.row);
      }
      if (cell.refusal.empty()) dataset.id = reopen(group, child.name, child.shape);
      if (cell.refusal.empty() && !dataset.id) cell.refusal = "cannot be opened: " + session_.problem();
      add(table, table.datasets.size(), child.name, hdf5_units(api_, child.object.get(), 1, true).front(), std::move(cell));
      table.datasets.push_back(std::move(dataset));
    }
    return table;
  }

  /// The cell of a dataset whose rows are arrays of it.
  static Hdf5Cell vectors(Hdf5Cell cell, const std::vector<hsize_t>& row) {
    if (!cell.refusal.empty()) return cell;
    uint64_t count = cell.field.count;
    for (hsize_t size : row) count *= size;  // shape_of has checked that this fits
    if (count == 0) cell.refusal = "holds no values (its vectors have no elements)";
    if (is_text(cell.field.kind)) cell.refusal = "holds several texts a row, which is not supported";
    cell.field.count = count;
    cell.shape.insert(cell.shape.begin(), row.begin(), row.end());
    return cell;
  }

  static Hdf5Column& add(Hdf5Table& table, size_t dataset, std::string name, std::string unit, Hdf5Cell cell) {
    ColumnSchema schema;
    schema.name = std::move(name);
    schema.unit_text = std::move(unit);
    schema.is_text = is_text(cell.field.kind);
    schema.dtype = natural_dtype(cell.field);
    schema.refusal = std::move(cell.refusal);
    if (schema.refusal.empty()) schema.shape = std::move(cell.shape);
    table.schema.columns.push_back(std::move(schema));
    Hdf5Column column;
    column.dataset = dataset;
    column.memory = std::move(cell.memory);
    column.field = cell.field;
    column.variable_text = cell.variable_text;
    column.values = cell.values;
    table.columns.push_back(std::move(column));
    return table.columns.back();
  }

  const Hdf5Api& api_;
  const Hdf5Session& session_;
  hid_t file_;
  std::string name_;
  Hdf5Id links_;
  hsize_t file_size_ = 0;
  int objects_ = 0;
  std::vector<std::string> tables_;
};

}  // namespace

absl::StatusOr<Hdf5Table> find_hdf5_table(const Hdf5Api& api, const Hdf5Session& session, hid_t file,
                                          const std::string& name, std::string_view path) {
  Finder finder(api, session, file, name);
  absl::StatusOr<Hdf5Table> table = path.empty() ? finder.only_one() : finder.at(std::string(path));
  if (table.ok()) table->schema.rows = table->rows;
  return table;
}

}  // namespace acie::io

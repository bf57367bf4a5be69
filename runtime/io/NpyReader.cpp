#include "runtime/io/NpyReader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/io/PythonLiteral.h"
#include "runtime/io/Records.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

using Kind = StoredField::Kind;

constexpr size_t kMaxHeader = size_t{1} << 20;
constexpr size_t kMaxColumns = 100000;

// "<f8", "|S12", "?": byte order, kind and size. Unsupported kinds keep their width, so that columns after
// them are found.
std::optional<StoredField> parse_type(std::string_view text) {
  StoredField field;
  if (!text.empty() && std::string_view("<>=|").find(text[0]) != std::string_view::npos) {
    field.big_endian = text[0] == '>';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  const char kind = text[0];
  text.remove_prefix(1);
  uint64_t size = kind == '?' ? 1 : 0;
  if (!text.empty()) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
    // Times carry their unit in brackets: <M8[ns].
    if (problem != std::errc() || (end != text.data() + text.size() && *end != '[') || size > kMaxHeader)
      return std::nullopt;
  }
  field.width = kind == 'U' ? size * 4 : size;
  const auto pick = [size](Kind one, Kind two, Kind four, Kind eight) {
    return size == 1 ? one : size == 2 ? two : size == 4 ? four : size == 8 ? eight : Kind::Unsupported;
  };
  switch (kind) {
    case 'f':
      field.kind = pick(Kind::Unsupported, Kind::F16, Kind::F32, Kind::F64);
      break;
    case 'i':
      field.kind = pick(Kind::I8, Kind::I16, Kind::I32, Kind::I64);
      break;
    case 'u':
      field.kind = pick(Kind::U8, Kind::U16, Kind::U32, Kind::U64);
      break;
    case 'b':
    case '?':
      field.kind = size == 1 ? Kind::Boolean : Kind::Unsupported;
      break;
    case 'S':
    case 'a':
      field.kind = Kind::Bytes;
      break;
    case 'U':
      field.kind = Kind::Ucs4;
      break;
    default:
      break;
  }
  return field;
}

class HeaderReader {
 public:
  HeaderReader(ByteSource& source, std::string name) : source_(source), name_(std::move(name)) {}

  absl::Status read(TableSchema& schema, RecordLayout& layout) {
    ACIE_ASSIGN_OR_RETURN(const std::string text, read_text(layout));
    const std::optional<PythonLiteral> header = parse_python_literal(text);
    if (!header || header->kind != PythonLiteral::Kind::Dictionary)
      return broken("it is not a Python dictionary");
    const PythonLiteral* const type = header->find("descr");
    const PythonLiteral* const order = header->find("fortran_order");
    const PythonLiteral* const shape = header->find("shape");
    if (!type || !order || !shape || order->kind != PythonLiteral::Kind::Boolean ||
        shape->kind != PythonLiteral::Kind::Sequence)
      return broken("'descr', 'fortran_order' or 'shape' is missing");
    std::vector<int64_t> sizes;
    for (const PythonLiteral& size : shape->items) {
      if (size.kind != PythonLiteral::Kind::Integer || size.integer < 0)
        return broken("'shape' is no tuple of sizes");
      sizes.push_back(size.integer);
    }
    schema.source = name_;
    if (type->kind == PythonLiteral::Kind::Sequence) {
      if (sizes.size() != 1)
        return refused("a structured array of " + std::to_string(sizes.size()) + " dimensions; 1 is needed");
      ACIE_RETURN_IF_ERROR(read_fields(*type, schema, layout));
    } else if (type->kind == PythonLiteral::Kind::Text) {
      if (sizes.empty()) return refused("a single value; a table has rows");
      if (order->integer != 0 && std::count_if(sizes.begin(), sizes.end(), [](int64_t size) { return size > 1; }) > 1)
        return refused("stored column by column (Fortran order); save numpy.ascontiguousarray(table)");
      ACIE_RETURN_IF_ERROR(plain_columns(type->text, {sizes.begin() + 1, sizes.end()}, schema, layout));
    } else {
      return broken("'descr' is neither a type nor a list of fields");
    }
    layout.rows = sizes[0];
    if (layout.record_size == 0 && layout.rows != 0) return broken("its elements have no bytes");
    return check_size(layout);
  }

 private:
  absl::StatusOr<std::string> read_text(RecordLayout& layout) {
    unsigned char start[12];
    ACIE_ASSIGN_OR_RETURN(const size_t got, read_fully(source_, reinterpret_cast<char*>(start), 10));
    if (got < 10 || std::string_view(reinterpret_cast<char*>(start), 6) != "\x93NUMPY")
      return bad_data_error(name_ + " is not a .npy file: it does not begin as one");
    const int version = start[6];
    if (version < 1 || version > 3)
      return refused("of version " + std::to_string(version) + "; versions 1 to 3 are known");
    size_t length = start[8] | start[9] << 8;
    layout.data_offset = 10;
    if (version > 1) {
      ACIE_ASSIGN_OR_RETURN(const size_t more, read_fully(source_, reinterpret_cast<char*>(start) + 10, 2));
      if (more < 2) return broken("the file ends in it");
      length |= static_cast<size_t>(start[10]) << 16 | static_cast<size_t>(start[11]) << 24;
      layout.data_offset = 12;
    }
    if (length > kMaxHeader) return broken("it is longer than 1 MiB");
    std::string text(length, '\0');
    ACIE_ASSIGN_OR_RETURN(const size_t count, read_fully(source_, text.data(), length));
    if (count < length) return broken("the file ends in it");
    layout.data_offset += length;
    return text;
  }

  // [('mass', '<f8'), ('id', '<i4'), …]; ('name', type, shape) for vectors; ('title', 'name') in place of a
  // name.
  absl::Status read_fields(const PythonLiteral& list, TableSchema& schema, RecordLayout& layout) {
    for (const PythonLiteral& item : list.items) {
      if (item.kind != PythonLiteral::Kind::Sequence || item.items.size() < 2 || item.items.size() > 3)
        return broken("a field is no (name, type) pair");
      const PythonLiteral* name = &item.items[0];
      if (name->kind == PythonLiteral::Kind::Sequence && name->items.size() == 2) name = &name->items[1];
      if (name->kind != PythonLiteral::Kind::Text) return broken("the name of a field is no text");
      const PythonLiteral& type = item.items[1];
      if (type.kind != PythonLiteral::Kind::Text)
        return refused("a table whose field '" + name->text +
                       "' is itself structured, which is not supported");
      std::optional<StoredField> field = parse_type(type.text);
      if (!field) return broken("the type '" + type.text + "' of field '" + name->text + "' is unknown");
      ColumnSchema column;
      column.name = name->text;
      if (field->kind == Kind::Unsupported)
        column.refusal = "has the type " + type.text + ", which is not supported";
      if (item.items.size() == 3) {
        ACIE_RETURN_IF_ERROR(widen(item.items[2], *field, column.shape));
        if (is_text(field->kind)) column.refusal = "holds several texts a row, which is not supported";
        if (field->count == 0) column.refusal = "holds no values (its vectors have no elements)";
        if (!column.refusal.empty()) column.shape.clear();
      }
      const bool padding = name->text.empty();
      ACIE_RETURN_IF_ERROR(add(std::move(column), *field, padding, schema, layout));
    }
    return absl::OkStatus();
  }

  absl::Status widen(const PythonLiteral& shape, StoredField& field, std::vector<int64_t>& sizes) {
    const std::vector<PythonLiteral> one = {shape};
    for (const PythonLiteral& size : shape.kind == PythonLiteral::Kind::Sequence ? shape.items : one) {
      if (size.kind != PythonLiteral::Kind::Integer || size.integer < 0 ||
          size.integer > static_cast<int64_t>(kMaxHeader))
        return broken("the shape of a field is no tuple of sizes");
      field.count *= static_cast<uint64_t>(size.integer);
      if (field.count > uint64_t{1} << 40 || field.count * field.width > uint64_t{1} << 40) return broken("a field is too large");
      sizes.push_back(size.integer);
    }
    return absl::OkStatus();
  }

  // An array of n × m numbers is m columns, c0, c1, …, and one column of vectors, c; of more axes, the vectors alone.
  absl::Status plain_columns(const std::string& type, std::vector<int64_t> shape, TableSchema& schema,
                             RecordLayout& layout) {
    std::optional<StoredField> field = parse_type(type);
    if (!field || field->kind == Kind::Unsupported)
      return refused("an array of type '" + type + "', which is not supported");
    schema.is_array = true;
    uint64_t count = 1;
    for (int64_t size : shape) {
      if (size != 0 && count > (uint64_t{1} << 40) / static_cast<uint64_t>(size)) return broken("its elements are too large");
      count *= static_cast<uint64_t>(size);
    }
    if (shape.size() < 2 && count <= kMaxColumns) {
      for (uint64_t i = 0; i < count; ++i) {
        ColumnSchema column;
        column.name = "c" + std::to_string(i);
        ACIE_RETURN_IF_ERROR(add(std::move(column), *field, false, schema, layout));
      }
    }
    if (shape.empty() || count == 0) return absl::OkStatus();
    if (is_text(field->kind)) return shape.size() < 2 ? absl::OkStatus() : refused("an array of texts of several axes");
    layout.record_size = 0;  // the same bytes once more
    field->count = count;
    ColumnSchema column;
    column.name = "c";
    column.shape = std::move(shape);
    return add(std::move(column), *field, false, schema, layout);
  }

  absl::Status add(ColumnSchema column, StoredField field, bool padding, TableSchema& schema,
                   RecordLayout& layout) {
    field.offset = layout.record_size;
    layout.record_size += field.width * field.count;
    if (layout.record_size > uint64_t{1} << 40) return broken("its elements are too large");
    if (padding) return absl::OkStatus();
    column.is_text = is_text(field.kind);
    column.dtype = natural_dtype(field);
    schema.columns.push_back(std::move(column));
    layout.fields.push_back(field);
    return absl::OkStatus();
  }

  absl::Status check_size(const RecordLayout& layout) {
    const std::optional<uint64_t> size = source_.size();
    if (!size || layout.rows == 0) return absl::OkStatus();
    const uint64_t available = *size > layout.data_offset ? *size - layout.data_offset : 0;
    if (static_cast<uint64_t>(layout.rows) <= available / layout.record_size) return absl::OkStatus();
    return bad_data_error(name_ + " is cut short: its header promises " + std::to_string(layout.rows) +
                          " rows of " + std::to_string(layout.record_size) + " bytes, the file holds " +
                          std::to_string(available / layout.record_size));
  }

  absl::Status broken(const std::string& problem) const {
    return bad_data_error(name_ + ": the .npy header is broken: " + problem);
  }
  absl::Status refused(const std::string& what) const { return bad_data_error(name_ + " is " + what); }

  ByteSource& source_;
  std::string name_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_npy(std::unique_ptr<ByteSource> source, std::string name) {
  TableSchema schema;
  RecordLayout layout;
  ACIE_RETURN_IF_ERROR(HeaderReader(*source, std::move(name)).read(schema, layout));
  return make_record_reader(std::move(source), std::move(schema), std::move(layout));
}

}  // namespace acie::io

#include "runtime/io/FitsReader.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

#include "runtime/io/FitsHeader.h"
#include "runtime/io/Records.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

using Kind = StoredField::Kind;

constexpr int64_t kMaxColumns = 999;  // TFIELDS, section 7.3.1
constexpr uint64_t kMaxRecord = uint64_t{1} << 40;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::optional<int> parse_number(std::string_view text) {
  int number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// What a unit is that is no table we read, for "HDU 0 is …".
std::string describe(FitsHdu::Kind kind) {
  switch (kind) {
    case FitsHdu::Kind::AsciiTable:
      return "an ASCII table, which is not supported; convert it to a binary table";
    case FitsHdu::Kind::CompressedTable:
      return "a compressed table, which is not supported; uncompress it with funpack";
    case FitsHdu::Kind::CompressedImage:
      return "a compressed image, not a table";
    case FitsHdu::Kind::Image:
      return "an image, not a table";
    case FitsHdu::Kind::BinaryTable:
      return "a table";
    case FitsHdu::Kind::Other:
      return "of an unknown kind (XTENSION), not a table";
  }
  return "";
}

// TFORMn: a repeat count, a letter, and for some letters more.
struct Form {
  uint64_t repeat = 1;
  char letter = '\0';
  std::string_view rest;
};

std::optional<Form> parse_form(std::string_view text) {
  Form form;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), form.repeat);
  if (problem == std::errc::result_out_of_range || form.repeat > kMaxRecord) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (text.empty()) return std::nullopt;
  form.letter = text[0];
  form.rest = text.substr(1);
  return form;
}

// Bytes of one element; 0 for letters the standard does not have.
uint64_t element_bytes(char letter) {
  switch (letter) {
    case 'L':
    case 'B':
    case 'A':
      return 1;
    case 'I':
      return 2;
    case 'J':
    case 'E':
      return 4;
    case 'K':
    case 'D':
    case 'C':
    case 'P':
      return 8;
    case 'M':
    case 'Q':
      return 16;
    default:
      return 0;
  }
}

Kind kind_of(char letter) {
  switch (letter) {
    case 'L':
      return Kind::Logical;
    case 'B':
      return Kind::U8;
    case 'I':
      return Kind::I16;
    case 'J':
      return Kind::I32;
    case 'K':
      return Kind::I64;
    case 'E':
      return Kind::F32;
    case 'D':
      return Kind::F64;
    case 'A':
      return Kind::Bytes;
    default:
      return Kind::Unsupported;
  }
}

// Why a column of that form cannot be read; empty if it can.
std::string refusal(const Form& form, bool has_shape) {
  switch (form.letter) {
    case 'X':
      return "holds bits (TFORM X), which are not supported; store them as logicals (L)";
    case 'C':
    case 'M':
      return "holds complex numbers, which are not supported";
    case 'P':
    case 'Q':
      return "holds arrays of varying length (TFORM P or Q), which are not supported";
    case 'A': {
      const std::optional<int> width = parse_number(form.rest);
      if (has_shape || (width && static_cast<uint64_t>(*width) < form.repeat))
        return "holds several texts a row, which is not supported";
      return "";
    }
    default:
      break;
  }
  return form.repeat == 0 ? "holds no values (TFORM 0" + std::string(1, form.letter) + ")" : "";
}

// TDIMn, '(3,2)': sizes with the fastest axis first (section 7.3.2). Nothing where they are not those of `count` elements.
std::optional<std::vector<int64_t>> parse_shape(std::string_view text, uint64_t count) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<int64_t> shape;
  uint64_t elements = 1;
  for (;;) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    int64_t size = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (problem != std::errc() || size < 1 || static_cast<uint64_t>(size) > count / elements) return std::nullopt;
    elements *= static_cast<uint64_t>(size);
    shape.insert(shape.begin(), size);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) break;
    if (text.front() != ',') return std::nullopt;
    text.remove_prefix(1);
  }
  return elements == count ? std::optional(shape) : std::nullopt;
}

// Offsets by half the range are how FITS stores unsigned integers, and signed bytes (section 5.2.5): no
// arithmetic then.
void set_scale(double scale, double zero, StoredField& field) {
  struct Offset {
    Kind from, to;
    double zero;
  };
  for (const Offset& offset : {Offset{Kind::U8, Kind::I8, -128}, Offset{Kind::I16, Kind::U16, 0x1p15},
                               Offset{Kind::I32, Kind::U32, 0x1p31}, Offset{Kind::I64, Kind::U64, 0x1p63}})
    if (scale == 1 && field.kind == offset.from && zero == offset.zero) {
      field.kind = offset.to;
      field.flip_sign = true;
      return;
    }
  field.scale = scale;
  field.zero = zero;
}

class TableHeader {
 public:
  TableHeader(const FitsHdu& hdu, std::string source) : hdu_(hdu) { schema.source = std::move(source); }

  absl::Status read(std::optional<uint64_t> file_size) {
    schema.ignores_case = true;  // section 7.3.2, TTYPE
    const int64_t width = hdu_.integer("NAXIS1").value_or(-1), columns = hdu_.integer("TFIELDS").value_or(-1);
    layout.rows = hdu_.integer("NAXIS2").value_or(-1);
    if (hdu_.integer("NAXIS") != 2 || hdu_.integer("BITPIX") != 8 || width < 0 || layout.rows < 0)
      return broken("NAXIS, BITPIX, NAXIS1 or NAXIS2 is not that of a table");
    if (columns < 0 || columns > kMaxColumns) return broken("TFIELDS is missing or not between 0 and 999");
    if (width == 0 && layout.rows != 0) return broken("its rows have no bytes (NAXIS1 = 0)");
    layout.data_offset = hdu_.data_offset();
    layout.record_size = static_cast<uint64_t>(width);
    if (file_size && layout.rows > 0) {
      const uint64_t available = *file_size > layout.data_offset ? *file_size - layout.data_offset : 0;
      if (static_cast<uint64_t>(layout.rows) > available / layout.record_size)
        return bad_data_error(schema.source + " is cut short: the header promises " +
                              std::to_string(layout.rows) + " rows of " + std::to_string(width) +
                              " bytes, the file holds " + std::to_string(available / layout.record_size));
    }
    for (int64_t column = 1; column <= columns; ++column)
      ACIE_RETURN_IF_ERROR(read_column(std::to_string(column)));
    return absl::OkStatus();
  }

  TableSchema schema;
  RecordLayout layout;

 private:
  absl::Status read_column(const std::string& number) {
    ColumnSchema column;
    column.name = hdu_.text("TTYPE" + number).value_or("");
    column.unit_text = hdu_.text("TUNIT" + number).value_or("");
    const std::string text = hdu_.text("TFORM" + number).value_or("");
    const std::optional<Form> form = parse_form(text);
    if (!form || (element_bytes(form->letter) == 0 && form->letter != 'X'))
      return broken("TFORM" + number + " = '" + text + "' is no type of a column");
    StoredField field;
    field.offset = offset_;
    const uint64_t width = form->letter == 'X' ? (form->repeat + 7) / 8 : form->repeat * element_bytes(form->letter);
    if (width > layout.record_size - offset_)
      return broken("its columns have more bytes than its rows (NAXIS1); see column " + number + ", '" +
                    column.name + "'");
    offset_ += width;
    field.width = width;
    column.refusal = refusal(*form, hdu_.text("TDIM" + number).has_value());
    if (column.refusal.empty()) {
      field.kind = kind_of(form->letter);
      field.big_endian = true;
      if (field.kind != Kind::Bytes) {
        field.count = form->repeat;
        field.width = element_bytes(form->letter);
        const std::optional<std::string> shape = hdu_.text("TDIM" + number);
        if (shape) {
          const auto sizes = parse_shape(*shape, form->repeat);
          if (sizes)
            column.shape = *sizes;
          else
            column.refusal = "has " + std::to_string(form->repeat) + " elements, of which '" + *shape + "' is no shape (TDIM" + number + ")";
        } else if (form->repeat > 1) {
          column.shape = {static_cast<int64_t>(form->repeat)};
        }
      }
      if (field.kind != Kind::Bytes && field.kind != Kind::Logical) {
        if (field.kind != Kind::F32 && field.kind != Kind::F64) field.null = hdu_.integer("TNULL" + number);
        set_scale(hdu_.real("TSCAL" + number).value_or(1), hdu_.real("TZERO" + number).value_or(0), field);
      }
    }
    column.is_text = is_text(field.kind);
    column.dtype = natural_dtype(field);
    schema.columns.push_back(std::move(column));
    layout.fields.push_back(field);
    return absl::OkStatus();
  }

  absl::Status broken(const std::string& problem) const {
    return bad_data_error(schema.source + " is broken: " + problem);
  }

  const FitsHdu& hdu_;
  uint64_t offset_ = 0;  // in the row, of the next column
};

}  // namespace

namespace {

// The array of an image as a table of one row and one column.
absl::StatusOr<std::unique_ptr<TableReader>> open_image(std::unique_ptr<ByteSource> source, const FitsHdu& hdu, std::string name) {
  TableSchema schema;
  RecordLayout layout;
  schema.source = std::move(name);
  schema.is_array = true;
  StoredField field;
  const int64_t bits = hdu.integer("BITPIX").value_or(0);
  field.kind = bits == 8 ? Kind::U8 : bits == 16 ? Kind::I16 : bits == 32 ? Kind::I32 : bits == 64 ? Kind::I64 : bits == -32 ? Kind::F32 : Kind::F64;
  field.width = static_cast<uint64_t>(std::abs(bits)) / 8;
  field.big_endian = true;
  if (bits > 0) field.null = hdu.integer("BLANK");
  set_scale(hdu.real("BSCALE").value_or(1), hdu.real("BZERO").value_or(0), field);
  ColumnSchema column;
  column.name = "image";
  column.unit_text = hdu.text("BUNIT").value_or("");
  const int64_t axes = hdu.integer("NAXIS").value_or(0);
  for (int64_t axis = axes; axis > 0; --axis) column.shape.push_back(hdu.integer("NAXIS" + std::to_string(axis)).value_or(0));
  // The product fits: the scanner has measured the unit.
  for (int64_t size : column.shape) field.count *= static_cast<uint64_t>(size);
  if (field.count == 0 || axes == 0 || hdu.is_true("GROUPS")) return bad_data_error(schema.source + " is no image: it holds no array");
  layout.record_size = field.count * field.width;
  if (const auto size = source->size(); size && (hdu.data_offset() > *size || layout.record_size > *size - hdu.data_offset()))
    return bad_data_error(schema.source + " is cut short: the header promises " + std::to_string(layout.record_size) + " bytes of data");
  layout.data_offset = hdu.data_offset();
  layout.rows = 1;
  layout.fields = {field};
  column.dtype = natural_dtype(field);
  schema.columns = {std::move(column)};
  return make_record_reader(std::move(source), std::move(schema), std::move(layout));
}

absl::StatusOr<std::unique_ptr<TableReader>> open_unit(std::unique_ptr<ByteSource> source, std::string name, std::string_view hdu,
                                                       bool images) {
  const std::optional<int> wanted = parse_number(hdu);
  FitsScanner scanner(*source, name);
  for (int number = 0;; ++number) {
    ACIE_ASSIGN_OR_RETURN(const std::optional<FitsHdu> unit, scanner.next());
    if (!unit && hdu.empty()) return bad_data_error(name + (images ? " holds no array and no binary table" : " holds no binary table"));
    if (!unit)
      return bad_data_error(name + " has no HDU '" + std::string(hdu) + "'; it has " +
                            std::to_string(number) + ", counted from 0");
    const bool is_image = images && unit->kind() == FitsHdu::Kind::Image;
    const bool chosen = hdu.empty() ? unit->kind() == FitsHdu::Kind::BinaryTable || (is_image && unit->data_size() > 0)
                        : wanted    ? number == *wanted
                                    : lower(unit->text("EXTNAME").value_or("")) == lower(hdu);
    if (!chosen) continue;
    if (is_image) return open_image(std::move(source), *unit, name + "[" + std::to_string(number) + "]");
    if (unit->kind() != FitsHdu::Kind::BinaryTable)
      return bad_data_error(name + ": HDU " + std::string(hdu) + " is " + describe(unit->kind()));
    TableHeader header(*unit, name + "[" + std::to_string(number) + "]");
    ACIE_RETURN_IF_ERROR(header.read(source->size()));
    return make_record_reader(std::move(source), std::move(header.schema), std::move(header.layout));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_fits(std::unique_ptr<ByteSource> source, std::string name,
                                                       std::string_view hdu) {
  return open_unit(std::move(source), std::move(name), hdu, /*images=*/false);
}

absl::StatusOr<std::unique_ptr<TableReader>> open_fits_unit(std::unique_ptr<ByteSource> source, std::string name,
                                                            std::string_view hdu) {
  return open_unit(std::move(source), std::move(name), hdu, /*images=*/true);
}

}  // namespace acie::io

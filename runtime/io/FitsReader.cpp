#include "runtime/io/FitsReader.h"

#include <fitsio.h>

#include <charconv>
#include <cstring>
#include <mutex>
#include <optional>
#include <utility>

#include "runtime/io/ByteSource.h"
#include "runtime/io/Records.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

using Kind = StoredField::Kind;

constexpr int kMaxHdus = 100000;

// CFITSIO keeps a global table of open files.
std::mutex& cfitsio_mutex() {
  static std::mutex mutex;
  return mutex;
}

// "END OF FILE" and what else CFITSIO left on its message stack, which is emptied.
std::string cfitsio_reason(int status) {
  char text[FLEN_STATUS] = {};
  fits_get_errstatus(status, text);
  char detail[FLEN_ERRMSG] = {};
  fits_read_errmsg(detail);
  fits_clear_errmsg();
  return detail[0] == '\0' ? std::string(text) : std::string(text) + ": " + detail;
}

struct CloseFits {
  void operator()(fitsfile* file) const {
    int status = 0;
    fits_close_file(file, &status);
    fits_clear_errmsg();
  }
};
using FitsHandle = std::unique_ptr<fitsfile, CloseFits>;

std::optional<std::string> read_text_key(fitsfile* file, const std::string& key) {
  char value[FLEN_VALUE] = {};
  int status = 0;
  fits_read_key(file, TSTRING, key.c_str(), value, nullptr, &status);
  fits_clear_errmsg();
  if (status != 0) return std::nullopt;
  return std::string(value);
}

std::optional<int64_t> read_integer_key(fitsfile* file, const std::string& key) {
  LONGLONG value = 0;
  int status = 0;
  fits_read_key(file, TLONGLONG, key.c_str(), &value, nullptr, &status);
  fits_clear_errmsg();
  if (status != 0) return std::nullopt;
  return value;
}

class HeaderReader {
 public:
  HeaderReader(fitsfile* file, std::string name, uint64_t file_size)
      : file_(file), name_(std::move(name)), file_size_(file_size) {}

  absl::Status choose(std::string_view hdu) {
    if (hdu.empty()) return choose_first();
    int number = 0;
    const auto [end, problem] = std::from_chars(hdu.data(), hdu.data() + hdu.size(), number);
    int type = ANY_HDU;
    int status = 0;
    if (problem == std::errc() && end == hdu.data() + hdu.size()) {
      if (number < 0 || number > kMaxHdus) return bad_data_error(name_ + ": there is no HDU " + std::string(hdu));
      fits_movabs_hdu(file_, number + 1, &type, &status);
    } else {
      std::string text(hdu);
      fits_movnam_hdu(file_, ANY_HDU, text.data(), 0, &status);
      if (status == 0) fits_get_hdu_type(file_, &type, &status);
    }
    if (status != 0) return bad_data_error(name_ + ": there is no HDU '" + std::string(hdu) + "' (" + cfitsio_reason(status) + ")");
    if (type == BINARY_TBL) return absl::OkStatus();
    return bad_data_error(name_ + ": HDU " + std::string(hdu) +
                          (type == ASCII_TBL ? " is an ASCII table, which is not supported; convert it to a binary table"
                                             : " is an image, not a table"));
  }

  absl::Status read(TableSchema& schema, RecordLayout& layout) {
    int status = 0;
    int columns = 0;
    LONGLONG rows = 0, header = 0, data = 0, data_end = 0;
    int number = 0;
    fits_get_hdu_num(file_, &number);
    schema.source = name_ + "[" + std::to_string(number - 1) + "]";
    schema.ignores_case = true;  // standard 4.0, section 7.3.2 (TTYPE)
    fits_get_num_cols(file_, &columns, &status);
    fits_get_num_rowsll(file_, &rows, &status);
    fits_get_hduaddrll(file_, &header, &data, &data_end, &status);
    if (status != 0) return bad_data_error(schema.source + ": the header is broken: " + cfitsio_reason(status));
    const std::optional<int64_t> width = read_integer_key(file_, "NAXIS1");
    if (!width || *width < 0 || rows < 0 || data < 0)
      return bad_data_error(schema.source + ": the header gives no usable size of rows (NAXIS1, NAXIS2)");
    if (read_text_key(file_, "ZTABLE").value_or("F") == "T")
      return bad_data_error(schema.source + " is a compressed table, which is not supported; uncompress it with funpack");
    layout.data_offset = static_cast<uint64_t>(data);
    layout.record_size = static_cast<uint64_t>(*width);
    layout.rows = rows;
    if (*width == 0 && rows != 0) return bad_data_error(schema.source + ": rows of no bytes (NAXIS1 = 0)");
    const uint64_t available = file_size_ > layout.data_offset ? file_size_ - layout.data_offset : 0;
    if (rows > 0 && static_cast<uint64_t>(rows) > available / layout.record_size)
      return bad_data_error(schema.source + " is cut short: the header promises " + std::to_string(rows) + " rows of " +
                            std::to_string(*width) + " bytes, the file holds " +
                            std::to_string(available / layout.record_size));
    for (int column = 1; column <= columns; ++column) ACIE_RETURN_IF_ERROR(read_column(column, schema, layout));
    return absl::OkStatus();
  }

 private:
  absl::Status choose_first() {
    for (int number = 1; number <= kMaxHdus; ++number) {
      int type = ANY_HDU;
      int status = 0;
      fits_movabs_hdu(file_, number, &type, &status);
      if (status == END_OF_FILE || status == BAD_HDU_NUM) break;
      if (status != 0) return bad_data_error(name_ + ": HDU " + std::to_string(number - 1) + " is broken: " + cfitsio_reason(status));
      if (type == BINARY_TBL) return absl::OkStatus();
    }
    fits_clear_errmsg();
    return bad_data_error(name_ + " holds no binary table");
  }

  absl::Status read_column(int number, TableSchema& schema, RecordLayout& layout) {
    const tcolumn& stored = file_->Fptr->tableptr[number - 1];
    ColumnSchema column;
    StoredField field;
    column.name.assign(stored.ttype, strnlen(stored.ttype, sizeof stored.ttype));
    column.name.erase(column.name.find_last_not_of(' ') + 1);
    const std::string suffix = std::to_string(number);
    column.unit_text = read_text_key(file_, "TUNIT" + suffix).value_or("");
    field.offset = static_cast<uint64_t>(stored.tbcol);
    field.big_endian = true;
    set_kind(stored, column, field);
    if (field.kind != Kind::Unsupported) {
      if (stored.tbcol < 0 || field.width > layout.record_size || field.offset > layout.record_size - field.width)
        return bad_data_error(schema.source + ": column '" + column.name + "' lies outside the rows (NAXIS1 is too small)");
      if (field.kind != Kind::F32 && field.kind != Kind::F64) field.null = read_integer_key(file_, "TNULL" + suffix);
      set_scale(stored, field);
    }
    column.is_text = is_text(field.kind);
    column.dtype = natural_dtype(field);
    schema.columns.push_back(std::move(column));
    layout.fields.push_back(field);
    return absl::OkStatus();
  }

  static void set_kind(const tcolumn& stored, ColumnSchema& column, StoredField& field) {
    const auto numeric = [&](Kind kind, uint64_t width) {
      if (stored.trepeat == 1) {
        field.kind = kind;
        field.width = width;
      } else {
        column.refusal = "holds vectors of " + std::to_string(stored.trepeat) +
                         " elements; vector columns are not supported yet, only one value a row";
      }
    };
    switch (stored.tdatatype) {
      case TBYTE: return numeric(Kind::U8, 1);
      case TLOGICAL: return numeric(Kind::Logical, 1);
      case TSHORT: return numeric(Kind::I16, 2);
      case TLONG: return numeric(Kind::I32, 4);
      case TLONGLONG: return numeric(Kind::I64, 8);
      case TFLOAT: return numeric(Kind::F32, 4);
      case TDOUBLE: return numeric(Kind::F64, 8);
      case TSTRING:
        if (stored.twidth != stored.trepeat) {
          column.refusal = "holds several texts a row; vector columns are not supported yet";
          return;
        }
        field.kind = Kind::Bytes;
        field.width = static_cast<uint64_t>(stored.trepeat);
        return;
      case TBIT: column.refusal = "holds bits (TFORM X), which are not supported; store them as logicals (L)"; return;
      case TCOMPLEX:
      case TDBLCOMPLEX: column.refusal = "holds complex numbers, which are not supported"; return;
      default:
        column.refusal = stored.tdatatype < 0 ? "holds arrays of varying length (TFORM P or Q), which are not supported"
                                              : "has a type (TFORM) that is not supported";
    }
  }

  // Offsets by half the range are how FITS stores unsigned integers, and signed bytes (section 5.2.5): no arithmetic then.
  static void set_scale(const tcolumn& stored, StoredField& field) {
    if (field.kind == Kind::Bytes || field.kind == Kind::Logical) return;
    if (stored.tscale == 1) {
      struct Offset {
        Kind from, to;
        double zero;
      };
      for (const Offset& offset : {Offset{Kind::U8, Kind::I8, -128}, Offset{Kind::I16, Kind::U16, 0x1p15},
                                   Offset{Kind::I32, Kind::U32, 0x1p31}, Offset{Kind::I64, Kind::U64, 0x1p63}})
        if (field.kind == offset.from && stored.tzero == offset.zero) {
          field.kind = offset.to;
          field.flip_sign = true;
          return;
        }
    }
    field.scale = stored.tscale;
    field.zero = stored.tzero;
  }

  fitsfile* file_;
  std::string name_;
  uint64_t file_size_;
};

absl::StatusOr<std::unique_ptr<TableReader>> open_handle(FitsHandle file, std::unique_ptr<ByteSource> source, std::string name,
                                                         std::string_view hdu) {
  TableSchema schema;
  RecordLayout layout;
  HeaderReader reader(file.get(), std::move(name), source->size().value_or(0));
  ACIE_RETURN_IF_ERROR(reader.choose(hdu));
  ACIE_RETURN_IF_ERROR(reader.read(schema, layout));
  return make_record_reader(std::move(source), std::move(schema), std::move(layout));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TableReader>> open_fits(const std::string& path, std::string_view hdu) {
  ACIE_ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, open_file(path));
  if (!source->size()) return bad_data_error(path + ": a FITS table is read from a file, not from a pipe or device");
  const std::scoped_lock lock(cfitsio_mutex());
  // The name is taken literally: CFITSIO's own syntax would read URLs, filters and compressed files.
  fitsfile* opened = nullptr;
  int status = 0;
  fits_open_diskfile(&opened, path.c_str(), READONLY, &status);
  FitsHandle file(opened);
  if (status != 0) return bad_data_error(path + " is not a FITS file: " + cfitsio_reason(status));
  return open_handle(std::move(file), std::move(source), path, hdu);
}

absl::StatusOr<std::unique_ptr<TableReader>> open_fits_memory(std::string_view bytes, std::string name, std::string_view hdu) {
  const std::scoped_lock lock(cfitsio_mutex());
  void* memory = const_cast<char*>(bytes.data());  // opened read-only
  size_t size = bytes.size();
  fitsfile* opened = nullptr;
  int status = 0;
  fits_open_memfile(&opened, "memory", READONLY, &memory, &size, 0, nullptr, &status);
  FitsHandle file(opened);
  if (status != 0) return bad_data_error(name + " is not a FITS file: " + cfitsio_reason(status));
  return open_handle(std::move(file), memory_source(bytes), std::move(name), hdu);
}

}  // namespace acie::io

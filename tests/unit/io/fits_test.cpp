// Reading FITS binary tables, against tables that CFITSIO writes, and broken ones.
#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <limits>

#include "runtime/io/FitsReader.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr long kRows = 5;

// A file with an image, a table of every kind of column, and a second table.
class FitsFile {
 public:
  FitsFile() : file_("table.fits") {
    fitsfile* fits = nullptr;
    fits_create_diskfile(&fits, file_.path().c_str(), &status_);
    long axes[2] = {4, 4};
    fits_create_img(fits, SHORT_IMG, 2, axes, &status_);
    const char* names[] = {"flag",  "byte",  "sbyte",  "short",  "ushort", "int",    "uint",    "long",
                           "ulong", "float", "double", "scaled", "name",   "vector", "complex", "bits"};
    const char* forms[] = {"L", "B", "S", "I", "U",  "J",  "V", "K",
                           "W", "E", "D", "I", "8A", "3E", "C", "16X"};
    const char* units[] = {"", "", "", "", "", "", "", "", "", "mag", "solMass/yr", "km/s", "", "", "", ""};
    fits_create_tbl(fits, BINARY_TBL, kRows, 16, const_cast<char**>(names), const_cast<char**>(forms),
                    const_cast<char**>(units), "ALL", &status_);
    LONGLONG null = -999;
    fits_write_key(fits, TLONGLONG, "TNULL6", &null, "", &status_);
    LONGLONG unsigned_null = -32768;  // stored, so the value 0
    fits_write_key(fits, TLONGLONG, "TNULL5", &unsigned_null, "", &status_);
    double scale = 0.5, zero = 100;
    fits_write_key(fits, TDOUBLE, "TSCAL12", &scale, "", &status_);
    fits_write_key(fits, TDOUBLE, "TZERO12", &zero, "", &status_);
    fits_set_hdustruc(fits, &status_);
    char flags[] = {1, 0, 2, 1, 0};
    fits_write_colnull(fits, TLOGICAL, 1, 1, 1, kRows, flags, nullptr, &status_);
    fits_write_col_null(fits, 1, 3, 1, 1, &status_);
    short bytes[] = {0, 1, 127, 128, 255};
    fits_write_col(fits, TSHORT, 2, 1, 1, kRows, bytes, &status_);
    signed char signed_bytes[] = {-128, -1, 0, 1, 127};
    fits_write_col(fits, TSBYTE, 3, 1, 1, kRows, signed_bytes, &status_);
    short shorts[] = {-32768, -1, 0, 1, 32767};
    fits_write_col(fits, TSHORT, 4, 1, 1, kRows, shorts, &status_);
    unsigned short unsigned_shorts[] = {0, 1, 2, 32768, 65535};
    fits_write_col(fits, TUSHORT, 5, 1, 1, kRows, unsigned_shorts, &status_);
    int ints[] = {-2147483647, -999, 0, 1, 2147483647};
    fits_write_col(fits, TINT, 6, 1, 1, kRows, ints, &status_);
    unsigned int unsigned_ints[] = {0, 1, 2, 3000000000u, 4294967295u};
    fits_write_col(fits, TUINT, 7, 1, 1, kRows, unsigned_ints, &status_);
    LONGLONG longs[] = {std::numeric_limits<LONGLONG>::min(), -1, 0, 1, std::numeric_limits<LONGLONG>::max()};
    fits_write_col(fits, TLONGLONG, 8, 1, 1, kRows, longs, &status_);
    ULONGLONG unsigned_longs[] = {0, 1, 2, 3, std::numeric_limits<ULONGLONG>::max()};
    fits_write_col(fits, TULONGLONG, 9, 1, 1, kRows, unsigned_longs, &status_);
    float floats[] = {0, -1.5f, NAN, 3e38f, INFINITY};
    fits_write_col(fits, TFLOAT, 10, 1, 1, kRows, floats, &status_);
    double doubles[] = {0.1, -1e300, NAN, 5e-324, -0.0};
    fits_write_col(fits, TDOUBLE, 11, 1, 1, kRows, doubles, &status_);
    double physical[] = {100, 100.5, 99.5, 0, 120};
    fits_write_col(fits, TDOUBLE, 12, 1, 1, kRows, physical, &status_);
    const char* texts[] = {"spiral", "lens", "", "ellipse", "longname"};
    fits_write_col(fits, TSTRING, 13, 1, 1, kRows, const_cast<char**>(texts), &status_);
    const char* one_name[] = {"x"};
    const char* one_form[] = {"1D"};
    fits_create_tbl(fits, BINARY_TBL, 2, 1, const_cast<char**>(one_name), const_cast<char**>(one_form),
                    nullptr, "SECOND", &status_);
    double values[] = {7, 8};
    fits_write_col(fits, TDOUBLE, 1, 1, 1, 2, values, &status_);
    fits_close_file(fits, &status_);
    fits_report_error(stderr, status_);
    EXPECT_EQ(status_, 0);
  }
  std::string path() const { return file_.path(); }
  std::string bytes() const { return file_.bytes(); }

 private:
  TemporaryFile file_;
  int status_ = 0;
};

std::unique_ptr<TableReader> open(const std::string& path) {
  auto reader = open_table(path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  return reader.ok() ? *std::move(reader) : nullptr;
}

std::string error_of(const std::string& bytes, std::string_view hdu = "") {
  const auto reader = open_fits(memory_source(bytes), "t.fits", hdu);
  EXPECT_EQ(failure_of(reader.status()), Failure::BadData);
  return message_of(reader.status());
}

std::string replaced(std::string bytes, const std::string& from, const std::string& to) {
  const size_t place = bytes.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return bytes.replace(place, from.size(), to);
}

TEST(Fits, SchemaOfTheFirstTable) {
  const FitsFile file;
  const auto reader = open(file.path());
  const TableSchema& schema = reader->schema();
  EXPECT_EQ(schema.source, file.path() + "[1]");
  EXPECT_EQ(schema.rows, kRows);
  ASSERT_EQ(schema.columns.size(), 16u);
  EXPECT_EQ(schema.columns[10].name, "double");
  EXPECT_EQ(schema.columns[10].unit_text, "solMass/yr");
  EXPECT_EQ(schema.columns[0].dtype, ACIE_BOOL);
  EXPECT_EQ(schema.columns[3].dtype, ACIE_I32);
  EXPECT_EQ(schema.columns[6].dtype, ACIE_I64);
  EXPECT_EQ(schema.columns[11].dtype, ACIE_F64);
  EXPECT_TRUE(schema.columns[12].is_text);
  EXPECT_EQ(*find_column(schema, "DOUBLE"), 10);  // FITS names ignore case
}

TEST(Fits, ValuesOfEveryStoredType) {
  const FitsFile file;
  const auto batches =
      read_all(*open(file.path()),
               {request(1, ACIE_F64), request(2, ACIE_I32), request(3, ACIE_F32), request(6, ACIE_I64),
                request(8, ACIE_F64), request(11, ACIE_F64), request(7, ACIE_I64)},
               2);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_EQ(batches->size(), 3u);
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(0, 1, 127, 128, 255));
  EXPECT_THAT(column<int32_t>(*batches, 1), ElementsAre(-128, -1, 0, 1, 127));
  EXPECT_THAT(column<float>(*batches, 2), ElementsAre(-32768, -1, 0, 1, 32767));
  EXPECT_THAT(column<int64_t>(*batches, 3), ElementsAre(0, 1, 2, 3000000000, 4294967295));
  EXPECT_THAT(column<double>(*batches, 4), ElementsAre(0, 1, 2, 3, 0x1p64));
  EXPECT_THAT(column<double>(*batches, 5), ElementsAre(100, 100.5, 99.5, 0, 120));
  EXPECT_THAT(column<int64_t>(*batches, 6), ElementsAre(std::numeric_limits<int64_t>::min(), -1, 0, 1,
                                                        std::numeric_limits<int64_t>::max()));
}

TEST(Fits, MissingValues) {
  const FitsFile file;
  const auto batches = read_all(*open(file.path()),
                                {request(0, ACIE_BOOL), request(5, ACIE_F64), request(4, ACIE_I32),
                                 request(9, ACIE_F64), request(10, ACIE_F64, 1000)},
                                100);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(presence(*batches, 0), ElementsAre(true, true, false, true, true));
  EXPECT_THAT(column<uint8_t>(*batches, 0), ElementsAre(1, 0, 0, 1, 0));
  EXPECT_THAT(presence(*batches, 1), ElementsAre(true, false, true, true, true));
  EXPECT_THAT(presence(*batches, 2), ElementsAre(false, true, true, true, true));
  EXPECT_THAT(column<int32_t>(*batches, 2), ElementsAre(0, 1, 2, 32768, 65535));
  EXPECT_THAT(presence(*batches, 3), ElementsAre(true, true, false, true, true));
  EXPECT_EQ(column<double>(*batches, 3)[3], static_cast<double>(3e38f));
  EXPECT_EQ(column<double>(*batches, 3)[4], std::numeric_limits<double>::infinity());
  EXPECT_EQ(column<double>(*batches, 4)[0], 0.1 * 1000);
  EXPECT_TRUE(std::isnan(column<double>(*batches, 4)[2]));
}

TEST(Fits, TextMatchesCategories) {
  const FitsFile file;
  const std::vector<std::string> kinds = {"ellipse", "lens", "longname", "spiral"};
  const auto batches = read_all(*open(file.path()), {request(12, ACIE_I32, 1, kinds)}, 100);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<int32_t>(*batches, 0), ElementsAre(3, 1, 0, 0, 2));
  EXPECT_THAT(presence(*batches, 0), ElementsAre(true, true, false, true, true));
  EXPECT_EQ(message_of(read_all(*open(file.path()), {request(12, ACIE_I32, 1, {"spiral"})}, 100).status()),
            file.path() + "[1], row 2, column 'name': 'lens' is not one of 'spiral'");
}

TEST(Fits, WhatCannotBeReadIsRefusedByName) {
  const FitsFile file;
  const auto refusal = [&](const ColumnRequest& wanted) {
    const std::string message = message_of(open(file.path())->select({wanted}));
    return message.substr(std::min(message.size(), file.path().size()));
  };
  EXPECT_EQ(refusal(request(12, ACIE_F64)), "[1], column 'name' holds text; a number is needed here");
  EXPECT_EQ(refusal(request(9, ACIE_I32, 1, {"a"})),
            "[1], column 'float' holds numbers; text is needed here, one of 'a'");
  EXPECT_THAT(message_of(find_place(open(file.path())->schema(), "vector").status()),
              HasSubstr("[1]: column 'vector' holds vectors of shape [3], and one number is wanted"));
  EXPECT_EQ(refusal(request(14, ACIE_F64)),
            "[1], column 'complex' holds complex numbers, which are not supported");
  EXPECT_THAT(refusal(request(15, ACIE_F64)), HasSubstr("holds bits"));
  EXPECT_EQ(message_of(read_all(*open(file.path()), {request(9, ACIE_I32)}, 10).status()),
            file.path() + "[1], row 2, column 'float': '-1.5' is not a whole number that fits in 32 bits");
  EXPECT_THAT(
      message_of(read_all(*open(file.path()), {request(8, ACIE_I64)}, 10).status()),
      HasSubstr("row 5, column 'ulong': '18446744073709551615' is not a whole number that fits in 64 bits"));
}

TEST(Fits, HdusByNumberAndName) {
  const FitsFile file;
  for (const char* hdu : {"[2]", "[SECOND]", "[second]"}) {
    const auto batches = read_all(*open(file.path() + hdu), {request(0, ACIE_F64)}, 10);
    ASSERT_TRUE(batches.ok()) << hdu;
    EXPECT_THAT(column<double>(*batches, 0), ElementsAre(7, 8)) << hdu;
  }
  EXPECT_EQ(message_of(open_table(file.path() + "[0]").status()),
            file.path() + ": HDU 0 is an image, not a table");
  for (const char* hdu : {"9", "THIRD", "999999999999"})
    EXPECT_EQ(message_of(open_table(file.path() + "[" + hdu + "]").status()),
              file.path() + " has no HDU '" + hdu + "'; it has 3, counted from 0");
}

TEST(Fits, SkippingAndRewinding) {
  const FitsFile file;
  const auto reader = open(file.path());
  ASSERT_TRUE(reader->select({request(11, ACIE_F64)}).ok());
  Batch batch;
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(reader->skip_to(3).ok());
    const auto block = reader->read(10);
    ASSERT_TRUE(block.ok());
    ASSERT_TRUE(reader->decode(**block, batch).ok());
    EXPECT_EQ(batch.first_row, 3);
    EXPECT_EQ(batch.rows, 2);
    EXPECT_EQ(batch.columns[0].as<double>()[1], 120);
    EXPECT_EQ(*reader->read(10), nullptr);
    ASSERT_TRUE(reader->rewind().ok());
  }
}

TEST(Fits, BrokenFiles) {
  const std::string good = FitsFile().bytes();
  ASSERT_TRUE(open_fits(memory_source(good), "t.fits", "").ok());
  EXPECT_EQ(error_of(""), "t.fits is not a sound FITS file: it does not begin with SIMPLE");
  EXPECT_EQ(error_of("SIMPLE  = this is no header"),
            "t.fits is not a sound FITS file: the file ends in its header");
  EXPECT_EQ(error_of(good.substr(0, 2880 * 2)), "t.fits holds no binary table");
  EXPECT_EQ(error_of(good.substr(0, 2880 * 3)), "t.fits: HDU 1 is broken: the file ends in its header");
  const std::string rows = "NAXIS2  =                    5";
  EXPECT_EQ(
      error_of(replaced(good, rows, "NAXIS2  =      999999999999999")),
      "t.fits[1] is cut short: the header promises 999999999999999 rows of 75 bytes, the file holds 115");
  EXPECT_EQ(error_of(replaced(good, rows, "NAXIS2  =  9223372036854775807")),
            "t.fits: HDU 1 is broken: the size of its data is out of range");
  EXPECT_EQ(error_of(replaced(good, rows, "NAXIS2  =                   -5")),
            "t.fits: HDU 1 is broken: NAXIS2 is missing or negative");
  EXPECT_EQ(error_of(replaced(good, "TFIELDS =                   16", "TFIELDS =              1600000")),
            "t.fits[1] is broken: TFIELDS is missing or not between 0 and 999");
  EXPECT_EQ(error_of(replaced(good, "TFORM1  = 'L       '", "TFORM1  = '99999999'")),
            "t.fits[1] is broken: TFORM1 = '99999999' is no type of a column");
  EXPECT_EQ(error_of(replaced(good, "TFORM1  = 'L       '", "TFORM1  = '900L    '")),
            "t.fits[1] is broken: its columns have more bytes than its rows (NAXIS1); see column 1, 'flag'");
}

// Whatever is done to a byte of the headers, the answer is a table or an error.
TEST(Fits, DamagedHeaders) {
  const std::string good = FitsFile().bytes();
  for (size_t place = 0; place < 2880 * 6 && place < good.size(); place += 3) {
    std::string bytes = good;
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << place % 7));
    auto reader = open_fits(memory_source(bytes), "t.fits", "");
    if (!reader.ok()) continue;
    std::vector<ColumnRequest> requests;
    for (size_t i = 0; i < (*reader)->schema().columns.size(); ++i)
      if ((*reader)->schema().columns[i].refusal.empty() && !(*reader)->schema().columns[i].is_text)
        requests.push_back(request(static_cast<int>(i), ACIE_F64));
    (void)read_all(**reader, requests, 3).ok();
  }
}

TEST(Fits, RealSurvey) {
  const std::string path = shared_data("galaxies/xCOLD_xGASS.fits");
  if (path.empty()) return;
  for (const char* hdu : {"", "[1]", "[Joined]"}) {
    const auto reader = open(path + hdu);
    const TableSchema& schema = reader->schema();
    EXPECT_EQ(schema.rows, 477);
    EXPECT_EQ(schema.columns.size(), 114u);
    EXPECT_EQ(schema.columns[static_cast<size_t>(*find_column(schema, "Separation"))].unit_text, "arcsec");
    const auto batches = read_all(*reader,
                                  {request(*find_column(schema, "Z_PP04_O3N2"), ACIE_F64),
                                   request(*find_column(schema, "Z_PP04_N2"), ACIE_F64),
                                   request(*find_column(schema, "LOGMSTAR"), ACIE_F64)},
                                  100);
    ASSERT_TRUE(batches.ok()) << batches.status();
    const std::vector<bool> o3n2 = presence(*batches, 0), n2 = presence(*batches, 1);
    EXPECT_EQ(std::count(o3n2.begin(), o3n2.end(), true), 368);
    EXPECT_EQ(std::count(n2.begin(), n2.end(), true), 410);
    for (double mass : column<double>(*batches, 2)) EXPECT_TRUE(mass > 8 && mass < 12);
  }
}

// Every scalar number of a real survey is what CFITSIO makes of it.
TEST(Fits, AgreesWithCfitsioOnEveryColumn) {
  const std::string path = shared_data("galaxies/xCOLD_xGASS.fits");
  if (path.empty()) return;
  const auto reader = open(path);
  std::vector<ColumnRequest> requests;
  for (size_t i = 0; i < reader->schema().columns.size(); ++i)
    if (!reader->schema().columns[i].is_text) requests.push_back(request(static_cast<int>(i), ACIE_F64));
  const auto batches = read_all(*reader, requests, 100);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_EQ(requests.size(), 112u);  // all but two of text
  fitsfile* fits = nullptr;
  int status = 0;
  fits_open_diskfile(&fits, path.c_str(), READONLY, &status);
  fits_movabs_hdu(fits, 2, nullptr, &status);
  for (size_t i = 0; i < requests.size(); ++i) {
    std::vector<double> expected(477);
    double null = NAN;
    int any_null = 0;
    fits_read_col(fits, TDOUBLE, requests[i].index + 1, 1, 1, 477, &null, expected.data(), &any_null,
                  &status);
    ASSERT_EQ(status, 0);
    const std::vector<double> values = column<double>(*batches, i);
    for (size_t row = 0; row < 477; ++row) {
      if (std::isnan(expected[row]))  // CFITSIO takes infinities for missing values too
        EXPECT_FALSE(std::isfinite(values[row])) << i << " " << row;
      else
        EXPECT_EQ(values[row], expected[row]) << i << " " << row;
    }
  }
  fits_close_file(fits, &status);
}

}  // namespace
}  // namespace acie::io

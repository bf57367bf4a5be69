// Files as values: arrays and records of every format, and files that are none.
#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

#include "runtime/io/FileValue.h"
#include "runtime/io/TableWriter.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

FileValue value_of(FileFormat format, const std::string& bytes) {
  const auto value = parse_file_value(format, bytes, "f", "");
  EXPECT_TRUE(value.ok()) << value.status();
  return value.value_or(FileValue{});
}

std::string error_of(FileFormat format, const std::string& bytes) {
  const auto value = parse_file_value(format, bytes, "f", "");
  EXPECT_EQ(failure_of(value.status()), Failure::BadData) << bytes.substr(0, 100);
  return message_of(value.status());
}

TEST(FileValue, CsvTables) {
  const FileValue table = value_of(FileFormat::Csv, "name,n,mass,gap\nH2,2,2.5,1\nCO,2,28,\n");
  ASSERT_TRUE(table.is_record);
  ASSERT_EQ(table.parts.size(), 2u);
  EXPECT_EQ(table.parts[0].name, "n");
  EXPECT_EQ(table.parts[0].dtype, ACIE_I64);
  EXPECT_THAT(table.parts[0].integers, ElementsAre(2, 2));
  EXPECT_THAT(table.parts[0].shape, ElementsAre(2));
  EXPECT_TRUE(table.parts[0].written_out);
  EXPECT_THAT(table.parts[1].reals, ElementsAre(2.5, 28));
  ASSERT_EQ(table.skipped.size(), 2u);
  EXPECT_THAT(table.skipped[0].reason, HasSubstr("column 'name': 'H2' is not a number"));
  EXPECT_THAT(table.skipped[1].reason, HasSubstr("row 2, column 'gap' is empty"));
  EXPECT_THAT(error_of(FileFormat::Csv, "name\nx\n"), HasSubstr("'x' is not a number"));
}

TEST(FileValue, CsvWithoutAHeader) {
  const FileValue matrix = value_of(FileFormat::Csv, "1,2.5\n3,4\n-5,6e1\n");
  ASSERT_FALSE(matrix.is_record);
  EXPECT_THAT(matrix.parts[0].shape, ElementsAre(3, 2));
  EXPECT_THAT(matrix.parts[0].reals, ElementsAre(1, 2.5, 3, 4, -5, 60));
  const FileValue vector = value_of(FileFormat::Csv, "1\n2\n3");
  EXPECT_THAT(vector.parts[0].shape, ElementsAre(3));
  EXPECT_EQ(vector.parts[0].dtype, ACIE_I64);
  EXPECT_THAT(error_of(FileFormat::Csv, "1,2\n3,\n"), HasSubstr("f, row 2, column 2 is empty"));
  EXPECT_THAT(error_of(FileFormat::Csv, "1,2\n3,x\n"), HasSubstr("'x' is not a number"));
  EXPECT_THAT(error_of(FileFormat::Csv, ""), HasSubstr("f"));
  std::string large = "1,2";
  for (int i = 0; i < 32768; ++i) large += "\n3,4";
  EXPECT_THAT(error_of(FileFormat::Csv, large), HasSubstr("too large for a constant"));
  const auto array = parse_file_value(FileFormat::Csv, large, "f", "", kArrayLimits);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_THAT(array->parts[0].shape, ElementsAre(32769, 2));
  EXPECT_THAT(message_of(parse_file_value(FileFormat::Csv, "1,2\n3,\n", "f", "", kArrayLimits).status()), HasSubstr("an array has all its values"));
}

TEST(FileValue, Json) {
  EXPECT_EQ(value_of(FileFormat::Json, "0.1").parts[0].reals[0], 0.1);
  EXPECT_THAT(value_of(FileFormat::Json, "0.1").parts[0].shape, IsEmpty());
  EXPECT_EQ(value_of(FileFormat::Json, "-7").parts[0].integers[0], -7);
  EXPECT_EQ(value_of(FileFormat::Json, "true").parts[0].dtype, ACIE_BOOL);
  EXPECT_FALSE(value_of(FileFormat::Json, "true").parts[0].written_out);
  const FileValue matrix = value_of(FileFormat::Json, "[[1, 2], [3, 4.5], [5, 6]]");
  EXPECT_THAT(matrix.parts[0].shape, ElementsAre(3, 2));
  EXPECT_THAT(matrix.parts[0].reals, ElementsAre(1, 2, 3, 4.5, 5, 6));
  const FileValue record = value_of(FileFormat::Json, R"({"a": 1, "b": [true, false], "c": "text", "d": null, "e": [[1], 2]})");
  ASSERT_TRUE(record.is_record);
  ASSERT_EQ(record.parts.size(), 2u);
  EXPECT_THAT(record.parts[1].integers, ElementsAre(1, 0));
  EXPECT_EQ(record.skipped.size(), 3u);
  for (const char* wrong : {"", "{", "[1, [2]]", "[[1], [2, 3]]", "[[1, 2], 3]", "[]", "[[]]", "[1, true]", "[true, 1]", "null", "\"x\"", "{}", "{\"a\": {}}",
                            "[[[[[[[[[1]]]]]]]]]", "[1e999]"})
    EXPECT_EQ(failure_of(parse_file_value(FileFormat::Json, wrong, "f", "").status()), Failure::BadData) << wrong;
  EXPECT_FALSE(parse_file_value(FileFormat::Json, std::string(1000000, '['), "f", "").ok());
  std::string large = "[0";
  for (int64_t i = 0; i < kConstantLimits.elements; ++i) large += ",0";
  EXPECT_THAT(error_of(FileFormat::Json, large + "]"), HasSubstr("of at most 65536 elements"));
}

std::string npy(std::string header, const std::string& data) {
  header += "\n";
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size() & 0xFF) + static_cast<char>(header.size() >> 8) + header + data;
}

TEST(FileValue, Npy) {
  const float values[] = {1, 2, 3, 0.1f};
  const std::string data(reinterpret_cast<const char*>(values), sizeof values);
  const FileValue matrix = value_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}", data));
  EXPECT_EQ(matrix.parts[0].dtype, ACIE_F32);
  EXPECT_THAT(matrix.parts[0].shape, ElementsAre(2, 2));
  EXPECT_THAT(matrix.parts[0].reals, ElementsAre(1, 2, 3, static_cast<double>(0.1f)));
  EXPECT_THAT(value_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", data)).parts[0].shape, ElementsAre(4));
  EXPECT_THAT(value_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2)}", data)).parts[0].shape, ElementsAre(1, 2, 2));
  const FileValue record = value_of(FileFormat::Npy, npy("{'descr': [('x', '<f4', (3,)), ('n', '<i4')], 'fortran_order': False, 'shape': (1,)}", data));
  ASSERT_TRUE(record.is_record);
  EXPECT_THAT(record.parts[0].shape, ElementsAre(1, 3));
  EXPECT_EQ(record.parts[1].dtype, ACIE_I64);
  EXPECT_THAT(error_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 70000)}", std::string(280000, 'a'))), HasSubstr("too large for a constant"));
  const float gap[] = {1, NAN};
  EXPECT_THAT(error_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", std::string(reinterpret_cast<const char*>(gap), 8))), HasSubstr("row 2"));
  EXPECT_THAT(error_of(FileFormat::Npy, npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0,)}", "")), HasSubstr("holds no values"));
}

TEST(FileValue, Fits) {
  const TemporaryFile file("f.fits");
  {
    fitsfile* fits = nullptr;
    int status = 0;
    fits_create_diskfile(&fits, file.path().c_str(), &status);
    long axes[2] = {3, 2}, first[2] = {1, 1};
    fits_create_img(fits, SHORT_IMG, 0, axes, &status);
    fits_create_img(fits, USHORT_IMG, 2, axes, &status);
    fits_write_key(fits, TSTRING, "BUNIT", const_cast<char*>("mJy"), "", &status);
    unsigned short pixels[] = {0, 1, 2, 65535, 4, 5};
    fits_write_pix(fits, TUSHORT, first, 6, pixels, &status);
    const char* names[] = {"E", "v"};
    const char* forms[] = {"D", "2J"};
    fits_create_tbl(fits, BINARY_TBL, 2, 2, const_cast<char**>(names), const_cast<char**>(forms), nullptr, "CURVE", &status);
    double energy[] = {0.5, 1.5};
    fits_write_col(fits, TDOUBLE, 1, 1, 1, 2, energy, &status);
    int v[] = {1, 2, 3, 4};
    fits_write_col(fits, TINT, 2, 1, 1, 4, v, &status);
    EXPECT_EQ(status, 0);
    fits_close_file(fits, &status);
  }
  std::string bytes;
  const auto image = read_file_value(FileFormat::Fits, file.path(), bytes);  // the empty primary is passed over
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(bytes, file.bytes());
  ASSERT_FALSE(image->is_record);
  EXPECT_THAT(image->parts[0].shape, ElementsAre(2, 3));
  EXPECT_THAT(image->parts[0].integers, ElementsAre(0, 1, 2, 65535, 4, 5));
  EXPECT_EQ(image->parts[0].unit_text, "mJy");
  const auto table = read_file_value(FileFormat::Fits, file.path() + "[CURVE]", bytes);
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_TRUE(table->is_record);
  EXPECT_THAT(table->parts[0].reals, ElementsAre(0.5, 1.5));
  EXPECT_THAT(table->parts[1].shape, ElementsAre(2, 2));
  EXPECT_THAT(message_of(read_file_value(FileFormat::Fits, file.path() + "[0]", bytes).status()), HasSubstr("holds no array"));
  EXPECT_THAT(message_of(read_file_value(FileFormat::Fits, file.path() + "[7]", bytes).status()), HasSubstr("has no HDU '7'"));
  const std::string whole = file.bytes();
  for (size_t size : {size_t{5760}, size_t{5765}, size_t{100}}) error_of(FileFormat::Fits, whole.substr(0, size));
}

TEST(FileValue, Files) {
  std::string bytes;
  EXPECT_THAT(message_of(read_file_value(FileFormat::Csv, "/no/such/file.csv", bytes).status()), HasSubstr("cannot read /no/such/file.csv"));
  EXPECT_THAT(message_of(read_file_value(FileFormat::Csv, "/dev/zero", bytes).status()), HasSubstr("/dev/zero is not a file"));
  EXPECT_THAT(message_of(read_file_value(FileFormat::Json, "/", bytes).status()), HasSubstr("is not a file"));
  const TemporaryFile table("t.h5");
  const auto writer = create_table(table.path(), OutputFormat::Hdf5, {{"x", ACIE_F64, {}, {}}}, {"e", 0});
  ASSERT_TRUE(writer.ok()) << writer.status();
  const double x[] = {1.5, 2};
  std::string encoded;
  (*writer)->encode({2, {{x, 1, nullptr}}, nullptr}, encoded);
  ASSERT_TRUE((*writer)->append(encoded).ok() && (*writer)->finish().ok());
  for (const char* path : {"", ":/e"}) {
    const auto value = read_file_value(FileFormat::Hdf5, table.path() + path, bytes);
    ASSERT_TRUE(value.ok()) << value.status();
    EXPECT_THAT(value->parts[0].reals, ElementsAre(1.5, 2));
    EXPECT_EQ(bytes, table.bytes());
  }
}

}  // namespace
}  // namespace acie::io

// Columns of vectors: read element by element from FITS, .npy and HDF5, and written as one column.
#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/io/NpyReader.h"
#include "runtime/io/TableWriter.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ColumnRequest element(const TableSchema& schema, const std::string& name, acie_dtype dtype = ACIE_F64) {
  const absl::StatusOr<ColumnPlace> place = find_place(schema, name);
  EXPECT_TRUE(place.ok()) << place.status();
  ColumnRequest result = request(place.ok() ? place->column : 0, dtype);
  result.element = place.ok() ? place->element : 0;
  return result;
}

std::string refusal(const TableSchema& schema, const std::string& name) {
  return message_of(find_place(schema, name).status());
}

// Columns of vectors by CFITSIO: flux 3E in mJy, image 6J of shape (2, 3), unsigned counts 2U, flags 2L, id.
class FitsVectors {
 public:
  FitsVectors() : file_("vectors.fits") {
    fitsfile* fits = nullptr;
    int status = 0;
    fits_create_diskfile(&fits, file_.path().c_str(), &status);
    const char* names[] = {"FLUX", "image", "count", "flag", "id", "wrong", "words"};
    const char* forms[] = {"3E", "6J", "2U", "2L", "K", "4D", "9A3"};
    const char* units[] = {"mJy", "", "", "", "", "", ""};
    fits_create_tbl(fits, BINARY_TBL, 2, 7, const_cast<char**>(names), const_cast<char**>(forms),
                    const_cast<char**>(units), "VECTORS", &status);
    fits_write_key(fits, TSTRING, "TDIM2", const_cast<char*>("(3,2)"), "", &status);
    fits_write_key(fits, TSTRING, "TDIM6", const_cast<char*>("(3,2)"), "", &status);
    LONGLONG null = -1;
    fits_write_key(fits, TLONGLONG, "TNULL2", &null, "", &status);
    fits_set_hdustruc(fits, &status);
    float flux[] = {1, 2.5f, -3, 4, NAN, 6e30f};
    fits_write_col(fits, TFLOAT, 1, 1, 1, 6, flux, &status);
    int image[] = {0, 1, 2, 10, 11, 12, 100, 101, 102, 110, -1, 112};
    fits_write_col(fits, TINT, 2, 1, 1, 12, image, &status);
    unsigned short counts[] = {0, 65535, 32768, 7};
    fits_write_col(fits, TUSHORT, 3, 1, 1, 4, counts, &status);
    char flags[] = {1, 0, 0, 1};
    fits_write_col(fits, TLOGICAL, 4, 1, 1, 4, flags, &status);
    LONGLONG ids[] = {7, 8};
    fits_write_col(fits, TLONGLONG, 5, 1, 1, 2, ids, &status);
    EXPECT_EQ(status, 0);
    fits_close_file(fits, &status);
  }
  std::string path() const { return file_.path(); }

 private:
  TemporaryFile file_;
};

TEST(Vectors, OfFits) {
  const FitsVectors file;
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_THAT(schema.columns[0].shape, ElementsAre(3));
  EXPECT_EQ(schema.columns[0].unit_text, "mJy");
  EXPECT_THAT(schema.columns[1].shape, ElementsAre(2, 3));  // TDIM has the fastest axis first
  EXPECT_TRUE(schema.columns[4].shape.empty());
  EXPECT_THAT(schema.columns[5].refusal, HasSubstr("has 4 elements, of which '(3,2)' is no shape (TDIM6)"));
  EXPECT_THAT(schema.columns[6].refusal, HasSubstr("several texts"));
  const auto batches = read_all(**reader,
                                {element(schema, "FLUX[1]"), element(schema, "flux[2]", ACIE_F32), element(schema, "image[1, 1]"),
                                 element(schema, "image[0,2]", ACIE_I32), element(schema, "count[0]", ACIE_I32),
                                 element(schema, "count[1]", ACIE_I64), element(schema, "flag[1]", ACIE_BOOL), element(schema, "id", ACIE_I64)},
                                1);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_EQ(column<double>(*batches, 0)[0], 2.5);
  EXPECT_THAT(presence(*batches, 0), ElementsAre(true, false));
  EXPECT_THAT(column<float>(*batches, 1), ElementsAre(-3, 6e30f));
  EXPECT_EQ(column<double>(*batches, 2)[0], 11);
  EXPECT_THAT(presence(*batches, 2), ElementsAre(true, false));  // TNULL
  EXPECT_THAT(column<int32_t>(*batches, 3), ElementsAre(2, 102));
  EXPECT_THAT(column<int32_t>(*batches, 4), ElementsAre(0, 32768));
  EXPECT_THAT(column<int64_t>(*batches, 5), ElementsAre(65535, 7));
  EXPECT_THAT(column<uint8_t>(*batches, 6), ElementsAre(0, 1));
  EXPECT_THAT(column<int64_t>(*batches, 7), ElementsAre(7, 8));
}

// All elements of a row, or some, lie together in what is decoded.
TEST(Vectors, SeveralElementsAtOnce) {
  const FitsVectors file;
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto some = [](int index, acie_dtype dtype, int64_t element, int64_t elements) {
    ColumnRequest wanted = request(index, dtype);
    wanted.element = element;
    wanted.elements = elements;
    return wanted;
  };
  const auto batches = read_all(**reader, {some(0, ACIE_F64, 0, 3), some(1, ACIE_I32, 1, 4), request(4, ACIE_I64), some(3, ACIE_BOOL, 0, 2)}, 5);
  ASSERT_TRUE(batches.ok()) << batches.status();
  ASSERT_EQ(batches->size(), 1u);
  const Batch& batch = batches->front();
  const auto values = [&]<typename T>(size_t index, size_t count, T) { return std::vector<T>(batch.columns[index].as<T>(), batch.columns[index].as<T>() + count); };
  EXPECT_THAT(values(0, 4, 0.0), ElementsAre(1, 2.5, -3, 4));
  EXPECT_EQ(batch.columns[0].missing, 1);
  EXPECT_FALSE(batch.columns[0].is_present(4));
  EXPECT_EQ(batch.columns[0].as<double>()[5], 6e30f);
  EXPECT_THAT(values(1, 8, int32_t{}), ElementsAre(1, 2, 10, 11, 101, 102, 110, 0));
  EXPECT_FALSE(batch.columns[1].is_present(7));
  EXPECT_THAT(values(2, 2, int64_t{}), ElementsAre(7, 8));
  EXPECT_THAT(values(3, 4, uint8_t{}), ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(message_of(read_all(**open_table(file.path()), {some(1, ACIE_BOOL, 0, 6)}, 5).status()), HasSubstr("row 1, column 'image[0, 2]': '2' is not"));
  for (const auto& wrong : {some(0, ACIE_F64, 1, 3), some(0, ACIE_F64, 0, 4), some(0, ACIE_F64, 3, 1), some(0, ACIE_F64, 0, 0), some(0, ACIE_F64, INT64_MAX, INT64_MAX)})
    EXPECT_EQ(failure_of((*open_table(file.path()))->select({wrong})), Failure::BadData);
}

TEST(Vectors, NamesOfElementsAreChecked) {
  const FitsVectors file;
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_THAT(refusal(schema, "FLUX"), HasSubstr("holds vectors of shape [3], and one number is wanted; name an element, 'FLUX[0]'"));
  for (const char* wrong : {"FLUX[3]", "FLUX[-1]", "FLUX[]", "FLUX[1,0]", "FLUX[1x]", "FLUX[99999999999999999999]"})
    EXPECT_THAT(refusal(schema, wrong), HasSubstr("is no element of the column 'FLUX', whose vectors have the shape [3]")) << wrong;
  EXPECT_THAT(refusal(schema, "image[3]"), HasSubstr("[2, 3]"));
  EXPECT_THAT(refusal(schema, "id[0]"), HasSubstr("has no column 'id[0]'"));
  EXPECT_THAT(refusal(schema, "FLUXX[0]"), HasSubstr("has no column 'FLUXX[0]'"));
  const auto small = read_all(**reader, {element(schema, "image[1,2]", ACIE_BOOL)}, 10);
  EXPECT_THAT(message_of(small.status()), HasSubstr("row 1, column 'image[1, 2]': '12' is not"));
  ColumnRequest outside = request(0, ACIE_F64);
  outside.element = 3;
  EXPECT_THAT(message_of((*open_table(file.path()))->select({outside})), HasSubstr("has no such elements"));
}

std::string npy(std::string header, const std::string& data) {
  header += "\n";
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size() & 0xFF) + static_cast<char>(header.size() >> 8) + header + data;
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

TEST(Vectors, OfNpy) {
  const std::string records = npy("{'descr': [('x', '<f4', (3,)), ('n', '|u1', (2, 2)), ('one', '<i2', ()), ('none', '<f8', (0,)), ('s', '<U1', (2,))], "
                                  "'fortran_order': False, 'shape': (2,)}",
                                  raw<float>({1, 2, 3}) + std::string("\1\2\3\xFF", 4) + raw<int16_t>({-5}) + std::string(8, '\0') +
                                      raw<float>({4, 5, NAN}) + std::string("\0\0\0\0", 4) + raw<int16_t>({6}) + std::string(8, '\0'));
  const auto reader = open_npy(memory_source(records), "t.npy");
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_THAT(schema.columns[0].shape, ElementsAre(3));
  EXPECT_THAT(schema.columns[1].shape, ElementsAre(2, 2));
  EXPECT_TRUE(schema.columns[2].shape.empty());
  EXPECT_THAT(schema.columns[3].refusal, HasSubstr("no values"));
  EXPECT_THAT(schema.columns[4].refusal, HasSubstr("several texts"));
  const auto batches = read_all(**reader, {element(schema, "x[0]"), element(schema, "x[2]"), element(schema, "n[1,1]", ACIE_I32), element(schema, "one")}, 5);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(1, 4));
  EXPECT_THAT(presence(*batches, 1), ElementsAre(true, false));
  EXPECT_THAT(column<int32_t>(*batches, 2), ElementsAre(255, 0));
  EXPECT_THAT(column<double>(*batches, 3), ElementsAre(-5, 6));
}

// A plain array is columns c0, c1, … and the vector c; of more axes, the vector alone.
TEST(Vectors, PlainArrays) {
  const auto matrix = open_npy(memory_source(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3)}", raw<int16_t>({1, 2, 3, 4, 5, 6}))), "m.npy");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ((*matrix)->schema().columns.size(), 4u);
  const auto both = read_all(**matrix, {element((*matrix)->schema(), "c1"), element((*matrix)->schema(), "c[1]")}, 5);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(column<double>(*both, 0), ElementsAre(2, 5));
  EXPECT_THAT(column<double>(*both, 1), ElementsAre(2, 5));
  const auto cube = open_npy(memory_source(npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2, 2)}", raw<int16_t>({1, 2, 3, 4, 5, 6, 7, 8}))), "c.npy");
  ASSERT_TRUE(cube.ok()) << cube.status();
  ASSERT_EQ((*cube)->schema().columns.size(), 1u);
  const auto last = read_all(**cube, {element((*cube)->schema(), "c[1,0]")}, 5);
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_THAT(column<double>(*last, 0), ElementsAre(3, 7));
  for (const char* shape : {"(1, 4611686018427387904, 4)", "(9223372036854775807, 9223372036854775807)", "(3, 0)", "(2, 2, 3)"}) {
    const auto broken = open_npy(memory_source(npy("{'descr': '<i2', 'fortran_order': False, 'shape': " + std::string(shape) + "}", raw<int16_t>({1, 2}))), "b.npy");
    EXPECT_EQ(failure_of(broken.status()), Failure::BadData) << shape;
  }
}

TEST(Vectors, OfHdf5) {
  const TemporaryFile file("v.h5");
  {
    const hid_t out = H5Fcreate(file.path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const auto put = [&](const char* name, hid_t type, std::vector<hsize_t> sizes, const void* data) {
      const hid_t space = H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr);
      const hid_t set = H5Dcreate2(out, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      ASSERT_GE(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
      H5Dclose(set);
      H5Sclose(space);
    };
    const double id[] = {1, 2}, flux[] = {1, 2, 3, 4, 5, NAN}, cube[] = {0, 1, 10, 11, 100, 101, 110, 111};
    put("id", H5T_NATIVE_DOUBLE, {2}, id);
    put("flux", H5T_NATIVE_DOUBLE, {2, 3}, flux);
    put("cube", H5T_NATIVE_DOUBLE, {2, 2, 2}, cube);
    put("other", H5T_NATIVE_DOUBLE, {3, 2}, flux);
    const hsize_t pair[] = {2};
    const hid_t pairs = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, pair);
    put("pairs", pairs, {2}, cube);
    H5Tclose(pairs);
    H5Fclose(out);
  }
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_THAT(schema.columns[*find_column(schema, "other")].refusal, HasSubstr("another length"));
  const auto batches = read_all(**reader,
                                {element(schema, "flux[2]"), element(schema, "flux[1]"), element(schema, "cube[1,0]"), element(schema, "id"),
                                 element(schema, "pairs[1]"), element(schema, "flux[1]", ACIE_F32)},
                                1);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(presence(*batches, 0), ElementsAre(true, false));
  EXPECT_THAT(column<double>(*batches, 1), ElementsAre(2, 5));
  EXPECT_THAT(column<double>(*batches, 2), ElementsAre(10, 110));
  EXPECT_THAT(column<double>(*batches, 4), ElementsAre(1, 11));
  EXPECT_THAT(column<float>(*batches, 5), ElementsAre(2, 5));
  const auto whole = open_table(file.path());
  ColumnRequest all = request(*find_column(schema, "cube"), ACIE_F64);
  all.elements = 4;
  const auto cubes = read_all(**whole, {all, element(schema, "flux[0]")}, 9);
  ASSERT_TRUE(cubes.ok()) << cubes.status();
  const double* const cube = (*cubes)[0].columns[0].as<double>();
  EXPECT_THAT(std::vector<double>(cube, cube + 8), ElementsAre(0, 1, 10, 11, 100, 101, 110, 111));
  const auto matrix = open_table(file.path() + ":/flux");
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  const auto part = read_all(**matrix, {element((*matrix)->schema(), "c[2]"), element((*matrix)->schema(), "c1")}, 9);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(column<double>(*part, 0)[0], 3);
  EXPECT_THAT(column<double>(*part, 1), ElementsAre(2, 5));
}

// The elements of a vector, not side by side in the answer, are one column of the file; of a part of a vector they are not.
TEST(Vectors, AreWrittenAsOneColumn) {
  for (const char* name : {"out.fits", "out.npy", "out.h5"}) {
    const TemporaryFile file(name);
    const units::Unit mass = *units::parse_unit("Msun", units::astro_units());
    std::vector<OutputColumn> columns;
    for (int64_t i = 0; i < 3; ++i) {
      columns.push_back({"x[" + std::to_string(i) + "].mean", ACIE_F64, mass, {}, OutputVector{"x.mean", {3}, i}});
      columns.push_back({"n[" + std::to_string(i) + "]", ACIE_I32, {}, {}, OutputVector{"n", {3}, i}});
    }
    for (int64_t i = 0; i < 4; ++i) columns.push_back({"m[" + std::to_string(i) + "]", ACIE_F32, {}, {}, OutputVector{"m", {2, 2}, i}});
    columns.push_back({"part[0]", ACIE_BOOL, {}, {}, OutputVector{"part", {2}, 0}});
    const double x[3][2] = {{1, 2}, {3, NAN}, {5, 6}};
    const int32_t n[3][2] = {{10, 20}, {30, 40}, {50, 60}};
    const float m[4][2] = {{1, 2}, {3, 4}, {5, 6}, {7, 8}};
    const uint8_t part[2] = {1, 0};
    OutputRows rows;
    rows.rows = 2;
    for (int i = 0; i < 3; ++i) {
      rows.columns.push_back({x[i], 1, nullptr});
      rows.columns.push_back({n[i], 1, nullptr});
    }
    for (const auto& values : m) rows.columns.push_back({values, 1, nullptr});
    rows.columns.push_back({part, 1, nullptr});
    const auto writer = create_table(file.path(), *output_format(file.path()), columns, {"e", 1});
    ASSERT_TRUE(writer.ok()) << name << writer.status();
    std::string encoded;
    (*writer)->encode(rows, encoded);
    ASSERT_TRUE((*writer)->append(encoded).ok() && (*writer)->finish().ok()) << name;
    const auto reader = open_table(file.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    const TableSchema& schema = (*reader)->schema();
    ASSERT_EQ(schema.columns.size(), 4u) << name;
    EXPECT_EQ(schema.columns[0].name, "x.mean");
    EXPECT_THAT(schema.columns[0].shape, ElementsAre(3));
    EXPECT_THAT(schema.columns[2].shape, ElementsAre(2, 2)) << name;
    EXPECT_EQ(schema.columns[3].name, "part[0]");
    EXPECT_EQ(schema.columns[0].unit_text, std::string(name) == "out.npy" ? "" : "solMass");
    const auto batches = read_all(**reader, {element(schema, "x.mean[1]"), element(schema, "x.mean[2]"), element(schema, "n[2]", ACIE_I32),
                                             element(schema, "m[1,0]"), element(schema, "part[0]", ACIE_BOOL)}, 10);
    ASSERT_TRUE(batches.ok()) << name << batches.status();
    EXPECT_THAT(presence(*batches, 0), ElementsAre(true, false)) << name;
    EXPECT_THAT(column<double>(*batches, 1), ElementsAre(5, 6)) << name;
    EXPECT_THAT(column<int32_t>(*batches, 2), ElementsAre(50, 60)) << name;
    EXPECT_THAT(column<double>(*batches, 3), ElementsAre(5, 6)) << name;
    EXPECT_THAT(column<uint8_t>(*batches, 4), ElementsAre(1, 0)) << name;
  }
}

}  // namespace
}  // namespace acie::io

// HDF5: files as h5py, PyTables and pandas lay them out, made here with the C library; what is written; hostile files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "runtime/io/TableWriter.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// An HDF5 file being made. Paths are made with the groups above them.
class Maker {
 public:
  explicit Maker(const std::string& path)
      : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)), links_(H5Pcreate(H5P_LINK_CREATE)) {
    H5Pset_create_intermediate_group(links_, 1);
  }
  ~Maker() {
    H5Pclose(links_);
    H5Fclose(file_);
  }

  // A dataset of that type in the file, from memory of `memory`.
  void dataset(const char* path, hid_t type, hid_t memory, std::vector<hsize_t> shape, const void* data,
               hid_t creation = H5P_DEFAULT, const char* units = nullptr, const char* attribute = "units") {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file_, path, type, space, links_, creation, H5P_DEFAULT);
    ASSERT_GE(set, 0) << path;
    if (data != nullptr) {
      ASSERT_GE(H5Dwrite(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0) << path;
    }
    if (units != nullptr) text(set, attribute, units);
    H5Dclose(set);
    H5Sclose(space);
  }

  template <typename T>
  void column(const char* path, hid_t type, hid_t memory, const std::vector<T>& values, const char* units = nullptr) {
    dataset(path, type, memory, {values.size()}, values.data(), H5P_DEFAULT, units);
  }

  static void text(hid_t object, const char* name, const char* value) {
    const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    const hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, type, &value);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
  }

  hid_t file() const { return file_; }

 private:
  hid_t file_, links_;
};

hid_t text_type(size_t size) {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, size);
  return type;
}

hid_t boolean_type() {  // as h5py has it
  const hid_t type = H5Tenum_create(H5T_STD_I8LE);
  const int8_t values[] = {0, 1};
  H5Tenum_insert(type, "FALSE", &values[0]);
  H5Tenum_insert(type, "TRUE", &values[1]);
  return type;
}

std::string error_of(const std::string& path, Failure kind = Failure::BadData) {
  testing::internal::CaptureStderr();
  const auto reader = open_table(path);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "the library prints";
  EXPECT_EQ(failure_of(reader.status()), kind) << reader.status();
  return message_of(reader.status());
}

std::vector<std::string> names(const TableSchema& schema) {
  std::vector<std::string> names;
  for (const ColumnSchema& column : schema.columns) names.push_back(column.name);
  return names;
}

TEST(Hdf5, GroupsOfColumns) {
  const TemporaryFile file("t.h5");
  {
    Maker make(file.path());
    make.column<double>("/sample/mass", H5T_IEEE_F64BE, H5T_NATIVE_DOUBLE, {1.5, NAN, -2, 1e300, 0}, "Msun");
    make.column<float>("/sample/half", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, {1, 2, 3, 4, 0.5f});
    make.column<int>("/sample/n", H5T_STD_U16BE, H5T_NATIVE_INT, {65535, 0, 1, 2, 3});
    make.column<int64_t>("/sample/id", H5T_STD_I64LE, H5T_NATIVE_INT64, {INT64_MAX, INT64_MIN, 0, 1, 2});
    make.column<int8_t>("/sample/flag", boolean_type(), boolean_type(), {1, 0, 1, 1, 0});
    const std::vector<const char*> kinds = {"spiral", "", "elliptical galaxies of all kinds, without end", nullptr, " sb "};
    make.column("/sample/kind", text_type(H5T_VARIABLE), text_type(H5T_VARIABLE), kinds);
    make.dataset("/sample/tag", text_type(4), text_type(4), {5}, "abcdx\0\0\0sb  \0\0\0\0abcd");
    const std::vector<double> vectors(15, 1.0);
    make.dataset("/sample/position", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {5, 3}, vectors.data());
    const double redshift = 0.1;
    make.dataset("/sample/redshift", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {}, &redshift);
  }
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_EQ(schema.source, file.path() + ":/sample");
  EXPECT_EQ(schema.rows, 5);
  EXPECT_THAT(names(schema), ElementsAre("flag", "half", "id", "kind", "mass", "n", "position", "redshift", "tag"));
  EXPECT_EQ(schema.columns[4].unit_text, "Msun");
  EXPECT_EQ(schema.columns[1].unit_text, "");
  EXPECT_EQ(schema.columns[6].refusal, "");
  EXPECT_THAT(schema.columns[6].shape, ElementsAre(3));
  EXPECT_THAT(schema.columns[7].refusal, HasSubstr("a single value"));
  EXPECT_TRUE(schema.columns[3].is_text && schema.columns[8].is_text);
  const auto batches = read_all(**reader,
                                {request(4, ACIE_F64, 2), request(1, ACIE_F32), request(5, ACIE_I32), request(2, ACIE_I64),
                                 request(0, ACIE_BOOL), request(8, ACIE_I32, 1, {"sb", "abcd", "x"}), request(4, ACIE_F64)},
                                2);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_EQ(column<double>(*batches, 0)[0], 3);
  EXPECT_EQ(column<double>(*batches, 6)[3], 1e300);
  EXPECT_THAT(presence(*batches, 0), ElementsAre(true, false, true, true, true));
  EXPECT_THAT(column<float>(*batches, 1), ElementsAre(1, 2, 3, 4, 0.5f));
  EXPECT_THAT(column<int32_t>(*batches, 2), ElementsAre(65535, 0, 1, 2, 3));
  EXPECT_THAT(column<int64_t>(*batches, 3), ElementsAre(INT64_MAX, INT64_MIN, 0, 1, 2));
  EXPECT_THAT(column<uint8_t>(*batches, 4), ElementsAre(1, 0, 1, 1, 0));
  EXPECT_THAT(column<int32_t>(*batches, 5), ElementsAre(1, 2, 0, 0, 1));
  EXPECT_THAT(presence(*batches, 5), ElementsAre(true, true, true, false, true));

  const auto texts = open_table(file.path() + ":/sample");
  const auto kinds =
      read_all(**texts, {request(3, ACIE_I32, 1, {"sb", "spiral", "elliptical galaxies of all kinds, without end"})}, 3);
  ASSERT_TRUE(kinds.ok()) << kinds.status();
  EXPECT_THAT(column<int32_t>(*kinds, 0), ElementsAre(1, 0, 2, 0, 0));
  EXPECT_THAT(presence(*kinds, 0), ElementsAre(true, false, true, false, true));
  const auto unknown = read_all(**open_table(file.path()), {request(3, ACIE_I32, 1, {"sb", "spiral"})}, 5);
  EXPECT_THAT(message_of(unknown.status()), HasSubstr("row 3, column 'kind': 'elliptical galaxies"));
  EXPECT_THAT(message_of(read_all(**open_table(file.path()), {request(7, ACIE_F64)}, 5).status()),
              HasSubstr("column 'redshift' is a single value"));
}

struct Record {
  double mass;
  char pad;
  int8_t flag;
  int32_t n;
  double position[3];
  float one[1];
  const char* kind;
};

hid_t record_type() {
  const hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(Record));
  const hsize_t three[] = {3}, one[] = {1};
  H5Tinsert(type, "mass", HOFFSET(Record, mass), H5T_NATIVE_DOUBLE);
  H5Tinsert(type, "flag", HOFFSET(Record, flag), boolean_type());
  H5Tinsert(type, "n", HOFFSET(Record, n), H5T_NATIVE_INT32);
  H5Tinsert(type, "position", HOFFSET(Record, position), H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, three));
  H5Tinsert(type, "one", HOFFSET(Record, one), H5Tarray_create2(H5T_NATIVE_FLOAT, 1, one));
  H5Tinsert(type, "kind", HOFFSET(Record, kind), text_type(H5T_VARIABLE));
  return type;
}

std::vector<Record> records(int count) {
  std::vector<Record> rows;
  for (int i = 0; i < count; ++i)
    rows.push_back({i * 0.5, 0, static_cast<int8_t>(i % 2), i, {1, 2, 3}, {static_cast<float>(i)}, i % 3 == 0 ? "sb" : "sa"});
  return rows;
}

hid_t compressed(hsize_t chunk) {
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(creation, 1, &chunk);
  H5Pset_shuffle(creation);
  H5Pset_deflate(creation, 6);
  return creation;
}

TEST(Hdf5, RecordsInChunks) {
  const TemporaryFile file("t.hdf5");
  const std::vector<Record> rows = records(1000);
  {
    Maker make(file.path());
    make.dataset("/grid/table", record_type(), record_type(), {rows.size()}, rows.data(), compressed(64));
    make.column<int>("/grid/_i_table/index", H5T_NATIVE_INT, H5T_NATIVE_INT, {1, 2});  // as PyTables keeps indexes
    const hid_t table = H5Dopen2(make.file(), "/grid/table", H5P_DEFAULT);
    Maker::text(table, "FIELD_0_UNITS", "solMass");
    Maker::text(table, "FIELD_2_UNIT", "km/s");
    H5Dclose(table);
  }
  const auto reader = open_table(file.path());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_EQ(schema.source, file.path() + ":/grid/table");
  EXPECT_THAT(names(schema), ElementsAre("mass", "flag", "n", "position", "one", "kind"));
  EXPECT_EQ(schema.columns[0].unit_text, "solMass");
  EXPECT_EQ(schema.columns[2].unit_text, "km/s");
  EXPECT_EQ(schema.columns[2].dtype, ACIE_I32);
  EXPECT_THAT(schema.columns[3].shape, ElementsAre(3));
  const std::vector<ColumnRequest> requests = {request(2, ACIE_I64), request(5, ACIE_I64, 1, {"sa", "sb"}), request(0, ACIE_F64),
                                               request(4, ACIE_F32), request(1, ACIE_BOOL), request(2, ACIE_F64)};
  const auto batches = read_all(**reader, requests, 77);
  ASSERT_TRUE(batches.ok()) << batches.status();
  const auto n = column<int64_t>(*batches, 0), kind = column<int64_t>(*batches, 1);
  const auto mass = column<double>(*batches, 2), again = column<double>(*batches, 5);
  const auto one = column<float>(*batches, 3);
  const auto flag = column<uint8_t>(*batches, 4);
  ASSERT_EQ(n.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(n[i], rows[i].n);
    EXPECT_EQ(again[i], rows[i].n);
    EXPECT_EQ(kind[i], i % 3 == 0 ? 1 : 0);
    EXPECT_EQ(mass[i], rows[i].mass);
    EXPECT_EQ(one[i], rows[i].one[0]);
    EXPECT_EQ(flag[i], rows[i].flag);
  }
  // Shards and passes over the rows.
  ASSERT_TRUE((*reader)->rewind().ok() && (*reader)->skip_to(990).ok());
  const auto block = (*reader)->read(100);
  ASSERT_TRUE(block.ok() && *block != nullptr);
  EXPECT_EQ((*block)->first_row, 990);
  EXPECT_EQ((*block)->rows, 10);
  Batch batch;
  ASSERT_TRUE((*reader)->decode(**block, batch).ok());
  EXPECT_EQ(batch.columns[0].as<int64_t>()[0], 990);
  EXPECT_EQ(*(*reader)->read(100), nullptr);
  // A number that does not fit names its place.
  const auto small = read_all(**open_table(file.path()), {request(0, ACIE_I32)}, 100);
  EXPECT_THAT(message_of(small.status()), HasSubstr("t.hdf5:/grid/table, row 2, column 'mass': '0.5' is not"));
}

TEST(Hdf5, ArraysAreTables) {
  const TemporaryFile file("t.h5");
  const std::vector<float> matrix = {1, 2, 3, 4, 5, 6};
  {
    Maker make(file.path());
    make.dataset("/m", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, {2, 3}, matrix.data(), H5P_DEFAULT, "Jy", "unit");
    make.dataset("/cube", H5T_IEEE_F32BE, H5T_NATIVE_FLOAT, {1, 2, 3}, matrix.data());
    make.column<float>("/g/x", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, matrix);
  }
  const auto reader = open_table(file.path() + ":/m");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_THAT(names((*reader)->schema()), ElementsAre("c0", "c1", "c2", "c"));
  EXPECT_EQ((*reader)->schema().columns[1].unit_text, "Jy");
  const auto batches = read_all(**reader, {request(2, ACIE_F64), request(1, ACIE_F32)}, 1);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(3, 6));
  EXPECT_THAT(column<float>(*batches, 1), ElementsAre(2, 5));
  const auto vector = open_table(file.path() + ":/g/x");
  ASSERT_TRUE(vector.ok()) << vector.status();
  EXPECT_THAT(names((*vector)->schema()), ElementsAre("x"));
  EXPECT_EQ((*vector)->schema().rows, 6);
  const auto cube = open_table(file.path() + ":/cube");
  ASSERT_TRUE(cube.ok()) << cube.status();
  EXPECT_THAT(names((*cube)->schema()), ElementsAre("c"));
  EXPECT_THAT((*cube)->schema().columns[0].shape, ElementsAre(2, 3));
}

TEST(Hdf5, WhichTable) {
  const TemporaryFile file("t.h5");
  {
    Maker make(file.path());
    make.column<int>("/a/x", H5T_NATIVE_INT, H5T_NATIVE_INT, {1, 2});
    make.column<int>("/b/deep/y", H5T_NATIVE_INT, H5T_NATIVE_INT, {1, 2, 3});
    make.column<int>("/uneven/p", H5T_NATIVE_INT, H5T_NATIVE_INT, {1, 2, 3});
    make.column<int>("/uneven/q", H5T_NATIVE_INT, H5T_NATIVE_INT, {1, 2});
    H5Lcreate_soft("/a", make.file(), "/alias", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_hard(make.file(), "/", make.file(), "/b/circle", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/", make.file(), "/outside", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(make.file(), "/nothing", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Tcommit2(make.file(), "/type", H5Tcopy(H5T_NATIVE_INT), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_THAT(error_of(file.path(), Failure::Usage), HasSubstr("choose one with " + file.path() + ":/PATH; its tables are /a, /b/"));
  EXPECT_EQ((*open_table(file.path() + ":/alias"))->schema().columns[0].name, "x");
  EXPECT_EQ((*open_table(file.path() + ":/b/deep"))->schema().rows, 3);
  EXPECT_THAT(error_of(file.path() + ":/c", Failure::Usage), HasSubstr("has no '/c'"));
  EXPECT_THAT(error_of(file.path() + ":/outside", Failure::Usage), HasSubstr("has no '/outside'"));
  EXPECT_THAT(error_of(file.path() + ":/uneven"), HasSubstr("its dataset 'p' has 3 values and 'q' 2"));
  EXPECT_THAT(error_of(file.path() + ":/nothing"), HasSubstr("a group without columns"));
  EXPECT_THAT(error_of(file.path() + ":/type"), HasSubstr("neither a dataset nor a group"));
  const TemporaryFile empty("empty.h5");
  { Maker make(empty.path()); }
  EXPECT_THAT(error_of(empty.path()), HasSubstr("holds no table"));
}

TEST(Hdf5, WhatIsNotFollowed) {
  const TemporaryFile file("t.h5"), secret("secret.bin", "12345678");
  {
    Maker make(file.path());
    const hid_t external = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(external, secret.path().c_str(), 0, 8);
    make.dataset("/external", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {1}, nullptr, external);
    const hsize_t one[] = {1};
    const hid_t virtual_set = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, one, nullptr);
    H5Pset_virtual(virtual_set, space, secret.path().c_str(), "/x", space);
    make.dataset("/virtual", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {1}, nullptr, virtual_set);
  }
  EXPECT_THAT(error_of(file.path() + ":/external"), HasSubstr("lies in other files"));
  EXPECT_THAT(error_of(file.path() + ":/virtual"), HasSubstr("a virtual dataset"));
}

TEST(Hdf5, HostileSizes) {
  const TemporaryFile file("t.h5");
  const hsize_t million = 1000000, large = hsize_t{1} << 31;
  {
    Maker make(file.path());
    std::vector<double> values(million);
    make.column<double>("/whole", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, values);
    make.dataset("/unwritten", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {hsize_t{1} << 58}, nullptr, compressed(1024));
    make.dataset("/endless", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {hsize_t{1} << 62}, nullptr, compressed(1024));
    make.dataset("/chunk", H5T_NATIVE_INT8, H5T_NATIVE_INT8, {large}, nullptr, compressed(large));
    make.dataset("/none", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {0}, nullptr);
    make.dataset("/null", H5T_NATIVE_DOUBLE, H5T_NATIVE_DOUBLE, {3, 0}, nullptr);
  }
  EXPECT_THAT(error_of(file.path() + ":/unwritten"), HasSubstr("was never written"));
  EXPECT_THAT(error_of(file.path() + ":/endless"), HasSubstr("impossibly large"));
  EXPECT_THAT(error_of(file.path() + ":/chunk"), HasSubstr("was never written"));
  {
    const auto none = open_table(file.path() + ":/none");
    ASSERT_TRUE(none.ok()) << none.status();
    EXPECT_EQ(read_all(**none, {request(0, ACIE_F64)}, 10)->size(), 0u);
    const auto narrow = open_table(file.path() + ":/null");
    ASSERT_TRUE(narrow.ok()) << narrow.status();
    EXPECT_EQ(read_all(**narrow, {}, 2)->size(), 2u);
  }
  // Half the file is gone: the library itself notices that when it opens it.
  ASSERT_EQ(::truncate(file.path().c_str(), 4000000), 0);
  EXPECT_THAT(error_of(file.path() + ":/whole"), HasSubstr("cannot be read as HDF5: truncated file"));
  EXPECT_THAT(error_of(TemporaryFile("t.h5", "no HDF5 at all, though it says so").path()), HasSubstr("file signature not found"));
}

TEST(Hdf5, LargeChunksAreRefused) {
  const TemporaryFile file("t.h5");
  {
    Maker make(file.path());
    const hsize_t chunk = hsize_t{300} << 20;
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &chunk);
    H5Pset_deflate(creation, 1);
    const std::vector<int8_t> one = {1};
    const hsize_t size[] = {1}, most[] = {H5S_UNLIMITED};
    const hid_t space = H5Screate_simple(1, size, most);
    const hid_t set = H5Dcreate2(make.file(), "/x", H5T_NATIVE_INT8, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const std::string packed(1000, '\0');  // not what deflate makes of it: nothing here gets as far as unpacking
    const hsize_t offset[] = {0};
    ASSERT_GE(H5Dwrite_chunk(set, H5P_DEFAULT, 0, offset, packed.size(), packed.data()), 0);
    H5Dclose(set);
  }
  EXPECT_THAT(error_of(file.path() + ":/x"), HasSubstr("chunks of more than 256 MiB"));
}

TEST(Hdf5, DamagedChunksAreErrors) {
  const TemporaryFile file("t.h5");
  {
    Maker make(file.path());
    const hsize_t size[] = {100}, offset[] = {0};
    const hid_t space = H5Screate_simple(1, size, nullptr);
    const hid_t set = H5Dcreate2(make.file(), "/x", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, compressed(100), H5P_DEFAULT);
    const std::string packed(50, '\7');
    ASSERT_GE(H5Dwrite_chunk(set, H5P_DEFAULT, 0, offset, packed.size(), packed.data()), 0);
    H5Dclose(set);
  }
  const auto reader = open_table(file.path() + ":/x");
  ASSERT_TRUE(reader.ok()) << reader.status();
  testing::internal::CaptureStderr();
  const auto batches = read_all(**reader, {request(0, ACIE_F64)}, 10);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(failure_of(batches.status()), Failure::BadData);
  EXPECT_THAT(message_of(batches.status()), HasSubstr("t.h5:/x: reading rows 1 to 10 failed: inflate"));
}

TEST(Hdf5, OneTextEverywhereIsBounded) {
  // Every row points to the same megabyte of text, so that rows are worth far more than the file.
  const TemporaryFile file("t.h5");
  constexpr int kRows = 1000, kReference = 16;  // bytes: length, address and index
  haddr_t from = 0, to = 0;
  {
    Maker make(file.path());
    const std::string large(size_t{1} << 20, 'x');
    make.column<const char*>("/one", text_type(H5T_VARIABLE), text_type(H5T_VARIABLE), {large.c_str()});
    const hid_t early = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_alloc_time(early, H5D_ALLOC_TIME_EARLY);
    make.dataset("/x", text_type(H5T_VARIABLE), H5T_C_S1, {kRows}, nullptr, early);
    from = H5Dget_offset(H5Dopen2(make.file(), "/one", H5P_DEFAULT));
    to = H5Dget_offset(H5Dopen2(make.file(), "/x", H5P_DEFAULT));
  }
  std::string bytes = file.bytes();
  for (int row = 0; row < kRows; ++row) bytes.replace(to + row * kReference, kReference, bytes.substr(from, kReference));
  std::ofstream(file.path(), std::ios::binary) << bytes;
  EXPECT_LT(bytes.size(), size_t{2} << 20);
  const auto reader = open_table(file.path() + ":/x");
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto batches = read_all(**reader, {request(0, ACIE_I32, 1, {"x"})}, 1000);
  EXPECT_EQ(failure_of(batches.status()), Failure::BadData) << "1 GB of text was read";
}

TEST(Hdf5, ReadersShareTheLibrary) {
  const TemporaryFile file("t.h5");
  const std::vector<Record> rows = records(20000);
  {
    Maker make(file.path());
    make.dataset("/table", record_type(), record_type(), {rows.size()}, rows.data(), compressed(1000));
  }
  std::vector<double> sums(4);
  std::vector<std::thread> threads;
  for (double& sum : sums)
    threads.emplace_back([&] {
      const auto reader = open_table(file.path());
      if (!reader.ok()) return;
      const auto batches = read_all(**reader, {request(0, ACIE_F64), request(5, ACIE_I32, 1, {"sa", "sb"})}, 333);
      if (!batches.ok()) return;
      for (double value : column<double>(*batches, 0)) sum += value;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(sums, testing::Each(0.5 * 19999 * 20000 / 2));
}

// One attribute or field of what was written, through the library itself.
TEST(Hdf5, WritesWhatOthersRead) {
  const TemporaryFile file("out.h5", "old");
  const units::Unit solar = *units::parse_unit("Msun/yr", units::astro_units());
  const double mass[] = {0.1, NAN, 1e300};
  const uint8_t flag[] = {1, 0, 1}, present[] = {1, 0, 1};
  const int32_t status[] = {0, 1, 7};
  {
    const auto writer = create_table(file.path() + ":/runs/first", OutputFormat::Hdf5,
                                     {{"mass", ACIE_F64, solar, {}}, {"flag", ACIE_BOOL, {}, {}}, {"status", ACIE_I32, {}, {"ok", "größer"}}},
                                     {"doubled", 18446744073709551615u});
    ASSERT_TRUE(writer.ok()) << writer.status();
    std::string encoded;
    (*writer)->encode({3, {{mass}, {flag, 1, present}, {status}}}, encoded);
    for (int block = 0; block < 1000; ++block) ASSERT_TRUE((*writer)->append(encoded).ok());
    EXPECT_EQ(file.bytes(), "old");
    ASSERT_TRUE((*writer)->finish().ok());
  }
  const hid_t opened = H5Fopen(file.path().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(opened, 0);
  const hid_t table = H5Dopen2(opened, "/runs/first", H5P_DEFAULT);
  ASSERT_GE(table, 0);
  const hid_t type = H5Dget_type(table);
  EXPECT_EQ(H5Tget_class(type), H5T_COMPOUND);
  EXPECT_EQ(H5Tget_nmembers(type), 3);
  struct __attribute__((packed)) Row {
    double mass;
    int8_t flag;
    char status[8];  // "größer" has two letters of two bytes
  };
  ASSERT_EQ(H5Tget_size(type), sizeof(Row));
  EXPECT_GT(H5Tequal(H5Tget_member_type(type, 0), H5T_IEEE_F64LE), 0);
  EXPECT_GT(H5Tequal(H5Tget_member_type(type, 1), boolean_type()), 0);
  EXPECT_EQ(H5Sget_simple_extent_npoints(H5Dget_space(table)), 3000);
  std::vector<Row> rows(3000);
  ASSERT_GE(H5Dread(table, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()), 0);
  EXPECT_EQ(rows[2997].mass, 0.1);
  EXPECT_TRUE(std::isnan(rows[2998].mass));
  EXPECT_EQ(rows[2998].flag, 0);
  EXPECT_EQ(rows[2999].flag, 1);
  EXPECT_EQ(std::string(rows[0].status, 8), std::string("ok\0\0\0\0\0\0", 8));
  EXPECT_EQ(std::string(rows[1].status, 8), "größer");
  EXPECT_EQ(rows[2].status[0], '\0');
  uint64_t seed = 0;
  const hid_t attribute = H5Aopen(table, "seed", H5P_DEFAULT);
  ASSERT_GE(H5Aread(attribute, H5T_NATIVE_UINT64, &seed), 0);
  EXPECT_EQ(seed, 18446744073709551615u);
  H5Aclose(attribute);
  H5Dclose(table);
  H5Fclose(opened);
  EXPECT_EQ((*open_table(file.path()))->schema().columns[0].unit_text, "solMass/yr");
}

TEST(Hdf5, UnfinishedTablesLeaveNothing) {
  const TemporaryFile file("out.h5");
  {
    const auto writer = create_table(file.path(), OutputFormat::Hdf5, {{"x", ACIE_F64, {}, {}}}, {"e", 0});
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->append(std::string(8000, '\0')).ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(file.folder()));
  EXPECT_THAT(message_of(create_table(file.path(), OutputFormat::Hdf5, {{"x", ACIE_F64, {}, {}}, {"x", ACIE_F64, {}, {}}}, {}).status()),
              HasSubstr("two columns are called 'x'"));
  EXPECT_EQ(failure_of(create_table("/dev/null", OutputFormat::Hdf5, {{"x", ACIE_F64, {}, {}}}, {}).status()), Failure::Usage);
  EXPECT_EQ(failure_of(create_table("-", OutputFormat::Hdf5, {{"x", ACIE_F64, {}, {}}}, {}).status()), Failure::Usage);
  std::vector<OutputColumn> many(5000);
  for (size_t i = 0; i < many.size(); ++i) many[i].name = "a long name of a column, number " + std::to_string(i);
  testing::internal::CaptureStderr();
  const auto wide = create_table(file.path(), OutputFormat::Hdf5, many, {"e", 0});
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THAT(message_of(wide.status()), HasSubstr("cannot hold a table of 5000 columns"));
  EXPECT_TRUE(std::filesystem::is_empty(file.folder()));
}

}  // namespace
}  // namespace acie::io

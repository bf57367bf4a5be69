// Writing tables: what is written reads back, bit for bit, and files appear whole or not at all.
#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "runtime/io/OutputFile.h"
#include "runtime/io/TableWriter.h"
#include "runtime/io/Writers.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

units::Unit unit(const char* text) { return *units::parse_unit(text, units::astro_units()); }

// One column of each type, three rows of which the second holds nothing.
struct Sample {
  std::vector<OutputColumn> columns = {{"mass", ACIE_F64, unit("Msun"), {}},
                                       {"rate, \"x\"", ACIE_F32, unit("km^(1/2)/yr"), {}},
                                       {"n", ACIE_I64, {}, {}},
                                       {"k", ACIE_I32, {}, {}},
                                       {"flag", ACIE_BOOL, {}, {}},
                                       {"status", ACIE_I32, {}, {"ok", "bad, input"}}};
  double mass[3] = {0.1, std::numeric_limits<double>::quiet_NaN(), 1e300};
  float rate[3] = {0.1f, 2, std::numeric_limits<float>::infinity()};
  int64_t n[3] = {std::numeric_limits<int64_t>::max(), 2, -3};
  int32_t k[1] = {7};
  uint8_t flag[3] = {1, 1, 0};
  int32_t status[3] = {0, 1, 0};
  uint8_t present[3] = {1, 0, 1};

  OutputRows rows(const uint8_t* keep = nullptr) const {
    return {3,
            {{mass, 1, nullptr},
             {rate, 1, present},
             {n, 1, present},
             {k, 0, present},
             {flag, 1, present},
             {status, 1, nullptr}},
            keep};
  }
};

absl::Status write(const std::string& path, const Sample& sample, const uint8_t* keep = nullptr) {
  ACIE_ASSIGN_OR_RETURN(const OutputFormat format, output_format(path));
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableWriter> writer,
                        create_table(path, format, sample.columns, {"doubled", 18446744073709551615u}));
  for (int block = 0; block < 2; ++block) {
    std::string encoded;
    writer->encode(sample.rows(keep), encoded);
    ACIE_RETURN_IF_ERROR(writer->append(encoded));
  }
  return writer->finish();
}

TEST(WriteCsv, CellsAndQuotes) {
  const TemporaryFile file("out.csv");
  ASSERT_TRUE(write(file.path(), Sample()).ok());
  const std::string rows =
      "0.1,0.1,9223372036854775807,7,true,ok\n,,,,,\"bad, input\"\n1e+300,inf,-3,7,false,ok\n";
  EXPECT_EQ(file.bytes(), "mass,\"rate, \"\"x\"\"\",n,k,flag,status\n" + rows + rows);
}

TEST(WriteCsv, RowsCanBeLeftOut) {
  const TemporaryFile file("out.csv");
  const uint8_t keep[3] = {0, 0, 1};
  ASSERT_TRUE(write(file.path(), Sample(), keep).ok());
  EXPECT_THAT(file.bytes(), HasSubstr("status\n1e+300,inf,-3,7,false,ok\n1e+300,inf,-3,7,false,ok\n"));
}

TEST(WriteJson, IsWhatTheContractSays) {
  const TemporaryFile file("out.json");
  ASSERT_TRUE(write(file.path(), Sample()).ok());
  const nlohmann::json json = nlohmann::json::parse(file.bytes());
  EXPECT_EQ(json["entry"], "doubled");
  EXPECT_EQ(json["seed"], 18446744073709551615u);
  EXPECT_EQ(json["columns"][0], nlohmann::json({{"name", "mass"}, {"unit", "Msun"}}));
  EXPECT_EQ(json["columns"][2]["unit"], "");
  ASSERT_EQ(json["rows"].size(), 6u);
  EXPECT_EQ(json["rows"][0].dump(), R"([0.1,0.1,9223372036854775807,7,true,"ok"])");
  EXPECT_EQ(json["rows"][4].dump(), R"([null,null,null,null,null,"bad, input"])");
  EXPECT_TRUE(json["rows"][2][1].is_null());  // JSON has no infinity
  const TemporaryFile empty("out.json");
  auto writer = create_table(empty.path(), OutputFormat::Json, Sample().columns, {"tab\t\"", 1});
  ASSERT_TRUE(writer.ok() && (*writer)->append("").ok() && (*writer)->finish().ok());
  EXPECT_EQ(nlohmann::json::parse(empty.bytes())["entry"], "tab\t\"");
  EXPECT_TRUE(nlohmann::json::parse(empty.bytes())["rows"].empty());
}

TEST(WriteFits, CfitsioFindsTheFileSound) {
  const TemporaryFile file("out.fits");
  ASSERT_TRUE(write(file.path(), Sample()).ok());
  EXPECT_EQ(file.bytes().size() % 2880, 0u);
  fitsfile* fits = nullptr;
  int status = 0;
  fits_open_diskfile(&fits, file.path().c_str(), READONLY, &status);
  fits_movabs_hdu(fits, 2, nullptr, &status);
  char text[FLEN_VALUE];
  fits_read_key(fits, TSTRING, "EXTNAME", text, nullptr, &status);
  EXPECT_STREQ(text, "doubled");
  fits_read_key(fits, TSTRING, "TUNIT1", text, nullptr, &status);
  EXPECT_STREQ(text, "solMass");
  fits_read_key(fits, TSTRING, "TUNIT2", text, nullptr, &status);
  EXPECT_STREQ(text, "km**(1/2)/yr");
  long rows = 0;
  fits_get_num_rows(fits, &rows, &status);
  EXPECT_EQ(rows, 6);
  double masses[6];
  int any_null = 0;
  fits_read_col(fits, TDOUBLE, 1, 1, 1, 6, nullptr, masses, &any_null, &status);
  EXPECT_EQ(masses[2], 1e300);
  LONGLONG integers[6];
  LONGLONG absent = -1;
  fits_read_col(fits, TLONGLONG, 3, 1, 1, 6, &absent, integers, &any_null, &status);
  EXPECT_EQ(integers[0], std::numeric_limits<int64_t>::max());
  EXPECT_EQ(integers[1], -1);
  char label[16] = {};
  char* labels[1] = {label};
  fits_read_col(fits, TSTRING, 6, 5, 1, 1, nullptr, labels, &any_null, &status);
  EXPECT_STREQ(label, "bad, input");
  EXPECT_EQ(status, 0);
  fits_close_file(fits, &status);
}

// What FITS, HDF5 and .npy hold is read back by our readers as it was.
TEST(WriteFits, UnitsOfAProgramAreExpanded) {
  units::UnitTable table = units::astro_units();
  const auto declare = [&](const char* name, const char* size, const char* of) {
    const auto base = units::parse_unit(of, table);
    ASSERT_TRUE(base);
    table.replace(name, *units::Unit::define(name, *units::Scale::from_decimal(size), *base), false);
  };
  declare("foe", "1e44", "J");
  declare("furlong", "201.168", "m");
  declare("flux_unit", "1e-17", "erg/cm^2/s/AA");
  declare("count", "2", "s");  // the standard's `count` is a plain number
  const auto spelled = [&](const char* unit) { return fits_unit(*units::parse_unit(unit, table)); };
  EXPECT_EQ(spelled("foe"), "10**44 m**2 kg/s**2");
  EXPECT_EQ(spelled("furlong/s"), "201.168 m/s");
  EXPECT_EQ(spelled("flux_unit"), "10**-10 kg/m/s**3");
  EXPECT_EQ(spelled("count"), "2 s");
  EXPECT_EQ(spelled("1/foe"), "10**-44 s**2/m**2/kg");
  EXPECT_EQ(spelled("km^2"), "km**2");
  EXPECT_EQ(spelled("mag"), "mag");
  EXPECT_EQ(spelled("Msun/yr"), "solMass/yr");
  EXPECT_EQ(spelled("1"), "");
}

TEST(WriteRecords, ReadBack) {
  for (const char* name : {"out.fits", "out.h5", "out.npy"}) {
    const TemporaryFile file(name);
    const Sample sample;
    const absl::Status written = write(file.path(), sample);
    ASSERT_TRUE(written.ok()) << name << ": " << written;
    const auto reader = open_table(file.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->schema().columns[1].name, "rate, \"x\"");
    const auto batches =
        read_all(**reader,
                 {request(0, ACIE_F64), request(1, ACIE_F32), request(2, ACIE_I64), request(3, ACIE_I32),
                  request(4, ACIE_BOOL), request(5, ACIE_I32, 1, {"bad, input", "ok"})},
                 4);
    ASSERT_TRUE(batches.ok()) << batches.status();
    EXPECT_EQ(column<double>(*batches, 0)[3], 0.1);
    EXPECT_THAT(presence(*batches, 0), ElementsAre(true, false, true, true, false, true));
    EXPECT_EQ(column<float>(*batches, 1)[5], std::numeric_limits<float>::infinity());
    EXPECT_EQ(column<int64_t>(*batches, 2)[0], std::numeric_limits<int64_t>::max());
    EXPECT_EQ(column<int32_t>(*batches, 3)[5], 7);
    EXPECT_EQ(column<uint8_t>(*batches, 4)[3], 1);
    EXPECT_EQ(column<uint8_t>(*batches, 4)[5], 0);
    EXPECT_THAT(column<int32_t>(*batches, 5), ElementsAre(1, 0, 1, 1, 0, 1));
  }
}

TEST(WriteNpy, HeaderIsAlignedAndNamesAreUnique) {
  const TemporaryFile file("out.npy");
  Sample sample;
  sample.columns[0].name = "\u03bc'";
  ASSERT_TRUE(write(file.path(), sample).ok());
  const std::string bytes = file.bytes();
  EXPECT_EQ(bytes[6], 3);  // UTF-8
  EXPECT_EQ((bytes.find('\n') + 1) % 64, 0u);
  EXPECT_EQ((*open_table(file.path()))->schema().columns[0].name, "\u03bc'");
  sample.columns[1].name = sample.columns[0].name;
  EXPECT_EQ(failure_of(write(file.path(), sample)), Failure::Usage);
}

// Random tables, written as CSV and read in blocks of any size, keep every bit.
TEST(RoundTrip, RandomTablesThroughCsv) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const int64_t rows = static_cast<int64_t>(random() % 200);
    std::vector<double> doubles;
    std::vector<float> floats;
    std::vector<int64_t> integers;
    std::vector<int32_t> kinds;
    std::vector<uint8_t> present;
    const std::vector<std::string> labels = {"plain",      "with, comma", "with \"quotes\"",
                                             "two\nlines", "cr\r\nlf",    "\u03bc"};
    for (int64_t row = 0; row < rows; ++row) {
      double value = std::bit_cast<double>(random());
      if (random() % 2 != 0) value = static_cast<double>(random() % 100000) / 1000;
      doubles.push_back(value);
      floats.push_back(std::bit_cast<float>(static_cast<uint32_t>(random())));
      integers.push_back(static_cast<int64_t>(random()) >> random() % 64);
      kinds.push_back(static_cast<int32_t>(random() % labels.size()));
      present.push_back(random() % 5 != 0);
    }
    const TemporaryFile file("t.csv");
    const auto writer = create_table(file.path(), OutputFormat::Csv,
                                     {{"k", ACIE_I32, {}, labels},
                                      {"d", ACIE_F64, {}, {}},
                                      {"f", ACIE_F32, {}, {}},
                                      {"i", ACIE_I64, {}, {}}},
                                     {"t", 0});
    ASSERT_TRUE(writer.ok()) << writer.status();
    std::string encoded;
    (*writer)->encode({rows,
                       {{kinds.data()},
                        {doubles.data(), 1, present.data()},
                        {floats.data()},
                        {integers.data(), 1, present.data()}}},
                      encoded);
    ASSERT_TRUE((*writer)->append(encoded).ok() && (*writer)->finish().ok());
    const auto reader = open_table(file.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    const auto batches = read_all(
        **reader,
        {request(1, ACIE_F64), request(2, ACIE_F32), request(3, ACIE_I64), request(0, ACIE_I32, 1, labels)},
        1 + static_cast<int64_t>(random() % 70));
    ASSERT_TRUE(batches.ok()) << batches.status();
    const auto back = column<double>(*batches, 0);
    const auto back_floats = column<float>(*batches, 1);
    const auto back_integers = column<int64_t>(*batches, 2);
    const std::vector<bool> back_present = presence(*batches, 0);
    ASSERT_EQ(static_cast<int64_t>(back.size()), rows);
    for (size_t row = 0; row < back.size(); ++row) {
      const bool there = present[row] != 0 && !std::isnan(doubles[row]);
      EXPECT_EQ(back_present[row], there);
      if (there) {
        EXPECT_EQ(std::bit_cast<uint64_t>(back[row]), std::bit_cast<uint64_t>(doubles[row]));
      }
      if (!std::isnan(floats[row])) {
        EXPECT_EQ(std::bit_cast<uint32_t>(back_floats[row]), std::bit_cast<uint32_t>(floats[row]));
      }
      EXPECT_EQ(back_integers[row], present[row] != 0 ? integers[row] : 0);
    }
    EXPECT_EQ(column<int32_t>(*batches, 3), kinds);
  }
}

TEST(OutputFormats, ByExtension) {
  EXPECT_EQ(*output_format("-"), OutputFormat::Csv);
  EXPECT_EQ(*output_format("a.dir/x.JSON"), OutputFormat::Json);
  EXPECT_EQ(*output_format("x.fits"), OutputFormat::Fits);
  EXPECT_EQ(*output_format("x.h5"), OutputFormat::Hdf5);
  EXPECT_EQ(*output_format("x.hdf5:/a/b.csv"), OutputFormat::Hdf5);
  EXPECT_EQ(failure_of(output_format("x.xls").status()), Failure::Usage);
  EXPECT_EQ(failure_of(output_format("csv").status()), Failure::Usage);
  EXPECT_EQ(*parse_output_format("npy"), OutputFormat::Npy);
  EXPECT_FALSE(parse_output_format("xml").ok());
  EXPECT_EQ(failure_of(create_table("-", OutputFormat::Fits, {}, {}).status()), Failure::Usage);
}

TEST(OpenTable, ChoosesTheFormat) {
  const std::string npy = std::string("\x93NUMPY\x01\x00", 8) + std::string("\x40\x00", 2) +
                          "{'descr': '<f8', 'fortran_order': False, 'shape': (0,), }       ";
  EXPECT_EQ((*open_table(TemporaryFile("data", npy).path()))->schema().columns[0].name, "c0");
  const TemporaryFile tabs("a.tsv", "x\ty,z\n1\t2\n");
  EXPECT_EQ((*open_table(tabs.path()))->schema().columns[1].name, "y,z");
  EXPECT_EQ((*open_table(TemporaryFile("a[1].csv", "x,y\n").path()))->schema().columns.size(), 2u);
  const TemporaryFile csv("a.csv", "x,y\n");
  EXPECT_EQ(failure_of(open_table(csv.path() + "[1]").status()), Failure::Usage);
  EXPECT_EQ(failure_of(open_table(TemporaryFile("a.h5", "\x89HDF").path()).status()), Failure::BadData);
  EXPECT_EQ(failure_of(open_table(csv.path() + ":/x").status()), Failure::Usage);
  EXPECT_THAT(message_of(open_table(TemporaryFile("a.csv", "\x1f\x8b..").path()).status()),
              HasSubstr("is compressed"));
  EXPECT_EQ(failure_of(open_table("/nowhere/at/all.csv").status()), Failure::BadData);
  EXPECT_THAT(message_of(open_table(csv.folder().string()).status()), HasSubstr("is a directory"));
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  return names;
}

TEST(OutputFile, AppearsWholeOrNotAtAll) {
  const TemporaryFile file("out.csv", "old");
  {
    auto output = OutputFile::create(file.path());
    ASSERT_TRUE(output.ok());
    ASSERT_TRUE((*output)->write(std::string(1 << 20, 'x')).ok());
    EXPECT_EQ(file.bytes(), "old");
  }
  EXPECT_EQ(file.bytes(), "old");
  EXPECT_THAT(names_in(file.folder()), ElementsAre("out.csv"));
  ::chmod(file.path().c_str(), 0640);
  auto output = OutputFile::create(file.path());
  ASSERT_TRUE((*output)->write("newer").ok());
  ASSERT_TRUE((*output)->patch(0, "N").ok());
  ASSERT_TRUE((*output)->commit().ok());
  EXPECT_EQ(file.bytes(), "Newer");
  EXPECT_THAT(names_in(file.folder()), ElementsAre("out.csv"));
  struct stat about;
  ASSERT_EQ(::stat(file.path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0640u);
}

TEST(OutputFile, LinksAndDevicesStayWhatTheyAre) {
  const TemporaryFile file("target.csv", "old");
  const std::string link = (file.folder() / "link.csv").string();
  std::filesystem::create_symlink("target.csv", link);
  auto output = OutputFile::create(link);
  ASSERT_TRUE((*output)->write("new").ok() && (*output)->commit().ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(file.bytes(), "new");
  auto null = OutputFile::create("/dev/null");
  ASSERT_TRUE(null.ok() && (*null)->write("x").ok() && (*null)->commit().ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_FALSE((*OutputFile::create("/dev/null"))->can_patch());
  EXPECT_EQ(failure_of(OutputFile::create("/nowhere/out.csv").status()), Failure::Run);
  EXPECT_THAT(message_of(OutputFile::create(file.folder().string()).status()), HasSubstr("is a directory"));
}

TEST(OutputFile, AFullDeviceIsReported) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  auto output = OutputFile::create("/dev/full");
  ASSERT_TRUE(output.ok());
  (void)(*output)->write("x");
  EXPECT_THAT(message_of((*output)->commit()), HasSubstr("writing /dev/full failed"));
}

}  // namespace
}  // namespace acie::io

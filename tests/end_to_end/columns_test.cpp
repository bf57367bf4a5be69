// Vectors in tables: one column of a FITS, .npy or HDF5 file, a column per element of a CSV file.

#include <fcntl.h>
#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>

#include "runtime/io/TableReader.h"
#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// printf '1,2\n3,4\n' | sha256sum
constexpr char kMatrixHash[] = "96bbd5de61f36b0e10c5771d180998d066192e8986aa34a8cb7c453f62959274";

using Rows = std::vector<std::map<std::string, std::string>>;

double number(const std::map<std::string, std::string>& row, const std::string& column) {
  const auto cell = row.find(column);
  EXPECT_NE(cell, row.end()) << "no column " << column;
  return cell == row.end() || cell->second.empty() ? NAN : std::stod(cell->second);
}

/// A program compiled once, for several runs.
class Compiled {
 public:
  explicit Compiled(const std::string& text) {
    std::ofstream(folder_ / "program.acie") << text;
    const CommandResult made = run(compiler() + " " + path("program.acie") + " -o " + path("program.aciepkg"));
    EXPECT_EQ(made.exit_code, 0) << made.err;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return path(name);
  }
  CommandResult answer(const std::string& query, const std::string& data, const std::string& more = "--out -") const {
    return run(runner() + " " + path("program.aciepkg") + " " + query + " --allow-unsigned --data '" + data + "' " + more);
  }
  Rows rows(const std::string& query, const std::string& data, const std::string& more = "") const {
    const CommandResult ran = answer(query, data, "--out - " + more);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return parse_csv(ran.out);
  }

 private:
  TemporaryFolder folder_;
};

/// Three fluxes, a 2 × 2 matrix and a number a row, by CFITSIO; flux 1 of the second row is NaN.
void write_fits(const std::string& path) {
  fitsfile* fits = nullptr;
  int status = 0;
  fits_create_diskfile(&fits, path.c_str(), &status);
  const char* names[] = {"FLUX", "m", "id"};
  const char* forms[] = {"3E", "4D", "J"};
  const char* units[] = {"mJy", "", ""};
  fits_create_tbl(fits, BINARY_TBL, 3, 3, const_cast<char**>(names), const_cast<char**>(forms), const_cast<char**>(units), "T", &status);
  fits_write_key(fits, TSTRING, "TDIM2", const_cast<char*>("(2,2)"), "", &status);
  fits_set_hdustruc(fits, &status);
  float flux[] = {1, 2, 4, 8, NAN, 16, 3, 5, 2000};
  fits_write_col(fits, TFLOAT, 1, 1, 1, 9, flux, &status);
  double m[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  fits_write_col(fits, TDOUBLE, 2, 1, 1, 12, m, &status);
  int id[] = {10, 20, 30};
  fits_write_col(fits, TINT, 3, 1, 1, 3, id, &status);
  EXPECT_EQ(status, 0);
  fits_close_file(fits, &status);
}

constexpr char kSpectra[] = R"(
import std.astro
model Source {
    input flux : f64<Jy>[3] in 0..1 from "FLUX"
    input m : f64[2, 2]
    input id : f64
    var total = sum(flux)
    var twice = 2 * flux
    var turned = transpose(m)
}
query q on Source { return total, flux = twice, up = turned[0, 1], down = turned[1, 0], id, first = flux[0] }
query matrix on Source { return flux = twice, turned }
)";

TEST(Columns, VectorsOfFits) {
  const Compiled program(kSpectra);
  write_fits(program.path("t.fits"));
  const CommandResult ran = program.answer("q", program.path("t.fits"), "--out - --rejects " + program.path("bad.csv"));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const Rows rows = parse_csv(ran.out);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(number(rows[0], "total"), 0.001 * (1 + 2 + 4));
  EXPECT_EQ(number(rows[0], "flux[2]"), 0.008);
  EXPECT_EQ(number(rows[0], "up"), 3);
  EXPECT_EQ(number(rows[0], "down"), 2);
  EXPECT_EQ(number(rows[0], "id"), 10);
  EXPECT_EQ(rows[1].at("status"), "bad_input");
  EXPECT_EQ(rows[2].at("status"), "bad_input");
  const std::string rejects = read_file(program.path("bad.csv"));
  EXPECT_THAT(rejects, HasSubstr("1,bad_input,\"flux[1] is missing\""));
  EXPECT_THAT(rejects, HasSubstr("2,bad_input,\"flux[2] = 2 is outside its declared range 0..1\""));
  const CommandResult listed = run(runner() + " " + program.path("program.aciepkg") + " --allow-unsigned");
  EXPECT_THAT(listed.out, HasSubstr("flux[3] <Jy> in 0..1 from column FLUX"));
}

// What is written reads back in every form, as one column where the format has vectors.
TEST(Columns, VectorsGoRound) {
  const Compiled program(kSpectra);
  const Compiled reads("import std.astro\nmodel S { input flux : f64<Jy>[3]\n input turned : f64[2, 2]\n var s = flux[0] + 2 * flux[1] + 4 * flux[2]\n"
                       "var d = turned[0, 1] - turned[1, 0] }\nquery q on S { return s, d }");
  const std::string csv = program.write("t.csv", "FLUX[0],FLUX[1],FLUX[2],\"m[0,0]\",\"m[0,1]\",\"m[1,0]\",\"m[1,1]\",id\n"
                                                 "0.5,0.25,0.125,1,2,3,4,7\n0.1,,0.2,1,2,3,4,8\n0.75,0,1,4,3,2,1,9\n");
  for (const char* name : {"out.csv", "out.fits", "out.npy", "out.h5"}) {
    const std::string out = program.path(name);
    const CommandResult ran = program.answer("matrix", csv, "--out " + out);
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    if (std::string(name) != "out.csv") {
      const auto reader = io::open_table(out);
      ASSERT_TRUE(reader.ok()) << reader.status();
      std::string columns;
      for (const io::ColumnSchema& column : (*reader)->schema().columns)
        columns += column.name + (column.shape.empty() ? "" : io::shape_text(column.shape)) + " ";
      EXPECT_EQ(columns, "flux[3] turned[2, 2] status ");
    }
    const Rows rows = reads.rows("q", out);
    ASSERT_EQ(rows.size(), 3u) << name;
    EXPECT_EQ(number(rows[0], "s"), 2 * (0.5 + 2 * 0.25 + 4 * 0.125)) << name;
    EXPECT_EQ(rows[1].at("status"), "bad_input") << name;
    EXPECT_EQ(number(rows[2], "s"), 2 * (0.75 + 4)) << name;
    EXPECT_EQ(number(rows[0], "d"), 1) << name;
    EXPECT_EQ(number(rows[2], "d"), -1) << name;
  }
}

TEST(Columns, ShapesAndNamesAreChecked) {
  const Compiled program(kSpectra);
  write_fits(program.path("t.fits"));
  const Compiled other("model S { input x : f64[4] from \"FLUX\"\n var s = sum(x) }\nquery q on S { return s }");
  const CommandResult wide = other.answer("q", program.path("t.fits"));
  EXPECT_EQ(wide.exit_code, 3);
  EXPECT_THAT(wide.err, HasSubstr("t.fits[1], column 'FLUX' holds vectors of shape [3], and x has the shape [4]"));
}

TEST(Columns, BindNamesAVector) {
  const Compiled program("model S { input x : f64[4]\n input y : f64\n var s = sum(x) + 100 * y }\nquery q on S { return s }");
  write_fits(program.path("t.fits"));
  // A matrix in the file is no vector of four; a .npy without names is.
  const CommandResult shape = program.answer("q", program.path("t.fits"), "--bind m=x --bind id=y");
  EXPECT_EQ(shape.exit_code, 3);
  EXPECT_THAT(shape.err, HasSubstr("column 'm' holds vectors of shape [2, 2], and x has the shape [4]"));
  std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 4), }";
  header.resize(118, ' ');
  header.back() = '\n';
  const int16_t values[] = {1, 2, 3, 4, 10, 20, 30, 40};
  const std::string npy = program.write("t.npy", std::string("\x93NUMPY\1\0", 8) + static_cast<char>(118) + '\0' + header +
                                                     std::string(reinterpret_cast<const char*>(values), sizeof values));
  const Rows rows = program.rows("q", npy, "--bind c=x --bind 'c[1]=y'");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(number(rows[0], "s"), 10 + 200);
  EXPECT_EQ(number(rows[1], "s"), 100 + 2000);
  const CommandResult missing = program.answer("q", npy);
  EXPECT_EQ(missing.exit_code, 3);
  EXPECT_THAT(missing.err, HasSubstr("has no column 'x' of vectors of shape [4], nor columns 'x[0]', …; name one with --bind COLUMN=x; it has c0, c1, c2, c3, c"));
}

// Small whole numbers of FITS, .npy and CSV; noises may bear the names of their types.
TEST(Columns, SmallIntegers) {
  const Compiled program(R"(
model M {
    input a : u8
    input b : i8
    input c : u16[2]
    input d : i16 in -5..40000
    input e : u32
    exo u8 ~ normal(0, 1)
    exo i16 ~ normal(0, 1)
    var y = u8 + i16
    var all = a + 2 * b + 3 * sum(c) + 5 * d + 7 * e
    var half = (a as f32) / 2
}
query q on M { return all, half }
)");
  const std::string csv = program.write("t.csv", "a,b,c[0],c[1],d,e\n255,-128,65535,1,-5,4294967295\n256,0,0,0,0,0\n0,-129,0,0,0,0\n0,0,-1,0,0,0\n"
                                                 "0,0,0,0,32768,0\n0,0,0,0,-6,0\n0,0,0,0,0,4294967296\n0,0,0,0,0,\n");
  const CommandResult ran = program.answer("q", csv, "--out - --rejects " + program.path("bad.csv"));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const Rows rows = parse_csv(ran.out);
  ASSERT_EQ(rows.size(), 8u);
  const double expected = 255 - 2 * 128 + 3 * 65536 - 25 + 7 * 4294967295.0;
  EXPECT_EQ(number(rows[0], "all"), expected);
  EXPECT_EQ(number(rows[0], "half"), 127.5);
  for (size_t i = 1; i < 8; ++i) EXPECT_EQ(rows[i].at("status"), "bad_input") << i;
  const std::string rejects = read_file(program.path("bad.csv"));
  for (const char* reason : {"a = 256 is outside its declared range 0..255", "b = -129 is outside its declared range -128..127",
                             "c[0] = -1 is outside its declared range 0..65535", "d = 32768 is outside its declared range -5..32767",
                             "d = -6 is outside", "e = 4294967296 is outside its declared range 0..4294967295", "is missing"})
    EXPECT_THAT(rejects, HasSubstr(reason));
  EXPECT_EQ(program.answer("q", program.write("half.csv", "a,b,c[0],c[1],d,e\n1.5,0,0,0,0,0\n")).exit_code, 3);
  const std::string fits_path = program.path("t.fits");
  fitsfile* fits = nullptr;
  int status = 0;
  fits_create_diskfile(&fits, fits_path.c_str(), &status);
  const char* names[] = {"a", "b", "c", "d", "e"};
  const char* forms[] = {"B", "S", "2U", "I", "V"};
  fits_create_tbl(fits, BINARY_TBL, 1, 5, const_cast<char**>(names), const_cast<char**>(forms), nullptr, "T", &status);
  int a = 255, b = -128, c[] = {65535, 1}, d = -5;
  unsigned int e = 4294967295u;
  fits_write_col(fits, TINT, 1, 1, 1, 1, &a, &status);
  fits_write_col(fits, TINT, 2, 1, 1, 1, &b, &status);
  fits_write_col(fits, TINT, 3, 1, 1, 2, c, &status);
  fits_write_col(fits, TINT, 4, 1, 1, 1, &d, &status);
  fits_write_col(fits, TUINT, 5, 1, 1, 1, &e, &status);
  ASSERT_EQ(status, 0);
  fits_close_file(fits, &status);
  EXPECT_EQ(number(program.rows("q", fits_path)[0], "all"), expected);
  std::string header = "{'descr': [('a', '|u1'), ('b', '|i1'), ('c', '<u2', (2,)), ('d', '<i2'), ('e', '>u4')], 'fortran_order': False, 'shape': (1,), }";
  header += "\n";
  std::string npy = std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header;
  npy += std::string("\xFF\x80\xFF\xFF\x01\x00\xFB\xFF\xFF\xFF\xFF\xFF", 12);
  EXPECT_EQ(number(program.rows("q", program.write("t.npy", npy))[0], "all"), expected);
}

std::string npy_matrix(const std::vector<double>& values, const std::string& shape) {
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
}

// Constants from files: read when compiling, hashed into the package, and read again when they change.
TEST(Columns, ConstantsFromFiles) {
  TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return (folder / name).string(); };
  const auto write = [&](const std::string& name, const std::string& bytes) { std::ofstream(folder / name, std::ios::binary) << bytes; };
  write("species.csv", "name,mass,carbon\nCO,28,1\nH2,2.5,0\nCH4,16,1\n");
  write("matrix.csv", "1,2\n3,4\n");
  write("totals.json", R"({"total": 0.5, "offsets": [1, 2, 3], "note": "text"})");
  write("w.npy", npy_matrix({1, 2, 3, 4, 5, 6}, "(2, 3)"));
  write_fits(path("curve.fits"));
  write("p.acie", R"(
import std.astro
const species = csv("species.csv")
const m : f64[2, 2] = csv("matrix.csv")
const totals = json("totals.json")
const w = npy("w.npy")
const curve = fits("curve.fits[T]")
model M {
    input x : f64[3]
    var mass = dot(species.mass, x) + totals.total
    var carbon = sum(species.carbon)
    var hidden = w @ (x + totals.offsets)
    var corner = m[1, 0] + 0.5 * curve.m[2, 1, 1]
    var flux : f64<Jy> = 1000 * 2<mJy>
}
query q on M { return mass, carbon, hidden, corner }
)");
  write("x.csv", "x[0],x[1],x[2]\n1,10,100\n");
  const CommandResult compiled = run(compiler() + " " + path("p.acie") + " -o " + path("p.aciepkg"));
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran = run(runner() + " " + path("p.aciepkg") + " q --allow-unsigned --out - --data " + path("x.csv"));
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const Rows rows = parse_csv(ran.out);
  EXPECT_EQ(number(rows[0], "mass"), 28 + 25 + 1600 + 0.5);
  EXPECT_EQ(number(rows[0], "carbon"), 2);
  EXPECT_EQ(number(rows[0], "hidden[0]"), 1 * 2 + 2 * 12 + 3 * 103);
  EXPECT_EQ(number(rows[0], "hidden[1]"), 4 * 2 + 5 * 12 + 6 * 103);
  EXPECT_EQ(number(rows[0], "corner"), 3 + 0.5 * 12);
  const std::string hash = "constant  matrix.csv, 8 bytes, sha256 ";
  const CommandResult inspected = run(runner() + " " + path("p.aciepkg") + " --inspect --allow-unsigned");
  EXPECT_THAT(inspected.out, HasSubstr(hash + kMatrixHash));
  const CommandResult plan = run(compiler() + " " + path("p.acie") + " --emit=plan -o -");
  EXPECT_THAT(plan.out, HasSubstr("reads matrix.csv when compiling: 8 bytes, sha256 " + std::string(kMatrixHash)));
  const std::string cache = "XDG_CACHE_HOME=" + path("cache") + " ";
  const std::string again = cache + runner() + " " + path("p.acie") + " q --allow-unsigned --out - --data " + path("x.csv");
  EXPECT_EQ(number(parse_csv(run(again).out)[0], "corner"), 9);
  write("matrix.csv", "1,2\n30,4\n");
  EXPECT_EQ(number(parse_csv(run(again).out)[0], "corner"), 36);
}

// Vectors too long to be a column each: read at once, from every kind of table.
TEST(Columns, LongVectors) {
  const Compiled program("import std.astro\nmodel S { input x : f64[100] in -1000..1000 from \"X\"\n input n : u8[70]\n var s = sum(x * x)\n var c = sum(n as f64)\n"
                         "var y : f64[100] = 2 * x }\nquery q on S { return s, c }\nquery all on S { return y, n }");
  std::vector<double> x(300), n(210);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) - 0.5;
  for (size_t i = 0; i < n.size(); ++i) n[i] = static_cast<double>(i % 251);
  x[150] = NAN;
  x[207] = 1e4;
  const auto cells = [](const std::vector<double>& values, size_t row, size_t width) {
    std::string text;
    for (size_t i = row * width; i < (row + 1) * width; ++i) text += (i > row * width ? "," : "") + (std::isnan(values[i]) ? "" : std::to_string(values[i]));
    return text;
  };
  std::string csv;
  for (int i = 0; i < 100; ++i) csv += "X[" + std::to_string(i) + "],";
  for (int i = 0; i < 70; ++i) csv += "n[" + std::to_string(i) + "]" + (i < 69 ? "," : "\n");
  for (size_t row = 0; row < 3; ++row) csv += cells(x, row, 100) + "," + cells(n, row, 70) + "\n";
  const std::string csv_path = program.write("t.csv", csv), fits_path = program.path("t.fits");
  fitsfile* fits = nullptr;
  int status = 0;
  fits_create_diskfile(&fits, fits_path.c_str(), &status);
  const char* names[] = {"X", "n"};
  const char* forms[] = {"100D", "70B"};
  fits_create_tbl(fits, BINARY_TBL, 3, 2, const_cast<char**>(names), const_cast<char**>(forms), nullptr, "T", &status);
  fits_write_col(fits, TDOUBLE, 1, 1, 1, 300, x.data(), &status);
  fits_write_col(fits, TDOUBLE, 2, 1, 1, 210, n.data(), &status);
  ASSERT_EQ(status, 0);
  fits_close_file(fits, &status);
  double squares = 0, count = 0;
  for (size_t i = 0; i < 100; ++i) squares += x[i] * x[i];
  for (size_t i = 0; i < 70; ++i) count += n[i];
  for (const std::string& table : {csv_path, fits_path}) {
    const CommandResult ran = program.answer("q", table, "--out - --rejects " + program.path("bad.csv"));
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Rows rows = parse_csv(ran.out);
    ASSERT_EQ(rows.size(), 3u) << table;
    EXPECT_NEAR(number(rows[0], "s"), squares, 1e-9 * squares) << table;
    EXPECT_EQ(number(rows[0], "c"), count) << table;
    EXPECT_EQ(rows[1].at("status"), "bad_input") << table;
    EXPECT_EQ(rows[2].at("status"), "bad_input") << table;
    const std::string rejects = read_file(program.path("bad.csv"));
    EXPECT_THAT(rejects, HasSubstr("1,bad_input,\"x[50] is missing\"")) << table;
    EXPECT_THAT(rejects, HasSubstr("2,bad_input,\"x[7] = 10000 is outside its declared range -1000..1000\"")) << table;
  }
  const Compiled again("model S { input y : f64[100]\n input n : u8[70]\n var s = sum(y)\n var c = n[69] }\nquery q on S { return s, c }");
  double sum = 0;
  for (size_t i = 0; i < 100; ++i) sum += 2 * x[i];
  for (const char* name : {"out.fits", "out.npy", "out.h5"}) {
    const CommandResult ran = program.answer("all", fits_path, "--out " + program.path(name));
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const auto reader = io::open_table(program.path(name));
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_THAT((*reader)->schema().columns[0].shape, ElementsAre(100)) << name;
    const Rows rows = again.rows("q", program.path(name));
    ASSERT_EQ(rows.size(), 3u) << name;
    EXPECT_NEAR(number(rows[0], "s"), sum, 1e-9) << name;
    EXPECT_EQ(number(rows[0], "c"), 69) << name;
    EXPECT_EQ(rows[1].at("status"), "bad_input") << name;
  }
  const CommandResult narrow = again.answer("q", fits_path, "--bind X=y --bind X=n");
  EXPECT_EQ(narrow.exit_code, 3);
  EXPECT_THAT(narrow.err, HasSubstr("column 'X' holds vectors of shape [100], and n has the shape [70]"));
}

// 160 MB of vectors pass through a fraction of that memory.
TEST(Columns, LongVectorsTakeBoundedMemory) {
  const Compiled program("model S { input x : f32[400]\n var s = sum(x) }\nquery q on S { return s }");
  const std::string header = "{'descr': [('x', '<f4', (400,))], 'fortran_order': False, 'shape': (100000,), }\n";
  const std::string table = program.path("t.npy");
  {
    std::ofstream out(table, std::ios::binary);
    out << std::string("\x93NUMPY\1\0", 8) << static_cast<char>(header.size()) << '\0' << header;
    std::vector<float> rows(400 * 1000);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<float>(i % 400);
    for (int block = 0; block < 100; ++block) out.write(reinterpret_cast<const char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(float)));
  }
  const std::string out = program.path("out.csv"), package = program.path("program.aciepkg");
  const pid_t child = fork();
  if (child == 0) {
    const int quiet = open("/dev/null", O_WRONLY);
    dup2(quiet, STDERR_FILENO);
    execl(runner().c_str(), "acie-run", package.c_str(), "q", "--allow-unsigned", "--threads", "2", "--data", table.c_str(), "--out", out.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_LT(usage.ru_maxrss, 120 * 1024) << "kB";
  std::ifstream answers(out);
  std::string line;
  int rows = -1;
  for (; std::getline(answers, line); ++rows) {
    EXPECT_TRUE(rows < 0 || line == "79800,ok") << line;
  }
  EXPECT_EQ(rows, 100000);
}

}  // namespace
}  // namespace acie::testing

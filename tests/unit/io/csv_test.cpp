// Reading CSV: RFC 4180, values, errors with places, blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "runtime/io/FastNumber.h"
#include "runtime/io/RecordScanner.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<TableReader> open(std::string_view text) {
  auto reader = open_csv(memory_source(text), "t.csv");
  EXPECT_TRUE(reader.ok()) << reader.status();
  return reader.ok() ? *std::move(reader) : nullptr;
}

std::string open_error(std::string_view text) {
  const auto reader = open_csv(memory_source(text), "t.csv");
  EXPECT_EQ(failure_of(reader.status()), Failure::BadData);
  return message_of(reader.status());
}

std::string decode_error(std::string_view text, std::vector<ColumnRequest> requests, int64_t block = 1000) {
  const auto batches = read_all(*open(text), std::move(requests), block);
  EXPECT_EQ(failure_of(batches.status()), Failure::BadData);
  return message_of(batches.status());
}

TEST(Csv, HeaderNames) {
  const auto reader = open("\xEF\xBB\xBF a ,\"b,\"\"c\"\"\",,\"two\nlines\"\r\n1,2,3,4\r\n");
  std::vector<std::string> names;
  for (const ColumnSchema& column : reader->schema().columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("a", "b,\"c\"", "", "two\nlines"));
  EXPECT_FALSE(reader->schema().rows.has_value());
}

TEST(Csv, BrokenHeaders) {
  EXPECT_EQ(open_error(""), "t.csv is empty; a CSV file begins with a row of column names");
  EXPECT_EQ(open_error("\n1\n"),
            "t.csv: the first line is blank; a CSV file begins with a row of column names");
  EXPECT_EQ(open_error("a,\"b\n1,2\n"), "t.csv (line 1): a quote in the header is not closed or misplaced");
  EXPECT_EQ(open_error("a\rb\r"), "t.csv: lines end with CR alone; save the file with LF or CRLF line ends");
  EXPECT_EQ(open_error(std::string_view("a\0b\n", 4)), "t.csv is not text: its first line holds zero bytes");
}

TEST(Csv, ColumnsAreFoundByName) {
  const auto reader = open("log_mass,log_sfr,z,z\n");
  EXPECT_EQ(*find_column(reader->schema(), "log_sfr"), 1);
  EXPECT_EQ(message_of(find_column(reader->schema(), "log_mas").status()),
            "t.csv has no column 'log_mas'; did you mean 'log_mass'?");
  EXPECT_EQ(message_of(find_column(reader->schema(), "LOG_SFR").status()),
            "t.csv has no column 'LOG_SFR'; did you mean 'log_sfr'?");
  EXPECT_EQ(message_of(find_column(reader->schema(), "redshift").status()),
            "t.csv has no column 'redshift'; its columns are log_mass, log_sfr, z, z");
  const auto twice = find_column(reader->schema(), "z");
  EXPECT_EQ(message_of(twice.status()),
            "t.csv: the column name 'z' stands for columns 3 and 4; rename one of them");
  EXPECT_EQ(failure_of(twice.status()), Failure::Usage);
}

TEST(Csv, ValuesOfEveryType) {
  const auto reader = open(
      "f,g,i,j,b,c\n"
      " 1.5 ,2.5,3,-4,true,spiral\n"
      "\"-2e3\",1e-3,+7,1.24E+18,0,\" irregular \"\n"
      ".5,inf,-9223372036854775808,2147483647.0,F,spiral\n");
  const auto batches =
      read_all(*reader,
               {request(0, ACIE_F64), request(1, ACIE_F32, 1000), request(2, ACIE_I64), request(3, ACIE_I64),
                request(4, ACIE_BOOL), request(5, ACIE_I32, 1, {"irregular", "spiral"})},
               2);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(1.5, -2000, 0.5));
  EXPECT_THAT(column<float>(*batches, 1), ElementsAre(2500, 1, std::numeric_limits<float>::infinity()));
  EXPECT_THAT(column<int64_t>(*batches, 2), ElementsAre(3, 7, std::numeric_limits<int64_t>::min()));
  EXPECT_THAT(column<int64_t>(*batches, 3), ElementsAre(-4, 1240000000000000000, 2147483647));
  EXPECT_THAT(column<uint8_t>(*batches, 4), ElementsAre(1, 0, 0));
  EXPECT_THAT(column<int32_t>(*batches, 5), ElementsAre(1, 0, 1));
}

TEST(Csv, MissingCells) {
  const auto reader = open("a,b,c\n,NA,\n 1 ,nan,x\nNULL,\"\",\n");
  const auto batches =
      read_all(*reader, {request(0, ACIE_F64), request(1, ACIE_I32), request(2, ACIE_I32, 1, {"x"})}, 10);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(presence(*batches, 0), ElementsAre(false, true, false));
  EXPECT_THAT(presence(*batches, 1), ElementsAre(false, false, false));
  EXPECT_THAT(presence(*batches, 2), ElementsAre(false, true, false));
  EXPECT_TRUE(std::isnan((*batches)[0].columns[0].as<double>()[0]));
  EXPECT_EQ((*batches)[0].columns[0].missing, 2);
  EXPECT_THAT(column<int32_t>(*batches, 1), ElementsAre(0, 0, 0));
}

TEST(Csv, QuotesNewlinesAndLineEnds) {
  const auto reader = open("name,x\r\n\"one\r\ntwo, \"\"three\"\"\",1\r\n\"\",2\r\nplain,\"3\"");
  const auto batches = read_all(
      *reader, {request(1, ACIE_F64), request(0, ACIE_I32, 1, {"one\r\ntwo, \"three\"", "plain"})}, 1);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(presence(*batches, 1), ElementsAre(true, false, true));
  EXPECT_THAT(column<int32_t>(*batches, 1), ElementsAre(0, 0, 1));
}

TEST(Csv, BlankLines) {
  for (const char* ending : {"", "\n", "\r\n\r\n", "\n\n\n\n\n\n"})
    for (int64_t block : {1, 2, 3, 100}) {
      const std::string text = std::string("a,b\n1,2\n3,4\n5,6") + ending;
      const auto batches = read_all(*open(text), {request(1, ACIE_F64)}, block);
      ASSERT_TRUE(batches.ok()) << batches.status();
      EXPECT_THAT(column<double>(*batches, 0), ElementsAre(2, 4, 6));
    }
  EXPECT_EQ(decode_error("a,b\n1,2\n\n3,4\n", {request(0, ACIE_F64)}),
            "t.csv, row 2 (line 3): has 1 field, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1,2\n\n3,4\n", {request(0, ACIE_F64)}, 2),
            "t.csv, row 2 (line 3): has 1 field, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1,2\n\n\r\r", {request(0, ACIE_F64)}, 2),
            "t.csv, row 2 (line 3): has 1 field, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1,\"2\n\n\n", {request(0, ACIE_F64)}, 1),
            "t.csv, row 1 (line 2): this quoted field is never closed");
  // With one column a blank line is a missing cell.
  const auto single = read_all(*open("a\n1\n\n3\n\n"), {request(0, ACIE_F64)}, 2);
  ASSERT_TRUE(single.ok());
  EXPECT_THAT(presence(*single, 0), ElementsAre(true, false, true, false));
}

TEST(Csv, TablesWithoutRows) {
  for (const char* text : {"a,b", "a,b\n", "a,b\r\n\r\n"}) {
    const auto batches = read_all(*open(text), {request(1, ACIE_F64)}, 10);
    ASSERT_TRUE(batches.ok());
    EXPECT_TRUE(batches->empty()) << text;
  }
}

TEST(Csv, ErrorsNamePlaceAndExpectation) {
  const ColumnRequest first = request(0, ACIE_F64), second = request(1, ACIE_F64);
  EXPECT_EQ(decode_error("a,b\n1,2\n3, x y \n", {first, second}, 1),
            "t.csv, row 2 (line 3), column 'b': 'x y' is not a number");
  EXPECT_EQ(decode_error("a,b\n\"\n1\",2\n", {second, first}),
            "t.csv, row 1 (line 2), column 'a': ' 1' is not a number");
  EXPECT_EQ(decode_error("a,b\n\"x\ny\",2\n4,q\n", {second}),
            "t.csv, row 2 (line 4), column 'b': 'q' is not a number");
  EXPECT_EQ(decode_error("a,b\n1,2,3\n", {first}), "t.csv, row 1 (line 2): has 3 fields, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1\n", {first}), "t.csv, row 1 (line 2): has 1 field, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1,2\n3", {first}), "t.csv, row 2 (line 3): has 1 field, the header has 2");
  EXPECT_EQ(decode_error("a,b\n1,\"2\n", {first}),
            "t.csv, row 1 (line 2): this quoted field is never closed");
  EXPECT_EQ(decode_error("a,b\n1,\"2\"x\n", {first}),
            "t.csv, row 1 (line 2): text follows the closing quote of a field");
  EXPECT_THAT(decode_error("a,b\n1,2\"\n", {first}), HasSubstr("a quote stands inside a field"));
  EXPECT_EQ(decode_error("a\n1.5\n", {request(0, ACIE_I32)}),
            "t.csv, row 1 (line 2), column 'a': '1.5' is not a whole number that fits in 32 bits");
  EXPECT_EQ(decode_error("a\n3000000000\n", {request(0, ACIE_I32)}),
            "t.csv, row 1 (line 2), column 'a': '3000000000' is not a whole number that fits in 32 bits");
  EXPECT_EQ(decode_error("a\n2\n", {request(0, ACIE_BOOL)}),
            "t.csv, row 1 (line 2), column 'a': '2' is not true, false, 1 or 0");
  EXPECT_EQ(decode_error("a\nsb\n", {request(0, ACIE_I32, 1, {"sa", "sc"})}),
            "t.csv, row 1 (line 2), column 'a': 'sb' is not one of 'sa', 'sc'");
  EXPECT_EQ(decode_error("a\n1e999\n", {first}),
            "t.csv, row 1 (line 2), column 'a': '1e999' is not a number");
  EXPECT_EQ(decode_error("a\n1e39\n", {request(0, ACIE_F32)}),
            "t.csv, row 1 (line 2), column 'a': '1e39' is not a number in the range of f32");
  EXPECT_EQ(decode_error("a\n1 2\n", {first}), "t.csv, row 1 (line 2), column 'a': '1 2' is not a number");
  EXPECT_EQ(
      decode_error("a\n9223372036854775808\n", {request(0, ACIE_I64)}),
      "t.csv, row 1 (line 2), column 'a': '9223372036854775808' is not a whole number that fits in 64 bits");
}

TEST(Csv, BlocksSkippingAndRewinding) {
  std::string text = "x,y\n";
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + ",\"" + std::to_string(i) + "\n\"\n";
  auto reader = open(text);
  ASSERT_TRUE(reader->select({request(0, ACIE_I64)}).ok());
  Batch batch;
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(reader->skip_to(37).ok());
    int64_t expected = 37;
    for (;;) {
      const auto block = reader->read(10);
      ASSERT_TRUE(block.ok());
      if (*block == nullptr) break;
      EXPECT_EQ((*block)->first_row, expected);
      EXPECT_EQ((*block)->rows, std::min<int64_t>(10, 100 - expected));
      ASSERT_TRUE(reader->decode(**block, batch).ok());
      EXPECT_EQ(batch.first_row, expected);
      EXPECT_EQ(batch.columns[0].as<int64_t>()[0], expected);
      expected += batch.rows;
    }
    EXPECT_EQ(expected, 100);
    EXPECT_EQ(reader->fraction_read(), 1.0);
    ASSERT_TRUE(reader->rewind().ok());
  }
  ASSERT_TRUE(reader->skip_to(1000).ok());
  EXPECT_EQ(*reader->read(10), nullptr);
}

TEST(Csv, LinesAreCountedAfterSkippingAndRewinding) {
  auto reader = open("x\n1\n\"2\"\nbad\n");
  ASSERT_TRUE(reader->select({request(0, ACIE_F64)}).ok());
  Batch batch;
  for (int pass = 0; pass < 2; ++pass) {
    ASSERT_TRUE(reader->skip_to(2).ok());
    const auto block = reader->read(10);
    ASSERT_TRUE(block.ok());
    EXPECT_EQ(message_of(reader->decode(**block, batch)),
              "t.csv, row 3 (line 4), column 'x': 'bad' is not a number");
    ASSERT_TRUE(reader->rewind().ok());
  }
}

TEST(Csv, AQuoteNeverClosedDoesNotFillMemory) {
  std::string text = "a,b\n1,\"";
  for (int i = 0; i < 3000000; ++i) text += "1,2,3,4,5,6\n";
  const auto batches = read_all(*open(text), {request(0, ACIE_F64)}, 10);
  EXPECT_THAT(message_of(batches.status()),
              HasSubstr("a record longer than 32 MiB; is a quoted field never closed?"));
}

TEST(Csv, OneColumnMayBeReadTwice) {
  const auto batches = read_all(*open("a,b\n1,2\n"),
                                {request(1, ACIE_F64, 10), request(0, ACIE_F64), request(1, ACIE_I32)}, 10);
  ASSERT_TRUE(batches.ok());
  EXPECT_EQ((*batches)[0].columns[0].as<double>()[0], 20);
  EXPECT_EQ((*batches)[0].columns[1].as<double>()[0], 1);
  EXPECT_EQ((*batches)[0].columns[2].as<int32_t>()[0], 2);
}

// The scanner agrees with a state machine over single bytes, however the text is cut.
TEST(RecordScanner, AgreesWithTheObvious) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (unsigned size = random() % 300; size > 0; --size)
      text += "a,\"\n"[random() % (round % 2 == 0 ? 4 : 2) + (round % 2) * 2];
    const int64_t wanted = 1 + random() % 5;
    int64_t left = wanted, lines = 0;
    size_t end = text.size();
    bool inside = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') inside = !inside;
      if (text[i] == '\n') ++lines;
      if (text[i] == '\n' && !inside && --left == 0) {
        end = i + 1;
        break;
      }
    }
    const std::string padded = text + std::string(64, '\n');
    RecordScanner scanner;
    int64_t scanner_left = wanted;
    size_t place = 0;
    while (place < text.size() && scanner_left > 0) {
      const size_t piece = std::min<size_t>(text.size() - place, 1 + random() % 150);
      place += scanner.scan(padded.data() + place, piece, scanner_left);
    }
    EXPECT_EQ(place, end) << text;
    EXPECT_EQ(scanner_left, left) << text;
    EXPECT_EQ(scanner.lines(), lines) << text;
  }
}

// The quick number parser gives strtod's bits or stands back.
TEST(FastNumber, AgreesWithStrtod) {
  std::mt19937_64 random(7);
  std::vector<std::string> texts = {"",       "-",    ".",     "5.",   ".5",  "1e",  "1e-",  "1e+5",
                                    "1.e5",   "--1",  "1-",    "0",    "-0",  "0.0", "1e22", "1e23",
                                    "1e-400", "1e5-", "1..2",  "1e5.", "e5",  "+1",  "0x10", "1 ",
                                    " 1",     "1,2",  "00012", "1E5",  "inf", "nan"};
  char digits[64];
  for (int i = 0; i < 200000; ++i) {
    double value;
    const uint64_t bits = random();
    std::memcpy(&value, &bits, sizeof value);
    if (i % 2 != 0)
      value =
          static_cast<double>(static_cast<int64_t>(bits)) * std::exp2(-static_cast<double>(random() % 70));
    const auto formatted =
        i % 3 == 0 ? std::to_chars(digits, digits + 64, value)
                   : std::to_chars(digits, digits + 64, value, std::chars_format::scientific, random() % 18);
    texts.emplace_back(digits, formatted.ptr);
    std::string noise;
    for (unsigned size = random() % 24; size > 0; --size) noise += "0123456789.e-"[random() % 13];
    texts.push_back(noise);
  }
  size_t quick = 0;
  for (const std::string& text : texts) {
    const std::string padded = text + std::string(kPlainDoublePadding, "-9"[random() % 2]);
    double value = 0;
    if (!parse_plain_double(padded.data(), padded.data() + text.size(), value)) continue;
    ++quick;
    char* end = nullptr;
    const double expected = std::strtod(text.c_str(), &end);
    ASSERT_EQ(*end, '\0') << text;
    ASSERT_EQ(std::memcmp(&value, &expected, sizeof value), 0) << text << " gives " << value;
  }
  EXPECT_GT(quick, texts.size() / 3);
}

TEST(Csv, RealData) {
  const std::string path = shared_data("galaxies/skyserver_sdss_dr14_10000.csv");
  if (path.empty()) return;
  auto reader = open_table(path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  EXPECT_EQ(schema.columns.size(), 18u);
  const auto batches = read_all(
      **reader,
      {request(*find_column(schema, "redshift"), ACIE_F64), request(*find_column(schema, "plate"), ACIE_I32),
       request(*find_column(schema, "class"), ACIE_I32, 1, {"STAR", "GALAXY", "QSO"})},
      777);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_EQ(column<double>(*batches, 0).size(), 10000u);
  EXPECT_EQ(column<double>(*batches, 0)[0], -8.96e-06);
  EXPECT_EQ(column<int32_t>(*batches, 1)[1], 323);
  const std::vector<int32_t> classes = column<int32_t>(*batches, 2);
  EXPECT_EQ(std::count(classes.begin(), classes.end(), 1), 4998);  // galaxies, counted with awk
}

}  // namespace
}  // namespace acie::io

// Reading .npy: headers as NumPy writes them, and hostile ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "runtime/io/NpyReader.h"
#include "runtime/io/PythonLiteral.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string npy(std::string header, const std::string& data, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  header += "\n";
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xFF);
  return bytes + header + data;
}

template <typename T>
std::string raw(std::vector<T> values, bool swapped = false) {
  std::string bytes;
  for (T value : values) {
    char buffer[sizeof(T)];
    std::memcpy(buffer, &value, sizeof(T));
    if (swapped) std::reverse(buffer, buffer + sizeof(T));
    bytes.append(buffer, sizeof(T));
  }
  return bytes;
}

absl::StatusOr<std::vector<Batch>> decode(const std::string& bytes, std::vector<ColumnRequest> requests,
                                          int64_t block = 100) {
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<TableReader> reader, open_npy(memory_source(bytes), "t.npy"));
  return read_all(*reader, std::move(requests), block);
}

std::string error_of(const std::string& bytes) {
  const auto reader = open_npy(memory_source(bytes), "t.npy");
  EXPECT_EQ(failure_of(reader.status()), Failure::BadData);
  return message_of(reader.status());
}

TEST(Npy, PlainArrays) {
  const std::string vector =
      npy("{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }", raw<double>({1.5, NAN, -2}));
  const auto one = decode(vector, {request(0, ACIE_F64, 2)}, 2);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(column<double>(*one, 0)[0], 3);
  EXPECT_THAT(presence(*one, 0), ElementsAre(true, false, true));
  const std::string matrix = npy("{'descr': '>i4', 'fortran_order': False, 'shape': (2, 3), }",
                                 raw<int32_t>({1, 2, 3, 4, 5, -6}, true), 2);
  const auto reader = open_npy(memory_source(matrix), "t.npy");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->schema().rows, 2);
  EXPECT_EQ(*find_column((*reader)->schema(), "c2"), 2);
  const auto batches = read_all(**reader, {request(2, ACIE_I64), request(0, ACIE_F32)}, 1);
  ASSERT_TRUE(batches.ok());
  EXPECT_THAT(column<int64_t>(*batches, 0), ElementsAre(3, -6));
  EXPECT_THAT(column<float>(*batches, 1), ElementsAre(1, 4));
}

TEST(Npy, StructuredArrays) {
  const std::string header =
      "{'descr': [('m', '<f4'), ('h', '<f2'), ('', '|V2'), ('flag', '|b1'), ('n', '>u2'), ('kind', '<U3'), "
      "('tag', '|S4'), "
      "('v', '<f8', (2,)), (('a title', 'u'), '|u1'), ('when', '<M8[ns]'), ('l', '<u8')], 'fortran_order': "
      "False, 'shape': (2,), }";
  std::string data;
  const auto record = [&](float m, uint16_t half, bool flag, uint16_t n, const char* kind, std::string tag,
                          uint8_t u, uint64_t l) {
    data += raw<float>({m}) + raw<uint16_t>({half}) + "xx" + (flag ? '\1' : '\0') + raw<uint16_t>({n}, true);
    for (int i = 0; i < 3; ++i)
      data += raw<uint32_t>({static_cast<uint32_t>(i < static_cast<int>(std::strlen(kind)) ? kind[i] : 0)});
    tag.resize(4, '\0');
    data += tag + std::string(16, '\0') + static_cast<char>(u) + std::string(8, '\0') + raw<uint64_t>({l});
  };
  record(1.25f, 0x3C00, true, 65535, "sb", "abcd", 200, 7);        // half 1.0
  record(-3, 0x8001, false, 1, "sbc", "x", 3, uint64_t{1} << 62);  // half -2^-24
  const std::string bytes = npy(header, data);
  const auto reader = open_npy(memory_source(bytes), "t.npy");
  ASSERT_TRUE(reader.ok()) << reader.status();
  const TableSchema& schema = (*reader)->schema();
  std::vector<std::string> names;
  for (const ColumnSchema& column : schema.columns) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("m", "h", "flag", "n", "kind", "tag", "v", "u", "when", "l"));
  const auto batches =
      read_all(**reader,
               {request(0, ACIE_F64), request(1, ACIE_F64), request(2, ACIE_BOOL), request(3, ACIE_I32),
                request(4, ACIE_I32, 1, {"sb", "sbc"}), request(5, ACIE_I32, 1, {"x", "abcd"}),
                request(7, ACIE_I32), request(9, ACIE_I64)},
               10);
  ASSERT_TRUE(batches.ok()) << batches.status();
  EXPECT_THAT(column<double>(*batches, 0), ElementsAre(1.25, -3));
  EXPECT_THAT(column<double>(*batches, 1), ElementsAre(1, -0x1p-24));
  EXPECT_THAT(column<uint8_t>(*batches, 2), ElementsAre(1, 0));
  EXPECT_THAT(column<int32_t>(*batches, 3), ElementsAre(65535, 1));
  EXPECT_THAT(column<int32_t>(*batches, 4), ElementsAre(0, 1));
  EXPECT_THAT(column<int32_t>(*batches, 5), ElementsAre(1, 0));
  EXPECT_THAT(column<int32_t>(*batches, 6), ElementsAre(200, 3));
  EXPECT_THAT(column<int64_t>(*batches, 7), ElementsAre(7, int64_t{1} << 62));
  EXPECT_THAT(schema.columns[6].shape, ElementsAre(2));
  EXPECT_THAT(schema.columns[8].refusal, HasSubstr("has the type <M8[ns]"));
}

TEST(Npy, WhatIsNoTable) {
  const std::string eight = raw<double>({1});
  EXPECT_EQ(error_of("not numpy at all"), "t.npy is not a .npy file: it does not begin as one");
  EXPECT_EQ(error_of(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", eight)),
            "t.npy is a single value; a table has rows");
  EXPECT_THAT(error_of(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }",
                           eight + eight + eight + eight)),
              HasSubstr("Fortran order"));
  EXPECT_THAT(error_of(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", eight)),
              HasSubstr("type '|O'"));
  EXPECT_THAT(error_of(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", eight, 9)),
              HasSubstr("of version 9"));
  EXPECT_EQ(error_of(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }", eight)),
            "t.npy is cut short: its header promises 2 rows of 8 bytes, the file holds 1");
}

TEST(Npy, HostileHeaders) {
  for (const char* header :
       {"", "{", "{}", "{'descr': '<f8'}", "__import__('os')",
        "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': ('1',)}",
        "{'descr': '<f99999999999999999999', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a',)], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f8', -3)], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [('a', '<f8', (1000000, 1000000, 1000000))], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [(1, '<f8')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': [], 'fortran_order': False, 'shape': (9223372036854775807,)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (9223372036854775807, 99999)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 9223372036854775807)}",
        "{'descr': '|S1048576', 'fortran_order': False, 'shape': (9223372036854775807,)}"})
    EXPECT_THAT(error_of(npy(header, "12345678")), HasSubstr("t.npy")) << header;
  EXPECT_THAT(error_of(npy("{'descr': " + std::string(60000, '('), "")),
              HasSubstr("not a Python dictionary"));
  EXPECT_THAT(error_of(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13)),
              HasSubstr("longer than 1 MiB"));
  EXPECT_THAT(error_of(std::string("\x93NUMPY\x01\x00\xff\x7f{", 11)), HasSubstr("the file ends in it"));
}

TEST(PythonLiteral, WhatIsUnderstood) {
  const auto literal = parse_python_literal("{'a': [1, -2L, (True,)], \"b\\\"\": 'x\\\\y', }");
  ASSERT_TRUE(literal);
  ASSERT_NE(literal->find("a"), nullptr);
  EXPECT_EQ(literal->find("a")->items[1].integer, -2);
  EXPECT_EQ(literal->find("a")->items[2].items[0].kind, PythonLiteral::Kind::Boolean);
  EXPECT_EQ(literal->find("b\"")->text, "x\\y");
  for (const char* bad :
       {"", "[1", "[1 2]", "{1: 2}", "{'a' 1}", "'a", "f()", "1 2", "99999999999999999999", "'\\x41'"})
    EXPECT_FALSE(parse_python_literal(bad)) << bad;
}

}  // namespace
}  // namespace acie::io

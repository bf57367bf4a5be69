// Reading and writing .safetensors: what is written reads back, weights are not read before use, hostile headers are refused.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "runtime/io/Safetensors.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::string file_of(const std::string& header, const std::string& data = "") {
  uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
  return bytes + header + data;
}

template <typename T>
NamedTensor tensor(std::string name, TensorType type, std::vector<int64_t> shape, const std::vector<T>& values) {
  return {std::move(name), {type, std::move(shape), reinterpret_cast<const std::byte*>(values.data())}};
}

std::string error_of(const std::string& bytes) {
  const auto file = Safetensors::from_memory(bytes, "w.safetensors");
  EXPECT_EQ(failure_of(file.status()), Failure::BadData) << file.status();
  return message_of(file.status());
}

TEST(Safetensors, ReadsWhatTheFormatDescribes) {
  // Spaces after the header, metadata, an empty tensor and one number.
  const std::string bytes = file_of(
      R"({"__metadata__":{"format":"pt"},"b":{"shape":[2,1],"dtype":"F32","data_offsets":[8,16]},)"
      R"("a.weight":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"none":{"dtype":"BF16","shape":[3,0],"data_offsets":[8,8]}}   )",
      std::string("\x05\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\0\xc0", 16));
  const auto file = Safetensors::from_memory(bytes, "w.safetensors");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT((*file)->metadata(), ElementsAre(Pair("format", "pt")));
  std::vector<std::string> names;
  for (const NamedTensor& tensor : (*file)->tensors()) names.push_back(tensor.name);
  EXPECT_THAT(names, ElementsAre("a.weight", "b", "none"));
  const TensorView* const number = (*file)->find("a.weight");
  ASSERT_NE(number, nullptr);
  EXPECT_EQ(number->type, TensorType::I64);
  EXPECT_TRUE(number->shape.empty());
  int64_t value = 0;
  std::memcpy(&value, number->data, sizeof value);
  EXPECT_EQ(value, 5);
  float floats[2];
  std::memcpy(floats, (*file)->find("b")->data, sizeof floats);
  EXPECT_THAT(floats, ElementsAre(1, -2));
  EXPECT_EQ((*file)->find("none")->elements(), 0);
  EXPECT_EQ((*file)->find("c"), nullptr);
  EXPECT_TRUE(Safetensors::from_memory(file_of("{}"), "empty").ok());
}

TEST(Safetensors, RoundTrip) {
  const TemporaryFile file("w.safetensors", "old");
  const std::vector<uint8_t> bytes = {1, 0, 7};
  const std::vector<double> doubles = {0.1, -0.0, std::numeric_limits<double>::infinity(), 1e-310};
  const std::vector<uint16_t> halves = {0x3C00, 0x8001};
  const std::vector<float> floats = {0.1f};
  const std::vector<NamedTensor> tensors = {tensor("bytes", TensorType::U8, {3}, bytes),
                                            tensor("net.layer \"1\".w", TensorType::F64, {2, 2}, doubles),
                                            tensor("h", TensorType::F16, {2}, halves),
                                            tensor("größe", TensorType::F32, {}, floats)};
  ASSERT_TRUE(write_safetensors(file.path(), tensors, {{"made by", "a \"fit\"\n"}}).ok());
  const auto back = Safetensors::open(file.path());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT((*back)->metadata(), ElementsAre(Pair("made by", "a \"fit\"\n")));
  ASSERT_EQ((*back)->tensors().size(), tensors.size());
  for (const NamedTensor& written : tensors) {
    const TensorView* const read = (*back)->find(written.name);
    ASSERT_NE(read, nullptr) << written.name;
    EXPECT_EQ(read->type, written.view.type);
    EXPECT_EQ(read->shape, written.view.shape);
    EXPECT_TRUE(read->aligned()) << written.name;
    EXPECT_EQ(std::memcmp(read->data, written.view.data, read->bytes()), 0) << written.name;
  }
  EXPECT_EQ(reinterpret_cast<uintptr_t>((*back)->find("net.layer \"1\".w")->data) % 64, 0u);
  EXPECT_EQ((*back)->find("net.layer \"1\".w")->as<double>()[3], 1e-310);
}

TEST(Safetensors, WhatCannotBeWrittenLeavesTheOldFile) {
  const TemporaryFile file("w.safetensors", "old");
  const std::vector<float> one = {1};
  const NamedTensor good = tensor("a", TensorType::F32, {}, one);
  EXPECT_EQ(failure_of(write_safetensors(file.path(), std::vector{good, good})), Failure::Usage);
  EXPECT_EQ(failure_of(write_safetensors(file.path(), std::vector{tensor("__metadata__", TensorType::F32, {}, one)})),
            Failure::Usage);
  EXPECT_EQ(failure_of(write_safetensors(file.path(), std::vector{tensor("\xff", TensorType::F32, {}, one)})), Failure::Usage);
  EXPECT_EQ(file.bytes(), "old");
}

// How many pages of [data, data + size) the system holds in memory.
int64_t pages_in_memory(const std::byte* data, size_t size) {
  const uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(data) / page * page;
  const size_t length = reinterpret_cast<uintptr_t>(data) + size - begin;
  std::vector<unsigned char> resident((length + page - 1) / page);
  if (::mincore(reinterpret_cast<void*>(begin), length, resident.data()) != 0) return -1;
  int64_t count = 0;
  for (unsigned char state : resident) count += state & 1;
  return count;
}

TEST(Safetensors, OpeningAGigabyteReadsNoneOfIt) {
  const uint64_t size = uint64_t{1} << 30;
  const std::string header = R"({"w":{"dtype":"F32","shape":[16384,16384],"data_offsets":[0,1073741824]}})";
  const TemporaryFile file("w.safetensors", file_of(header));
  ASSERT_EQ(::truncate(file.path().c_str(), static_cast<off_t>(8 + header.size() + size)), 0);  // a hole: no disk is used
  const auto opened = Safetensors::open(file.path());
  ASSERT_TRUE(opened.ok()) << opened.status();
  const TensorView* const weights = (*opened)->find("w");
  ASSERT_NE(weights, nullptr);
  const int64_t before = pages_in_memory(weights->data, size);
  // The header's own page holds the first weights. A system may read a little ahead of it, not more.
  EXPECT_GE(before, 0);
  EXPECT_LE(before, 64);
  const size_t middle = size / 2;
  EXPECT_EQ(weights->data[middle], std::byte{0});
  EXPECT_GE(pages_in_memory(weights->data + middle, 1), 1);
}

TEST(Safetensors, FilesThatAreNone) {
  EXPECT_THAT(error_of(""), HasSubstr("only 0 bytes"));
  EXPECT_THAT(error_of("1234567"), HasSubstr("only 7 bytes"));
  EXPECT_THAT(error_of(std::string(8, '\xff')), HasSubstr("100 MB are the most"));
  EXPECT_THAT(error_of(file_of("{}").substr(0, 9)), HasSubstr("is cut short"));
  EXPECT_THAT(message_of(Safetensors::open("/nowhere/w.safetensors").status()), HasSubstr("cannot open"));
  EXPECT_THAT(message_of(Safetensors::open("/tmp").status()), HasSubstr("not an ordinary file"));
}

TEST(Safetensors, HostileHeaders) {
  const std::string eight(8, '\0');
  const auto one = [&](const std::string& fields) { return error_of(file_of("{\"t\":{" + fields + "}}", eight)); };
  const std::pair<const char*, const char*> fields[] = {
      {R"("dtype":"F64","shape":[1],"data_offsets":[0,16])", "cut short or the header is wrong"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[0,18446744073709551615])", "cut short"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[0,18446744073709551616])", "a fraction is out of place"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[8,0])", "does not fill"},
      {R"("dtype":"F64","shape":[2],"data_offsets":[0,8])", "does not fill"},
      {R"("dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,8])", "does not fill"},
      {R"("dtype":"U8","shape":[9223372036854775807,2,0],"data_offsets":[0,0])", "does not fill"},
      {R"("dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,8])", "too large"},
      {R"("dtype":"F64","shape":[-1],"data_offsets":[0,8])", "a negative number is out of place near 't'"},
      {R"("dtype":"F64","shape":[1.5],"data_offsets":[0,8])", "a fraction"},
      {R"("dtype":"F64","shape":[[1]],"data_offsets":[0,8])", "a list is out of place"},
      {R"("dtype":"F64","shape":1,"data_offsets":[0,8])", "a number is out of place"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[0,4,8])", "more than two"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[0])", "lacks"},
      {R"("dtype":"F64","shape":[1])", "lacks dtype, shape or data_offsets"},
      {R"("dtype":"F7","shape":[1],"data_offsets":[0,8])", "the type 'F7', which is not supported"},
      {R"("dtype":8,"shape":[1],"data_offsets":[0,8])", "a number is out of place"},
      {R"("dtype":"F64","dtype":"F64","shape":[1],"data_offsets":[0,8])", "two fields 'dtype'"},
      {R"("dtype":"F64","shape":[1],"shape":[1],"data_offsets":[0,8])", "two fields 'shape'"},
      {R"("dtype":"F64","shape":[1],"data_offsets":[0,8],"extra":{})", "unknown field 'extra'"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[0,4])", "its tensors end at byte 4, the file at 8"},
      {R"("dtype":"F32","shape":[1],"data_offsets":[4,8])", "no tensor holds the bytes 0 to 4"},
  };
  for (const auto& [text, expected] : fields) EXPECT_THAT(one(text), HasSubstr(expected)) << text;
  std::string ranks = "1";
  for (int i = 0; i < 40; ++i) ranks += ",1";
  EXPECT_THAT(one("\"dtype\":\"F64\",\"shape\":[" + ranks + "],\"data_offsets\":[0,8]"), HasSubstr("dimensions"));

  const std::string t = R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  const std::string u = R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})";
  EXPECT_THAT(error_of(file_of("{\"t\":" + t + ",\"t\":" + u + "}", eight)), HasSubstr("two tensors are called 't'"));
  EXPECT_THAT(error_of(file_of("{\"t\":" + t + ",\"u\":" + t + "}", eight)), HasSubstr("overlaps another"));
  EXPECT_THAT(error_of(file_of(R"({"t":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"u":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", eight)),
              HasSubstr("'u' overlaps"));
  const std::pair<std::string, const char*> headers[] = {
      {"", "does not begin with '{'"},
      {" {}", "does not begin with '{'"},
      {"[]", "does not begin with '{'"},
      {"{", "no JSON at byte"},
      {"{} {}", "no JSON at byte"},
      {"{\"\xff\":{}}", "no JSON at byte"},
      {R"({"t":1})", "a number is out of place near 't'"},
      {R"({"t":null})", "null is out of place"},
      {R"({"t":[]})", "a list is out of place"},
      {R"({"__metadata__":1})", "a number is out of place"},
      {R"({"__metadata__":{"a":1}})", "a number is out of place"},
      {R"({"__metadata__":{"a":{}}})", "an object is out of place"},
      {R"({"__metadata__":{"a":"x","a":"y"}})", "gives a name twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", "given twice"},
  };
  for (const auto& [header, expected] : headers) EXPECT_THAT(error_of(file_of(header)), HasSubstr(expected)) << header;
  std::string deep = "{\"a\":";
  for (int i = 0; i < 1000000; ++i) deep += "{\"a\":";
  EXPECT_THAT(error_of(file_of(deep)), HasSubstr("unknown field 'a'"));
  EXPECT_THAT(error_of(file_of("{\"" + std::string(1000, 'n') + "\x1f\":1}")), HasSubstr("no JSON"));
  EXPECT_LT(error_of(file_of("{\"" + std::string(100000, 'n') + "\":1}")).size(), 300u);
}

TEST(Safetensors, EveryByteOfAHeaderMayBeWrong) {
  const std::string header = R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[],"data_offsets":[8,9]}})";
  const std::string good = file_of(header, std::string(9, '\1'));
  ASSERT_TRUE(Safetensors::from_memory(good, "w").ok());
  std::mt19937 random(7);
  int accepted = 0;
  for (size_t place = 0; place < good.size(); ++place)
    for (int attempt = 0; attempt < 40; ++attempt) {
      std::string bytes = good;
      bytes[place] = static_cast<char>(random());
      const auto file = Safetensors::from_memory(bytes, "w");
      if (!file.ok()) continue;
      ++accepted;
      for (const NamedTensor& tensor : (*file)->tensors())
        EXPECT_LE(tensor.view.data + tensor.view.bytes(), reinterpret_cast<const std::byte*>(bytes.data() + bytes.size()));
    }
  EXPECT_GT(accepted, 0);
}

}  // namespace
}  // namespace acie::io

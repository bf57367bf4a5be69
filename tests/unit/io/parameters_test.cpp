// Parameters by name: which source wins, exact conversion, tensors where they lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <limits>

#include "runtime/io/ParameterStore.h"
#include "tests/unit/io/Tables.h"

namespace acie::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

template <typename T>
std::string write(const TemporaryFile& file, std::string name, TensorType type, std::vector<int64_t> shape,
                  const std::vector<T>& values) {
  const NamedTensor tensor{std::move(name), {type, std::move(shape), reinterpret_cast<const std::byte*>(values.data())}};
  EXPECT_TRUE(write_safetensors(file.path(), std::vector{tensor}).ok());
  return file.path();
}

TEST(ParameterStore, LaterSourcesWin) {
  const TemporaryFile json("p.json", R"({"a": 1, "Galaxy": {"b": 2.5, "on": true}, "c": 4})");
  const TemporaryFile weights("w.safetensors");
  ParameterStore store;
  ASSERT_TRUE(store.add_file(json.path()).ok());
  ASSERT_TRUE(store.add_file(write<double>(weights, "a", TensorType::F64, {1}, {3})).ok());
  store.set("c", 9, "--set");
  EXPECT_EQ(**store.scalar("a", ACIE_F64), 3);
  EXPECT_EQ(**store.scalar("Galaxy.b", ACIE_F64), 2.5);
  EXPECT_EQ(**store.scalar("Galaxy.on", ACIE_BOOL), 1);
  EXPECT_EQ(**store.scalar("c", ACIE_I64), 9);
  EXPECT_FALSE(store.scalar("Galaxy", ACIE_F64)->has_value());
  EXPECT_EQ(store.lookup("b"), nullptr);
  EXPECT_THAT(store.names(), ElementsAre("Galaxy.b", "Galaxy.on", "a", "c"));
  EXPECT_EQ(store.source("a"), weights.path());
  EXPECT_EQ(store.source("c"), "--set");
}

TEST(ParameterStore, TypedValuesAreConvertedExactlyOrNotAtAll) {
  const auto convert = [](auto value, TensorType type, acie_dtype wanted) {
    const TemporaryFile file("w.safetensors");
    ParameterStore store;
    EXPECT_TRUE(store.add_file(write(file, "a", type, {}, std::vector{value})).ok());
    return store.scalar("a", wanted);
  };
  EXPECT_EQ(**convert(0.1f, TensorType::F32, ACIE_F64), static_cast<double>(0.1f));
  EXPECT_EQ(**convert(uint16_t{0x3DCD}, TensorType::BF16, ACIE_F64), 0x1.9ap-4);
  EXPECT_EQ(**convert(uint16_t{0x3E00}, TensorType::F16, ACIE_F32), 1.5);
  EXPECT_EQ(**convert(2.0, TensorType::F64, ACIE_I32), 2);
  EXPECT_EQ(**convert(int8_t{-3}, TensorType::I8, ACIE_I64), -3);
  EXPECT_EQ(**convert(int64_t{1} << 53, TensorType::I64, ACIE_F64), 0x1p53);
  EXPECT_TRUE(std::isnan(**convert(std::nan(""), TensorType::F64, ACIE_F32)));
  EXPECT_EQ(**convert(uint8_t{1}, TensorType::Bool, ACIE_BOOL), 1);
  const auto refused = [](const absl::StatusOr<std::optional<double>>& result) {
    EXPECT_EQ(failure_of(result.status()), Failure::Usage);
    return message_of(result.status());
  };
  EXPECT_THAT(refused(convert(0.1, TensorType::F64, ACIE_F32)), HasSubstr("element 0, 0.1, is not exactly of type f32"));
  EXPECT_THAT(refused(convert(1e300, TensorType::F64, ACIE_F32)), HasSubstr("1e+300"));
  EXPECT_THAT(refused(convert(2.5, TensorType::F64, ACIE_I32)), HasSubstr("2.5"));
  EXPECT_THAT(refused(convert(0x1p63, TensorType::F64, ACIE_I64)), HasSubstr("i64"));
  EXPECT_THAT(refused(convert(std::nan(""), TensorType::F64, ACIE_I64)), HasSubstr("nan"));
  EXPECT_THAT(refused(convert((int64_t{1} << 53) + 1, TensorType::I64, ACIE_F64)), HasSubstr("9007199254740993"));
  EXPECT_THAT(refused(convert(std::numeric_limits<int64_t>::max(), TensorType::I64, ACIE_F64)), HasSubstr("f64"));
  EXPECT_THAT(refused(convert(uint64_t{1} << 63, TensorType::U64, ACIE_I64)), HasSubstr("i64"));
  EXPECT_THAT(refused(convert(uint8_t{2}, TensorType::U8, ACIE_BOOL)), HasSubstr("a bool, 0 or 1"));
}

TEST(ParameterStore, DecimalsAreRounded) {
  ParameterStore store;
  ASSERT_TRUE(store.add_json(R"({"a": 0.1, "n": 16777217, "big": 1e300, "half": 0.5, "huge": 18446744073709551615})", "p.json").ok());
  EXPECT_EQ(**store.scalar("a", ACIE_F32), static_cast<double>(0.1f));
  EXPECT_EQ(**store.scalar("n", ACIE_F32), 16777216);
  EXPECT_EQ(**store.scalar("huge", ACIE_F64), 0x1p64);
  EXPECT_FALSE(store.scalar("big", ACIE_F32).ok());
  EXPECT_FALSE(store.scalar("half", ACIE_I64).ok());
}

TEST(ParameterStore, TensorsLieWhereTheyAre) {
  const TemporaryFile file("w.safetensors");
  ParameterStore store;
  ASSERT_TRUE(store.add_file(write<float>(file, "w", TensorType::F32, {2, 3}, {1, 2, 3, 4, 5, 0.5})).ok());
  const int64_t shape[] = {2, 3};
  const auto same = store.tensor("w", TensorType::F32, shape);
  ASSERT_TRUE(same.ok() && same->has_value());
  EXPECT_EQ((*same)->data, store.lookup("w")->data);
  const auto wider = store.tensor("w", TensorType::F64, shape);
  ASSERT_TRUE(wider.ok() && wider->has_value());
  EXPECT_THAT((*wider)->as<double>(), ElementsAre(1, 2, 3, 4, 5, 0.5));
  EXPECT_THAT(message_of(store.tensor("w", TensorType::I32, shape).status()), HasSubstr("element 5, 0.5"));
  const int64_t other[] = {3, 2};
  EXPECT_THAT(message_of(store.tensor("w", TensorType::F32, other).status()),
              HasSubstr("the value of w has the shape [2, 3]; the program needs [3, 2]"));
  EXPECT_THAT(message_of(store.scalar("w", ACIE_F64).status()), HasSubstr("a single number is needed"));
  EXPECT_FALSE(store.tensor("v", TensorType::F32, shape)->has_value());
}

TEST(ParameterStore, UnalignedTensorsAreCopied) {
  // 'b' lies at an odd byte.
  std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  uint64_t length = header.size();
  const float values[] = {1.5f, -2};
  AlignedBuffer bytes;
  bytes.resize(8 + header.size() + 9);
  std::memcpy(bytes.chars(), &length, 8);
  std::memcpy(bytes.chars() + 8, header.data(), header.size());
  bytes.chars()[8 + header.size()] = 1;
  std::memcpy(bytes.chars() + 9 + header.size(), values, sizeof values);
  const auto file = Safetensors::from_memory({bytes.chars(), bytes.size()}, "w");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_FALSE((*file)->find("b")->aligned());
  ParameterStore store;
  store.add_tensors(*file, "w");
  const int64_t shape[] = {2};
  const auto view = store.tensor("b", TensorType::F32, shape);
  ASSERT_TRUE(view.ok() && view->has_value());
  EXPECT_TRUE((*view)->aligned());
  EXPECT_THAT((*view)->as<float>(), ElementsAre(1.5f, -2));
}

TEST(ParameterStore, JsonTensors) {
  ParameterStore store;
  ASSERT_TRUE(store.add_json(R"({"w": [[1, 2, 3], [4, 5.5, 6]], "n": [1, 2], "none": [], "m": [true, false]})", "p.json").ok());
  EXPECT_THAT(store.lookup("w")->shape, ElementsAre(2, 3));
  EXPECT_THAT(store.lookup("w")->as<double>(), ElementsAre(1, 2, 3, 4, 5.5, 6));
  EXPECT_THAT(store.lookup("n")->as<int64_t>(), ElementsAre(1, 2));
  EXPECT_THAT(store.lookup("none")->shape, ElementsAre(0));
  EXPECT_EQ(store.lookup("m")->type, TensorType::Bool);
  for (const char* bad : {"[1]", "", "{", R"({"a": "x"})", R"({"a": null})", R"({"a": [1, [2]]})", R"({"a": [[1, 2], [3]]})",
                          R"({"a": [true, 1]})", R"({"a": [1, {"b": 2}]})", R"({"a": [[], 1]})"})
    EXPECT_EQ(failure_of(store.add_json(bad, "p.json")), Failure::Usage) << bad;
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  EXPECT_THAT(message_of(store.add_json(deep + "1" + std::string(100000, '}'), "p.json")), HasSubstr("64 deep"));
  EXPECT_EQ(failure_of(store.add_json("{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}", "p.json")),
            Failure::Usage);
}

}  // namespace
}  // namespace acie::io

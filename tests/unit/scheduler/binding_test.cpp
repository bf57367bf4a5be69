// Columns of a file against the inputs of an entry: names and units.

#include "runtime/scheduler/Binding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Binding : public ::testing::Test {
 protected:
  Binding() {
    schema_.source = "t.fits";
    for (const char* name : {"other", "B_COLUMN", "a"}) {
      io::ColumnSchema column;
      column.name = name;
      schema_.columns.push_back(column);
    }
    entry_.columns[0].unit = *units::parse_unit("pc", units::astro_units());
  }
  absl::StatusOr<TableBinding> bind(const std::map<std::string, std::string>& binds = {}) {
    return bind_table(entry_, program_units_, schema_, binds);
  }

  package::Entry entry_ = testing::line_entry();
  io::TableSchema schema_;
  units::UnitTable program_units_ = units::UnitTable::si();
};

TEST_F(Binding, ByDefaultByNameAndByWish) {
  auto binding = bind();
  ASSERT_TRUE(binding.ok()) << binding.status();
  EXPECT_EQ(binding->columns[0].column, 2);  // a, by name
  EXPECT_EQ(binding->columns[1].column, 1);  // b, from "B_COLUMN"
  EXPECT_EQ(bind({{"b", "other"}})->columns[1].column, 0);
  EXPECT_EQ(failure_of(bind({{"b", "nothing"}}).status()), Failure::Usage);
  EXPECT_EQ(failure_of(bind({{"c", "other"}}).status()), Failure::Usage);
  schema_.columns.pop_back();
  EXPECT_EQ(failure_of(bind().status()), Failure::BadData);
}

TEST_F(Binding, ConvertsUnits) {
  EXPECT_EQ(bind()->columns[0].factor, 1);
  schema_.columns[2].unit_text = "kpc";  // not among the program's units, but the astronomer's
  EXPECT_EQ(bind()->columns[0].factor, 1000);
  EXPECT_THAT(bind()->warnings, IsEmpty());
}

TEST_F(Binding, ProgramUnitsComeFirst) {
  program_units_.replace("kpc", *units::parse_unit("m", program_units_), false);
  schema_.columns[2].unit_text = "kpc";
  EXPECT_LT(bind()->columns[0].factor, 1e-16);
}

TEST_F(Binding, UnknownUnitsWarnAndOthersFail) {
  schema_.columns[2].unit_text = "furlongs";
  const auto unknown = bind();
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->columns[0].factor, 1);
  EXPECT_THAT(unknown->warnings, ElementsAre(HasSubstr("t.fits, column a: unknown unit")));
  schema_.columns[2].unit_text = "km/s";
  const auto incompatible = bind();
  EXPECT_EQ(failure_of(incompatible.status()), Failure::BadData);
  EXPECT_THAT(message_of(incompatible.status()), HasSubstr("is in km/s, which cannot be converted to pc, the unit of a"));
}

// An input that is element 2 of a vector a of three, whose column is called VEC.
void make_vector(package::ColumnInput& input) {
  input.name = "a[2]";
  input.column = "VEC[2]";
  input.vector = {"a", {3}, 2};
  input.vector_column = "VEC";
}

TEST_F(Binding, ElementsOfVectors) {
  make_vector(entry_.columns[0]);
  const auto add = [&](const char* name, std::vector<int64_t> shape) {
    io::ColumnSchema column;
    column.name = name;
    column.shape = std::move(shape);
    schema_.columns.push_back(std::move(column));
  };
  const auto place = [&](const std::map<std::string, std::string>& binds = {}) {
    const auto bound = bind(binds);
    EXPECT_TRUE(bound.ok()) << bound.status();
    return bound.ok() ? std::pair(schema_.columns[bound->columns[0].column].name, bound->columns[0].element) : std::pair(std::string(), int64_t{0});
  };
  schema_.columns.pop_back();  // "a", a number
  EXPECT_THAT(message_of(bind().status()), HasSubstr("t.fits has no column 'VEC' of vectors of shape [3] for 'a', nor columns 'VEC[2]', …; name one with --bind COLUMN=a"));
  add("VEC", {3});
  EXPECT_EQ(place(), std::pair(std::string("VEC"), int64_t{2}));
  add("second", {3});
  EXPECT_EQ(place({{"a", "second"}}), std::pair(std::string("second"), int64_t{2}));
  EXPECT_EQ(place({{"a[2]", "second[0]"}}), std::pair(std::string("second"), int64_t{0}));
  add("n[0]", {});
  add("n[2]", {});
  EXPECT_EQ(place({{"a", "n"}}), std::pair(std::string("n[2]"), int64_t{0}));
  add("wide", {4});
  EXPECT_EQ(failure_of(bind({{"a", "wide"}}).status()), Failure::BadData);
  EXPECT_EQ(message_of(bind({{"a", "wide"}}).status()), "t.fits, column 'wide' holds vectors of shape [4], and a has the shape [3]");
  EXPECT_EQ(message_of(bind({{"a", "other"}}).status()), "t.fits, column 'other' holds one number, and a has the shape [3]");
  EXPECT_EQ(failure_of(bind({{"a", "nothing"}}).status()), Failure::Usage);
  EXPECT_EQ(failure_of(bind({{"b", "VEC"}}).status()), Failure::BadData);
  EXPECT_EQ(bind({{"b", "VEC[1]"}})->columns[1].element, 1);
  entry_.columns[0].vector->shape = {3, 1};
  EXPECT_EQ(place(), std::pair(std::string("VEC"), int64_t{2}));  // a file without shapes gives vectors alone
  schema_.columns.back().shape = {1, 3};
  EXPECT_THAT(message_of(bind({{"a", "wide"}}).status()), HasSubstr("vectors of shape [1, 3], and a has the shape [3, 1]"));
  entry_.columns[0].vector->shape = {3};
  add("VEC[2]", {});  // a column of its own goes before
  EXPECT_EQ(place(), std::pair(std::string("VEC[2]"), int64_t{0}));
}

// A tensor whose first axis the file splits into columns, or the program into variables.
TEST_F(Binding, ElementsOfTensorsSplitElsewhere) {
  package::ColumnInput& input = entry_.columns[0];
  const auto add = [&](const char* name, std::vector<int64_t> shape) {
    io::ColumnSchema column;
    column.name = name;
    column.shape = std::move(shape);
    schema_.columns.push_back(std::move(column));
  };
  const auto place = [&] {
    const auto binding = bind();
    EXPECT_TRUE(binding.ok()) << binding.status();
    if (!binding.ok()) return std::pair(std::string(), int64_t{-1});
    return std::pair(schema_.columns[static_cast<size_t>(binding->columns[0].column)].name, binding->columns[0].element);
  };
  schema_.columns.pop_back();
  const io::TableSchema others = schema_;
  input.name = input.column = "a[1,2]";
  input.vector = {"a", {2, 3}, 5};
  input.vector_column = "a";
  add("a[0]", {3});
  add("a[1]", {3});
  EXPECT_EQ(place(), std::pair(std::string("a[1]"), int64_t{2}));
  schema_ = others;
  add("a[1]", {4});
  EXPECT_EQ(failure_of(bind().status()), Failure::BadData);
  schema_ = others;
  add("a[1][2]", {});
  EXPECT_EQ(place(), std::pair(std::string("a[1][2]"), int64_t{0}));
  input.name = input.column = "a[1][2]";
  input.vector = {"a[1]", {3}, 2};
  input.vector_column = "a[1]";
  schema_ = others;
  add("a[1,2]", {});
  EXPECT_EQ(place(), std::pair(std::string("a[1,2]"), int64_t{0}));
  schema_ = others;
  add("a", {2, 3});
  EXPECT_EQ(place(), std::pair(std::string("a"), int64_t{5}));
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{1, 3}, {2, 4}, {6}}) {
    schema_ = others;
    add("a", shape);
    EXPECT_EQ(failure_of(bind().status()), Failure::BadData);
  }
}

TEST_F(Binding, AskedColumnsMayBeAbsent) {
  entry_ = testing::asked_entry();
  const auto binding = bind();
  ASSERT_TRUE(binding.ok()) << binding.status();
  EXPECT_EQ(binding->columns[1].column, -1);
}

}  // namespace
}  // namespace acie::scheduler

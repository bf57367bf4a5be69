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

TEST_F(Binding, AskedColumnsMayBeAbsent) {
  entry_ = testing::asked_entry();
  const auto binding = bind();
  ASSERT_TRUE(binding.ok()) << binding.status();
  EXPECT_EQ(binding->columns[1].column, -1);
}

}  // namespace
}  // namespace acie::scheduler

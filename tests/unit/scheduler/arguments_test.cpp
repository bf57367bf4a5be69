#include "runtime/scheduler/Arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::scheduler {
namespace {

using ::testing::HasSubstr;
using Kind = Arguments::Kind;

package::Entry entry_with(package::ScalarInput::Role role, acie_dtype dtype = ACIE_F64) {
  package::Entry entry = testing::line_entry();
  entry.scalars[0].role = role;
  entry.scalars[0].dtype = dtype;
  entry.scalars[0].default_value.reset();
  return entry;
}

TEST(Arguments, DefaultsHoldUntilSet) {
  const package::Entry entry = testing::line_entry();
  Arguments arguments(entry);
  EXPECT_EQ((*arguments.finish(0))[0].f64, 2);
  EXPECT_TRUE(arguments.set(Kind::Set, "factor", 3).ok());
  EXPECT_EQ((*arguments.finish(0))[0].f64, 3);
}

TEST(Arguments, WhatHasNoDefaultMustBeSet) {
  const package::Entry entry = entry_with(package::ScalarInput::Role::Learn);
  Arguments arguments(entry);
  EXPECT_THAT(message_of(arguments.finish(0).status()), HasSubstr("needs a value for factor"));
  EXPECT_TRUE(*arguments.set_if_known("factor", 1));
  EXPECT_FALSE(*arguments.set_if_known("other", 1));
  EXPECT_TRUE(arguments.finish(0).ok());
}

TEST(Arguments, LearntParametersStartFromTheSeedAndTheirName) {
  package::Entry entry = entry_with(package::ScalarInput::Role::Learn);
  entry.scalars[0].initial = package::ScalarInput::Initial::Uniform;
  entry.scalars[0].width = 0.5;
  entry.scalars[0].low = -1;
  Arguments arguments(entry);
  EXPECT_EQ(arguments.drawn(), 1u);
  double sum = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const double value = (*arguments.finish(seed))[0].f64;
    EXPECT_LE(std::abs(value), 0.5);
    EXPECT_EQ((*arguments.finish(seed))[0].f64, value);
    sum += value;
  }
  EXPECT_LT(std::abs(sum / 1000), 5 * 0.5 / std::sqrt(3 * 1000));  // five standard errors of a uniform law
  EXPECT_NE((*arguments.finish(0))[0].f64, (*arguments.finish(1))[0].f64);
  EXPECT_TRUE(arguments.set(Kind::Set, "factor", 0.75).ok());
  EXPECT_EQ(arguments.drawn(), 0u);
  EXPECT_EQ((*arguments.finish(0))[0].f64, 0.75);
}

TEST(Arguments, NamesAreOfAKind) {
  const package::Entry entry = entry_with(package::ScalarInput::Role::Given);
  Arguments arguments(entry);
  const absl::Status status = arguments.set(Kind::Set, "factor", 1);
  EXPECT_EQ(failure_of(status), Failure::Usage);
  EXPECT_THAT(message_of(status), HasSubstr("it can set nothing"));
  EXPECT_THAT(message_of(arguments.set(Kind::Given, "fctor", 1)), HasSubstr("it can set factor"));
  EXPECT_TRUE(arguments.set(Kind::Given, "factor", 1).ok());
}

TEST(Arguments, RangesAndTypesAreChecked) {
  const package::Entry ranged = testing::line_entry();
  Arguments arguments(ranged);
  EXPECT_THAT(message_of(arguments.set(Kind::Set, "factor", -1)), HasSubstr("outside its declared range"));
  EXPECT_FALSE(arguments.set(Kind::Set, "factor", std::numeric_limits<double>::quiet_NaN()).ok());
  const package::Entry whole = entry_with(package::ScalarInput::Role::Argument, ACIE_I32);
  Arguments integers(whole);
  EXPECT_FALSE(integers.set(Kind::Set, "factor", 1.5).ok());
  EXPECT_FALSE(integers.set(Kind::Set, "factor", 3e9).ok());
  EXPECT_TRUE(integers.set(Kind::Set, "factor", 7).ok());
  EXPECT_EQ((*integers.finish(0))[0].i32, 7);
  const package::Entry flag = entry_with(package::ScalarInput::Role::Argument, ACIE_BOOL);
  Arguments flags(flag);
  EXPECT_FALSE(flags.set(Kind::Set, "factor", 2).ok());
  EXPECT_TRUE(flags.set(Kind::Set, "factor", 1).ok());
}

TEST(Arguments, AskedColumnsAreSetByDo) {
  const package::Entry entry = testing::asked_entry();
  Arguments arguments(entry);
  EXPECT_TRUE(arguments.set(Kind::Do, "x", 4).ok());
  EXPECT_EQ(arguments.asked().at("do.x"), 4);
  EXPECT_THAT(message_of(arguments.set(Kind::Do, "a", 4)), HasSubstr("it can set x"));
}

}  // namespace
}  // namespace acie::scheduler

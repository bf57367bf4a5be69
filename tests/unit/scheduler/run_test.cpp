// Whole runs over arrays: what comes out, and that it has the same bits however it is computed.

#include "runtime/scheduler/Run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

#include "runtime/scheduler/Arguments.h"
#include "runtime/scheduler/ArrayStream.h"
#include "runtime/scheduler/Engine.h"
#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Columns = std::vector<std::vector<double>>;

class Run : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto package = package::Package::parse(testing::test_package(), testing::trust_all());
    ASSERT_TRUE(package.ok()) << package.status();
    auto engine = Engine::load(*std::move(package));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *engine;
  }
  static void TearDownTestSuite() { engine_.reset(); }

  /// Runs `name` over `columns`, which are in the order of the entry's inputs.
  absl::StatusOr<RunSummary> run(const std::string& name, const Columns& columns, RunOptions options = {}) {
    program_ = *engine_->program(name);
    const package::Entry& entry = program_->entry();
    Arguments arguments(entry);
    for (const auto& [asked, value] : asked_) EXPECT_TRUE(arguments.set(Arguments::Kind::Do, asked, value).ok());
    options.constants.scalars = *arguments.finish(0);
    std::unique_ptr<TileSource> source;
    if (entry.reads_table) {
      std::vector<BoundArray> arrays(entry.columns.size());
      for (size_t i = 0; i < columns.size(); ++i) arrays[i].raw.data = columns[i].data();
      source = array_source(entry, arrays, static_cast<int64_t>(columns[0].size()), options.tile, arguments.asked());
    } else {
      source = single_row_source(entry.buffers.size());
    }
    sink_ = std::make_unique<ArraySink>(answer_fields(entry));
    return scheduler::run(*program_, *source, *sink_, options);
  }

  std::vector<double> column(const std::string& name) const {
    for (size_t i = 0; i < sink_->fields().size(); ++i) {
      if (sink_->fields()[i].name != name) continue;
      const std::vector<uint8_t>& bytes = sink_->bytes(i);
      std::vector<double> values(static_cast<size_t>(sink_->rows()));
      if (sink_->fields()[i].dtype == ACIE_F64) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
      } else {
        EXPECT_EQ(sink_->fields()[i].dtype, ACIE_I64);
        for (size_t row = 0; row < values.size(); ++row) {
          int64_t value;
          std::memcpy(&value, bytes.data() + 8 * row, 8);
          values[row] = static_cast<double>(value);
        }
      }
      return values;
    }
    ADD_FAILURE() << "no column " << name;
    return {};
  }

  std::vector<std::vector<uint8_t>> all_bytes() const {
    std::vector<std::vector<uint8_t>> bytes;
    for (size_t i = 0; i < sink_->fields().size(); ++i) bytes.push_back(sink_->bytes(i));
    return bytes;
  }

  static std::shared_ptr<const Engine> engine_;
  std::shared_ptr<const Program> program_;
  std::unique_ptr<ArraySink> sink_;
  std::vector<std::pair<std::string, double>> asked_;
};

std::shared_ptr<const Engine> Run::engine_;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> random_column(size_t rows, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values(rows);
  for (double& x : values) x = std::uniform_real_distribution<double>(0, 100)(random);
  return values;
}

TEST_F(Run, ComputesEachRow) {
  const auto summary = run("line", {{1, 2, 3}, {10, 20, 30}});
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_THAT(column("y"), ElementsAre(12, 24, 36));
  EXPECT_EQ(summary->rows, 3);
  EXPECT_EQ(summary->answers, 3);
  ASSERT_EQ(sink_->fields().size(), 2u);
  EXPECT_EQ(sink_->fields()[1].name, "status");
}

TEST_F(Run, BadRowsHaveNoAnswerAndAreCounted) {
  const Columns columns{{1, kNan, 101, 4, 5}, {1, 1, 1, -1, 1}};
  std::vector<std::string> reasons;
  RunOptions options;
  options.tile = 2;
  options.on_reject = [&](const RejectedRow& row) {
    reasons.push_back(std::to_string(row.row) + " " + row.reason);
    return absl::OkStatus();
  };
  const auto summary = run("line", columns, options);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->bad_input, 2);
  EXPECT_THAT(summary->undefined, ElementsAre(1));
  EXPECT_THAT(sink_->status(), ElementsAre(0, -1, -1, 1, 0));
  EXPECT_TRUE(std::isnan(column("y")[1]) && std::isnan(column("y")[2]) && std::isnan(column("y")[3]));
  EXPECT_EQ(column("y")[4], 11);
  EXPECT_THAT(reasons, ElementsAre("1 a is missing", "2 a = 101 is outside its declared range 0..100", "3 b is negative"));

  options.on_reject = nullptr;
  options.on_bad_row = OnBadRow::Skip;
  ASSERT_TRUE(run("line", columns, options).ok());
  EXPECT_THAT(column("y"), ElementsAre(3, 11));

  options.on_bad_row = OnBadRow::Fail;
  const auto failed = run("line", columns, options);
  EXPECT_EQ(failure_of(failed.status()), Failure::BadData);
  EXPECT_THAT(message_of(failed.status()), HasSubstr("row 2: a is missing"));
  EXPECT_EQ(failure_of(run("line", {{1}, {-1}}, options).status()), Failure::Run);

  options.on_bad_row = OnBadRow::Null;
  options.strict = true;
  EXPECT_THAT(message_of(run("line", columns, options).status()), HasSubstr("row 4: b is negative"));
}

TEST_F(Run, ReducesTheTable) {
  const auto summary = run("table", {{4, 1, kNan, 3, 2}});
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_EQ(sink_->rows(), 1);
  EXPECT_EQ(summary->bad_input, 1);
  EXPECT_EQ(column("sum")[0], 10);
  EXPECT_EQ(column("mean")[0], 2.5);
  EXPECT_DOUBLE_EQ(column("var")[0], 5.0 / 3);
  EXPECT_EQ(column("min")[0], 1);
  EXPECT_EQ(column("max")[0], 4);
  EXPECT_EQ(column("count")[0], 4);
  EXPECT_EQ(sink_->fields().back().name, "count");  // no status where answers are not per row
}

TEST_F(Run, EmptyTablesGiveEmptyAnswers) {
  ASSERT_TRUE(run("line", {{}, {}}).ok());
  EXPECT_EQ(sink_->rows(), 0);
  ASSERT_TRUE(run("table", {{}}).ok());
  EXPECT_EQ(column("count")[0], 0);
  EXPECT_TRUE(std::isnan(column("mean")[0]));
}

TEST_F(Run, AnswersMayNeedTheTableTwice) {
  RunOptions options;
  options.tile = 3;
  const auto summary = run("relative", {{2, 4, 6, 8}}, options);
  ASSERT_TRUE(summary.ok()) << summary.status();
  EXPECT_THAT(column("relative"), ElementsAre(0.4, 0.8, 1.2, 1.6));
  EXPECT_THAT(column("physics_violation"), ElementsAre(0.2, 0.4, 0.6, 0.8));
  EXPECT_EQ(summary->violations, 2);
  EXPECT_EQ(summary->rows, 4);
  options.strict = true;
  const auto strict = run("relative", {{2, 4, 6, 8}}, options);
  EXPECT_EQ(failure_of(strict.status()), Failure::Constraint);
  EXPECT_THAT(message_of(strict.status()), HasSubstr("row 3: a constraint is violated, its largest residual is 0.6"));
}

TEST_F(Run, EstimatesComeWithTheirErrors) {
  RunOptions options;
  options.draws = 20000;
  options.constants.seed = 3;
  const auto summary = run("population", {}, options);
  ASSERT_TRUE(summary.ok()) << summary.status();
  ASSERT_EQ(sink_->rows(), 1);
  const double n = 20000;
  const auto check = [&](const std::string& name, double truth, double error) {
    EXPECT_NEAR(column(name)[0], truth, 5 * error) << name;
    EXPECT_NEAR(column(name + ".se")[0], error, 0.2 * error) << name;
  };
  const double variance = 1.0 / 12, sd = std::sqrt(variance);
  const double of_variance = std::sqrt((1.0 / 80 - variance * variance) / n);
  check("mean", 0.5, sd / std::sqrt(n));
  check("probability", 0.25, std::sqrt(0.25 * 0.75 / n));
  check("variance", variance, of_variance);
  check("sd", sd, of_variance / (2 * sd));
  check("median", 0.5, 0.5 / std::sqrt(n));
  // mean / sd: independent for a symmetric law, so relative errors add in square. The jackknife of 32 groups knows it to a
  // fifth or so.
  const double error = 0.5 / sd * std::sqrt(std::pow(sd / 0.5, 2) / n + std::pow(of_variance / (2 * variance), 2));
  EXPECT_NEAR(column("ratio")[0], 0.5 / sd, 5 * error);
  EXPECT_NEAR(column("ratio.se")[0], error, 0.4 * error);
}

TEST_F(Run, EstimatesPerRowMayDependOnEachOther) {
  for (const size_t rows : {3, 20}) {  // few rows share their draws among threads, many do not
    std::vector<double> a(rows);
    for (size_t i = 0; i < rows; ++i) a[i] = 10.0 * static_cast<double>(i + 1);
    a[1] = kNan;
    RunOptions options;
    options.draws = 5000;
    const auto summary = run("nested", {a}, options);
    ASSERT_TRUE(summary.ok()) << summary.status();
    EXPECT_EQ(summary->bad_input, 1);
    for (size_t i = 0; i < rows; ++i) {
      if (i == 1) continue;
      EXPECT_NEAR(column("mean")[i], a[i] + 0.5, 5 * std::sqrt(1.0 / 12 / 5000));
      EXPECT_NEAR(column("mean.se")[i], std::sqrt(1.0 / 12 / 5000), 1e-3);
      EXPECT_NEAR(column("one")[i], 1, 1e-14);
    }
    EXPECT_NE(column("mean")[0] - a[0], column("mean")[2] - a[2]) << "rows must not share draws";
    EXPECT_TRUE(std::isnan(column("mean")[1]));
  }
}

TEST_F(Run, ListsDraws) {
  RunOptions options;
  options.draws = 3;
  ASSERT_TRUE(run("draws", {}, options).ok());
  EXPECT_THAT(column("row"), ElementsAre(0, 0, 0));
  EXPECT_THAT(column("draw"), ElementsAre(0, 1, 2));
  ASSERT_EQ(sink_->fields().size(), 3u);

  ASSERT_TRUE(run("draws_by_row", {{10, 20}}, options).ok());
  EXPECT_THAT(column("row"), ElementsAre(0, 0, 0, 1, 1, 1));
  EXPECT_THAT(column("draw"), ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(column("a"), ElementsAre(10, 10, 10, 20, 20, 20));
  const std::vector<double> x = column("x");
  for (size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(x[i] > column("a")[i] && x[i] < column("a")[i] + 1);
  EXPECT_EQ(sink_->fields().back().name, "status");
  options.draws = 0;
  ASSERT_TRUE(run("draws", {}, options).ok());
  EXPECT_EQ(sink_->rows(), 1000);
}

TEST_F(Run, AskedValuesReplaceWhereTheyArePresent) {
  ASSERT_TRUE(run("asked", {{1, 2, 3}, {kNan, 7, kNan}}).ok());
  EXPECT_THAT(column("x"), ElementsAre(1, 7, 3));
  EXPECT_THAT(sink_->status(), ElementsAre(0, 0, 0));
  ASSERT_TRUE(run("asked", {{1, 2, 3}}).ok());
  EXPECT_THAT(column("x"), ElementsAre(1, 2, 3));
  asked_ = {{"x", 9}};
  ASSERT_TRUE(run("asked", {{1, 2, 3}}).ok());
  EXPECT_THAT(column("x"), ElementsAre(9, 9, 9));
}

TEST_F(Run, BitsDoNotDependOnTilesOrThreads) {
  Columns columns{random_column(9001, 1), random_column(9001, 2)};
  for (size_t i = 0; i < columns[1].size(); i += 11) columns[1][i] = -1;
  const std::pair<std::string, size_t> entries[] = {{"line", 2}, {"table", 1}, {"relative", 1}, {"draws_by_row", 1},
                                                    {"population", 0}, {"draws", 0}, {"nested", 1}};
  for (const auto& [name, count] : entries) {
    Columns input(columns.begin(), columns.begin() + static_cast<long>(count));
    if (name == "draws_by_row" || name == "nested") input[0].resize(100);
    RunOptions options;
    options.draws = name == "population" ? 3001 : 37;
    options.threads = 1;
    ASSERT_TRUE(run(name, input, options).ok()) << name;
    const auto reference = all_bytes();
    const auto status = sink_->status();
    for (const int64_t tile : {1, 7, 4096}) {
      for (const int threads : {1, 2, 5}) {
        options.tile = tile;
        options.threads = threads;
        ASSERT_TRUE(run(name, input, options).ok()) << name;
        EXPECT_EQ(all_bytes(), reference) << name << " tile " << tile << " threads " << threads;
        EXPECT_EQ(sink_->status(), status);
      }
    }
  }
}

TEST_F(Run, StopsWhenAsked) {
  std::atomic<bool> cancel{false};
  RunOptions options;
  options.tile = 1;
  options.threads = 2;
  options.cancel = &cancel;
  int64_t seen = 0;
  options.progress = [&](const Progress& progress) {
    seen = progress.rows;
    cancel = true;
    return false;
  };
  const auto summary = run("line", {random_column(5000, 1), random_column(5000, 2)}, options);
  EXPECT_EQ(failure_of(summary.status()), Failure::Cancelled);
  EXPECT_EQ(seen, 1);
  cancel = false;
  options.progress = [](const Progress& progress) { return progress.rows == 10; };
  EXPECT_EQ(failure_of(run("line", {random_column(5000, 1), random_column(5000, 2)}, options).status()), Failure::Cancelled);
  EXPECT_EQ(sink_->rows(), 10);
}

TEST_F(Run, RecordsATrace) {
  Trace trace;
  RunOptions options;
  options.trace = &trace;
  ASSERT_TRUE(run("line", {{1, 2}, {3, 4}}, options).ok());
  for (const char* name : {"read", "decode", "compute", "encode", "write"})
    EXPECT_THAT(trace.json(), HasSubstr("\"name\":\"" + std::string(name) + "\""));
}

TEST_F(Run, KernelsThatDoNotExistAreAnError) {
  package::Plan plan = testing::test_plan();
  std::get<package::KernelNode>(plan.entries[0].nodes[0]).ordinal = 99;
  auto package = package::Package::parse(*package::write_package(plan, testing::test_sections(), nullptr), testing::trust_all());
  const auto engine = *Engine::load(*std::move(package));
  const std::shared_ptr<const Program> program = *engine->program("line");
  Columns columns{{1}, {1}};
  auto source = array_source(program->entry(), {{{columns[0].data()}}, {{columns[1].data()}}}, 1, 16, {});
  ArraySink sink(answer_fields(program->entry()));
  RunOptions options;
  options.constants.scalars = *Arguments(program->entry()).finish(0);
  EXPECT_THAT(message_of(scheduler::run(*program, *source, sink, options).status()), HasSubstr("no kernel line.rows"));
}

TEST(Engine, UnknownEntriesAndImportsAreNamed) {
  auto package = package::Package::parse(testing::test_package(), testing::trust_all());
  const auto engine = *Engine::load(*std::move(package));
  EXPECT_THAT(message_of(engine->program("lime").status()), HasSubstr("it has line, population"));
  package::Plan plan = testing::test_plan();
  plan.imports = {"no_such_function"};
  auto other = package::Package::parse(*package::write_package(plan, testing::test_sections(), nullptr), testing::trust_all());
  EXPECT_THAT(message_of(Engine::load(*std::move(other)).status()), HasSubstr("no_such_function"));
}

}  // namespace
}  // namespace acie::scheduler

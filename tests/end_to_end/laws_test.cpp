// The laws of causal.md on generated models, bit for bit where abduction is exact: random graphs of random invertible
// equations, data drawn from the model itself, worlds that must agree.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

/// A random structural causal model: x0 … x(n-1), each with one noise in an invertible place.
class RandomModel {
 public:
  RandomModel(unsigned seed, int count) : random_(seed) {
    for (int i = 0; i < count; ++i) {
      std::set<int> parents;
      for (int k = 0; k < 2 && i > 0; ++k) parents.insert(static_cast<int>(random_() % i));
      parents_.push_back(parents);
      std::string mean = number(-1, 1);
      for (int parent : parents) mean += " + " + number(0.2, 0.9) + " * " + shaped("x" + std::to_string(parent));
      declarations_.push_back("exo u" + std::to_string(i) + " ~ " + law());
      declarations_.push_back("var x" + std::to_string(i) + " = " + with_noise(mean, "u" + std::to_string(i)));
    }
  }

  int size() const { return static_cast<int>(parents_.size()); }

  std::string model(bool shuffled = false) {
    std::vector<std::string> lines = declarations_;
    if (shuffled) std::shuffle(lines.begin(), lines.end(), random_);
    std::string text = "model M {\n";
    for (const std::string& line : lines) text += "    " + line + "\n";
    return text + "}\n";
  }

  /// Every variable, comma separated, with `world` in front of each.
  std::string all(const std::string& world = "") const {
    std::string names;
    for (int i = 0; i < size(); ++i) names += (i ? ", " : "") + world + "x" + std::to_string(i);
    return names;
  }

  std::set<int> descendants(int of) const {
    std::set<int> found{of};
    for (int i = of + 1; i < size(); ++i) {
      if (std::any_of(parents_[i].begin(), parents_[i].end(), [&](int p) { return found.count(p) > 0; })) {
        found.insert(i);
      }
    }
    return found;
  }

 private:
  std::string number(double low, double high) {
    return std::to_string(std::uniform_real_distribution<double>(low, high)(random_));
  }
  std::string shaped(const std::string& x) {
    static const char* const shapes[] = {"%", "tanh(%)", "exp(-%^2)", "sin(%)", "sigmoid(%)", "abs(%)"};
    std::string shape = shapes[random_() % std::size(shapes)];
    shape.replace(shape.find('%'), 1, x);
    return shape;
  }
  std::string law() {
    static const char* const laws[] = {"normal(0, 1)", "logistic(0, 0.5)", "laplace(0, 1)", "uniform(-1, 1)",
                                       "gumbel(0, 0.7)", "student_t(5, 0, 1)", "normal(0.5, 0.3)"};
    return laws[random_() % std::size(laws)];
  }
  std::string with_noise(const std::string& mean, const std::string& u) {
    switch (random_() % 5) {
      case 0: return mean + " + " + number(0.2, 2) + " * " + u;
      case 1: return "(" + mean + ") - sinh(0.3 * " + u + ")";
      case 2: return "tanh(0.1 * (" + mean + ")) + exp(0.2 * " + u + ")";
      case 3: return "(" + mean + ") + (1 + 0.5 * tanh(" + mean + ")) * " + u;
      default: return mean + " + cbrt(" + u + " + 3)";
    }
  }

  std::mt19937 random_;
  std::vector<std::set<int>> parents_;
  std::vector<std::string> declarations_;
};

class Laws : public ::testing::TestWithParam<int> {
 protected:
  /// Compiles `program`, runs `entry` and returns the CSV text.
  std::string ask(const std::string& program, const std::string& entry, const std::string& options) {
    const auto file = folder_ / ("program" + std::to_string(count_++) + ".acie");
    std::ofstream(file) << program;
    const std::string package = file.string() + ".pkg";
    const CommandResult compiled = run(compiler() + " " + file.string() + " -o " + package);
    EXPECT_EQ(compiled.exit_code, 0) << compiled.err << program;
    return run_package(package, entry, options);
  }
  std::string run_package(const std::string& package, const std::string& entry, const std::string& options) {
    const CommandResult ran = run(runner() + " " + package + " " + entry + " --allow-unsigned --out - " + options);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return ran.out;
  }
  /// A data file drawn from the model.
  std::string survey(RandomModel& model) {
    const auto file = folder_ / "data.csv";
    std::ofstream(file) << ask(model.model() + "query s on M { return draws[" + model.all() + "] }\n", "s",
                               "--draws 300 --seed " + std::to_string(GetParam()));
    return file.string();
  }

  TemporaryFolder folder_;
  int count_ = 0;
};

using Rows = std::vector<std::map<std::string, std::string>>;

/// Asserts that the text of column `a` in every row of `left` is that of `b` in `right`: the printed form reads back
/// exactly, so equal text is equal bits.
void expect_same(Rows left, const std::string& a, Rows right, const std::string& b) {
  ASSERT_EQ(left.size(), right.size());
  size_t different = 0;
  for (size_t i = 0; i < left.size(); ++i) different += left[i][a] != right[i][b];
  EXPECT_EQ(different, 0u) << a << " differs from " << b << " in so many of " << left.size() << " rows; first: "
                           << left[0][a] << " and " << right[0][b];
}

TEST_P(Laws, OfOneModel) {
  RandomModel model(GetParam(), 7);
  const std::string data = survey(model);
  const Rows facts = parse_csv(read_file(data));
  ASSERT_EQ(facts.size(), 300u);
  const int k = GetParam() % model.size(), j = (k + 2) % model.size();
  const std::string xk = "x" + std::to_string(k), xj = "x" + std::to_string(j);
  const std::string given = "    given " + model.all() + "\n";
  auto query = [&](const std::string& body) { return model.model() + "query q on M {\n" + given + body + "}\n"; };
  auto named = [&](const std::string& world, const std::string& prefix) {
    std::string text;
    for (int i = 0; i < model.size(); ++i) {
      const std::string x = "x" + std::to_string(i);
      text += (i ? ", " : "    return ") + prefix + x + " = " + world + "." + x;
    }
    return text + "\n";
  };
  auto on_data = [&](const std::string& program) { return parse_csv(ask(program, "q", "--data " + data)); };

  {  // do(nothing) is the factual world.
    const Rows rows = on_data(query("    world w { }\n" + named("w", "")));
    for (int i = 0; i < model.size(); ++i) expect_same(rows, "x" + std::to_string(i), facts, "x" + std::to_string(i));
  }
  {  // Consistency: setting a variable to its factual value changes nothing, known when compiling …
    const Rows rows = on_data(query("    world w { do " + xk + " = factual." + xk + " }\n" + named("w", "")));
    for (int i = 0; i < model.size(); ++i) expect_same(rows, "x" + std::to_string(i), facts, "x" + std::to_string(i));
  }
  {  // … and known only when running.
    const auto file = folder_ / "asked.csv";
    std::istringstream lines(read_file(data));
    std::ofstream out(file);
    std::string line;
    std::getline(lines, line);
    out << line << ",do." << xk << "\n";
    for (auto row : facts) {
      std::getline(lines, line);
      out << line << "," << row[xk] << "\n";
    }
    out.close();
    const std::string program = query("    do? " + xk + "\n    return " + model.all() + "\n");
    const Rows rows = parse_csv(ask(program, "q", "--data " + file.string()));
    for (int i = 0; i < model.size(); ++i) expect_same(rows, "x" + std::to_string(i), facts, "x" + std::to_string(i));
  }
  {  // Effectiveness, non-descendants, composition and unused worlds.
    const std::string a = "    world a { do " + xk + " = 1.25 }\n";
    const std::string b = "    world b { do " + xk + " = 1.25; do " + xj + " = a." + xj + " }\n";
    const Rows in_a = on_data(query(a + named("a", "")));
    ASSERT_EQ(in_a.size(), facts.size());
    for (auto row : in_a) EXPECT_EQ(row[xk], "1.25");
    const std::set<int> changed = model.descendants(k);
    bool moved = false;
    for (int i = 0; i < model.size(); ++i) {
      const std::string x = "x" + std::to_string(i);
      if (changed.count(i) == 0) expect_same(in_a, x, facts, x);
      for (size_t row = 0; row < facts.size(); ++row) {
        moved = moved || Rows(in_a)[row][x] != Rows(facts)[row][x];
      }
    }
    EXPECT_TRUE(moved) << "the intervention did nothing at all";
    if (j != k) {
      const Rows in_b = on_data(query(a + b + named("b", "")));
      for (int i = 0; i < model.size(); ++i) expect_same(in_b, "x" + std::to_string(i), in_a, "x" + std::to_string(i));
    }
    const Rows with_unused = on_data(query(a + "    world unused { do " + xj + " += 3 }\n" + named("a", "")));
    for (int i = 0; i < model.size(); ++i) expect_same(with_unused, "x" + std::to_string(i), in_a, "x" + std::to_string(i));
    const Rows shuffled =
        on_data(model.model(true) + "query q on M {\n" + named("a", "") + a + given + "}\n");
    for (int i = 0; i < model.size(); ++i) expect_same(shuffled, "x" + std::to_string(i), in_a, "x" + std::to_string(i));
  }
}

TEST_P(Laws, SameBitsHoweverItRuns) {
  RandomModel model(1000 + GetParam(), 6);
  const std::string data = survey(model);
  const auto file = folder_ / "program.acie";
  std::ofstream(file) << model.model() << "query q on M {\n    given " << model.all() << "\n    do x1 += 0.5\n    return "
                      << model.all() << "\n}\nquery m on M {\n    given " << model.all()
                      << "\n    do x1 += 0.5\n    return mean = rows.mean(x5), variance = rows.var(x5), sum = rows.sum(x5)\n}\n"
                      << "query p on M {\n    do x1 = 0.5\n    return E[x5], sd[x5], P[x5 > 0]\n}\n";
  const std::string package = (folder_ / "program.aciepkg").string();
  const CommandResult compiled = run(compiler() + " " + file.string() + " -o " + package);
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  for (const std::string entry : {"q", "m", "p"}) {
    const std::string table = entry == "p" ? "--draws 5000 " : "--data " + data + " ";
    const std::string reference = run_package(package, entry, table + "--threads 1");
    for (const std::string how : {"--threads 2", "--threads 1 --tile-rows 1", "--threads 2 --tile-rows 7",
                                  "--threads 2 --tile-rows 4096", "--target x86-64-v3"}) {
      EXPECT_EQ(run_package(package, entry, table + how), reference) << entry << " " << how;
    }
  }
  const std::string whole = run_package(package, "q", "--data " + data);
  const std::string first = run_package(package, "q", "--data " + data + " --rows 0:111");
  const std::string rest = run_package(package, "q", "--data " + data + " --rows 111:300");
  EXPECT_EQ(first + rest.substr(rest.find('\n') + 1), whole);
}

INSTANTIATE_TEST_SUITE_P(Models, Laws, ::testing::Range(0, 8));

}  // namespace
}  // namespace acie::testing

#include "tests/perf/chain/chain_plan.h"

#include <cmath>
#include <random>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace acie::perf {
namespace {

std::string name(std::string_view prefix, int i) { return absl::StrCat("%", prefix.data(), i); }

// One item per variable: its name with `prefix` (none where empty), then `item`.
std::string list(const std::string& item, std::string_view prefix) {
  std::string text;
  for (int i = 0; i < kChainLength; ++i)
    absl::StrAppend(&text, i ? ", " : "", prefix.empty() ? std::string() : name(prefix, i), item);
  return text;
}

// tanh(0.8 parent) and exp(0.1 grandparent) of one world.
std::string terms(const char* world, int i, const std::string& parent, const std::string& grandparent) {
  const std::string n = absl::StrCat(world, i);
  return absl::StrCat("    %p", n, " = arith.mulf %c08, ", parent, " : f64\n",      //
                      "    %t", n, " = acie.tanh %p", n, " : f64\n",                //
                      "    %g", n, " = arith.mulf %c01, ", grandparent, " : f64\n", //
                      "    %e", n, " = acie.exp %g", n, " : f64\n");
}

std::string same_bits(const std::string& result, const std::string& x, const std::string& y) {
  return absl::StrCat("    ", result, "x = arith.bitcast ", x, " : f64 to i64\n",  //
                      "    ", result, "y = arith.bitcast ", y, " : f64 to i64\n",  //
                      "    ", result, " = arith.cmpi eq, ", result, "x, ", result, "y : i64\n");
}

}  // namespace

std::string chain_plan(int interleave) {
  const std::string buffer = "!plan.buffer<f64, inner>";
  std::string text = "plan.entry @chain on \"Chain\" per_row reads_table reasons [] {\n";
  for (int i = 0; i < kChainLength; ++i)
    absl::StrAppend(&text, "  %x", i, " = plan.column \"x", i, "\" given : ", buffer, "\n");
  absl::StrAppend(&text, "  %r = plan.cluster \"chain\" 0 inner interleave ", interleave, " (", list("", "x"), " : ",
                  list(buffer, ""), ") {\n  ^bb0(", list(": f64", "a"), "):\n",
                  "    %c08 = arith.constant 0.8 : f64\n    %c01 = arith.constant 0.1 : f64\n",
                  "    %half = arith.constant 0.5 : f64\n    %w3 = arith.addf %a3, %half : f64\n");
  for (int i = 4; i < kChainLength; ++i) {
    const bool reaches_grandparent = i - 2 >= 3;
    const std::string grandparent = name(reaches_grandparent ? "w" : "a", i - 2);
    absl::StrAppend(&text, terms("f", i, name("a", i - 1), name("a", i - 2)),     //
                    "    %d", i, " = arith.subf %a", i, ", %tf", i, " : f64\n",   //
                    "    %u", i, " = arith.divf %d", i, ", %ef", i, " : f64\n");
    absl::StrAppend(&text, terms("w", i, name("w", i - 1), grandparent),          //
                    "    %m", i, " = arith.mulf %ew", i, ", %u", i, " : f64\n",   //
                    "    %y", i, " = arith.addf %tw", i, ", %m", i, " : f64\n");
    absl::StrAppend(&text, same_bits(name("k", i), name("w", i - 1), name("a", i - 1)));
    std::string keep = name("k", i);
    if (reaches_grandparent) {
      absl::StrAppend(&text, same_bits(name("l", i), grandparent, name("a", i - 2)),  //
                      "    %b", i, " = arith.andi ", keep, ", %l", i, " : i1\n");
      keep = name("b", i);
    }
    absl::StrAppend(&text, "    %w", i, " = arith.select ", keep, ", %a", i, ", %y", i, " : f64\n");
  }
  absl::StrAppend(&text, "    plan.yield %w19 : f64\n  } -> ", buffer, "\n}\n");
  return text;
}

std::vector<std::vector<double>> draw_chain(int64_t rows) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise;
  std::vector<std::vector<double>> x(kChainLength, std::vector<double>(rows));
  for (int64_t r = 0; r < rows; ++r) {
    x[0][r] = noise(random);
    x[1][r] = 0.5 * x[0][r] + noise(random);
    for (int i = 2; i < kChainLength; ++i)
      x[i][r] = std::tanh(0.8 * x[i - 1][r]) + std::exp(0.1 * x[i - 2][r]) * noise(random);
  }
  return x;
}

}  // namespace acie::perf

// What the encrypted examples must answer: what integers give. With the data of the retrieval example, drawn.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/end_to_end/secure.h"

namespace acie::testing {

/// The column of element `i`.
inline std::string column(const std::string& name, size_t i) {
  std::string text = name;
  text.append("[").append(std::to_string(i)).append("]");  // gcc 12 warns of sums
  return text;
}

/// W·x + b of `examples/secure_score`, for each row of a table whose first column is a name.
inline void expect_scores(const std::vector<std::map<std::string, std::string>>& rows, const Matrix& x) {
  const std::string folder = "examples/secure_score/";
  const Matrix w = read_matrix(folder + "weights.csv", false), b = read_matrix(folder + "bias.csv", false);
  ASSERT_EQ(rows.size(), x.size());
  for (size_t row = 0; row < x.size(); ++row)
    for (size_t o = 0; o < w.size(); ++o) {
      auto sum = static_cast<int64_t>(std::nearbyint(std::ldexp(b[o][0], 32)));
      for (size_t i = 0; i < w[o].size(); ++i) sum += fixed(w[o][i]) * fixed(x[row][i + 1]);
      EXPECT_EQ(std::stod(rows[row].at(column("score", o))), std::ldexp(static_cast<double>(sum), -32)) << row << " " << o;
    }
}

/// A library of `documents` (of `size` numbers and `length` bytes of text each), a question, and a generator's state `h` of the same
/// size with the weights `w` [states, size] of its next step.
struct Rag {
  size_t documents, size, length, states;
  std::vector<int8_t> index, passages, question;
  std::vector<double> h, w;

  static constexpr size_t kBest = 8;
  static constexpr double kStrength = 0.5;
};

/// Noise: what is found does not matter to exactness.
inline Rag draw_rag(unsigned seed, size_t documents, size_t size, size_t length, size_t states) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> small(-128, 127);
  std::uniform_real_distribution<double> uniform(-1, 1);
  const auto bytes = [&](size_t count) {
    std::vector<int8_t> out(count);
    for (int8_t& x : out) x = static_cast<int8_t>(small(random));
    return out;
  };
  const auto numbers = [&](size_t count, double limit) {
    std::vector<double> out(count);
    for (double& x : out) x = limit * uniform(random);
    return out;
  };
  Rag rag{documents, size, length, states, bytes(documents * size), bytes(documents * length), bytes(size), {}, {}};
  rag.h = numbers(size, 4);
  rag.w = numbers(states * size, 2);
  return rag;
}

/// Writes `names` of them into `folder`; the options that give them, and what else the example asks for.
inline std::string write_rag(const Rag& rag, const TemporaryFolder& folder, const std::vector<std::string>& names) {
  const std::map<std::string, std::string> arrays = {{"index", npy<int8_t>({rag.documents, rag.size}, rag.index)}, {"passages", npy<int8_t>({rag.documents, rag.length}, rag.passages)},
                                                     {"question", npy<int8_t>({rag.size}, rag.question)}, {"h", npy<double>({rag.size}, rag.h)},
                                                     {"w", npy<double>({rag.states, rag.size}, rag.w)}};
  std::string options;
  for (const std::string& name : names) {
    const std::string file = (folder / (name + ".npy")).string();
    std::ofstream(file, std::ios::binary) << arrays.at(name);
    options += " --arg " + name + "=" + file;
  }
  return options;
}

/// `examples/secure_rag` answers the best documents, their scores, their mean index row as context, the best one's passage, and the
/// next state of the generator whose state the context modulates.
inline void expect_answer(const std::map<std::string, std::string>& row, const Rag& rag) {
  const auto answer = [&](const std::string& name, size_t i) { return std::stod(row.at(column(name, i))); };
  std::vector<int64_t> scores(rag.documents), order(rag.documents);
  for (size_t d = 0; d < rag.documents; ++d)
    for (size_t i = 0; i < rag.size; ++i) scores[d] += rag.index[d * rag.size + i] * rag.question[i];
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)]; });
  std::vector<double> context(rag.size), modulated(rag.size);
  for (size_t j = 0; j < Rag::kBest; ++j) {
    const auto document = static_cast<size_t>(order[j]);
    EXPECT_EQ(answer("best", j), static_cast<double>(document));
    EXPECT_EQ(answer("scores", j), static_cast<double>(scores[document]));
    for (size_t i = 0; i < rag.size; ++i) context[i] += rag.index[document * rag.size + i] / double{Rag::kBest};
  }
  for (size_t i = 0; i < rag.size; ++i) {
    EXPECT_EQ(answer("context", i), context[i]);
    modulated[i] = std::clamp(rag.h[i] * (1 + Rag::kStrength * context[i] / 128), -8.0, 8.0);
  }
  for (size_t i = 0; i < rag.length; ++i) EXPECT_EQ(answer("passage", i), rag.passages[static_cast<size_t>(order[0]) * rag.length + i]);
  for (size_t s = 0; s < rag.states; ++s) {
    int64_t sum = 0;
    for (size_t i = 0; i < rag.size; ++i) sum += fixed(rag.w[s * rag.size + i]) * fixed(modulated[i]);
    EXPECT_EQ(answer("next", s), std::ldexp(static_cast<double>(sum), -32)) << s;
  }
}

}  // namespace acie::testing

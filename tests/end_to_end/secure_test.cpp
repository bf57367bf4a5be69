// The encrypted examples, against plaintext fixed-point arithmetic, to the last bit.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>

#include "tests/end_to_end/command.h"
#include "tests/end_to_end/port.h"

namespace acie::testing {
namespace {

/// Keys in a folder of their own, and the packages of an example.
class Secure : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name, std::ios::binary) << text; }
  CommandResult good(const std::string& arguments) const {
    const CommandResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.err;
    return result;
  }
  void make_key(const std::string& arguments) const {
    write("password", "correct horse\n");
    std::filesystem::permissions(folder_ / "password", std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    good(runner() + " key generate " + arguments + " --keys " + path("keys") + " --password-file " + path("password"));
  }
  /// Compiles the example and runs `entry` with all parties in one process.
  std::vector<std::map<std::string, std::string>> play(const std::string& program, const std::string& party, const std::string& arguments) const {
    good(compiler() + " " + source(program) + " -o " + path("program.aciepkg"));
    return parse_csv(good(runner() + " " + path("program." + party + ".aciepkg") + " " + arguments + " --local --allow-unsigned --keys " + path("keys") +
                          " --password-file " + path("password") + " --out -")
                         .out);
  }

  TemporaryFolder folder_;
};

/// Bytes of an array in NumPy's format; Number is int8_t or double.
template <class Number>
std::string npy(const std::vector<size_t>& shape, const std::vector<Number>& values) {
  std::string head = std::string("{'descr': '") + (sizeof(Number) == 1 ? "|i1" : "<f8") + "', 'fortran_order': False, 'shape': (";
  for (const size_t axis : shape) head += std::to_string(axis) + ", ";
  head += "), }";
  head.append(64 - (head.size() + 11) % 64, ' ');
  head += "\n";
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(head.size());
  bytes += static_cast<char>(head.size() >> 8);
  bytes += head;
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number));
}

using Matrix = std::vector<std::vector<double>>;

Matrix read_matrix(const std::string& file, bool header) {
  Matrix rows;
  std::istringstream lines(read_file(source(file)));
  std::string line;
  if (header) std::getline(lines, line);
  while (std::getline(lines, line)) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

/// round(x·2^16), ties to even.
int64_t fixed(double x) { return static_cast<int64_t>(std::nearbyint(std::ldexp(x, 16))); }

TEST_F(Secure, ScoresEqualFixedPointArithmetic) {
  make_key("k --bits 2048");
  const std::string folder = "examples/secure_score/";
  const auto rows = play(folder + "score.acie", "clinic", "score --data " + source(folder + "patients.csv") + " --arg w=" + source(folder + "weights.csv") +
                                                             " --arg b=" + source(folder + "bias.csv"));
  const Matrix x = read_matrix(folder + "patients.csv", true), w = read_matrix(folder + "weights.csv", false), b = read_matrix(folder + "bias.csv", false);
  ASSERT_EQ(rows.size(), x.size());
  for (size_t row = 0; row < x.size(); ++row)
    for (size_t o = 0; o < w.size(); ++o) {
      auto sum = static_cast<int64_t>(std::nearbyint(std::ldexp(b[o][0], 32)));
      for (size_t i = 0; i < w[o].size(); ++i) sum += fixed(w[o][i]) * fixed(x[row][i + 1]);
      std::string name = "score[";  // in two steps: gcc 12 warns of the sum
      name += std::to_string(o) + "]";
      EXPECT_EQ(std::stod(rows[row].at(name)), std::ldexp(static_cast<double>(sum), -32)) << row << " " << o;
    }
}

/// As the example's README says: an identity each, pinned by the other, then a process each.
TEST_F(Secure, PartiesInProcessesOfTheirOwnGiveTheSame) {
  make_key("k --bits 2048");
  const std::string folder = "examples/secure_score/", run_it = runner() + " ", clinic = " --keys " + path("keys"), cloud = " --keys " + path("cloud");
  const std::string patients = " --data " + source(folder + "patients.csv"), model = " --arg w=" + source(folder + "weights.csv") + " --arg b=" + source(folder + "bias.csv");
  play(folder + "score.acie", "clinic", "score" + patients + model);  // compiles too
  const std::string expected = good(run_it + path("program.clinic.aciepkg") + " score --local --allow-unsigned --password-file " + path("password") + clinic + patients + model).out;
  good(run_it + "party init clinic" + clinic);
  good(run_it + "party init cloud" + cloud);
  good(run_it + "key export k --out " + path("k.json") + clinic);
  good(run_it + "key import " + path("k.json") + cloud);
  good(run_it + "party trust cloud " + path("cloud/cloud.crt") + clinic);
  good(run_it + "party trust clinic " + path("keys/clinic.crt") + cloud);
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  std::filesystem::create_directory(folder_ / "shared");
  const std::pair<std::string, std::string> ways[] = {{" --peer cloud=" + address, " --listen " + address}, {" --exchange " + path("shared"), " --exchange " + path("shared")}};
  for (const auto& [of_clinic, of_cloud] : ways) {
    const std::string at_cloud = run_it + path("program.cloud.aciepkg") + " score --allow-unsigned" + cloud + model + of_cloud;
    const std::string at_clinic = run_it + path("program.clinic.aciepkg") + " score --allow-unsigned --password-file " + path("password") + clinic + patients + of_clinic;
    const auto result = run("( " + at_cloud + " & " + at_clinic + "; rc=$?; wait; exit $rc )");
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, expected);
  }
}

TEST_F(Secure, CounterfactualOfEncryptedEvidenceIsExact) {
  make_key("k --bits 2048");
  const auto rows = play("examples/secure_counterfactual/counterfactual.acie", "school", "had_homework_doubled --set x=0.5 --set h=1 --set y=1.5");
  ASSERT_EQ(rows.size(), 1u);
  // y' = y + 0.4 (2h - h): coefficients of y and h at 2^-16, evidence at 2^-16.
  const int64_t sum = fixed(1) * fixed(1.5) + fixed(0.4) * fixed(1);
  EXPECT_EQ(std::stod(rows[0].begin()->second), std::ldexp(static_cast<double>(sum), -32));
  EXPECT_NEAR(std::stod(rows[0].begin()->second), 1.9, 1e-5);
}

/// At full size, on noise: what is found does not matter to exactness.
TEST_F(Secure, RetrievalAndTheStepAfterItAreExact) {
  constexpr size_t kDocuments = 10000, kSize = 512, kLength = 240, kBest = 8, kStates = 64;
  make_key("k --bits 2048");
  std::mt19937 random(1);
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
  const auto index = bytes(kDocuments * kSize), passages = bytes(kDocuments * kLength), question = bytes(kSize);
  const auto h = numbers(kSize, 4), w = numbers(kStates * kSize, 2);
  write("index.npy", npy<int8_t>({kDocuments, kSize}, index));
  write("passages.npy", npy<int8_t>({kDocuments, kLength}, passages));
  write("question.npy", npy<int8_t>({kSize}, question));
  write("h.npy", npy<double>({kSize}, h));
  write("w.npy", npy<double>({kStates, kSize}, w));
  std::string given = "--set strength=0.5";
  for (const char* name : {"question", "h", "index", "passages", "w"}) given += std::string(" --arg ") + name + "=" + path(std::string(name) + ".npy");
  const auto rows = play("examples/secure_rag/rag.acie", "reader", "ask " + given);
  ASSERT_EQ(rows.size(), 1u);
  const auto answer = [&](const std::string& name, size_t i) {
    std::string column = name;
    column.append("[").append(std::to_string(i)).append("]");  // gcc 12 warns of sums
    return std::stod(rows[0].at(column));
  };

  std::vector<int64_t> scores(kDocuments), order(kDocuments);
  for (size_t d = 0; d < kDocuments; ++d)
    for (size_t i = 0; i < kSize; ++i) scores[d] += index[d * kSize + i] * question[i];
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)]; });
  std::vector<double> context(kSize), modulated(kSize);
  for (size_t j = 0; j < kBest; ++j) {
    const auto document = static_cast<size_t>(order[j]);
    EXPECT_EQ(answer("best", j), static_cast<double>(document));
    EXPECT_EQ(answer("scores", j), static_cast<double>(scores[document]));
    for (size_t i = 0; i < kSize; ++i) context[i] += index[document * kSize + i] / 8.0;
  }
  for (size_t i = 0; i < kSize; ++i) {
    EXPECT_EQ(answer("context", i), context[i]);
    modulated[i] = std::clamp(h[i] * (1 + 0.5 * context[i] / 128), -8.0, 8.0);
  }
  for (size_t i = 0; i < kLength; ++i) EXPECT_EQ(answer("passage", i), passages[static_cast<size_t>(order[0]) * kLength + i]);
  for (size_t s = 0; s < kStates; ++s) {
    int64_t sum = 0;
    for (size_t i = 0; i < kSize; ++i) sum += fixed(w[s * kSize + i]) * fixed(modulated[i]);
    EXPECT_EQ(answer("next", s), std::ldexp(static_cast<double>(sum), -32)) << s;
  }
}

/// The pixels of a stamp of the example: 28 × 28 floats after one block of header.
std::vector<double> stamp(const std::string& file) {
  const std::string bytes = read_file(source(file));
  std::vector<double> pixels(28 * 28);
  for (size_t i = 0; i < pixels.size(); ++i) {
    uint32_t word = 0;
    for (size_t byte = 0; byte < 4; ++byte) word = word << 8 | static_cast<uint8_t>(bytes.at(2880 + 4 * i + byte));
    pixels[i] = std::bit_cast<float>(word);
  }
  return pixels;
}

TEST_F(Secure, ImagesAreClassifiedBlindSealedAndFetched) {
  make_key("k --bits 2048");
  make_key("archive --kind aes256_gcm");
  const std::string folder = "examples/secure_image/", program = folder + "image.acie";
  const auto matrix = [&](const char* name) { return read_matrix(folder + name + ".csv", false); };
  const Matrix filters = matrix("filters"), bias = matrix("bias"), head = matrix("head"), offset = matrix("offset");
  const std::map<std::string, size_t> labels = {{"star", 1}, {"trail", 3}};
  for (const auto& [name, label] : labels) {
    std::string given = "--arg file=" + source(folder + name + ".fits") + " --arg image=" + source(folder + name + ".fits");
    for (const char* part : {"filters", "bias", "head", "offset"}) given += std::string(" --arg ") + part + "=" + source(folder + part + ".csv");
    const auto rows = play(program, "observatory", "store " + given + " --out-arg print=" + path(name + ".print") + " --out-arg sealed=" + path(name + ".sealed"));
    ASSERT_EQ(rows.size(), 1u);
    // The first layer in integers, the rest in numbers.
    const std::vector<double> pixels = stamp(folder + name + ".fits");
    std::vector<double> mean(4), largest(4);
    for (size_t place = 0; place < 576; ++place)
      for (size_t d = 0; d < 4; ++d) {
        auto sum = static_cast<int64_t>(std::nearbyint(std::ldexp(bias[0][d], 24)));
        for (size_t k = 0; k < 25; ++k) {
          const double pixel = pixels[28 * (place / 24 + k / 5) + place % 24 + k % 5];
          sum += fixed(filters[d][k]) * static_cast<int64_t>(std::nearbyint(256 * pixel));
        }
        const double map = std::max(std::ldexp(static_cast<double>(sum), -24), 0.0);
        mean[d] += map / 576;
        largest[d] = std::max(largest[d], map);
      }
    for (size_t s = 0; s < 4; ++s) {
      double score = offset[0][s];
      for (size_t d = 0; d < 4; ++d) score += head[s][d] * mean[d] + head[s][4 + d] * largest[d];
      std::string column = "scores[";
      column += std::to_string(s) + "]";
      EXPECT_NEAR(std::stod(rows[0].at(column)), score, 1e-10);
    }
    EXPECT_EQ(std::stod(rows[0].at("label")), static_cast<double>(label)) << name;
    EXPECT_EQ(read_file(folder_ / (name + ".print")).size(), 32u);

    play(program, "observatory", "fetch --arg sealed=" + path(name + ".sealed") + " --out-arg file=" + path("back.fits") + " --out-arg print=" + path("print.back"));
    EXPECT_EQ(read_file(folder_ / "back.fits"), read_file(source(folder + name + ".fits")));
    EXPECT_EQ(read_file(folder_ / "print.back"), read_file(folder_ / (name + ".print")));
  }
  // A sealed file that was changed by a bit opens to nothing.
  std::string changed = read_file(folder_ / "star.sealed");
  changed[changed.size() / 2] ^= 1;
  write("changed", changed);
  const auto refused = run(runner() + " " + path("program.observatory.aciepkg") + " fetch --local --allow-unsigned --keys " + path("keys") + " --password-file " +
                           path("password") + " --arg sealed=" + path("changed") + " --out-arg file=" + path("none") + " --out-arg print=" + path("none.print"));
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

}  // namespace
}  // namespace acie::testing

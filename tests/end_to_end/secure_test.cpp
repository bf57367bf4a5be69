// The encrypted examples, against plaintext fixed-point arithmetic, to the last bit.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/image/Png.h"
#include "tests/end_to_end/answers.h"

namespace acie::testing {
namespace {

TEST_F(Secure, ScoresEqualFixedPointArithmetic) {
  make_key("k --bits 2048");
  const std::string folder = "examples/secure_score/";
  const auto rows = play(folder + "score.acie", "clinic", "score --data " + source(folder + "patients.csv") + " --arg w=" + source(folder + "weights.csv") +
                                                             " --arg b=" + source(folder + "bias.csv"));
  expect_scores(rows, read_matrix(folder + "patients.csv", true));
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

/// At full size.
TEST_F(Secure, RetrievalAndTheStepAfterItAreExact) {
  make_key("k --bits 2048");
  const Rag rag = draw_rag(1, 10000, 512, 240, 64);
  const auto rows = play("examples/secure_rag/rag.acie", "reader", "ask --set strength=0.5" + write_rag(rag, folder_, {"question", "h", "index", "passages", "w"}));
  ASSERT_EQ(rows.size(), 1u);
  expect_answer(rows[0], rag);
}

std::vector<double> picture(const std::string& file) {
  const auto read = image::parse_png(read_file(file), file);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() ? read->samples : std::vector<double>(28 * 28);
}

TEST_F(Secure, ImagesAreClassifiedBlindSealedAndFetched) {
  make_key("k --bits 2048");
  make_key("archive --kind aes256_gcm");
  const std::string folder = "examples/secure_image/", program = folder + "image.acie";
  const auto matrix = [&](const char* name) { return read_matrix(folder + name + ".csv", false); };
  const Matrix filters = matrix("filters"), bias = matrix("bias"), head = matrix("head"), offset = matrix("offset");
  const std::map<std::string, size_t> labels = {{"star.fits", 1}, {"trail.fits", 3}, {"star.png", 1}, {"trail.png", 3}};
  for (const auto& [name, label] : labels) {
    std::string given = "--arg file=" + source(folder + name) + " --arg image=" + source(folder + name);
    for (const char* part : {"filters", "bias", "head", "offset"}) given += std::string(" --arg ") + part + "=" + source(folder + part + ".csv");
    const auto rows = play(program, "observatory", "store " + given + " --out-arg print=" + path(name + ".print") + " --out-arg sealed=" + path(name + ".sealed"));
    ASSERT_EQ(rows.size(), 1u);
    // The first layer in integers, the rest in numbers.
    const std::vector<double> pixels = name.ends_with(".png") ? picture(source(folder + name)) : stamp(folder + name);
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

    play(program, "observatory", "fetch --arg sealed=" + path(name + ".sealed") + " --out-arg file=" + path("back") + " --out-arg print=" + path("print.back"));
    EXPECT_EQ(read_file(folder_ / "back"), read_file(source(folder + name)));
    EXPECT_EQ(read_file(folder_ / "print.back"), read_file(folder_ / (name + ".print")));
  }
  // A sealed file that was changed by a bit opens to nothing.
  std::string changed = read_file(folder_ / "star.fits.sealed");
  changed[changed.size() / 2] ^= 1;
  write("changed", changed);
  const auto refused = run(runner() + " " + path("program.observatory.aciepkg") + " fetch --local --allow-unsigned --keys " + path("keys") + " --password-file " +
                           path("password") + " --arg sealed=" + path("changed") + " --out-arg file=" + path("none") + " --out-arg print=" + path("none.print"));
  EXPECT_EQ(refused.exit_code, 4) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none"));
}

TEST_F(Secure, APictureIsSmoothedBlindAndWrittenBack) {
  make_key("k --bits 2048");
  make_key("archive --kind aes256_gcm");
  const std::string star = source("examples/secure_image/star.png");
  std::vector<double> filter(25, 0.04);
  filter[12] = 0.039;
  std::string text;
  for (const double weight : filter) text += (text.empty() ? "[" : ", ") + std::to_string(weight);
  write("filter.json", text + "]");
  EXPECT_TRUE(play("examples/secure_image/image.acie", "observatory", "smooth --arg image=" + star + " --arg filter=" + path("filter.json") + " --out-arg smooth=" + path("smooth.png")).empty());
  const std::vector<double> pixels = picture(star), smooth = picture(path("smooth.png"));
  ASSERT_EQ(smooth.size(), 576u);
  for (size_t place = 0; place < 576; ++place) {
    int64_t sum = 0;
    for (size_t k = 0; k < 25; ++k) sum += fixed(filter[k]) * static_cast<int64_t>(std::nearbyint(256 * pixels[28 * (place / 24 + k / 5) + place % 24 + k % 5]));
    EXPECT_EQ(smooth[place], std::lround(65535 * std::ldexp(static_cast<double>(sum), -24)) / 65535.0) << place;
  }
}

}  // namespace
}  // namespace acie::testing

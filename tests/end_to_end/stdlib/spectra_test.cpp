// std.spectra against the published tables, polynomials written out in powers, and integrals of profiles.

#include "tests/end_to_end/stdlib/ask.h"

namespace acie::testing {
namespace {

const double pi = std::acos(-1.0);

TEST(Spectra, Dust) {
  const auto rows = ask(R"(
import std.spectra
model M {
    input x : f64                           // 1 / micrometres
    let l = 1<um> / x
    var ccm = extinction_curve(l)
    var steep = extinction_curve(l, 5)
    var calzetti = calzetti_curve(l)
    var half = transmission(2.5<mag> * log10(2))
    var through = dust_transmission(l, 1.5<mag>)
}
query q on M { return ccm, steep, calzetti, half, through }
)", "x\n2.78\n2.27\n1.82\n1.43\n1.11\n0.8\n0.63\n0.46\n0.29\n4.6\n7\n8.5\n");
  ASSERT_EQ(rows.size(), 12u);
  // Cardelli, Clayton & Mathis 1989, table 3, R_V = 3.1: U V R I J H K; B by the definition of R_V = A(V) / (A(B) - A(V)). L lies outside the range of the fit.
  const double published[] = {1.569, 1 + 1 / 3.1, 1.000, 0.751, 0.479, 0.282, 0.190, 0.114};
  for (size_t r = 0; r < 8; ++r) EXPECT_NEAR(rows[r]("ccm"), published[r], 0.0025) << "band " << r;
  EXPECT_EQ(rows[8].text("ccm"), "") << "outside the range there is no number";
  EXPECT_EQ(rows[11].text("ccm"), "");
  const auto polynomial = [](std::initializer_list<double> coefficients, double y) {
    double sum = 0, power = 1;
    for (const double c : coefficients) {
      sum += c * power;
      power *= y;
    }
    return sum;
  };
  const double xs[] = {2.78, 2.27, 1.82, 1.43, 1.11, 0.8, 0.63, 0.46, 0.29, 4.6, 7, 8.5};
  for (const size_t r : {0, 1, 2, 3, 4, 5, 6, 7, 9, 10}) {
    const double x = xs[r], y = x - 1.82;
    double a = 0.574 * std::pow(x, 1.61), b = -0.527 * std::pow(x, 1.61);
    if (x >= 1.1) {
      a = polynomial({1, 0.17699, -0.50447, -0.02427, 0.72085, 0.01979, -0.77530, 0.32999}, y);
      b = polynomial({0, 1.41338, 2.28305, 1.07233, -5.38434, -0.62251, 5.30260, -2.09002}, y);
    }
    if (x > 3.3) {
      a = 1.752 - 0.316 * x - 0.104 / (std::pow(x - 4.67, 2) + 0.341);
      b = -3.090 + 1.825 * x + 1.206 / (std::pow(x - 4.62, 2) + 0.263);
    }
    if (x > 5.9) {
      a += -0.04473 * std::pow(x - 5.9, 2) - 0.009779 * std::pow(x - 5.9, 3);
      b += 0.2130 * std::pow(x - 5.9, 2) + 0.1207 * std::pow(x - 5.9, 3);
    }
    expect_close(rows[r]("ccm"), a + b / 3.1, "extinction_curve");
    expect_close(rows[r]("steep"), a + b / 5, "extinction_curve of R_V = 5");
    expect_close(rows[r]("through"), std::pow(10, -0.6 * (a + b / 3.1)), "dust_transmission");
    expect_close(rows[r]("half"), 0.5, "transmission");
    if (x > 1 / 0.63) expect_close(rows[r]("calzetti"), 2.659 * polynomial({-2.156, 1.509, -0.198, 0.011}, x) + 4.05, "calzetti_curve");
    else if (x > 1 / 2.2) expect_close(rows[r]("calzetti"), 2.659 * (-1.857 + 1.040 * x) + 4.05, "calzetti_curve");
  }
}

TEST(Spectra, Lines) {
  const auto rows = ask(R"(
import std.spectra
import std.astro
model M {
    input x : f64<nm>
    var normal : f64<1/nm> = gaussian_profile(x, 656.46<nm>, 3<AA>)
    var wide : f64<1/nm> = lorentzian_profile(x, 656.46<nm>, 3<AA>)
    var sigma : f64<AA> = line_width(656.46<nm>, 150<km/s>)
    var speed : f64<km/s> = line_dispersion(656.46<nm>, line_width(656.46<nm>, 150<km/s>))
    var narrow : f64<nm> = fwhm_sigma(1<nm>)
    var thermal : f64<km/s> = thermal_dispersion(1e4<K>, m_p)
    var h_alpha : f64<AA> = hydrogen_line(2, 3)
    var lyman : f64<AA> = hydrogen_line(1, 2)
    var air = air_wavelength([6564.61<AA>, 5008.24<AA>, 4862.68<AA>]) / 1<AA>
    var vacuum = vacuum_wavelength([6562.80<AA>, 5006.84<AA>, 4861.33<AA>]) / 1<AA>
    var back : f64<AA> = vacuum_wavelength(air_wavelength(3000<AA>))
}
query q on M { return normal, wide, sigma, speed, narrow, thermal, h_alpha, lyman, air, vacuum, back }
)", [] {
    std::string data = "x\n";
    for (int i = 0; i <= 2000; ++i) data += std::to_string(656.46 + 0.003 * (i - 1000)) + "\n";
    return data;
  }());
  ASSERT_EQ(rows.size(), 2001u);
  double normal = 0, wide = 0;
  for (const Answer& at : rows) {
    normal += 0.003 * at("normal");
    wide += 0.003 * at("wide");
  }
  EXPECT_NEAR(normal, 1, 1e-12);
  EXPECT_NEAR(wide, 2 / pi * std::atan(10), 1e-4) << "within ten half widths";
  const Answer& at = rows[1000];
  expect_close(at("normal"), 1 / (0.3 * std::sqrt(2 * pi)), "gaussian_profile");
  expect_close(at("wide"), 1 / (0.3 * pi), "lorentzian_profile");
  expect_close(rows[1100]("wide"), 0.5 / (0.3 * pi), "half as high at its half width", 1e-6);
  expect_close(at("sigma"), 6564.6 * 150 / 299792.458, "line_width");
  expect_close(at("speed"), 150, "line_dispersion");
  expect_close(at("narrow"), 1 / 2.3548200450309493, "fwhm_sigma");
  expect_close(at("thermal"), std::sqrt(1.380649e-23 * 1e4 / 1.67262192369e-27) / 1000, "thermal_dispersion");
  // Vacuum and air wavelengths of the SDSS line list and of NIST.
  expect_close(at("h_alpha"), 6564.61, "H alpha", 3e-5);
  expect_close(at("lyman"), 1215.67, "Lyman alpha", 3e-5);
  const double in_air[] = {6562.80, 5006.84, 4861.33}, in_vacuum[] = {6564.61, 5008.24, 4862.68};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(at("air", i), in_air[i], 0.01) << "air_wavelength";
    EXPECT_NEAR(at("vacuum", i), in_vacuum[i], 0.01) << "vacuum_wavelength";
  }
  expect_close(at("back"), 3000, "there and back", 1e-14);
}

}  // namespace
}  // namespace acie::testing

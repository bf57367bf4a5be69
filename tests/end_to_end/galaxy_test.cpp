// The galaxy example on the real survey, against the same formulas written out here in plain C++ with the C library's
// mathematics: abduction, action and prediction by hand, to 1e-12.

#include <fitsio.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

constexpr double kParsec = 3.0856775814913673e16;  // m, IAU 2015 B2: 648000/pi AU
constexpr double kYear = 365.25 * 86400;           // s, Julian
constexpr double kSunGM = 1.3271244e20;            // m^3/s^2, IAU 2015 B3
constexpr double kG = 6.67430e-11;                 // CODATA 2018
constexpr double kSunMass = kSunGM / kG;

double cosmic_age_gyr(double z) {
  const double hubble = 70e3 / (1e6 * kParsec), dark = 0.7, matter = 0.3;
  const double seconds =
      2 / (3 * hubble * std::sqrt(dark)) * std::asinh(std::sqrt(dark / matter) * std::pow(1 + z, -1.5));
  return seconds / (1e9 * kYear);
}

double main_sequence(double log_mass, double z) {
  const double t = cosmic_age_gyr(z);
  return (0.84 - 0.026 * t) * log_mass - (6.51 - 0.11 * t);
}

double radius_kpc(double log_mass) {
  const double mass = std::pow(10, log_mass);
  return 0.1 * std::pow(mass, 0.14) * std::pow(1 + mass / 3.98e10, 0.25);
}

double log_gas(double log_mass, double log_sfr) {
  const double area = M_PI * std::pow(2 * radius_kpc(log_mass), 2);  // kpc^2
  const double surface_rate = std::pow(10, log_sfr) / area;          // Msun/yr/kpc^2
  return std::log10(area * 1e6 * std::pow(surface_rate / 2.5e-4, 1 / 1.4));
}

double metallicity(double log_mass, double log_sfr) {
  const double turnover = 10.11 + 0.56 * log_sfr;
  return 8.779 - 0.31 / 2.1 * std::log10(1 + std::pow(10, -2.1 * (log_mass - turnover)));
}

/// Residual of the constraint `gas_budget`, scaled as language.md section 4 says: by the largest absolute term.
double gas_budget(double log_mass, double log_sfr, double log_gas) {
  const double radius = radius_kpc(log_mass) * 1e3 * kParsec;
  const double orbit = 2 * M_PI * std::sqrt(std::pow(radius, 3) / (kG * std::pow(10, log_mass) * kSunMass));
  const double used = std::pow(10, log_sfr) * orbit / kYear, available = std::pow(10, log_gas);  // Msun
  return std::max(0.0, (used - available) / std::max(used, available));
}

struct Survey {
  std::vector<double> z, mass, sfr, gas, metal;
};

Survey read_survey(const std::string& path) {
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_table(&file, path.c_str(), READONLY, &status);
  EXPECT_EQ(status, 0);
  long rows = 0;
  fits_get_num_rows(file, &rows, &status);
  auto column = [&](const char* name) {
    std::vector<double> values(rows);
    int number = 0, any = 0;
    double as_stored = 0;  // CFITSIO would report infinities as missing too; missing values are NaN in this file
    fits_get_colnum(file, CASESEN, const_cast<char*>(name), &number, &status);
    fits_read_col(file, TDOUBLE, number, 1, 1, rows, &as_stored, values.data(), &any, &status);
    EXPECT_EQ(status, 0) << name;
    return values;
  };
  Survey survey{column("Z_SDSS"), column("LOGMSTAR"), column("LOGSFR_BEST"), column("lgMHI"), column("Z_PP04_O3N2")};
  fits_close_file(file, &status);
  return survey;
}

void expect_close(const std::string& cell, double expected, const char* what, size_t row) {
  ASSERT_FALSE(cell.empty()) << what << " of row " << row << " is empty";
  EXPECT_NEAR(std::stod(cell), expected, 1e-12 * std::max(1.0, std::abs(expected))) << what << " of row " << row;
}

TEST(Galaxy, CounterfactualOfTheRealSurveyEqualsTheFormulas) {
  const std::string data = source("../shared/data/galaxies/xCOLD_xGASS.fits");
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "the survey is not here: " << data;
  const Survey survey = read_survey(data);

  TemporaryFolder folder;
  const std::string package = (folder / "galaxy.aciepkg").string(), answer = (folder / "answer.csv").string();
  const CommandResult compiled = run(compiler() + " " + source("examples/galaxy/galaxy.acie") + " -o " + package);
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  const CommandResult ran =
      run(runner() + " " + package + " doubled --allow-unsigned --data " + data + " --out " + answer);
  ASSERT_EQ(ran.exit_code, 0) << ran.err;

  const auto rows = parse_csv(read_file(answer));
  ASSERT_EQ(rows.size(), survey.z.size());
  size_t complete = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double z = survey.z[i], m = survey.mass[i], s = survey.sfr[i], g = survey.gas[i], o = survey.metal[i];
    auto row = rows[i];
    if (std::isnan(z + m + s + g + o)) {
      EXPECT_EQ(row["status"], "bad_input") << "row " << i;
      EXPECT_EQ(row["log_sfr"], "") << "row " << i;
      continue;
    }
    if (!std::isfinite(z + m + s + g + o)) {  // the catalogue holds two infinite star formation rates
      EXPECT_EQ(row["status"], "undefined") << "row " << i;
      EXPECT_EQ(row["log_sfr"], "") << "row " << i;
      continue;
    }
    ++complete;
    EXPECT_EQ(row["status"], "ok") << "row " << i;
    const double u_sfr = s - main_sequence(m, z);
    const double u_gas = g - log_gas(m, s);
    const double u_metal = o - metallicity(m, s);
    const double m2 = m + std::log10(2.0);
    const double s2 = main_sequence(m2, z) + u_sfr;
    const double g2 = log_gas(m2, s2) + u_gas;
    const double o2 = metallicity(m2, s2) + u_metal;
    expect_close(row["log_mass"], m2, "log_mass", i);
    expect_close(row["log_sfr"], s2, "log_sfr", i);
    expect_close(row["log_gas"], g2, "log_gas", i);
    expect_close(row["metal"], o2, "metal", i);
    expect_close(row["physics_violation"], gas_budget(m2, s2, g2), "physics_violation", i);
  }
  EXPECT_GE(complete, 350u);  // 368 galaxies have this metallicity, fewer have every column
}

}  // namespace
}  // namespace acie::testing

// The spectrum example, bin by bin, against the same formulas written out here in long double: on a real galaxy, on a spectrum drawn
// from the model, and its treatment of units and of bins that were not measured.

#include <fitsio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/command.h"

namespace acie::testing {
namespace {

using ::testing::HasSubstr;
using Real = long double;

constexpr char kGalaxy[] = "spec-1039-52707-0207";  // 14 of its bins were not measured

/// What belongs to a whole galaxy; the defaults are those of the program.
struct Galaxy {
  Real z = 0.0125L, temperature = 6000, level = 100, excess = 0.3L, dispersion = 90;
  std::vector<Real> strengths = {900, 1200, 470, 1000, 300, 900, 80, 300, 2860, 900, 500, 370};
};

Galaxy read_values(const std::string& path) {
  const auto values = nlohmann::json::parse(read_file(path)).at("Spectrum");
  Galaxy galaxy;
  galaxy.z = values.at("z").get<double>();
  galaxy.temperature = values.at("temperature").get<double>();
  galaxy.level = values.at("level").get<double>();
  galaxy.excess = values.at("excess").get<double>();
  galaxy.dispersion = values.at("dispersion").get<double>();
  galaxy.strengths.clear();
  for (const auto& value : values.at("strengths")) galaxy.strengths.push_back(value.get<double>());
  return galaxy;
}

constexpr Real kLines[12] = {3727.091727L, 3729.875448L, 4341.684313L, 4862.682994L, 4960.294901L, 5008.239638L,
                             6302.046376L, 6549.858930L, 6564.613894L, 6585.268445L, 6718.294208L, 6732.678077L};

/// A(λ)/A(V) in the optical, Cardelli, Clayton & Mathis (1989), eq. 3, R_V = 3.1.
Real cardelli(Real angstrom) {
  const Real y = 1e4L / angstrom - 1.82L;
  const Real a = 1 + 0.17699L * y - 0.50447L * y * y - 0.02427L * std::pow(y, 3) + 0.72085L * std::pow(y, 4) + 0.01979L * std::pow(y, 5) -
                 0.77530L * std::pow(y, 6) + 0.32999L * std::pow(y, 7);
  const Real b = 1.41338L * y + 2.28305L * y * y + 1.07233L * std::pow(y, 3) - 5.38434L * std::pow(y, 4) - 0.62251L * std::pow(y, 5) +
                 5.30260L * std::pow(y, 6) - 2.09002L * std::pow(y, 7);
  return a + b / 3.1L;
}

/// A(λ)/E(B−V), Calzetti et al. (2000), eq. 4.
Real calzetti(Real angstrom) {
  const Real x = 1e4L / angstrom;
  if (angstrom < 6300) return 2.659L * (-2.156L + 1.509L * x - 0.198L * x * x + 0.011L * x * x * x) + 4.05L;
  return 2.659L * (-1.857L + 1.040L * x) + 4.05L;
}

Real model_flux(const Galaxy& galaxy, Real loglam, Real dust, Real share) {
  const Real wavelength = std::pow(10.0L, loglam) / (1 + galaxy.z), excess = dust * galaxy.excess;
  const Real second = 6.62607015e-34L * 299792458.0L / 1.380649e-23L * 1e10L;  // h c / k in Å K
  auto planck = [&](Real w) { return std::pow(w, -5.0L) / std::expm1(second / (w * galaxy.temperature)); };
  const Real stars =
      galaxy.level * planck(wavelength) / planck(5500) * std::pow(10.0L, -0.4L * 0.44L * excess * calzetti(wavelength));
  const Real passes = std::pow(10.0L, -0.4L * 3.1L * excess * cardelli(wavelength));
  Real gas = 0;
  for (int i = 0; i < 12; ++i) {
    const Real sigma = kLines[i] * galaxy.dispersion / 299792.458L, off = (wavelength - kLines[i]) / sigma;
    gas += passes * share * galaxy.strengths[i] * std::exp(-0.5L * off * off) / (sigma * std::sqrt(2 * std::acos(-1.0L)));
  }
  return stars + gas;
}

struct Table {
  std::vector<double> flux, loglam, ivar;
};

Table read_table(const std::string& path) {
  fitsfile* file = nullptr;
  int status = 0;
  fits_open_table(&file, path.c_str(), READONLY, &status);
  EXPECT_EQ(status, 0) << path;
  long rows = 0;
  fits_get_num_rows(file, &rows, &status);
  auto column = [&](const char* name) {
    std::vector<double> values(rows);
    int number = 0, any = 0;
    fits_get_colnum(file, CASEINSEN, const_cast<char*>(name), &number, &status);
    fits_read_col(file, TDOUBLE, number, 1, 1, rows, nullptr, values.data(), &any, &status);
    EXPECT_EQ(status, 0) << name;
    return values;
  };
  Table table{column("flux"), column("loglam"), column("ivar")};
  fits_close_file(file, &status);
  return table;
}

class Spectrum : public ::testing::Test {
 protected:
  void SetUp() override {
    const CommandResult compiled = run(compiler() + " " + source("examples/spectrum/spectrum.acie") + " -o " + path("spectrum.aciepkg"));
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  CommandResult answer(const std::string& arguments) const {
    return run(runner() + " " + path("spectrum.aciepkg") + " " + arguments + " --allow-unsigned");
  }

  /// Every bin of `data` (as read by CFITSIO) in the answer to `changed` with these options; returns how many had one.
  void compare(const std::string& data, const Galaxy& galaxy, const std::string& options, Real dust, Real share, size_t* answered) const {
    const Table table = read_table(data);
    const CommandResult ran = answer("changed --data " + data + " " + options + " --out " + path("answer.csv"));
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const auto rows = parse_csv(read_file(path("answer.csv")));
    ASSERT_EQ(rows.size(), table.flux.size());
    *answered = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      auto row = rows[i];
      if (!(table.ivar[i] > 0)) {
        EXPECT_EQ(row["status"], "bad_input") << "bin " << i;
        EXPECT_EQ(row["counterfactual"], "") << "bin " << i;
        continue;
      }
      ++*answered;
      ASSERT_EQ(row["status"], "ok") << "bin " << i;
      const Real before = model_flux(galaxy, table.loglam[i], 1, 1), after = model_flux(galaxy, table.loglam[i], dust, share);
      // The counterfactual is a difference of terms: relative to the largest of them.
      const Real scale = std::max({std::abs(Real(table.flux[i])), before, after});
      EXPECT_EQ(std::stod(row["observed"]), table.flux[i]) << "bin " << i;
      EXPECT_NEAR(std::stod(row["explained"]), before, 1e-12L * before) << "bin " << i;
      EXPECT_NEAR(std::stod(row["counterfactual"]), table.flux[i] - before + after, 1e-12L * scale) << "bin " << i;
    }
  }

  /// A spectrum of `count` bins drawn from the model, every hundredth of them not measured.
  std::string generate(int count) const {
    std::ofstream grid(path("grid.csv"));
    grid << "loglam,ivar\n";
    for (int i = 0; i < count; ++i) grid << 3.58 + i * 1e-4 << "," << (i % 100 == 99 ? 0 : 0.25) << "\n";
    grid.close();
    const std::string data = path("generated.fits");
    const CommandResult ran = answer("generated --draws 1 --seed 7 --data " + path("grid.csv") + " --out " + data);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return data;
  }

  TemporaryFolder folder_;
};

TEST_F(Spectrum, CounterfactualOfARealGalaxyEqualsTheFormulas) {
  const std::string data = source("../shared/data/spectra/" + std::string(kGalaxy) + ".fits");
  if (!std::filesystem::exists(data)) GTEST_SKIP() << "the spectra are not here: " << data;
  const std::string values = source("examples/spectrum/values/" + std::string(kGalaxy) + ".json");
  size_t answered = 0;
  compare(data, read_values(values), "--params " + values + " --rejects " + path("rejects.csv"), 2, 0.5L, &answered);
  EXPECT_EQ(answered, 3834u - 14);
  EXPECT_THAT(read_file(path("rejects.csv")), HasSubstr("2716,bad_input,\"ivar = 0 is outside its declared range 1e-12..inf\""));
  // Nothing changes in a world where nothing is changed.
  const CommandResult same = answer("changed --data " + data + " --params " + values + " --set dust=1 --set lines_share=1 --out -");
  for (auto& row : parse_csv(same.out)) EXPECT_EQ(row["counterfactual"], row["observed"]);
}

TEST_F(Spectrum, CounterfactualOfADrawnSpectrumEqualsTheFormulas) {
  const std::string data = generate(3800);
  Galaxy galaxy;
  size_t answered = 0;
  compare(data, galaxy, "--set dust=3 --set lines_share=0.25", 3, 0.25L, &answered);
  EXPECT_EQ(answered, 3800u - 38);
  // The noise of the model is what was drawn: its mean square is 1 within five of its standard deviations sqrt(2 / n).
  const CommandResult misfit = answer("misfit --data " + data + " --out -");
  EXPECT_NEAR(std::stod(parse_csv(misfit.out).at(0).at("misfit")), 1, 5 * std::sqrt(2.0 / answered));
  // The same bins at another redshift do not fit: the values that are set are the ones that are used.
  const CommandResult shifted = answer("misfit --data " + data + " --set Spectrum.z=0.02 --out -");
  EXPECT_GT(std::stod(parse_csv(shifted.out).at(0).at("misfit")), 2);
}

/// A table of one bin whose flux has this TUNIT; none if empty.
void write_bin(const std::string& path, const std::string& unit) {
  fitsfile* file = nullptr;
  int status = 0;
  fits_create_diskfile(&file, path.c_str(), &status);
  const char *names[] = {"flux", "loglam", "ivar"}, *forms[] = {"D", "D", "D"}, *units[] = {unit.c_str(), "", ""};
  fits_create_tbl(file, BINARY_TBL, 1, 3, const_cast<char**>(names), const_cast<char**>(forms), const_cast<char**>(units), "COADD", &status);
  double values[] = {50, 3.7, 4};
  for (int i = 0; i < 3; ++i) fits_write_col(file, TDOUBLE, i + 1, 1, 1, 1, values + i, &status);
  fits_close_file(file, &status);
  EXPECT_EQ(status, 0);
}

TEST_F(Spectrum, UnitOfTheFluxIsChecked) {
  auto observed = [&](const std::string& name, const std::string& unit) {
    write_bin(path(name), unit);
    const CommandResult ran = answer("changed --data " + path(name) + " --out -");
    EXPECT_EQ(ran.exit_code, 0) << unit << ": " << ran.err;
    const auto rows = parse_csv(ran.out);
    return rows.empty() ? NAN : std::stod(rows[0].at("observed"));
  };
  EXPECT_EQ(observed("none.fits", ""), 50);  // as declared; the script checks BUNIT of the primary header
  EXPECT_NEAR(observed("sdss.fits", "1E-17 erg/cm^2/s/Ang"), 50, 1e-12);
  EXPECT_NEAR(observed("cgs.fits", "erg/cm^2/s/Ang"), 50e17, 50e5);
  write_bin(path("jansky.fits"), "Jy");
  const CommandResult refused = answer("changed --data " + path("jansky.fits") + " --out -");
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("Jy"));
  // What acie-run writes has its unit, and reads back.
  const std::string data = generate(3);
  fitsfile* file = nullptr;
  int status = 0, number = 0;
  char unit[80] = "";
  fits_open_table(&file, data.c_str(), READONLY, &status);
  fits_get_colnum(file, CASEINSEN, const_cast<char*>("flux"), &number, &status);
  fits_read_key(file, TSTRING, ("TUNIT" + std::to_string(number)).c_str(), unit, nullptr, &status);
  fits_close_file(file, &status);
  EXPECT_EQ(status, 0);
  EXPECT_STRNE(unit, "");
}

}  // namespace
}  // namespace acie::testing

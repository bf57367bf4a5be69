// std.physics against formulas written out here in SI, closed forms, a fine quadrature, and figures from the literature.

#include <functional>

#include "tests/end_to_end/stdlib/ask.h"

namespace acie::testing {
namespace {

// CODATA 2018 and IAU values, typed in again.
constexpr double c = 299792458, G = 6.67430e-11, h = 6.62607015e-34, k = 1.380649e-23, sigma = 5.670374419e-8;
constexpr double proton = 1.67262192369e-27, thomson = 6.6524587321e-29;
constexpr double parsec = 3.0856775814913673e16, gigayear = 1e9 * 31557600, sun = 1.988409870698051e30, solar_radius = 6.957e8, au = 149597870700;
const double pi = std::acos(-1.0);

TEST(Physics, EnergyAndTheVirialTheorem) {
  const auto rows = ask(R"(
import std.physics
model M {
    input m : f64<kg>[3]
    input x : f64<m>[9]
    input v : f64<m/s>[9]
    let positions = reshape(x, 3, 3)
    let velocities = reshape(v, 3, 3)
    let total = total_kinetic_energy(m, velocities)
    let bound = total_potential_energy(m, positions)
    var kinetic : f64<kJ> = kinetic_energy(m[0], v[0])
    var fast : f64<J> = relativistic_kinetic_energy(m[0], 0.6 * 299792458<m/s>)
    var slow : f64<J> = relativistic_kinetic_energy(m[0], 1<m/s>)
    var pair : f64<J> = potential_energy(m[0], m[1], 2<m>)
    var sphere : f64<J> = sphere_potential_energy(m[0], 2<m>)
    var all_kinetic : f64<J> = total
    var all_potential : f64<J> = bound
    var ratio = virial_ratio(total, bound)
    var residual = virial_residual(total, bound)
    var p : f64<kg*m/s>[3] = total_momentum(m, velocities)
    var l : f64<kg*m^2/s>[3] = total_angular_momentum(m, positions, velocities)
    var cluster : f64<Msun> = virial_mass(1000<km/s>, 1.5<Mpc>)
    var halo : f64<K> = virial_temperature(220<km/s>)
}
query q on M { return kinetic, fast, slow, pair, sphere, all_kinetic, all_potential, ratio, residual, p, l, cluster, halo }
)", "m[0],m[1],m[2],x[0],x[1],x[2],x[3],x[4],x[5],x[6],x[7],x[8],v[0],v[1],v[2],v[3],v[4],v[5],v[6],v[7],v[8]\n"
    "2,3,5,1,0,0.5,-1,2,0,0.25,-3,4,7,-1,2,0.5,0.25,-2,1,3,-4\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const double m[3] = {2, 3, 5}, x[3][3] = {{1, 0, 0.5}, {-1, 2, 0}, {0.25, -3, 4}}, v[3][3] = {{7, -1, 2}, {0.5, 0.25, -2}, {1, 3, -4}};
  double kinetic = 0, potential = 0, p[3] = {}, l[3] = {};
  for (int i = 0; i < 3; ++i) {
    for (int a = 0; a < 3; ++a) {
      kinetic += 0.5 * m[i] * v[i][a] * v[i][a];
      p[a] += m[i] * v[i][a];
      const int b = (a + 1) % 3, d = (a + 2) % 3;
      l[a] += m[i] * (x[i][b] * v[i][d] - x[i][d] * v[i][b]);
    }
    for (int j = 0; j < i; ++j) potential -= G * m[i] * m[j] / std::hypot(x[i][0] - x[j][0], x[i][1] - x[j][1], x[i][2] - x[j][2]);
  }
  expect_close(at("kinetic"), 0.5 * 2 * 49 / 1000, "kinetic energy in kJ");
  expect_close(at("fast"), 2 * c * c * 0.25, "at 0.6 c, gamma is 1.25");
  expect_close(at("slow"), 1, "at 1 m/s nothing cancels");
  expect_close(at("pair"), -G * 6 / 2, "pair");
  expect_close(at("sphere"), -0.6 * G * 4 / 2, "sphere");
  expect_close(at("all_kinetic"), kinetic, "kinetic energy of all");
  expect_close(at("all_potential"), potential, "potential energy of all");
  expect_close(at("ratio"), -2 * kinetic / potential, "virial ratio");
  expect_close(at("residual"), -(2 * kinetic + potential) / potential, "virial residual");
  for (size_t a = 0; a < 3; ++a) {
    expect_close(at("p", a), p[a], "momentum");
    expect_close(at("l", a), l[a], "angular momentum");
  }
  expect_close(at("cluster"), 5 * 1e12 * 1.5e6 * parsec / G / sun, "virial mass");
  expect_close(at("halo"), 0.6 * proton * 2.2e5 * 2.2e5 / (2 * k), "virial temperature");
}

TEST(Physics, ConservationAndGases) {
  const auto rows = ask(R"(
import std.physics
model M {
    input t : f64<K>
    var flow : f64<kg/s> = mass_flow(2<g/cm^3>, 3<m/s>, 4<m^2>)
    var narrow : f64<m/s> = continuity_speed(2<m/s>, 3<m^2>, 0.5<m^2>)
    // Four walls move mass between three cells, none in or out.
    let flux : f64<kg/m^2/s>[4] = [0<kg/m^2/s>, 0.5<kg/m^2/s>, -0.25<kg/m^2/s>, 0<kg/m^2/s>]
    let before : f64<kg/m^3>[3] = [1<kg/m^3>, 2<kg/m^3>, 3<kg/m^3>]
    let after : f64<kg/m^3>[3] = [0.75<kg/m^3>, 2.375<kg/m^3>, 3<kg/m^3>]
    var leak = continuity_residual(before, after, flux, 2<s>, 4<m>) / 1<kg/m^3/s>
    var sound : f64<km/s> = sound_speed(t, 2.33)
    var jeans : f64<pc> = jeans_length(sound, 1e-20<g/cm^3>)
    var clump : f64<Msun> = jeans_mass(sound, 1e-20<g/cm^3>)
    var fall : f64<yr> = free_fall_time(1e-20<g/cm^3>)
    var eddington : f64<Lsun> = eddington_luminosity(1<Msun>)
}
query q on M { return flow, narrow, leak, sound, jeans, clump, fall, eddington }
)", "t\n10\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const double density = 1e-17, sound = std::sqrt(5.0 / 3 * k * 10 / (2.33 * proton)), jeans = sound * std::sqrt(pi / (G * density));
  expect_close(at("flow"), 24000, "mass flow");
  expect_close(at("narrow"), 12, "speed behind a narrowing");
  expect_close(at("leak", 0), 0, "mass leaves the first cell as the flux says");
  expect_close(at("leak", 1), 0.375 / 2 - 0.75 / 4, "second cell");
  expect_close(at("leak", 2), 0.25 / 4, "the third should have gained");
  expect_close(at("sound"), sound / 1000, "sound speed");
  expect_close(at("jeans"), jeans / parsec, "Jeans length");
  expect_close(at("clump"), 4.0 / 3 * pi * density * std::pow(jeans / 2, 3) / sun, "Jeans mass");
  expect_close(at("fall"), std::sqrt(3 * pi / (32 * G * density)) / 31557600, "free fall");
  expect_close(at("eddington"), 4 * pi * G * sun * proton * c / thomson / 3.828e26, "Eddington luminosity");
  EXPECT_NEAR(at("eddington"), 3.2e4, 0.1e4) << "about 3.2e4 solar luminosities for each solar mass";
}

TEST(Physics, OrbitsAndHorizons) {
  const auto rows = ask(R"(
import std.physics
model M {
    input m : f64<Msun>
    var horizon : f64<km> = schwarzschild_radius(m)
    var escape : f64<km/s> = escape_velocity(1<Mearth>, 1<Rearth>)
    var circular : f64<km/s> = circular_velocity(m, 1<AU>)
    var year : f64<d> = orbital_period(m, 1<AU>)
    var axis : f64<AU> = semi_major_axis(m, orbital_period(m, 3<AU>))
    var perihelion : f64<km/s> = orbital_speed(m, 0.5<AU>, 1<AU>)
    var hill : f64<AU> = hill_radius(5.2<AU>, 1<Mjup>, m)
}
query q on M { return horizon, escape, circular, year, axis, perihelion, hill }
)", "m\n1\n");
  ASSERT_EQ(rows.size(), 1u);
  const Answer& at = rows[0];
  const double gm = G * sun;
  expect_close(at("horizon"), 2 * gm / (c * c) / 1000, "horizon");
  EXPECT_NEAR(at("horizon"), 2.953, 1e-3) << "2.95 km for the Sun";
  EXPECT_NEAR(at("escape"), 11.18, 0.01) << "11.2 km/s from the Earth";
  expect_close(at("circular"), std::sqrt(gm / au) / 1000, "circular speed");
  expect_close(at("year"), 2 * pi * std::sqrt(au * au * au / gm) / 86400, "period");
  EXPECT_NEAR(at("year"), 365.2569, 1e-3) << "the Gaussian year";
  expect_close(at("axis"), 3, "Kepler's law there and back");
  expect_close(at("perihelion"), std::sqrt(gm * (2 / (0.5 * au) - 1 / au)) / 1000, "vis-viva");
  expect_close(at("hill"), 5.2 * std::cbrt(1.8981245973360505e27 / (3 * sun)), "Hill radius");
}

TEST(Physics, BlackBodiesAndLight) {
  const auto rows = ask(R"(
import std.physics
model M {
    input t : f64<K>
    input l : f64<nm>
    let nu = 299792458<m/s> / l
    var per_wavelength : f64<W/m^2/nm/sr> = planck_wavelength(l, t)
    var per_frequency : f64<W/m^2/Hz/sr> = planck_frequency(nu, t)
    var radio : f64<K> = brightness_temperature(planck_frequency(1<GHz>, t), 1<GHz>)
    var brightest : f64<nm> = wien_wavelength(t)
    var brightest_frequency : f64<GHz> = wien_frequency(t)
    var emitted : f64<W/m^2> = stefan_boltzmann(t)
    var star : f64<Lsun> = star_luminosity(1<Rsun>, t)
    var surface : f64<K> = effective_temperature(1<Lsun>, 1<Rsun>)
    var earth : f64<K> = equilibrium_temperature(t, 1<Rsun>, 1<AU>, albedo: 0.3)
    var photon : f64<eV> = photon_energy(l)
    var solar_constant : f64<W/m^2> = flux_at(1<Lsun>, 1<AU>)
    var ab = ab_magnitude(3.631<mJy>)
    var back : f64<Jy> = ab_flux(17.5<mag>)
    var z = redshift_of_velocity(30000<km/s>)
    var tiny = redshift_of_velocity(1<mm/s>)
    var speed : f64<km/s> = velocity_of_redshift(z)
    var quasar : f64<km/s> = velocity_of_redshift(3)
    var seen : f64<nm> = observed_wavelength(l, 2)
    var emitted_at : f64<nm> = rest_wavelength(l, 1)
}
query q on M {
    return per_wavelength, per_frequency, radio, brightest, brightest_frequency, emitted, star, surface, earth, photon, solar_constant, ab, back,
           z, tiny, speed, quasar, seen, emitted_at
}
)", "t,l\n5772,500\n2.7255,1e6\n");
  ASSERT_EQ(rows.size(), 2u);
  const double temperatures[] = {5772, 2.7255}, wavelengths[] = {500e-9, 1e-3};
  for (size_t r = 0; r < 2; ++r) {
    const Answer& at = rows[r];
    const double t = temperatures[r], l = wavelengths[r], nu = c / l;
    expect_close(at("per_wavelength"), 2 * h * c * c / std::pow(l, 5) / std::expm1(h * c / (l * k * t)) * 1e-9, "Planck per wavelength");
    expect_close(at("per_frequency"), 2 * h * nu * nu * nu / (c * c) / std::expm1(h * nu / (k * t)), "Planck per frequency");
    const double x = h * 1e9 / (k * t);
    expect_close(at("radio"), t * x / std::expm1(x), "brightness temperature");
    expect_close(at("emitted"), sigma * t * t * t * t, "Stefan-Boltzmann");
    expect_close(at("star"), 4 * pi * solar_radius * solar_radius * sigma * std::pow(t, 4) / 3.828e26, "luminosity");
    expect_close(at("earth"), t * std::sqrt(solar_radius / (2 * au)) * std::pow(0.7, 0.25), "equilibrium temperature");
    expect_close(at("photon"), h * c / l / 1.602176634e-19, "photon energy");
    // Wien: where the derivative of Planck's law changes its sign.
    const auto wavelength = [&](double at_wavelength) { return std::pow(at_wavelength, -5) / std::expm1(h * c / (at_wavelength * k * t)); };
    const auto frequency = [&](double at_frequency) { return std::pow(at_frequency, 3) / std::expm1(h * at_frequency / (k * t)); };
    const double top = at("brightest") * 1e-9, peak = at("brightest_frequency") * 1e9;
    EXPECT_GT(wavelength(top), std::max(wavelength(top * (1 - 1e-6)), wavelength(top * (1 + 1e-6))));
    EXPECT_GT(frequency(peak), std::max(frequency(peak * (1 - 1e-6)), frequency(peak * (1 + 1e-6))));
    // CODATA 2018 gives both constants to ten digits.
    expect_close(top * t, 2.897771955e-3, "Wien's constant", 1e-9);
    expect_close(peak / t, 5.878925757e10, "Wien's constant of frequency", 1e-9);
    expect_close(at("surface"), 5772, "the Sun's nominal temperature (IAU 2015 B3)", 1e-4);
    expect_close(at("solar_constant"), 1361, "nominal irradiance (IAU 2015 B3)", 2e-4);
    expect_close(at("ab"), 15, "0 mag is 3631 Jy");
    expect_close(at("back"), 3631e-7, "17.5 mag is a factor 1e7");
    const double beta = 3e7 / c;
    expect_close(at("z"), std::sqrt((1 + beta) / (1 - beta)) - 1, "Doppler");
    expect_close(at("tiny"), 1e-3 / c * (1 + 0.5e-3 / c), "nothing cancels at small speeds");
    expect_close(at("speed"), 30000, "there and back");
    expect_close(at("quasar"), c * 15 / 17 / 1000, "z = 3");
    expect_close(at("seen"), 3e9 * l, "observed");
    expect_close(at("emitted_at"), 0.5e9 * l, "rest");
  }
}

/// Simpson's rule with many steps.
double simpson(const std::function<double(double)>& f, double from, double to) {
  constexpr int kSteps = 20000;
  double sum = f(from) + f(to);
  for (int i = 1; i < kSteps; ++i) sum += (i % 2 == 1 ? 4 : 2) * f(from + (to - from) * i / kSteps);
  return sum * (to - from) / kSteps / 3;
}

TEST(Physics, FlatUniverses) {
  const auto rows = ask(R"(
import std.physics
model M {
    input z : f64
    input h0 : f64<km/s/Mpc>
    input om : f64
    var comoving : f64<Mpc> = comoving_distance(z, h0, om)
    var luminosity : f64<Mpc> = luminosity_distance(z, h0, om)
    var angular : f64<Mpc> = angular_diameter_distance(z, h0, om)
    var modulus = distance_modulus(z, h0, om)
    var volume : f64<Gpc^3> = comoving_volume(z, h0, om)
    var lookback : f64<Gyr> = lookback_time(z, h0, om)
    var age : f64<Gyr> = universe_age(z, h0, om)
    var rate : f64<km/s/Mpc> = hubble_rate(z, h0, om)
    var critical : f64<g/cm^3> = critical_density(z, h0, om)
    var planck_age : f64<Gyr> = universe_age(0)
}
query q on M { return comoving, luminosity, angular, modulus, volume, lookback, age, rate, critical, planck_age }
)", "z,h0,om\n1,70,0.3\n0.5,67.66,0.30966\n6,70,0.05\n1100,70,0.3\n1e-9,70,0.3\n3,50,1\n0.01,100,0.9\n");
  ASSERT_EQ(rows.size(), 7u);
  const double inputs[7][3] = {{1, 70, 0.3}, {0.5, 67.66, 0.30966}, {6, 70, 0.05}, {1100, 70, 0.3}, {1e-9, 70, 0.3}, {3, 50, 1}, {0.01, 100, 0.9}};
  for (size_t r = 0; r < 7; ++r) {
    const Answer& at = rows[r];
    const double z = inputs[r][0], h0 = inputs[r][1], om = inputs[r][2], rate = h0 * 1e3 / (1e6 * parsec);
    const std::string row = " of row " + std::to_string(r);
    // In y = ln(1 + z), not in the variable that the library integrates over.
    const auto expansion = [&](double y) { return std::sqrt(om * std::exp(3 * y) + 1 - om); };
    const double comoving = c / rate * simpson([&](double y) { return std::exp(y) / expansion(y); }, 0, std::log1p(z)) / (1e6 * parsec);
    const double lookback = simpson([&](double y) { return 1 / expansion(y); }, 0, std::log1p(z)) / rate / gigayear;
    const double age = om == 1 ? 2 / (3 * rate) * std::pow(1 + z, -1.5) : 2 / (3 * rate * std::sqrt(1 - om)) * std::asinh(std::sqrt((1 - om) / om) * std::pow(1 + z, -1.5));
    expect_close(at("comoving"), comoving, "comoving distance" + row, 1e-11);
    expect_close(at("luminosity"), comoving * (1 + z), "luminosity distance" + row, 1e-11);
    expect_close(at("angular"), comoving / (1 + z), "angular diameter distance" + row, 1e-11);
    expect_close(at("modulus"), 5 * std::log10(comoving * (1 + z) * 1e5), "distance modulus" + row, 1e-11);
    expect_close(at("volume"), 4 * pi / 3 * std::pow(comoving / 1000, 3), "volume" + row, 1e-10);
    expect_close(at("lookback"), lookback, "lookback time" + row, 1e-11);
    expect_close(at("age"), age / gigayear, "age" + row, 1e-11);
    expect_close(at("rate"), h0 * expansion(std::log1p(z)), "expansion rate" + row);
    expect_close(at("critical"), 3 * std::pow(rate * expansion(std::log1p(z)), 2) / (8 * pi * G) / 1000, "critical density" + row);
  }
  // The example of astropy's documentation, FlatLambdaCDM(H0=70, Om0=0.3) at z = 1.
  expect_close(rows[0]("comoving"), 3303.8288058874678, "astropy", 1e-12);
  expect_close(rows[0]("luminosity"), 6607.6576117749355, "astropy", 1e-12);
  expect_close(rows[0]("lookback"), 7.715337003613595, "astropy", 1e-12);
  // Einstein and de Sitter's universe has a closed form: 2 c / H0 (1 - (1 + z)^(-1/2)).
  expect_close(rows[5]("comoving"), c / 50e3, "matter alone, z = 3", 1e-12);
  EXPECT_NEAR(rows[0]("planck_age"), 13.787, 0.03) << "Planck 2018 VI, table 2";
}

// Functions of numbers apply to spectra and lists of redshifts: to few elements and to many.
TEST(Physics, OfVectors) {
  for (const size_t n : {3, 70}) {
    std::string header, line;
    for (size_t i = 0; i < n; ++i) {
      header += (i > 0 ? ",z[" : "z[") + std::to_string(i) + "]";
      line += (i > 0 ? "," : "") + std::to_string(0.125 * static_cast<double>(i));
    }
    const auto rows = ask("import std.physics\ndim N = " + std::to_string(n) + R"(
model M {
    input z : f64[N]
    var way : f64<Mpc>[N] = luminosity_distance(z, 70<km/s/Mpc>, 1)
    var intensity : f64<W/m^2/nm/sr>[N] = planck_wavelength(500<nm> * (1 + z), 5772<K>)
}
query q on M { return way, intensity }
)", header + "\n" + line + "\n");
    ASSERT_EQ(rows.size(), 1u);
    for (size_t i = 0; i < n; ++i) {
      const double z = 0.125 * static_cast<double>(i), l = 500e-9 * (1 + z);
      expect_close(rows[0]("way", i), 2 * c / 70e3 * (1 + z - std::sqrt(1 + z)), "luminosity distance in a universe of matter", 1e-11);
      expect_close(rows[0]("intensity", i), 2 * h * c * c / std::pow(l, 5) / std::expm1(h * c / (l * k * 5772)) * 1e-9, "Planck");
    }
  }
}

}  // namespace
}  // namespace acie::testing

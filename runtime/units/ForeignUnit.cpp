// Units as data files spell them.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "runtime/units/ParseUnit.h"

namespace acie::units {
namespace {

constexpr int kMaxDepth = 64;

struct Synonym {
  std::string_view spelling;
  const char* name;
};

// FITS standard 4.0 tables 3 to 5 and VOUnits 1.1 where they differ from our names, and what catalogues write
// instead.
constexpr std::array kSynonyms = {
    Synonym{"solMass", "Msun"},
    Synonym{"M_sun", "Msun"},
    Synonym{"Msol", "Msun"},
    Synonym{"M_Sun", "Msun"},
    Synonym{"solLum", "Lsun"},
    Synonym{"L_sun", "Lsun"},
    Synonym{"Lsol", "Lsun"},
    Synonym{"L_Sun", "Lsun"},
    Synonym{"solRad", "Rsun"},
    Synonym{"R_sun", "Rsun"},
    Synonym{"Rsol", "Rsun"},
    Synonym{"R_Sun", "Rsun"},
    Synonym{"geoMass", "Mearth"},
    Synonym{"geoRad", "Rearth"},
    Synonym{"jupMass", "Mjup"},
    Synonym{"jupRad", "Rjup"},
    Synonym{"M_earth", "Mearth"},
    Synonym{"earthMass", "Mearth"},
    Synonym{"R_earth", "Rearth"},
    Synonym{"earthRad", "Rearth"},
    Synonym{"M_jup", "Mjup"},
    Synonym{"jupiterMass", "Mjup"},
    Synonym{"R_jup", "Rjup"},
    Synonym{"jupiterRad", "Rjup"},
    Synonym{"Angstrom", "AA"},
    Synonym{"angstrom", "AA"},
    Synonym{"Angstroms", "AA"},
    Synonym{"angstroms", "AA"},
    Synonym{"Ang", "AA"},
    Synonym{"micron", "um"},
    Synonym{"microns", "um"},
    Synonym{"lyr", "ly"},
    Synonym{"parsec", "pc"},
    Synonym{"a", "yr"},
    Synonym{"year", "yr"},
    Synonym{"years", "yr"},
    Synonym{"yrs", "yr"},
    Synonym{"day", "d"},
    Synonym{"days", "d"},
    Synonym{"hr", "h"},
    Synonym{"hour", "h"},
    Synonym{"hours", "h"},
    Synonym{"minute", "min"},
    Synonym{"minutes", "min"},
    Synonym{"sec", "s"},
    Synonym{"second", "s"},
    Synonym{"seconds", "s"},
    Synonym{"degree", "deg"},
    Synonym{"degrees", "deg"},
    Synonym{"\u00b0", "deg"},
    Synonym{"arcminute", "arcmin"},
    Synonym{"arcsecond", "arcsec"},
    Synonym{"asec", "arcsec"},
    Synonym{"amin", "arcmin"},
    Synonym{"'", "arcmin"},
    Synonym{"\"", "arcsec"},
    Synonym{"radian", "rad"},
    Synonym{"radians", "rad"},
    Synonym{"Ohm", "ohm"},
    Synonym{"jansky", "Jy"},
    Synonym{"Jansky", "Jy"},
    Synonym{"ergs", "erg"},
    Synonym{"dyne", "dyn"},
    Synonym{"gauss", "G"},
    Synonym{"Gauss", "G"},
    Synonym{"magnitude", "mag"},
    Synonym{"mags", "mag"},
    Synonym{"Kelvin", "K"},
    Synonym{"kelvin", "K"},
    Synonym{"percent", "%"},
    Synonym{"l", "L"},
    Synonym{"meter", "m"},
    Synonym{"metre", "m"},
    Synonym{"gram", "g"},
};

// The astronomer's set with the synonyms added, so that they take prefixes too (Mparsec, GAngstrom, Ga).
const UnitTable& synonym_table() {
  static const UnitTable table = [] {
    UnitTable result = astro_units();
    for (const Synonym& synonym : kSynonyms) {
      const auto entry = result.entries().find(std::string_view(synonym.name));
      const bool prefixable = entry != result.entries().end() && entry->second.prefixable;
      if (const std::optional<Unit> unit = result.find(synonym.name))
        result.add(std::string(synonym.spelling), *unit, prefixable);
    }
    return result;
  }();
  return table;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Parser {
 public:
  Parser(std::string_view text, const UnitTable& table) : text_(text), table_(table) {}

  UnitResult run() {
    UnitResult result;
    skip_space();
    const size_t last = text_.find_last_not_of(" \t");
    text_ = text_.substr(0, last == std::string_view::npos ? 0 : last + 1);
    if (text_.empty() || text_.substr(place_) == "---" || text_.substr(place_) == "-") {
      result.unit = Unit();
      return result;
    }
    result.unit = product(0);
    if (result.unit && place_ != text_.size()) {
      result.unit.reset();
      fail(place_, 1, "unexpected '" + std::string(1, text_[place_]) + "' in a unit");
    }
    if (!result.unit) result.error = std::move(error_);
    return result;
  }

 private:
  // Products are written with *, a point, a middle dot, or a space; a quotient may begin the text ("/s").
  std::optional<Unit> product(int depth) {
    std::optional<Unit> left = Unit();
    bool first = true;
    for (;; first = false) {
      skip_space();
      if (at_end_of_group()) break;
      const size_t start = place_;
      bool divides = false;
      if (peek() == '/') {
        divides = true;
        ++place_;
      } else if (!first) {
        if (starts_with("\u00b7") || starts_with("\u00d7"))
          place_ += 2;
        else if (peek() == '*' || peek() == '.')
          ++place_;
      }
      skip_space();
      const std::optional<Unit> right = factor(depth);
      if (!right) return std::nullopt;
      left = divides ? divide(*left, *right) : multiply(*left, *right);
      if (!left) return fail(start, place_ - start, "the size or an exponent of this unit is out of range");
    }
    if (first) return fail(place_, 0, "a unit is missing here");
    return left;
  }

  std::optional<Unit> factor(int depth) {
    if (at_end_of_group()) return fail(place_, 0, "a unit is missing here");
    const size_t start = place_;
    if (is_digit(peek())) return number();
    if (peek() == '[') return logarithm(depth, ']');
    std::optional<Unit> unit;
    if (peek() == '(') {
      unit = group(depth, ')');
    } else {
      const std::string_view name = take_name();
      if (name.empty()) return fail(start, 1, "expected the name of a unit");
      if (name == "log" && starts_with("10(")) place_ += 2;
      if (peek() == '(' && (name == "log" || name == "dex")) return logarithm(depth, ')');
      if (peek() == '(' && name == "sqrt") {
        unit = group(depth, ')');
        if (unit) unit = power(*unit, *Rational::make(1, 2));
        if (!unit && error_.message.empty()) return out_of_range(start);
      } else if (peek() == '(' && (name == "ln" || name == "exp")) {
        return fail(start, name.size(),
                    "'" + std::string(name) + "' of a unit is not supported; store the plain quantity");
      } else {
        unit = named(name, start);
      }
    }
    if (!unit) return std::nullopt;
    const size_t exponent_start = place_;
    const std::optional<Rational> exponent = take_exponent();
    if (!error_.message.empty()) return std::nullopt;
    if (place_ == exponent_start) return unit;
    unit = power(*unit, *exponent);
    if (!unit) return out_of_range(start);
    return unit;
  }

  // (…) or […], the opening bracket being next.
  std::optional<Unit> group(int depth, char close) {
    if (depth == kMaxDepth) return fail(place_, 1, "parentheses are nested too deeply");
    const size_t open = place_++;
    std::optional<Unit> inner = product(depth + 1);
    if (!inner) return std::nullopt;
    if (peek() != close) return fail(open, 1, "this bracket is not closed");
    ++place_;
    return inner;
  }

  // The common logarithm of a quantity is a plain number labelled dex.
  std::optional<Unit> logarithm(int depth, char close) {
    const size_t open = place_;
    size_t inside = place_ + 1;
    while (inside < text_.size() && is_space(text_[inside])) ++inside;
    if (inside < text_.size() && text_[inside] == close) {  // log() and []: of a number
      place_ = inside + 1;
    } else if (!group(depth, close)) {
      return std::nullopt;
    }
    const std::string_view written = text_.substr(open, place_ - open);
    const std::optional<Unit> known = table_.find("dex");
    const Unit dex = known ? *known : Unit::label("dex");
    return Unit::define(
        "dex" + (written.front() == '[' ? "(" + std::string(written.substr(1, written.size() - 2)) + ")"
                                        : std::string(written)),
        Scale(), dex);
  }

  // 10**(-17), 10^3, 10+3, 1e-17, 0.1, 1.5x10+11.
  std::optional<Unit> number() {
    const size_t start = place_;
    while (is_digit(peek())) ++place_;
    if (peek() == '.' && place_ + 1 < text_.size() && is_digit(text_[place_ + 1])) {
      ++place_;
      while (is_digit(peek())) ++place_;
    }
    const std::string_view digits = text_.substr(start, place_ - start);
    if (peek() == 'e' || peek() == 'E') {
      size_t end = place_ + 1;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (end < text_.size() && is_digit(text_[end])) {
        while (end < text_.size() && is_digit(text_[end])) ++end;
        place_ = end;
      }
    }
    std::optional<Scale> scale = Scale::from_decimal(text_.substr(start, place_ - start));
    if (scale && digits.size() == place_ - start) {
      if (starts_with("x10") || starts_with("\u00d710")) {
        place_ += starts_with("x10") ? 3 : 4;
        scale = times_power(*scale, *Scale::from_double(10));
      } else {
        scale = times_power(Scale(), *scale);
      }
      if (!error_.message.empty()) return std::nullopt;
    }
    const std::string_view written = text_.substr(start, place_ - start);
    if (!scale)
      return fail(start, written.size(), "the number '" + std::string(written) + "' is out of range");
    if (*scale == Scale()) return Unit();
    return Unit::define(std::string(written), *scale, Unit());
  }

  // factor × base to the exponent that follows, if one does.
  std::optional<Scale> times_power(const Scale& factor, const Scale& base) {
    const size_t start = place_;
    const std::optional<Rational> exponent = take_exponent();
    if (!error_.message.empty()) return std::nullopt;
    const std::optional<Scale> raised = place_ == start ? base : power(base, *exponent);
    if (!raised) return std::nullopt;
    return multiply(factor, *raised);
  }

  // `**2`, `^-1`, `^(1/2)`, or digits that touch what they raise: `cm2`, `s-1`, `m+2`. Takes nothing if there
  // is none; sets the error and takes something if there is a bad one.
  std::optional<Rational> take_exponent() {
    const size_t start = place_;
    if (starts_with("**"))
      place_ += 2;
    else if (peek() == '^')
      ++place_;
    const bool marked = place_ != start;
    if (marked) skip_space();
    size_t end = place_;
    if (marked && peek() == '(') {
      end = text_.find(')', place_);
      end = end == std::string_view::npos ? text_.size() : end + 1;
    } else {
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      if (marked && end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1]))
        for (++end; end < text_.size() && is_digit(text_[end]);) ++end;
      if (!marked && (end == place_ || !is_digit(text_[end - 1]))) return std::nullopt;
    }
    std::string written(text_.substr(place_, end - place_));
    std::erase_if(written, [](char c) { return is_space(c) || c == '+'; });
    place_ = end;
    const std::optional<Rational> exponent = parse_exponent(written);
    if (!exponent)
      fail(start, end - start, "'" + std::string(text_.substr(start, end - start)) + "' is not an exponent");
    return exponent;
  }

  std::string_view take_name() {
    const size_t start = place_;
    if (peek() == '%' || peek() == '"' || peek() == '\'')
      ++place_;
    else
      while (is_letter(peek()) && !starts_with("\u00b7") && !starts_with("\u00d7")) ++place_;
    return text_.substr(start, place_ - start);
  }

  // The program's own unit of that name; its unit of which the name is a synonym; the common units.
  std::optional<Unit> named(std::string_view name, size_t start) {
    if (std::optional<Unit> unit = table_.find(name)) return unit;
    const auto synonym = std::find_if(kSynonyms.begin(), kSynonyms.end(),
                                      [&](const Synonym& s) { return s.spelling == name; });
    if (synonym != kSynonyms.end())
      if (const std::optional<Unit> unit = table_.find(synonym->name))
        return Unit::define(std::string(name), Scale(), *unit);
    if (std::optional<Unit> unit = synonym_table().find(name)) return unit;
    error_.unknown_name = name;
    error_.suggestions = table_.suggestions(name);
    return fail(start, name.size(), "unknown unit '" + std::string(name) + "'");
  }

  char peek() const { return place_ < text_.size() ? text_[place_] : '\0'; }
  bool starts_with(std::string_view prefix) const {
    return text_.substr(std::min(place_, text_.size()), prefix.size()) == prefix;
  }
  bool at_end_of_group() const { return place_ == text_.size() || peek() == ')' || peek() == ']'; }
  void skip_space() {
    while (place_ < text_.size() && is_space(text_[place_])) ++place_;
  }

  std::nullopt_t out_of_range(size_t start) {
    return fail(start, place_ - start, "the size or an exponent of this unit is out of range");
  }

  std::nullopt_t fail(size_t offset, size_t length, std::string message) {
    error_.offset = offset;
    error_.length = length;
    error_.message = std::move(message);
    return std::nullopt;
  }

  std::string_view text_;
  const UnitTable& table_;
  size_t place_ = 0;
  UnitError error_;
};

}  // namespace

UnitResult parse_foreign_unit(std::string_view text, const UnitTable& table) {
  return Parser(text, table).run();
}

}  // namespace acie::units

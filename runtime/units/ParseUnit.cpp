// acie's own notation for units.
#include "runtime/units/ParseUnit.h"

#include <charconv>

namespace acie::units {
namespace {

constexpr int kMaxDepth = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Bytes of a name: letters, digits, underscores, dots between parts (`astro.pc`), and whatever is not ASCII:
// the lexer has checked that those are letters.
bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Parser {
 public:
  Parser(std::string_view text, const UnitTable& table) : text_(text), table_(table) {}

  UnitResult run() {
    UnitResult result;
    result.unit = product(0);
    skip_space();
    if (result.unit && place_ != text_.size()) {
      result.unit.reset();
      fail(place_, 1, text_[place_] == ')' ? "')' closes nothing" : "expected '*', '/' or '^' here");
    }
    if (!result.unit) result.error = std::move(error_);
    return result;
  }

 private:
  std::optional<Unit> product(int depth) {
    std::optional<Unit> left = factor(depth);
    while (left) {
      skip_space();
      if (place_ == text_.size() || (text_[place_] != '*' && text_[place_] != '/')) break;
      const size_t start = place_;
      const bool divides = text_[place_++] == '/';
      const std::optional<Unit> right = factor(depth);
      if (!right) return std::nullopt;
      left = divides ? divide(*left, *right) : multiply(*left, *right);
      if (!left) return fail(start, place_ - start, "the size or an exponent of this unit is out of range");
    }
    return left;
  }

  std::optional<Unit> factor(int depth) {
    skip_space();
    const size_t start = place_;
    std::optional<Unit> unit = primary(depth);
    if (!unit || place_ == text_.size() || text_[place_] != '^') return unit;
    const size_t exponent_start = ++place_;
    while (place_ < text_.size() && (is_digit(text_[place_]) || text_[place_] == '.' || text_[place_] == '-'))
      ++place_;
    if (place_ == exponent_start && place_ < text_.size() && text_[place_] == '(') {
      const size_t close = text_.find(')', place_);
      place_ = close == std::string_view::npos ? text_.size() : close + 1;
    }
    const std::string_view written = text_.substr(exponent_start, place_ - exponent_start);
    const std::optional<Rational> exponent = parse_exponent(written);
    if (!exponent)
      return fail(exponent_start, written.size(),
                  "expected an exponent such as 2, -1, 0.5 or (1/2) after '^'");
    unit = power(*unit, *exponent);
    if (!unit) return fail(start, place_ - start, "the size or an exponent of this unit is out of range");
    return unit;
  }

  std::optional<Unit> primary(int depth) {
    if (place_ == text_.size())
      return fail(place_, 0, text_.empty() ? "expected a unit" : "a unit is missing at the end");
    const size_t start = place_;
    const char c = text_[place_];
    if (c == '(') {
      if (depth == kMaxDepth) return fail(place_, 1, "parentheses are nested too deeply");
      ++place_;
      const std::optional<Unit> inner = product(depth + 1);
      if (!inner) return std::nullopt;
      skip_space();
      if (place_ == text_.size() || text_[place_] != ')') return fail(start, 1, "this '(' is not closed");
      ++place_;
      return inner;
    }
    if (c == '%') {
      ++place_;
      return named(start);
    }
    if (is_digit(c)) {
      while (place_ < text_.size() && (is_name_byte(text_[place_]) || text_[place_] == '.')) ++place_;
      if (text_.substr(start, place_ - start) == "1") return Unit();
      return fail(start, place_ - start, "the only number in a unit is 1; declare a unit to scale one");
    }
    while (place_ < text_.size() &&
           (is_name_byte(text_[place_]) || (text_[place_] == '.' && place_ > start &&
                                            place_ + 1 < text_.size() && is_name_byte(text_[place_ + 1]))))
      ++place_;
    if (place_ == start) return fail(start, 1, "expected the name of a unit");
    return named(start);
  }

  std::optional<Unit> named(size_t start) {
    const std::string_view name = text_.substr(start, place_ - start);
    std::optional<Unit> unit = table_.find(name);
    if (unit) return unit;
    error_.unknown_name = name;
    error_.suggestions = table_.suggestions(name);
    return fail(start, name.size(), "unknown unit '" + std::string(name) + "'");
  }

  void skip_space() {
    while (place_ < text_.size() && (text_[place_] == ' ' || text_[place_] == '\t')) ++place_;
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

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string UnitError::to_string() const {
  std::string text = message;
  for (size_t i = 0; i < suggestions.size(); ++i)
    text += (i == 0                        ? "; did you mean '"
             : i + 1 == suggestions.size() ? " or '"
                                           : ", '") +
            suggestions[i] + "'";
  if (!suggestions.empty()) text += "?";
  return text;
}

std::optional<Rational> parse_exponent(std::string_view text) {
  if (text.size() >= 2 && text.front() == '(' && text.back() == ')') text = text.substr(1, text.size() - 2);
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::optional<int64_t> above = parse_integer(text.substr(0, slash));
    const std::optional<int64_t> below = parse_integer(text.substr(slash + 1));
    if (!above || !below || *below <= 0) return std::nullopt;
    return Rational::make(*above, *below);
  }
  std::string digits(text);
  int64_t denominator = 1;
  if (const size_t point = digits.find('.'); point != std::string::npos) {
    const size_t places = digits.size() - point - 1;
    if (places == 0 || places > 9 || point == 0 || !is_digit(digits[point - 1])) return std::nullopt;
    if (!is_digit(digits[point + 1])) return std::nullopt;
    for (size_t i = 0; i < places; ++i) denominator *= 10;
    digits.erase(point, 1);
  }
  const std::optional<int64_t> numerator = parse_integer(digits);
  if (!numerator) return std::nullopt;
  return Rational::make(*numerator, denominator);
}

UnitResult parse_unit(std::string_view text, const UnitTable& table) { return Parser(text, table).run(); }

}  // namespace acie::units

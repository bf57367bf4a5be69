#include "runtime/io/FitsHeader.h"

#include <charconv>
#include <limits>
#include <utility>

#include "fast_float/fast_float.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kBlock = 2880;
constexpr size_t kCard = 80;
constexpr uint64_t kMaxHeader = uint64_t{16} << 20;
constexpr int64_t kMaxAxes = 999;

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// a × b, or nothing where it does not fit.
std::optional<uint64_t> product(uint64_t a, uint64_t b) {
  uint64_t result;
  if (__builtin_mul_overflow(a, b, &result)) return std::nullopt;
  return result;
}

}  // namespace

std::optional<std::string> FitsHdu::text(const std::string& keyword) const {
  const auto value = values_.find(keyword);
  if (value == values_.end() || !value->second.quoted) return std::nullopt;
  return value->second.text;
}

std::optional<int64_t> FitsHdu::integer(const std::string& keyword) const {
  const auto value = values_.find(keyword);
  if (value == values_.end() || value->second.quoted) return std::nullopt;
  std::string_view text = value->second.text;
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  int64_t integer = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return integer;
}

std::optional<double> FitsHdu::real(const std::string& keyword) const {
  const auto value = values_.find(keyword);
  if (value == values_.end() || value->second.quoted) return std::nullopt;
  std::string text = value->second.text;
  for (char& c : text)
    if (c == 'D' || c == 'd') c = 'E';  // section 4.2.4
  const char* begin = text.data();
  const char* const end = begin + text.size();
  if (text.size() > 1 && *begin == '+' && begin[1] != '-') ++begin;
  double number = 0;
  const auto [stop, problem] = fast_float::from_chars(begin, end, number);
  if (problem != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool FitsHdu::is_true(const std::string& keyword) const {
  const auto value = values_.find(keyword);
  return value != values_.end() && !value->second.quoted && value->second.text == "T";
}

absl::Status FitsScanner::broken(const std::string& problem) const {
  return bad_data_error(
      name_ +
      (number_ == 0 ? " is not a sound FITS file: " : ": HDU " + std::to_string(number_) + " is broken: ") +
      problem);
}

absl::StatusOr<std::optional<FitsHdu>> FitsScanner::next() {
  if (offset_ > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) - kBlock)
    return std::optional<FitsHdu>();
  if (const std::optional<uint64_t> size = source_.size(); size && offset_ >= *size && number_ > 0)
    return std::optional<FitsHdu>();
  ACIE_RETURN_IF_ERROR(source_.seek(offset_));
  FitsHdu hdu;
  ACIE_ASSIGN_OR_RETURN(const bool found, read_cards(hdu));
  if (!found) return std::optional<FitsHdu>();
  ACIE_RETURN_IF_ERROR(measure(hdu));
  if (__builtin_add_overflow(hdu.data_offset_, hdu.data_size_, &offset_) ||
      __builtin_add_overflow(offset_, (kBlock - hdu.data_size_ % kBlock) % kBlock, &offset_))
    offset_ = std::numeric_limits<uint64_t>::max();
  ++number_;
  return std::optional<FitsHdu>(std::move(hdu));
}

// False where no further unit begins: at the end of the file, or at records that belong to none
// (section 3.5).
absl::StatusOr<bool> FitsScanner::read_cards(FitsHdu& hdu) {
  char block[kBlock];
  continued_.clear();
  for (uint64_t read = 0;; read += kBlock) {
    ACIE_ASSIGN_OR_RETURN(const size_t got, read_fully(source_, block, kBlock));
    const std::string_view bytes(block, got);
    if (read == 0) {
      const std::string_view start = bytes.substr(0, 9);
      if (number_ > 0 && start != "XTENSION=") return false;
      if (number_ == 0 && start != "SIMPLE  =") return broken("it does not begin with SIMPLE");
    }
    if (got < kBlock) return broken("the file ends in its header");
    if (read >= kMaxHeader) return broken("its header is longer than 16 MiB");
    for (size_t place = 0; place < kBlock; place += kCard) {
      const std::string_view card = bytes.substr(place, kCard);
      if (trimmed(card) == "END") {
        hdu.data_offset_ = offset_ + read + kBlock;
        return true;
      }
      read_card(card, hdu);
    }
  }
}

void FitsScanner::read_card(std::string_view card, FitsHdu& hdu) {
  std::string keyword(trimmed(card.substr(0, 8)));
  const bool continues = keyword == "CONTINUE" && !continued_.empty();
  if (continues) keyword = continued_;
  continued_.clear();
  if (!continues && card.substr(8, 2) != "= ") return;  // commentary
  const std::string_view field = trimmed(card.substr(10));
  FitsHdu::Value value;
  if (!field.empty() && field[0] == '\'') {
    value.quoted = true;
    for (size_t i = 1; i < field.size(); ++i) {
      if (field[i] == '\'' && (++i == field.size() || field[i] != '\'')) break;
      value.text += field[i];
    }
    value.text.erase(value.text.find_last_not_of(' ') + 1);
  } else {
    value.text = trimmed(field.substr(0, field.find('/')));
  }
  if (continues) {  // section 4.2.1.2: the text so far ends with an ampersand that stands for the rest
    std::string& text = hdu.values_[keyword].text;
    text.pop_back();
    text += value.text;
  } else if (!hdu.values_.emplace(keyword, value).second) {
    return;
  }
  if (value.quoted && !value.text.empty() && value.text.back() == '&') continued_ = std::move(keyword);
}

// The kind of the unit, and the size of its data: |BITPIX| / 8 × GCOUNT × (PCOUNT + NAXIS1 × NAXIS2 × …),
// equation 2.
absl::Status FitsScanner::measure(FitsHdu& hdu) const {
  using Kind = FitsHdu::Kind;
  const std::string extension = hdu.text("XTENSION").value_or("");
  if (number_ == 0 || extension == "IMAGE")
    hdu.kind_ = Kind::Image;
  else if (extension == "BINTABLE" || extension == "A3DTABLE")
    hdu.kind_ = hdu.is_true("ZIMAGE")   ? Kind::CompressedImage
                : hdu.is_true("ZTABLE") ? Kind::CompressedTable
                                        : Kind::BinaryTable;
  else if (extension == "TABLE")
    hdu.kind_ = Kind::AsciiTable;

  const std::optional<int64_t> bits = hdu.integer("BITPIX"), axes = hdu.integer("NAXIS");
  if (!bits || (*bits != 8 && *bits != 16 && *bits != 32 && *bits != 64 && *bits != -32 && *bits != -64))
    return broken("BITPIX is missing or not 8, 16, 32, 64, -32 or -64");
  if (!axes || *axes < 0 || *axes > kMaxAxes) return broken("NAXIS is missing or not between 0 and 999");
  const int64_t parameters = hdu.integer("PCOUNT").value_or(0), groups = hdu.integer("GCOUNT").value_or(1);
  if (parameters < 0 || groups < 0) return broken("PCOUNT or GCOUNT is negative");
  std::optional<uint64_t> elements = *axes == 0 ? 0 : 1;
  for (int64_t axis = 1; axis <= *axes; ++axis) {
    const std::optional<int64_t> length = hdu.integer("NAXIS" + std::to_string(axis));
    if (!length || *length < 0) return broken("NAXIS" + std::to_string(axis) + " is missing or negative");
    if (axis == 1 && *length == 0 && hdu.is_true("GROUPS")) continue;  // random groups, section 6
    if (elements) elements = product(*elements, static_cast<uint64_t>(*length));
  }
  uint64_t per_group = 0;
  if (elements && !__builtin_add_overflow(*elements, static_cast<uint64_t>(parameters), &per_group))
    elements = product(per_group, static_cast<uint64_t>(groups));
  else
    elements.reset();
  if (elements) elements = product(*elements, static_cast<uint64_t>(*bits < 0 ? -*bits : *bits) / 8);
  if (!elements) return broken("the size of its data is out of range");
  hdu.data_size_ = *elements;
  return absl::OkStatus();
}

}  // namespace acie::io

// FITS standard 4.0: an empty primary HDU and one binary table. The number of rows is filled in at the end.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "runtime/io/RecordEncoder.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"
#include "runtime/units/Prefixes.h"

namespace acie::io {
namespace {

constexpr size_t kBlock = 2880;
constexpr size_t kCard = 80;
constexpr size_t kMaxColumns = 999;  // section 7.3.1

class Header {
 public:
  void integer(const std::string& key, const std::string& value, std::string_view comment = "") {
    card(key, std::string(value.size() < 20 ? 20 - value.size() : 0, ' ') + value, comment);
  }
  void logical(const std::string& key, bool value) {
    card(key, std::string(19, ' ') + (value ? "T" : "F"), "");
  }

  // Texts are printable ASCII of at most 68 letters, quotes doubled (section 4.2.1).
  void text(const std::string& key, std::string_view value, std::string_view comment = "") {
    constexpr size_t kLongest = 68;
    std::string quoted;
    for (size_t i = 0; i < value.size(); ++i) {
      const unsigned char c = static_cast<unsigned char>(value[i]);
      if (c >= 0x80 && c < 0xC0) continue;  // the rest of a letter that was replaced
      const std::string shown = c == '\'' ? "''" : c < 0x20 || c > 0x7E ? "?" : std::string(1, value[i]);
      if (quoted.size() + shown.size() > kLongest) break;
      quoted += shown;
    }
    if (quoted.size() < 8) quoted.resize(8, ' ');
    card(key, "'" + quoted + "'", comment);
  }

  void end() {
    cards_ += "END" + std::string(kCard - 3, ' ');
    cards_.resize((cards_.size() + kBlock - 1) / kBlock * kBlock, ' ');
  }

  size_t size() const { return cards_.size(); }
  const std::string& bytes() const { return cards_; }

  static std::string make_card(const std::string& key, const std::string& value, std::string_view comment) {
    std::string card = key;
    card.resize(8, ' ');
    card += "= " + value;
    if (!comment.empty() && card.size() + 3 + comment.size() <= kCard) card += " / " + std::string(comment);
    card.resize(kCard, ' ');
    return card;
  }

 private:
  void card(const std::string& key, const std::string& value, std::string_view comment) {
    cards_ += make_card(key, value, comment);
  }

  std::string cards_;
};

std::string right_aligned(const std::string& digits) { return std::string(20 - digits.size(), ' ') + digits; }

class FitsWriter : public TableWriter {
 public:
  FitsWriter(std::unique_ptr<OutputFile> file, std::vector<OutputColumn> columns)
      : file_(std::move(file)),
        columns_(std::move(columns)),
        encoder_(columns_, {.big_endian = true, .ucs4_labels = false, .zero_padding = false, .logical_letters = true}) {}

  absl::Status begin(const OutputMetadata& metadata) {
    if (encoder_.fields().size() > kMaxColumns)
      return usage_error("a FITS table has at most 999 columns; write .csv or .npy");
    Header primary;
    primary.logical("SIMPLE", true);
    primary.integer("BITPIX", "8");
    primary.integer("NAXIS", "0");
    primary.logical("EXTEND", true);
    primary.end();
    Header table;
    table.text("XTENSION", "BINTABLE");
    table.integer("BITPIX", "8");
    table.integer("NAXIS", "2");
    table.integer("NAXIS1", std::to_string(encoder_.record_size()), "bytes in a row");
    rows_offset_ = primary.size() + table.size();
    table.integer("NAXIS2", "0", "rows");
    table.integer("PCOUNT", "0");
    table.integer("GCOUNT", "1");
    table.integer("TFIELDS", std::to_string(encoder_.fields().size()));
    for (size_t i = 0; i < encoder_.fields().size(); ++i) describe(i, table);
    if (!metadata.entry.empty()) table.text("EXTNAME", metadata.entry);
    table.integer("SEED", std::to_string(metadata.seed), "of the random numbers");
    table.end();
    return file_->write(primary.bytes() + table.bytes());
  }

  void encode(const OutputRows& rows, std::string& out) const override { encoder_.encode(rows, out); }

  absl::Status append(std::string_view encoded) override {
    ACIE_RETURN_IF_ERROR(encoder_.status());
    data_size_ += encoded.size();
    return file_->write(encoded);
  }

  absl::Status finish() override {
    ACIE_RETURN_IF_ERROR(file_->write(std::string((kBlock - data_size_ % kBlock) % kBlock, '\0')));
    const uint64_t rows = encoder_.record_size() == 0 ? 0 : data_size_ / encoder_.record_size();
    ACIE_RETURN_IF_ERROR(
        file_->patch(rows_offset_, Header::make_card("NAXIS2", right_aligned(std::to_string(rows)), "rows")));
    return file_->commit();
  }

 private:
  void describe(size_t index, Header& header) const {
    const RecordField& field = encoder_.fields()[index];
    const OutputColumn& column = columns_[field.column];
    const std::string number = std::to_string(index + 1);
    const std::string count = field.count == 1 ? "" : std::to_string(field.count);
    header.text("TTYPE" + number, field.name);
    header.text("TFORM" + number, !column.is_text() ? count + form(column.dtype) : std::to_string(field.width) + "A");
    if (field.shape.size() > 1) {
      std::string shape;  // the fastest axis first
      for (int64_t size : field.shape) shape = std::to_string(size) + (shape.empty() ? "" : ",") + shape;
      header.text("TDIM" + number, "(" + shape + ")");
    }
    if (const std::string unit = fits_unit(column.unit); !unit.empty()) header.text("TUNIT" + number, unit);
    if (!column.is_text() && (column.dtype == ACIE_I64 || column.dtype == ACIE_I32))
      header.integer("TNULL" + number, std::to_string(absent_integer(column.dtype)));
  }

  static char form(acie_dtype dtype) {
    switch (dtype) {
      case ACIE_F64:
        return 'D';
      case ACIE_F32:
        return 'E';
      case ACIE_I64:
        return 'K';
      case ACIE_I32:
        return 'J';
      case ACIE_BOOL:
        return 'L';
    }
    return 'D';
  }

  std::unique_ptr<OutputFile> file_;
  std::vector<OutputColumn> columns_;
  RecordEncoder encoder_;
  uint64_t rows_offset_ = 0;
  uint64_t data_size_ = 0;
};

}  // namespace

namespace {

/// Names of FITS standard 4.0, tables 3 to 5. The second list takes no prefixes.
constexpr std::array kPrefixable = {"m", "g", "s", "rad", "sr", "K", "A", "mol", "cd", "Hz", "J", "W", "V", "N", "Pa", "C", "Ohm", "S", "F", "Wb", "T",
                                    "H", "lm", "lx", "yr", "a", "pc", "eV", "Jy", "mag", "R", "G", "barn"};
constexpr std::array kPlain = {"deg", "arcmin", "arcsec", "mas", "min", "h", "d", "erg", "Ry", "u", "solMass", "solLum", "solRad", "Angstrom",
                               "lyr", "AU", "D", "count", "ct", "photon", "ph", "pixel", "adu", "bin", "beam"};

/// The standard's name of one of ours, empty where it has none.
std::string fits_name(const std::string& ours) {
  static constexpr std::array<std::pair<const char*, const char*>, 9> kNames = {{{"Msun", "solMass"}, {"Lsun", "solLum"}, {"Rsun", "solRad"},
      {"AA", "Angstrom"}, {"\u00c5", "Angstrom"}, {"ly", "lyr"}, {"ohm", "Ohm"}, {"au", "AU"}, {"Da", "u"}}};
  const auto listed = [](const auto& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  for (const auto& [name, standard] : kNames)
    if (ours == name) return standard;
  if (listed(kPrefixable, ours) || listed(kPlain, ours)) return ours;
  if (ours == "kg") return ours;
  for (const units::Prefix& prefix : units::si_prefixes()) {
    // Prefixes of the standard's table 5: none of 2022, and micro as `u`.
    if (prefix.exponent > 24 || prefix.exponent < -24 || prefix.symbol.size() > 2 || prefix.symbol[0] < 0) continue;
    if (ours.size() > prefix.symbol.size() && ours.starts_with(prefix.symbol) && listed(kPrefixable, std::string_view(ours).substr(prefix.symbol.size()))) return ours;
  }
  return "";
}

/// Products and powers as FITS writes them: "solMass/yr", "m**(1/2)".
std::string fits_factors(const std::vector<units::Unit::Factor>& factors) {
  std::string text;
  for (char c : units::format_factors(factors))
    text += c == '^' ? std::string("**") : c == '*' ? std::string(" ") : std::string(1, c);
  return text;
}

/// In SI base units, behind the size as a power of ten where it is one.
std::string in_base_units(const units::Unit& unit) {
  std::vector<units::Unit::Factor> factors;
  for (int base = 0; base < units::kBaseCount; ++base) {
    const auto which = static_cast<units::Base>(base);
    if (unit.dimension().exponent(which) != units::Rational()) factors.emplace_back(units::base_symbol(which), unit.dimension().exponent(which));
  }
  for (const auto& label : unit.dimension().labels()) factors.push_back(label);
  const std::string base = factors.empty() ? "" : fits_factors(factors);
  const double size = unit.scale().high();
  if (size == 1) return base;
  const int power = static_cast<int>(std::lround(std::log10(size)));
  char shortest[32];
  const auto ten = units::Scale::from_decimal(absl::StrCat("1e", power));
  const std::string text = ten && ten->high() == size
                               ? absl::StrCat("10**", power)
                               : std::string(shortest, std::to_chars(shortest, shortest + sizeof shortest, size).ptr);
  return base.empty() ? text : absl::StrCat(text, base.starts_with("1/") ? base.substr(1) : " " + base);
}

}  // namespace

std::string fits_unit(const units::Unit& unit) {
  std::vector<units::Unit::Factor> factors = unit.factors();
  if (factors.empty()) return "";
  units::Unit known;
  bool standard = true;
  for (units::Unit::Factor& factor : factors) {
    // A program may declare a unit under a name that means another one elsewhere.
    const auto meant = units::astro_units().find(factor.first);
    const auto powered = meant ? units::power(*meant, factor.second) : std::nullopt;
    const auto product = powered ? units::multiply(known, *powered) : std::nullopt;
    const std::string name = fits_name(factor.first);
    standard = standard && product && !name.empty();
    if (!standard) break;
    known = *product;
    factor.first = name;
  }
  return standard && known == unit ? fits_factors(factors) : in_base_units(unit);
}

absl::StatusOr<std::unique_ptr<TableWriter>> create_fits(std::unique_ptr<OutputFile> file,
                                                         std::vector<OutputColumn> columns,
                                                         const OutputMetadata& metadata) {
  if (!file->can_patch()) return usage_error("a FITS table is written to a file, not to a pipe or device");
  auto writer = std::make_unique<FitsWriter>(std::move(file), std::move(columns));
  ACIE_RETURN_IF_ERROR(writer->begin(metadata));
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace acie::io

// Headers of FITS files (FITS standard 4.0, sections 3 and 4).
//
// Our own rather than CFITSIO's: headers are hostile, and CFITSIO 4.2 aborts on some and allocates what
// TFIELDS asks for (tests/fuzz found both). CFITSIO is what the tests hold this against.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/io/ByteSource.h"

namespace acie::io {

/// The keywords of one header-and-data unit, and where its data is.
class FitsHdu {
 public:
  enum class Kind { Image, BinaryTable, CompressedTable, CompressedImage, AsciiTable, Other };

  Kind kind() const { return kind_; }
  uint64_t data_offset() const { return data_offset_; }
  uint64_t data_size() const { return data_size_; }  // as the header promises, without padding

  /// The value of a keyword: a text without its quotes and trailing blanks, an integer, a real number.
  /// nullopt where the keyword is absent or its value is of another kind. Of repeated keywords the first
  /// counts.
  std::optional<std::string> text(const std::string& keyword) const;
  std::optional<int64_t> integer(const std::string& keyword) const;
  std::optional<double> real(const std::string& keyword) const;
  bool is_true(const std::string& keyword) const;

 private:
  friend class FitsScanner;

  struct Value {
    std::string text;
    bool quoted = false;
  };

  std::unordered_map<std::string, Value> values_;
  Kind kind_ = Kind::Other;
  uint64_t data_offset_ = 0;
  uint64_t data_size_ = 0;
};

/// Goes through the units of a file in order.
class FitsScanner {
 public:
  /// `name` is for messages.
  FitsScanner(ByteSource& source, std::string name) : source_(source), name_(std::move(name)) {}

  /// The next unit, the primary one first; nullopt after the last. Errors are DataLoss.
  absl::StatusOr<std::optional<FitsHdu>> next();

 private:
  absl::StatusOr<bool> read_cards(FitsHdu& hdu);
  void read_card(std::string_view card, FitsHdu& hdu);
  absl::Status measure(FitsHdu& hdu) const;
  absl::Status broken(const std::string& problem) const;

  ByteSource& source_;
  std::string name_;
  uint64_t offset_ = 0;    // of the next unit
  int number_ = 0;         // of the next unit, the primary being 0
  std::string continued_;  // the keyword whose text a CONTINUE card goes on with
};

}  // namespace acie::io

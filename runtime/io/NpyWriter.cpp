// .npy after NEP 1. The number of rows is filled in at the end.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "runtime/io/RecordEncoder.h"
#include "runtime/io/Writers.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kAlignment = 64;
constexpr size_t kRowDigits = 20;

std::string quote_python(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return quoted + "'";
}

class NpyWriter : public TableWriter {
 public:
  NpyWriter(std::unique_ptr<OutputFile> file, std::vector<OutputColumn> columns)
      : file_(std::move(file)),
        columns_(std::move(columns)),
        encoder_(columns_, {.big_endian = false, .ucs4_labels = true, .zero_padding = false, .logical_letters = false}) {}

  absl::Status begin() {
    std::set<std::string> names;
    for (const RecordField& field : encoder_.fields())
      if (!names.insert(field.name).second)
        return usage_error("two columns are called '" + field.name +
                           "', which .npy cannot hold; name one of them with 'name ='");
    std::string text = "{'descr': [";
    bool ascii = true;
    for (size_t i = 0; i < encoder_.fields().size(); ++i) {
      const RecordField& field = encoder_.fields()[i];
      const std::string& name = field.name;
      ascii &=
          std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
      text += (i == 0 ? "(" : ", (") + quote_python(name) + ", '" + type(field) + "'";
      if (!field.shape.empty()) {
        text += ", (";
        for (int64_t size : field.shape) text += std::to_string(size) + ",";
        text += ")";
      }
      text += ")";
    }
    text += "], 'fortran_order': False, 'shape': (";
    const size_t rows_place = text.size();
    text += std::string(kRowDigits, ' ') + ",), }";
    // Version 1 has two bytes for the length and is Latin-1, version 2 has four, version 3 is UTF-8.
    const int version = !ascii ? 3 : text.size() + 2 * kAlignment > 0xFFFF ? 2 : 1;
    const size_t prefix = version == 1 ? 10 : 12;
    text.resize((prefix + text.size() + 1 + kAlignment - 1) / kAlignment * kAlignment - prefix - 1, ' ');
    text += '\n';
    std::string head = "\x93NUMPY";
    head += static_cast<char>(version);
    head += '\0';
    for (size_t i = 0; i < prefix - 8; ++i) head += static_cast<char>(text.size() >> (8 * i) & 0xFF);
    rows_offset_ = prefix + rows_place;
    return file_->write(head + text);
  }

  void encode(const OutputRows& rows, std::string& out) const override { encoder_.encode(rows, out); }

  absl::Status append(std::string_view encoded) override {
    ACIE_RETURN_IF_ERROR(encoder_.status());
    data_size_ += encoded.size();
    return file_->write(encoded);
  }

  absl::Status finish() override {
    const std::string rows =
        std::to_string(encoder_.record_size() == 0 ? 0 : data_size_ / encoder_.record_size());
    ACIE_RETURN_IF_ERROR(file_->patch(rows_offset_, std::string(kRowDigits - rows.size(), ' ') + rows));
    return file_->commit();
  }

 private:
  std::string type(const RecordField& field) const {
    if (columns_[field.column].is_text()) return "<U" + std::to_string(field.width / 4);
    switch (columns_[field.column].dtype) {
      case ACIE_F64:
        return "<f8";
      case ACIE_F32:
        return "<f4";
      case ACIE_I64:
        return "<i8";
      case ACIE_I32:
        return "<i4";
      case ACIE_BOOL:
        return "|b1";
    }
    return "<f8";
  }

  std::unique_ptr<OutputFile> file_;
  std::vector<OutputColumn> columns_;
  RecordEncoder encoder_;
  uint64_t rows_offset_ = 0;
  uint64_t data_size_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TableWriter>> create_npy(std::unique_ptr<OutputFile> file,
                                                        std::vector<OutputColumn> columns) {
  if (!file->can_patch()) return usage_error("a .npy table is written to a file, not to a pipe or device");
  auto writer = std::make_unique<NpyWriter>(std::move(file), std::move(columns));
  ACIE_RETURN_IF_ERROR(writer->begin());
  return std::unique_ptr<TableWriter>(std::move(writer));
}

}  // namespace acie::io

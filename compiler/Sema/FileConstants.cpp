// csv("species.csv"), fits("curve.fits[1]") …: files that are read when compiling, as numbers, tensors and records.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/Sema/Elaborate.h"
#include "compiler/Sema/FileNames.h"
#include "compiler/Sema/Types.h"
#include "runtime/io/FileValue.h"
#include "runtime/status/Errors.h"

namespace acie::sema {
namespace {

constexpr std::pair<const char*, io::FileFormat> kReaders[] = {
    {"csv", io::FileFormat::Csv}, {"fits", io::FileFormat::Fits}, {"hdf5", io::FileFormat::Hdf5}, {"json", io::FileFormat::Json}, {"npy", io::FileFormat::Npy}};

}  // namespace

bool is_file_reader(const std::string& name) {
  return std::any_of(std::begin(kReaders), std::end(kReaders), [&](const auto& reader) { return name == reader.first; });
}

/// The numbers of one array, in the unit the file gives them.
Value Elaborator::file_array(const io::FileArray& array, const Module& module, Span span) {
  units::Unit unit;
  if (!array.unit_text.empty()) {
    units::UnitResult written = units::parse_foreign_unit(array.unit_text, module.units);
    if (!written) written = units::parse_foreign_unit(array.unit_text, units::astro_units());
    if (written) {
      unit = *written;
    } else {
      diagnostics_.report(Code::A0215, span, absl::StrCat("the unit `", array.unit_text, "`", array.name.empty() ? "" : absl::StrCat(" of the column `", array.name, "`"), " is not known"))
          .note("its values are taken to be plain numbers");
    }
  }
  std::vector<Value> items;
  items.reserve(array.reals.size() + array.integers.size());
  for (const double real : array.reals) {
    Value item = Builder::value(builder_.number(real, span, unit), array.written_out);
    if (array.dtype == ACIE_F32) item = builder_.as_scalar(item, ScalarKind::F32, span);
    items.push_back(std::move(item));
  }
  for (const int64_t integer : array.integers) {
    if (array.dtype == ACIE_BOOL) items.push_back(Builder::value(builder_.truth(integer != 0, span)));
    else if (!unit.is_one()) items.push_back(Builder::value(builder_.number(static_cast<double>(integer), span, unit)));
    else items.push_back(Builder::value(builder_.integer(integer, span), array.written_out));
  }
  if (array.shape.empty()) return items[0];
  return builder_.tensor(array.shape, std::move(items), span);
}

Value Elaborator::file_constant(const std::string& reader, const syntax::Expr& call, const Scope& scope) {
  if (call.args.size() != 1 || call.args[0].name || call.args[0].generator || call.args[0].value->kind != syntax::Expr::Kind::String) {
    diagnostics_.report(Code::A0207, call.span, absl::StrCat("`", reader, "` takes the name of a file, `", reader, "(\"file.", reader == "hdf5" ? "h5" : reader, "\")`"))
        .note("the file is read when compiling, so that its name is a text and no value");
    return Value{};
  }
  const syntax::Expr& text = *call.args[0].value;
  const std::string location = beside(sources_.path(call.span.file), text.text);
  const auto key = absl::StrCat(reader, ":", location);
  if (const auto known = files_.find(key); known != files_.end()) {
    Value again = known->second;
    again.span = call.span;
    return again;
  }
  io::FileFormat format = io::FileFormat::Csv;
  for (const auto& [name, of] : kReaders) {
    if (reader == name) format = of;
  }
  std::string bytes;
  const auto content = io::read_file_value(format, location, bytes);
  if (!content.ok()) {
    const std::string message = message_of(content.status());
    auto report = diagnostics_.report(Code::A0214, text.span, message);
    if (message.starts_with("cannot read")) report.note("a file is looked for beside the program that mentions it");
    return files_[key] = Value{};
  }
  Program& program = builder_.program();
  program.files.push_back({text.text, io::value_file(format, location), hash_of(bytes), bytes.size()});
  Value result;
  if (content->is_record) {
    std::vector<std::string> fields;
    std::vector<Value> items;
    for (const io::FileArray& part : content->parts) {
      if (part.shape.size() > 0 && element_count(part.shape) == 0) continue;
      fields.push_back(part.name);
      items.push_back(file_array(part, *scope.module(), text.span));
    }
    if (!fields.empty()) result = builder_.record(std::move(fields), std::move(items), call.span);
    else diagnostics_.report(Code::A0214, text.span, absl::StrCat(location, " has no rows"));
  } else {
    result = file_array(content->parts[0], *scope.module(), text.span);
  }
  result.span = call.span;
  return files_[key] = result;
}

}  // namespace acie::sema

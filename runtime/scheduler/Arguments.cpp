#include "runtime/scheduler/Arguments.h"

#include <cmath>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "kernels/math/ScalarFunctions.h"
#include "kernels/random/Threefry.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;
using package::ScalarInput;

bool reaches(Arguments::Kind kind, ScalarInput::Role role) {
  switch (role) {
    case ScalarInput::Role::Given: return kind == Arguments::Kind::Given;
    case ScalarInput::Role::Do: return kind == Arguments::Kind::Do;
    case ScalarInput::Role::Size: return false;  // said by the data
    default: return kind == Arguments::Kind::Set;
  }
}

std::string_view option(Arguments::Kind kind) {
  switch (kind) {
    case Arguments::Kind::Set: return "--set";
    case Arguments::Kind::Given: return "--given";
    case Arguments::Kind::Do: return "--do";
  }
  return "";
}

/// The program's name of a do? column: "do.x" is asked for as x.
std::string_view asked_name(const ColumnInput& column) {
  std::string_view name = column.name;
  return name.substr(0, 3) == "do." ? name.substr(3) : name;
}

absl::Status check_range(std::string_view name, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return usage_error(absl::StrCat(std::string(name), " = ", value, " is outside its declared range ", low, "..", high));
}

/// A number of the scalar's initial law that depends on the seed and its name alone.
double draw_initial(const ScalarInput& scalar, uint64_t seed) {
  math::Scalar64 backend;
  const auto word = [&](uint64_t value) { return math::Int<math::Scalar64>{&backend, value}; };
  const double uniform = random::uniform(random::draw(word(seed), word(random::hashName(scalar.name)), word(0), word(0)).first).v;
  return scalar.width * (scalar.initial == ScalarInput::Initial::Uniform ? 2 * uniform - 1 : math::scalar::norm_quantile(uniform));
}

}  // namespace

Arguments::Arguments(const package::Entry& entry)
    : entry_(entry), values_(entry.scalars.size()), is_set_(entry.scalars.size(), false), texts_(entry.texts.empty() ? nullptr : std::make_shared<io::Texts>(entry.texts)) {
  for (size_t i = 0; i < entry.scalars.size(); ++i) by_name_[entry.scalars[i].name].push_back(static_cast<int>(i));
  for (size_t i = 0; i < entry.scalars.size(); ++i)
    if (entry.scalars[i].default_value) is_set_[i] = store(i, *entry.scalars[i].default_value).ok();
}

absl::Status Arguments::store(size_t index, double value) {
  const ScalarInput& scalar = entry_.scalars[index];
  if (std::isnan(value)) return usage_error(absl::StrCat(scalar.name, " must be a number"));
  ACIE_RETURN_IF_ERROR(check_range(scalar.name, value, scalar.low, scalar.high));
  acie_scalar stored{};
  const auto whole = [&](double low, double high) {
    return value == std::trunc(value) && value >= low && value <= high;
  };
  switch (scalar.dtype) {
    case ACIE_F64: stored.f64 = value; break;
    case ACIE_F32: stored.f32 = static_cast<float>(value); break;
    case ACIE_I64:
      if (!whole(-0x1p63, 0x1.fffffffffffffp62)) return usage_error(absl::StrCat(scalar.name, " must be a whole number"));
      stored.i64 = static_cast<int64_t>(value);
      break;
    case ACIE_I32:
      if (!whole(INT32_MIN, INT32_MAX)) return usage_error(absl::StrCat(scalar.name, " must be a whole number of 32 bits"));
      stored.i32 = static_cast<int32_t>(value);
      break;
    case ACIE_BOOL:
      if (value != 0 && value != 1) return usage_error(absl::StrCat(scalar.name, " must be true or false"));
      stored.i64 = static_cast<int64_t>(value);
      break;
  }
  values_[index] = stored;
  is_set_[index] = true;
  return absl::OkStatus();
}

const ColumnInput* Arguments::asked_column(Kind kind, std::string_view name) const {
  if (kind != Kind::Do) return nullptr;
  for (const ColumnInput& column : entry_.columns)
    if (column.role == ColumnInput::Role::DoAsk && (asked_name(column) == name || column.name == name)) return &column;
  return nullptr;
}

bool Arguments::is_text(Kind kind, std::string_view name) const {
  if (const int index = find(kind, name); index >= 0) return entry_.scalars[static_cast<size_t>(index)].is_text;
  const ColumnInput* asked = asked_column(kind, name);
  return asked != nullptr && asked->is_text;
}

absl::Status Arguments::set_text(Kind kind, std::string_view name, std::string_view text) {
  const int index = find(kind, name);
  const ColumnInput* asked = asked_column(kind, name);
  if (index < 0 && asked == nullptr) return set(kind, name, 0);  // which says what there is
  if (!is_text(kind, name)) return usage_error(absl::StrCat(std::string(name), " is no text"));
  if (text.empty() || !io::is_plain_text(text)) return usage_error(absl::StrCat(std::string(name), " must be a text: UTF-8, not empty, without control characters"));
  const auto code = static_cast<double>(texts_->code(text));
  if (index >= 0) return store(static_cast<size_t>(index), code);
  asked_[asked->name] = code;
  return absl::OkStatus();
}

absl::Status Arguments::set(Kind kind, std::string_view name, double value) {
  if (is_text(kind, name)) return usage_error(absl::StrCat(std::string(name), " is a text, not a number"));
  if (const int index = find(kind, name); index >= 0) return store(static_cast<size_t>(index), value);
  if (const ColumnInput* column = asked_column(kind, name); column != nullptr) {
    ACIE_RETURN_IF_ERROR(check_range(name, value, column->low, column->high));
    asked_[column->name] = value;
    return absl::OkStatus();
  }
  return usage_error(absl::StrCat(std::string(option(kind)), " cannot set '", std::string(name), "' in ", entry_.name,
                                  "; it can set ", names(kind)));
}

absl::StatusOr<bool> Arguments::set_if_known(std::string_view name, double value) {
  const int index = find(Kind::Set, name);
  if (index < 0) return false;
  ACIE_RETURN_IF_ERROR(set(Kind::Set, name, value));
  return true;
}

int Arguments::find(Kind kind, std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return -1;
  for (const int index : found->second)
    if (reaches(kind, entry_.scalars[static_cast<size_t>(index)].role)) return index;
  return -1;
}

std::string Arguments::names(Kind kind) const {
  std::vector<std::string> names;
  for (const ScalarInput& scalar : entry_.scalars)
    if (reaches(kind, scalar.role)) names.push_back(scalar.name);
  if (kind == Kind::Do)
    for (const ColumnInput& column : entry_.columns)
      if (column.role == ColumnInput::Role::DoAsk) names.push_back(std::string(asked_name(column)));
  return names.empty() ? "nothing" : absl::StrJoin(names, ", ");
}

size_t Arguments::drawn() const {
  size_t count = 0;
  for (size_t i = 0; i < is_set_.size(); ++i) count += !is_set_[i] && entry_.scalars[i].initial != ScalarInput::Initial::None;
  return count;
}

std::string names_in_brief(std::vector<std::string> names) {
  constexpr size_t kShown = 8;
  const size_t all = names.size();
  if (all > kShown) names.resize(kShown);
  return absl::StrCat(absl::StrJoin(names, ", "), all > kShown ? absl::StrCat(" and ", all - kShown, " more") : "");
}

absl::StatusOr<std::vector<acie_scalar>> Arguments::finish(uint64_t seed) const {
  std::vector<std::string> unset;
  std::vector<acie_scalar> values = values_;
  for (size_t i = 0; i < is_set_.size(); ++i) {
    if (is_set_[i]) continue;
    const ScalarInput& scalar = entry_.scalars[i];
    if (scalar.initial == ScalarInput::Initial::None) {
      unset.push_back(scalar.name);
      continue;
    }
    const double value = draw_initial(scalar, seed);
    if (scalar.dtype == ACIE_F32) values[i].f32 = static_cast<float>(value);
    else values[i].f64 = value;
  }
  if (!unset.empty()) {
    const std::string first = unset[0];
    return usage_error(absl::StrCat(entry_.name, " needs a value for ", names_in_brief(std::move(unset)), ", with no default: --set ", first, "=VALUE, or --params FILE"));
  }
  return values;
}

}  // namespace acie::scheduler

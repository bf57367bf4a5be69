#include "runtime/package/StartSizes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/package/PlanCheck.h"
#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

constexpr __int128 kMost = kOpenSize;

const SizeExpression& expression(const Entry& entry, int64_t size) { return entry.sizes[static_cast<size_t>(size - kOpenSize)]; }

constexpr std::string_view kHalf = " div 2";

std::optional<int64_t> dimension_value(std::string_view name, const DimensionSizes& known);

/// "2*J - 1" as it is written: terms of factors.
std::optional<int64_t> text_value(std::string_view text, const DimensionSizes& known) {
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  __int128 sum = 0;
  for (bool minus = text.starts_with('-'), first = true; !text.empty(); first = false) {
    if (!first || minus) text.remove_prefix(1);
    if (!first) text.remove_prefix(text.starts_with(' ') ? 1 : 0);
    const size_t end = text.find(' ');
    __int128 product = minus ? -1 : 1;
    for (std::string_view factors = text.substr(0, end); !factors.empty();) {
      const size_t star = factors.find('*');
      const std::string_view factor = factors.substr(0, star);
      int64_t number = 0;
      const auto [stop, error] = std::from_chars(factor.data(), factor.data() + factor.size(), number);
      const auto value = error == std::errc() && stop == factor.data() + factor.size() ? std::optional(number) : dimension_value(factor, known);
      if (!value) return std::nullopt;
      product *= *value;
      if (product > kMost || product < -kMost) return std::nullopt;
      factors = star == std::string_view::npos ? std::string_view() : factors.substr(star + 1);
    }
    sum += product;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    minus = text.starts_with('-');
  }
  if (sum >= kMost || sum <= -kMost) return std::nullopt;
  return static_cast<int64_t>(sum);
}

/// What a dimension is: as it is known, or half of another, rounded down.
std::optional<int64_t> dimension_value(std::string_view name, const DimensionSizes& known) {
  if (const auto found = known.find(std::string(name)); found != known.end()) return found->second;
  if (!is_half(name)) return std::nullopt;
  const auto all = text_value(name.substr(0, name.size() - kHalf.size()), known);
  return all && *all >= 0 ? std::optional(*all / 2) : std::nullopt;
}

/// factor · dimensions; nullopt where one is not known or the product is beyond kMost.
std::optional<__int128> term_value(const Entry& entry, const SizeTerm& term, const DimensionSizes& known) {
  __int128 value = term.factor;
  for (const int dimension : term.dimensions) {
    const auto found = dimension_value(entry.dimensions[static_cast<size_t>(dimension)], known);
    if (!found) return std::nullopt;
    value *= *found;
    if (value > kMost || value < -kMost) return std::nullopt;
  }
  return value;
}

std::string said(const DimensionSizes& sizes) {
  return absl::StrJoin(sizes, ", ", [](std::string* out, const auto& each) { absl::StrAppend(out, each.first, " = ", each.second); });
}

/// Makes an entry's sizes fixed.
class Fixing {
 public:
  Fixing(const Entry& open, const DimensionSizes& sizes) : open_(open), sizes_(sizes), fixed_(open) {}

  absl::StatusOr<Entry> run() {
    for (const int64_t size : open_.room) {
      int64_t value = size;
      ACIE_RETURN_IF_ERROR(fix(value));
      if (value < 1) return fail(absl::StrCat("an index or a slice leaves its axis: ", size_text(open_, size), " is ", value, " and must be at least 1"));
    }
    for (Buffer& buffer : fixed_.buffers) {
      for (int64_t& size : buffer.shape) {
        const std::string text = size_text(open_, size);
        ACIE_RETURN_IF_ERROR(fix(size));
        if (size < 1) return fail(absl::StrCat("the size ", text, " is ", size, ", and a tensor has at least one element along each axis"));
      }
    }
    for (Node& node : fixed_.nodes) {
      if (auto* loop = std::get_if<LoopNode>(&node)) ACIE_RETURN_IF_ERROR(fix(loop->steps));
      auto* tensor = std::get_if<TensorNode>(&node);
      if (tensor == nullptr) continue;
      ACIE_RETURN_IF_ERROR(fix(tensor->offset));
      for (int64_t& stride : tensor->strides) ACIE_RETURN_IF_ERROR(fix(stride));
      if (tensor->op == TensorNode::Op::View) ACIE_RETURN_IF_ERROR(reaches(*tensor));
    }
    // Places in an axis, `index[J]`.
    for (ColumnInput& column : fixed_.columns) ACIE_RETURN_IF_ERROR(fix_place(column.high));
    for (ScalarInput& scalar : fixed_.scalars) ACIE_RETURN_IF_ERROR(fix_place(scalar.high));
    for (ScalarInput& scalar : fixed_.scalars) {
      if (scalar.role != ScalarInput::Role::Size) continue;
      const auto size = dimension_value(scalar.name, sizes_);
      if (!size) return fail(absl::StrCat("nothing says how large ", scalar.name, " is"));
      scalar.default_value = static_cast<double>(*size);
    }
    for (ParameterInput& parameter : fixed_.parameters) {
      if (parameter.fan == 0) continue;
      ACIE_RETURN_IF_ERROR(fix(parameter.fan));
      parameter.width = std::sqrt(parameter.width / static_cast<double>(parameter.fan));
      parameter.fan = 0;
    }
    fixed_.dimensions.clear();
    fixed_.sizes.clear();
    fixed_.room.clear();
    if (const absl::Status sound = verify_entry(fixed_); !sound.ok()) return fail(message_of(sound));
    list_elements(fixed_);
    return std::move(fixed_);
  }

 private:
  absl::Status fail(const std::string& what) const { return bad_data_error(absl::StrCat(open_.name, " with ", said(sizes_), ": ", what)); }

  absl::Status fix(int64_t& size) const {
    if (size < kOpenSize) return absl::OkStatus();
    const auto value = size_value(open_, size, sizes_);
    if (!value) return fail(absl::StrCat("the size ", size_text(open_, size), " is too large, or nothing says it"));
    size = *value;
    return absl::OkStatus();
  }

  absl::Status fix_place(double& high) const {
    if (!(high >= static_cast<double>(kOpenSize)) || high - static_cast<double>(kOpenSize) >= static_cast<double>(open_.sizes.size())) return absl::OkStatus();
    auto last = static_cast<int64_t>(high);
    ACIE_RETURN_IF_ERROR(fix(last));
    high = static_cast<double>(last);
    return absl::OkStatus();
  }

  absl::Status reaches(const TensorNode& node) const {
    const Buffer &from = fixed_.buffers[static_cast<size_t>(node.inputs[0])], &to = fixed_.buffers[static_cast<size_t>(node.output)];
    __int128 low = node.offset, high = node.offset;
    for (size_t axis = 0; axis < to.shape.size() && axis < node.strides.size(); ++axis)
      (node.strides[axis] < 0 ? low : high) += static_cast<__int128>(to.shape[axis] - 1) * node.strides[axis];
    if (low >= 0 && high < from.elements()) return absl::OkStatus();
    const auto place = static_cast<int64_t>(low < 0 ? low : std::min(high, kMost));
    return fail(absl::StrCat("it reads element ", place, " of a tensor of ", from.elements(), " elements, counted from 0"));
  }

  const Entry& open_;
  const DimensionSizes& sizes_;
  Entry fixed_;
};

}  // namespace

bool is_half(std::string_view dimension) { return dimension.ends_with(kHalf); }

std::string size_text(const Entry& entry, int64_t size) {
  if (size < kOpenSize) return absl::StrCat(size);
  std::string text;
  for (const SizeTerm& term : expression(entry, size).terms) {
    const bool minus = term.factor < 0;
    const int64_t factor = minus ? -term.factor : term.factor;
    absl::StrAppend(&text, text.empty() ? (minus ? "-" : "") : minus ? " - " : " + ");
    if (factor != 1 || term.dimensions.empty()) absl::StrAppend(&text, factor, term.dimensions.empty() ? "" : "*");
    absl::StrAppend(&text, absl::StrJoin(term.dimensions, "*", [&](std::string* out, int dimension) { absl::StrAppend(out, entry.dimensions[static_cast<size_t>(dimension)]); }));
  }
  return text;
}

std::string shape_text(const Entry& entry, const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", ", [&](std::string* out, int64_t size) { absl::StrAppend(out, size_text(entry, size)); }), "]");
}

std::optional<int64_t> size_value(const Entry& entry, int64_t size, const DimensionSizes& known) {
  if (size < kOpenSize) return size;
  __int128 sum = 0;
  for (const SizeTerm& term : expression(entry, size).terms) {
    const auto value = term_value(entry, term, known);
    if (!value) return std::nullopt;
    sum += *value;
  }
  if (sum >= kMost || sum <= -kMost) return std::nullopt;
  return static_cast<int64_t>(sum);
}

Solution solve(const Entry& entry, int64_t size, int64_t found, const DimensionSizes& known) {
  if (const auto value = size_value(entry, size, known)) return {*value == found ? Solution::Kind::Agrees : Solution::Kind::Differs, {}, *value};
  // rest + slope · name, for the one dimension that is not known.
  std::string name;
  __int128 rest = 0, slope = 0;
  for (const SizeTerm& term : expression(entry, size).terms) {
    SizeTerm others = term;
    bool in_term = false;
    for (const int dimension : term.dimensions) {
      const std::string& called = entry.dimensions[static_cast<size_t>(dimension)];
      if (dimension_value(called, known)) continue;
      if (is_half(called)) return {};  // follows from another
      if (in_term || (!name.empty() && name != called)) return {};
      in_term = true;
      name = called;
      others.dimensions.erase(std::find(others.dimensions.begin(), others.dimensions.end(), dimension));
    }
    const auto value = term_value(entry, others, known);
    if (!value) return {};
    (in_term ? slope : rest) += *value;
  }
  if (slope == 0 || (found - rest) % slope != 0 || (found - rest) / slope < 1) return {Solution::Kind::Impossible, name, 0};
  return {Solution::Kind::Dimension, name, static_cast<int64_t>((found - rest) / slope)};
}

absl::StatusOr<Entry> with_sizes(const Entry& entry, const DimensionSizes& sizes) { return Fixing(entry, sizes).run(); }

}  // namespace acie::package

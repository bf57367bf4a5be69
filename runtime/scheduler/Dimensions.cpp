#include "runtime/scheduler/Dimensions.h"

#include <algorithm>
#include <unordered_set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "runtime/status/Errors.h"

namespace acie::scheduler {
namespace {

using package::ColumnInput;
using package::Solution;

/// The names of a table's columns, to look many up.
class ColumnNames {
 public:
  explicit ColumnNames(const io::TableSchema& schema) : ignores_case_(schema.ignores_case) {
    for (const io::ColumnSchema& column : schema.columns) names_.insert(key(column.name));
  }
  /// How many columns `base[0]`, `base[1]`, … there are, or `base[0,0]`, `base[0,1]`, … along `axis` of `axes`.
  int64_t count(const std::string& base, size_t axis, size_t axes) const {
    for (int64_t count = 0;; ++count) {
      std::string name = base + "[";
      for (size_t i = 0; i < axes; ++i) absl::StrAppend(&name, i > 0 ? "," : "", i == axis ? count : 0);
      if (!names_.contains(key(name + "]"))) return count;
    }
  }

 private:
  std::string key(const std::string& name) const { return ignores_case_ ? absl::AsciiStrToLower(name) : name; }
  bool ignores_case_;
  std::unordered_set<std::string> names_;
};

}  // namespace

absl::Status Dimensions::set(std::string_view name, int64_t size, const std::string& source) {
  const std::string called(name);
  if (std::find(entry_.dimensions.begin(), entry_.dimensions.end(), called) == entry_.dimensions.end())
    return usage_error(absl::StrCat(entry_.name, " has no dimension ", called, " that is read at start; it has ",
                                    entry_.dimensions.empty() ? "none" : absl::StrJoin(entry_.dimensions, ", ")));
  if (size < 1) return usage_error(absl::StrCat(source, ": a dimension is at least 1"));
  if (const auto [known, is_new] = known_.emplace(called, size); !is_new && known->second != size)
    return usage_error(absl::StrCat(source, ", and ", sources_[called], " says ", known->second));
  sources_.emplace(called, source);
  return absl::OkStatus();
}

absl::Status Dimensions::see(const std::vector<int64_t>& declared, const std::vector<int64_t>& found, const std::string& source) {
  if (declared.size() == found.size()) {
    for (size_t axis = 0; axis < declared.size(); ++axis) seen_.push_back({declared[axis], found[axis], source});
    return absl::OkStatus();
  }
  // All elements in one axis: what is left once the other sizes are known, where one axis alone is open.
  int64_t elements = 1, fixed = 1, open = 0;
  for (const int64_t size : found) elements *= size;
  for (const int64_t size : declared) size < package::kOpenSize ? fixed *= size : ++open;
  const auto axis = std::find_if(declared.begin(), declared.end(), [](int64_t size) { return size >= package::kOpenSize; });
  if (found.size() > 1 || open != 1 || elements % fixed != 0)
    return bad_data_error(absl::StrCat(source, " has the shape ", io::shape_text(found), ", and ", package::shape_text(entry_, declared), " is meant"));
  seen_.push_back({*axis, elements / fixed, source});
  return absl::OkStatus();
}

absl::Status Dimensions::read_table(const io::TableSchema& schema, const std::map<std::string, std::string>& binds) {
  const ColumnNames all(schema);
  for (const ColumnInput& column : entry_.columns) {
    const std::vector<int64_t>& declared = entry_.buffers[static_cast<size_t>(column.buffer)].shape;
    if (std::none_of(declared.begin(), declared.end(), [](int64_t size) { return size >= package::kOpenSize; })) continue;
    std::vector<std::string> names = {column.column, column.name};
    if (const auto bound = binds.find(column.name); bound != binds.end()) names = {bound->second};
    for (const std::string& name : names) {
      if (const auto index = io::find_column(schema, name); index.ok()) {
        const io::ColumnSchema& found = schema.columns[static_cast<size_t>(*index)];
        ACIE_RETURN_IF_ERROR(see(declared, found.shape.empty() ? std::vector<int64_t>{1} : found.shape, absl::StrCat(schema.source, ", column ", found.name)));
        break;
      }
      std::vector<int64_t> counts;
      for (size_t axis = 0; axis < declared.size(); ++axis) counts.push_back(all.count(name, axis, declared.size()));
      if (counts[0] == 0) continue;
      ACIE_RETURN_IF_ERROR(see(declared, counts, absl::StrCat(schema.source, ", columns ", name, "[…]")));
      break;
    }
  }
  return absl::OkStatus();
}

absl::Status Dimensions::read_parameters(const io::ParameterStore& store) {
  for (const package::ParameterInput& parameter : entry_.parameters) {
    const io::TensorView* value = store.lookup(parameter.name);
    if (value == nullptr) continue;
    const std::vector<int64_t>& declared = entry_.buffers[static_cast<size_t>(parameter.buffer)].shape;
    std::vector<int64_t> found(value->shape.begin(), value->shape.end());
    if (found.empty()) found = {1};
    if (found.size() != declared.size())
      return bad_data_error(absl::StrCat(store.source(parameter.name), ", ", parameter.name, " has the shape ", io::shape_text(found), ", and ", package::shape_text(entry_, declared), " is meant"));
    ACIE_RETURN_IF_ERROR(see(declared, found, absl::StrCat(store.source(parameter.name), ", ", parameter.name)));
  }
  return absl::OkStatus();
}

absl::StatusOr<package::DimensionSizes> Dimensions::finish() {
  const auto says = [&](const Seen& seen) { return absl::StrCat(seen.source, " has ", seen.found, " where the program says ", package::size_text(entry_, seen.size)); };
  // Each pass may make another size solvable.
  for (bool more = true; more;) {
    more = false;
    for (const Seen& seen : seen_) {
      const Solution solution = package::solve(entry_, seen.size, seen.found, known_);
      if (solution.kind == Solution::Kind::Impossible) return bad_data_error(absl::StrCat(says(seen), ": no size of ", solution.name, " is that"));
      if (solution.kind != Solution::Kind::Dimension) continue;
      known_.emplace(solution.name, solution.value);
      sources_.emplace(solution.name, seen.source);
      more = true;
    }
  }
  for (const Seen& seen : seen_) {
    const Solution solution = package::solve(entry_, seen.size, seen.found, known_);
    if (solution.kind == Solution::Kind::Agrees || solution.kind == Solution::Kind::Open) continue;
    std::string known;
    for (const auto& [name, size] : known_) absl::StrAppend(&known, known.empty() ? "" : ", ", name, " = ", size, " by ", sources_[name]);
    return bad_data_error(absl::StrCat(says(seen), seen.size < package::kOpenSize ? "" : absl::StrCat(", that is ", solution.value, ": ", known)));
  }
  std::string missing;
  for (const std::string& name : entry_.dimensions)
    if (!known_.contains(name) && !package::is_half(name)) absl::StrAppend(&missing, missing.empty() ? "" : ", ", name);
  if (!missing.empty()) return usage_error(absl::StrCat(entry_.name, ": nothing in its data says how large ", missing, " is; say it with -D ", missing.substr(0, missing.find(',')), "=SIZE"));
  return known_;
}

}  // namespace acie::scheduler

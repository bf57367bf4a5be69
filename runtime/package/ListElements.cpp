#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "runtime/package/Plan.h"

namespace acie::package {
namespace {

/// "[2,0]"
std::string index_text(const std::vector<int64_t>& shape, int64_t element) {
  std::vector<int64_t> index(shape.size());
  for (size_t axis = shape.size(); axis-- > 0; element /= shape[axis]) index[axis] = element % shape[axis];
  std::string text = "[";
  for (size_t axis = 0; axis < index.size(); ++axis) text += (axis > 0 ? "," : "") + std::to_string(index[axis]);
  return text + "]";
}

int64_t count_of(const std::vector<int64_t>& shape) { return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>()); }

void list_columns(Entry& entry) {
  std::vector<ColumnInput> listed;
  for (ColumnInput& column : entry.columns) {
    const std::vector<int64_t>& shape = entry.buffers[column.buffer].shape;
    if (shape.empty() || column.vector) {
      listed.push_back(std::move(column));
      continue;
    }
    for (int64_t element = 0; element < count_of(shape); ++element) {
      const std::string text = index_text(shape, element);
      ColumnInput each = column;
      each.name = column.name + text;
      each.vector = VectorElement{column.name, shape, element};
      each.column = column.elements.empty() ? column.column + text : column.elements[static_cast<size_t>(element)];
      each.vector_column = column.elements.empty() ? column.column : each.column;
      each.elements.clear();
      listed.push_back(std::move(each));
    }
  }
  entry.columns = std::move(listed);
}

class Outputs {
 public:
  explicit Outputs(Entry& entry) : entry_(entry), of_(entry.outputs.size()) {}

  void list() {
    for (size_t at = 0; at < entry_.outputs.size();) {
      const std::vector<int64_t>* shape = tensor(at);
      size_t end = at + 1;
      while (shape != nullptr && end < entry_.outputs.size() && tensor(end) != nullptr && *tensor(end) == *shape && !entry_.outputs[end].ending.empty() && base(end) == base(at)) ++end;
      for (int64_t element = 0; element < (shape != nullptr ? count_of(*shape) : 1); ++element)
        for (size_t i = at; i < end; ++i) add(i, shape, element);
      at = end;
    }
    entry_.outputs = std::move(listed_);
  }

 private:
  /// The shape of an output that is a tensor not listed yet; else null. That of a standard error is its result's.
  const std::vector<int64_t>* tensor(size_t output) const {
    const OutputColumn& column = entry_.outputs[output];
    const int buffer = column.jackknife_of < 0 ? column.buffer : entry_.outputs[static_cast<size_t>(column.jackknife_of)].buffer;
    if (column.vector || entry_.buffers[static_cast<size_t>(buffer)].shape.empty()) return nullptr;
    return &entry_.buffers[static_cast<size_t>(buffer)].shape;
  }

  std::string base(size_t output) const {
    const OutputColumn& column = entry_.outputs[output];
    return column.name.substr(0, column.name.size() - column.ending.size());
  }

  void add(size_t output, const std::vector<int64_t>* shape, int64_t element) {
    const OutputColumn& column = entry_.outputs[output];
    OutputColumn each = column;
    if (shape != nullptr) {
      each.name = base(output) + index_text(*shape, element) + column.ending;
      each.vector = VectorElement{column.name, *shape, element};
      each.ending.clear();
    }
    if (column.jackknife_of >= 0) each.jackknife_of = of_[static_cast<size_t>(column.jackknife_of)][static_cast<size_t>(shape != nullptr ? element : 0)];
    of_[output].push_back(static_cast<int>(listed_.size()));
    listed_.push_back(std::move(each));
  }

  Entry& entry_;
  std::vector<OutputColumn> listed_;
  std::vector<std::vector<int>> of_;  // where the elements of each output went
};

}  // namespace

void list_elements(Entry& entry) {
  list_columns(entry);
  Outputs(entry).list();
}

}  // namespace acie::package

#include "runtime/scheduler/TensorOperations.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "kernels/layout/Copy.h"
#include "kernels/linalg/Gemm.h"
#include "kernels/reduce/Fold.h"
#include "kernels/routines/Routines.h"
#include "runtime/scheduler/PackedMatrices.h"
#include "runtime/scheduler/Views.h"

namespace acie::scheduler {
namespace {

using package::Buffer;
using package::TensorNode;

/// Calls f with a value of a type as wide as `dtype`: for operations that only move elements.
template <typename F>
void by_width(acie_dtype dtype, F f) {
  switch (size_of(dtype)) {
    case 8: f(uint64_t{}); break;
    case 4: f(uint32_t{}); break;
    default: f(uint8_t{}); break;
  }
}

/// Copies the elements of one axis after the other, of the last two together.
template <typename T>
void copy_view(const T* from, const std::vector<int64_t>& shape, const std::vector<int64_t>& strides, size_t axis, T*& to) {
  const size_t left = shape.size() - axis;
  if (left > 2) {
    for (int64_t i = 0; i < shape[axis]; ++i) copy_view(from + i * strides[axis], shape, strides, axis + 1, to);
    return;
  }
  const int64_t rows = left == 2 ? shape[axis] : 1, columns = left > 0 ? shape.back() : 1;
  layout::copy(from, rows, columns, left == 2 ? strides[axis] : 0, left > 0 ? strides.back() : 0, to);
  to += rows * columns;
}

/// What a node reads and writes, resolved.
struct Operation {
  const Program& program;
  const TensorNode& node;
  const std::vector<View>& views;
  int64_t points;

  const Buffer& buffer(int index) const { return program.entry().buffers[static_cast<size_t>(index)]; }
  const Buffer& input(size_t i) const { return buffer(node.inputs[i]); }
  const Buffer& output() const { return buffer(node.output); }
  template <typename T>
  const T* in(size_t i, int64_t point) const {
    const View& view = views[node.inputs[i]];
    return static_cast<const T*>(view.data) + point * view.stride;
  }
  template <typename T>
  T* out(int64_t point) const {
    const View& view = views[node.output];
    return static_cast<T*>(view.data) + point * view.stride;
  }
  int64_t stride(size_t i) const { return views[node.inputs[i]].stride; }
};

void view(const Operation& op) {
  by_width(op.output().dtype, [&]<typename T>(T) {
    for (int64_t point = 0; point < op.points; ++point) {
      T* to = op.out<T>(point);
      copy_view(op.in<T>(0, point) + op.node.offset, op.output().shape, op.node.strides, 0, to);
    }
  });
}

/// The places of one axis after the other.
void count_places(int64_t first, const std::vector<int64_t>& shape, const std::vector<int64_t>& strides, size_t axis, int64_t*& to) {
  if (axis == shape.size()) {
    *to++ = first;
    return;
  }
  for (int64_t i = 0; i < shape[axis]; ++i) count_places(first + i * strides[axis], shape, strides, axis + 1, to);
}

void places(const Operation& op) {
  for (int64_t point = 0; point < op.points; ++point) {
    int64_t* to = op.out<int64_t>(point);
    count_places(op.node.offset, op.output().shape, op.node.strides, 0, to);
  }
}

void gather(const Operation& op) {
  const int64_t last = op.input(0).elements() - 1, count = op.output().elements();
  by_width(op.output().dtype, [&]<typename T>(T) {
    for (int64_t point = 0; point < op.points; ++point) {
      const T* from = op.in<T>(0, point);
      const int64_t* at = op.in<int64_t>(1, point);
      T* to = op.out<T>(point);
      for (int64_t i = 0; i < count; ++i) to[i] = from[std::clamp<int64_t>(at[i], 0, last)];
    }
  });
}

void concat(const Operation& op) {
  by_width(op.output().dtype, [&]<typename T>(T) {
    for (int64_t point = 0; point < op.points; ++point) {
      T* to = op.out<T>(point);
      for (size_t i = 0; i < op.node.inputs.size(); ++i) {
        const int64_t count = op.input(i).elements();
        std::memcpy(to, op.in<T>(i, point), static_cast<size_t>(count) * sizeof(T));
        to += count;
      }
    }
  });
}

/// A call of a module of another library at each point.
void external(const Operation& op) {
  std::vector<void*> inputs(op.node.inputs.size());
  const auto at = [&](int buffer, int64_t point) {
    const View& view = op.views[buffer];
    return static_cast<char*>(view.data) + static_cast<size_t>(point * view.stride) * size_of(op.buffer(buffer).dtype);
  };
  for (int64_t point = 0; point < op.points; ++point) {
    for (size_t i = 0; i < inputs.size(); ++i) inputs[i] = at(op.node.inputs[i], point);
    op.program.modules()->run(op.node, inputs, at(op.node.output, point));
  }
}

reduce::Folding folding_of(TensorNode::Folding folding) {
  switch (folding) {
    case TensorNode::Folding::Sum: return reduce::Folding::kSum;
    case TensorNode::Folding::Product: return reduce::Folding::kProduct;
    case TensorNode::Folding::Min:
    case TensorNode::Folding::All: return reduce::Folding::kMin;
    case TensorNode::Folding::Max:
    case TensorNode::Folding::Any: return reduce::Folding::kMax;
  }
  return reduce::Folding::kSum;
}

/// Calls f with a value of the type of the elements.
template <typename F>
void by_type(acie_dtype dtype, F f) {
  switch (dtype) {
    case ACIE_F64: return f(double{});
    case ACIE_F32: return f(float{});
    case ACIE_I64: return f(int64_t{});
    case ACIE_I32: return f(int32_t{});
    case ACIE_BOOL: return f(uint8_t{});
  }
}

void fold(const Operation& op) {
  const int64_t lines = op.output().elements();
  by_type(op.output().dtype, [&]<typename T>(T) {
    for (int64_t point = 0; point < op.points; ++point)
      fold_lines(op.output().dtype, op.node.folding, op.in<T>(0, point), lines, op.input(0).elements() / lines, op.out<T>(point));
  });
}

template <typename T>
void fold_columns(reduce::Folding folding, const ColumnFold& fold, const T* from, size_t axis, T*& to) {
  if (axis == fold.shape.size()) {
    reduce::fold_columns(folding, from, fold.rows, fold.columns, fold.stride, to);
    to += fold.columns;
    return;
  }
  for (int64_t i = 0; i < fold.shape[axis]; ++i) fold_columns(folding, fold, from + i * fold.strides[axis], axis + 1, to);
}

linalg::Activation activation_of(TensorNode::Activation activation) {
  switch (activation) {
    case TensorNode::Activation::None: return linalg::Activation::kNone;
    case TensorNode::Activation::Gelu: return linalg::Activation::kGelu;
    case TensorNode::Activation::Tanh: return linalg::Activation::kTanh;
    case TensorNode::Activation::Sigmoid: return linalg::Activation::kSigmoid;
    case TensorNode::Activation::Silu: return linalg::Activation::kSilu;
  }
  return linalg::Activation::kNone;
}

template <typename T>
void multiply(const linalg::Product<T>& product, BorrowedArena& scratch) {
  const linalg::Level level = linalg::hostLevel();
  const auto bytes = static_cast<size_t>(linalg::scratchBytes(level, product));
  scratch.prepare(bytes);
  linalg::multiply(level, product, {0, product.rows, 0, product.columns}, bytes > 0 ? scratch.take(bytes) : nullptr);
}

template <typename T>
std::optional<OneProduct<T>> one_product(const Operation& op, const PackedMatrices* packed) {
  const std::vector<int64_t>&a = op.input(0).shape, &b = op.input(1).shape;
  const int64_t m = a[a.size() - 2], k = a.back(), n = b.back();
  const bool batch = op.input(0).elements() != m * k || op.input(1).elements() != k * n;
  if (batch) return std::nullopt;
  const int64_t stride_a = op.stride(0), stride_b = op.stride(1), stride_c = op.views[op.node.output].stride;
  OneProduct<T> one{{}, 0};
  linalg::Product<T>& product = one.product;
  product.depth = k;
  product.epilogue.activation = activation_of(op.node.activation);
  const T* bias = op.node.inputs.size() > 2 ? op.in<T>(2, 0) : nullptr;
  // The matrix that is the same in the whole run is packed once.
  const auto same = [&](size_t i) { return packed != nullptr && packed->keeps(op.node, i); };
  const auto pack = [&](size_t input) { product.packedB = packed->of<T>(op.node, input, k, product.columns, product.b); };
  if (n == 1 && stride_a == 0 && (op.points > 1 || same(0))) {
    one.a = 1;
    product.rows = op.points;
    product.columns = m;
    product.a = {op.in<T>(1, 0), stride_b, 1};
    product.b = {op.in<T>(0, 0), 1, k};
    product.c = {op.out<T>(0), stride_c, 1};
    product.epilogue.columnBias = bias;
    if (same(0)) pack(0);
    return one;
  }
  if (stride_b == 0 && bias == nullptr && (m == 1 || (stride_a == m * k && stride_c == m * n)) && (op.points > 1 || same(1))) {
    product.rows = op.points * m;
    product.columns = n;
    product.a = {op.in<T>(0, 0), m == 1 ? stride_a : k, 1};
    product.b = {op.in<T>(1, 0), n, 1};
    product.c = {op.out<T>(0), m == 1 ? stride_c : n, 1};
    if (same(1)) pack(1);
    return one;
  }
  if (op.points != 1) return std::nullopt;
  product.rows = m;
  product.columns = n;
  product.a = {op.in<T>(0, 0), k, 1};
  product.b = {op.in<T>(1, 0), n, 1};
  product.c = {op.out<T>(0), n, 1};
  product.epilogue.rowBias = bias;
  return one;
}

/// One matrix for all points times a vector at each, or a matrix at each times one for all, is one product over all points.
template <typename T>
void contract(const Operation& op, const PackedMatrices* packed, BorrowedArena& scratch) {
  if (const std::optional<OneProduct<T>> one = one_product<T>(op, packed)) return multiply(one->product, scratch);
  const std::vector<int64_t>&a = op.input(0).shape, &b = op.input(1).shape;
  const int64_t m = a[a.size() - 2], k = a.back(), n = b.back();
  const int64_t batch_a = op.input(0).elements() / (m * k), batch_b = op.input(1).elements() / (k * n), batch = std::max(batch_a, batch_b);
  linalg::Product<T> product;
  product.rows = m;
  product.columns = n;
  product.depth = k;
  product.epilogue.activation = activation_of(op.node.activation);
  product.epilogue.rowBias = op.node.inputs.size() > 2 ? op.in<T>(2, 0) : nullptr;
  for (int64_t point = 0; point < op.points; ++point) {
    for (int64_t i = 0; i < batch; ++i) {
      product.a = {op.in<T>(0, point) + (batch_a > 1 ? i * m * k : 0), k, 1};
      product.b = {op.in<T>(1, point) + (batch_b > 1 ? i * k * n : 0), n, 1};
      product.c = {op.out<T>(point) + i * m * n, n, 1};
      multiply(product, scratch);
    }
  }
}

template <typename T>
routines::Operand<const T> operand(const Operation& op, size_t i) {
  return {op.in<T>(i, 0), op.stride(i), &op.input(i).shape};
}

template <typename T>
routines::Operand<T> result(const Operation& op) {
  return {op.out<T>(0), op.views[op.node.output].stride, &op.output().shape};
}

void routine(const Operation& op) {
  const routines::Routine which = op.node.routine;
  const auto with = [&]<typename T>(T) {
    if (routines::makes_places(which)) return routines::places<T>(which, operand<T>(op, 0), result<int64_t>(op), op.points);
    if constexpr (std::is_floating_point_v<T>) {
      routines::run(which, operand<T>(op, 0), operand<T>(op, op.node.inputs.size() - 1), result<T>(op), op.points);
    } else if constexpr (!std::is_same_v<T, uint8_t>) {
      routines::run(which, operand<T>(op, 0), result<T>(op), op.points);
    }
  };
  by_type(op.input(0).dtype, with);
}

}  // namespace

void fold_lines(acie_dtype dtype, TensorNode::Folding folding, const void* from, int64_t lines, int64_t length, void* to) {
  by_type(dtype, [&]<typename T>(T) {
    for (int64_t line = 0; line < lines; ++line) static_cast<T*>(to)[line] = reduce::fold(folding_of(folding), static_cast<const T*>(from) + line * length, length);
  });
}

void copy_elements(acie_dtype dtype, const void* from, const std::vector<int64_t>& shape, const std::vector<int64_t>& strides, void* to) {
  by_width(dtype, [&]<typename T>(T) {
    T* next = static_cast<T*>(to);
    copy_view(static_cast<const T*>(from), shape, strides, 0, next);
  });
}

void fold_columns(const Program& program, const TensorNode& node, const ColumnFold& fold, const std::vector<View>& views, int64_t points) {
  const View &from = views[fold.view->inputs[0]], &result = views[node.output];
  by_type(program.entry().buffers[static_cast<size_t>(node.output)].dtype, [&]<typename T>(T) {
    for (int64_t point = 0; point < points; ++point) {
      T* to = static_cast<T*>(result.data) + point * result.stride;
      fold_columns(folding_of(node.folding), fold, static_cast<const T*>(from.data) + point * from.stride + fold.view->offset, 0, to);
    }
  });
}

template <typename T>
std::optional<OneProduct<T>> one_product(const Program& program, const TensorNode& node, const std::vector<View>& views, int64_t points,
                                         const PackedMatrices* packed) {
  return one_product<T>(Operation{program, node, views, points}, packed);
}
template std::optional<OneProduct<float>> one_product(const Program&, const TensorNode&, const std::vector<View>&, int64_t, const PackedMatrices*);
template std::optional<OneProduct<double>> one_product(const Program&, const TensorNode&, const std::vector<View>&, int64_t, const PackedMatrices*);

void run_tensor_operation(const Program& program, const TensorNode& node, const std::vector<View>& views, int64_t points,
                          const PackedMatrices* packed, BorrowedArena& scratch) {
  const Operation op{program, node, views, points};
  switch (node.op) {
    case TensorNode::Op::View: return view(op);
    case TensorNode::Op::Places: return places(op);
    case TensorNode::Op::Gather: return gather(op);
    case TensorNode::Op::Concat: return concat(op);
    case TensorNode::Op::Extern: return external(op);
    case TensorNode::Op::Fold: return fold(op);
    case TensorNode::Op::Routine: return routine(op);
    case TensorNode::Op::Contract: return op.output().dtype == ACIE_F64 ? contract<double>(op, packed, scratch) : contract<float>(op, packed, scratch);
  }
}

}  // namespace acie::scheduler

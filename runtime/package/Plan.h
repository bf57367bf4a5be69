// The plan: what a package says about how its entries run. The compiler writes it, the runtime verifies and executes it.
//
// An entry is a straight list of nodes over numbered buffers. A buffer lives in one space and is written by exactly one
// node before any node reads it, so the graph is acyclic by construction and easy to check.
//
//   Inner   one element per draw of each row (population answers); where nothing is random, one per row
//   Row     one element per row of the table (exactly one where the entry reads no table)
//   Table   one element per run
//
// In memory the Inner space of an entry without draws is its Row space.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kernels/routines/Routine.h"
#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/units/Units.h"

namespace acie::package {

inline constexpr int kPlanVersion = 1;

enum class Space : uint8_t { Inner, Row, Table };

/// Sizes from here on are known only at start: kOpenSize + i stands for Entry::sizes[i]. They may stand in shapes of buffers,
/// in offsets and strides of operations on tensors, and in ParameterInput::fan. See StartSizes.h.
inline constexpr int64_t kOpenSize = int64_t{1} << 40;

/// factor · dimensions, by their numbers in Entry::dimensions; none: a number.
struct SizeTerm {
  int64_t factor = 0;
  std::vector<int> dimensions;
};
/// The sum of its terms.
struct SizeExpression {
  std::vector<SizeTerm> terms;
};

struct Buffer {
  acie_dtype dtype = ACIE_F64;
  Space space = Space::Inner;
  /// Sizes of the axes of the tensor at each point of the space, outermost first; empty: a number. In memory the elements of
  /// one point lie together, row-major.
  std::vector<int64_t> shape;

  int64_t elements() const {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    return count;
  }
};

/// What a number is an element of: `x[2]` of a vector x. Tables may hold the vector as one column.
struct VectorElement {
  std::string name;            // "x"
  std::vector<int64_t> shape;  // outermost axis first
  int64_t element = 0;         // row-major
};

/// A column read from the table. Values arrive in `unit` (converted by the runtime where the file says another one).
struct ColumnInput {
  enum class Role : uint8_t { Input, Given, DoAsk };
  Role role = Role::Given;
  std::string name;    // the program's name: what --bind and errors speak of ("log_mass", "do.x")
  std::string column;  // default name in the file: `from "LOGMSTAR"`, else name
  std::string doc;
  units::Unit unit;
  double low = -std::numeric_limits<double>::infinity();  // declared range: leaving it is bad input
  double high = std::numeric_limits<double>::infinity();
  int buffer = -1;    // Inner space
  int presence = -1;  // DoAsk: a Bool buffer, true where the cell holds a value; else -1 and an empty cell is bad_input
  /// Where the table has a column of vectors `vector_column` ("FLUX", of which `column` is "FLUX[2]"), this is an element of
  /// it, and its vectors must have that shape.
  std::optional<VectorElement> vector = std::nullopt;
  std::string vector_column = {};
  /// Of a tensor: the default names of its elements, which are `column[0]`, `column[1]`, … where there are none.
  std::vector<std::string> elements = {};
  /// Not empty: cells are one of these texts, and the value (I64) is its place among them.
  std::vector<std::string> labels = {};
  bool is_text = false;  // cells are any text, and the value (I64) is its code: see Entry::texts
};

/// A value set per run: --set, --given, --do, --params.
struct ScalarInput {
  /// Size: the value of the dimension called `name`, which is known at start and not set.
  enum class Role : uint8_t { Param, Learn, Argument, Given, Do, Size };
  Role role = Role::Argument;
  std::string name;
  std::string doc;
  acie_dtype dtype = ACIE_F64;
  units::Unit unit;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  std::optional<double> default_value;  // none: must be set, unless it has an initial law
  /// Where a learnt parameter without a value starts: drawn with the run's seed and its name, mean 0, uniform on
  /// -width..width or normal with that standard deviation.
  enum class Initial : uint8_t { None, Uniform, Normal };
  Initial initial = Initial::None;
  double width = 0;
  std::vector<std::string> labels = {};  // not empty: the value (I64) is the place of one of these texts
  bool is_text = false;                  // the value (I64) is a text's code
};

/// A tensor of learnt values, the same for every row: --params.
struct ParameterInput {
  std::string name;  // "Decoder.dense.w"
  std::string doc;
  units::Unit unit;
  int buffer = -1;  // Table space
  std::optional<double> default_value;  // of every element
  std::optional<uint64_t> default_at;   // where in section "constants" the elements' values are
  ScalarInput::Initial initial = ScalarInput::Initial::None;
  double width = 0;
  int64_t fan = 0;  // not 0: an open size, and the law's width is the root of `width` over it
};

/// A tensor of constants: its elements, in the buffer's type, from byte `at` of section "constants" on.
struct ConstantInput {
  int buffer = -1;  // Table space
  uint64_t at = 0;
};

/// Runs kernel `ordinal` of the library over every element of `space`. Where its outputs are tensors it runs over their
/// elements at each point: inputs have their shape, or are numbers.
struct KernelNode {
  std::string name;  // for traces: "doubled.rows"
  uint32_t ordinal = 0;
  Space space = Space::Inner;
  std::vector<int> inputs;   // buffers of this space, or of an outer one (broadcast)
  std::vector<int> outputs;  // buffers of this space
  uint64_t scratch = 0;      // bytes
  /// Of tensors: each point is a call of its own, because an input is the same for all its elements, or random numbers are
  /// drawn. Else the elements of many points are one range.
  bool by_point = false;
};

/// An operation on the tensors of each point of the output's space.
struct TensorNode {
  enum class Op : uint8_t { View, Gather, Concat, Fold, Contract, Routine, Places, Extern };
  enum class Folding : uint8_t { Sum, Product, Min, Max, Any, All };
  /// What becomes of each element of a product: x · Φ(x), tanh x, 1 / (1 + e^-x), x / (1 + e^-x).
  enum class Activation : uint8_t { None, Gelu, Tanh, Sigmoid, Silu };
  Op op = Op::View;
  Folding folding = Folding::Sum;
  std::vector<int> inputs;  // buffers of that space, or of an outer one; a third one of Contract is a vector added to the product
  int output = -1;
  int64_t offset = 0;            // View: element (i, j, …) is element offset + i strides[0] + j strides[1] + …; Places: is that number
  std::vector<int64_t> strides;
  routines::Routine routine = routines::Routine::Solve;  // of Routine
  Activation activation = Activation::None;              // Contract
  int module = -1;                                       // Extern: which of Plan::modules
};

/// Collapses draws (Inner → Row) or rows (Row → Table), by sums that do not depend on the order. Of tensors, element by element.
struct ReduceNode {
  enum class Op : uint8_t { Mean, Sum, Variance, StdDev, Quantile, Min, Max, Count, Any, All };
  Op op = Op::Mean;
  double level = 0.5;       // Quantile
  int input = -1;           // -1 for Count of everything
  int output = -1;          // F64 buffer of the next outer space, of the input's shape
  int standard_error = -1;  // F64 buffer like it, or -1
};

/// Runs the `body` kernels and operations on tensors that stand after it `steps` times, one step after the other. Their buffers
/// live in one space, belong to the loop, and hold one step.
struct LoopNode {
  /// What a step hands to the next one. All but `every` have one shape and type.
  struct Carry {
    int init = -1;   // before the first step; a buffer of this space, or of an outer one
    int state = -1;  // of the loop: what the step before left
    int next = -1;   // of the loop: what this step leaves
    int last = -1;   // after the last step; -1 where nothing reads it
    int every = -1;  // after each step, with a leading axis of `steps`; -1 where nothing reads it
  };
  /// A tensor that the loop goes along: its first axis has `steps` places.
  struct Sequence {
    int whole = -1;
    int each = -1;  // of the loop: the part of this step
  };
  int64_t steps = 1;
  int body = 0;
  std::vector<Carry> carries;
  std::vector<Sequence> sequences;
};

using Node = std::variant<KernelNode, ReduceNode, TensorNode, LoopNode>;

/// A column of the answer.
struct OutputColumn {
  std::string name;
  units::Unit unit;
  acie_dtype dtype = ACIE_F64;
  int buffer = -1;
  /// >= 0: this column is the standard error of output `of`, an expression of several estimates, found by the grouped
  /// jackknife: the runtime re-runs the Row-space nodes on leave-one-group-out estimates. Then buffer is -1.
  int jackknife_of = -1;
  std::optional<VectorElement> vector = std::nullopt;  // formats that hold vectors write its elements as one column
  std::vector<std::string> labels = {};                // not empty: values (I64) are written as these texts
  bool is_text = false;                                // values (I64) are texts' codes
  /// Of a tensor's: what of the name stands after the index of each element, ".mean" of "x.mean" for "x[2].mean".
  std::string ending = {};
};

struct Entry {
  enum class Shape : uint8_t { PerRow, Once, PerDraw };
  std::string name;
  std::string model;
  std::string doc;
  Shape shape = Shape::PerRow;
  bool reads_table = false;
  bool has_draws = false;  // Inner space is draws of each row
  std::vector<std::string> dimensions;  // known only at start; with_sizes() of StartSizes.h fixes them before the entry runs
  std::vector<SizeExpression> sizes;    // over `dimensions`
  std::vector<int64_t> room;            // open sizes that must be at least 1: what indices and slices choose is there
  std::vector<Buffer> buffers;
  std::vector<ColumnInput> columns;
  std::vector<ScalarInput> scalars;  // in kernel argument order, shared by all kernels of the entry
  std::vector<ParameterInput> parameters;
  std::vector<ConstantInput> constants;
  std::vector<Node> nodes;
  std::vector<OutputColumn> outputs;
  int status = -1;             // I32 buffer, Inner space: 0 ok, k: reasons[k-1]; -1: every row is ok
  std::vector<std::string> reasons;
  /// Codes of the texts that the program writes are their places here; the first is empty. A run gives others to those that it
  /// meets, and they compare and no more. Empty where nothing is a text.
  std::vector<std::string> texts;
  int violation = -1;          // F64 buffer in the answer's space: largest |r|, printed as physics_violation; -1: none
  int constraints_hold = -1;   // Bool buffer of the same space, with `violation`
  std::string explanation;     // what --plan prints: the abduction plan in words
};

/// Section of the package that holds the constants of tensors.
inline constexpr std::string_view kConstantsSection = "constants";

/// A column or an output has at most so many elements.
inline constexpr int64_t kMaxListed = int64_t{1} << 20;

/// Of an entry of fixed sizes: replaces each column and output that is a tensor by its elements: `x[0]`, `x[1]`, …, which share its buffer.
/// Results of one tensor that stand side by side, such as `x.mean` and `x.mean.se`, alternate: `x[0].mean`, `x[0].mean.se`, `x[1].mean`, ….
void list_elements(Entry& entry);

/// One compiled variant of the kernel library.
struct KernelVariant {
  std::string target;  // "x86-64-v3", "x86-64-v4"
  std::string section; // package section that holds the ELF image
};

/// A file that a constant of the program was read from when it was compiled.
struct ConstantFile {
  std::string name;    // as the program says it
  std::string sha256;  // of what it held, 64 hexadecimal digits
  uint64_t bytes = 0;
};

/// A TorchScript module that Extern nodes call: its file's bytes lie in section "constants".
struct ExternModule {
  std::string name;    // as the program says it
  std::string sha256;  // 64 hexadecimal digits
  uint64_t at = 0;
  uint64_t bytes = 0;
};

struct Plan {
  std::string program;  // base name of the source file
  std::vector<Entry> entries;
  std::vector<std::string> imports;  // functions the kernels reach, in the order of acie_call::imports
  std::vector<KernelVariant> variants;
  units::UnitTable units;  // units the program knows: data files may spell theirs with them
  std::vector<ConstantFile> files = {};
  std::vector<ExternModule> modules = {};
};

/// Serialises to JSON (UTF-8, stable key order: equal plans give equal bytes).
std::string to_json(const Plan& plan);

/// Parses and verifies untrusted JSON: every index in range, spaces consistent, each buffer written once before it is
/// read, no unknown key, finite sizes. Errors say which entry and field.
absl::StatusOr<Plan> parse_plan(std::string_view json);

}  // namespace acie::package

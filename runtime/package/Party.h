// What one party of a program does: the contract between compiler and runtime for programs with parties.
//
// A graph whose values live at parties compiles to one package per party. Each holds, in section "party.json", the steps of
// that party: a straight list over numbered values, each written once before it is read. Whatever passes between parties is a
// Send of one and a Receive of another with the same message number, in the same order on both sides.
//
// Numbers under encryption are integers: a value x stands as round(x / scale), ties to even. Scale and interval of every
// such value are part of its declaration, never of a ciphertext.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/units/Units.h"

namespace acie::package {

/// Sections of a party's package: the steps (required), and the constants they use, f64 little-endian.
inline constexpr std::string_view kPartySection = "party.json";
inline constexpr std::string_view kPartyConstantsSection = "party.constants";
inline constexpr int kPartyVersion = 1;

/// A positive rational, `numerator`/`denominator` as decimal digits in lowest terms: "1" and "65536" for 2^-16.
struct Scale {
  std::string numerator = "1", denominator = "1";
  bool operator==(const Scale&) const = default;
};

struct PartyKey {
  std::string name;    // as the program declares it; the file's name in --keys
  std::string scheme;  // paillier, aes256_gcm, chacha20_poly1305, rc2_128_cbc
  int bits = 0;        // Paillier: of n
  std::string holder;  // a party
  bool allow_weak = false;
  std::string fingerprint = {};  // 64 hexadecimal digits where the program pins it, else empty
};

/// One value of the party.
struct PartyValue {
  enum class Form : uint8_t {
    Plain,        // f64
    Integers,     // fixed point, exact
    Ciphertexts,  // the same, encrypted
    Bytes,        // a file's content, a fingerprint, a sealed archive
  };
  Form form = Form::Plain;
  std::string name;            // for people, in errors and progress: "c", "w @ c"
  std::vector<int64_t> shape;  // outermost axis first; empty: a number. Of Bytes: empty
  // Integers and Ciphertexts:
  Scale scale = {};
  std::string low = "0", high = "0";  // the proven interval of every element, in integers (multiples of the scale), decimal
  // Ciphertexts:
  int key = -1;       // of PartyEntry::keys
  int slot_bits = 0;  // > 0: many elements in each ciphertext, in slots of that many bits

  /// As an input or a result: a file, not numbers.
  bool is_file() const { return form == Form::Bytes || form == Form::Ciphertexts; }
  int64_t elements() const {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    return count;
  }
};

enum class PartyOp : uint8_t {
  // Plain values. An operand that is a number, or whose shape is a suffix of the other's, is repeated (broadcast).
  Input,     // `index`: of PartyEntry::inputs. Plain, Bytes, or Ciphertexts that this party stored (not packed)
  Constant,  // elements from byte `index` of section "party.constants" on. Plain
  Plain,     // `function` of the inputs, all Plain
  Draw,      // Plain: numbers uniform on (0, 1), draws 0, 1, … of the noise `function` under the run's seed (kernels/random), the same
             // for all rows of a table
  // Between plain and exact numbers.
  Quantise,    // Plain → Integers of the output's scale; a value that is not finite or leaves the output's interval is bad data
  Dequantise,  // Integers → Plain
  // Form-preserving, of Plain, Integers and (but for packed ones) Ciphertexts; scale and key stay.
  Gather,  // output element i is element indices[i] of the input: views, transposes, repeats
  Concat,  // the inputs' elements one after another
  // Ciphertexts. Scales of sums are equal; of products they multiply.
  Encrypt,        // Integers → Ciphertexts, fresh. slot_bits > 0: packed
  Add,            // Ciphertexts + Ciphertexts or Integers (in any order); Integers + Integers
  Subtract,       // a − b, each Ciphertexts or Integers
  Negate,         // Ciphertexts or Integers
  Multiply,       // element-wise; Ciphertexts times Integers (in any order), or Integers times Integers
  MatVec,         // inputs W, x: Integers [m, n] times [n] or [n, p] of Ciphertexts or Integers
  MatVecPlain,    // inputs x, W: [n] or [p, n] of Ciphertexts or Integers times Integers [n, m]
  Sum,            // of all elements, or over the last `index` axes; Ciphertexts or Integers
  Pack,           // Ciphertexts of one element each → the output's slot_bits
  Seal,           // re-randomises Ciphertexts, once, just before they leave
  Decrypt,        // Ciphertexts → Integers; only where this party holds the key. Outside the interval: one error for all
  // Messages. The value has the same form, shape, scale, interval, key and slots on both sides.
  Send,     // `peer`, `index`: the message's number. Ciphertexts must be fresh or sealed
  Receive,  // `peer`, `index`
  // Files.
  Fingerprint,  // `function`: sha256, sha512, streebog256, streebog512. Of Bytes, or of Plain's elements as f64 → Bytes
  SealBytes,    // Bytes → Bytes: a container under symmetric key `index` of PartyEntry::keys
  OpenBytes,    // the reverse; nothing goes on before all of it is authentic
  Output,       // `index`: of PartyEntry::outputs. Plain, Bytes, or Ciphertexts to store (not packed)
};

/// Functions of PartyOp::Plain and their operands:
///   add subtract multiply divide power minimum maximum, less less_equal greater equal and or    two, element-wise (truth is 1 or 0)
///   div mod (rounded down) atan2 gamma_cdf gamma_quantile student_t_cdf student_t_quantile poisson_quantile              the same
///   negate abs exp log sqrt tanh sigmoid floor ceil trunc round sign sin cos tan asin acos atan sinh cosh asinh acosh atanh exp2
///   expm1 log2 log10 log1p cbrt logit softplus erf erfc norm_cdf norm_quantile lgamma is_nan not relu         one, element-wise
///   select                         condition, then, else
///   beta_cdf beta_quantile         three, element-wise
///   matmul                         [m, n] or [n] times [n, p] or [n]
///   sum mean min max product       one, over the last axis, which is gone in the result
///   argmax argmin                  the same: the place of the first extreme
///   softmax                        one, along the last axis
///   top_k                          one vector: positions of its largest elements, in falling order, first ones of equals
///   solve solve_lower solve_upper cholesky inverse fft inverse_fft rfft inverse_rfft cumsum sort   as in kernels/routines/Routine.h
///   take                           table [n, …] and positions [k]: rows of it, [k, …]
struct PartyStep {
  PartyOp op = PartyOp::Input;
  std::vector<int> inputs = {};  // values
  int output = -1;               // a value; -1 for Send and Output
  int64_t index = 0;             // see the operation
  std::string function = {};     // Plain, Draw, Fingerprint
  std::string peer = {};         // Send, Receive
  bool reveal = false;           // Send of anything but Ciphertexts: the program says reveal(…, to: peer)
  std::vector<int64_t> indices = {};  // Gather
  int line = 0;                  // of the source, for errors; 0: none
};

/// What the user gives: --arg NAME=FILE, --set NAME=NUMBER, or columns of --data (then the entry runs once for each row). Stored
/// ciphertexts are a file; the declared range is the widest that they may have been stored with.
struct PartyInput {
  std::string name;
  std::string doc;
  units::Unit unit;
  double low = -std::numeric_limits<double>::infinity();  // declared range: leaving it is bad data
  double high = std::numeric_limits<double>::infinity();
  std::optional<double> default_value;  // of every element
};

/// A column of the answer, or a file where the value is Bytes or Ciphertexts (--out-arg NAME=FILE).
struct PartyOutput {
  std::string name;
  units::Unit unit;
};

struct PartyEntry {
  std::string name;  // of the graph
  std::string doc;
  std::vector<PartyKey> keys;
  std::vector<PartyInput> inputs;
  std::vector<PartyOutput> outputs;
  std::vector<PartyValue> values;
  std::vector<PartyStep> steps;
  /// Rows that travel in one message where the entry runs over a table; the same at all parties.
  int64_t rows_per_message = 256;
};

struct PartyProgram {
  std::string program;               // base name of the source file
  std::string digest;                // 64 hexadecimal digits, the same in all packages of one program: others are not talked to
  std::string party;                 // whose package this is
  std::vector<std::string> parties;  // all of them, in the order declared
  std::vector<PartyEntry> entries;
};

/// JSON with stable key order: equal programs give equal bytes.
std::string to_json(const PartyProgram& program);

/// Parses and verifies untrusted JSON (verify() below).
absl::StatusOr<PartyProgram> parse_party_program(std::string_view json);

/// Whether every index is in range, every value written once before it is read and of the form, shape, scale and key its
/// step gives; nothing leaves this party unless encrypted and fresh or sealed, or revealed; only a key's holder decrypts;
/// intervals follow from those of the operands and fit the key. `constants`: bytes of section "party.constants".
absl::Status verify(const PartyProgram& program, uint64_t constants = std::numeric_limits<uint64_t>::max());

}  // namespace acie::package

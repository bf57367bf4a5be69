// The checked form of programs with parties: graphs of operations on plain, exact and encrypted values, each at a party.
//
// Values are numbered; an operation makes one, at a party, from values made before. A value used at another party than
// its own crosses: only ciphertexts do, and what `reveal` made (CheckFlow and the elaborator see to it). Everything a
// type of the language says is decided here: key, scale, interval. What is left to the passes: which products a matrix
// takes, where ciphertexts are re-randomised, packed and sent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/Sema/Analysis/Interval.h"
#include "compiler/Sema/Program.h"
#include "compiler/Sema/Secrecy/Exact.h"

namespace acie::sema {

struct Party {
  std::string name;
  std::string doc;
  Span span;
};

struct Key {
  enum class Scheme : uint8_t { Paillier, Aes256Gcm, ChaCha20Poly1305, Rc2Cbc };
  std::string name;
  Scheme scheme = Scheme::Paillier;
  int bits = 0;  // Paillier: of n
  const Party* holder = nullptr;
  bool allow_weak = false;
  std::string fingerprint;  // where the program pins it
  Span span;
  bool is_cipher() const { return scheme != Scheme::Paillier; }
};
std::string_view scheme_name(Key::Scheme scheme);

struct GraphValue {
  enum class Form : uint8_t {
    Plain,        // f64
    Integers,     // fixed point, exact
    Ciphertexts,  // the same under `key`
    Bytes         // what a file holds
  };
  Form form = Form::Plain;
  std::string name;  // as the program says it, for people
  Shape shape;
  const Party* party = nullptr;
  Span span;
  /// Plain: what it can be, and whether it is known to be whole numbers.
  Interval range;
  bool whole_numbers = false;
  /// Integers, Ciphertexts: what one unit is worth, and each element's interval, or one for all of them.
  Scale scale;
  std::vector<Bounds> bounds;
  const Key* key = nullptr;
  int slot_bits = 0;  // > 0: several elements to a ciphertext, in slots of that many bits

  int64_t elements() const;
  const Bounds& bounds_of(int64_t element) const { return bounds.size() == 1 ? bounds[0] : bounds[static_cast<size_t>(element)]; }
  Bounds hull_of_bounds() const;
};

struct GraphOp {
  enum class Kind : uint8_t {
    Input,     // index: of Graph::inputs
    Constant,  // numbers
    Plain,     // function(inputs)
    Draw,      // `function`: the name of a noise; a uniform number for each draw
    Quantise, Dequantise,
    Gather,  // output element i is element indices[i] of the input
    Concat,
    Encrypt,
    Add, Subtract, Negate, Multiply,
    MatVec,       // Integers [m, n] @ Ciphertexts or Integers [n], [n, p]
    MatVecPlain,  // Ciphertexts or Integers [n], [p, n] @ Integers [n, m]
    Sum,          // over the last `index` axes
    Pack,
    Decrypt,
    Reveal,       // the same value at another party: a plaintext leaves, as the program says
    Move,         // the same ciphertexts at another party
    Fingerprint,  // function
    SealBytes, OpenBytes,  // under `key`
    Output        // index: of Graph::outputs
  };
  Kind kind = Kind::Input;
  std::vector<int> inputs;
  int output = -1;
  const Party* party = nullptr;
  int64_t index = 0;
  std::string function;
  const Key* key = nullptr;
  std::vector<int64_t> indices;
  std::shared_ptr<const std::vector<double>> numbers;
  Span span;
  int line = 0;  // of the source, 1-based
};

struct GraphInput {
  std::string name;
  std::string doc;
  units::Unit unit;
  Range range;
  std::optional<double> default_value;
  const Party* party = nullptr;
};

struct GraphOutput {
  std::string name;
  units::Unit unit;
  const Party* party = nullptr;
};

struct Graph {
  std::string name;
  std::string doc;
  Span span;
  std::vector<GraphInput> inputs;
  std::vector<GraphOutput> outputs;
  std::vector<GraphValue> values;
  std::vector<GraphOp> ops;
  /// What was encrypted and no result needs, so that it is not among `ops`.
  std::vector<GraphOp> undecrypted;
};

/// What a program with parties consists of besides models and queries.
struct Secrecy {
  std::vector<const Party*> parties;
  std::vector<const Key*> keys;
  std::vector<const Graph*> graphs;
};

}  // namespace acie::sema

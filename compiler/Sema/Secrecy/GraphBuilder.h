// Makes the operations of a graph: the typing rule of each, with intervals, scales and keys, and every error about them.
//
// Values are named by their number in Graph::values. What could not be made is nothing, after a report.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/Sema/Secrecy/Graph.h"
#include "compiler/Support/Diagnostic.h"
#include "compiler/Support/SourceManager.h"

namespace acie::sema {

class GraphBuilder {
 public:
  using Made = std::optional<int>;

  GraphBuilder(Graph& graph, const SourceManager& sources, DiagnosticEngine& diagnostics)
      : graph_(graph), sources_(sources), diagnostics_(diagnostics) {}

  Graph& graph() { return graph_; }
  DiagnosticEngine& diagnostics() { return diagnostics_; }
  const GraphValue& value(int id) const { return graph_.values[static_cast<size_t>(id)]; }
  void rename(int id, const std::string& name) { graph_.values[static_cast<size_t>(id)].name = name; }
  bool encrypted(int id) const { return value(id).form == GraphValue::Form::Ciphertexts; }
  bool exact(int id) const { return encrypted(id) || value(id).form == GraphValue::Form::Integers; }

  int input(GraphInput input, Shape shape, bool whole_numbers, Span span);
  int file_input(GraphInput input, Span span);
  /// Ciphertexts that an earlier run stored. Nothing where the key cannot hold the interval.
  Made cipher_input(GraphInput input, Shape shape, const Key& key, const Scale& scale, Bounds bounds, Span span);
  int constant(const Party* party, Shape shape, std::vector<double> numbers, Span span);
  void output(int id, GraphOutput output, Span span);

  /// The value where `party` can use it: itself, a constant made there, ciphertexts that moved there. A plaintext of another
  /// party is reported, with the way it took.
  Made at(int id, const Party* party, Span use);

  // ---- plain values
  /// A number uniform on (0, 1) for each of kDraws draws, the last axis of `shape`, of each element of a noise: the same for the
  /// same noise wherever it is made.
  int draw(const std::string& noise, Shape shape, const Party* party, Span span);
  int plain(const std::string& function, std::vector<int> inputs, Shape shape, Interval range, bool whole_numbers, Span span);
  /// Of an exact value that is not encrypted; a plain one is itself.
  int plain_of(int id, Span span);

  // ---- exact values. Scales and intervals follow from the operands'.
  /// Rounded to multiples of `scale`; an exact one is itself. Without a range nothing can be proved.
  Made quantise(int id, const Scale& scale, Span span);
  /// As a factor: exact where it is, whole numbers at scale 1, else rounded to 2^-16.
  Made factor(int id, Span span);
  Made add(bool subtract, int a, int b, Span span);
  Made negate(int id, Span span);
  Made multiply(int a, int b, Span span);
  Made contract(int a, int b, Shape shape, Span span);
  Made sum(int id, int64_t axes, Shape shape, Span span);

  /// Of every form but bytes.
  int gather(int id, Shape shape, std::vector<int64_t> indices, Span span);
  int reshape(int id, const Shape& shape, Span span);
  Made concat(std::vector<int> parts, Shape shape, Span span);

  // ---- under encryption
  Made encrypt(int id, const Key& key, const Scale& scale, Span span);
  Made decrypt(int id, const Key& key, Span span);
  int reveal(int id, const Party* to, Span span);

  // ---- bytes
  int bytes(GraphOp::Kind kind, int id, const std::string& function, const Key* key, const Party* party, Span span);

  /// "image (observatory) → 2 * image (observatory)": what a value was made from, at its party.
  std::string history(int id) const;
  /// Source text of `span` on one line, shortened.
  std::string text(Span span) const;
  /// Where a value came from: the operation that made it.
  const GraphOp& maker(int id) const { return graph_.ops[static_cast<size_t>(makers_[static_cast<size_t>(id)])]; }
  /// A query is asked with this value, which it wants even where its answer turns out not to depend on it.
  void ask_with(int id) { asked_.push_back(id); }
  /// Removes what no output needs, and remembers what was encrypted for nothing.
  void prune();

  static constexpr unsigned kFactorBits = 16;
  static constexpr int64_t kDraws = 1000;

 private:
  int make(GraphOp op, GraphValue value);
  /// Joins two exact values at one party: the same key, where both have one. Nothing after reporting.
  bool same_key(int a, int b, Span span);
  bool same_party(int a, int b, Span span);
  /// Whether every element fits the key; reports the first one that may not.
  bool fits(const GraphValue& value, Span span);
  /// The element of `shape` that stands at `position` of a broadcast result, for an operand of `own` elements.
  static int64_t repeated(int64_t position, int64_t own) { return position % own; }
  std::vector<Bounds> elementwise(int a, int b, const Shape& shape, const std::function<Bounds(const Bounds&, const Bounds&)>& f) const;
  static Shape broadcast(const Shape& a, const Shape& b) { return a.size() >= b.size() ? a : b; }
  std::string meeting(int a, int b) const;
  int source_of_range(int id) const;
  bool computed(int id) const;

  Graph& graph_;
  const SourceManager& sources_;
  DiagnosticEngine& diagnostics_;
  std::vector<int> makers_;                                // of each value: its operation
  std::vector<int> asked_;
  std::map<std::pair<int, const Party*>, int> moved_;
};

/// "[784]", or "a number".
std::string shape_text(const Shape& shape);

}  // namespace acie::sema

// Verifies a party's program: what a compiler may not have got wrong and an attacker may not have written.

#include <algorithm>
#include <cmath>
#include <set>

#include "runtime/package/Integer.h"
#include "runtime/package/Party.h"
#include "runtime/package/PartyFunctions.h"
#include "runtime/package/PartyNames.h"
#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

using Form = PartyValue::Form;
using Op = PartyOp;

constexpr size_t kMaxItems = 1 << 16;
constexpr size_t kMaxEntries = 4096;
constexpr size_t kMaxName = 4096;
constexpr size_t kMaxAxes = 16;
constexpr int64_t kMaxElements = int64_t{1} << 28;
constexpr int kMaxIntegerBits = 8192;
constexpr int kSmallestKey = 1024;  // run refuses those below 2048 unless told that this is a test
constexpr int kLargestKey = 8192;

bool good_name(const std::string& name) { return !name.empty() && name.size() <= kMaxName; }

bool is_hex_digest(const std::string& text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

struct Ratio {
  Integer numerator, denominator;
};

Ratio multiply(const Ratio& a, const Ratio& b) { return {a.numerator * b.numerator, a.denominator * b.denominator}; }
bool same(const Ratio& a, const Ratio& b) { return a.numerator * b.denominator == b.numerator * a.denominator; }

struct Interval {
  Integer low, high;
  bool contains(const Interval& other) const { return low <= other.low && other.high <= high; }
  Integer magnitude() const { return std::max(low.magnitude(), high.magnitude()); }
};

Interval operator+(const Interval& a, const Interval& b) { return {a.low + b.low, a.high + b.high}; }
Interval operator-(const Interval& a) { return {-a.high, -a.low}; }
Interval operator*(const Interval& a, const Interval& b) {
  const Integer products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(std::begin(products), std::end(products)),
          *std::max_element(std::begin(products), std::end(products))};
}

/// What is known of a value besides its declaration.
struct Known {
  bool written = false;
  bool constant = false;    // computed from constants alone
  bool may_leave = false;   // ciphertexts that nobody can trace: fresh or sealed
  bool left = false;
  Ratio scale{1, 1};
  Interval interval;
};

class PartyCheck {
 public:
  PartyCheck(const PartyProgram& program, const PartyEntry& entry, uint64_t constants)
      : program_(program), entry_(entry), constants_(constants), known_(entry.values.size()) {}

  absl::Status run() {
    if (!good_name(entry_.name)) return fail("name", "it must not be empty or very long");
    if (entry_.values.size() > kMaxItems || entry_.steps.size() > kMaxItems || entry_.keys.size() > kMaxItems ||
        entry_.inputs.size() > kMaxItems || entry_.outputs.size() > kMaxItems)
      return fail("steps", "there are too many");
    if (entry_.rows_per_message < 1) return fail("rows_per_message", "it is not possible");
    ACIE_RETURN_IF_ERROR(keys());
    ACIE_RETURN_IF_ERROR(names());
    for (size_t i = 0; i < entry_.values.size(); ++i) ACIE_RETURN_IF_ERROR(value(i));
    std::vector<bool> given(entry_.outputs.size());
    for (size_t i = 0; i < entry_.steps.size(); ++i) {
      const PartyStep& step = entry_.steps[i];
      where_ = "steps[" + std::to_string(i) + "]" +
               (step.line > 0 ? " (line " + std::to_string(step.line) + " of the source)" : "");
      ACIE_RETURN_IF_ERROR(operands(step));
      ACIE_RETURN_IF_ERROR(check(step));
      if (step.output >= 0) known_[step.output].written = true;
      if (step.op != Op::Output) continue;
      if (given[step.index]) return fail(where_, "an output is given twice");
      given[step.index] = true;
    }
    if (std::find(given.begin(), given.end(), false) != given.end()) return fail("outputs", "one is never given");
    return absl::OkStatus();
  }

 private:
  absl::Status fail(const std::string& where, const std::string& what) const {
    return refused_error("entry '" + entry_.name + "': " + where + ": " + what);
  }
  absl::Status wrong(const std::string& what) const { return fail(where_, what); }

  bool is_party(const std::string& name) const {
    return std::find(program_.parties.begin(), program_.parties.end(), name) != program_.parties.end();
  }

  absl::Status keys() {
    std::set<std::string> names;
    for (const PartyKey& key : entry_.keys) {
      const std::string field = "key '" + key.name + "'";
      if (!good_name(key.name) || !names.insert(key.name).second) return fail(field, "its name is empty or used twice");
      if (!is_party(key.holder)) return fail(field, "its holder is no party");
      if (!key.fingerprint.empty() && !is_hex_digest(key.fingerprint))
        return fail(field, "its fingerprint is not 64 hexadecimal digits");
      if (key.scheme == "paillier") {
        if (key.bits < kSmallestKey || key.bits > kLargestKey) return fail(field, "its size is not possible");
      } else if (key.scheme == "rc2_128_cbc") {
        if (!key.allow_weak) return fail(field, "its cipher is weak and the program does not allow that");
      } else if (key.scheme != "aes256_gcm" && key.scheme != "chacha20_poly1305") {
        return fail(field, "its scheme is not known");
      }
    }
    return absl::OkStatus();
  }

  absl::Status names() {
    std::set<std::string> names;
    for (const PartyInput& input : entry_.inputs) {
      if (!good_name(input.name) || !names.insert(input.name).second)
        return fail("inputs", "a name is empty or used twice");
      if (std::isnan(input.low) || std::isnan(input.high) || input.low > input.high)
        return fail("input '" + input.name + "'", "its range is empty");
    }
    names.clear();
    for (const PartyOutput& output : entry_.outputs)
      if (!good_name(output.name) || !names.insert(output.name).second)
        return fail("outputs", "a name is empty or used twice");
    return absl::OkStatus();
  }

  absl::Status value(size_t i) {
    const PartyValue& value = entry_.values[i];
    const std::string where = "values[" + std::to_string(i) + "]";
    if (value.name.size() > kMaxName || value.shape.size() > kMaxAxes) return fail(where, "its name or shape is very long");
    int64_t elements = 1;
    for (const int64_t size : value.shape)
      if (size < 1 || size > kMaxElements || (elements *= size) > kMaxElements)
        return fail(where, "its shape is not possible");
    const bool exact = value.form == Form::Integers || value.form == Form::Ciphertexts;
    if (value.form == Form::Bytes && !value.shape.empty()) return fail(where, "bytes have no shape");
    if ((value.form == Form::Ciphertexts) != (value.key >= 0) ||
        (value.key >= 0 && (value.key >= static_cast<int>(entry_.keys.size()) ||
                            entry_.keys[value.key].scheme != "paillier")))
      return fail(where, "its key is not possible");
    if (value.slot_bits < 0 || value.slot_bits > 63 || (value.slot_bits > 0 && value.form != Form::Ciphertexts))
      return fail(where, "it cannot be packed like that");
    if (!exact) return absl::OkStatus();

    const auto numerator = Integer::parse(value.scale.numerator), denominator = Integer::parse(value.scale.denominator);
    const auto low = Integer::parse(value.low), high = Integer::parse(value.high);
    if (!numerator || !denominator || *numerator <= Integer(0) || *denominator <= Integer(0) ||
        std::max(numerator->bits(), denominator->bits()) > kMaxIntegerBits ||
        Integer::gcd(*numerator, *denominator) != Integer(1))
      return fail(where, "its scale is no positive fraction in lowest terms");
    if (!low || !high || *low > *high) return fail(where, "its interval is empty");
    known_[i].scale = {*numerator, *denominator};
    known_[i].interval = {*low, *high};
    const Integer magnitude = known_[i].interval.magnitude();
    if (magnitude.bits() > kMaxIntegerBits) return fail(where, "its interval is too wide");
    if (value.form == Form::Ciphertexts && magnitude > largest_plaintext(entry_.keys[value.key].bits))
      return fail(where, "its interval does not fit its key");
    if (value.slot_bits > 0 && magnitude >= Integer::shifted(1, value.slot_bits - 1))
      return fail(where, "its interval does not fit its slots");
    return absl::OkStatus();
  }

  absl::Status operands(const PartyStep& step) const {
    for (const int input : step.inputs) {
      if (input < 0 || input >= static_cast<int>(entry_.values.size())) return wrong("a value does not exist");
      if (!known_[input].written) return wrong("it reads a value that no step before it writes");
    }
    const bool writes = step.op != Op::Send && step.op != Op::Output;
    if (writes != (step.output >= 0) || step.output >= static_cast<int>(entry_.values.size()))
      return wrong("its output does not exist");
    if (writes && known_[step.output].written) return wrong("its output is written twice");
    if ((step.op == Op::Send || step.op == Op::Receive) && (!is_party(step.peer) || step.peer == program_.party))
      return wrong("its peer is no other party");
    return absl::OkStatus();
  }

  const PartyValue& in(const PartyStep& step, size_t i) const { return entry_.values[step.inputs[i]]; }
  const Known& facts(const PartyStep& step, size_t i) const { return known_[step.inputs[i]]; }

  bool all_constant(const PartyStep& step) const {
    return std::all_of(step.inputs.begin(), step.inputs.end(), [&](int input) { return known_[input].constant; });
  }

  /// One input of form `from`, output of form `to` and the same shape; where both are exact, the same scale and a wide enough
  /// interval; where both are encrypted, the same key.
  absl::Status converts(const PartyStep& step, Form from, Form to) {
    if (step.inputs.size() != 1) return wrong("it takes one value");
    const PartyValue& out = entry_.values[step.output];
    if (in(step, 0).form != from || out.form != to) return wrong("its values are of the wrong form");
    if (in(step, 0).shape != out.shape) return wrong("its shapes differ");
    return keeps(step, 0);
  }

  absl::Status keeps(const PartyStep& step, size_t i) const {
    const PartyValue &from = in(step, i), &to = entry_.values[step.output];
    const auto exact = [](const PartyValue& v) { return v.form == Form::Integers || v.form == Form::Ciphertexts; };
    if (!exact(from) || !exact(to)) return absl::OkStatus();
    if (!same(facts(step, i).scale, known_[step.output].scale)) return wrong("its scales differ");
    if (!known_[step.output].interval.contains(facts(step, i).interval)) return wrong("its interval is too narrow");
    if (from.form == Form::Ciphertexts && to.form == Form::Ciphertexts && from.key != to.key)
      return wrong("its keys differ");
    return absl::OkStatus();
  }

  /// Operands of exact arithmetic: Integers or Ciphertexts under one key, packed alike; the output is encrypted where any is.
  absl::Status exact_operands(const PartyStep& step, size_t count) const {
    if (step.inputs.size() != count) return wrong("it takes " + std::to_string(count) + " values");
    const PartyValue& out = entry_.values[step.output];
    bool encrypted = false;
    for (size_t i = 0; i < count; ++i) {
      const PartyValue& value = in(step, i);
      if (value.form != Form::Integers && value.form != Form::Ciphertexts) return wrong("an operand is not exact");
      if (value.form == Form::Integers) continue;
      encrypted = true;
      if (value.key != out.key || value.slot_bits != out.slot_bits) return wrong("its keys or slots differ");
    }
    if (out.form != (encrypted ? Form::Ciphertexts : Form::Integers)) return wrong("its output is of the wrong form");
    return absl::OkStatus();
  }

  absl::Status has_interval(const PartyStep& step, const Interval& interval) const {
    return known_[step.output].interval.contains(interval) ? absl::OkStatus() : wrong("its interval is too narrow");
  }

  absl::Status sum(const PartyStep& step) {
    ACIE_RETURN_IF_ERROR(exact_operands(step, step.op == Op::Negate ? 1 : 2));
    const PartyValue& out = entry_.values[step.output];
    Interval total = facts(step, 0).interval;
    if (step.op == Op::Negate) total = -total;
    std::optional<Shape> shape = in(step, 0).shape;
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      if (!same(facts(step, i).scale, known_[step.output].scale)) return wrong("its scales differ");
      if (i == 0) continue;
      shape = broadcast(*shape, in(step, i).shape);
      total = total + (step.op == Op::Subtract ? -facts(step, i).interval : facts(step, i).interval);
      if (out.slot_bits > 0 && in(step, i).shape != in(step, 0).shape) return wrong("packed values cannot be repeated");
    }
    if (shape != out.shape) return wrong("its shapes differ");
    return has_interval(step, total);
  }

  /// Products: scales multiply, one side is not encrypted.
  absl::Status product_scale(const PartyStep& step) const {
    ACIE_RETURN_IF_ERROR(exact_operands(step, 2));
    if (in(step, 0).form == Form::Ciphertexts && in(step, 1).form == Form::Ciphertexts)
      return wrong("ciphertexts cannot be multiplied");
    if (!same(multiply(facts(step, 0).scale, facts(step, 1).scale), known_[step.output].scale))
      return wrong("its scale is not the product");
    return absl::OkStatus();
  }

  absl::Status multiply_step(const PartyStep& step) {
    ACIE_RETURN_IF_ERROR(product_scale(step));
    const PartyValue& out = entry_.values[step.output];
    if (broadcast(in(step, 0).shape, in(step, 1).shape) != out.shape) return wrong("its shapes differ");
    if (out.slot_bits > 0 && !in(step, in(step, 0).form == Form::Ciphertexts ? 1 : 0).shape.empty())
      return wrong("packed values are multiplied by one number only");
    if (facts(step, 0).constant || facts(step, 1).constant) return absl::OkStatus();  // the run checks the factors
    return has_interval(step, facts(step, 0).interval * facts(step, 1).interval);
  }

  absl::Status matrix(const PartyStep& step) {
    ACIE_RETURN_IF_ERROR(product_scale(step));
    const size_t weights = step.op == Op::MatVec ? 0 : 1;
    if (in(step, weights).form != Form::Integers || in(step, weights).shape.size() != 2)
      return wrong("its weights are no matrix of integers");
    const std::optional<ProductSize> size = product_size(in(step, 0).shape, in(step, 1).shape);
    if (!size || size->result != entry_.values[step.output].shape) return wrong("its shapes differ");
    if (entry_.values[step.output].slot_bits > 0) return wrong("packed values cannot be multiplied by a matrix");
    if (facts(step, weights).constant) return absl::OkStatus();  // the run checks the rows
    const Interval one = facts(step, 0).interval * facts(step, 1).interval;
    return has_interval(step, one * Interval{size->inner, size->inner});
  }

  absl::Status sum_of_elements(const PartyStep& step) {
    ACIE_RETURN_IF_ERROR(exact_operands(step, 1));
    const Shape& shape = in(step, 0).shape;
    const Shape& out = entry_.values[step.output].shape;
    if (entry_.values[step.output].slot_bits > 0) return wrong("packed values cannot be summed");
    if (out.size() > shape.size() || !std::equal(out.begin(), out.end(), shape.begin()) ||
        step.index != static_cast<int64_t>(shape.size() - out.size()))
      return wrong("its shapes differ");
    if (!same(facts(step, 0).scale, known_[step.output].scale)) return wrong("its scales differ");
    const int64_t terms = in(step, 0).elements() / entry_.values[step.output].elements();
    return has_interval(step, facts(step, 0).interval * Interval{terms, terms});
  }

  absl::Status rearranges(const PartyStep& step) {
    const PartyValue& out = entry_.values[step.output];
    if (out.form == Form::Bytes || out.slot_bits > 0) return wrong("its output is of the wrong form");
    if (step.inputs.empty()) return wrong("it takes values");
    int64_t elements = 0;
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      if (in(step, i).form != out.form || in(step, i).slot_bits > 0) return wrong("its values are of different forms");
      ACIE_RETURN_IF_ERROR(keeps(step, i));
      elements += in(step, i).elements();
    }
    known_[step.output].constant = all_constant(step);
    if (step.op == Op::Concat) return elements == out.elements() ? absl::OkStatus() : wrong("its shapes differ");
    if (step.inputs.size() != 1 || static_cast<int64_t>(step.indices.size()) != out.elements())
      return wrong("it does not say where each element comes from");
    for (const int64_t index : step.indices)
      if (index < 0 || index >= elements) return wrong("an element does not exist");
    return absl::OkStatus();
  }

  absl::Status plain(const PartyStep& step) const {
    const std::optional<PlainFunction> function = value_in(kPlainFunctionNames, step.function);
    if (!function) return wrong("the function '" + step.function + "' is not known");
    std::vector<Shape> shapes;
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      if (in(step, i).form != Form::Plain) return wrong("an operand is not plain");
      shapes.push_back(in(step, i).shape);
    }
    const PartyValue& out = entry_.values[step.output];
    if (out.form != Form::Plain || !fits(*function, shapes, out.shape)) return wrong("its shapes do not fit");
    return absl::OkStatus();
  }

  /// Numbers of messages rise, so that both sides agree on their order.
  absl::Status message(const PartyStep& step) {
    if (step.index <= last_message_) return wrong("its message's number does not rise");
    last_message_ = step.index;
    return absl::OkStatus();
  }

  absl::Status send(const PartyStep& step) {
    ACIE_RETURN_IF_ERROR(message(step));
    if (step.inputs.size() != 1) return wrong("it takes one value");
    if (in(step, 0).form != Form::Ciphertexts)
      return step.reveal ? absl::OkStatus() : wrong("it sends what is not encrypted and the program does not reveal it");
    Known& value = known_[step.inputs[0]];
    if (!value.may_leave || value.left) return wrong("it sends ciphertexts that are not sealed, or twice");
    value.left = true;
    return absl::OkStatus();
  }

  absl::Status bytes(const PartyStep& step) const {
    const PartyValue& out = entry_.values[step.output];
    if (step.inputs.size() != 1 || out.form != Form::Bytes) return wrong("its values are of the wrong form");
    if (step.op == Op::Fingerprint) {
      static constexpr std::string_view kHashes[] = {"sha256", "sha512", "streebog256", "streebog512"};
      if (std::find(std::begin(kHashes), std::end(kHashes), step.function) == std::end(kHashes))
        return wrong("the hash is not known");
      return in(step, 0).form == Form::Bytes || in(step, 0).form == Form::Plain ? absl::OkStatus()
                                                                               : wrong("only plain values have fingerprints");
    }
    if (in(step, 0).form != Form::Bytes) return wrong("its values are of the wrong form");
    if (step.index < 0 || step.index >= static_cast<int64_t>(entry_.keys.size()) ||
        entry_.keys[step.index].scheme == "paillier" || entry_.keys[step.index].holder != program_.party)
      return wrong("its key is not possible");
    return absl::OkStatus();
  }

  bool in_range(int64_t index, size_t size) const { return index >= 0 && index < static_cast<int64_t>(size); }

  absl::Status check(const PartyStep& step) {
    const PartyValue* out = step.output >= 0 ? &entry_.values[step.output] : nullptr;
    switch (step.op) {
      case Op::Input:
        if (!step.inputs.empty() || !in_range(step.index, entry_.inputs.size())) return wrong("its input does not exist");
        if (out->slot_bits > 0) return wrong("stored ciphertexts hold one number each");
        return out->form != Form::Integers ? absl::OkStatus() : wrong("inputs are plain, files, or stored ciphertexts");
      case Op::Constant: {
        const uint64_t size = 8 * static_cast<uint64_t>(out->elements());
        if (!step.inputs.empty() || out->form != Form::Plain || step.index < 0 || step.index % 8 != 0 ||
            size > constants_ || static_cast<uint64_t>(step.index) > constants_ - size)
          return wrong("its elements lie outside the constants");
        known_[step.output].constant = true;
        return absl::OkStatus();
      }
      case Op::Plain:
        known_[step.output].constant = all_constant(step);
        return plain(step);
      case Op::Draw:
        return step.inputs.empty() && out->form == Form::Plain && !out->shape.empty() && good_name(step.function) ? absl::OkStatus() : wrong("draws are plain, along the last axis, of a noise that has a name");
      case Op::Quantise:
        ACIE_RETURN_IF_ERROR(converts(step, Form::Plain, Form::Integers));
        known_[step.output].constant = all_constant(step);
        return absl::OkStatus();
      case Op::Dequantise:
        return converts(step, Form::Integers, Form::Plain);
      case Op::Gather:
      case Op::Concat:
        return rearranges(step);
      case Op::Encrypt:
        known_[step.output].may_leave = true;
        return converts(step, Form::Integers, Form::Ciphertexts);
      case Op::Add:
      case Op::Subtract:
      case Op::Negate:
        return sum(step);
      case Op::Multiply:
        return multiply_step(step);
      case Op::MatVec:
      case Op::MatVecPlain:
        return matrix(step);
      case Op::Sum:
        return sum_of_elements(step);
      case Op::Pack:
        ACIE_RETURN_IF_ERROR(converts(step, Form::Ciphertexts, Form::Ciphertexts));
        return in(step, 0).slot_bits == 0 && out->slot_bits > 0 ? absl::OkStatus() : wrong("it cannot pack these");
      case Op::Seal:
        ACIE_RETURN_IF_ERROR(converts(step, Form::Ciphertexts, Form::Ciphertexts));
        if (in(step, 0).slot_bits != out->slot_bits) return wrong("its slots differ");
        known_[step.output].may_leave = true;
        return absl::OkStatus();
      case Op::Decrypt:
        ACIE_RETURN_IF_ERROR(converts(step, Form::Ciphertexts, Form::Integers));
        return entry_.keys[in(step, 0).key].holder == program_.party ? absl::OkStatus()
                                                                     : wrong("only the key's holder decrypts");
      case Op::Send:
        return send(step);
      case Op::Receive:
        if (!step.inputs.empty()) return wrong("it takes no value");
        return message(step);
      case Op::Fingerprint:
      case Op::SealBytes:
      case Op::OpenBytes:
        return bytes(step);
      case Op::Output:
        if (step.inputs.size() != 1 || !in_range(step.index, entry_.outputs.size())) return wrong("its output does not exist");
        if (in(step, 0).slot_bits > 0) return wrong("stored ciphertexts hold one number each");
        return in(step, 0).form != Form::Integers ? absl::OkStatus() : wrong("results are plain, bytes, or stored ciphertexts");
    }
    return wrong("its operation is not known");
  }

  const PartyProgram& program_;
  const PartyEntry& entry_;
  uint64_t constants_;
  std::vector<Known> known_;
  std::string where_;
  int64_t last_message_ = -1;
};

}  // namespace

absl::Status verify(const PartyProgram& program, uint64_t constants) {
  std::set<std::string> names;
  for (const std::string& party : program.parties)
    if (!good_name(party) || !names.insert(party).second) return refused_error("parties: a name is empty or used twice");
  if (!names.contains(program.party)) return refused_error("party: '" + program.party + "' is not among the parties");
  if (!is_hex_digest(program.digest)) return refused_error("digest: 64 hexadecimal digits are expected");
  if (program.entries.size() > kMaxEntries) return refused_error("entries: there are too many");
  names.clear();
  for (const PartyEntry& entry : program.entries) {
    if (!names.insert(entry.name).second) return refused_error("entry '" + entry.name + "': there are two of this name");
    ACIE_RETURN_IF_ERROR(PartyCheck(program, entry, constants).run());
  }
  return absl::OkStatus();
}

}  // namespace acie::package

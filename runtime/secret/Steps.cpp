// Steps of every kind but those that talk to the outside.

#include <cstring>

#include "kernels/crypto/files/Container.h"
#include "kernels/crypto/files/Hash.h"
#include "kernels/math/ScalarBackend.h"
#include "kernels/random/Threefry.h"
#include "runtime/package/PartyNames.h"
#include "runtime/secret/ExactSteps.h"
#include "runtime/secret/Machine.h"
#include "runtime/secret/PlainFunctions.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

using package::PartyOp;
using package::PartyStep;
using package::PartyValue;

/// What a container of the program's SealBytes is for: one made elsewhere is refused.
std::string context_of(const package::PartyKey& key) { return "acie program archive 1, key " + key.name; }

std::vector<uint8_t> bytes_of(const Reals& values) {
  std::vector<uint8_t> bytes(values.size() * 8);
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t word = 0;
    std::memcpy(&word, &values[i], 8);
    for (size_t k = 0; k < 8; ++k) bytes[i * 8 + k] = static_cast<uint8_t>(word >> (8 * k));
  }
  return bytes;
}

absl::Status constant(Machine& machine, const PartyStep& step) {
  Value& out = machine.value(step.output);
  out.plain.resize(static_cast<size_t>(machine.declared(step.output).elements()));
  for (size_t i = 0; i < out.plain.size(); ++i) {
    uint64_t word = 0;
    for (size_t k = 0; k < 8; ++k)
      word |= static_cast<uint64_t>(static_cast<unsigned char>(machine.constants()[static_cast<size_t>(step.index) + i * 8 + k])) << (8 * k);
    std::memcpy(&out.plain[i], &word, 8);
  }
  return absl::OkStatus();
}

absl::Status draw_step(Machine& machine, const PartyStep& step) {
  Value& out = machine.value(step.output);
  out.plain.resize(static_cast<size_t>(machine.declared(step.output).elements()));
  math::Scalar64 backend;
  const auto word = [&](uint64_t x) { return math::Int<math::Scalar64>{&backend, x}; };
  const uint64_t name = random::hashName(step.function);
  const auto draws = static_cast<size_t>(machine.declared(step.output).shape.back());
  for (size_t i = 0; i < out.plain.size(); ++i) {
    const uint64_t number = i % draws + i / draws * random::kElementStep;
    out.plain[i] = random::uniform<math::Scalar64>(random::draw<math::Scalar64>(word(machine.seed), word(name), word(0), word(number)).first).v;
  }
  return absl::OkStatus();
}

/// Plain functions are evaluated row by row; operands that are one for all rows stand in each.
absl::Status plain(Machine& machine, const PartyStep& step) {
  const package::PlainFunction function = *package::value_in(package::kPlainFunctionNames, step.function);
  const Repeat rows = rows_of(machine, step.inputs);
  const package::Shape& shape = machine.declared(step.output).shape;
  Reals made;
  for (size_t row = 0; row < rows.rows; ++row) {
    std::vector<PlainOperand> operands;
    for (const int input : step.inputs) {
      const Value& value = machine.value(input);
      const auto each = static_cast<size_t>(machine.declared(input).elements());
      operands.push_back({std::span(value.plain).subspan(value.per_row ? row * each : 0, each), machine.declared(input).shape});
    }
    const Reals one = evaluate(function, operands, shape);
    made.insert(made.end(), one.begin(), one.end());
  }
  Value& out = machine.value(step.output);
  out.rows = rows.rows;
  out.per_row = rows.per_row;
  out.plain = std::move(made);
  return absl::OkStatus();
}

/// The output of a step that makes a number of each: it has the rows of its input.
Value& output_like(Machine& machine, const PartyStep& step, const Value& from) {
  Value& out = machine.value(step.output);
  out.rows = from.rows;
  out.per_row = from.per_row;
  return out;
}

absl::Status quantise_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  Numbers made(machine.fixed(step.output).words, from.plain.size());
  ACIE_RETURN_IF_ERROR(quantise(from.plain, machine.fixed(step.output), made.data.data()));
  output_like(machine, step, from).integers = std::move(made);
  return absl::OkStatus();
}

absl::Status dequantise_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  Reals made(from.integers.count);
  dequantise(made, machine.fixed(step.inputs[0]), from.integers.data.data());
  output_like(machine, step, from).plain = std::move(made);
  return absl::OkStatus();
}

absl::Status bytes_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  Value& out = machine.value(step.output);
  if (from.per_row) return usage_error("files and fingerprints are made once, not for each row of a table");
  if (step.op == PartyOp::Fingerprint) {
    std::vector<uint8_t> plain = bytes_of(from.plain);
    const bool of_numbers = machine.declared(step.inputs[0]).form == PartyValue::Form::Plain;
    const std::string_view bytes =
        of_numbers ? std::string_view(reinterpret_cast<const char*>(plain.data()), plain.size()) : from.bytes.view();
    const absl::StatusOr<std::string> digest = secure::fingerprint(*secure::hash_from_name(step.function), bytes);
    OPENSSL_cleanse(plain.data(), plain.size());
    if (!digest.ok()) return digest.status();
    out.bytes = secure::Secret(*digest);
    return absl::OkStatus();
  }
  const PreparedKey& key = machine.key(static_cast<int>(step.index));
  const package::PartyKey& declared = machine.entry().keys[static_cast<size_t>(step.index)];
  if (step.op == PartyOp::SealBytes) {
    ACIE_ASSIGN_OR_RETURN(const std::string box,
                          secure::seal(key.symmetric, {.cipher = key.cipher, .context = context_of(declared), .allow_weak = declared.allow_weak},
                                       from.bytes.view()));
    out.bytes = secure::Secret(box);
    return absl::OkStatus();
  }
  ACIE_ASSIGN_OR_RETURN(out.bytes, secure::unseal(key.symmetric, {.context = context_of(declared), .allow_weak = declared.allow_weak},
                                                  from.bytes.view()));
  return absl::OkStatus();
}

}  // namespace

Machine::Machine(const package::PartyProgram& program, const package::PartyEntry& entry, std::string_view constants,
                 std::vector<PreparedKey> keys, Workers workers)
    : program_(program), entry_(entry), constants_(constants), keys_(std::move(keys)), workers_(std::move(workers)), values_(entry.values.size()) {
  for (const PartyValue& value : entry.values)
    fixed_.push_back(value.form == PartyValue::Form::Integers || value.form == PartyValue::Form::Ciphertexts ? FixedPoint::of(value)
                                                                                                              : FixedPoint());
}

absl::Status compute(Machine& machine, const PartyStep& step) {
  switch (step.op) {
    case PartyOp::Constant: return constant(machine, step);
    case PartyOp::Plain: return plain(machine, step);
    case PartyOp::Draw: return draw_step(machine, step);
    case PartyOp::Quantise: return quantise_step(machine, step);
    case PartyOp::Dequantise: return dequantise_step(machine, step);
    case PartyOp::Gather:
    case PartyOp::Concat: return rearrange_step(machine, step);
    case PartyOp::Encrypt: return encrypt_step(machine, step);
    case PartyOp::Add:
    case PartyOp::Subtract:
    case PartyOp::Negate: return sum_step(machine, step);
    case PartyOp::Multiply: return multiply_step(machine, step);
    case PartyOp::MatVec:
    case PartyOp::MatVecPlain: return matvec_step(machine, step);
    case PartyOp::Sum: return reduce_step(machine, step);
    case PartyOp::Pack: return pack_step(machine, step);
    case PartyOp::Seal: return seal_step(machine, step);
    case PartyOp::Decrypt: return decrypt_step(machine, step);
    case PartyOp::Fingerprint:
    case PartyOp::SealBytes:
    case PartyOp::OpenBytes: return bytes_step(machine, step);
    case PartyOp::Input:
    case PartyOp::Send:
    case PartyOp::Receive:
    case PartyOp::Output: break;
  }
  return run_error("a step talks to the outside");
}

}  // namespace acie::secret

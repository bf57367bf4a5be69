#include "runtime/secret/ExactSteps.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/crypto/paillier/Operations.h"
#include "kernels/crypto/paillier/Packing.h"
#include "kernels/crypto/paillier/Rearrange.h"
#include "runtime/package/PartyFunctions.h"
#include "runtime/secret/Messages.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

using package::PartyOp;
using package::PartyStep;
using package::PartyValue;
using paillier::Ciphertexts;
using paillier::PublicKey;
using Form = PartyValue::Form;

/// What a processor's lanes hold.
constexpr size_t kPackedAtOnce = 8;

absl::Status unsound() { return run_error("weights leave the interval that the compiler proved; the package is not sound"); }

/// Elements of one row as they are held: ciphertexts where it is encrypted.
size_t held_per_row(const Machine& machine, int value) {
  const PartyValue& declared = machine.declared(value);
  return declared.form == Form::Ciphertexts ? ciphertexts_per_row(declared, *machine.key_of(value).public_key)
                                            : static_cast<size_t>(declared.elements());
}

/// Where in an operand (rows × each, of which the shape is a suffix of the result's) each element of a result comes from.
std::vector<int64_t> sources(const Value& operand, size_t each, const Repeat& result) {
  std::vector<int64_t> indices(result.rows * result.elements);
  for (size_t i = 0; i < indices.size(); ++i) {
    const size_t row = operand.per_row ? i / result.elements : 0;
    indices[i] = static_cast<int64_t>(row * each + i % result.elements % each);
  }
  return indices;
}

bool as_it_is(const Value& operand, size_t each, const Repeat& result) {
  return each == result.elements && operand.rows == result.rows;
}

absl::StatusOr<Ciphertexts> spread_ciphertexts(Machine& machine, int operand, const Repeat& result) {
  const Value& value = machine.value(operand);
  const size_t each = held_per_row(machine, operand);
  if (as_it_is(value, each, result)) return value.ciphertexts->copy();
  return paillier::select(*value.ciphertexts, sources(value, each, result));
}

Numbers spread_integers(Machine& machine, int operand, const Repeat& result) {
  const Value& value = machine.value(operand);
  const size_t each = held_per_row(machine, operand);
  return as_it_is(value, each, result) ? value.integers.copy() : select(value.integers, sources(value, each, result));
}

Value& make(Machine& machine, int index, const Repeat& rows) {
  Value& value = machine.value(index);
  value = Value();
  value.rows = rows.rows;
  value.per_row = rows.per_row;
  return value;
}

bool encrypted(const Machine& machine, int value) { return machine.declared(value).form == Form::Ciphertexts; }

/// Plaintexts of `rows` rows under the key: one for each element, or packed.
struct Plaintexts {
  Words words;
  int each = 1;  // words of one
  size_t count = 0;
};

absl::StatusOr<Plaintexts> plaintexts(const PublicKey& key, const Numbers& integers, size_t rows, int slot_bits) {
  Plaintexts result;
  if (slot_bits == 0) {
    result.words = integers.copy().data;
    result.each = integers.words;
    result.count = integers.count;
    return result;
  }
  ACIE_ASSIGN_OR_RETURN(const std::vector<int64_t> values, as_int64(integers));
  const size_t elements = rows == 0 ? 0 : integers.count / rows;
  const auto slots = static_cast<size_t>(paillier::slots_of(key, slot_bits));
  const size_t per_row = (elements + slots - 1) / slots;
  result.each = key.words();
  result.count = rows * per_row;
  result.words = Words(result.count * static_cast<size_t>(result.each));
  for (size_t row = 0; row < rows; ++row) {
    ACIE_ASSIGN_OR_RETURN(const Words packed, paillier::pack(key, values.data() + row * elements, elements, slot_bits));
    std::memcpy(result.words.data() + row * per_row * static_cast<size_t>(result.each), packed.data(), packed.size() * 8);
  }
  return result;
}

absl::StatusOr<Ciphertexts> add_plain(Machine& machine, const Ciphertexts& a, const Plaintexts& b) {
  return machine.workers().map(a.key(), a.size(), kSlice, [&](size_t first, size_t size) -> absl::StatusOr<Ciphertexts> {
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts part, slice_of(a, first, size));
    return paillier::add_plain(part, b.words.data() + first * static_cast<size_t>(b.each), b.each);
  });
}

/// Whether each factor's product with anything in the operand's interval stays in the result's.
bool stays(const FixedPoint& operand, const FixedPoint& result, const Integer& positive, const Integer& negative) {
  const Integer low = positive * operand.low + negative * operand.high, high = positive * operand.high + negative * operand.low;
  return low >= result.low && high <= result.high;
}

/// The sums of a row's positive and of its negative weights decide what the row can give.
absl::Status check_rows(const Numbers& weights, size_t rows, size_t columns, const FixedPoint& operand, const FixedPoint& result) {
  for (size_t row = 0; row < rows; ++row) {
    Integer positive, negative;
    if (weights.words == 1) {
      __int128 up = 0, down = 0;
      for (size_t i = row * columns; i < (row + 1) * columns; ++i) {
        const auto weight = static_cast<int64_t>(weights.data[i]);
        (weight > 0 ? up : down) += weight;
      }
      const auto integer = [](__int128 value) {
        const uint64_t words[] = {static_cast<uint64_t>(value), static_cast<uint64_t>(value >> 64)};
        return Integer::from_words(words);
      };
      positive = integer(up);
      negative = integer(down);
    } else {
      for (size_t i = row * columns; i < (row + 1) * columns; ++i) {
        const Integer weight = weights.integer(i);
        (weight.negative() ? negative : positive) = (weight.negative() ? negative : positive) + weight;
      }
    }
    if (!stays(operand, result, positive, negative)) return unsound();
  }
  return absl::OkStatus();
}

}  // namespace

Repeat rows_of(Machine& machine, const std::vector<int>& inputs) {
  Repeat result;
  for (const int input : inputs) {
    const Value& value = machine.value(input);
    if (!value.per_row) continue;
    result.per_row = true;
    result.rows = value.rows;
  }
  return result;
}

absl::Status encrypt_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  const PreparedKey& key = machine.key_of(step.output);
  ACIE_ASSIGN_OR_RETURN(const Plaintexts plain, plaintexts(*key.public_key, from.integers, from.rows,
                                                           machine.declared(step.output).slot_bits));
  ACIE_ASSIGN_OR_RETURN(
      Ciphertexts made, machine.workers().map(*key.public_key, plain.count, machine.workers().share(plain.count), [&](size_t first, size_t size) {
        return paillier::encrypt(*key.random, plain.words.data() + first * static_cast<size_t>(plain.each), plain.each, size);
      }));
  make(machine, step.output, rows_of(machine, step.inputs)).ciphertexts = std::move(made);
  return absl::OkStatus();
}

absl::Status decrypt_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  const PreparedKey& key = machine.key_of(step.inputs[0]);
  const int slot_bits = machine.declared(step.inputs[0]).slot_bits;
  const int words = slot_bits > 0 ? key.public_key->words() : machine.fixed(step.output).words;
  const Ciphertexts& all = *from.ciphertexts;
  Words plain(all.size() * static_cast<size_t>(words));
  ACIE_RETURN_IF_ERROR(machine.workers().run(all.size(), machine.workers().share(all.size()), [&](size_t first, size_t size) -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts part, slice_of(all, first, size));
    return key.private_key->decrypt(plain.data() + first * static_cast<size_t>(words), words, part);
  }));
  const size_t elements = static_cast<size_t>(machine.declared(step.output).elements());
  Numbers result(machine.fixed(step.output).words, from.rows * elements);
  if (slot_bits == 0) {
    result.data = std::move(plain);
  } else {
    const size_t per_row = held_per_row(machine, step.inputs[0]);
    for (size_t row = 0; row < from.rows; ++row) {
      const std::vector<int64_t> values = paillier::unpack(
          *key.public_key, plain.data() + row * per_row * static_cast<size_t>(words), elements, slot_bits);
      for (size_t i = 0; i < elements; ++i) ACIE_RETURN_IF_ERROR(result.set(row * elements + i, values[i]));
    }
  }
  if (!within(machine.fixed(step.output), result.data.data(), result.count))
    return refused_error("what was decrypted cannot come from this program: damaged, forged, or computed by another program");
  make(machine, step.output, rows_of(machine, step.inputs)).integers = std::move(result);
  return absl::OkStatus();
}

absl::Status sum_step(Machine& machine, const PartyStep& step) {
  Repeat result = rows_of(machine, step.inputs);
  const int words = machine.fixed(step.output).words;
  if (!encrypted(machine, step.output)) {
    result.elements = static_cast<size_t>(machine.declared(step.output).elements());
    const Numbers a = spread_integers(machine, step.inputs[0], result);
    absl::StatusOr<Numbers> made = step.op == PartyOp::Negate
                                       ? negate(a, words)
                                       : combine(step.op == PartyOp::Add ? Arithmetic::Add : Arithmetic::Subtract, a,
                                                 spread_integers(machine, step.inputs[1], result), words);
    if (!made.ok()) return made.status();
    make(machine, step.output, result).integers = *std::move(made);
    return absl::OkStatus();
  }

  result.elements = held_per_row(machine, step.output);
  const PublicKey& key = *machine.key_of(step.output).public_key;
  absl::StatusOr<Ciphertexts> made = run_error("");
  if (step.op == PartyOp::Negate) {
    made = paillier::negate(*machine.value(step.inputs[0]).ciphertexts);
  } else if (encrypted(machine, step.inputs[0]) && encrypted(machine, step.inputs[1])) {
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts a, spread_ciphertexts(machine, step.inputs[0], result));
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts b, spread_ciphertexts(machine, step.inputs[1], result));
    made = step.op == PartyOp::Add ? paillier::add(a, b, machine.workers().parallel())
                                     : paillier::subtract(a, b, machine.workers().parallel());
  } else {
    const bool first = encrypted(machine, step.inputs[0]);
    ACIE_ASSIGN_OR_RETURN(Ciphertexts a, spread_ciphertexts(machine, step.inputs[first ? 0 : 1], result));
    Repeat integers = result;
    integers.elements = static_cast<size_t>(machine.declared(step.output).elements());
    Numbers b = spread_integers(machine, step.inputs[first ? 1 : 0], integers);
    if (step.op == PartyOp::Subtract) {
      if (first) {
        ACIE_ASSIGN_OR_RETURN(b, negate(b, b.words + 1));
      } else {
        ACIE_ASSIGN_OR_RETURN(a, paillier::negate(a));
      }
    }
    ACIE_ASSIGN_OR_RETURN(const Plaintexts plain, plaintexts(key, b, result.rows, machine.declared(step.output).slot_bits));
    made = add_plain(machine, a, plain);
  }
  if (!made.ok()) return made.status();
  make(machine, step.output, result).ciphertexts = *std::move(made);
  return absl::OkStatus();
}

absl::Status multiply_step(Machine& machine, const PartyStep& step) {
  Repeat result = rows_of(machine, step.inputs);
  result.elements = static_cast<size_t>(machine.declared(step.output).elements());
  if (!encrypted(machine, step.output)) {
    ACIE_ASSIGN_OR_RETURN(Numbers made, combine(Arithmetic::Multiply, spread_integers(machine, step.inputs[0], result),
                                                spread_integers(machine, step.inputs[1], result),
                                                machine.fixed(step.output).words));
    make(machine, step.output, result).integers = std::move(made);
    return absl::OkStatus();
  }
  result.elements = held_per_row(machine, step.output);  // packed ones have one factor for all
  const int cipher = encrypted(machine, step.inputs[0]) ? step.inputs[0] : step.inputs[1];
  const int factor = cipher == step.inputs[0] ? step.inputs[1] : step.inputs[0];
  const Numbers& given = machine.value(factor).integers;
  ACIE_RETURN_IF_ERROR(check_rows(given, given.count, 1, machine.fixed(cipher), machine.fixed(step.output)));
  ACIE_ASSIGN_OR_RETURN(const Ciphertexts a, spread_ciphertexts(machine, cipher, result));
  const Numbers b = spread_integers(machine, factor, result);
  const int bits = std::max({machine.fixed(factor).low.bits(), machine.fixed(factor).high.bits(), 1});
  ACIE_ASSIGN_OR_RETURN(
      Ciphertexts made, machine.workers().map(a.key(), a.size(), machine.workers().share(a.size()), [&](size_t first, size_t size) -> absl::StatusOr<Ciphertexts> {
        ACIE_ASSIGN_OR_RETURN(const Ciphertexts part, slice_of(a, first, size));
        return paillier::multiply_plain(part, b.at(first), b.words, bits);
      }));
  make(machine, step.output, result).ciphertexts = std::move(made);
  return absl::OkStatus();
}

namespace {

/// A product of a matrix and vectors, brought into one form: `weights` [outputs, inner] times `vectors` of `inner` elements.
struct Product {
  size_t outputs = 1, inner = 1, vectors = 1;
  bool transposed = false;  // MatVecPlain: x W = (Wᵀ xᵀ)ᵀ

  /// Element i of vector j in the operand, and where output o of vector j goes.
  size_t operand(size_t j, size_t i) const { return transposed ? j * inner + i : i * vectors + j; }
  size_t result(size_t j, size_t o) const { return transposed ? j * outputs + o : o * vectors + j; }
};

Product product_of(const PartyStep& step, const package::Shape& a, const package::Shape& b) {
  const package::ProductSize size = *package::product_size(a, b);
  Product product;
  product.transposed = step.op == PartyOp::MatVecPlain;
  product.inner = static_cast<size_t>(size.inner);
  product.outputs = static_cast<size_t>(product.transposed ? size.columns : size.rows);
  product.vectors = static_cast<size_t>(product.transposed ? size.rows : size.columns);
  return product;
}

/// The weights of one row of the table, [outputs, inner].
Numbers weights_of(const Value& value, const Product& product, size_t row) {
  const size_t elements = product.outputs * product.inner;
  std::vector<int64_t> indices(elements);
  for (size_t o = 0; o < product.outputs; ++o)
    for (size_t i = 0; i < product.inner; ++i)
      indices[o * product.inner + i] = static_cast<int64_t>(
          (value.per_row ? row * elements : 0) + (product.transposed ? i * product.outputs + o : o * product.inner + i));
  return select(value.integers, indices);
}

/// Vectors that are multiplied at a time, as one vector by a matrix that has theirs on its diagonal: where a matrix has few rows,
/// several of them give the eight lanes work.
size_t together(const Product& product, size_t vectors) {
  constexpr size_t kLargest = 4096;  // weights of a matrix beyond which planning the zeros around it would cost
  if (product.outputs * product.inner > kLargest) return 1;
  return std::clamp<size_t>(static_cast<size_t>(paillier::kMatvecLanes) / product.outputs, 1, std::max<size_t>(1, vectors));
}

/// The matrix of vectors `first` to first + count − 1; planned once where it is the same for all.
absl::StatusOr<std::shared_ptr<const paillier::Matvec>> plan(Machine& machine, int weights, int operand, int result,
                                                             const Product& product, size_t first, size_t count) {
  const Value& value = machine.value(weights);
  if (const auto found = machine.matrices.find({result, count}); found != machine.matrices.end() && !value.per_row) return found->second;
  const size_t columns = count * product.inner;
  std::vector<int64_t> diagonal(count * product.outputs * columns);
  std::vector<int64_t> integers;
  for (size_t v = 0; v < count; ++v) {
    const size_t row = (first + v) / product.vectors;
    if (v == 0 || (value.per_row && row != (first + v - 1) / product.vectors)) {
      const Numbers numbers = weights_of(value, product, row);
      ACIE_RETURN_IF_ERROR(check_rows(numbers, product.outputs, product.inner, machine.fixed(operand), machine.fixed(result)));
      ACIE_ASSIGN_OR_RETURN(integers, as_int64(numbers));
    }
    for (size_t o = 0; o < product.outputs; ++o)
      std::copy_n(integers.begin() + static_cast<std::ptrdiff_t>(o * product.inner), product.inner,
                  diagonal.begin() + static_cast<std::ptrdiff_t>((v * product.outputs + o) * columns + v * product.inner));
  }
  ACIE_ASSIGN_OR_RETURN(paillier::Matvec matvec, paillier::Matvec::create(diagonal, count * product.outputs, columns));
  auto made = std::make_shared<const paillier::Matvec>(std::move(matvec));
  if (!value.per_row) machine.matrices[{result, count}] = made;
  return made;
}

}  // namespace

absl::Status matvec_step(Machine& machine, const PartyStep& step) {
  const Product product = product_of(step, machine.declared(step.inputs[0]).shape, machine.declared(step.inputs[1]).shape);
  const int weights = product.transposed ? step.inputs[1] : step.inputs[0];
  const int operand = product.transposed ? step.inputs[0] : step.inputs[1];
  Repeat result = rows_of(machine, step.inputs);
  result.elements = product.outputs * product.vectors;
  const Value& x = machine.value(operand);
  const size_t each = product.inner * product.vectors;

  if (!encrypted(machine, step.output)) {
    Numbers made(machine.fixed(step.output).words, result.rows * result.elements);
    for (size_t row = 0; row < result.rows; ++row) {
      const Numbers w = weights_of(machine.value(weights), product, row);
      for (size_t j = 0; j < product.vectors; ++j) {
        std::vector<int64_t> indices(product.inner);
        for (size_t i = 0; i < product.inner; ++i)
          indices[i] = static_cast<int64_t>((x.per_row ? row * each : 0) + product.operand(j, i));
        ACIE_ASSIGN_OR_RETURN(const Numbers y, secret::product(w, select(x.integers, indices), product.outputs, product.inner, 1, made.words));
        for (size_t o = 0; o < product.outputs; ++o)
          std::memcpy(made.at(row * result.elements + product.result(j, o)), y.at(o), static_cast<size_t>(made.words) * 8);
      }
    }
    make(machine, step.output, result).integers = std::move(made);
    return absl::OkStatus();
  }

  const size_t vectors = result.rows * product.vectors;
  const size_t group = together(product, vectors), groups = (vectors + group - 1) / group;
  std::vector<std::shared_ptr<const paillier::Matvec>> plans(groups);
  for (size_t g = 0; g < groups; ++g) {
    ACIE_ASSIGN_OR_RETURN(plans[g], plan(machine, weights, operand, step.output, product, g * group, std::min(group, vectors - g * group)));
  }
  std::vector<std::optional<Ciphertexts>> parts(groups);
  const auto multiply = [&](size_t g, const paillier::Parallel& parallel) -> absl::Status {
    std::vector<int64_t> indices;
    for (size_t vector = g * group; vector < std::min((g + 1) * group, vectors); ++vector) {
      const size_t row = vector / product.vectors, j = vector % product.vectors;
      for (size_t i = 0; i < product.inner; ++i) indices.push_back(static_cast<int64_t>((x.per_row ? row * each : 0) + product.operand(j, i)));
    }
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts some, paillier::select(*x.ciphertexts, indices));
    ACIE_ASSIGN_OR_RETURN(parts[g], plans[g]->apply(some, parallel));
    return absl::OkStatus();
  };
  // A group to each thread, and the rows of the matrices of those that are left over to all threads.
  const size_t apart = groups - groups % static_cast<size_t>(machine.workers().threads());
  ACIE_RETURN_IF_ERROR(machine.workers().run(apart, 1, [&](size_t g, size_t) { return multiply(g, {}); }));
  for (size_t g = apart; g < groups; ++g) ACIE_RETURN_IF_ERROR(multiply(g, machine.workers().parallel()));
  Value& out = make(machine, step.output, result);
  if (vectors == 0) {
    out.ciphertexts = Ciphertexts(*machine.key_of(step.output).public_key, 0);
    return absl::OkStatus();
  }
  std::vector<const Ciphertexts*> all;
  for (const auto& part : parts) all.push_back(&*part);
  ACIE_ASSIGN_OR_RETURN(Ciphertexts joined, paillier::join(all));
  if (!product.transposed && product.vectors > 1) {
    std::vector<int64_t> indices(joined.size());
    for (size_t row = 0; row < result.rows; ++row)
      for (size_t j = 0; j < product.vectors; ++j)
        for (size_t o = 0; o < product.outputs; ++o)
          indices[row * result.elements + product.result(j, o)] =
              static_cast<int64_t>(row * result.elements + j * product.outputs + o);
    ACIE_ASSIGN_OR_RETURN(joined, paillier::select(joined, indices));
  }
  out.ciphertexts = std::move(joined);
  return absl::OkStatus();
}

absl::Status reduce_step(Machine& machine, const PartyStep& step) {
  Repeat result = rows_of(machine, step.inputs);
  result.elements = static_cast<size_t>(machine.declared(step.output).elements());
  const size_t groups = result.rows * result.elements;
  size_t terms = static_cast<size_t>(machine.declared(step.inputs[0]).elements()) / result.elements;
  if (!encrypted(machine, step.output)) {
    ACIE_ASSIGN_OR_RETURN(Numbers made, sums(machine.value(step.inputs[0]).integers, terms, machine.fixed(step.output).words));
    make(machine, step.output, result).integers = std::move(made);
    return absl::OkStatus();
  }
  // Halves are added until one term is left, all groups at once.
  Ciphertexts held = machine.value(step.inputs[0]).ciphertexts->copy();
  while (terms > 1) {
    const size_t half = terms / 2, odd = terms % 2;
    std::vector<int64_t> low, high, rest;
    for (size_t group = 0; group < groups; ++group) {
      for (size_t i = 0; i < half; ++i) {
        low.push_back(static_cast<int64_t>(group * terms + i));
        high.push_back(static_cast<int64_t>(group * terms + half + i));
      }
      if (odd == 1) rest.push_back(static_cast<int64_t>(group * terms + terms - 1));
    }
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts a, paillier::select(held, low));
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts b, paillier::select(held, high));
    ACIE_ASSIGN_OR_RETURN(Ciphertexts added, paillier::add(a, b, machine.workers().parallel()));
    if (odd == 1) {
      ACIE_ASSIGN_OR_RETURN(const Ciphertexts last, paillier::select(held, rest));
      const Ciphertexts* parts[] = {&added, &last};
      ACIE_ASSIGN_OR_RETURN(const Ciphertexts joined, paillier::join(parts));
      std::vector<int64_t> order;
      for (size_t group = 0; group < groups; ++group) {
        for (size_t i = 0; i < half; ++i) order.push_back(static_cast<int64_t>(group * half + i));
        order.push_back(static_cast<int64_t>(groups * half + group));
      }
      ACIE_ASSIGN_OR_RETURN(added, paillier::select(joined, order));
    }
    held = std::move(added);
    terms = half + odd;
  }
  make(machine, step.output, result).ciphertexts = std::move(held);
  return absl::OkStatus();
}

absl::Status pack_step(Machine& machine, const PartyStep& step) {
  const Value& from = machine.value(step.inputs[0]);
  const int bits = machine.declared(step.output).slot_bits;
  const auto elements = static_cast<size_t>(machine.declared(step.output).elements());
  const PublicKey& key = *machine.key_of(step.output).public_key;
  // Eight packed ciphertexts at a time: of several rows, or of one row that is long.
  const auto slots = static_cast<size_t>(paillier::slots_of(key, bits));
  const size_t per_row = (elements + slots - 1) / slots;
  const bool one_row = from.rows == 1;
  const size_t slice = one_row ? kPackedAtOnce * slots : std::max<size_t>(1, elements) * std::max<size_t>(1, kPackedAtOnce / std::max<size_t>(1, per_row));
  std::vector<std::optional<Ciphertexts>> parts((from.ciphertexts->size() + slice - 1) / slice);
  ACIE_RETURN_IF_ERROR(machine.workers().run(from.ciphertexts->size(), slice, [&](size_t first, size_t size) -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts some, slice_of(*from.ciphertexts, first, size));
    ACIE_ASSIGN_OR_RETURN(parts[first / slice], paillier::pack_encrypted(some, one_row ? size : elements, bits));
    return absl::OkStatus();
  }));
  Value& out = make(machine, step.output, rows_of(machine, step.inputs));
  if (parts.empty()) {
    out.ciphertexts = Ciphertexts(key, 0);
    return absl::OkStatus();
  }
  std::vector<const Ciphertexts*> all;
  for (const auto& part : parts) all.push_back(&*part);
  ACIE_ASSIGN_OR_RETURN(out.ciphertexts, paillier::join(all));
  return absl::OkStatus();
}

absl::Status seal_step(Machine& machine, const PartyStep& step) {
  const Ciphertexts& from = *machine.value(step.inputs[0]).ciphertexts;
  const PreparedKey& key = machine.key_of(step.output);
  ACIE_ASSIGN_OR_RETURN(
      Ciphertexts sealed,
      machine.workers().map(*key.public_key, from.size(), machine.workers().share(from.size()), [&](size_t first, size_t size) -> absl::StatusOr<Ciphertexts> {
        ACIE_ASSIGN_OR_RETURN(Ciphertexts part, slice_of(from, first, size));
        ACIE_RETURN_IF_ERROR(paillier::rerandomize(part, *key.random));
        return part;
      }));
  make(machine, step.output, rows_of(machine, step.inputs)).ciphertexts = std::move(sealed);
  return absl::OkStatus();
}

absl::Status rearrange_step(Machine& machine, const PartyStep& step) {
  Repeat result = rows_of(machine, step.inputs);
  result.elements = static_cast<size_t>(machine.declared(step.output).elements());
  // All operands stand one after another; element i of a row comes from place[i]: which operand, and where in its row.
  std::vector<std::pair<size_t, size_t>> place;
  if (step.op == PartyOp::Gather) {
    for (const int64_t index : step.indices) place.emplace_back(0, static_cast<size_t>(index));
  } else {
    for (size_t operand = 0; operand < step.inputs.size(); ++operand)
      for (int64_t i = 0; i < machine.declared(step.inputs[operand]).elements(); ++i)
        place.emplace_back(operand, static_cast<size_t>(i));
  }
  std::vector<size_t> starts(step.inputs.size() + 1);
  for (size_t i = 0; i < step.inputs.size(); ++i)
    starts[i + 1] = starts[i] + machine.value(step.inputs[i]).rows * static_cast<size_t>(machine.declared(step.inputs[i]).elements());
  std::vector<int64_t> indices;
  indices.reserve(result.rows * result.elements);
  for (size_t row = 0; row < result.rows; ++row)
    for (const auto& [operand, element] : place) {
      const Value& value = machine.value(step.inputs[operand]);
      const auto each = static_cast<size_t>(machine.declared(step.inputs[operand]).elements());
      indices.push_back(static_cast<int64_t>(starts[operand] + (value.per_row ? row * each : 0) + element));
    }

  const Form form = machine.declared(step.output).form;
  if (form == Form::Ciphertexts) {
    std::vector<const Ciphertexts*> all;
    for (const int input : step.inputs) all.push_back(&*machine.value(input).ciphertexts);
    ACIE_ASSIGN_OR_RETURN(const Ciphertexts joined, paillier::join(all));
    ACIE_ASSIGN_OR_RETURN(Ciphertexts made, paillier::select(joined, indices));
    make(machine, step.output, result).ciphertexts = std::move(made);
    return absl::OkStatus();
  }
  if (form == Form::Integers) {
    const int words = machine.fixed(step.output).words;
    Numbers joined(words, starts.back());
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      ACIE_ASSIGN_OR_RETURN(const Numbers part, resized(machine.value(step.inputs[i]).integers, words));
      if (part.count != 0) std::memcpy(joined.at(starts[i]), part.data.data(), part.data.size() * 8);
    }
    Numbers made = select(joined, indices);
    make(machine, step.output, result).integers = std::move(made);
    return absl::OkStatus();
  }
  Reals joined;
  for (const int input : step.inputs) {
    const Reals& part = machine.value(input).plain;
    joined.insert(joined.end(), part.begin(), part.end());
  }
  Reals made(indices.size());
  for (size_t i = 0; i < indices.size(); ++i) made[i] = joined[static_cast<size_t>(indices[i])];
  make(machine, step.output, result).plain = std::move(made);
  return absl::OkStatus();
}

}  // namespace acie::secret

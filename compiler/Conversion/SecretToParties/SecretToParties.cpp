#include "compiler/Conversion/SecretToParties/SecretToParties.h"

#include <bit>

#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Sema/Secrecy/Graph.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace acie::conversion {
namespace {

using package::PartyEntry;
using package::PartyOp;
using package::PartyStep;
using package::PartyValue;

/// Ciphertexts in one message at most, where an entry runs over rows.
constexpr int64_t kMostInMessage = 65536;
constexpr int64_t kMostRows = 256;

package::Scale scaleOf(Type type) {
  const mpq_class value = secret::scaleOf(type).value();
  return {value.get_num().get_str(), value.get_den().get_str()};
}

class EntryWriter {
 public:
  EntryWriter(ModuleOp module, const sema::Graph &graph, PartyEntry &entry, std::string &constants)
      : module(module), graph(graph), entry(entry), constants(constants) {}

  void run(secret::GraphOp own) {
    for (Operation &op : own.getBody().front()) write(op);
  }

 private:
  int key(StringRef name) {
    for (size_t i = 0; i < entry.keys.size(); ++i)
      if (entry.keys[i].name == name) return static_cast<int>(i);
    auto declared = module.lookupSymbol<secret::KeyOp>(name);
    package::PartyKey made;
    made.name = name.str();
    made.scheme = declared.getScheme().str();
    made.bits = static_cast<int>(declared.getBits());
    made.holder = declared.getHolder().str();
    made.allow_weak = declared.getAllowWeak();
    if (auto fingerprint = declared.getFingerprint()) made.fingerprint = fingerprint->str();
    entry.keys.push_back(std::move(made));
    return static_cast<int>(entry.keys.size() - 1);
  }

  int declare(Value value) {
    PartyValue made;
    if (auto named = dyn_cast<NameLoc>(value.getLoc())) made.name = named.getName().str();
    const Type type = value.getType();
    made.shape.assign(secret::shapeOf(type).begin(), secret::shapeOf(type).end());
    if (isa<secret::BytesType>(type)) made.form = PartyValue::Form::Bytes;
    if (isa<secret::IntegersType, secret::CipherType>(type)) {
      made.form = isa<secret::CipherType>(type) ? PartyValue::Form::Ciphertexts : PartyValue::Form::Integers;
      made.scale = scaleOf(type);
      const sema::Bounds bounds = secret::boundsOf(type);
      made.low = bounds.low.get_str();
      made.high = bounds.high.get_str();
    }
    if (auto cipher = dyn_cast<secret::CipherType>(type)) {
      made.key = key(cipher.getKey());
      made.slot_bits = static_cast<int>(cipher.getSlots());
    }
    entry.values.push_back(std::move(made));
    return numbers[value] = static_cast<int>(entry.values.size() - 1);
  }

  void write(Operation &op) {
    PartyStep step;
    for (Value operand : op.getOperands()) step.inputs.push_back(numbers.lookup(operand));
    if (op.getNumResults() == 1) step.output = declare(op.getResult(0));
    if (auto line = op.getLoc()->findInstanceOf<FileLineColLoc>()) step.line = static_cast<int>(line.getLine());
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](secret::InputOp o) {
          step.op = PartyOp::Input;
          step.index = static_cast<int64_t>(entry.inputs.size());
          const sema::GraphInput &from = graph.inputs[static_cast<size_t>(o.getIndex())];
          entry.inputs.push_back({from.name, from.doc, from.unit, from.range.low, from.range.high, from.default_value});
        })
        .Case([&](secret::ConstantOp o) {
          step.op = PartyOp::Constant;
          step.index = static_cast<int64_t>(constants.size());
          for (double number : o.getNumbers()) {
            const uint64_t bits = std::bit_cast<uint64_t>(number);
            for (int byte = 0; byte < 8; ++byte) constants.push_back(static_cast<char>(bits >> (8 * byte)));
          }
        })
        .Case([&](secret::DrawOp o) {
          step.op = PartyOp::Draw;
          step.function = o.getNoise().str();
        })
        .Case([&](secret::PlainOp o) {
          step.op = PartyOp::Plain;
          step.function = o.getFunction().str();
        })
        .Case([&](secret::QuantiseOp) { step.op = PartyOp::Quantise; })
        .Case([&](secret::DequantiseOp) { step.op = PartyOp::Dequantise; })
        .Case([&](secret::GatherOp o) {
          step.op = PartyOp::Gather;
          step.indices.assign(o.getIndices().begin(), o.getIndices().end());
        })
        .Case([&](secret::ConcatOp) { step.op = PartyOp::Concat; })
        .Case([&](secret::ConcealOp) { step.op = PartyOp::Encrypt; })
        .Case<secret::AddOp, secret::AddPlainOp>([&](auto) { step.op = PartyOp::Add; })
        .Case([&](secret::SubtractOp) { step.op = PartyOp::Subtract; })
        .Case([&](secret::NegateOp) { step.op = PartyOp::Negate; })
        .Case([&](secret::MultiplyPlainOp) { step.op = PartyOp::Multiply; })
        .Case([&](secret::MatvecOp o) {
          step.op = o.getReversed() ? PartyOp::MatVecPlain : PartyOp::MatVec;
          if (o.getReversed()) std::swap(step.inputs[0], step.inputs[1]);
        })
        .Case([&](secret::SumOp o) {
          step.op = PartyOp::Sum;
          step.index = o.getAxes();
        })
        .Case([&](secret::PackOp) { step.op = PartyOp::Pack; })
        .Case([&](secret::SealOp) { step.op = PartyOp::Seal; })
        .Case([&](secret::DecryptOp) { step.op = PartyOp::Decrypt; })
        .Case([&](secret::SendOp o) {
          step.op = PartyOp::Send;
          step.peer = o.getPeer().str();
          step.index = o.getNumber();
          step.reveal = o.getReveal();
        })
        .Case([&](secret::ReceiveOp o) {
          step.op = PartyOp::Receive;
          step.peer = o.getPeer().str();
          step.index = o.getNumber();
        })
        .Case([&](secret::FingerprintOp o) {
          step.op = PartyOp::Fingerprint;
          step.function = o.getHash().str();
        })
        .Case([&](secret::SealBytesOp o) {
          step.op = PartyOp::SealBytes;
          step.index = key(o.getKey());
        })
        .Case([&](secret::OpenBytesOp o) {
          step.op = PartyOp::OpenBytes;
          step.index = key(o.getKey());
        })
        .Case([&](secret::OutputOp o) {
          step.op = PartyOp::Output;
          step.index = static_cast<int64_t>(entry.outputs.size());
          entry.outputs.push_back({o.getName().str(), graph.outputs[static_cast<size_t>(o.getIndex())].unit});
        });
    entry.steps.push_back(std::move(step));
  }

  ModuleOp module;
  const sema::Graph &graph;
  PartyEntry &entry;
  std::string &constants;
  llvm::DenseMap<Value, int> numbers;
};

/// The same at all parties: from the largest value that any of them sends.
int64_t rowsPerMessage(ModuleOp module, StringRef graph) {
  int64_t largest = 1;
  module.walk([&](secret::SendOp send) {
    auto own = send->getParentOfType<secret::GraphOp>();
    if (own.getSymName().rsplit('.').first != graph) return;
    largest = std::max(largest, secret::elementsOf(send.getOperand().getType()));
  });
  return std::clamp<int64_t>(kMostInMessage / largest, 1, kMostRows);
}

}  // namespace

std::vector<PartyPackage> to_parties(ModuleOp module, const sema::Program &program) {
  std::vector<PartyPackage> packages;
  for (const sema::Party *party : program.parties) {
    PartyPackage made;
    made.program.party = party->name;
    for (const sema::Party *each : program.parties) made.program.parties.push_back(each->name);
    for (const sema::Graph *graph : program.graphs) {
      auto own = module.lookupSymbol<secret::GraphOp>(graph->name + "." + party->name);
      if (!own) continue;
      PartyEntry entry;
      entry.name = graph->name;
      entry.doc = graph->doc;
      entry.rows_per_message = rowsPerMessage(module, graph->name);
      EntryWriter(module, *graph, entry, made.constants).run(own);
      made.program.entries.push_back(std::move(entry));
    }
    packages.push_back(std::move(made));
  }
  return packages;
}

}  // namespace acie::conversion

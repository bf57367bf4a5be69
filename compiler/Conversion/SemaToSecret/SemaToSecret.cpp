#include "compiler/Conversion/SemaToSecret/SemaToSecret.h"

#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Sema/Secrecy/Graph.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace acie::conversion {
namespace {

using sema::GraphOp;
using sema::GraphValue;
using Kind = GraphOp::Kind;

class GraphImporter {
 public:
  GraphImporter(OpBuilder &builder, const sema::Graph &graph) : b(builder), graph(graph), values(graph.values.size()) {}

  void run() {
    auto op = b.create<secret::GraphOp>(b.getUnknownLoc(), graph.name, StringAttr());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(&op.getBody().emplaceBlock());
    for (const GraphOp &each : graph.ops) import(each);
  }

 private:
  const GraphValue &value(int id) const { return graph.values[static_cast<size_t>(id)]; }

  Type type(const GraphValue &v, secret::State state) {
    MLIRContext *context = b.getContext();
    switch (v.form) {
      case GraphValue::Form::Plain: return secret::PlainType::get(context, v.party->name, v.shape);
      case GraphValue::Form::Bytes: return secret::BytesType::get(context, v.party->name);
      default: break;
    }
    const sema::Bounds bounds = v.hull_of_bounds();
    const std::string scale = secret::scaleText(v.scale), low = bounds.low.get_str(), high = bounds.high.get_str();
    if (v.form == GraphValue::Form::Integers) return secret::IntegersType::get(context, v.party->name, v.shape, scale, low, high);
    return secret::CipherType::get(context, v.party->name, v.shape, scale, low, high, v.key->name, state, v.slot_bits);
  }

  Location location(const GraphOp &op) {
    const std::string name = op.output >= 0 ? value(op.output).name : "";
    return NameLoc::get(b.getStringAttr(name.empty() ? "value" : name), FileLineColLoc::get(b.getContext(), "program", op.line, 1));
  }

  template <class Op, class... Args>
  Op make(const GraphOp &op, Type result, Args &&...args) {
    return b.create<Op>(location(op), result, std::forward<Args>(args)...);
  }

  void import(const GraphOp &op) {
    SmallVector<Value> in;
    for (int id : op.inputs) in.push_back(values[static_cast<size_t>(id)]);
    if (op.kind == Kind::Output) {
      b.create<secret::OutputOp>(location(op), in[0], graph.outputs[static_cast<size_t>(op.index)].name, op.index);
      return;
    }
    secret::State state = secret::State::Derived;
    if (op.kind == Kind::Encrypt) state = secret::State::Fresh;
    const Type result = type(value(op.output), state);
    Operation *made = create(op, in, result);
    if (auto bounds = secret::inferBounds(made)) made->getResult(0).setType(secret::withBounds(result, *bounds));
    values[static_cast<size_t>(op.output)] = made->getResult(0);
  }

  Operation *create(const GraphOp &op, ArrayRef<Value> in, Type result) {
    const auto encrypted = [](Value v) { return isa<secret::CipherType>(v.getType()); };
    const auto keyName = [&] { return FlatSymbolRefAttr::get(b.getContext(), op.key->name); };
    switch (op.kind) {
      case Kind::Input: return make<secret::InputOp>(op, result, graph.inputs[static_cast<size_t>(op.index)].name, op.index);
      case Kind::Constant: return make<secret::ConstantOp>(op, result, *op.numbers);
      case Kind::Plain: return make<secret::PlainOp>(op, result, op.function, in);
      case Kind::Draw: return make<secret::DrawOp>(op, result, op.function);
      case Kind::Quantise: return make<secret::QuantiseOp>(op, result, in[0]);
      case Kind::Dequantise: return make<secret::DequantiseOp>(op, result, in[0]);
      case Kind::Gather: return make<secret::GatherOp>(op, result, in[0], op.indices);
      case Kind::Concat: return make<secret::ConcatOp>(op, result, in);
      case Kind::Encrypt: return make<secret::ConcealOp>(op, result, in[0]);
      case Kind::Add:
        if (encrypted(in[0]) == encrypted(in[1])) return make<secret::AddOp>(op, result, in[0], in[1]);
        return make<secret::AddPlainOp>(op, result, encrypted(in[0]) ? in[0] : in[1], encrypted(in[0]) ? in[1] : in[0]);
      case Kind::Subtract: {
        if (encrypted(in[0]) == encrypted(in[1])) return make<secret::SubtractOp>(op, result, in[0], in[1]);
        // c − p is c + (−p), and p − c is −c + p.
        auto negated = make<secret::NegateOp>(op, in[1].getType(), in[1]);
        Type opposite = secret::withBounds(in[1].getType(), *secret::inferBounds(negated));
        if (auto cipher = dyn_cast<secret::CipherType>(opposite)) opposite = secret::withState(cipher, secret::State::Derived);
        negated.getResult().setType(opposite);
        const Value other = negated.getResult();
        return make<secret::AddPlainOp>(op, result, encrypted(in[0]) ? in[0] : other, encrypted(in[0]) ? other : in[0]);
      }
      case Kind::Negate: return make<secret::NegateOp>(op, result, in[0]);
      case Kind::Multiply: return make<secret::MultiplyPlainOp>(op, result, encrypted(in[1]) ? in[1] : in[0], encrypted(in[1]) ? in[0] : in[1]);
      case Kind::MatVec: return make<secret::MatvecOp>(op, result, in[0], in[1], false);
      case Kind::MatVecPlain: return make<secret::MatvecOp>(op, result, in[1], in[0], true);
      case Kind::Sum: return make<secret::SumOp>(op, result, in[0], op.index);
      case Kind::Pack: return make<secret::PackOp>(op, result, in[0]);
      case Kind::Decrypt: return make<secret::DecryptOp>(op, result, in[0]);
      case Kind::Reveal: return make<secret::RevealOp>(op, result, in[0]);
      case Kind::Move: return make<secret::MoveOp>(op, result, in[0]);
      case Kind::Fingerprint: return make<secret::FingerprintOp>(op, result, in[0], op.function);
      case Kind::SealBytes: return make<secret::SealBytesOp>(op, result, in[0], keyName());
      case Kind::OpenBytes: return make<secret::OpenBytesOp>(op, result, in[0], keyName());
      case Kind::Output: break;
    }
    llvm_unreachable("a result is no value");
  }

  OpBuilder &b;
  const sema::Graph &graph;
  std::vector<Value> values;
};

}  // namespace

OwningOpRef<ModuleOp> importGraphs(MLIRContext &context, const sema::Program &program) {
  OpBuilder b(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getUnknownLoc());
  b.setInsertionPointToEnd(module->getBody());
  for (const sema::Key *key : program.keys)
    b.create<secret::KeyOp>(b.getUnknownLoc(), key->name, StringRef(sema::scheme_name(key->scheme)), static_cast<uint32_t>(key->bits), StringRef(key->holder->name), key->allow_weak,
                            key->fingerprint.empty() ? StringAttr() : b.getStringAttr(key->fingerprint));
  for (const sema::Graph *graph : program.graphs) GraphImporter(b, *graph).run();
  return module;
}

}  // namespace acie::conversion

#include "compiler/Emit/PartyText.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/Dialect/Secret/SecretTypes.h"
#include "compiler/Sema/Secrecy/Graph.h"
#include "kernels/crypto/paillier/Matvec.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/BuiltinOps.h"

namespace acie::emit {
namespace {

using namespace mlir;

/// Microseconds on one core with AVX-512 IFMA under a key of 2048 bits, as tests/perf/paillier measured them; products take time with the square of
/// the key's size, powers with its cube. Who does not hold a key randomises by r^n, which is safe whoever made the key.
constexpr double kProduct = 0.5, kEncrypt = 880, kEncryptAsHolder = 45, kDecrypt = 300;

/// Matrices up to this size are planned for --emit=plan although their numbers are read only when running.
constexpr int64_t kLargestExpected = int64_t{1} << 23;

/// The plan for weights spread evenly over `bounds`, where they are not known yet; nullopt where they are too many or too long.
std::optional<paillier::MatvecPlan> expected_plan(const sema::Bounds &bounds, int64_t rows, int64_t columns) {
  if (rows * columns > kLargestExpected || !bounds.low.fits_slong_p() || !bounds.high.fits_slong_p()) return std::nullopt;
  const mpz_class values = bounds.high - bounds.low + 1;
  if (!values.fits_slong_p()) return std::nullopt;
  std::mt19937_64 numbers(1);
  std::vector<int64_t> weights(static_cast<size_t>(rows * columns));
  for (int64_t &weight : weights) weight = bounds.low.get_si() + static_cast<int64_t>(numbers() % values.get_ui());
  auto planned = paillier::Matvec::create(weights, static_cast<size_t>(rows), static_cast<size_t>(columns));
  if (!planned.ok()) return std::nullopt;
  return planned->plan();
}

std::string duration(double microseconds) {
  if (microseconds < 1000) return absl::StrFormat("%.0f µs", std::max(1.0, microseconds));
  if (microseconds < 1e6) return absl::StrFormat("%.1f ms", microseconds / 1e3);
  return absl::StrFormat("%.1f s", microseconds / 1e6);
}

std::string bytes(double count) {
  if (count < 1e4) return absl::StrFormat("%.0f bytes", count);
  if (count < 1e7) return absl::StrFormat("%.0f kB", count / 1e3);
  return absl::StrFormat("%.0f MB", count / 1e6);
}

std::string counted(int64_t n, const char *what) { return absl::StrCat(n, " ", what, n == 1 ? "" : "s"); }

struct Line {
  std::string name, bits, how;
};

std::string table(const std::vector<Line> &lines) {
  size_t name = 0, bits = 0;
  const auto width = [](const std::string &text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  for (const Line &line : lines) {
    name = std::max(name, width(line.name));
    bits = std::max(bits, width(line.bits));
  }
  std::string out;
  for (const Line &line : lines)
    absl::StrAppend(&out, "    ", line.name, std::string(name - width(line.name) + 2, ' '), line.bits, std::string(bits > 0 ? bits - width(line.bits) + 2 : 0, ' '), line.how, "\n");
  return out;
}

class GraphText {
 public:
  GraphText(ModuleOp module, secret::GraphOp graph) : module(module), graph(graph) {}

  std::string run(const sema::Program &program) {
    std::string out = absl::StrCat("graph ", graph.getSymName().str(), "\n");
    for (Operation &op : graph.getBody().front()) describe(op);
    for (const sema::Key *key : program.keys) {
      if (!llvm::is_contained(keys, key->name)) continue;
      absl::StrAppend(&out, "  key      ", key->name, ": ", std::string(sema::scheme_name(key->scheme)));
      if (key->bits > 0) absl::StrAppend(&out, " of ", key->bits, " bits, plaintexts of ", sema::bits_of(sema::plaintext_limit(key->bits)));
      absl::StrAppend(&out, ", held by ", key->holder->name, "\n");
    }
    for (const sema::Party *party : program.parties) {
      const std::vector<Line> &lines = steps[party->name];
      if (!lines.empty()) absl::StrAppend(&out, "  at ", party->name, "\n", table(lines));
      if (const double total = times[party->name]; total > 0) absl::StrAppend(&out, "    about ", duration(total), " on one core with AVX-512 IFMA\n");
    }
    if (!messages.empty()) absl::StrAppend(&out, "  messages\n", table(messages));
    return out;
  }

 private:
  static std::string nameOf(Operation &op) {
    auto named = dyn_cast<NameLoc>(op.getLoc());
    return named ? named.getName().str() : "";
  }

  secret::KeyOp keyOf(secret::CipherType type) { return module.lookupSymbol<secret::KeyOp>(type.getKey()); }

  /// Bits needed of bits available.
  std::string bitsOf(Type type) {
    auto cipher = dyn_cast<secret::CipherType>(type);
    if (!cipher) return "";
    return absl::StrCat(sema::bits_of(secret::boundsOf(type).magnitude()), " of ", sema::bits_of(sema::plaintext_limit(keyOf(cipher).getBits())), " bits");
  }

  void step(Operation &op, secret::CipherType type, const std::string &how, double microseconds, const std::string &constantTime) {
    keys.insert(type.getKey().str());
    const std::string party = op.getNumResults() == 1 ? secret::partyOf(op.getResult(0).getType()).str() : "";
    times[party] += microseconds;
    steps[party].push_back({nameOf(op), bitsOf(type), absl::StrCat(how, ", ", duration(microseconds), ", ", constantTime)});
  }

  double square(secret::CipherType type) { return std::pow(keyOf(type).getBits() / 2048.0, 2); }
  double cube(secret::CipherType type) { return std::pow(keyOf(type).getBits() / 2048.0, 3); }
  double randomiser(secret::CipherType type) { return (keyOf(type).getHolder() == type.getParty() ? kEncryptAsHolder : kEncrypt) * cube(type); }
  static int64_t ciphertexts(secret::CipherType type, int keyBits) {
    const int64_t count = secret::elementsOf(type);
    if (type.getSlots() == 0) return count;
    const int64_t slots = std::max<int64_t>(1, (sema::bits_of(sema::plaintext_limit(keyBits)) - 1) / type.getSlots());
    return (count + slots - 1) / slots;
  }

  void describe(Operation &op) {
    const char *constant = "constant time";
    llvm::TypeSwitch<Operation *>(&op)
        .Case([&](secret::ConcealOp o) {
          auto type = cast<secret::CipherType>(o.getType());
          const int64_t n = secret::elementsOf(type);
          step(op, type, counted(n, "encryption"), static_cast<double>(n) * randomiser(type), constant);
        })
        .Case([&](secret::DecryptOp o) {
          auto type = cast<secret::CipherType>(o.getOperand().getType());
          const int64_t n = ciphertexts(type, keyOf(type).getBits());
          step(op, type, counted(n, "decryption"), static_cast<double>(n) * kDecrypt * cube(type), constant);
        })
        .Case([&](secret::MatvecOp o) { matvec(o); })
        .Case([&](secret::MultiplyPlainOp o) {
          auto type = dyn_cast<secret::CipherType>(o.getType());
          if (!type) return;
          const int64_t n = secret::elementsOf(type);
          const int bits = sema::bits_of(secret::boundsOf(o.getRight().getType()).magnitude());
          step(op, type, absl::StrCat(counted(n, "product"), " with factors of ", bits, " bits"), static_cast<double>(n) * 1.1 * bits * kProduct * square(type), constant);
        })
        .Case<secret::AddOp, secret::SubtractOp, secret::AddPlainOp, secret::NegateOp, secret::SumOp>([&](auto o) {
          auto type = dyn_cast<secret::CipherType>(o.getType());
          if (!type) return;
          const int64_t n = secret::elementsOf(o->getOperand(0).getType());
          step(op, type, counted(n, "sum"), static_cast<double>(n) * kProduct * square(type), constant);
        })
        .Case([&](secret::PackOp o) {
          auto type = cast<secret::CipherType>(o.getType());
          const int64_t n = secret::elementsOf(type);
          step(op, type, absl::StrCat(n, " numbers into ", counted(ciphertexts(type, keyOf(type).getBits()), "ciphertext"), ", slots of ", type.getSlots(), " bits"),
               static_cast<double>(n) * (0.75 * static_cast<double>(type.getSlots()) + 1) * kProduct * square(type), constant);
        })
        .Case([&](secret::SealOp o) {
          auto type = cast<secret::CipherType>(o.getType());
          const int64_t n = ciphertexts(type, keyOf(type).getBits());
          step(op, type, absl::StrCat("re-randomise ", counted(n, "ciphertext")), static_cast<double>(n) * randomiser(type), constant);
        })
        .Case([&](secret::InputOp o) { stored(op, o.getType(), o.getName(), "read, verified before use"); })
        .Case([&](secret::OutputOp o) { stored(op, o.getOperand().getType(), o.getName(), "stored"); })
        .Case([&](secret::FingerprintOp o) { file(op, absl::StrCat("fingerprint, ", o.getHash().str())); })
        .Case([&](secret::SealBytesOp o) {
          keys.insert(o.getKey().str());
          file(op, absl::StrCat("seal under ", cipher(o.getKey())));
        })
        .Case([&](secret::OpenBytesOp o) {
          keys.insert(o.getKey().str());
          file(op, absl::StrCat("open under ", cipher(o.getKey()), ", verified before anything is given out"));
        })
        .Case([&](secret::MoveOp o) { message(op, o.getOperand().getType(), o.getType()); })
        .Case([&](secret::RevealOp o) { message(op, o.getOperand().getType(), o.getType()); });
  }

  /// Ciphertexts that a party keeps from run to run.
  void stored(Operation &op, Type what, StringRef name, const std::string &how) {
    auto type = dyn_cast<secret::CipherType>(what);
    if (!type) return;
    keys.insert(type.getKey().str());
    steps[secret::partyOf(type).str()].push_back({name.str(), bitsOf(type), absl::StrCat(counted(secret::elementsOf(type), "ciphertext"), " ", how)});
  }

  void matvec(secret::MatvecOp op) {
    auto type = dyn_cast<secret::CipherType>(op.getType());
    if (!type) return;
    ArrayRef<int64_t> shape = secret::shapeOf(op.getMatrix().getType());
    const int64_t times = secret::elementsOf(op.getOperand().getType()) / (op.getReversed() ? shape[0] : shape[1]);
    const std::string size = absl::StrCat(shape[0], " × ", shape[1], " weights");
    const char *constantTime = "not constant time in the weights";
    std::string each = times > 1 ? absl::StrCat(" for each of ", times, " vectors") : "";
    if (op->hasAttr("method")) {
      const auto number = [&](const char *name) { return op->getAttrOfType<IntegerAttr>(name).getInt(); };
      const double cost = op->getAttrOfType<FloatAttr>("cost").getValueAsDouble() * static_cast<double>(times);
      return step(*op, type,
                  absl::StrCat(size, ", ", algorithm(op->getAttrOfType<StringAttr>("method").str(), number("window")), ", ", number("products"), " products and ", number("squarings"),
                               " squarings", each, ", table of ", bytes(static_cast<double>(number("numbers")) * keyOf(type).getBits() / 4.0)),
                  cost * kProduct * square(type), constantTime);
    }
    const sema::Bounds weights = secret::boundsOf(op.getMatrix().getType());
    if (const auto plan = expected_plan(weights, op.getReversed() ? shape[1] : shape[0], op.getReversed() ? shape[0] : shape[1])) {
      return step(*op, type,
                  absl::StrCat(size, ", planned when they are read: about ", algorithm(std::string(paillier::name_of(plan->method)), plan->window), ", ", plan->products,
                               " products and ", plan->squarings, " squarings", each, ", table of ", bytes(static_cast<double>(plan->numbers) * keyOf(type).getBits() / 4.0)),
                  plan->cost() * static_cast<double>(times) * kProduct * square(type), constantTime);
    }
    // One product a weight for each window of eight bits, and the tables.
    const int windows = (sema::bits_of(weights.magnitude()) + 7) / 8;
    const double products = static_cast<double>(shape[0] * shape[1] * times) * std::max(1, windows) * 1.6;
    step(*op, type, absl::StrCat(size, ", planned when they are read: about ", static_cast<int64_t>(products), " products"), products * kProduct * square(type), constantTime);
  }

  static std::string algorithm(const std::string &method, int64_t window) {
    return absl::EndsWith(method, "subset products") ? absl::StrCat(method, " of ", window, " columns") : absl::StrCat(method, ", windows of ", window, " bits");
  }

  /// A step on files.
  void file(Operation &op, const std::string &how) { steps[secret::partyOf(op.getResult(0).getType()).str()].push_back({nameOf(op), "", how}); }
  std::string cipher(StringRef key) { return absl::StrCat(key.str(), ", ", module.lookupSymbol<secret::KeyOp>(key).getScheme().str()); }

  void message(Operation &op, Type from, Type to) {
    std::string what;
    if (auto cipher = dyn_cast<secret::CipherType>(from)) {
      const int bits = keyOf(cipher).getBits();
      const int64_t n = ciphertexts(cipher, bits);
      what = absl::StrCat(counted(n, "ciphertext"), ", ", bytes(static_cast<double>(n) * bits / 4.0));
    } else {
      what = isa<secret::BytesType>(from) ? "revealed" : absl::StrCat("revealed: ", counted(secret::elementsOf(from), "number"));
    }
    messages.push_back({absl::StrCat(messages.size(), "  ", secret::partyOf(from).str(), " → ", secret::partyOf(to).str()), nameOf(op), what});
  }

  ModuleOp module;
  secret::GraphOp graph;
  std::set<std::string> keys;
  std::map<std::string, std::vector<Line>> steps;
  std::map<std::string, double> times;
  std::vector<Line> messages;
};

}  // namespace

std::string party_text(const sema::Program &program, ModuleOp module) {
  std::vector<std::string> texts;
  for (auto graph : module.getOps<secret::GraphOp>()) texts.push_back(GraphText(module, graph).run(program));
  return absl::StrJoin(texts, "\n");
}

}  // namespace acie::emit

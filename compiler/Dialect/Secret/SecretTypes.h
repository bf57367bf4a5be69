// What all types of the Secret dialect have, and their numbers as integers of any size.
#ifndef ACIE_DIALECT_SECRET_SECRETTYPES_H
#define ACIE_DIALECT_SECRET_SECRETTYPES_H

#include "compiler/Dialect/Secret/SecretDialect.h"
#include "compiler/Sema/Secrecy/Exact.h"

namespace acie::secret {

mlir::StringRef partyOf(mlir::Type type);
/// Empty of bytes.
llvm::ArrayRef<int64_t> shapeOf(mlir::Type type);
int64_t elementsOf(mlir::Type type);
/// Of integers and ciphertexts.
sema::Scale scaleOf(mlir::Type type);
sema::Bounds boundsOf(mlir::Type type);
/// "1/65536", as types hold it.
std::string scaleText(const sema::Scale &scale);

/// The same type with other bounds, at another party, in another state.
mlir::Type withBounds(mlir::Type type, const sema::Bounds &bounds);
mlir::Type withParty(mlir::Type type, mlir::StringRef party);
CipherType withState(CipherType type, State state);
/// As many values in a ciphertext as slots of so many bits hold; 0: one.
CipherType withSlots(CipherType type, int64_t slots);

/// The intervals that those of an operation's operands give its result; of operations on exact values.
std::optional<sema::Bounds> inferBounds(mlir::Operation *op);
/// The interval of a product with a constant matrix, tight: the largest row's. Nothing where the matrix is not constant.
std::optional<sema::Bounds> constantMatrixBounds(MatvecOp op);
/// The integers of a matrix that is constant; empty where it is not, or where one does not fit 64 bits.
std::vector<int64_t> constantMatrix(mlir::Value matrix);

}  // namespace acie::secret

#endif  // ACIE_DIALECT_SECRET_SECRETTYPES_H

// Matrix products compiled for x86-64-v4.
#define ACIE_LINALG_LEVEL v4
#include "kernels/linalg/Levels.h"
#include "kernels/linalg/Loops.h"
#include "kernels/linalg/RowPair.h"

namespace acie::linalg {
namespace {
template <class T>
int64_t packedElementsHere(int64_t depth, int64_t columns) {
  return depth * v4::paddedColumns<T>(columns) + v4::slimElements<T>(depth, columns);
}
}  // namespace

const Entries<float> kFloatV4 = {v4::multiplyRange<float>, v4::isPair<float>,           v4::multiplyPair<float>,
                                 v4::scratchFor<float>,    packedElementsHere<float>, v4::packAll<float>};
const Entries<double> kDoubleV4 = {v4::multiplyRange<double>, v4::isPair<double>,           v4::multiplyPair<double>,
                                   v4::scratchFor<double>,    packedElementsHere<double>, v4::packAll<double>};

}  // namespace acie::linalg

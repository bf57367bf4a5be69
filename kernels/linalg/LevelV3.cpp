// Matrix products compiled for x86-64-v3.
#define ACIE_LINALG_LEVEL v3
#include "kernels/linalg/Levels.h"
#include "kernels/linalg/Loops.h"
#include "kernels/linalg/RowPair.h"

namespace acie::linalg {
namespace {
template <class T>
int64_t packedElementsHere(int64_t depth, int64_t columns) {
  return depth * v3::paddedColumns<T>(columns) + v3::slimElements<T>(depth, columns);
}
}  // namespace

const Entries<float> kFloatV3 = {v3::multiplyRange<float>, v3::isPair<float>,           v3::multiplyPair<float>,
                                 v3::scratchFor<float>,    packedElementsHere<float>, v3::packAll<float>};
const Entries<double> kDoubleV3 = {v3::multiplyRange<double>, v3::isPair<double>,           v3::multiplyPair<double>,
                                   v3::scratchFor<double>,    packedElementsHere<double>, v3::packAll<double>};

}  // namespace acie::linalg

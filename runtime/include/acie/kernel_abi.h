/* The kernel ABI: the one interface between compiled kernels and whatever runs them.
 *
 * A kernel library is a hermetic ELF shared object: no needed libraries, no undefined symbols, one export,
 * ACIE_KERNEL_SYMBOL. The caller owns threads and memory; a call allocates nothing, keeps no state and may run on any
 * number of threads at once. This header is standalone C and is versioned: a library reads `struct_size` and
 * `abi_version` before anything else and answers ACIE_KERNEL_BAD_ABI if it cannot serve them.
 */
#ifndef ACIE_KERNEL_ABI_H
#define ACIE_KERNEL_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACIE_KERNEL_ABI_VERSION 1u
#define ACIE_KERNEL_SYMBOL "acie_kernel_entry"
#define ACIE_KERNEL_AHEAD 2

/* Element types of columns. Booleans are one byte, 0 or 1. */
typedef enum acie_dtype {
  ACIE_F64 = 0,
  ACIE_F32 = 1,
  ACIE_I64 = 2,
  ACIE_I32 = 3,
  ACIE_BOOL = 4
} acie_dtype;

/* How a kernel is called. */
enum {
  /* A kernel of tensors' elements may write its outputs past the caches: they are not read soon. Each begins at a multiple of
   * 64 bytes and is a multiple of 256 long. The caller orders what it does next after such writes (sfence). */
  ACIE_CALL_STREAM = 1
};

/* What a kernel answers. */
enum {
  ACIE_KERNEL_OK = 0,
  ACIE_KERNEL_BAD_ABI = 1,      /* struct_size or abi_version not supported */
  ACIE_KERNEL_BAD_ORDINAL = 2   /* no kernel of that number in the library */
};

/* One operand. A row kernel reads and writes element i of the index range at data + i * stride (bytes are elements *
 * size of dtype). stride is 1 (a column) or 0 (one value for every row); outputs always have stride 1. Inputs and
 * outputs do not overlap. `validity`, shape and strides beyond the first are for tensor kernels and may be null. */
typedef struct acie_buffer {
  void* data;
  uint32_t dtype; /* acie_dtype */
  uint32_t rank;
  int64_t stride;
  const int64_t* shape;
  const int64_t* strides;
  const uint8_t* validity; /* bit i set: element i is present */
  uint32_t memory_space;   /* 0 host */
  uint32_t reserved;
} acie_buffer;

/* A value set per run: an argument, parameter, learnt value or replaceable constant. Kernels read the member that the
 * plan's dtype names; booleans are i64 0 or 1. */
typedef union acie_scalar {
  double f64;
  float f32;
  int64_t i64;
  int32_t i32;
} acie_scalar;

/* A function of the runtime that kernels reach through the call (they have no symbols of their own to resolve):
 * element-wise special functions of `arity` f64 operands over n elements; out may equal an operand. */
typedef void (*acie_elementwise_fn)(int64_t n, const double* const* operands, double* out);

typedef struct acie_import {
  const char* name;
  uint32_t version;
  uint32_t arity;
  acie_elementwise_fn fn;
} acie_import;

/* One call of one kernel over the index range [0, count).
 *
 * Random numbers are Threefry-2x64-20 with key (seed, hash of the noise's name) and counter (row, draw), where element i
 * has row = row_base + i * row_step and draw = draw_base + i * draw_step: a range is either rows at one draw
 * (row_step 1, draw_step 0) or draws of one row (0, 1). */
typedef struct acie_call {
  uint32_t struct_size;
  uint32_t abi_version;
  uint32_t ordinal; /* which kernel of the library */
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_scalars;
  uint32_t num_imports;
  uint32_t flags; /* ACIE_CALL_… */
  const acie_buffer* inputs;
  const acie_buffer* outputs;
  const acie_scalar* scalars;
  const acie_import* const* imports; /* in the order the plan lists for this library */
  int64_t count;
  uint64_t seed;
  int64_t row_base;
  int64_t row_step;
  int64_t draw_base;
  int64_t draw_step;
  void* scratch; /* of the size the plan declares for this kernel, 64-byte aligned */
  uint64_t scratch_size;
  /* Memory that is needed soon. A kernel of tensors' elements has as many bytes of each brought into the cache, line by line
   * while it computes, as its first output has; no address is an error, null is none, and the first
   * is not null where another is not. */
  const void* ahead[ACIE_KERNEL_AHEAD];
} acie_call;

typedef int32_t (*acie_kernel_fn)(const acie_call* call);

#ifdef __cplusplus
} /* extern "C" */
static_assert(sizeof(void*) == 8, "the kernel ABI is defined for 64-bit targets");
static_assert(sizeof(acie_scalar) == 8, "acie_scalar is one machine word");
static_assert(sizeof(acie_buffer) == 56, "acie_buffer layout is part of the ABI");
static_assert(sizeof(acie_call) == 144, "acie_call layout is part of the ABI");
#endif

#endif /* ACIE_KERNEL_ABI_H */

/* A kernel library as the compiler would make one, by hand: what the runtime's tests run. */
#include "runtime/include/acie/kernel_abi.h"

static double at(const acie_buffer* buffer, int64_t i) {
  const int64_t j = i * buffer->stride;
  switch (buffer->dtype) {
    case ACIE_F32: return ((const float*)buffer->data)[j];
    case ACIE_I64: return (double)((const int64_t*)buffer->data)[j];
    case ACIE_I32: return ((const int32_t*)buffer->data)[j];
    case ACIE_BOOL: return ((const uint8_t*)buffer->data)[j];
    default: return ((const double*)buffer->data)[j];
  }
}

static double* doubles(const acie_buffer* buffer) { return (double*)buffer->data; }

/* A uniform number in (0, 1) that depends on seed, row and draw alone (the splitmix64 finaliser). */
static double uniform(uint64_t seed, int64_t row, int64_t draw) {
  uint64_t x = (seed + 1) * 0x9e3779b97f4a7c15u + (uint64_t)row * 0xbf58476d1ce4e5b9u + (uint64_t)draw * 0x94d049bb133111ebu;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return ((double)(x >> 12) + 0.5) * 0x1p-52;
}

/* 0: (y, status) = (a * scalar0 + b, 1 where b < 0) */
static void line(const acie_call* call) {
  int32_t* status = (int32_t*)call->outputs[1].data;
  for (int64_t i = 0; i < call->count; ++i) {
    const double b = at(&call->inputs[1], i);
    doubles(&call->outputs[0])[i] = at(&call->inputs[0], i) * call->scalars[0].f64 + b;
    status[i] = b < 0;
  }
}

/* 1: (x, x < 1/4) = a uniform number plus the input if there is one */
static void draw(const acie_call* call) {
  uint8_t* small = call->num_outputs > 1 ? (uint8_t*)call->outputs[1].data : 0;
  for (int64_t i = 0; i < call->count; ++i) {
    const double u =
        uniform(call->seed, call->row_base + i * call->row_step, call->draw_base + i * call->draw_step);
    doubles(&call->outputs[0])[i] = u + (call->num_inputs > 0 ? at(&call->inputs[0], i) : 0);
    if (small) small[i] = u < 0.25;
  }
}

/* 2: a / b */
static void ratio(const acie_call* call) {
  for (int64_t i = 0; i < call->count; ++i)
    doubles(&call->outputs[0])[i] = at(&call->inputs[0], i) / at(&call->inputs[1], i);
}

/* 3: (|a| / 10, whether that is at most 1/2) */
static void constraint(const acie_call* call) {
  uint8_t* hold = (uint8_t*)call->outputs[1].data;
  for (int64_t i = 0; i < call->count; ++i) {
    const double a = at(&call->inputs[0], i), residual = (a < 0 ? -a : a) / 10;
    doubles(&call->outputs[0])[i] = residual;
    hold[i] = residual <= 0.5;
  }
}

/* 4: imports[0] of the input */
static void special(const acie_call* call) {
  const double* operands[1] = {doubles(&call->inputs[0])};
  call->imports[0]->fn(call->count, operands, doubles(&call->outputs[0]));
}

/* 5: b where the flag a is set, else c */
static void choose(const acie_call* call) {
  for (int64_t i = 0; i < call->count; ++i)
    doubles(&call->outputs[0])[i] = at(&call->inputs[at(&call->inputs[0], i) != 0 ? 1 : 2], i);
}

__attribute__((visibility("default"))) int32_t acie_kernel_entry(const acie_call* call) {
  if (call->struct_size < sizeof(acie_call) || call->abi_version != ACIE_KERNEL_ABI_VERSION) return ACIE_KERNEL_BAD_ABI;
  switch (call->ordinal) {
    case 0: line(call); return ACIE_KERNEL_OK;
    case 1: draw(call); return ACIE_KERNEL_OK;
    case 2: ratio(call); return ACIE_KERNEL_OK;
    case 3: constraint(call); return ACIE_KERNEL_OK;
    case 4: special(call); return ACIE_KERNEL_OK;
    case 5: choose(call); return ACIE_KERNEL_OK;
    default: return ACIE_KERNEL_BAD_ORDINAL;
  }
}

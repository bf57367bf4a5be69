/* The acie runtime for other programs: load a package, answer its queries on your own arrays.
 *
 * Handles are opaque; nothing is global; no call aborts, exits or prints. A function that can fail takes a last argument
 * `acie_error** error`: on failure it stores a new error there (free it with acie_error_free; pass null to ignore it) and
 * returns null or a number that is not 0. Texts that a handle gives live as long as the handle. Packages may be shared by
 * threads; a query, an answer or a prepared run belongs to one thread at a time.
 *
 * Link with libacie_runtime; the C++ interface over this one is acie.hpp.
 */
#ifndef ACIE_RUNTIME_H
#define ACIE_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "acie/kernel_abi.h"

#if defined(__GNUC__)
#define ACIE_API __attribute__((visibility("default")))
#else
#define ACIE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors. The codes are the exit codes of acie-run. */

enum {
  ACIE_OK = 0,
  ACIE_ERROR_RUN = 1,         /* the computation could not be carried out */
  ACIE_ERROR_USAGE = 2,       /* a name or argument the caller gave is wrong */
  ACIE_ERROR_BAD_DATA = 3,    /* the columns hold what the program cannot use */
  ACIE_ERROR_REFUSED = 4,     /* the package is damaged, hostile or signed by nobody trusted */
  ACIE_ERROR_CONSTRAINT = 5,  /* strict: a row violates a constraint */
  ACIE_ERROR_CANCELLED = 6    /* the caller asked to stop */
};

typedef struct acie_error acie_error;
ACIE_API int acie_error_code(const acie_error* error);
ACIE_API const char* acie_error_message(const acie_error* error);
ACIE_API void acie_error_free(acie_error* error);

/* "0.1.0" */
ACIE_API const char* acie_runtime_version(void);

/* ---- Packages. */

typedef struct acie_package acie_package;

typedef struct acie_load_options {
  size_t struct_size;              /* sizeof(acie_load_options) */
  const char* const* trusted_keys; /* public keys: 64 hexadecimal digits, or files that hold them; the user's own is trusted too */
  size_t num_trusted_keys;
  int allow_unsigned;              /* run a package whoever made it: its native code is then trusted blindly */
  const char* target;              /* kernel variant by name; null: the best this processor runs */
} acie_load_options;

/* `options` may be null. */
ACIE_API acie_package* acie_package_open(const char* path, const acie_load_options* options, acie_error** error);
ACIE_API acie_package* acie_package_from_memory(const void* bytes, size_t size, const acie_load_options* options,
                                                acie_error** error);
ACIE_API void acie_package_free(acie_package* package); /* queries made from it stay valid */
ACIE_API size_t acie_package_num_entries(const acie_package* package);
ACIE_API const char* acie_package_entry_name(const acie_package* package, size_t index);
ACIE_API const char* acie_package_target(const acie_package* package);

/* ---- Queries. */

typedef struct acie_query acie_query;

/* An input column, a value that can be set, or a column of the answer. */
typedef struct acie_field {
  const char* name;
  const char* unit; /* acie's notation; "1" for plain numbers */
  const char* doc;
  int32_t dtype;    /* acie_dtype */
  double low, high; /* declared range; infinite where open */
  int has_default;  /* values: whether default_value holds without being set */
  double default_value;
  int is_text;      /* texts: see acie_query_bind_text, acie_query_set_text and acie_answer_text */
} acie_field;

ACIE_API acie_query* acie_query_new(const acie_package* package, const char* entry, acie_error** error);

/* The size of a dimension that the program reads at start, `dim J`. */
typedef struct {
  const char* name;
  int64_t size;
} acie_dimension;

/* As acie_query_new, of an entry whose program has dimensions without a size: all of them must be given. The query's inputs and
   outputs are those of these sizes; other sizes are another query of the same package, which is not compiled again. */
ACIE_API acie_query* acie_query_new_sized(const acie_package* package, const char* entry, const acie_dimension* dimensions,
                                          size_t num_dimensions, acie_error** error);
ACIE_API void acie_query_free(acie_query* query);

ACIE_API size_t acie_query_num_inputs(const acie_query* query);
ACIE_API size_t acie_query_num_values(const acie_query* query);
ACIE_API size_t acie_query_num_outputs(const acie_query* query);
ACIE_API acie_field acie_query_input(const acie_query* query, size_t index);
ACIE_API acie_field acie_query_value(const acie_query* query, size_t index);
ACIE_API acie_field acie_query_output(const acie_query* query, size_t index); /* as acie_answer_column counts them */

/* Sets an argument, param or learnt value, the constant of a `given`, or that of a `do` (or a `do?`), in declared units. */
ACIE_API int acie_query_set(acie_query* query, const char* name, double value, acie_error** error);
ACIE_API int acie_query_given(acie_query* query, const char* name, double value, acie_error** error);
ACIE_API int acie_query_do(acie_query* query, const char* name, double value, acie_error** error);

/* The same where the value is a text: UTF-8, not empty, without control characters. */
ACIE_API int acie_query_set_text(acie_query* query, const char* name, const char* text, acie_error** error);
ACIE_API int acie_query_given_text(acie_query* query, const char* name, const char* text, acie_error** error);
ACIE_API int acie_query_do_text(acie_query* query, const char* name, const char* text, acie_error** error);

/* Values for learnt parameters: a .safetensors or .json file, as acie-run's --params. Later files and acie_query_set win. What
 * is read stays until the query is freed; without a file, parameters start from their defaults or a draw by the run's seed. */
ACIE_API int acie_query_load_params(acie_query* query, const char* path, acie_error** error);

/* A column in the caller's memory, used in place. It must stay as it is until the query is freed or bound anew. A cell is
 * missing where its bit of `validity` is 0 (least significant first) or where it is NaN. */
typedef struct acie_column {
  const void* data;
  int64_t length;
  int64_t stride;           /* in elements; 1 for a dense column, 0 for one value in every row */
  int32_t dtype;            /* acie_dtype */
  const uint8_t* validity;  /* null: all present */
  int64_t validity_offset;  /* the bit of element 0 */
  const char* unit;         /* null: the input's own */
} acie_column;

ACIE_API int acie_query_bind(acie_query* query, const char* input, const acie_column* column, acie_error** error);

/* A column of texts, which are copied. A cell is missing where it is null or empty. */
ACIE_API int acie_query_bind_text(acie_query* query, const char* input, const char* const* texts, int64_t length, acie_error** error);

/* Arrow's C data interface (https://arrow.apache.org/docs/format/CDataInterface.html). */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

/* Binds the children of a struct array whose names are inputs, texts as utf8 with offsets of 32 bits ("u"), which are copied; other children are passed over. Both stay the caller's and
 * must not be released before the query is freed or bound anew. */
ACIE_API int acie_query_bind_arrow(acie_query* query, const struct ArrowSchema* schema, const struct ArrowArray* array,
                                   acie_error** error);

/* ---- Running over whole columns, on several threads. */

/* Ends runs early; any thread may use it. */
typedef struct acie_cancel acie_cancel;
ACIE_API acie_cancel* acie_cancel_new(void);
ACIE_API void acie_cancel_request(acie_cancel* cancel);
ACIE_API void acie_cancel_free(acie_cancel* cancel);

typedef struct acie_run_options {
  size_t struct_size;   /* sizeof(acie_run_options) */
  uint64_t seed;
  int64_t draws;        /* 0: 1000 listed, 10000 behind an estimate */
  int32_t threads;      /* 0: one per processor */
  int32_t strict;       /* an undefined row, or one that violates a constraint, fails the run */
  int32_t skip_bad_rows;/* leave rows without an answer out; else they are null */
  int32_t reserved;
  int64_t tile_rows;    /* 0: the default; changes no result */
  const acie_cancel* cancel; /* may be null */
  /* Called now and then by one thread at a time; `fraction` is NaN where unknown. A result other than 0 cancels. */
  int (*progress)(void* user, int64_t rows, double fraction);
  void* user;
} acie_run_options;

typedef struct acie_answer acie_answer;

/* `options` may be null. Results have the same bits for any number of threads. */
ACIE_API acie_answer* acie_query_run(acie_query* query, const acie_run_options* options, acie_error** error);
ACIE_API void acie_answer_free(acie_answer* answer);
ACIE_API int64_t acie_answer_num_rows(const acie_answer* answer);
ACIE_API size_t acie_answer_num_columns(const acie_answer* answer);
ACIE_API acie_field acie_answer_column(const acie_answer* answer, size_t index);
/* Elements of type acie_answer_column(...).dtype. Rows without an answer hold NaN, 0 or false; see the status. */
ACIE_API const void* acie_answer_data(const acie_answer* answer, size_t index);
/* The text of a row, of a column of texts; empty in rows without an answer, null of another column or outside. What acie_answer_data
 * gives of such a column means nothing. */
ACIE_API const char* acie_answer_text(const acie_answer* answer, size_t index, int64_t row);
/* One per row: 0 ok, -1 bad input (a missing cell, a value out of its declared range), k > 0 undefined for reason k. */
ACIE_API const int32_t* acie_answer_status(const acie_answer* answer);
ACIE_API const char* acie_answer_reason(const acie_answer* answer, int32_t status);
ACIE_API int64_t acie_answer_violations(const acie_answer* answer);
/* Hands the answer over as a struct array, without copying its columns; rows without an answer are null there. The answer
 * itself stays valid. The caller releases schema and array. */
ACIE_API int acie_answer_export(const acie_answer* answer, struct ArrowSchema* schema, struct ArrowArray* array,
                                acie_error** error);

/* ---- Prepared runs: bind once, call many. A call allocates nothing, uses the calling thread and costs its kernels. */

typedef struct acie_prepared acie_prepared;

/* Answers per row without draws, without sums over the table and without columns of texts can be prepared. Values set on the query so far hold. */
ACIE_API acie_prepared* acie_query_prepare(const acie_query* query, int64_t max_rows, uint64_t seed, acie_error** error);
ACIE_API void acie_prepared_free(acie_prepared* prepared);
/* Arrays of `max_rows` elements of the field's dtype, which outlive the last call. stride as in acie_column. */
ACIE_API int acie_prepared_bind_input(acie_prepared* prepared, const char* input, const void* data, int64_t stride,
                                      acie_error** error);
ACIE_API int acie_prepared_bind_output(acie_prepared* prepared, const char* output, void* data, acie_error** error);
ACIE_API int acie_prepared_bind_status(acie_prepared* prepared, int32_t* status, acie_error** error);
/* Replace a value between calls, as acie_query_set, acie_query_given and acie_query_do name them. */
ACIE_API int acie_prepared_set(acie_prepared* prepared, const char* name, double value, acie_error** error);
ACIE_API int acie_prepared_given(acie_prepared* prepared, const char* name, double value, acie_error** error);
ACIE_API int acie_prepared_do(acie_prepared* prepared, const char* name, double value, acie_error** error);
/* Computes rows [0, rows); `row_base` is the number of the first, which random numbers depend on. */
ACIE_API int acie_prepared_call(acie_prepared* prepared, int64_t rows, int64_t row_base, acie_error** error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* ACIE_RUNTIME_H */

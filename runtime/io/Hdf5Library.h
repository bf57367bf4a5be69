// The HDF5 library, loaded when the first HDF5 file is met: linking it would cost every start of a program three dozen
// shared libraries.
#pragma once

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Constants of the headers, such as H5F_ACC_RDONLY, would first call the library that is not linked.
#undef H5OPEN
#define H5OPEN
#undef H5CHECK
#define H5CHECK

namespace acie::io {

/// The functions that are used. Their names are those of the C API; macros of its headers are avoided, as they would link.
#define ACIE_HDF5_FUNCTIONS(F)                                                                                        \
  F(H5open) F(H5get_libversion) F(H5Eget_auto2) F(H5Eset_auto2) F(H5Ewalk2) F(H5Eclear2)                              \
  F(H5Idec_ref) F(H5Iget_type)                                                                                        \
  F(H5Fopen) F(H5Fcreate) F(H5Fclose) F(H5Fget_filesize) F(H5Oopen) F(H5Gget_info) F(H5Lget_info) F(H5Lget_name_by_idx) \
  F(H5Dopen2) F(H5Dcreate2) F(H5Dread) F(H5Dwrite) F(H5Dset_extent) F(H5Dget_type) F(H5Dget_space)                    \
  F(H5Dget_create_plist) F(H5Dget_storage_size) F(H5Dget_offset)                                                      \
  F(H5Screate) F(H5Screate_simple) F(H5Sget_simple_extent_ndims) F(H5Sget_simple_extent_dims)                         \
  F(H5Sget_simple_extent_type) F(H5Sget_simple_extent_npoints) F(H5Sselect_hyperslab)                                 \
  F(H5Tcopy) F(H5Tcreate) F(H5Tinsert) F(H5Tget_class) F(H5Tget_size) F(H5Tset_size) F(H5Tget_sign)                   \
  F(H5Tis_variable_str) F(H5Tset_cset) F(H5Tset_strpad) F(H5Tget_nmembers) F(H5Tget_member_name)                      \
  F(H5Tget_member_type) F(H5Tget_member_value) F(H5Tget_super) F(H5Tget_array_ndims) F(H5Tget_array_dims2)            \
  F(H5Tarray_create2) F(H5Tenum_create) F(H5Tenum_insert) F(H5free_memory)                                            \
  F(H5Aexists) F(H5Aopen) F(H5Acreate2) F(H5Aread) F(H5Awrite) F(H5Aget_type) F(H5Aget_space)                         \
  F(H5Pcreate) F(H5Pget_layout) F(H5Pget_chunk) F(H5Pset_chunk) F(H5Pget_external_count) F(H5Pget_nfilters)           \
  F(H5Pget_filter2) F(H5Pset_chunk_cache) F(H5Pset_elink_cb) F(H5Pset_create_intermediate_group)                      \
  F(H5Pset_vlen_mem_manager) F(H5Zfilter_avail)

/// Identifiers that the library keeps in variables.
#define ACIE_HDF5_IDENTIFIERS(I)                                                                                      \
  I(H5T_STD_I8LE) I(H5T_STD_U8LE) I(H5T_STD_I16LE) I(H5T_STD_U16LE) I(H5T_STD_I32LE) I(H5T_STD_U32LE)                 \
  I(H5T_STD_I64LE) I(H5T_STD_U64LE) I(H5T_IEEE_F32LE) I(H5T_IEEE_F64LE) I(H5T_C_S1)                                   \
  I(H5P_CLS_DATASET_CREATE_ID) I(H5P_CLS_DATASET_ACCESS_ID)                                 \
  I(H5P_CLS_DATASET_XFER_ID) I(H5P_CLS_LINK_ACCESS_ID) I(H5P_CLS_LINK_CREATE_ID)

struct Hdf5Api {
#define ACIE_DECLARE(name) decltype(&::name) name = nullptr;
  ACIE_HDF5_FUNCTIONS(ACIE_DECLARE)
#undef ACIE_DECLARE
#define ACIE_DECLARE(name) hid_t id_##name = -1;
  ACIE_HDF5_IDENTIFIERS(ACIE_DECLARE)
#undef ACIE_DECLARE
};

/// Loads the library at the first call. A run error says what to install where it is missing.
absl::StatusOr<const Hdf5Api*> load_hdf5();

/// While it lives, the calling thread has the library to itself, for it is not thread-safe, and nothing is printed.
/// Sessions of one thread may nest.
class Hdf5Session {
 public:
  explicit Hdf5Session(const Hdf5Api& api);
  ~Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;

  /// What the library says of the call that failed last, from its innermost function: "file signature not found".
  std::string problem() const;

 private:
  const Hdf5Api& api_;
  std::unique_lock<std::recursive_mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* print_data_ = nullptr;
};

/// Owns an identifier; negative: none.
class Hdf5Id {
 public:
  Hdf5Id() = default;
  Hdf5Id(const Hdf5Api& api, hid_t id) : api_(&api), id_(id) {}
  Hdf5Id(Hdf5Id&& other) noexcept : api_(other.api_), id_(std::exchange(other.id_, -1)) {}
  Hdf5Id& operator=(Hdf5Id&& other) noexcept {
    std::swap(api_, other.api_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Hdf5Id() { reset(); }

  void reset() {
    if (id_ < 0) return;
    const Hdf5Session session(*api_);
    api_->H5Idec_ref(std::exchange(id_, -1));
  }
  hid_t get() const { return id_; }
  hid_t release() { return std::exchange(id_, -1); }
  explicit operator bool() const { return id_ >= 0; }

 private:
  const Hdf5Api* api_ = nullptr;
  hid_t id_ = -1;
};

}  // namespace acie::io

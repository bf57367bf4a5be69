#include "runtime/io/Hdf5Types.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace acie::io {
namespace {

using Kind = StoredField::Kind;

constexpr size_t kLongestText = size_t{1} << 20;
constexpr uint64_t kMostElements = uint64_t{1} << 30;

Hdf5Cell refused(std::string why) {
  Hdf5Cell cell;
  cell.refusal = std::move(why);
  return cell;
}

Hdf5Cell held(Hdf5Id memory, Kind kind, size_t width) {
  if (!memory) return refused("has a type that the HDF5 library cannot copy");
  Hdf5Cell cell;
  cell.memory = std::move(memory);
  cell.field.kind = kind;
  cell.field.width = width;
  return cell;
}

Hdf5Cell integer(const Hdf5Api& api, hid_t type) {
  struct Choice {
    size_t width;
    hid_t with_sign, without;
    Kind kind_with_sign, kind_without;
  };
  const bool has_sign = api.H5Tget_sign(type) != H5T_SGN_NONE;
  for (const Choice& choice : {Choice{1, api.id_H5T_STD_I8LE, api.id_H5T_STD_U8LE, Kind::I8, Kind::U8},
                               Choice{2, api.id_H5T_STD_I16LE, api.id_H5T_STD_U16LE, Kind::I16, Kind::U16},
                               Choice{4, api.id_H5T_STD_I32LE, api.id_H5T_STD_U32LE, Kind::I32, Kind::U32},
                               Choice{8, api.id_H5T_STD_I64LE, api.id_H5T_STD_U64LE, Kind::I64, Kind::U64}})
    if (api.H5Tget_size(type) <= choice.width)
      return held({api, api.H5Tcopy(has_sign ? choice.with_sign : choice.without)},
                  has_sign ? choice.kind_with_sign : choice.kind_without, choice.width);
  return refused("holds integers of more than 64 bits, which are not supported");
}

Hdf5Cell floating(const Hdf5Api& api, hid_t type) {
  const size_t size = api.H5Tget_size(type);
  if (size <= 4) return held({api, api.H5Tcopy(api.id_H5T_IEEE_F32LE)}, Kind::F32, 4);
  if (size <= 8) return held({api, api.H5Tcopy(api.id_H5T_IEEE_F64LE)}, Kind::F64, 8);
  return refused("holds floats of more than 64 bits, which are not supported");
}

Hdf5Cell text(const Hdf5Api& api, hid_t type) {
  const htri_t variable = api.H5Tis_variable_str(type);
  const size_t size = api.H5Tget_size(type);
  if (variable < 0 || size == 0) return refused("has a broken type");
  if (variable == 0 && size > kLongestText) return refused("holds texts of " + std::to_string(size) + " bytes, which is too long");
  Hdf5Cell cell = held({api, api.H5Tcopy(type)}, Kind::Bytes, variable > 0 ? sizeof(char*) : size);
  cell.variable_text = variable > 0;
  return cell;
}

// h5py writes booleans as an enumeration of one byte with FALSE = 0 and TRUE = 1.
bool is_boolean(const Hdf5Api& api, hid_t type) {
  if (api.H5Tget_size(type) != 1 || api.H5Tget_nmembers(type) != 2) return false;
  for (unsigned member = 0; member < 2; ++member) {
    char* const name = api.H5Tget_member_name(type, member);
    unsigned char value = 255;
    const bool known = name != nullptr && api.H5Tget_member_value(type, member, &value) >= 0 &&
                       ((std::strcmp(name, "FALSE") == 0 && value == 0) || (std::strcmp(name, "TRUE") == 0 && value == 1));
    api.H5free_memory(name);
    if (!known) return false;
  }
  return true;
}

Hdf5Cell array(const Hdf5Api& api, hid_t type) {
  const int rank = api.H5Tget_array_ndims(type);
  if (rank <= 0 || rank > H5S_MAX_RANK) return refused("has a broken type");
  std::vector<hsize_t> sizes(static_cast<size_t>(rank));
  if (api.H5Tget_array_dims2(type, sizes.data()) < 0) return refused("has a broken type");
  uint64_t count = 1;
  for (hsize_t size : sizes)
    if (__builtin_mul_overflow(count, size, &count) || count == 0 || count > kMostElements)
      return refused("holds vectors of no or too many elements");
  const Hdf5Id element(api, api.H5Tget_super(type));
  if (!element || api.H5Tget_class(element.get()) == H5T_ARRAY) return refused("holds vectors of vectors, which are not supported");
  Hdf5Cell cell = hdf5_cell(api, element.get());
  if (!cell.refusal.empty()) return cell;
  if (is_text(cell.field.kind)) return refused("holds several texts a row, which is not supported");
  cell.memory = Hdf5Id(api, api.H5Tarray_create2(cell.memory.get(), static_cast<unsigned>(rank), sizes.data()));
  if (!cell.memory) return refused("has a type that the HDF5 library cannot copy");
  cell.field.count = count;
  cell.values = static_cast<int64_t>(count);
  cell.shape.assign(sizes.begin(), sizes.end());
  return cell;
}

}  // namespace

Hdf5Cell hdf5_cell(const Hdf5Api& api, hid_t type) {
  switch (api.H5Tget_class(type)) {
    case H5T_INTEGER:
      return integer(api, type);
    case H5T_FLOAT:
      return floating(api, type);
    case H5T_STRING:
      return text(api, type);
    case H5T_ENUM:
      if (is_boolean(api, type)) return held({api, api.H5Tcopy(type)}, Kind::Boolean, 1);
      return refused("holds an enumeration, which is not supported; store the names as text");
    case H5T_BITFIELD:
      if (api.H5Tget_size(type) == 1) return held({api, api.H5Tcopy(type)}, Kind::Boolean, 1);
      return refused("holds bit fields, which are not supported");
    case H5T_ARRAY:
      return array(api, type);
    case H5T_COMPOUND:
      return refused("holds records or complex numbers, which are not supported");
    case H5T_VLEN:
      return refused("holds arrays of varying length, which are not supported");
    case H5T_REFERENCE:
      return refused("holds references, which are not supported");
    default:
      return refused("has a type that is not supported");
  }
}

}  // namespace acie::io

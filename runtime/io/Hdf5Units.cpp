#include "runtime/io/Hdf5Units.h"

#include <cstring>

namespace acie::io {
namespace {

constexpr size_t kMostTexts = 100000;
constexpr size_t kMostBytes = size_t{1} << 24;

std::string trimmed(std::string text) {
  text.resize(std::strlen(text.c_str()));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

// The texts of an attribute; none where it has another type or is too large.
std::vector<std::string> texts(const Hdf5Api& api, hid_t object, const char* name) {
  if (api.H5Aexists(object, name) <= 0) return {};
  const Hdf5Id attribute(api, api.H5Aopen(object, name, H5P_DEFAULT));
  if (!attribute) return {};
  const Hdf5Id type(api, api.H5Aget_type(attribute.get()));
  const Hdf5Id space(api, api.H5Aget_space(attribute.get()));
  if (!type || !space || api.H5Tget_class(type.get()) != H5T_STRING) return {};
  const hssize_t points = api.H5Sget_simple_extent_npoints(space.get());
  const size_t width = api.H5Tget_size(type.get());
  if (points <= 0 || static_cast<size_t>(points) > kMostTexts || width == 0 ||
      width > kMostBytes / static_cast<size_t>(points))
    return {};
  const size_t count = static_cast<size_t>(points);
  std::vector<std::string> result;
  if (api.H5Tis_variable_str(type.get()) > 0) {
    std::vector<char*> pointers(count, nullptr);
    if (api.H5Aread(attribute.get(), type.get(), pointers.data()) < 0) return {};
    for (char* pointer : pointers) {
      result.push_back(pointer == nullptr ? "" : trimmed(pointer));
      api.H5free_memory(pointer);
    }
    return result;
  }
  std::string bytes(count * width, '\0');
  if (api.H5Aread(attribute.get(), type.get(), bytes.data()) < 0) return {};
  for (size_t i = 0; i < count; ++i) result.push_back(trimmed(bytes.substr(i * width, width)));
  return result;
}

}  // namespace

std::vector<std::string> hdf5_units(const Hdf5Api& api, hid_t object, size_t columns, bool shared) {
  for (const char* name : {"units", "unit"}) {
    std::vector<std::string> found = texts(api, object, name);
    if (found.size() == columns) return found;
    if (found.size() == 1 && shared) return std::vector<std::string>(columns, found.front());
  }
  std::vector<std::string> units(columns);
  if (shared) return units;
  for (size_t i = 0; i < columns; ++i)
    for (const char* ending : {"_UNITS", "_UNIT"})
      if (const std::vector<std::string> found = texts(api, object, ("FIELD_" + std::to_string(i) + ending).c_str());
          found.size() == 1)
        units[i] = found.front();
  return units;
}

}  // namespace acie::io

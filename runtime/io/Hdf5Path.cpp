#include "runtime/io/Hdf5Path.h"

#include <sys/stat.h>

#include "runtime/io/PathText.h"

namespace acie::io {

bool is_hdf5_name(std::string_view file) {
  const std::string extension = extension_of(file);
  return extension == ".h5" || extension == ".hdf5" || extension == ".he5";
}

std::pair<std::string, std::string> split_hdf5_path(std::string_view path) {
  const std::string whole(path);
  struct stat about;
  if (::stat(whole.c_str(), &about) == 0) return {whole, ""};
  for (size_t colon = whole.find(":/"); colon != std::string::npos; colon = whole.find(":/", colon + 1))
    if (const std::string file = whole.substr(0, colon); is_hdf5_name(file) || ::stat(file.c_str(), &about) == 0)
      return {file, whole.substr(colon + 1)};
  return {whole, ""};
}

}  // namespace acie::io

// Parts of path names.
#pragma once

#include <string>
#include <string_view>

namespace acie::io {

/// ".csv" of "dir.d/table.CSV", in lower case; empty if the last part has none.
inline std::string extension_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const size_t point = name.rfind('.');
  if (point == std::string_view::npos || point == 0) return "";
  std::string extension(name.substr(point));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

}  // namespace acie::io

// Files that a program mentions: where they lie, and the hash of what they hold.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "runtime/package/Format.h"
#include "runtime/package/Signature.h"

namespace acie::sema {

/// SHA-256 in hexadecimal digits.
inline std::string hash_of(const std::string& bytes) {
  const std::string digest = package::format::sha256(bytes);
  return package::to_hex({reinterpret_cast<const uint8_t*>(digest.data()), digest.size()});
}

/// `name` as seen from the folder of the file that mentions it.
inline std::string beside(const std::string& file, const std::string& name) {
  const size_t slash = file.rfind('/');
  return name.starts_with('/') || slash == std::string::npos ? name : absl::StrCat(file.substr(0, slash + 1), name);
}

}  // namespace acie::sema

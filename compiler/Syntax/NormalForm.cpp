#include "compiler/Syntax/NormalForm.h"

#include <utf8proc.h>

#include <cstdlib>

namespace acie::syntax {

std::string normal_form(const std::string& text) {
  bool ascii = true;
  for (const char c : text) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) return text;
  utf8proc_uint8_t* folded = utf8proc_NFKC(reinterpret_cast<const utf8proc_uint8_t*>(text.c_str()));
  if (folded == nullptr) return text;
  std::string result(reinterpret_cast<const char*>(folded));
  std::free(folded);
  return result;
}

}  // namespace acie::syntax

// The few Python literals that .npy headers are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace acie::io {

struct PythonLiteral {
  enum class Kind { Text, Integer, Boolean, Sequence, Dictionary };
  Kind kind = Kind::Integer;
  std::string text;
  int64_t integer = 0;               // also of booleans
  std::vector<PythonLiteral> items;  // of a tuple or list; the values of a dictionary
  std::vector<std::string> keys;     // of a dictionary, one for each item

  /// The entry of that key, null if there is none.
  const PythonLiteral* find(std::string_view key) const;
};

/// Parses texts, integers, True and False, tuples, lists and dictionaries with text keys; nullopt for
/// anything else, for deep nesting and for what follows the literal.
std::optional<PythonLiteral> parse_python_literal(std::string_view text);

}  // namespace acie::io

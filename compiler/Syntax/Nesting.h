// What can be said of tokens alone, before the parser recurses over them: which go on, which begin something, and how
// deep they nest.
#pragma once

#include <cstddef>
#include <vector>

namespace acie::syntax {

/// After these a line goes on: nothing that ends in them is complete.
bool continues_after(size_t type);
/// Before these the line before goes on: nothing begins with them.
bool continues_before(size_t type);

/// Words that begin a declaration and stand nowhere inside one.
bool begins_declaration(size_t type);
/// Words that begin a statement or declaration and stand nowhere inside an expression.
bool begins_statement(size_t type);

/// Counts what makes the parser, and every later walk of the tree, recurse: brackets, types in types, conditionals,
/// prefix operators and powers; and how long one chain of operators is, since the tree of a chain is as deep.
class NestingCounter {
 public:
  static constexpr size_t kMaximumDepth = 256;
  static constexpr size_t kMaximumChain = 2000;

  /// Takes the next token; `previous` is the type of the one before (0 at the start). Returns false past a limit.
  bool add(size_t type, size_t previous);

 private:
  struct Level {
    size_t conditionals = 0, unary = 0, types = 0, chain = 0;
    size_t depth() const { return conditionals + unary + types; }
  };
  void restart();
  bool chain() { return ++levels_.back().chain <= kMaximumChain; }

  std::vector<Level> levels_{1};
  size_t sum_ = 0;
};

}  // namespace acie::syntax

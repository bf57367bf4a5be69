#include "compiler/Syntax/Format/Separators.h"

#include "AcieParser.h"
#include "compiler/Syntax/Nesting.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;
using Separator = Atom::Separator;

/// Whether a line that ends in `atom` goes on.
bool goes_on_after(const Atom& atom) { return continues_after(atom.type) && !atom.closes_type; }

}  // namespace

void classify_separators(std::vector<Atom>& atoms) {
  std::vector<size_t> braces;  // that are open; other brackets never hold statements directly
  size_t depth = 0;
  size_t previous = Atom::kNone;  // token
  bool kept = false;              // a `;` since then
  bool documented = false;        // a `///` since then
  for (size_t i = 0; i < atoms.size(); ++i) {
    Atom& atom = atoms[i];
    if (atom.type == P::SEMI && depth == 0) {
      atom.separator = Separator::Needless;
      atom.tight_before = true;
    }
    if (atom.is_comment()) {
      documented = documented || atom.comment == Atom::Comment::Doc;
      continue;
    }
    if (!atom.is_separator()) {
      if (atom.bracket != Atom::Bracket::None) {
        depth += atom.opens ? 1 : static_cast<size_t>(-1);
        if (atom.type == P::LBRACE) braces.push_back(i);
        if (atom.type == P::RBRACE) braces.pop_back();
      }
      previous = i;
      kept = documented = false;
      continue;
    }
    if (!braces.empty() && !atoms[braces.back()].is_body()) continue;  // a record's: commas divide it
    size_t next = i + 1;
    while (next < atoms.size() && (atoms[next].is_comment() || atoms[next].type == P::SEMI)) ++next;
    if (next == atoms.size() || kept) {
      // The end of the file ends every statement, and one `;` is enough. A doc comment before a second `;` documents
      // nothing; without it, it would.
      if (documented) atom.separator = Separator::Needed;
      continue;
    }
    const bool first = previous == Atom::kNone || (atoms[previous].opens && atoms[previous].is_body());
    const bool statement = atoms[next].starts;
    if (documented || (!first && (goes_on_after(atoms[previous]) || (statement && continues_before(atoms[next].type))))) {
      atom.separator = Separator::Needed;
    } else if (!first && statement) {
      atom.separator = Separator::OnOneLine;
    }
    kept = atom.separator != Separator::Needless;
  }
}

}  // namespace acie::syntax

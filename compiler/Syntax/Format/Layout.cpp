#include "compiler/Syntax/Format/Layout.h"

#include <algorithm>
#include <optional>

#include "AcieParser.h"
#include "compiler/Syntax/Format/Format.h"
#include "compiler/Syntax/Nesting.h"

namespace acie::syntax {
namespace {

using P = grammar::AcieParser;
using Separator = Atom::Separator;
using Comment = Atom::Comment;
using Bracket = Atom::Bracket;

constexpr size_t kIndent = 4;
constexpr size_t kLimit = kFormatColumns;
/// Past this column nothing is aligned: too little of the line is left.
constexpr size_t kMaximumAlignment = kLimit * 3 / 5;

/// Blanks before a comment behind code, and how many more there may be for it to stand below its neighbours.
constexpr size_t kCommentGap = 2;
constexpr size_t kMaximumShift = 40;

/// Where the present statement begins.
struct Statement {
  size_t indent = 0;
  bool header = false;  // of a body: what goes on is indented deeper than that
  bool broken = false;  // over several lines already
};

/// An open bracket.
struct Frame {
  size_t open;
  Bracket bracket;
  size_t line_indent;    // of its line
  size_t after;          // the column behind it
  bool hanging = false;  // its content begins on the next line
  Statement around;      // the statement it is part of

  size_t body_indent() const { return (bracket == Bracket::Inner ? line_indent : around.indent) + kIndent; }
  size_t content_indent() const {
    if (hanging) return line_indent + kIndent;
    return after <= kMaximumAlignment ? after : line_indent + 2 * kIndent;
  }
};

/// What is open at some place of the text; copied to try a line.
struct State {
  std::vector<Frame> frames;
  Statement statement;
  size_t line_indent = 0;
};

/// Lines end where the text's do, and where the form asks for it: between the statements of a body that is not on one line,
/// and where a line would be too long. So what the result of a run has for line ends, a second run finds in its text, and
/// changes nothing.
class Layout {
 public:
  Layout(std::string_view text, const std::vector<Atom>& atoms)
      : text_(text), atoms_(atoms), columns_(atoms.size()), enclosing_(atoms.size(), Atom::kNone), one_line_(atoms.size()),
        token_at_(atoms.size() + 1, atoms.size()), token_before_(atoms.size(), Atom::kNone), separated_(atoms.size()),
        ends_before_(atoms.size()), newlines_(atoms.size() + 1), placed_(atoms.size()) {
    find_tokens();
    find_bodies();
  }

  std::vector<Placed> run() {
    size_t previous = Atom::kNone;
    for (size_t from = next_written(Atom::kNone); from < atoms_.size();) {
      const size_t end = end_of_line(from);
      begin_line(state_, from);
      write(from, line_break(previous, from));
      place(state_, from, state_.line_indent);
      size_t last = from;
      for (size_t i = next_written(from); i != end; last = i, i = next_written(i)) {
        const size_t blanks = gap(last, i);
        write(i, std::string(blanks, ' '));
        place(state_, i, column_behind(last) + blanks);
      }
      previous = last;
      from = end;
    }
    align_comments();
    return std::move(placed_);
  }

 private:
  void find_tokens() {
    for (size_t i = 0; i < atoms_.size(); ++i) {
      newlines_[i + 1] = newlines_[i] + atoms_[i].newlines;
      if (i == 0) continue;
      const Atom& before = atoms_[i - 1];
      token_before_[i] = before.is_comment() || before.is_separator() ? token_before_[i - 1] : i - 1;
      separated_[i] = before.is_separator() || (before.is_comment() && separated_[i - 1]);
    }
    for (size_t i = atoms_.size(); i-- > 0;) {
      const bool token = !atoms_[i].is_comment() && !atoms_[i].is_separator();
      token_at_[i] = token ? i : token_at_[i + 1];
      ends_before_[i] = !token && (atoms_[i].is_separator() || (i + 1 < atoms_.size() && ends_before_[i + 1]));
    }
  }

  /// A body stays on one line if it stands on one; end_of_line() takes back what does not fit.
  void find_bodies() {
    std::vector<size_t> open;
    size_t last_tall = 0;  // one more than the last atom with a line end in it
    for (size_t i = 0; i < atoms_.size(); ++i) {
      const Atom& atom = atoms_[i];
      if (text_of(i).find('\n') != std::string_view::npos) last_tall = i + 1;
      if (atom.is_body() && !atom.opens) {
        one_line_[open.back()] = newlines_between(open.back(), i) == 0 && last_tall <= open.back();
        open.pop_back();
      }
      if (!open.empty()) enclosing_[i] = open.back();
      if (atom.is_body() && atom.opens) open.push_back(i);
    }
  }

  /// Comments behind the code of lines that follow one another begin in one column.
  void align_comments() {
    std::vector<size_t> run;  // comments of lines that follow one another
    size_t least = 0, most = 0;
    const auto align = [&] {
      for (const size_t i : run) placed_[i].before = std::string(kCommentGap + most - columns_[i], ' ');
      run.clear();
    };
    bool fresh = true;  // no comment on this line
    for (size_t i = 0; i < atoms_.size(); ++i) {
      if (!placed_[i].written) continue;
      const std::string& before = placed_[i].before;
      const auto lines = std::count(before.begin(), before.end(), '\n');
      if (lines > 1 || (lines == 1 && fresh)) align();
      if (lines > 0) fresh = true;
      const bool trails = lines == 0 && i > 0 && (atoms_[i].comment == Comment::Line || atoms_[i].comment == Comment::Doc);
      if (!trails) continue;
      const size_t column = columns_[i];
      if (!run.empty() && std::max(most, column) - std::min(least, column) > kMaximumShift) align();
      least = run.empty() ? column : std::min(least, column);
      most = run.empty() ? column : std::max(most, column);
      run.push_back(i);
      fresh = false;
    }
    align();
  }

  std::string_view text_of(size_t i) const { return text_.substr(atoms_[i].begin, atoms_[i].end - atoms_[i].begin); }
  size_t column_after(size_t i, size_t column) const {
    const std::string_view text = text_of(i);
    const size_t line = text.rfind('\n');
    return line == std::string_view::npos ? column + count_code_points(text) : count_code_points(text.substr(line + 1));
  }
  size_t column_behind(size_t i) const { return column_after(i, columns_[i]); }
  size_t newlines_between(size_t left, size_t right) const { return newlines_[right + 1] - newlines_[left + 1]; }
  bool on_one_line(size_t body) const { return body != Atom::kNone && one_line_[body]; }
  bool is_empty_pair(size_t left, size_t right) const { return atoms_[left].opens && atoms_[left].partner == right; }
  bool closes(size_t i) const { return atoms_[i].bracket != Bracket::None && !atoms_[i].opens; }

  size_t next_written(size_t i) const {
    for (i = i == Atom::kNone ? 0 : i + 1; i < atoms_.size(); ++i) {
      const Separator separator = atoms_[i].separator;
      if (separator == Separator::None || separator == Separator::Needed) break;
      if (separator == Separator::OnOneLine && on_one_line(enclosing_[i])) break;
    }
    return i;
  }

  void write(size_t i, std::string before) { placed_[i] = {true, std::move(before)}; }

  /// Blanks between two atoms on a line.
  size_t gap(size_t left, size_t right) const {
    const Atom& a = atoms_[left];
    const Atom& b = atoms_[right];
    if (b.comment == Comment::Line || b.comment == Comment::Doc) return kCommentGap;
    if (is_empty_pair(left, right)) return 0;
    // `1 .x` and `x.do ?` would be other tokens.
    if ((a.type == P::INTEGER && b.type == P::DOT) || (a.type == P::DO && b.type == P::QUESTION)) return 1;
    return a.tight_after || b.tight_before ? 0 : 1;
  }

  std::string line_break(size_t previous, size_t i) const {
    const std::string indent(state_.line_indent, ' ');
    if (previous == Atom::kNone) return indent;
    const bool blank = newlines_between(previous, i) > 1 && !atoms_[previous].opens && !closes(i);
    return (blank ? "\n\n" : "\n") + indent;
  }

  /// Whether a line ends between two atoms, long or not.
  bool must_break(size_t left, size_t right) const {
    const Atom& a = atoms_[left];
    const Atom& b = atoms_[right];
    if (a.comment == Comment::Line || a.comment == Comment::Doc) return true;
    if (is_empty_pair(left, right)) return false;
    if (newlines_between(left, right) > 0) return true;
    if (b.comment == Comment::Line || b.is_separator()) return false;
    const size_t before = token_before_[right];
    if (b.comment == Comment::Doc) {
      // Behind a `;` or a `{` it documents what follows.
      return separated_[right] || (before != Atom::kNone && atoms_[before].opens && atoms_[before].is_body());
    }
    if (right > left + 1 && is_before_doc(right)) return true;
    if (closes(right) && b.is_body()) return !one_line_[b.partner];
    // A comment right before a statement on its line goes with it.
    const size_t token = token_at_[right];
    if (token == atoms_.size() || !atoms_[token].starts || on_one_line(enclosing_[token])) return false;
    const bool led = a.is_comment() && right == left + 1;
    return !led && newlines_between(right, token) == 0 && !ends_before_[right];
  }

  /// Whether a `///` follows comment `i` on its line. If a `;` before both goes, a line end must come in its place, or the
  /// `///` would stand behind the statement that ended there.
  bool is_before_doc(size_t i) const {
    while (i + 1 < atoms_.size() && atoms_[i].comment == Comment::Block && atoms_[i + 1].newlines == 0) ++i;
    return atoms_[i].comment == Comment::Doc;
  }

  size_t indent_of(const State& state, size_t i) const {
    const size_t body_indent = state.frames.empty() ? 0 : state.frames.back().body_indent();
    const size_t token = token_at_[i];
    if (token == atoms_.size() || atoms_[token].starts || atoms_[i].is_separator() || is_joined_method(token)) return body_indent;
    if (closes(token) && atoms_[token].is_body()) return token == i ? body_indent - kIndent : body_indent;
    if (!state.frames.empty() && state.frames.back().bracket == Bracket::Plain) {
      const Frame& frame = state.frames.back();
      return closes(token) && token == i ? frame.line_indent : frame.content_indent();
    }
    const size_t before = token_before_[i];
    if (before != Atom::kNone && atoms_[before].first_item != Atom::kNone) {
      const size_t column = columns_[atoms_[before].first_item];
      if (column <= kMaximumAlignment) return column;
    }
    return state.statement.indent + (state.statement.header ? 2 : 1) * kIndent;
  }

  bool is_joined_method(size_t i) const { return atoms_[i].type == P::BY && atoms_[i].break_before >= 0; }

  void begin_line(State& state, size_t i) const {
    const size_t token = token_at_[i];
    if (!state.frames.empty() && token_before_[i] == state.frames.back().open) state.frames.back().hanging = true;
    if (token == atoms_.size() || !atoms_[token].starts) state.statement.broken = true;
    state.line_indent = indent_of(state, i);
  }

  void place(State& state, size_t i, size_t column) {
    const Atom& atom = atoms_[i];
    columns_[i] = column;
    if (atom.starts) state.statement = {state.line_indent, atom.header, false};
    if (atom.opens) {
      state.frames.push_back({i, atom.bracket, state.line_indent, column_after(i, column), false, state.statement});
    } else if (atom.bracket != Bracket::None) {
      const bool over_lines = atom.is_body() && !one_line_[atom.partner];
      const bool broken = state.statement.broken && !atom.is_body();
      state.statement = state.frames.back().around;
      state.statement.broken = state.statement.broken || broken || over_lines;
      state.frames.pop_back();
    }
  }

  /// What a break before atom `right` costs, or nothing if there is none to be had or it gains too little.
  std::optional<size_t> cost(const State& state, size_t left, size_t right, size_t column) const {
    const Atom& a = atoms_[left];
    const Atom& b = atoms_[right];
    const int weight = a.break_after >= 0 ? a.break_after : b.break_before;
    if (weight < 0 || a.is_comment() || b.is_comment() || closes(right)) return std::nullopt;
    // At the beginning of a line such a word begins a statement, unless it names an argument.
    if (begins_statement(b.type) && (right + 1 == atoms_.size() || atoms_[right + 1].type != P::COLON)) return std::nullopt;
    const size_t indent = a.opens ? state.frames.back().line_indent + kIndent : indent_of(state, right);
    if (column <= indent + kIndent || indent + count_code_points(text_of(right)) > kLimit) return std::nullopt;
    return 70 * state.frames.size() + 16 * static_cast<size_t>(weight) + (kLimit - std::min(kLimit, column)) / 2;
  }

  /// The atom that begins the line after the one that `from` begins. Decides which bodies leave their line, too.
  size_t end_of_line(size_t from) {
    while (true) {
      const std::optional<size_t> end = try_line(from);
      if (end) return *end;
    }
  }

  /// Nothing where a body had to leave its line: then all is to be tried again.
  std::optional<size_t> try_line(size_t from) {
    State state = state_;
    begin_line(state, from);
    size_t column = state.line_indent;
    std::vector<size_t> bodies;  // open ones that are to stay on this line
    std::optional<size_t> best;
    size_t least = SIZE_MAX;
    bool too_long = false;
    for (size_t i = from;;) {
      const size_t next = next_written(i);
      const Atom& atom = atoms_[i];
      if (atom.opens && atom.is_body() && one_line_[i] && !is_empty_pair(i, next)) {
        const bool broken = atom.bracket == Bracket::Body && state.statement.broken;
        if (bodies.empty() && (broken || too_long)) {
          one_line_[i] = false;
          return std::nullopt;
        }
        bodies.push_back(i);
      }
      place(state, i, column);
      column = column_after(i, column);
      if (column > kLimit && !too_long && !atom.is_comment()) {
        if (!bodies.empty()) {
          one_line_[bodies.front()] = false;
          return std::nullopt;
        }
        if (best) return best;
        too_long = true;
      }
      if (!bodies.empty() && atom.partner == bodies.back() && !atom.opens) bodies.pop_back();
      if (next == atoms_.size() || must_break(i, next)) return next;
      const size_t blanks = gap(i, next);
      if (bodies.empty()) {
        if (const auto price = cost(state, i, next, column + blanks)) {
          if (too_long) return next;
          if (*price <= least) {
            least = *price;
            best = next;
          }
        }
      }
      column += blanks;
      i = next;
    }
  }

  std::string_view text_;
  const std::vector<Atom>& atoms_;
  std::vector<size_t> columns_;
  std::vector<size_t> enclosing_;     // the opening brace of the body around the atom
  std::vector<char> one_line_;        // per opening brace of a body: whether all of it stays on one line
  std::vector<size_t> token_at_;      // the first from here that is no comment and no `;` between statements
  std::vector<size_t> token_before_;  // the last such before
  std::vector<char> separated_;       // whether a `;` between statements stands before it, but for comments
  std::vector<char> ends_before_;     // whether one stands from here to `token_at_`
  std::vector<size_t> newlines_;      // in the text before the atom, summed
  std::vector<Placed> placed_;
  State state_;
};

}  // namespace

std::vector<Placed> lay_out(std::string_view text, const std::vector<Atom>& atoms) { return Layout(text, atoms).run(); }

}  // namespace acie::syntax
